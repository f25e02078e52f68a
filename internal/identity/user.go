package identity

import (
	"context"
	"errors"

	"github.com/google/uuid"

	"github.com/rosterhq/roster/internal/graph"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/store"
)

// Roles of an organization's user.
const (
	CompanyOwner = "COMPANY_OWNER"
	Manager      = "MANAGER"
	Bookkeeper   = "BOOKKEEPER"
	Employee     = "EMPLOYEE"
)

// Statuses of an organization's user.
const (
	UserActive   = "ACTIVE"
	UserDisabled = "DISABLED"
)

// Codes of errors about users.
const (
	CodeNoManager   = "MANAGER_NOT_FOUND"
	CodeSelfManaged = "MANAGER_IS_SELF"
)

// User is a person's profile in the organization. Times are µs UTC.
type User struct {
	ID          int64
	UUID        uuid.UUID
	Email       string
	FullName    string
	PhoneNumber *string
	JobTitle    *string
	Department  *string
	Role        string
	Status      string
	ManagerID   int64     // 0 for none
	ManagerUUID uuid.UUID // uuid.Nil for none
	CreatedAt   int64
	UpdatedAt   int64
	Revision    int64 // the later one of the profile's and the person's row
}

const userColumns = `u.id, s.uuid, p.email, u.full_name, u.phone_number, u.job_title, u.department, u.role, u.status,
		u.manager_id, ms.uuid, u.created_at, u.updated_at, u.revision, p.revision`

var userByUUID = store.Q("user.by_uuid", `SELECT `+userColumns+`
		FROM subjects s
		JOIN users u ON u.tenant = $1 AND u.id = s.id
		JOIN people p ON p.tenant = $1 AND p.id = u.id AND p.recorded_to = 9223372036854775807
		LEFT JOIN subjects ms ON ms.tenant = $1 AND ms.id = u.manager_id
		WHERE s.tenant = $1 AND s.uuid = $2`)

// UserFields are the fields of a user as the change log spells them.
type UserFields struct {
	UUID        string  `json:"uuid"`
	Email       string  `json:"email"`
	FullName    string  `json:"full_name"`
	PhoneNumber *string `json:"phone_number"`
	JobTitle    *string `json:"job_title"`
	Department  *string `json:"department"`
	Role        string  `json:"role"`
	Status      string  `json:"status"`
	ManagerUUID string  `json:"manager_uuid,omitempty"`
}

func userFields(u *User) UserFields {
	f := UserFields{
		UUID: u.UUID.String(), Email: u.Email, FullName: u.FullName, PhoneNumber: u.PhoneNumber, JobTitle: u.JobTitle,
		Department: u.Department, Role: u.Role, Status: u.Status,
	}
	if u.ManagerID != 0 {
		f.ManagerUUID = u.ManagerUUID.String()
	}
	return f
}

// scanUser reads a row of userColumns and perhaps more columns into more.
func scanUser(s store.Scanner, more ...any) (*User, error) {
	var u User
	var id, manager []byte
	var person int64
	err := s.Scan(append([]any{
		&u.ID, &id, &u.Email, &u.FullName, &u.PhoneNumber, &u.JobTitle, &u.Department, &u.Role, &u.Status,
		&u.ManagerID, &manager, &u.CreatedAt, &u.UpdatedAt, &u.Revision, &person,
	}, more...)...)
	copy(u.UUID[:], id)
	copy(u.ManagerUUID[:], manager)
	u.Revision = max(u.Revision, person)
	return &u, err
}

// UserByUUID reads a user inside a transaction; NotFound with graph.CodeNoMember.
func UserByUUID(tx *store.Tx, id uuid.UUID) (*User, error) {
	u, err := scanUser(tx.Row(userByUUID, id[:]))
	if errors.Is(err, store.ErrNoRows) {
		return nil, roster.Errorf(roster.NotFound, graph.CodeNoMember, "there is no such user")
	}
	return u, err
}

// GetUser reads a user. NotFound.
func (i *Identity) GetUser(ctx context.Context, tenant roster.TenantID, id uuid.UUID) (u *User, err error) {
	err = i.db.Read(ctx, tenant, func(tx *store.Tx) error {
		u, err = UserByUUID(tx, id)
		return err
	})
	return u, err
}
