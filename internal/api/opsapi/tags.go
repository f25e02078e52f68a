package opsapi

import (
	"context"
	"encoding/json"

	"github.com/danielgtaylor/huma/v2"

	"github.com/rosterhq/roster/internal/api/view"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/wire"
)

// tagsIn is a list of tags, bare or as {"tags": […]}.
type tagsIn struct{ list []string }

// UnmarshalJSON implements json.Unmarshaler.
func (t *tagsIn) UnmarshalJSON(text []byte) error {
	if json.Unmarshal(text, &t.list) == nil && t.list != nil {
		return nil
	}
	var named struct {
		Tags []string `json:"tags"`
	}
	if json.Unmarshal(text, &named) != nil || named.Tags == nil {
		return wire.Misfit(wire.RuleType, "array")
	}
	t.list = named.Tags
	return nil
}

// Schema implements huma.SchemaProvider.
func (tagsIn) Schema(huma.Registry) *huma.Schema {
	list := &huma.Schema{Type: huma.TypeArray, Items: &huma.Schema{Type: huma.TypeString}}
	named := &huma.Schema{Type: huma.TypeObject, Required: []string{"tags"}, Properties: map[string]*huma.Schema{"tags": list}}
	return wire.SelfChecked(&huma.Schema{OneOf: []*huma.Schema{named, list}})
}

// tagsOut are the tags of something.
type tagsOut struct {
	ETag string `header:"ETag"`
	Body struct {
		Tags []string `json:"tags"`
	}
}

func showTags(revision int64, tags []string) *tagsOut {
	out := &tagsOut{ETag: wire.ETag(revision)}
	out.Body.Tags = view.List(tags)
	return out
}

type putGroupTags struct {
	IDPath
	wire.IfMatch

	BranchID wire.Param[int64] `query:"branchId" minimum:"1" doc:"A branch on which the caller may, too."`
	Body     tagsIn
}

func (h handlers) putGroupTags(ctx context.Context, a roster.Actor, in *putGroupTags) (*tagsOut, error) {
	acc, err := h.office.SetTags(ctx, a, in.ID, view.Number(in.BranchID), in.Check, in.Body.list)
	if err != nil {
		return nil, err
	}
	return showTags(acc.Revision, acc.Tags), nil
}
