package identity

import (
	"encoding/json"
	"fmt"

	"github.com/rosterhq/roster/internal/store"
)

// SettingValues are what the tenant and its branches say of some settings, read at
// once. They are shared: nobody changes them.
type SettingValues map[string]map[int64]json.RawMessage // by setting, then branch; 0 is the tenant

var branchSettingsOfNames = store.Q("branch_setting.of_names", `SELECT name, branch_id, value FROM branch_settings WHERE tenant = $1 AND name IN ($2)`).In()

// ReadSettings reads what is said of settings, by their names.
func ReadSettings(tx *store.Tx, names ...string) (SettingValues, error) {
	values := SettingValues{}
	for _, name := range names {
		values[name] = map[int64]json.RawMessage{}
	}
	err := store.EachOf(tx, branchSettingsOfNames, names, func(s store.Scanner) error {
		var name, text string
		var branch int64
		err := s.Scan(&name, &branch, &text)
		values[name][branch] = json.RawMessage(text)
		return err
	})
	return values, err
}

// At returns the setting's value at a branch of the tree, from values that were read
// of it; branch 0 is the tenant's own.
func (s BranchSetting[T]) At(values SettingValues, t *Tree, branch int64) (value T, err error) {
	said, ok := values[s.Name]
	if !ok {
		return value, fmt.Errorf("identity: the values of %s were not read", s.Name)
	}
	return s.nearest(said, t, branch)
}

// nearest is the value that the branch says, or the nearest one above it that says
// any, or the tenant; else the default.
func (s BranchSetting[T]) nearest(said map[int64]json.RawMessage, t *Tree, branch int64) (value T, err error) {
	if len(said) == 0 {
		return s.Default, nil
	}
	for _, id := range append(t.Chain(branch), 0) {
		if text, ok := said[id]; ok {
			return value, json.Unmarshal(text, &value)
		}
	}
	return s.Default, nil
}
