package lodging

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/rosterhq/roster/internal/graph"
	"github.com/rosterhq/roster/internal/identity"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/store"
)

// defaultTitle is the title of a group that was made for a person.
const defaultTitle = "User Group"

// SortGroups sorts groups by title and UUID, and returns them.
func SortGroups(groups []*graph.Group) []*graph.Group {
	slices.SortFunc(groups, func(a, b *graph.Group) int {
		return cmp.Or(strings.Compare(a.Name, b.Name), bytes.Compare(a.UUID[:], b.UUID[:]))
	})
	return groups
}

var groupDefault = store.Q("lodging.default_group", `SELECT g.id, coalesce(m.role, '') FROM groups g
	LEFT JOIN memberships m ON m.tenant = $1 AND m.group_id = g.id AND m.member_id = $2 AND m.recorded_to = `+live+`
	WHERE g.tenant = $1 AND g.default_for = $2 AND g.recorded_to = `+live)

// defaultGroup returns the default group of a person, and makes it where there is
// none, or where it is not theirs any more.
func defaultGroup(tx *store.Tx, person int64) (*graph.Group, error) {
	var id int64
	var role string
	err := tx.Row(groupDefault, person).Scan(&id, &role)
	if err == nil && role == Owner {
		return graph.LiveGroup(tx, id)
	}
	if err == nil {
		_, err = graph.UpdateGroup(tx, id, nil, func(g *graph.Group) error {
			g.DefaultFor = 0
			return nil
		})
	}
	if err != nil && !errors.Is(err, store.ErrNoRows) {
		return nil, err
	}
	g := &graph.Group{Kind: graph.Property, Name: defaultTitle, DefaultFor: person}
	return g, createOwned(tx, g, person)
}

// CreateUser gives the person with that address the profile of a property user, and
// makes the person where there is none, with their default group. A password is for
// a new person alone: Conflict where the address is somebody's already, who sets
// their own. Invalid, or Exists where the person is a property user.
func (l *Lodging) CreateUser(ctx context.Context, a roster.Actor, email, name, password string) (p *graph.Person, err error) {
	if err := checkUser(email, name); err != nil {
		return nil, err
	}
	var hash identity.PasswordHash
	if password != "" {
		if hash, err = identity.HashPassword(ctx, password); err != nil {
			return nil, err
		}
	}
	err = l.db.Write(ctx, a, func(tx *store.Tx) error {
		isNew := false
		p, err = identity.AddProfile(tx, email, graph.PropertyProfile, func(p *graph.Person, fresh bool) {
			if isNew = fresh; fresh {
				p.Name = name
			}
		})
		if err != nil {
			return err
		}
		if _, err := defaultGroup(tx, p.ID); err != nil || hash == "" {
			return err
		}
		if !isNew {
			return roster.Errorf(roster.Conflict, graph.CodeEmailTaken, "this address is somebody's already, and their password theirs to set: give none")
		}
		return identity.PutPassword(tx, p.ID, hash)
	})
	return p, err
}

func checkUser(email, name string) error {
	problems := Problems{}
	problems.text("name", name)
	if !isAddress(email) {
		problems.add("email", badFormat)
	}
	return problems.err()
}

// SignIn gives a property user a token; see identity.SignIn.
func (l *Lodging) SignIn(ctx context.Context, c identity.Credentials) (*identity.Session, error) {
	door := identity.Door{API: roster.PropertyAPI, Profile: graph.PropertyProfile, Role: UserToken}
	return l.identity.SignIn(ctx, door, c)
}
