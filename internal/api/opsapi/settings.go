package opsapi

import (
	"context"
	"encoding/json"
	"slices"

	"github.com/rosterhq/roster/internal/api/view"
	"github.com/rosterhq/roster/internal/identity"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/wire"
	"github.com/rosterhq/roster/internal/wire/mobilitywire"
)

type assignmentExists struct {
	Permission string            `query:"permission" doc:"Such as USER_READ; one of permission and role is needed."`
	Role       string            `query:"role" doc:"Such as CUSTOMER_SUPPORT."`
	BranchID   wire.Param[int64] `query:"branchId" minimum:"1" doc:"Anywhere by default."`
}

type existsOut struct {
	Body struct {
		Exists bool `json:"exists"`
	}
}

func (h handlers) assignmentExists(ctx context.Context, a roster.Actor, in *assignmentExists) (*existsOut, error) {
	if in.Permission == "" && in.Role == "" {
		return nil, wire.InvalidFields(wire.Field{
			In: wire.InQuery, Name: "permission", Rule: wire.RuleRequired, Message: "must be given, or role",
		})
	}
	holds, err := h.identity.Holds(ctx, a, identity.HoldsQuery{Permission: in.Permission, Role: in.Role, BranchID: view.Number(in.BranchID)})
	out := &existsOut{}
	out.Body.Exists = holds
	return out, err
}

// setting is a setting as it counts at a branch, or for the tenant.
type setting struct {
	Key                   string         `json:"key"`
	Value                 any            `json:"value,omitempty" doc:"Absent of a SECRET, which is never shown."`
	Set                   *bool          `json:"set,omitempty" doc:"Of a SECRET: whether there is one. Setting it to empty text removes it."`
	Scope                 identity.Scope `json:"scope" enum:"DASHBOARD,SHARED,BACKEND"`
	BranchID              int64          `json:"branchId,omitempty"`
	InheritedFromBranchID int64          `json:"inheritedFromBranchId,omitempty" doc:"The branch above that says it; absent where the branch itself does, the tenant, or nobody."`
	Type                  string         `json:"type,omitempty" enum:"BOOLEAN,INTEGER,STRING,ENUM,SECRET"`
	Values                []string       `json:"values,omitempty" doc:"Of an ENUM."`
	Default               any            `json:"default,omitempty"`
}

// renderValue shows a setting in few words.
func renderValue(v *identity.SettingView) setting {
	out := setting{Key: v.Name, Scope: v.Scope, BranchID: v.BranchID, Set: v.Set}
	if v.Set == nil {
		out.Value = v.Value
	}
	return out
}

// renderSetting shows the whole of a setting.
func renderSetting(v *identity.SettingView) setting {
	out := renderValue(v)
	out.InheritedFromBranchID, out.Type, out.Values = v.From, v.Type(), v.Values
	if v.Set == nil {
		out.Default = v.Default
	}
	return out
}

type getSettings struct {
	Key      []string          `query:"key,explode" required:"true" minItems:"1" doc:"Repeatable. What is unknown, or another program's, is left out."`
	BranchID wire.Param[int64] `query:"branchId" minimum:"1" doc:"Where the settings are to count; by default the tenant's values: those of the only root, or those above all roots."`
}

type settingsOut struct{ Body []setting }

func (h handlers) getSettings(ctx context.Context, a roster.Actor, in *getSettings) (*settingsOut, error) {
	all, err := h.identity.Settings(ctx, a, view.Number(in.BranchID), in.Key)
	return &settingsOut{view.Each(all, renderValue)}, err
}

type listSettings struct {
	mobilitywire.Paging

	Scope      string            `query:"scope" enum:"DASHBOARD,SHARED,BACKEND"`
	SearchText string            `query:"searchText" doc:"A part of the key."`
	BranchID   wire.Param[int64] `query:"branchId" minimum:"1"`
}

func (h handlers) listSettings(ctx context.Context, a roster.Actor, in *listSettings) (*mobilitywire.List[setting], error) {
	page, err := in.PageBy("key")
	if err != nil {
		return nil, err
	}
	all, err := h.identity.AllSettings(ctx, a, identity.SettingFilter{
		Scope: identity.Scope(in.Scope), Search: in.SearchText, BranchID: view.Number(in.BranchID),
	})
	if page.Sort[0].Desc {
		slices.Reverse(all)
	}
	from := min(page.Offset, len(all))
	return view.PageOf(page, all[from:min(from+page.Limit, len(all))], len(all), renderSetting), err
}

// SettingPath is the path of a setting.
type SettingPath struct {
	Key string `path:"key" maxLength:"128"`
}

type settingOut struct{ Body setting }

func showSetting(v *identity.SettingView, err error) (*settingOut, error) {
	if err != nil {
		return nil, err
	}
	return &settingOut{renderSetting(v)}, nil
}

type getSetting struct {
	SettingPath

	BranchID wire.Param[int64] `query:"branchId" minimum:"1" doc:"By default the tenant's value."`
}

func (h handlers) getSetting(ctx context.Context, a roster.Actor, in *getSetting) (*settingOut, error) {
	return showSetting(h.identity.GetSetting(ctx, a, in.Key, view.Number(in.BranchID)))
}

type putSetting struct {
	SettingPath

	BranchID wire.Param[int64] `query:"branchId" minimum:"1" doc:"By default the tenant, which is the only root, or stands above all roots and needs the permission at each."`
	Body     struct {
		Value any `json:"value"`
	}
}

func (h handlers) putSetting(ctx context.Context, a roster.Actor, in *putSetting) (*settingOut, error) {
	value, err := json.Marshal(in.Body.Value)
	if err != nil {
		return nil, err
	}
	return showSetting(h.identity.PutSettingAt(ctx, a, in.Key, view.Number(in.BranchID), value))
}

type deleteSetting struct {
	SettingPath

	BranchID int64 `query:"branchId" required:"true" minimum:"1"`
}

func (h handlers) deleteSetting(ctx context.Context, a roster.Actor, in *deleteSetting) (*struct{}, error) {
	return nil, h.identity.DropSettingAt(ctx, a, in.Key, in.BranchID)
}
