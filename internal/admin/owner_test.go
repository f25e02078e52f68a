package admin_test

import (
	"testing"

	"github.com/rosterhq/roster/internal/admin"
	"github.com/rosterhq/roster/internal/identity"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/store"
	"github.com/rosterhq/roster/internal/store/storetest"
)

// A token of the user or operations API is a customer's or an operator's, who is made
// where there is none.
func TestTokensOfMobility(t *testing.T) {
	server := newServer(t, storetest.SQLite(t))
	a := storetest.Tenant(t, server.DB, "acme")
	c, end := admin.InProcess(server)
	defer end()
	create := func(api roster.API, role, email string) (admin.Token, error) {
		return c.CreateToken(t.Context(), "acme", admin.NewToken{API: api, Role: role, Email: email, Person: "Rita", Seconds: 60})
	}
	if _, err := create(roster.UserAPI, identity.RoleUser, "rita@example.org"); !roster.IsKind(err, roster.Invalid) {
		t.Errorf("without a branch: %v", err)
	}
	err := server.DB.Write(t.Context(), a, func(tx *store.Tx) error {
		_, err := identity.PutBranch(tx, &identity.Branch{Name: "Home", Code: "HOME"})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	seen := map[int64]int{}
	for _, in := range []struct {
		api         roster.API
		role, email string
	}{
		{roster.UserAPI, identity.RoleUser, "rita@example.org"},
		{roster.UserAPI, identity.RoleUser, "Rita@example.org"},
		{roster.OperationsAPI, identity.RoleOperator, "rita@example.org"},
		{roster.OperationsAPI, identity.RoleOperator, "rita@example.org"},
	} {
		made, err := create(in.api, in.role, in.email)
		if err != nil {
			t.Fatal(err)
		}
		actor, err := server.Identity.Authenticate(t.Context(), made.Text)
		if err != nil || actor.API != in.api || actor.Role != in.role || actor.PersonID == 0 {
			t.Errorf("%+v: %+v, %v", in, actor, err)
		}
		seen[actor.PersonID]++
	}
	if len(seen) != 1 {
		t.Errorf("%d persons were made", len(seen))
	}
	for name, in := range map[string]admin.NewToken{
		"nobody's":    {API: roster.UserAPI, Role: identity.RoleUser},
		"another's":   {API: roster.UserAPI, Role: identity.RoleOperator, Email: "rita@example.org"},
		"a program's": {API: roster.OperationsAPI, Role: identity.RoleAPIClient, Email: "rita@example.org"},
		"no address":  {API: roster.OperationsAPI, Role: identity.RoleOperator, Email: "rita"},
	} {
		if made, err := c.CreateToken(t.Context(), "acme", in); !roster.IsKind(err, roster.Invalid) {
			t.Errorf("%s: %+v, %v", name, made, err)
		}
	}
}
