package lodging

import (
	"errors"

	"github.com/google/uuid"

	"github.com/rosterhq/roster/internal/graph"
	"github.com/rosterhq/roster/internal/graph/index"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/store"
)

// access is what a caller may do with a group or a property.
type access uint8

const (
	none access = iota
	read
	write
)

// accessBy is what an actor may do in a group by a role there; "" is no role.
func accessBy(a roster.Actor, role string) access {
	switch {
	case a.Role == AdminToken, role == Owner:
		return write
	case role != "":
		return read
	}
	return none
}

// in is what an actor may do with a group of the view.
func in(v *index.View, a roster.Actor, group int64) access {
	if !v.IsMember(group, a.PersonID) {
		return accessBy(a, "")
	}
	edge, _ := v.EdgeOf(group, a.PersonID)
	return accessBy(a, edge.Role)
}

const (
	live      = "9223372036854775807"
	ownColumn = `coalesce(own.role, '')`
	// ownJoin finds the caller's own membership ($3) in the group of m or g.
	ownTerms = `own.tenant = $1 AND own.member_id = $3 AND own.recorded_to = ` + live + ` AND own.starts_at <= $4
			AND (own.expires_at = 0 OR own.expires_at > $4)`
)

var (
	groupAccess = store.Q("lodging.group_access", `SELECT g.id, `+ownColumn+` FROM subjects s
		JOIN groups g ON g.tenant = $1 AND g.id = s.id AND g.kind = 'property' AND g.recorded_to = `+live+`
		LEFT JOIN memberships own ON own.group_id = s.id AND `+ownTerms+`
		WHERE s.tenant = $1 AND s.uuid = $2`)
	propertyHomes = store.Q("lodging.property_homes", `SELECT g.id, s.uuid, g.name, `+ownColumn+` FROM memberships m
		JOIN groups g ON g.tenant = $1 AND g.id = m.group_id AND g.recorded_to = `+live+`
		JOIN subjects s ON s.tenant = $1 AND s.id = m.group_id
		LEFT JOIN memberships own ON own.group_id = m.group_id AND `+ownTerms+`
		WHERE m.tenant = $1 AND m.member_id = $2 AND m.member_kind = 'property' AND m.recorded_to = `+live)
)

func errNoGroup() error {
	return roster.Errorf(roster.NotFound, graph.CodeNoGroup, "there is no such group")
}

func errNoProperty() error {
	return roster.Errorf(roster.NotFound, graph.CodeNoMember, "there is no such property")
}

func errNotYours() error {
	return roster.Errorf(roster.Unauthenticated, CodeNotYours, "you are not associated with this group")
}

// accessTo finds a property group and what the actor may do with it. NotFound.
func accessTo(tx *store.Tx, a roster.Actor, id uuid.UUID) (group int64, may access, err error) {
	var role string
	err = tx.Row(groupAccess, id[:], a.PersonID, tx.Now).Scan(&group, &role)
	if errors.Is(err, store.ErrNoRows) {
		return 0, none, errNoGroup()
	}
	return group, accessBy(a, role), err
}

// ownGroup finds a property group that the actor may write. NotFound,
// Unauthenticated with CodeNotYours, Forbidden.
func ownGroup(tx *store.Tx, a roster.Actor, id uuid.UUID) (int64, error) {
	group, may, err := accessTo(tx, a, id)
	if err != nil {
		return 0, err
	}
	switch may {
	case none:
		return 0, errNotYours()
	case read:
		return 0, errForbidden()
	default:
		return group, nil
	}
}

// homesOf reads the groups of a property that the actor sees, in no order, and what
// they may do with the property.
func homesOf(tx *store.Tx, a roster.Actor, property int64) (homes []*graph.Group, may access, err error) {
	may = accessBy(a, "")
	err = tx.Each(propertyHomes, func(s store.Scanner) error {
		var g graph.Group
		var id []byte
		var role string
		if err := s.Scan(&g.ID, &id, &g.Name, &role); err != nil {
			return err
		}
		copy(g.UUID[:], id)
		if by := accessBy(a, role); by != none {
			homes, may = append(homes, &g), max(may, by)
		}
		return nil
	}, property, a.PersonID, tx.Now)
	return homes, may, err
}

// ownProperty finds a property that the actor may write, and the groups of it that
// they see. NotFound where they do not see it, Forbidden.
func ownProperty(tx *store.Tx, a roster.Actor, id uuid.UUID) (*graph.PropertyHeader, []*graph.Group, error) {
	p, err := graph.PropertyByUUID(tx, id)
	if err != nil {
		return nil, nil, err
	}
	homes, may, err := homesOf(tx, a, p.ID)
	switch {
	case err != nil:
		return nil, nil, err
	case may == none:
		return nil, nil, errNoProperty()
	case may == read:
		return nil, nil, errForbidden()
	}
	return p, homes, nil
}
