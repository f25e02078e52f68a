package directoryapi

import (
	"context"

	"github.com/rosterhq/roster/internal/graph"
	"github.com/rosterhq/roster/internal/graph/index"
	"github.com/rosterhq/roster/internal/roster"
)

// nestedGroups are groups at the other end of direct nestings.
type nestedGroups struct {
	Groups []Group `json:"groups"`
	Count  int     `json:"count"`
}

type nestedOut struct{ Body nestedGroups }

func (h handlers) listChildren(ctx context.Context, a roster.Actor, in *getGroupIn) (*nestedOut, error) {
	return h.nested(ctx, a, in, func(id, asOf int64) graph.Scope { return graph.Scope{AsOf: asOf, Below: []int64{id}} }, (*index.View).Children)
}

func (h handlers) listParents(ctx context.Context, a roster.Actor, in *getGroupIn) (*nestedOut, error) {
	return h.nested(ctx, a, in, func(id, asOf int64) graph.Scope { return graph.Scope{AsOf: asOf, Around: []int64{id}} }, (*index.View).Parents)
}

func (h handlers) nested(ctx context.Context, a roster.Actor, in *getGroupIn, scope func(id, asOf int64) graph.Scope, links func(*index.View, int64) []index.Link) (*nestedOut, error) {
	id, err := parseGroup(in.ID)
	if err != nil {
		return nil, err
	}
	asOf, err := in.micros()
	if err != nil {
		return nil, err
	}
	out, found := &nestedOut{nestedGroups{Groups: []Group{}}}, false
	err = h.graph.Read(ctx, a.Tenant.ID, scope(id, asOf), func(v *index.View) {
		found = v.Group(id) != nil
		for _, l := range links(v, id) {
			out.Body.Groups = append(out.Body.Groups, renderGroup(l.Group, v.Count(l.Group.ID)))
		}
	})
	out.Body.Count = len(out.Body.Groups)
	if err == nil && !found {
		err = noGroup(in.ID)
	}
	return out, err
}
