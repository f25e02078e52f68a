package directoryapi

import (
	"context"
	"strings"
	"unicode/utf8"

	"github.com/rosterhq/roster/internal/graph"
	"github.com/rosterhq/roster/internal/graph/index"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/wire"
)

const (
	defaultLimit = 50
	maxLimit     = 200
	groupCursor  = "groups"
)

// Page is embedded in the input of every list.
type Page struct {
	Limit wire.Param[int64] `query:"limit" minimum:"1" doc:"Rows on a page; 50 by default, 200 at most."`
	After string            `query:"after" doc:"The cursor behind which the page begins."`
}

func (p *Page) limit() int { return int(min(p.Limit.Or(defaultLimit), maxLimit)) }

func (p *Page) cursor(kind string) (wire.Cursor, error) {
	if p.After == "" {
		return wire.Cursor{}, nil
	}
	return wire.ParseCursor(kind, "after", p.After)
}

func endOf(kind string, created, id int64) *string {
	s := wire.Cursor{Kind: kind, Created: created, ID: id}.String()
	return &s
}

func searchOf(text string) (string, error) {
	text = strings.TrimSpace(text)
	if utf8.RuneCountInString(text) > 255 {
		return "", wire.InvalidFields(wire.Field{In: wire.InQuery, Name: "search", Rule: wire.RuleMaxLength, Limit: "255", Message: "must have at most 255 characters"})
	}
	return index.Fold(text), nil
}

type listGroupsIn struct {
	Page
	AsOf
	Search string `query:"search" doc:"A part of the group's name, in any case."`
	Kind   string `query:"kind" enum:"directory,business,property,organization,all" default:"directory" doc:"Extension: the API whose groups are listed."`
}

type listGroupsOut struct{ Body groupList }

func (h handlers) listGroups(ctx context.Context, a roster.Actor, in *listGroupsIn) (*listGroupsOut, error) {
	asOf, err := in.micros()
	if err != nil {
		return nil, err
	}
	after, err := in.cursor(groupCursor)
	if err != nil {
		return nil, err
	}
	filter := index.Filter{Kinds: []string{in.Kind}}
	if in.Kind == "all" {
		filter.Kinds = nil
	}
	if filter.Search, err = searchOf(in.Search); err != nil {
		return nil, err
	}
	groups, more, err := h.graph.Groups(ctx, a.Tenant.ID, asOf, filter, index.Cursor{Created: after.Created, ID: after.ID}, in.limit())
	if err != nil {
		return nil, err
	}
	out := groupList{Groups: make([]Group, len(groups)), PageInfo: pageInfo{HasNextPage: more}}
	for i, g := range groups {
		out.Groups[i] = renderGroup(g.Group, g.Members)
		out.PageInfo.EndCursor = endOf(groupCursor, g.Created, g.ID)
	}
	return &listGroupsOut{out}, nil
}

type GroupPath struct {
	ID string `path:"id" example:"grp-123"`
}

type getGroupIn struct {
	GroupPath
	AsOf
}

type groupOut struct {
	Location string `header:"Location"`
	ETag     string `header:"ETag"`
	Body     groupDetail
}

func (h handlers) getGroup(ctx context.Context, a roster.Actor, in *getGroupIn) (*groupOut, error) {
	id, err := parseGroup(in.ID)
	if err != nil {
		return nil, err
	}
	asOf, err := in.micros()
	if err != nil {
		return nil, err
	}
	var out *groupOut
	err = h.graph.Read(ctx, a.Tenant.ID, graph.Scope{AsOf: asOf, Below: []int64{id}}, func(v *index.View) {
		if g := v.Group(id); g != nil {
			out = showGroup(v, g)
		}
	})
	if err == nil && out == nil {
		err = noGroup(in.ID)
	}
	return out, err
}

// showGroup renders a group with the counts of a view.
func showGroup(v *index.View, g *graph.Group) *groupOut {
	return &groupOut{ETag: wire.ETag(g.Revision), Body: groupDetail{
		renderGroup(g, v.Count(g.ID)), clock(g.Updated), v.DirectCount(g.ID), v.ChildCount(g.ID), g.ExternalID,
	}}
}

type createGroupIn struct {
	Body struct {
		Name        string           `json:"name" minLength:"1" maxLength:"255"`
		Description wire.Opt[string] `json:"description,omitzero" maxLength:"1024"`
		GroupType   wire.Opt[string] `json:"group_type,omitzero" enum:"security,distribution" doc:"security unless told."`
		Privileged  wire.Opt[bool]   `json:"is_privileged,omitzero" doc:"false unless told."`
		ExternalID  wire.Opt[string] `json:"external_id,omitzero" maxLength:"255" doc:"Extension: the group's id elsewhere, unique in the tenant."`
	}
}

func (h handlers) createGroup(ctx context.Context, a roster.Actor, in *createGroupIn) (*groupOut, error) {
	b := &in.Body
	if err := sound(text("name", wire.Some(b.Name)), text("group_type", b.GroupType), given{"is_privileged", b.Privileged.Null, false}); err != nil {
		return nil, err
	}
	g := graph.Group{
		Kind: graph.Directory, Type: b.GroupType.Or("security"), Name: b.Name, Privileged: b.Privileged.Or(false),
		Description: b.Description.Or(""), ExternalID: b.ExternalID.Or(""),
	}
	if err := h.graph.Create(ctx, a, &g); err != nil {
		return nil, err
	}
	return &groupOut{
		Location: wire.Location(ctx, "/groups/"+groupID(g.ID)), ETag: wire.ETag(g.Revision),
		Body: groupDetail{Group: renderGroup(&g, 0), UpdatedAt: clock(g.Updated), ExternalID: g.ExternalID},
	}, nil
}

type updateGroupIn struct {
	GroupPath
	wire.IfMatch
	Body struct {
		Name        wire.Opt[string] `json:"name,omitzero" minLength:"1" maxLength:"255"`
		Description wire.Opt[string] `json:"description,omitzero" maxLength:"1024"`
		GroupType   wire.Opt[string] `json:"group_type,omitzero" enum:"security,distribution"`
		Privileged  wire.Opt[bool]   `json:"is_privileged,omitzero"`
	}
}

func (h handlers) updateGroup(ctx context.Context, a roster.Actor, in *updateGroupIn) (*groupOut, error) {
	b := &in.Body
	if err := sound(text("name", b.Name), text("group_type", b.GroupType), given{"is_privileged", b.Privileged.Null, false}); err != nil {
		return nil, err
	}
	id, err := h.ownGroup(a, in.ID)
	if err != nil {
		return nil, err
	}
	g, err := h.graph.Update(ctx, a, graph.Directory, id, in.Check, func(g *graph.Group) error {
		g.Name, g.Type, g.Privileged = b.Name.Or(g.Name), b.GroupType.Or(g.Type), b.Privileged.Or(g.Privileged)
		if b.Description.Set {
			g.Description = b.Description.Value
		}
		return nil
	})
	if err != nil {
		return nil, nameGroup(err, in.ID)
	}
	var out *groupOut
	h.graph.View(a.Tenant.ID, func(v *index.View) { out = showGroup(v, g) })
	return out, nil
}

// ownGroup reads the id of a group that this API may change: one of another kind
// is shown by the directory, and Forbidden to change.
func (h handlers) ownGroup(a roster.Actor, text string) (int64, error) {
	id, err := parseGroup(text)
	if err != nil {
		return 0, err
	}
	kind := graph.Directory
	h.graph.View(a.Tenant.ID, func(v *index.View) {
		if g := v.Group(id); g != nil {
			kind = g.Kind
		}
	})
	if kind != graph.Directory {
		return 0, roster.Errorf(roster.Forbidden, "", "the group belongs to the %s API; change it there", kind)
	}
	return id, nil
}

// nameGroup says which group was not found.
func nameGroup(err error, text string) error {
	if err != nil && roster.AsError(err).Code == graph.CodeNoGroup {
		return noGroup(text)
	}
	return err
}

type deleteGroupIn struct {
	GroupPath
	wire.IfMatch
}

func (h handlers) deleteGroup(ctx context.Context, a roster.Actor, in *deleteGroupIn) (*struct{}, error) {
	id, err := h.ownGroup(a, in.ID)
	if err != nil {
		return nil, err
	}
	return nil, nameGroup(h.graph.Delete(ctx, a, graph.Directory, id, in.Check), in.ID)
}
