package opsapi_test

import (
	"context"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/rosterhq/roster/internal/api/apitest"
	"github.com/rosterhq/roster/internal/api/opsapi"
	"github.com/rosterhq/roster/internal/business"
	"github.com/rosterhq/roster/internal/care"
	"github.com/rosterhq/roster/internal/graph"
	"github.com/rosterhq/roster/internal/identity"
	"github.com/rosterhq/roster/internal/pgtest"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/store"
	"github.com/rosterhq/roster/internal/store/storetest"
	"github.com/rosterhq/roster/internal/wire"
	"github.com/rosterhq/roster/internal/wire/wiretest"
)

func TestMain(m *testing.M) { os.Exit(pgtest.Main(m)) }

const base = "/v1/acme/ops-api"

type object = map[string]any

// house is the operator acme, beside the operator rival: its branches VIE and GRZ lie
// below AT. Of acme's customers olga owns the group Acme of VIE, adam administrates it,
// mia and max are members; rex owns the group Rex of GRZ; the others are in none.
type house struct {
	*apitest.House

	server *wire.Server
	nobody *wiretest.Client  // without a token
	tokens map[string]string // by name: see names

	group, rexGroup int64
	sideGroup       int64 // see side
	booked          int64 // see booking

	checks *checks // of the provider

	rating func(care.RatingQuery) (care.RatingAnswer, error) // of the provider
}

// names are the tokens of a house: admin (ADMIN at AT), support (CUSTOMER_SUPPORT at
// VIE), accounting (ACCOUNTING at AT), branch-b (CUSTOMER_SUPPORT at GRZ), admin-b
// (ADMIN at GRZ), none (an operator without a role), client (an API client, ADMIN at
// AT), other (rival's ADMIN), rider (a customer's, of the user API).
var names = []string{"admin", "support", "accounting", "branch-b", "admin-b", "none", "client", "other", "rider"}

func newHouse(t testing.TB, database string) *house {
	t.Helper()
	h := &house{House: apitest.NewHouse(t, database), tokens: map[string]string{}, checks: &checks{results: map[string]care.VerificationResult{}}}
	h.Care.AddRater("CRIF", h)
	h.Care.AddVerifier("VERIFF", h.checks)
	h.Settle(city, town)
	h.server = h.Serve(h, opsapi.New(h.Identity, h.Business, h.Care, h.Mobility))
	h.nobody = wiretest.New(t, apitest.NoNulls(t, h.server), base, "$.body.details.**", "$.body.errors[*].details.**", "$.body.customProperties.**", "$.body[*].customProperties.**")
	for _, name := range names[:6] {
		h.tokens[name] = h.operatorToken(h.CLI, name)
	}
	h.tokens["other"] = h.operatorToken(h.RivalCLI, "admin")
	h.tokens["rider"] = h.TokenFor(h.CLI, identity.Token{API: roster.UserAPI, Role: identity.RoleUser, PersonID: h.Person("olga")})
	h.tokens["client"] = "client"
	h.signsIn("mia", identity.EmailPassword, identity.EmailCode)
	h.group = h.NewGroup("VIE", "olga", "Acme", "adam", "mia", "max").ID
	h.rexGroup = h.NewGroup("GRZ", "rex", "Rex").ID
	return h
}

// Authenticate implements wire.Authenticator: "client" is the API client desk, who would
// have signed in elsewhere.
func (h *house) Authenticate(ctx context.Context, token string) (roster.Actor, error) {
	if token == "client" {
		return roster.Actor{Tenant: h.CLI.Tenant, ID: "client:rst_acme_desk", API: roster.OperationsAPI, Role: identity.RoleAPIClient}, nil
	}
	return h.Identity.Authenticate(ctx, token)
}

// each runs fn in a house of its own on each engine.
func each(t *testing.T, fn func(t *testing.T, h *house)) {
	t.Helper()
	storetest.Each(t, func(t *testing.T, database string) { fn(t, newHouse(t, database)) })
}

// as is a client with the token of a name.
func (h *house) as(name string) *wiretest.Client { return h.nobody.As(h.tokens[name]) }

func (h *house) operatorToken(a roster.Actor, name string) string {
	h.T.Helper()
	var id int64
	h.Read(a, func(tx *store.Tx) error {
		p, err := graph.PersonByEmail(tx, name+"@example.org")
		if err == nil {
			id = p.ID
		}
		return err
	})
	return h.TokenFor(a, identity.Token{API: roster.OperationsAPI, Role: identity.RoleOperator, PersonID: id})
}

// signsIn gives a customer ways to sign in.
func (h *house) signsIn(name string, methods ...string) {
	h.T.Helper()
	person := h.Person(name)
	h.Write(func(tx *store.Tx) error {
		for _, method := range methods {
			if _, err := identity.AddSignInMethod(tx, person, method); err != nil {
				return err
			}
		}
		return nil
	})
}

// unit is a business unit's id.
func (h *house) unit(code string) (id int64) {
	h.T.Helper()
	h.Read(h.CLI, func(tx *store.Tx) error {
		u, err := business.UnitByCode(tx, code)
		if err == nil {
			id = u.ID
		}
		return err
	})
	return id
}

// role gives an operator of acme a role of these permissions at a branch.
func (h *house) role(operator, branch string, permissions ...string) {
	h.T.Helper()
	h.Write(func(tx *store.Tx) error {
		p, err := graph.PersonByEmail(tx, operator+"@example.org")
		if err != nil {
			return err
		}
		tree, err := identity.Branches(tx)
		if err != nil {
			return err
		}
		r := identity.Role{Name: strings.ToUpper(strings.ReplaceAll(operator, "-", "_")) + "_AT_" + branch, Permissions: permissions}
		if _, err := identity.PutRole(tx, r); err != nil {
			return err
		}
		_, err = identity.AssignRole(tx, identity.Assignee{PersonID: p.ID}, r.Name, tree.ByCode(branch).ID)
		tx.Housekeeping()
		return err
	})
}

// costCenter makes a cost center of the group Acme and returns its id.
func (h *house) costCenter(code string) int64 {
	h.T.Helper()
	c := &business.CostCenter{Code: code, Name: "Center " + code, Active: true}
	h.Write(func(tx *store.Tx) error {
		a, err := business.LiveAccount(tx, h.group)
		if err != nil {
			return err
		}
		return business.InsertCostCenter(tx, a, c)
	})
	return c.ID
}

// golden starts a conversation; codes that are drawn stand by numbers in it.
func (h *house) golden(c *wiretest.Client, name string) *wiretest.Client {
	h.T.Helper()
	g := c.Golden(name)
	g.Hide(`"version": (\d+)`, "version")
	g.Hide(`"(?:code|memberCode|groupCode|userGroupCode)": ?"([A-HJ-NP-Z2-9]{8})"`, "code")
	return g
}

// on is a path below a group.
func on(group int64, path string, args ...any) string {
	return fmt.Sprintf("/groups/%d", group) + fmt.Sprintf(path, args...)
}

// number is the integer at a path of an answer.
func number(r *wiretest.Response, path string) int64 {
	n, _ := r.At(path).(float64)
	return int64(n)
}

// source gives an account something to pay with.
func (h *house) source(account int64) {
	h.T.Helper()
	if _, err := h.Business.AddPaymentSource(h.T.Context(), h.CLI, account, business.NewSource{Type: business.CreditCard, Label: "Card"}); err != nil {
		h.T.Fatal(err)
	}
}
