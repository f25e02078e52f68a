package graph

import (
	"errors"
	"strings"

	"github.com/google/uuid"

	"github.com/rosterhq/roster/internal/graph/index"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/store"
)

// Group is a group's header. Times are µs UTC; Revision is the row's version.
type Group = index.Group

const live = "9223372036854775807"

const groupColumns = `g.id, s.uuid, g.kind, g.type, g.name, g.description, g.is_privileged, coalesce(g.external_id, ''),
		coalesce(g.default_for, 0), g.created_at, g.recorded_from, g.revision`

const fromGroups = ` FROM groups g JOIN subjects s ON s.tenant = g.tenant AND s.id = g.id `

var (
	groupLive   = store.Q("group.live", `SELECT `+groupColumns+fromGroups+`WHERE g.tenant = $1 AND g.id = $2 AND g.recorded_to = `+live)
	groupByName = store.Q("group.by_organization_name", `SELECT id FROM groups
		WHERE tenant = $1 AND name_key = $2 AND kind = 'organization' AND recorded_to = `+live)
	groupByExternalID = store.Q("group.by_external_id", `SELECT id FROM groups
		WHERE tenant = $1 AND external_id = $2 AND recorded_to = `+live)
	groupInsert = store.Q("group.insert", `INSERT INTO groups (tenant, id, recorded_from, recorded_to, revision, kind, type,
		name, name_key, description, is_privileged, external_id, default_for, created_at)
		VALUES ($1, $2, $3, `+live+`, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)`).Many()
	groupClose = store.Q("group.close", `UPDATE groups SET recorded_to = $3
		WHERE tenant = $1 AND id = $2 AND recorded_to = `+live+` AND recorded_from < $3`)
	groupDrop = store.Q("group.drop_own", `DELETE FROM groups
		WHERE tenant = $1 AND id = $2 AND recorded_to = `+live+` AND recorded_from = $3`)
	subjectInsert = store.Q("subject.insert", `INSERT INTO subjects (tenant, id, kind, uuid, created_at)
		VALUES ($1, $2, $3, $4, $5)`).Many()
)

// GroupFields are the fields of a group as the change log spells them.
type GroupFields struct {
	UUID        string `json:"uuid"`
	Kind        string `json:"kind"`
	Type        string `json:"type"`
	Name        string `json:"name"`
	Description string `json:"description"`
	Privileged  bool   `json:"is_privileged"`
	ExternalID  string `json:"external_id,omitempty"`
}

func groupFields(g *Group) GroupFields {
	return GroupFields{uuid.UUID(g.UUID).String(), g.Kind, g.Type, g.Name, g.Description, g.Privileged, g.ExternalID}
}

// Key folds and trims a name or an address to the form that is compared.
func Key(s string) string { return strings.ToLower(strings.TrimSpace(s)) }

// CreateGroup makes a group of g's kind and fills in its id, UUID, times and
// revision. Exists with CodeNameTaken or CodeIDTaken.
func CreateGroup(tx *store.Tx, g *Group) error {
	return CreateGroups(tx, []*Group{g})
}

// CreateGroups makes many groups in few statements. The first error ends it.
func CreateGroups(tx *store.Tx, groups []*Group) error {
	for _, g := range groups {
		if err := checkGroupKeys(tx, g, nil); err != nil {
			return err
		}
	}
	return InsertGroups(tx, groups)
}

// InsertGroups is CreateGroups for a caller who has made sure that their keys are
// free.
func InsertGroups(tx *store.Tx, groups []*Group) error {
	subjects, rows := make([][]any, 0, len(groups)), make([][]any, 0, len(groups))
	for _, g := range groups {
		id, err := tx.NextID(store.Subjects)
		if err != nil {
			return err
		}
		g.ID, g.Created, g.Updated, g.Revision = id, tx.Now, tx.Now, tx.Revision
		if g.UUID == [16]byte{} {
			g.UUID = uuid.Must(uuid.NewV7())
		}
		if g.Type == "" {
			g.Type = "security"
		}
		subjects = append(subjects, []any{g.ID, GroupSubject, g.UUID[:], tx.Now})
		rows = append(rows, groupRow(g))
	}
	if err := tx.ExecMany(subjectInsert, subjects); err != nil {
		return err
	}
	if err := tx.ExecMany(groupInsert, rows); err != nil {
		return err
	}
	for _, g := range groups {
		tx.Record(roster.Change{Operation: "group.create", SubjectType: GroupSubject, SubjectID: g.ID, After: groupFields(g)})
		tx.Emit(index.PutGroup(*g))
	}
	return nil
}

func groupRow(g *Group) []any {
	return []any{
		g.ID, g.Updated, g.Revision, g.Kind, g.Type, g.Name, Key(g.Name), g.Description, g.Privileged,
		nullable(g.ExternalID), nullableID(g.DefaultFor), g.Created,
	}
}

func nullable(s string) any {
	if s == "" {
		return nil
	}
	return s
}

func nullableID(id int64) any {
	if id == 0 {
		return nil
	}
	return id
}

// checkGroupKeys refuses a name or external id that another live group has.
func checkGroupKeys(tx *store.Tx, g, before *Group) error {
	if Rules[g.Kind].UniqueName && (before == nil || Key(before.Name) != Key(g.Name)) {
		taken, err := tx.Exists(groupByName, Key(g.Name))
		if err != nil {
			return err
		}
		if taken {
			return &roster.Error{Kind: roster.Exists, Code: CodeNameTaken, Field: "name", Msg: "another group has this name"}
		}
	}
	if g.ExternalID != "" && (before == nil || before.ExternalID != g.ExternalID) {
		taken, err := tx.Exists(groupByExternalID, g.ExternalID)
		if err != nil {
			return err
		}
		if taken {
			return &roster.Error{Kind: roster.Exists, Code: CodeIDTaken, Field: "external_id", Msg: "another group has this external_id"}
		}
	}
	return nil
}

// LiveGroup reads a live group inside a transaction; NotFound with CodeNoGroup.
func LiveGroup(tx *store.Tx, id int64) (*Group, error) {
	g, err := scanGroup(tx.Row(groupLive, id))
	if errors.Is(err, store.ErrNoRows) {
		return nil, errNoGroup()
	}
	return &g, err
}

func scanGroup(s store.Scanner) (g Group, err error) {
	var id []byte
	err = s.Scan(&g.ID, &id, &g.Kind, &g.Type, &g.Name, &g.Description, &g.Privileged, &g.ExternalID,
		&g.DefaultFor, &g.Created, &g.Updated, &g.Revision)
	copy(g.UUID[:], id)
	return g, err
}

// UpdateGroup changes a live group as edit says and returns it. What changes nothing writes nothing.
// NotFound, Precondition, or an error of CreateGroup or edit.
func UpdateGroup(tx *store.Tx, id int64, match Match, edit func(*Group) error) (*Group, error) {
	before, err := LiveGroup(tx, id)
	if err != nil {
		return nil, err
	}
	if err := match.check(before.Revision); err != nil {
		return nil, err
	}
	after := *before
	if err := edit(&after); err != nil {
		return nil, err
	}
	if after == *before {
		return before, nil
	}
	if err := checkGroupKeys(tx, &after, before); err != nil {
		return nil, err
	}
	after.Updated, after.Revision = tx.Now, tx.Revision
	if err := closeRow(tx, groupClose, groupDrop, id); err != nil {
		return nil, err
	}
	if _, err := tx.Exec(groupInsert, groupRow(&after)...); err != nil {
		return nil, err
	}
	tx.Record(roster.Change{Operation: "group.update", SubjectType: GroupSubject, SubjectID: id, Before: groupFields(before), After: groupFields(&after)})
	tx.Emit(index.PutGroup(after))
	return &after, nil
}

// DeleteGroup ends a group and all memberships of it and in it; its members stay.
// NotFound, Precondition, or Conflict with CodeNotEmpty while a property needs it.
func DeleteGroup(tx *store.Tx, id int64, match Match) error {
	g, err := LiveGroup(tx, id)
	if err != nil {
		return err
	}
	if err := match.check(g.Revision); err != nil {
		return err
	}
	if Rules[g.Kind].Homes {
		holds, err := tx.Exists(membershipAnyProperty, id)
		if err != nil {
			return err
		}
		if holds {
			return roster.Errorf(roster.Conflict, CodeNotEmpty, "the group holds a property; take it out first")
		}
	}
	if err := closeMemberships(tx, id); err != nil {
		return err
	}
	if err := closeRow(tx, groupClose, groupDrop, id); err != nil {
		return err
	}
	tx.Record(roster.Change{Operation: "group.delete", SubjectType: GroupSubject, SubjectID: id, Before: groupFields(g)})
	tx.Emit(index.Drop(id))
	return nil
}

// closeRow ends the live row of a subject; one that this transaction opened goes.
func closeRow(tx *store.Tx, closing, dropping *store.Query, id int64) error {
	n, err := tx.Exec(closing, id, tx.Now)
	if err != nil || n > 0 {
		return err
	}
	_, err = tx.Exec(dropping, id, tx.Now)
	return err
}
