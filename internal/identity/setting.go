package identity

import (
	"errors"

	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/store"
)

var (
	settingGet = store.Q("setting.get", `SELECT value FROM settings WHERE tenant = $1 AND name = $2`)
	settingPut = store.Q("setting.put", `INSERT INTO settings (tenant, name, value) VALUES ($1, $2, $3)
		ON CONFLICT (tenant, name) DO UPDATE SET value = excluded.value`)
)

// Setting reads a setting of the tenant; "" where there is none.
func Setting(tx *store.Tx, name string) (value string, err error) {
	err = tx.Row(settingGet, name).Scan(&value)
	if errors.Is(err, store.ErrNoRows) {
		return "", nil
	}
	return value, err
}

// PutSetting sets a setting of the tenant. The log names it and keeps its value
// out: it may be a secret.
func PutSetting(tx *store.Tx, name, value string) error {
	if _, err := tx.Exec(settingPut, name, value); err != nil {
		return err
	}
	tx.Record(roster.Change{Operation: "setting.put", SubjectType: "setting", After: map[string]any{"name": name}})
	return nil
}
