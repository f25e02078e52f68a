package identity

import (
	"context"
	"net/mail"

	"github.com/google/uuid"

	"github.com/rosterhq/roster/internal/graph"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/store"
)

var (
	userInsert = store.Q("user.insert", `INSERT INTO users (tenant, id, full_name, name_key, phone_number, job_title, department,
		role, status, manager_id, created_at, updated_at, revision)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)`)
	userUpdate = store.Q("user.update", `UPDATE users SET full_name = $3, name_key = $4, phone_number = $5, job_title = $6,
		department = $7, role = $8, status = $9, manager_id = $10, updated_at = $11, revision = $12
		WHERE tenant = $1 AND id = $2`)
)

// CreateUser makes a user, on the person with that address if there is one, and
// fills in what the server decides. Exists with CodeProfileTaken, Conflict with
// CodeNoManager, Invalid for an address, role or status that is none.
func (i *Identity) CreateUser(ctx context.Context, a roster.Actor, u *User) error {
	return i.db.Write(ctx, a, func(tx *store.Tx) error { return InsertUser(tx, u) })
}

// InsertUser is CreateUser inside a transaction.
func InsertUser(tx *store.Tx, u *User) error {
	if u.Role == "" {
		u.Role = Employee
	}
	if u.Status == "" {
		u.Status = UserActive
	}
	if err := checkUser(tx, nil, u); err != nil {
		return err
	}
	p, err := AddProfile(tx, u.Email, graph.UserProfile, func(p *graph.Person, fresh bool) {
		if fresh {
			p.Name = u.FullName
		}
	})
	if err != nil {
		return err
	}
	u.ID, u.UUID, u.Email, u.CreatedAt, u.UpdatedAt, u.Revision = p.ID, p.UUID, p.Email, tx.Now, tx.Now, tx.Revision
	if _, err := tx.Exec(userInsert, u.ID, u.FullName, []byte(graph.Key(u.FullName)), u.PhoneNumber, u.JobTitle, u.Department,
		u.Role, u.Status, u.ManagerID, u.CreatedAt, u.UpdatedAt, u.Revision); err != nil {
		return err
	}
	tx.Record(roster.Change{Operation: "user.create", SubjectType: "user", SubjectID: u.ID, After: userFields(u)})
	return nil
}

// checkUser checks what a user says and finds the manager. An address that was
// there before is not judged: another profile may have brought it.
func checkUser(tx *store.Tx, before, u *User) error {
	if before == nil || before.Email != u.Email {
		if address, err := mail.ParseAddress(u.Email); err != nil || address.Address != u.Email {
			return roster.FieldError("email", "is no valid email address")
		}
	}
	if err := checkRole(roster.OrganizationAPI, u.Role); err != nil {
		return err
	}
	if u.Status != UserActive && u.Status != UserDisabled {
		return roster.FieldError("status", "must be one of ACTIVE, DISABLED")
	}
	u.ManagerID = 0
	if u.ManagerUUID == uuid.Nil {
		return nil
	}
	if u.ManagerUUID == u.UUID {
		return &roster.Error{Kind: roster.Conflict, Code: CodeSelfManaged, Field: "managerUuid", Msg: "nobody is their own manager"}
	}
	m, err := UserByUUID(tx, u.ManagerUUID)
	if roster.IsKind(err, roster.NotFound) {
		return &roster.Error{Kind: roster.Conflict, Code: CodeNoManager, Field: "managerUuid", Msg: "there is no such user"}
	}
	if err == nil {
		u.ManagerID = m.ID
	}
	return err
}

// UpdateUser changes a user as edit says. NotFound, Precondition, an error of
// CreateUser or of edit. The address of a person who has other profiles too is
// Forbidden to change: it is not the organization's alone. What changes nothing
// writes nothing.
func (i *Identity) UpdateUser(ctx context.Context, a roster.Actor, id uuid.UUID, match graph.Match, edit func(*User) error) (after *User, err error) {
	err = i.db.Write(ctx, a, func(tx *store.Tx) error {
		before, err := UserByUUID(tx, id)
		if err != nil {
			return err
		}
		if match != nil {
			if err := match(before.Revision); err != nil {
				return err
			}
		}
		changed := *before
		after = &changed
		if err := edit(after); err != nil {
			return err
		}
		if err := checkUser(tx, before, after); err != nil {
			return err
		}
		if userFields(after).same(userFields(before)) {
			after = before
			return nil
		}
		return saveUser(tx, before, after)
	})
	return after, err
}

func (f UserFields) same(o UserFields) bool {
	equal := func(a, b *string) bool { return (a == nil) == (b == nil) && (a == nil || *a == *b) }
	same := equal(f.PhoneNumber, o.PhoneNumber) && equal(f.JobTitle, o.JobTitle) && equal(f.Department, o.Department)
	f.PhoneNumber, f.JobTitle, f.Department = nil, nil, nil
	o.PhoneNumber, o.JobTitle, o.Department = nil, nil, nil
	return same && f == o
}

func saveUser(tx *store.Tx, before, after *User) error {
	_, err := graph.UpdatePerson(tx, after.ID, nil, func(p *graph.Person) error {
		if after.Email != before.Email && p.Profiles != graph.UserProfile {
			return &roster.Error{Kind: roster.Forbidden, Field: "email", Msg: "this person has other profiles, so the email is not the organization's to change"}
		}
		p.Email = after.Email
		if !p.Has(graph.AccountProfile) {
			p.Name = after.FullName
		}
		return nil
	})
	if err != nil {
		return err
	}
	after.UpdatedAt, after.Revision = tx.Now, tx.Revision
	if _, err := tx.Exec(userUpdate, after.ID, after.FullName, []byte(graph.Key(after.FullName)), after.PhoneNumber, after.JobTitle,
		after.Department, after.Role, after.Status, after.ManagerID, after.UpdatedAt, after.Revision); err != nil {
		return err
	}
	tx.Record(roster.Change{
		Operation: "user.update", SubjectType: "user", SubjectID: after.ID, Before: userFields(before), After: userFields(after),
	})
	return nil
}
