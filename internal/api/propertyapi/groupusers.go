package propertyapi

import (
	"context"
	"encoding/json"
	"reflect"

	"github.com/danielgtaylor/huma/v2"
	"github.com/google/uuid"

	"github.com/rosterhq/roster/internal/graph"
	"github.com/rosterhq/roster/internal/lodging"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/wire"
)

// groupUser is somebody in a group, or invited to it, as the API shows them.
type groupUser struct {
	ID            string                 `json:"id" format:"uuid"`
	Type          string                 `json:"type" enum:"group_user"`
	Attributes    groupUserAttributes    `json:"attributes"`
	Relationships groupUserRelationships `json:"relationships"`
}

type groupUserRelationships struct {
	Group toGroup `json:"group"`
	User  toUser  `json:"user"`
}

type toGroup struct {
	Data Titled `json:"data"`
}

// toUser has no user while an invited address is nobody's.
type toUser struct {
	Data *user `json:"data"`
}

// Schema implements huma.SchemaProvider: huma can't say that a referred schema may
// be null.
func (u toUser) Schema(r huma.Registry) *huma.Schema {
	some := r.Schema(reflect.TypeFor[user](), true, "")
	return &huma.Schema{
		Type: huma.TypeObject, Required: []string{"data"},
		Properties: map[string]*huma.Schema{"data": {AnyOf: []*huma.Schema{some, {Type: "null"}}}},
	}
}

type groupUserAttributes struct {
	ID        string         `json:"id" format:"uuid"`
	Role      string         `json:"role" enum:"owner,user"`
	Email     string         `json:"email"`
	State     string         `json:"state" enum:"active,invited"`
	Overrides map[string]any `json:"overrides,omitempty" doc:"As the invitation had them. They grant nothing and restrict nothing."`
}

// user is a person as the API shows one.
type user struct {
	ID         string         `json:"id" format:"uuid"`
	Type       string         `json:"type" enum:"user"`
	Attributes userAttributes `json:"attributes"`
}

type userAttributes struct {
	ID    string `json:"id" format:"uuid"`
	Email string `json:"email"`
	Name  string `json:"name"`
}

func newUser(id uuid.UUID, email, name string) *user {
	text := id.String()
	return &user{text, userType, userAttributes{text, email, name}}
}

func renderGroupUser(u *lodging.GroupUser) groupUser {
	id := u.ID.String()
	out := groupUser{ID: id, Type: groupUserType, Attributes: groupUserAttributes{ID: id, Role: u.Role, Email: u.Email, State: u.State}}
	_ = json.Unmarshal(u.Overrides, &out.Attributes.Overrides) // an import may bring what is no object
	out.Relationships.Group.Data = newTitled(groupType, u.Group.UUID, u.Group.Name)
	if u.State == lodging.Active {
		out.Relationships.User.Data = newUser(u.Person, u.Email, u.Name)
	}
	return out
}

type groupUserOut struct {
	Location string `header:"Location"`
	ETag     string `header:"ETag"`
	Body     oneGroupUser
}

type oneGroupUser struct {
	Data groupUser `json:"data"`
}

func newGroupUserOut(u *lodging.GroupUser, err error) (*groupUserOut, error) {
	if err != nil {
		return nil, err
	}
	out := &groupUserOut{ETag: wire.ETag(u.Revision)}
	out.Body.Data = renderGroupUser(u)
	return out, nil
}

var groupUserForm = listForm{
	first: "email",
	filters: map[string]fieldType{
		"id": idField, "group_id": idField, "email": textField, "role": textField, "state": textField,
	},
	orders: []string{"email", "id"},
}

func groupUserField(u *lodging.GroupUser, field string) string {
	switch field {
	case "id":
		return u.ID.String()
	case "group_id":
		return uuid.UUID(u.Group.UUID).String()
	case "role":
		return u.Role
	case "state":
		return u.State
	default:
		return u.Email
	}
}

type listGroupUsersIn struct {
	Paging

	FilterID    string `query:"filter[id]" doc:"Ids, separated by commas."`
	FilterGroup string `query:"filter[group_id]" doc:"Ids of groups, separated by commas."`
	FilterEmail string `query:"filter[email]"`
	FilterRole  string `query:"filter[role]" doc:"owner or user."`
	FilterState string `query:"filter[state]" doc:"active or invited."`
	OrderEmail  string `query:"order[email]" enum:"asc,desc" doc:"asc by default."`
	OrderID     string `query:"order[id]" enum:"asc,desc"`
}

type listGroupUsersOut struct{ Body groupUserList }

type groupUserList struct {
	Data []groupUser `json:"data"`
	Meta *meta       `json:"meta,omitempty"`
}

func (h handlers) listGroupUsers(ctx context.Context, a roster.Actor, _ *listGroupUsersIn) (*listGroupUsersOut, error) {
	l, err := parseList(wire.Query(ctx), groupUserForm)
	if err != nil {
		return nil, err
	}
	all, err := h.lodging.GroupUsers(ctx, a, l.takesGroup)
	if err != nil {
		return nil, err
	}
	out := &listGroupUsersOut{}
	all, out.Body.Meta = pick(&l, all, groupUserField)
	out.Body.Data = make([]groupUser, len(all))
	for i, u := range all {
		out.Body.Data[i] = renderGroupUser(u)
	}
	return out, nil
}

// takesGroup reports whether the filters let rows of a group through at all.
func (l *list) takesGroup(g *graph.Group) bool {
	id := uuid.UUID(g.UUID).String()
	for i := range l.where {
		if c := &l.where[i]; c.field == "group_id" && !c.takes(id) {
			return false
		}
	}
	return true
}

// GroupUserPath is embedded where the path names a group user.
type GroupUserPath struct {
	ID string `path:"id" example:"0190a1b2-7c3d-7e4f-8a5b-6c7d8e9f0a1b"`
}

type getGroupUserIn struct{ GroupUserPath }

func (h handlers) getGroupUser(ctx context.Context, a roster.Actor, in *getGroupUserIn) (*groupUserOut, error) {
	id, err := parseID(in.ID)
	if err != nil {
		return nil, err
	}
	return newGroupUserOut(h.lodging.GroupUser(ctx, a, id))
}

type inviteIn struct {
	Body struct {
		Invite inviteFields `json:"invite"`
	}
}

type inviteFields struct {
	GroupID   wire.Opt[string]         `json:"group_id"`
	UserEmail wire.Opt[string]         `json:"user_email" maxLength:"254"`
	Role      wire.Opt[string]         `json:"role,omitzero" enum:"owner,user" doc:"user by default."`
	Overrides wire.Opt[map[string]any] `json:"overrides,omitzero" doc:"Kept and shown; they grant nothing and restrict nothing."`
}

func (h handlers) invite(ctx context.Context, a roster.Actor, in *inviteIn) (*groupUserOut, error) {
	sent := &in.Body.Invite
	group, err := bodyID("group_id", sent.GroupID)
	if err != nil {
		return nil, err
	}
	invitation := lodging.Invitation{Group: group, Email: sent.UserEmail.Or(""), Role: sent.Role.Or(lodging.User)}
	if len(sent.Overrides.Value) > 0 {
		if invitation.Overrides, err = json.Marshal(sent.Overrides.Value); err != nil {
			return nil, err
		}
	}
	u, err := h.lodging.Invite(ctx, a, invitation)
	out, err := newGroupUserOut(u, err)
	if err == nil {
		out.Location = wire.Location(ctx, "/group_users/"+out.Body.Data.ID)
	}
	return out, err
}

type updateGroupUserIn struct {
	GroupUserPath
	wire.IfMatch

	Body struct {
		GroupUser roleFields `json:"group_user"`
	}
}

type roleFields struct {
	Role string `json:"role" enum:"owner,user"`
}

func (h handlers) updateGroupUser(ctx context.Context, a roster.Actor, in *updateGroupUserIn) (*groupUserOut, error) {
	id, err := parseID(in.ID)
	if err != nil {
		return nil, err
	}
	return newGroupUserOut(h.lodging.SetRole(ctx, a, id, in.Body.GroupUser.Role, in.Check))
}

type deleteGroupUserIn struct {
	GroupUserPath
	wire.IfMatch
}

func (h handlers) deleteGroupUser(ctx context.Context, a roster.Actor, in *deleteGroupUserIn) (*successOut, error) {
	id, err := parseID(in.ID)
	if err != nil {
		return nil, err
	}
	return done(h.lodging.RemoveGroupUser(ctx, a, id, in.Check))
}
