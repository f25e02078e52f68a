package graph

import (
	"encoding/json"
	"errors"

	"github.com/google/uuid"

	"github.com/rosterhq/roster/internal/graph/index"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/store"
)

// PropertyHeader is a property: what can be in a property group. Attributes are
// the fields that only its API knows.
type PropertyHeader struct {
	ID         int64
	UUID       uuid.UUID
	Title      string
	Active     bool
	Attributes json.RawMessage
	CreatedAt  int64 // µs UTC
	UpdatedAt  int64 // µs UTC
	Revision   int64 // the row's version
}

const propertyColumns = `p.id, s.uuid, p.title, p.is_active, p.attributes, p.created_at, p.recorded_from, p.revision`

var (
	propertyLive = store.Q("property.live", `SELECT `+propertyColumns+` FROM properties p
		JOIN subjects s ON s.tenant = p.tenant AND s.id = p.id
		WHERE p.tenant = $1 AND p.recorded_to = `+live+` AND p.id IN ($2)`).In()
	propertyByUUID = store.Q("property.by_uuid", `SELECT `+propertyColumns+` FROM subjects s
		JOIN properties p ON p.tenant = s.tenant AND p.id = s.id AND p.recorded_to = `+live+`
		WHERE s.tenant = $1 AND s.uuid = $2`)
	propertyInsert = store.Q("property.insert", `INSERT INTO properties (tenant, id, recorded_from, recorded_to, revision,
		title, is_active, attributes, created_at) VALUES ($1, $2, $3, `+live+`, $4, $5, $6, $7, $8)`).Many()
	propertyClose = store.Q("property.close", `UPDATE properties SET recorded_to = $3
		WHERE tenant = $1 AND id = $2 AND recorded_to = `+live+` AND recorded_from < $3`)
	propertyDrop = store.Q("property.drop_own", `DELETE FROM properties
		WHERE tenant = $1 AND id = $2 AND recorded_to = `+live+` AND recorded_from = $3`)
)

// PropertyFields are the fields of a property as the change log spells them.
type PropertyFields struct {
	UUID       string          `json:"uuid"`
	Title      string          `json:"title"`
	Active     bool            `json:"is_active"`
	Attributes json.RawMessage `json:"attributes"`
}

func propertyFields(p *PropertyHeader) PropertyFields {
	return PropertyFields{p.UUID.String(), p.Title, p.Active, p.Attributes}
}

// CreateProperty makes a property and fills in id, UUID (unless it has one),
// times and revision. The caller puts it into a group in the same transaction.
func CreateProperty(tx *store.Tx, p *PropertyHeader) error {
	id, err := tx.NextID(store.Subjects)
	if err != nil {
		return err
	}
	p.ID, p.CreatedAt, p.UpdatedAt, p.Revision = id, tx.Now, tx.Now, tx.Revision
	if p.UUID == uuid.Nil {
		p.UUID = uuid.Must(uuid.NewV7())
	}
	if _, err := tx.Exec(subjectInsert, p.ID, PropertySubject, p.UUID[:], tx.Now); err != nil {
		return err
	}
	if _, err := tx.Exec(propertyInsert, propertyRow(p)...); err != nil {
		return err
	}
	tx.Record(roster.Change{Operation: "property.create", SubjectType: PropertySubject, SubjectID: p.ID, After: propertyFields(p)})
	tx.Emit(index.PutProperty(index.Property{ID: p.ID, UUID: p.UUID, Title: p.Title}))
	return nil
}

func propertyRow(p *PropertyHeader) []any {
	return []any{p.ID, p.UpdatedAt, p.Revision, p.Title, p.Active, string(p.Attributes), p.CreatedAt}
}

func scanProperty(s store.Scanner) (*PropertyHeader, error) {
	var p PropertyHeader
	var id []byte
	var attributes string
	err := s.Scan(&p.ID, &id, &p.Title, &p.Active, &attributes, &p.CreatedAt, &p.UpdatedAt, &p.Revision)
	copy(p.UUID[:], id)
	p.Attributes = json.RawMessage(attributes)
	return &p, err
}

// LiveProperties reads those of the properties that live, in no order.
func LiveProperties(tx *store.Tx, ids []int64) (found []*PropertyHeader, err error) {
	seen := map[int64]bool{}
	err = tx.EachIn(propertyLive, ids, func(s store.Scanner) error {
		p, err := scanProperty(s)
		if err == nil && !seen[p.ID] {
			seen[p.ID] = true
			found = append(found, p)
		}
		return err
	})
	return found, err
}

// PropertyByUUID finds a living property; NotFound with CodeNoMember.
func PropertyByUUID(tx *store.Tx, id uuid.UUID) (*PropertyHeader, error) {
	p, err := scanProperty(tx.Row(propertyByUUID, id[:]))
	if errors.Is(err, store.ErrNoRows) {
		return nil, errNoProperty()
	}
	return p, err
}

func errNoProperty() error {
	return roster.Errorf(roster.NotFound, CodeNoMember, "there is no such property")
}

func liveProperty(tx *store.Tx, id int64, match Match) (*PropertyHeader, error) {
	found, err := LiveProperties(tx, []int64{id})
	if err != nil {
		return nil, err
	}
	if len(found) == 0 {
		return nil, errNoProperty()
	}
	return found[0], match.check(found[0].Revision)
}

// UpdateProperty changes a property as edit says. NotFound, Precondition, or an
// error of edit. What changes nothing writes nothing.
func UpdateProperty(tx *store.Tx, id int64, match Match, edit func(*PropertyHeader) error) (*PropertyHeader, error) {
	before, err := liveProperty(tx, id, match)
	if err != nil {
		return nil, err
	}
	after := *before
	if err := edit(&after); err != nil {
		return nil, err
	}
	if after.Title == before.Title && after.Active == before.Active && string(after.Attributes) == string(before.Attributes) {
		return before, nil
	}
	after.UpdatedAt, after.Revision = tx.Now, tx.Revision
	if err := closeRow(tx, propertyClose, propertyDrop, id); err != nil {
		return nil, err
	}
	if _, err := tx.Exec(propertyInsert, propertyRow(&after)...); err != nil {
		return nil, err
	}
	tx.Record(roster.Change{Operation: "property.update", SubjectType: PropertySubject, SubjectID: id, Before: propertyFields(before), After: propertyFields(&after)})
	tx.Emit(index.PutProperty(index.Property{ID: id, UUID: after.UUID, Title: after.Title}))
	return &after, nil
}

// DeleteProperty ends a property and its place in every group. NotFound,
// Precondition.
func DeleteProperty(tx *store.Tx, id int64, match Match) error {
	p, err := liveProperty(tx, id, match)
	if err != nil {
		return err
	}
	if err := closeMemberships(tx, id); err != nil {
		return err
	}
	if err := closeRow(tx, propertyClose, propertyDrop, id); err != nil {
		return err
	}
	tx.Record(roster.Change{Operation: "property.delete", SubjectType: PropertySubject, SubjectID: id, Before: propertyFields(p)})
	tx.Emit(index.Drop(id))
	return nil
}
