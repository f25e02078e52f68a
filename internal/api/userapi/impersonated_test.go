package userapi_test

import (
	"testing"

	"github.com/rosterhq/roster/internal/identity"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/store"
)

// What a client does for a customer stands in the log as the client's, with for whom.
func TestImpersonationIsLogged(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		c, key, err := h.Identity.CreateClient(t.Context(), h.CLI, roster.UserAPI, identity.RoleAPIClient, identity.NewSecret())
		if err != nil {
			t.Fatal(err)
		}
		tokens, err := h.Identity.SignInClient(t.Context(), identity.From{Tenant: "acme"}, c.ID, key, roster.UserAPI)
		if err != nil {
			t.Fatal(err)
		}
		ida := h.Person("ida")
		var after int64
		h.Write(func(tx *store.Tx) error {
			after = tx.Revision
			_, err := identity.UpdateCustomer(tx, ida, nil, func(u *identity.Customer) error {
				u.MadeByClient = c.ID
				return nil
			})
			return err
		})
		uuid := h.ida.Get("/me").Want(200).Text("uuid")
		h.nobody.As(tokens.Access).Set("GoUrban-Impersonate", uuid).Patch("/me", map[string]any{"firstName": "Adele"}).Want(200)
		err = h.DB.Read(t.Context(), h.CLI.Tenant.ID, func(tx *store.Tx) error {
			changes, err := tx.Feed(store.FeedCursor{Revision: after, Seq: 1 << 20}, 100)
			if len(changes) == 0 {
				t.Error("nothing is logged")
			}
			for _, l := range changes {
				if l.Actor != "client:"+c.ID || l.Impersonated != ida || l.PersonID != 0 {
					t.Errorf("%s is logged as done by %s, person %d, for %d", l.Operation, l.Actor, l.PersonID, l.Impersonated)
				}
			}
			return err
		})
		if err != nil {
			t.Error(err)
		}
	})
}
