package userapi_test

import (
	"testing"

	"github.com/rosterhq/roster/internal/api/apitest"
)

// Each look at payment sources is in the log, a rider's at their own and a manager's at
// the group's.
func TestSourcesReadAreLogged(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		walk := apitest.NewWalk(t, h.DB, h.server, h.CLI.Tenant, base)
		for path, who := range map[string]string{"/me/payment-sources": "ida", h.managed("/payment-sources"): "adam"} {
			logged := walk.Make("GET", path, h.tokens[who], "")
			if len(logged) != 1 || logged[0].Operation != "payment_source.read" || logged[0].PersonID != h.Person(who) {
				t.Errorf("%s: %+v", path, logged)
			}
		}
	})
}
