package demo

import (
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/rosterhq/roster/internal/graph"
	"github.com/rosterhq/roster/internal/identity"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/store"
)

// maker fills one tenant in one transaction.
type maker struct {
	tx *store.Tx
	*known
	hashes map[string]identity.PasswordHash // of passwords, by the name of the login
}

// worker does one step of a plan.
type worker struct {
	Areas
	actor roster.Actor
	*known
}

func (m *maker) token(name string, api roster.API, role string, person int64) error {
	m.Tokens = append(m.Tokens, name)
	return identity.InsertToken(m.tx, &identity.Token{
		API: api, Role: role, PersonID: person, Name: name, ExpiresAt: time.UnixMicro(m.tx.Now).Add(tokenLife),
	}, m.derive(name))
}

// The forms of ids.
func groupID(id int64) string   { return "grp-" + strconv.FormatInt(id, 10) }
func accountID(id int64) string { return "acc-" + strconv.FormatInt(id, 10) }
func uuidOf(id [16]byte) string { return uuid.UUID(id).String() }
func text(s string) *string     { return &s }
func (m *maker) add(group int64, members ...graph.Membership) error {
	_, errs, err := graph.AddMembers(m.tx, group, members)
	for _, e := range errs {
		if e != nil {
			return e
		}
	}
	return err
}

var demoPlan = plan{
	tenant: Tenant, logins: []string{"property-owner"},
	fill: func(m *maker) error { return m.all(fillDirectory, fillOrganization, fillProperties) },
	steps: []step{
		{"client", makeClient},
		{"spend", makeSpend},
		{mobilityStep, makeMobility(mobilityPart{fleet, riders, desks, fillMobility})},
		{"trips", makeTrips},
		{"habits", makeHabits},
		{"verification", makeVerification},
	},
}

// otherPlan gives the same powers in another tenant, over very little.
var otherPlan = plan{
	tenant: Other,
	fill:   func(m *maker) error { return m.all(otherDirectory, otherOrganization, otherProperties) },
	steps:  []step{{mobilityStep, makeMobility(mobilityPart{otherFleet, otherRiders, otherDesks, fillOther})}},
}

func (m *maker) all(fills ...func(*maker) error) error {
	for _, fill := range fills {
		if err := fill(m); err != nil {
			return err
		}
	}
	return nil
}

// address makes an address of a name: "Emma Lind" is emma.lind@….
func address(name, domain string) string {
	return strings.ToLower(strings.ReplaceAll(name, " ", ".")) + "@" + domain
}
