package orgapi

import (
	"context"
	"strings"

	"github.com/google/uuid"

	"github.com/rosterhq/roster/internal/graph"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/spend"
	"github.com/rosterhq/roster/internal/wire"
)

// group is a group of the organization.
type group struct {
	UUID        string  `json:"uuid" format:"uuid"`
	Name        string  `json:"name"`
	Description *string `json:"description" doc:"null where there is none."`
	Status      string  `json:"status" enum:"ACTIVE"`
	CreatedAt   string  `json:"createdAt" format:"date-time"`
	UpdatedAt   string  `json:"updatedAt" format:"date-time"`
}

// AppendJSON implements wire.Appender.
func (g group) AppendJSON(b []byte) []byte {
	b = wire.AppendString(append(b, `{"uuid":`...), g.UUID)
	b = wire.AppendString(append(b, `,"name":`...), g.Name)
	b = append(b, `,"description":`...)
	if g.Description == nil {
		b = append(b, "null"...)
	} else {
		b = wire.AppendString(b, *g.Description)
	}
	b = wire.AppendString(append(b, `,"status":`...), g.Status)
	b = wire.AppendString(append(b, `,"createdAt":`...), g.CreatedAt)
	b = wire.AppendString(append(b, `,"updatedAt":`...), g.UpdatedAt)
	return append(b, '}')
}

func renderGroup(g *graph.Group) group {
	return group{
		UUID: uuid.UUID(g.UUID).String(), Name: g.Name, Description: optional(g.Description), Status: "ACTIVE",
		CreatedAt: clock(g.Created), UpdatedAt: clock(g.Updated),
	}
}

// optional shows an empty text as null.
func optional(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

// GroupPath is the path of a group.
type GroupPath struct {
	UUID string `path:"uuid" doc:"The group's UUID."`
}

// find resolves the group that a path names, now or at an instant.
func (h handlers) find(ctx context.Context, a roster.Actor, id string, asOf int64) (*graph.Group, error) {
	parsed, err := parseUUID("Group", id)
	if err != nil {
		return nil, err
	}
	g, err := h.graph.ByUUID(ctx, a.Tenant.ID, graph.Organization, parsed, asOf)
	return g, named(err, "Group", id)
}

type groupOut struct {
	ETag     string `header:"ETag"`
	Location string `header:"Location"`
	Body     group
}

func showGroup(g *graph.Group) *groupOut {
	return &groupOut{ETag: wire.ETag(g.Revision), Body: renderGroup(g)}
}

type listGroups struct {
	Paging
	AsOf
}

func (h handlers) listGroups(ctx context.Context, a roster.Actor, in *listGroups) (*listOut[group], error) {
	at, err := in.micros()
	if err != nil {
		return nil, err
	}
	all, err := h.graph.ByName(ctx, a.Tenant.ID, graph.Organization, at)
	if err != nil {
		return nil, err
	}
	page := slice(in.span(), all)
	rows := make([]group, len(page))
	for i, g := range page {
		rows[i] = renderGroup(g)
	}
	return answer(ctx, &in.Paging, "/groups", rows, len(all)), nil
}

type getGroup struct {
	GroupPath
	AsOf
}

func (h handlers) getGroup(ctx context.Context, a roster.Actor, in *getGroup) (*groupOut, error) {
	at, err := in.micros()
	if err != nil {
		return nil, err
	}
	g, err := h.find(ctx, a, in.UUID, at)
	if err != nil {
		return nil, err
	}
	return showGroup(g), nil
}

type createGroup struct {
	Body struct {
		Name        string           `json:"name" maxLength:"255" doc:"Not blank; unique in the organization, whatever its case."`
		Description wire.Opt[string] `json:"description,omitzero" maxLength:"1000"`
	}
}

func (h handlers) createGroup(ctx context.Context, a roster.Actor, in *createGroup) (*groupOut, error) {
	if err := notBlank("name", in.Body.Name); err != nil {
		return nil, err
	}
	g := graph.Group{Kind: graph.Organization, Name: in.Body.Name, Description: in.Body.Description.Value}
	if err := h.graph.Create(ctx, a, &g); err != nil {
		return nil, err
	}
	out := showGroup(&g)
	out.Location = wire.Location(ctx, "/groups/"+out.Body.UUID)
	return out, nil
}

// notBlank refuses a text that is empty or blank.
func notBlank(field, text string) error {
	if strings.TrimSpace(text) == "" {
		return blank(field)
	}
	return nil
}

func blank(field string) error {
	return wire.InvalidFields(wire.Field{In: wire.InBody, Name: field, Rule: wire.RuleRequired, Message: "must not be blank"})
}

type patchGroup struct {
	GroupPath
	wire.IfMatch

	Body struct {
		Name        wire.Opt[string] `json:"name,omitzero" maxLength:"255"`
		Description wire.Opt[string] `json:"description,omitzero" maxLength:"1000" doc:"null clears it."`
	}
}

func (h handlers) patchGroup(ctx context.Context, a roster.Actor, in *patchGroup) (*groupOut, error) {
	name, description := in.Body.Name, in.Body.Description
	if name.Set {
		if err := notBlank("name", name.Value); err != nil {
			return nil, err
		}
	}
	return h.editGroup(ctx, a, in.UUID, in.Check, func(g *graph.Group) {
		g.Name = name.Or(g.Name)
		if description.Set {
			g.Description = description.Value
		}
	})
}

// GroupFields are what PUT replaces.
type GroupFields struct {
	Name        string           `json:"name" maxLength:"255"`
	Description wire.Opt[string] `json:"description,omitzero" maxLength:"1000" doc:"Absent or null: none."`
}

type putGroups struct {
	wire.IfMatch

	Body struct {
		GroupFields

		UUID string `json:"uuid" format:"uuid" doc:"The group that is replaced."`
	}
}

func (h handlers) putGroups(ctx context.Context, a roster.Actor, in *putGroups) (*groupOut, error) {
	return h.replaceGroup(ctx, a, in.Body.UUID, in.Check, in.Body.GroupFields)
}

type putGroup struct {
	GroupPath
	wire.IfMatch

	Body struct {
		GroupFields

		UUID wire.Opt[string] `json:"uuid,omitzero" format:"uuid" doc:"That of the path, where it is there."`
	}
}

func (h handlers) putGroup(ctx context.Context, a roster.Actor, in *putGroup) (*groupOut, error) {
	if id, ok := in.Body.UUID.Get(); ok && !strings.EqualFold(id, in.UUID) {
		return nil, wire.InvalidFields(wire.Field{In: wire.InBody, Name: "uuid", Rule: wire.RuleOther, Message: "must be that of the path"})
	}
	return h.replaceGroup(ctx, a, in.UUID, in.Check, in.Body.GroupFields)
}

func (h handlers) replaceGroup(ctx context.Context, a roster.Actor, id string, match graph.Match, f GroupFields) (*groupOut, error) {
	if err := notBlank("name", f.Name); err != nil {
		return nil, err
	}
	return h.editGroup(ctx, a, id, match, func(g *graph.Group) { g.Name, g.Description = f.Name, f.Description.Value })
}

func (h handlers) editGroup(ctx context.Context, a roster.Actor, id string, match graph.Match, edit func(*graph.Group)) (*groupOut, error) {
	found, err := h.find(ctx, a, id, 0)
	if err != nil {
		return nil, err
	}
	g, err := h.graph.Update(ctx, a, graph.Organization, found.ID, match, func(g *graph.Group) error {
		edit(g)
		return nil
	})
	if err != nil {
		return nil, named(err, "Group", id)
	}
	return showGroup(g), nil
}

type deleteGroup struct {
	GroupPath
	wire.IfMatch

	OnReferences string `query:"onReferences" enum:"detach,refuse" default:"detach" doc:"refuse: 422 GROUP_IN_USE while a policy, a budget or an approval rule refers to the group."`
}

func (h handlers) deleteGroup(ctx context.Context, a roster.Actor, in *deleteGroup) (*struct{}, error) {
	g, err := h.find(ctx, a, in.UUID, 0)
	if err != nil {
		return nil, err
	}
	err = h.spend.DeleteGroup(ctx, a, g.ID, in.OnReferences == "refuse", in.Check)
	return nil, named(err, "Group", in.UUID)
}

type groupImpact struct{ GroupPath }

type impactOut struct{ Body impact }

func (h handlers) groupImpact(ctx context.Context, a roster.Actor, in *groupImpact) (*impactOut, error) {
	g, err := h.find(ctx, a, in.UUID, 0)
	if err != nil {
		return nil, err
	}
	i, err := h.spend.Impact(ctx, a.Tenant.ID, g.ID)
	if err != nil {
		return nil, named(err, "Group", in.UUID)
	}
	return &impactOut{renderImpact(i)}, nil
}

// impact is what deleting a group does to what refers to it.
type impact struct {
	Users         int         `json:"users" doc:"How many memberships end."`
	Policies      []reference `json:"policies"`
	Budgets       []affected  `json:"budgets"`
	ApprovalRules []affected  `json:"approvalRules"`
	Roles         []endedRole `json:"roles" doc:"Extension. Roles of users in the group, which end with it."`
	NestedIn      []reference `json:"nestedIn" doc:"Extension. Groups of the directory that the group is nested in; its users leave them."`
	Remaining     []reference `json:"remainingNeverPolicies" doc:"Extension. Active policies with approval NEVER that still apply to some of the users, through other groups."`
}

type reference struct {
	UUID string `json:"uuid" format:"uuid"`
	Name string `json:"name"`
}

type affected struct {
	UUID   string `json:"uuid" format:"uuid"`
	Name   string `json:"name"`
	Effect string `json:"effect" enum:"ARCHIVED,UNLINKED,DEACTIVATED,APPROVER_FALLBACK"`
}

type endedRole struct {
	UserUUID string `json:"userUuid" format:"uuid"`
	Role     string `json:"role"`
}

func renderImpact(i *spend.Impact) impact {
	out := impact{
		Users: i.Users, Policies: references(i.Policies), Budgets: affectedOf(i.Budgets), ApprovalRules: affectedOf(i.Rules),
		Roles: make([]endedRole, len(i.Roles)), NestedIn: references(i.NestedIn), Remaining: references(i.RemainingNever),
	}
	for n, r := range i.Roles {
		out.Roles[n] = endedRole{r.User.String(), r.Role}
	}
	return out
}

func references(refs []spend.Reference) []reference {
	out := make([]reference, len(refs))
	for i, r := range refs {
		out[i] = reference{r.UUID.String(), r.Name}
	}
	return out
}

func affectedOf(refs []spend.Reference) []affected {
	out := make([]affected, len(refs))
	for i, r := range refs {
		out[i] = affected{r.UUID.String(), r.Name, r.Effect}
	}
	return out
}
