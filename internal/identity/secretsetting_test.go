package identity

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/seal"
	"github.com/rosterhq/roster/internal/store"
	"github.com/rosterhq/roster/internal/store/storetest"
)

func newKey(t *testing.T, secret []byte, older ...[]byte) *seal.Key {
	t.Helper()
	key, err := seal.New(secret, older...)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// A secret lies sealed, is no other tenant's, is nowhere in the log, and moves to another
// key when it is set again.
func TestSecretsAreSealed(t *testing.T) {
	storetest.Each(t, func(t *testing.T, database string) {
		db := storetest.Open(t, database, store.Options{})
		first, second := seal.Random(), seal.Random()
		a, b := storetest.Tenant(t, db, "acme"), storetest.Tenant(t, db, "rival")
		const name, secret = "payment.stripe.secretKey", "sk_test_canary"
		put := func(i *Identity, value string) (changed bool, err error) {
			err = db.Write(t.Context(), a, func(tx *store.Tx) error {
				tx.Housekeeping()
				changed, err = i.PutBranchSetting(tx, name, 0, json.RawMessage(mustJSON(value)))
				return err
			})
			return changed, err
		}
		i := New(db, WithKey(newKey(t, first)))
		for n, want := range []bool{true, false} {
			if changed, err := put(i, secret); changed != want || err != nil {
				t.Errorf("put %d: %v, %v", n, changed, err)
			}
		}
		if text, err := i.SecretOf(t.Context(), b.Tenant, name); text != "" || err != nil {
			t.Errorf("the other tenant reads %q, %v", text, err)
		}
		for table, column := range map[string]string{"secret_settings": "sealed", "changes": `coalesce("after", '') || coalesce("before", '')`} {
			rows, err := storetest.Raw(t, database).QueryContext(t.Context(), "SELECT "+column+" FROM "+table) //nolint:gosec // both are the test's
			if err != nil {
				t.Fatal(err)
			}
			for rows.Next() {
				var text []byte
				if err := rows.Scan(&text); err != nil {
					t.Fatal(err)
				}
				if strings.Contains(string(text), "canary") {
					t.Errorf("%s holds %q", table, text)
				}
			}
			if err := rows.Err(); err != nil {
				t.Fatal(err)
			}
			_ = rows.Close()
		}
		// A new key opens what the old one sealed, and setting it again seals it anew.
		i = New(db, WithKey(newKey(t, second, first)))
		if changed, err := put(i, secret); !changed || err != nil {
			t.Errorf("sealed again: %v, %v", changed, err)
		}
		i = New(db, WithKey(newKey(t, second)))
		if text, err := i.SecretOf(t.Context(), a.Tenant, name); text != secret || err != nil {
			t.Errorf("the new key reads %q, %v", text, err)
		}
		// A secret whose key is lost does not open, and can be replaced.
		i = New(db, WithKey(newKey(t, seal.Random())))
		if text, err := i.SecretOf(t.Context(), a.Tenant, name); err == nil {
			t.Errorf("a strange key reads %q", text)
		}
		if changed, err := put(i, "another"); !changed || err != nil {
			t.Errorf("replaced: %v, %v", changed, err)
		}
		if _, err := put(New(db), secret); err == nil {
			t.Error("a secret is kept without a key")
		}
	})
}

// An event counts once for each provider and tenant, until it is forgotten.
func TestSeenEvent(t *testing.T) {
	storetest.Each(t, func(t *testing.T, database string) {
		now := time.Date(2026, 3, 2, 10, 0, 0, 0, time.UTC)
		db := storetest.Open(t, database, store.Options{Clock: func() time.Time { return now }})
		acme, rival := storetest.Tenant(t, db, "acme"), storetest.Tenant(t, db, "rival")
		see := func(a roster.Actor, provider, id string, want bool) {
			t.Helper()
			err := db.Write(t.Context(), a, func(tx *store.Tx) error {
				if first, err := SeenEvent(tx, provider, id); first != want || err != nil {
					t.Errorf("%s of %s is new: %v, %v", id, provider, first, err)
				}
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		see(acme, "stripe", "evt_1", true)
		see(acme, "stripe", "evt_1", false)
		see(acme, "veriff", "evt_1", true)
		see(rival, "stripe", "evt_1", true)
		for _, forgotten := range []bool{false, true} {
			now = now.Add(keepEvents/2 + time.Second)
			err := db.Write(t.Context(), acme, func(tx *store.Tx) error {
				tx.Housekeeping()
				_, err := tx.Exec(eventPurge, tx.Now-keepEvents.Microseconds())
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
			see(acme, "stripe", "evt_1", forgotten)
		}
		see(rival, "stripe", "evt_1", false)
	})
}
