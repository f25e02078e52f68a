package orgapi

import (
	"context"
	"slices"
	"strings"

	"github.com/google/uuid"

	"github.com/rosterhq/roster/internal/graph"
	"github.com/rosterhq/roster/internal/graph/index"
	"github.com/rosterhq/roster/internal/identity"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/wire"
)

// User is a user of the organization.
type User struct {
	UUID        string  `json:"uuid" format:"uuid"`
	Email       string  `json:"email" format:"email"`
	FullName    string  `json:"fullName"`
	Status      string  `json:"status" enum:"ACTIVE,DISABLED"`
	Role        string  `json:"role" enum:"EMPLOYEE,MANAGER,BOOKKEEPER,COMPANY_OWNER"`
	PhoneNumber *string `json:"phoneNumber"`
	JobTitle    *string `json:"jobTitle"`
	Department  *string `json:"department"`
	ManagerUUID *string `json:"managerUuid" format:"uuid" doc:"Extension."`
	CreatedAt   string  `json:"createdAt" format:"date-time"`
	UpdatedAt   string  `json:"updatedAt" format:"date-time"`
}

func renderUser(u *identity.User) User {
	out := User{
		UUID: u.UUID.String(), Email: u.Email, FullName: u.FullName, Status: u.Status, Role: u.Role,
		PhoneNumber: u.PhoneNumber, JobTitle: u.JobTitle, Department: u.Department,
		CreatedAt: clock(u.CreatedAt), UpdatedAt: clock(u.UpdatedAt),
	}
	if u.ManagerID != 0 {
		manager := u.ManagerUUID.String()
		out.ManagerUUID = &manager
	}
	return out
}

// UserPath is the path of a user.
type UserPath struct {
	UUID string `path:"uuid" doc:"The user's UUID."`
}

type userOut struct {
	ETag     string `header:"ETag"`
	Location string `header:"Location"`
	Body     User
}

func showUser(u *identity.User) *userOut {
	return &userOut{ETag: wire.ETag(u.Revision), Body: renderUser(u)}
}

type listUsers struct {
	Paging

	Status      string `query:"status" enum:"ACTIVE,DISABLED"`
	Role        string `query:"role" enum:"EMPLOYEE,MANAGER,BOOKKEEPER,COMPANY_OWNER"`
	ManagerUUID string `query:"managerUuid" format:"uuid" doc:"Extension. The users whose manager this one is."`
}

func (h handlers) listUsers(ctx context.Context, a roster.Actor, in *listUsers) (*listOut[User], error) {
	filter := identity.UserFilter{Status: in.Status, Role: in.Role}
	var err error
	if filter.Manager, err = queryUUID("managerUuid", in.ManagerUUID); err != nil {
		return nil, err
	}
	s := in.span()
	users, total, err := h.identity.Users(ctx, a.Tenant.ID, filter, s.offset(), s.limit())
	if err != nil {
		return nil, err
	}
	rows := make([]User, len(users))
	for i, u := range users {
		rows[i] = renderUser(u)
	}
	return answer(ctx, &in.Paging, "/users", rows, total), nil
}

// queryUUID reads a UUID that filters a list; "" is none.
func queryUUID(name, text string) (uuid.UUID, error) {
	if text == "" {
		return uuid.Nil, nil
	}
	id, ok := readUUID(text)
	if !ok {
		return id, wire.InvalidFields(wire.Field{In: wire.InQuery, Name: name, Rule: wire.RuleFormat, Limit: "uuid", Message: "is no valid uuid"})
	}
	return id, nil
}

type getUser struct{ UserPath }

func (h handlers) getUser(ctx context.Context, a roster.Actor, in *getUser) (*userOut, error) {
	id, err := parseUUID("User", in.UUID)
	if err != nil {
		return nil, err
	}
	u, err := h.identity.GetUser(ctx, a.Tenant.ID, id)
	if err != nil {
		return nil, named(err, "User", in.UUID)
	}
	return showUser(u), nil
}

// UserFields are what may be absent of a user, in POST and PATCH.
type UserFields struct {
	PhoneNumber wire.Opt[string] `json:"phoneNumber,omitzero" maxLength:"50"`
	JobTitle    wire.Opt[string] `json:"jobTitle,omitzero" maxLength:"255"`
	Department  wire.Opt[string] `json:"department,omitzero" maxLength:"255"`
	ManagerUUID wire.Opt[string] `json:"managerUuid,omitzero" format:"uuid" doc:"Extension. null: none."`
	Role        wire.Opt[string] `json:"role,omitzero" enum:"EMPLOYEE,MANAGER,BOOKKEEPER,COMPANY_OWNER" doc:"EMPLOYEE for a new user."`
	Status      wire.Opt[string] `json:"status,omitzero" enum:"ACTIVE,DISABLED"`
}

func (f *UserFields) apply(u *identity.User) error {
	for _, field := range []struct {
		in wire.Opt[string]
		to **string
	}{{f.PhoneNumber, &u.PhoneNumber}, {f.JobTitle, &u.JobTitle}, {f.Department, &u.Department}} {
		if field.in.Set {
			*field.to = field.in.Ptr()
		}
	}
	if f.ManagerUUID.Set {
		u.ManagerUUID, u.ManagerID = uuid.Nil, 0
	}
	if text, ok := f.ManagerUUID.Get(); ok {
		if u.ManagerUUID, ok = readUUID(text); !ok {
			return malformed("managerUuid")
		}
	}
	for name, field := range map[string]wire.Opt[string]{"role": f.Role, "status": f.Status} {
		if field.Null {
			return wire.InvalidFields(wire.Field{In: wire.InBody, Name: name, Rule: wire.RuleRequired, Message: "must not be null"})
		}
	}
	u.Role, u.Status = f.Role.Or(u.Role), f.Status.Or(u.Status)
	return nil
}

func malformed(field string) error {
	return wire.InvalidFields(wire.Field{In: wire.InBody, Name: field, Rule: wire.RuleFormat, Limit: "uuid", Message: "is no valid uuid"})
}

type createUser struct {
	Body struct {
		UserFields

		FullName string `json:"fullName" maxLength:"255"`
		Email    string `json:"email" maxLength:"320"`
	}
}

func (h handlers) createUser(ctx context.Context, a roster.Actor, in *createUser) (*userOut, error) {
	if err := notBlank("fullName", in.Body.FullName); err != nil {
		return nil, err
	}
	u := identity.User{FullName: in.Body.FullName, Email: in.Body.Email}
	if err := in.Body.apply(&u); err != nil {
		return nil, err
	}
	if err := h.identity.CreateUser(ctx, a, &u); err != nil {
		return nil, err
	}
	out := showUser(&u)
	out.Location = wire.Location(ctx, "/users/"+out.Body.UUID)
	return out, nil
}

type patchUser struct {
	UserPath
	wire.IfMatch

	Body struct {
		UserFields

		FullName wire.Opt[string] `json:"fullName,omitzero" maxLength:"255"`
		Email    wire.Opt[string] `json:"email,omitzero" maxLength:"320" doc:"403 for a person who has profiles of other APIs, too."`
	}
}

func (h handlers) patchUser(ctx context.Context, a roster.Actor, in *patchUser) (*userOut, error) {
	id, err := parseUUID("User", in.UUID)
	if err != nil {
		return nil, err
	}
	for name, field := range map[string]wire.Opt[string]{"fullName": in.Body.FullName, "email": in.Body.Email} {
		if field.Set {
			if err := notBlank(name, field.Value); err != nil {
				return nil, err
			}
		}
	}
	u, err := h.identity.UpdateUser(ctx, a, id, in.Check, func(u *identity.User) error {
		u.FullName, u.Email = in.Body.FullName.Or(u.FullName), in.Body.Email.Or(u.Email)
		return in.Body.apply(u)
	})
	if err != nil {
		return nil, named(err, "User", in.UUID)
	}
	return showUser(u), nil
}

type userGroups struct {
	UserPath
	Paging
	AsOf
}

func (h handlers) userGroups(ctx context.Context, a roster.Actor, in *userGroups) (*listOut[group], error) {
	id, err := parseUUID("User", in.UUID)
	if err != nil {
		return nil, err
	}
	at, err := in.micros()
	if err != nil {
		return nil, err
	}
	u, err := h.identity.GetUser(ctx, a.Tenant.ID, id)
	if err != nil {
		return nil, named(err, "User", in.UUID)
	}
	var links []index.Link
	err = h.graph.Read(ctx, a.Tenant.ID, graph.Scope{AsOf: at, Above: []int64{u.ID}}, func(v *index.View) {
		links = v.GroupsWith(u.ID, graph.Organization)
	})
	if err != nil {
		return nil, err
	}
	slices.SortFunc(links, func(a, b index.Link) int { return strings.Compare(index.Fold(a.Group.Name), index.Fold(b.Group.Name)) })
	page := slice(in.span(), links)
	rows := make([]group, len(page))
	for i := range page {
		rows[i] = renderGroup(page[i].Group)
	}
	return answer(ctx, &in.Paging, "/users/"+in.UUID+"/groups", rows, len(links)), nil
}
