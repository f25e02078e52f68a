package graph

import (
	"errors"

	"github.com/google/uuid"

	"github.com/rosterhq/roster/internal/graph/index"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/store"
)

// Profile is a role that a person plays for one API; a person has a set of them.
type Profile int64

// The profiles.
const (
	AccountProfile  Profile = 1 << iota // an account of the directory
	UserProfile                         // a user of the organization
	PropertyProfile                     // a user of the property API
	CustomerProfile                     // a customer of mobility
	OperatorProfile                     // an operator of mobility
)

// Statuses of a person, as the directory shows them.
const (
	Active   = "active"
	Disabled = "disabled"
)

// Person is a person as the directory sees one. Name is the account's; for a
// person without one, the name of another profile. Email is "" where somebody is
// known by telephone alone.
type Person struct {
	ID           int64
	UUID         uuid.UUID
	Profiles     Profile
	Name, Email  string
	DisplayName  *string
	Department   *string
	DataSourceID string
	Status       string
	ExternalID   string
	CreatedAt    int64 // µs UTC
	UpdatedAt    int64 // µs UTC
	Revision     int64 // the row's version
}

// Has reports whether the person has a profile.
func (p *Person) Has(profile Profile) bool { return p.Profiles&profile != 0 }

const personColumns = `p.id, s.uuid, p.profiles, p.name, p.email, p.display_name, p.department, p.data_source_id, p.status,
		coalesce(p.external_id, ''), p.created_at, p.recorded_from, p.revision`

const fromPeople = ` FROM people p JOIN subjects s ON s.tenant = p.tenant AND s.id = p.id `

var (
	personLive = store.Q("person.live", `SELECT `+personColumns+fromPeople+`
		WHERE p.tenant = $1 AND p.recorded_to = `+live+` AND p.id IN ($2)`).In()
	personByEmail = store.Q("person.by_email", `SELECT `+personColumns+fromPeople+`
		WHERE p.tenant = $1 AND p.email_key = $2 AND p.email_key <> '' AND p.recorded_to = `+live)
	personByExternalID = store.Q("person.by_external_id", `SELECT `+personColumns+fromPeople+`
		WHERE p.tenant = $1 AND p.external_id = $2 AND p.recorded_to = `+live)
	personByUUID = store.Q("person.by_uuid", `SELECT `+personColumns+`
		FROM subjects s JOIN people p ON p.tenant = s.tenant AND p.id = s.id AND p.recorded_to = `+live+`
		WHERE s.tenant = $1 AND s.uuid = $2`)
	personByAccountName = store.Q("person.by_account_name", `SELECT id FROM people
		WHERE tenant = $1 AND name = $2 AND data_source_id = $3 AND (profiles & 1) = 1 AND recorded_to = `+live)
	personInsert = store.Q("person.insert", `INSERT INTO people (tenant, id, recorded_from, recorded_to, revision, profiles, name, email,
		email_key, display_name, department, data_source_id, status, external_id, created_at)
		VALUES ($1, $2, $3, `+live+`, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)`).Many()
	personClose = store.Q("person.close", `UPDATE people SET recorded_to = $3
		WHERE tenant = $1 AND id = $2 AND recorded_to = `+live+` AND recorded_from < $3`)
	personDrop = store.Q("person.drop_own", `DELETE FROM people
		WHERE tenant = $1 AND id = $2 AND recorded_to = `+live+` AND recorded_from = $3`)
)

// PersonFields are the fields of a person as the change log spells them.
type PersonFields struct {
	UUID         string  `json:"uuid"`
	Profiles     Profile `json:"profiles"`
	Name         string  `json:"name"`
	Email        string  `json:"email"`
	DisplayName  *string `json:"display_name"`
	Department   *string `json:"department"`
	DataSourceID string  `json:"data_source_id"`
	Status       string  `json:"status"`
	ExternalID   string  `json:"external_id,omitempty"`
}

func personFields(p *Person) PersonFields {
	return PersonFields{p.UUID.String(), p.Profiles, p.Name, p.Email, p.DisplayName, p.Department, p.DataSourceID, p.Status, p.ExternalID}
}

func personHeader(p *Person) index.Person {
	return index.Person{
		ID: p.ID, UUID: p.UUID, Name: p.Name, Email: p.Email,
		Disabled: p.Status == Disabled, Account: p.Has(AccountProfile),
	}
}

// CreatePerson makes a person and fills in id, UUID, times and revision. Exists
// with CodeEmailTaken, CodeAccountTaken or CodeIDTaken.
func CreatePerson(tx *store.Tx, p *Person) error {
	if err := checkPersonKeys(tx, p, nil); err != nil {
		return err
	}
	return CreatePeople(tx, []*Person{p})
}

// CreatePeople makes many people in few statements. The caller has made sure that
// their keys are free.
func CreatePeople(tx *store.Tx, people []*Person) error {
	subjects, rows := make([][]any, 0, len(people)), make([][]any, 0, len(people))
	for _, p := range people {
		id, err := tx.NextID(store.Subjects)
		if err != nil {
			return err
		}
		p.ID, p.CreatedAt, p.UpdatedAt, p.Revision = id, tx.Now, tx.Now, tx.Revision
		if p.UUID == uuid.Nil {
			p.UUID = uuid.Must(uuid.NewV7())
		}
		if p.Status == "" {
			p.Status = Active
		}
		subjects = append(subjects, []any{p.ID, PersonSubject, p.UUID[:], tx.Now})
		rows = append(rows, personRow(p))
	}
	if err := tx.ExecMany(subjectInsert, subjects); err != nil {
		return err
	}
	if err := tx.ExecMany(personInsert, rows); err != nil {
		return err
	}
	for _, p := range people {
		tx.Record(roster.Change{Operation: "person.create", SubjectType: PersonSubject, SubjectID: p.ID, After: personFields(p)})
		tx.Emit(index.PutPerson(personHeader(p)))
	}
	return arrived(tx, people)
}

func personRow(p *Person) []any {
	return []any{
		p.ID, p.UpdatedAt, p.Revision, int64(p.Profiles), p.Name, p.Email, Key(p.Email), p.DisplayName, p.Department,
		p.DataSourceID, p.Status, nullable(p.ExternalID), p.CreatedAt,
	}
}

// checkPersonKeys refuses an address, account name or external id that another
// living person has.
func checkPersonKeys(tx *store.Tx, p, before *Person) error {
	if p.Email != "" && (before == nil || Key(before.Email) != Key(p.Email)) {
		if err := refuseTaken(tx, CodeEmailTaken, "email", personByEmail, Key(p.Email)); err != nil {
			return err
		}
	}
	if p.Has(AccountProfile) && (before == nil || !before.Has(AccountProfile) || before.Name != p.Name || before.DataSourceID != p.DataSourceID) {
		if err := refuseTaken(tx, CodeAccountTaken, "name", personByAccountName, p.Name, p.DataSourceID); err != nil {
			return err
		}
	}
	if p.ExternalID != "" && (before == nil || before.ExternalID != p.ExternalID) {
		return refuseTaken(tx, CodeIDTaken, "external_id", personByExternalID, p.ExternalID)
	}
	return nil
}

func refuseTaken(tx *store.Tx, code, field string, q *store.Query, args ...any) error {
	taken, err := tx.Exists(q, args...)
	if err != nil {
		return err
	}
	if taken {
		return &roster.Error{Kind: roster.Exists, Code: code, Field: field, Msg: "somebody else has this " + field}
	}
	return nil
}

// LivePerson reads a living person; NotFound with CodeNoMember.
func LivePerson(tx *store.Tx, id int64) (*Person, error) {
	people, err := LivePeople(tx, []int64{id})
	if err != nil {
		return nil, err
	}
	if len(people) == 0 {
		return nil, errNoPerson()
	}
	return people[0], nil
}

// LivePeople reads those of the people that live, in no order.
func LivePeople(tx *store.Tx, ids []int64) (people []*Person, err error) {
	seen := map[int64]bool{}
	err = tx.EachIn(personLive, ids, func(s store.Scanner) error {
		p, err := ScanPerson(s)
		if err == nil && !seen[p.ID] {
			seen[p.ID] = true
			people = append(people, p)
		}
		return err
	})
	return people, err
}

// PersonByEmail finds a living person by address, however it is written.
// NotFound with CodeNoMember.
func PersonByEmail(tx *store.Tx, email string) (*Person, error) {
	return onePerson(tx.Row(personByEmail, Key(email)))
}

// PersonByExternalID finds a living person by the id that an import gave.
// NotFound with CodeNoMember.
func PersonByExternalID(tx *store.Tx, id string) (*Person, error) {
	return onePerson(tx.Row(personByExternalID, id))
}

// PersonByUUID finds a living person. NotFound with CodeNoMember.
func PersonByUUID(tx *store.Tx, id uuid.UUID) (*Person, error) {
	return onePerson(tx.Row(personByUUID, id[:]))
}

func onePerson(row store.Row) (*Person, error) {
	p, err := ScanPerson(row)
	if errors.Is(err, store.ErrNoRows) {
		return nil, errNoPerson()
	}
	return p, err
}

func errNoPerson() error {
	return roster.Errorf(roster.NotFound, CodeNoMember, "there is no such person")
}

// ScanPerson reads a row of PersonColumns.
func ScanPerson(s store.Scanner) (*Person, error) {
	var p Person
	var id []byte
	err := s.Scan(&p.ID, &id, &p.Profiles, &p.Name, &p.Email, &p.DisplayName, &p.Department, &p.DataSourceID, &p.Status,
		&p.ExternalID, &p.CreatedAt, &p.UpdatedAt, &p.Revision)
	copy(p.UUID[:], id)
	return &p, err
}

// UpdatePerson changes a living person as edit says. NotFound, Precondition, an
// error of CreatePerson or of edit. What changes nothing writes nothing.
func UpdatePerson(tx *store.Tx, id int64, match Match, edit func(*Person) error) (*Person, error) {
	before, err := LivePerson(tx, id)
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
	if samePerson(before, &after) {
		return before, nil
	}
	if err := checkPersonKeys(tx, &after, before); err != nil {
		return nil, err
	}
	after.UpdatedAt, after.Revision = tx.Now, tx.Revision
	if err := closeRow(tx, personClose, personDrop, id); err != nil {
		return nil, err
	}
	if _, err := tx.Exec(personInsert, personRow(&after)...); err != nil {
		return nil, err
	}
	tx.Record(roster.Change{Operation: "person.update", SubjectType: PersonSubject, SubjectID: id, Before: personFields(before), After: personFields(&after)})
	tx.Emit(index.PutPerson(personHeader(&after)))
	if Key(after.Email) != Key(before.Email) {
		return &after, arrived(tx, []*Person{&after})
	}
	return &after, nil
}

func samePerson(a, b *Person) bool {
	x, y := *a, *b
	same := equal(x.DisplayName, y.DisplayName) && equal(x.Department, y.Department)
	x.DisplayName, x.Department, y.DisplayName, y.Department = nil, nil, nil, nil
	return same && x == y
}

func equal(a, b *string) bool {
	return (a == nil) == (b == nil) && (a == nil || *a == *b)
}

// DeletePerson ends a person and all memberships. NotFound, Precondition.
func DeletePerson(tx *store.Tx, id int64, match Match) error {
	p, err := LivePerson(tx, id)
	if err != nil {
		return err
	}
	if err := match.check(p.Revision); err != nil {
		return err
	}
	if err := closeMemberships(tx, id); err != nil {
		return err
	}
	if err := closeRow(tx, personClose, personDrop, id); err != nil {
		return err
	}
	tx.Record(roster.Change{Operation: "person.delete", SubjectType: PersonSubject, SubjectID: id, Before: personFields(p)})
	tx.Emit(index.Drop(id))
	return nil
}
