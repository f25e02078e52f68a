package identity

import (
	"context"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/seal"
	"github.com/rosterhq/roster/internal/store"
)

// SecretSetting is a setting of the whole tenant that the server alone reads, such as
// the key of a provider. It is sealed where it lies; answers say whether there is one,
// and the log has its name.
type SecretSetting struct {
	Name string
}

// maxSecret bounds a secret, in bytes.
const maxSecret = 1024

func secretSetting(name string) SecretSetting {
	Definitions[name] = &Definition{Name: name, Scope: BackendScope, Default: "", secret: true, whole: true, Check: func(value json.RawMessage) error {
		if _, ok := plainSecret(value); !ok {
			return errSetting(name, "must be text of at most 1024 characters of ASCII without spaces; empty text removes it")
		}
		return nil
	}}
	return SecretSetting{name}
}

// plainSecret reads a secret from its JSON.
func plainSecret(value json.RawMessage) (text string, ok bool) {
	if err := json.Unmarshal(value, &text); err != nil || string(value) == "null" || len(text) > maxSecret {
		return "", false
	}
	for _, c := range []byte(text) {
		if c <= ' ' || c > '~' { // a line's end that came along would break a header
			return "", false
		}
	}
	return text, true
}

// The secrets of providers.
var (
	OnfidoToken         = secretSetting("verification.onfido.apiToken")
	OnfidoWebhookToken  = secretSetting("verification.onfido.webhookToken")
	VeriffKey           = secretSetting("verification.veriff.apiKey")
	VeriffSecret        = secretSetting("verification.veriff.sharedSecret")
	CRIFPassword        = secretSetting("rating.crif.password")
	StripeKey           = secretSetting("payment.stripe.secretKey")
	StripeWebhookSecret = secretSetting("payment.stripe.webhookSecret")
)

var (
	secretGet    = store.Q("secret_setting.get", `SELECT sealed FROM secret_settings WHERE tenant = $1 AND name = $2`)
	secretNames  = store.Q("secret_setting.names", `SELECT name FROM secret_settings WHERE tenant = $1`).Whole("there are few, and all of them are known")
	secretDelete = store.Q("secret_setting.delete", `DELETE FROM secret_settings WHERE tenant = $1 AND name = $2`)
	secretPut    = store.Q("secret_setting.put", `INSERT INTO secret_settings (tenant, name, sealed, revision) VALUES ($1, $2, $3, $4)
		ON CONFLICT (tenant, name) DO UPDATE SET sealed = excluded.sealed, revision = excluded.revision`)
)

func secretContext(tenant roster.TenantID, name string) seal.Context {
	return seal.Context{Tenant: tenant, Purpose: "setting." + name}
}

// Secret reads a secret setting; "" where there is none.
func (i *Identity) Secret(tx *store.Tx, name string) (string, error) {
	plain, _, err := i.secret(tx, name)
	return plain, err
}

// SecretOf is Secret from outside of a transaction.
func (i *Identity) SecretOf(ctx context.Context, tenant roster.Tenant, name string) (plain string, err error) {
	err = i.db.Read(ctx, tenant.ID, func(tx *store.Tx) error {
		plain, err = i.Secret(tx, name)
		return err
	})
	return plain, err
}

// SettingOf reads a setting that is text, a secret or not, as it is for the whole
// tenant; "" where it is not set.
func (i *Identity) SettingOf(ctx context.Context, tenant roster.Tenant, name string) (text string, err error) {
	d := Definitions[name]
	if d == nil {
		return "", fmt.Errorf("identity: there is no setting %q", name)
	}
	if d.secret {
		return i.SecretOf(ctx, tenant, name)
	}
	err = i.db.Read(ctx, tenant.ID, func(tx *store.Tx) error {
		said, err := settingValues(tx, name)
		if value, ok := said[0]; ok && err == nil {
			err = json.Unmarshal(value, &text)
		}
		return err
	})
	return text, err
}

// TenantNamed returns the tenant with a name. NotFound.
func (i *Identity) TenantNamed(ctx context.Context, name string) (roster.Tenant, error) {
	return i.db.Tenant(ctx, name)
}

// secret reads a secret, and whether it is better sealed again.
func (i *Identity) secret(tx *store.Tx, name string) (plain string, stale bool, err error) {
	var sealed []byte
	err = tx.Row(secretGet, name).Scan(&sealed)
	if errors.Is(err, store.ErrNoRows) {
		return "", false, nil
	}
	if err != nil {
		return "", false, err
	}
	if i.key == nil {
		return "", false, errNoKey
	}
	text, err := i.key.Open(sealed, secretContext(tx.Tenant(), name))
	return string(text), i.key.Stale(sealed), err
}

// PutBranchSetting is PutBranchSetting of the package for settings of every type:
// secrets are sealed, and are the tenant's alone.
func (i *Identity) PutBranchSetting(tx *store.Tx, name string, branch int64, value json.RawMessage) (changed bool, err error) {
	d := Definitions[name]
	if d == nil || !d.secret {
		return PutBranchSetting(tx, name, branch, value)
	}
	if err := d.checkPlace(branch); err != nil {
		return false, err
	}
	if err := d.Check(value); err != nil {
		return false, err
	}
	if i.key == nil {
		return false, errNoKey
	}
	after, _ := plainSecret(value)
	before, stale, err := i.secret(tx, name)
	if err != nil {
		// It was sealed by a key that is lost, so that it is no use but to be replaced.
		before, stale = "", true
	}
	if !stale && subtle.ConstantTimeCompare([]byte(before), []byte(after)) == 1 {
		return false, nil
	}
	if after == "" {
		_, err = tx.Exec(secretDelete, name)
	} else {
		_, err = tx.Exec(secretPut, name, i.key.Seal([]byte(after), secretContext(tx.Tenant(), name)), tx.Revision)
	}
	if err != nil {
		return false, err
	}
	tx.Record(roster.Change{
		Operation: "setting.put", SubjectType: "branch_setting",
		Before: map[string]any{"name": name, "set": before != ""}, After: map[string]any{"name": name, "set": after != ""},
	})
	return true, nil
}

// secretsSet says which secrets there are.
func secretsSet(tx *store.Tx) (map[string]bool, error) {
	set := map[string]bool{}
	return set, tx.Each(secretNames, func(s store.Scanner) error {
		name, err := scanOne[string](s)
		set[name] = true
		return err
	})
}
