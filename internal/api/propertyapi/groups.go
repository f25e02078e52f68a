package propertyapi

import (
	"context"

	"github.com/google/uuid"

	"github.com/rosterhq/roster/internal/graph"
	"github.com/rosterhq/roster/internal/lodging"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/wire"
)

// group is a group as the API shows it.
type group struct {
	Titled

	Relationships groupRelationships `json:"relationships"`
}

type groupRelationships struct {
	Properties many `json:"properties"`
}

func renderGroup(g lodging.Group) group {
	out := group{Titled: newTitled(groupType, g.UUID, g.Name)}
	out.Relationships.Properties.Data = make([]Titled, len(g.Properties))
	for i, p := range g.Properties {
		out.Relationships.Properties.Data[i] = newTitled(propertyType, p.UUID, p.Title)
	}
	return out
}

type groupOut struct {
	Location string `header:"Location"`
	ETag     string `header:"ETag"`
	Body     oneGroup
}

type oneGroup struct {
	Data group `json:"data"`
}

func newGroupOut(g lodging.Group, err error) (*groupOut, error) {
	if err != nil {
		return nil, err
	}
	out := &groupOut{ETag: wire.ETag(g.Revision)}
	out.Body.Data = renderGroup(g)
	return out, nil
}

var groupForm = listForm{
	first:   "title",
	filters: map[string]fieldType{"id": idField, "title": textField},
	orders:  []string{"title", "id"},
}

func groupField(g *graph.Group, field string) string {
	if field == "id" {
		return uuid.UUID(g.UUID).String()
	}
	return g.Name
}

// TitledParams document how lists of titled objects are narrowed and ordered.
type TitledParams struct {
	FilterID    string `query:"filter[id]" doc:"Ids, separated by commas."`
	FilterTitle string `query:"filter[title]" doc:"Titles, separated by commas."`
	OrderTitle  string `query:"order[title]" enum:"asc,desc" doc:"asc by default."`
	OrderID     string `query:"order[id]" enum:"asc,desc"`
}

type listGroupsIn struct {
	Paging
	TitledParams
	AsOf
}

type listGroupsOut struct{ Body groupList }

type groupList struct {
	Data []group `json:"data"`
	Meta *meta   `json:"meta,omitempty"`
}

func (h handlers) listGroups(ctx context.Context, a roster.Actor, in *listGroupsIn) (*listGroupsOut, error) {
	l, err := parseList(wire.Query(ctx), groupForm)
	if err != nil {
		return nil, err
	}
	at, err := in.micros()
	if err != nil {
		return nil, err
	}
	out := &listGroupsOut{}
	groups, err := h.lodging.Groups(ctx, a, at, func(all []*graph.Group) (page []*graph.Group) {
		page, out.Body.Meta = pick(&l, all, groupField)
		return page
	})
	if err != nil {
		return nil, err
	}
	out.Body.Data = make([]group, len(groups))
	for i, g := range groups {
		out.Body.Data[i] = renderGroup(g)
	}
	return out, nil
}

func (h handlers) listGroupOptions(ctx context.Context, a roster.Actor, _ *struct{}) (*optionsOut, error) {
	groups, err := h.lodging.Groups(ctx, a, 0, lodging.SortGroups)
	if err != nil {
		return nil, err
	}
	out := &optionsOut{}
	out.Body.Data = make([]Titled, len(groups))
	for i, g := range groups {
		out.Body.Data[i] = newTitled(groupType, g.UUID, g.Name)
	}
	return out, nil
}

// GroupPath is embedded where the path names a group.
type GroupPath struct {
	ID string `path:"id" example:"f5338935-7fe0-40eb-9d7e-4dbf7ecc52c7"`
}

type getGroupIn struct {
	GroupPath
	AsOf
}

func (h handlers) getGroup(ctx context.Context, a roster.Actor, in *getGroupIn) (*groupOut, error) {
	id, err := parseID(in.ID)
	if err != nil {
		return nil, err
	}
	at, err := in.micros()
	if err != nil {
		return nil, err
	}
	return newGroupOut(h.lodging.Group(ctx, a, id, at))
}

type groupBody struct {
	Group groupFields `json:"group"`
}

type groupFields struct {
	Title wire.Opt[string] `json:"title" maxLength:"255" doc:"Any text that is not blank."`
}

type createGroupIn struct{ Body groupBody }

func (h handlers) createGroup(ctx context.Context, a roster.Actor, in *createGroupIn) (*groupOut, error) {
	g, err := h.lodging.CreateGroup(ctx, a, in.Body.Group.Title.Or(""))
	out, err := newGroupOut(g, err)
	if err == nil {
		out.Location = wire.Location(ctx, "/groups/"+out.Body.Data.ID)
	}
	return out, err
}

type updateGroupIn struct {
	GroupPath
	wire.IfMatch

	Body groupBody
}

func (h handlers) updateGroup(ctx context.Context, a roster.Actor, in *updateGroupIn) (*groupOut, error) {
	id, err := parseID(in.ID)
	if err != nil {
		return nil, err
	}
	return newGroupOut(h.lodging.RenameGroup(ctx, a, id, in.Body.Group.Title.Or(""), in.Check))
}

type deleteGroupIn struct {
	GroupPath
	wire.IfMatch
}

func (h handlers) deleteGroup(ctx context.Context, a roster.Actor, in *deleteGroupIn) (*successOut, error) {
	id, err := parseID(in.ID)
	if err != nil {
		return nil, err
	}
	return done(h.lodging.DeleteGroup(ctx, a, id, in.Check))
}

// PairPath is embedded where the path names a group and a property.
type PairPath struct {
	GroupPath

	PropertyID string `path:"property_id" example:"716305c4-561a-4561-a187-7f5b8aeb5920"`
}

// ids reads both ids. A malformed one of the property is nobody's too, but it is
// told only to who may know of the group.
func (p *PairPath) ids() (group, property uuid.UUID, err error) {
	group, err = parseID(p.ID)
	property, _ = readID(p.PropertyID)
	return group, property, err
}

type associateIn struct{ PairPath }

func (h handlers) associate(ctx context.Context, a roster.Actor, in *associateIn) (*successOut, error) {
	group, property, err := in.ids()
	if err != nil {
		return nil, err
	}
	return done(h.lodging.Associate(ctx, a, group, property))
}

type dissociateIn struct {
	PairPath
	wire.IfMatch
}

func (h handlers) dissociate(ctx context.Context, a roster.Actor, in *dissociateIn) (*successOut, error) {
	group, property, err := in.ids()
	if err != nil {
		return nil, err
	}
	return done(h.lodging.Dissociate(ctx, a, group, property, in.Check))
}
