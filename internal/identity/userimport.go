package identity

import (
	"errors"

	"github.com/google/uuid"

	"github.com/rosterhq/roster/internal/graph"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/store"
)

// PutUser has a person be the user that an import says, and reports whether that
// changed anything. The person has the profile; name, telephone, title, department,
// role and status are taken from u. Invalid.
func PutUser(tx *store.Tx, p *graph.Person, u User) (changed bool, err error) {
	before, err := UserByUUID(tx, p.UUID)
	if roster.IsKind(err, roster.NotFound) {
		return true, newUser(tx, p, u)
	}
	if err != nil {
		return false, err
	}
	after := *before
	after.FullName, after.PhoneNumber, after.JobTitle, after.Department = u.FullName, u.PhoneNumber, u.JobTitle, u.Department
	after.Role, after.Status = u.Role, u.Status
	if userFields(&after).same(userFields(before)) {
		return false, nil
	}
	if err := checkUser(tx, before, &after); err != nil {
		return false, err
	}
	return true, saveUser(tx, before, &after)
}

func newUser(tx *store.Tx, p *graph.Person, u User) error {
	u.ID, u.UUID, u.Email, u.CreatedAt, u.UpdatedAt, u.Revision = p.ID, p.UUID, p.Email, tx.Now, tx.Now, tx.Revision
	u.ManagerID, u.ManagerUUID = 0, uuid.Nil
	if err := checkUser(tx, nil, &u); err != nil {
		return err
	}
	if _, err := tx.Exec(userInsert, u.ID, u.FullName, []byte(graph.Key(u.FullName)), u.PhoneNumber, u.JobTitle, u.Department,
		u.Role, u.Status, u.ManagerID, u.CreatedAt, u.UpdatedAt, u.Revision); err != nil {
		return err
	}
	tx.Record(roster.Change{Operation: "user.create", SubjectType: "user", SubjectID: u.ID, After: userFields(&u)})
	return nil
}

var userByID = store.Q("user.uuid_by_id", `SELECT s.uuid FROM users u JOIN subjects s ON s.tenant = $1 AND s.id = u.id
	WHERE u.tenant = $1 AND u.id = $2`)

// PutManager sets the manager of a user, both by id, and reports whether that
// changed anything. NotFound, Conflict with CodeSelfManaged.
func PutManager(tx *store.Tx, user, manager int64) (changed bool, err error) {
	u, err := userOf(tx, user)
	if err != nil {
		return false, err
	}
	m, err := userOf(tx, manager)
	if err != nil || u.ManagerID == m.ID {
		return false, err
	}
	after := *u
	after.ManagerUUID = m.UUID
	if err := checkUser(tx, u, &after); err != nil {
		return false, err
	}
	return true, saveUser(tx, u, &after)
}

func userOf(tx *store.Tx, person int64) (*User, error) {
	var id []byte
	err := tx.Row(userByID, person).Scan(&id)
	if errors.Is(err, store.ErrNoRows) {
		return nil, roster.Errorf(roster.NotFound, graph.CodeNoMember, "this person is no user of the organization")
	}
	if err != nil {
		return nil, err
	}
	return UserByUUID(tx, uuid.UUID(id))
}
