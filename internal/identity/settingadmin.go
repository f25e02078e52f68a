package identity

import (
	"context"
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"github.com/rosterhq/roster/internal/graph"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/store"
)

// Permissions of operators on settings.
const (
	readSettings  = "SETTING_READ"
	writeSettings = "SETTING_WRITE"
)

// Types of settings.
const (
	BooleanSetting = "BOOLEAN"
	IntegerSetting = "INTEGER"
	TextSetting    = "STRING"
	ChoiceSetting  = "ENUM"
	SecretType     = "SECRET"
)

// Type is what values of the setting are.
func (d *Definition) Type() string {
	if d.secret {
		return SecretType
	}
	switch d.Default.(type) {
	case bool:
		return BooleanSetting
	case int64:
		return IntegerSetting
	}
	if d.Values != nil {
		return ChoiceSetting
	}
	return TextSetting
}

// SettingView is a setting as it counts at a branch, or for the tenant (0).
type SettingView struct {
	*Definition
	BranchID int64
	Value    json.RawMessage // nil of a secret
	// From is the branch above that says it; 0 where the branch itself does, the tenant,
	// or nobody.
	From int64
	// Set is whether there is a secret; nil of what is none.
	Set *bool
}

// view is the setting at a branch, of what is said of it. The only root is the tenant.
func (d *Definition) view(said map[int64]json.RawMessage, t *Tree, branch int64) *SettingView {
	v := &SettingView{Definition: d, BranchID: branch}
	if branch == 0 {
		branch = t.onlyRoot()
	}
	for _, id := range append(t.Chain(branch), 0) {
		if text, ok := said[id]; ok {
			v.Value = text
			if id == 0 {
				id = t.onlyRoot()
			}
			if id != branch {
				v.From = id
			}
			return v
		}
	}
	v.Value = json.RawMessage(mustJSON(d.Default))
	return v
}

// sayAt is where a value at a branch is to be said. The only root and the tenant (0) are
// one place (contract/decisions.md, 14): the root where it has said something, as a file
// of roster apply may have it do, and the tenant else.
func sayAt(said map[int64]json.RawMessage, t *Tree, branch int64) int64 {
	root := t.onlyRoot()
	if branch != 0 && branch != root {
		return branch
	}
	if _, ok := said[root]; ok {
		return root
	}
	return 0
}

// viewsAt reads settings as they count at a branch.
func viewsAt(tx *store.Tx, t *Tree, branch int64, names []string) ([]*SettingView, error) {
	values, err := ReadSettings(tx, names...)
	if err != nil {
		return nil, err
	}
	set, err := secretsSet(tx)
	views := make([]*SettingView, len(names))
	for i, name := range names {
		views[i] = Definitions[name].view(values[name], t, branch)
		if is := set[name]; views[i].secret {
			views[i].Value, views[i].Set = nil, &is
		}
	}
	return views, err
}

// Settings reads those of the settings that programs may see, DASHBOARD and SHARED, as
// they count at a branch, each once: what is unknown or another program's is left out.
// Branch 0 is the tenant, whose values all branches inherit. NotFound with
// CodeNoBranch, Forbidden with CodeBranchOfOther.
func (i *Identity) Settings(ctx context.Context, a roster.Actor, branch int64, names []string) (views []*SettingView, err error) {
	var known []string
	for _, name := range names {
		if d := Definitions[name]; d != nil && d.Scope != BackendScope && !slices.Contains(known, name) {
			known = append(known, name)
		}
	}
	err = i.ReadAs(ctx, a, func(tx *store.Tx, p *Powers) error {
		if err := p.needSetting(readSettings, branch); err != nil {
			return err
		}
		views, err = viewsAt(tx, p.tree, branch, known)
		return err
	})
	return views, err
}

// needSetting refuses to read settings of a branch on which a permission does not
// hold; what the tenant says shows to everybody who holds it somewhere.
func (p *Powers) needSetting(permission string, branch int64) error {
	if branch == 0 {
		return p.Need(permission)
	}
	return p.NeedAt(permission, branch)
}

// SettingFilter narrows a list of settings; a zero field does not.
type SettingFilter struct {
	Scope    Scope
	Search   string // a part of the name
	BranchID int64
}

// AllSettings lists the settings, by name, as they count at a branch, for who may
// change settings. Errors as of Settings.
func (i *Identity) AllSettings(ctx context.Context, a roster.Actor, f SettingFilter) (views []*SettingView, err error) {
	var names []string
	for _, name := range slices.Sorted(maps.Keys(Definitions)) {
		if (f.Scope == "" || Definitions[name].Scope == f.Scope) && strings.Contains(graph.Key(name), graph.Key(f.Search)) {
			names = append(names, name)
		}
	}
	err = i.ReadAs(ctx, a, func(tx *store.Tx, p *Powers) error {
		if err := p.needSetting(writeSettings, f.BranchID); err != nil {
			return err
		}
		views, err = viewsAt(tx, p.tree, f.BranchID, names)
		return err
	})
	return views, err
}

func findSetting(name string) (*Definition, error) {
	if d := Definitions[name]; d != nil {
		return d, nil
	}
	return nil, roster.Errorf(roster.NotFound, CodeNoSetting, "there is no setting %q", name)
}

// GetSetting reads a setting as it counts at a branch, for who may change settings.
// NotFound with CodeNoSetting; else as Settings.
func (i *Identity) GetSetting(ctx context.Context, a roster.Actor, name string, branch int64) (v *SettingView, err error) {
	if _, err := findSetting(name); err != nil {
		return nil, err
	}
	err = i.ReadAs(ctx, a, func(tx *store.Tx, p *Powers) error {
		if err := p.needSetting(writeSettings, branch); err != nil {
			return err
		}
		views, err := viewsAt(tx, p.tree, branch, []string{name})
		if err == nil {
			v = views[0]
		}
		return err
	})
	return v, err
}

// PutSettingAt says a setting's value at a branch, or for the tenant (0), for who may
// on the branch, or at every root; the only root is the tenant. As GetSetting; Invalid
// with CodeBadSetting.
func (i *Identity) PutSettingAt(ctx context.Context, a roster.Actor, name string, branch int64, value json.RawMessage) (v *SettingView, err error) {
	if _, err := findSetting(name); err != nil {
		return nil, err
	}
	err = i.WriteAs(ctx, a, func(tx *store.Tx, p *Powers) error {
		if err := p.NeedAt(writeSettings, branch); err != nil {
			return err
		}
		tx.Housekeeping() // it may be said already
		said, err := settingValues(tx, name)
		if err != nil {
			return err
		}
		if _, err := i.PutBranchSetting(tx, name, sayAt(said, p.tree, branch), value); err != nil {
			return err
		}
		views, err := viewsAt(tx, p.tree, branch, []string{name})
		if err == nil {
			v = views[0]
		}
		return err
	})
	return v, err
}

var branchSettingDelete = store.Q("branch_setting.delete", `DELETE FROM branch_settings WHERE tenant = $1 AND name = $2 AND branch_id = $3`)

// DropSettingAt has a branch say nothing of a setting, which then counts as above it.
// Where it says nothing, nothing changes; the only root is the tenant. Errors as of
// PutSettingAt.
func (i *Identity) DropSettingAt(ctx context.Context, a roster.Actor, name string, branch int64) error {
	d, err := findSetting(name)
	if err != nil {
		return err
	}
	return i.WriteAs(ctx, a, func(tx *store.Tx, p *Powers) error {
		if err := p.NeedAt(writeSettings, branch); err != nil {
			return err
		}
		tx.Housekeeping()
		said, err := settingValues(tx, name)
		branch = sayAt(said, p.tree, branch)
		if d.secret && branch == 0 && err == nil {
			_, err = i.PutBranchSetting(tx, name, branch, json.RawMessage(`""`))
		}
		if err != nil || said[branch] == nil {
			return err
		}
		if _, err := tx.Exec(branchSettingDelete, name, branch); err != nil {
			return err
		}
		tx.Record(roster.Change{
			Operation: "setting.delete", SubjectType: "branch_setting", ObjectID: branch, Before: map[string]any{"name": name, "value": said[branch]},
		})
		return nil
	})
}
