package userapi_test

import (
	"fmt"
	"os"
	"testing"

	"github.com/rosterhq/roster/internal/api/apitest"
	"github.com/rosterhq/roster/internal/api/userapi"
	"github.com/rosterhq/roster/internal/business"
	"github.com/rosterhq/roster/internal/care"
	"github.com/rosterhq/roster/internal/identity"
	"github.com/rosterhq/roster/internal/pgtest"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/store"
	"github.com/rosterhq/roster/internal/store/storetest"
	"github.com/rosterhq/roster/internal/wire"
	"github.com/rosterhq/roster/internal/wire/wiretest"
)

func TestMain(m *testing.M) { os.Exit(pgtest.Main(m)) }

const base = "/v1/acme/front"

type object = map[string]any

// house is the operator acme, beside the operator rival. Of acme's riders olga owns
// the group Acme, adam administrates it, mia and max are members; rex owns the group
// Rex; ida and uma are in none.
type house struct {
	*apitest.House

	checks *checks // of the provider
	server *wire.Server
	nobody *wiretest.Client // without a token
	olga, adam, mia, max, ida, rex, uma,
	rival *wiretest.Client // rival's own olga

	tokens map[string]string // by name

	group, rexGroup int64 // ids
	code, rexCode   string
}

func newHouse(t testing.TB, database string) *house {
	t.Helper()
	h := &house{House: apitest.NewHouse(t, database), tokens: map[string]string{}, checks: &checks{results: map[string]care.VerificationResult{}}}
	h.Care.AddVerifier("VERIFF", h.checks)
	h.Settle(city, town)
	h.server = h.Serve(h.Identity, userapi.New(h.Graph, h.Identity, h.Business, h.Care, h.Mobility))
	h.nobody = wiretest.New(t, apitest.NoNulls(t, h.server), base, "$.body.details.**", "$.body.customProperties.**", "$.body[*].customProperties.**", "$.body.next.**")
	for _, c := range []struct {
		name string
		to   **wiretest.Client
	}{{"olga", &h.olga}, {"adam", &h.adam}, {"mia", &h.mia}, {"max", &h.max}, {"ida", &h.ida}, {"rex", &h.rex}, {"uma", &h.uma}} {
		h.tokens[c.name] = h.token(h.CLI, h.Person(c.name))
		*c.to = h.nobody.As(h.tokens[c.name])
	}
	h.rival = h.nobody.As(h.token(h.RivalCLI, h.PersonOf(h.RivalCLI, "olga")))
	acme, other := h.NewGroup("VIE", "olga", "Acme", "adam", "mia", "max"), h.NewGroup("VIE", "rex", "Rex")
	h.group, h.code, h.rexGroup, h.rexCode = acme.ID, acme.Code, other.ID, other.Code
	return h
}

// each runs fn in a house of its own on each engine.
func each(t *testing.T, fn func(t *testing.T, h *house)) {
	t.Helper()
	storetest.Each(t, func(t *testing.T, database string) { fn(t, newHouse(t, database)) })
}

// token makes a token of a rider.
func (h *house) token(a roster.Actor, person int64) string {
	h.T.Helper()
	return h.TokenFor(a, identity.Token{API: roster.UserAPI, Role: identity.RoleUser, PersonID: person})
}

// golden starts a conversation; codes that are drawn stand by numbers in it.
func (h *house) golden(c *wiretest.Client, name string) *wiretest.Client {
	h.T.Helper()
	g := c.Golden(name)
	g.Hide(`"version": (\d+)`, "version")
	for _, pattern := range []string{
		`"(?:code|memberCode|groupCode|userGroupCode)": ?"([A-HJ-NP-Z2-9]{8})"`, `/groups/([A-HJ-NP-Z2-9]{8}|[a-hj-np-z2-9]{8})/(?:join|leave)`, `/groups-management/\d+/([A-HJ-NP-Z2-9]{8})\b`, `userGroupCode=([A-HJ-NP-Z2-9]{8})`,
	} {
		g.Hide(pattern, "code")
	}
	return g
}

// as continues a conversation as somebody else.
func (h *house) as(g *wiretest.Client, name string) *wiretest.Client {
	g.Note("As " + name + ":")
	return g.As(h.tokens[name])
}

// managed is a path below the group Acme under management.
func (h *house) managed(path string, args ...any) string {
	return fmt.Sprintf("/groups-management/%d", h.group) + fmt.Sprintf(path, args...)
}

// set gives a setting a value in the whole tenant.
func (h *house) set(key string, value any) {
	h.T.Helper()
	h.Apply(h.CLI, fmt.Sprintf("settings:\n- {key: %s, value: %v}\n", key, value))
}

// number is the integer at a path of an answer.
func number(r *wiretest.Response, path string) int64 {
	n, _ := r.At(path).(float64)
	return int64(n)
}

// costCenter makes a cost center of the group Acme and returns its id.
func (h *house) costCenter(code string) int64 {
	h.T.Helper()
	return number(h.olga.Post("/cost-centers", object{"code": code, "name": "Center " + code}).Want(201), "id")
}

// voucher gives an account a voucher of 5.00 and returns its id.
func (h *house) voucher(account int64) (id int64) {
	h.T.Helper()
	h.Write(func(tx *store.Tx) error {
		v, err := care.VoucherableByCode(tx, "SORRY-5")
		if err != nil {
			return err
		}
		of := care.IssueOf{Voucherable: v, GroupID: account}
		if _, err := business.LiveAccount(tx, account); err != nil {
			of.CustomerID, of.GroupID = account, 0
		}
		all, err := care.Issue(tx, of)
		if err == nil {
			id = all[0].ID
		}
		return err
	})
	return id
}
