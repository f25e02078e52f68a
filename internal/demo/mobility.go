package demo

import (
	"bytes"
	"context"
	_ "embed"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/rosterhq/roster/internal/business"
	"github.com/rosterhq/roster/internal/graph"
	"github.com/rosterhq/roster/internal/identity"
	"github.com/rosterhq/roster/internal/mobility"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/setup"
	"github.com/rosterhq/roster/internal/store"
)

// The tenants' files, which anybody could apply.
var (
	//go:embed data/mobility.yaml
	fleet []byte
	//go:embed data/mobility-other.yaml
	otherFleet []byte
)

// rider is a customer of the demo, made by the tenant's file.
type rider struct{ token, email string }

const ofOwner = "bea.owner@steelcity.example"

var riders = []rider{
	{"business-owner", ofOwner},
	{"business-admin", "adam.desk@steelcity.example"},
	{"business-member", "mia.courier@steelcity.example"},
	{"rival-owner", "rob.owner@allegheny.example"},
	{"customer-free", "fay.free@rides.example"},
	{"customer-free-2", "finn.free@rides.example"},
	{"customer-free-3", "flora.free@rides.example"},
	{"customer-unverified", "una.new@rides.example"},
}

var otherRiders = []rider{{"other-business-owner", ofOwner}}

// Operators of the demo, made by the tenant's file with their roles.
var (
	desks = []rider{
		{"ops-admin", "ada.admin@roster.example"},
		{"ops-support", "sue.support@roster.example"},
		{"ops-accounting", "abe.accounts@roster.example"},
		{"ops-branch-b", "vera.vienna@roster.example"},
		{"ops-none", "nora.new@roster.example"},
	}
	otherDesks = []rider{{"other-ops-admin", "otto.admin@roster.example"}}
)

// The business accounts' codes; the demo's own file and the trips refer to them.
const (
	couriers = "STEELS24"
	rivals   = "ALLEGHENY"
	apiName  = "api_client"
)

// mobilityStep is the name of the step that makes a tenant's part of mobility.
const mobilityStep = "mobility"

// mobilityPart is what one tenant has of mobility.
type mobilityPart struct {
	file   []byte
	riders []rider
	desks  []rider
	fill   func(*mobilityMaker) error
}

// mobilityMaker fills it in one transaction.
type mobilityMaker struct {
	*maker
	people map[string]int64 // customers by address
}

// makeMobility applies a tenant's file and makes its accounts. It notes that it is
// done in its own transaction: nothing of it could be made twice.
func makeMobility(p mobilityPart) func(ctx context.Context, w *worker) error {
	return func(ctx context.Context, w *worker) error {
		document, err := setup.Parse(bytes.NewReader(p.file))
		if err != nil {
			return err
		}
		application := setup.New(document)
		hashes := map[string]identity.PasswordHash{}
		for _, r := range slices.Concat(p.riders, p.desks) {
			if hashes[r.token], err = identity.HashPassword(ctx, w.password(r.token)); err != nil {
				return err
			}
		}
		var after *known
		err = w.DB.Write(ctx, w.actor, func(tx *store.Tx) error {
			after = w.known.clone()
			if _, err := application.Apply(tx); err != nil {
				return err
			}
			m := &mobilityMaker{maker: &maker{tx: tx, known: after, hashes: hashes}, people: map[string]int64{}}
			for i := range document.Customers {
				c, err := identity.CustomerByEmail(tx, document.Customers[i].Email)
				if err != nil {
					return err
				}
				m.people[c.Email] = c.ID
			}
			if err := m.signInRiders(p.riders); err != nil {
				return err
			}
			if err := m.signInDesks(p.desks); err != nil {
				return err
			}
			if err := p.fill(m); err != nil {
				return err
			}
			after.Done = append(after.Done, mobilityStep)
			return remember(tx, after)
		})
		if err == nil {
			*w.known = *after
		}
		return err
	}
}

// signInRiders gives the riders passwords and tokens.
func (m *mobilityMaker) signInRiders(riders []rider) error {
	for _, r := range riders {
		id := m.people[r.email]
		if err := m.signIn(r, id); err != nil {
			return err
		}
		if err := m.token(r.token, roster.UserAPI, identity.RoleUser, id); err != nil {
			return err
		}
		m.Customers[r.token] = id
	}
	return nil
}

// signInDesks gives the operators passwords and tokens.
func (m *mobilityMaker) signInDesks(desks []rider) error {
	for _, r := range desks {
		p, err := graph.PersonByEmail(m.tx, r.email)
		if err != nil {
			return err
		}
		if err := m.signIn(r, p.ID); err != nil {
			return err
		}
		if err := m.token(r.token, roster.OperationsAPI, identity.RoleOperator, p.ID); err != nil {
			return err
		}
	}
	return nil
}

// signIn lets somebody sign in by password.
func (m *mobilityMaker) signIn(r rider, id int64) error {
	if _, err := identity.AddSignInMethod(m.tx, id, identity.EmailPassword); err != nil {
		return err
	}
	m.Logins[r.token] = r.email
	return identity.PutPassword(m.tx, id, m.hashes[r.token])
}

// fillMobility makes the business accounts of couriers and of their rivals.
func fillMobility(m *mobilityMaker) error {
	tree, err := identity.Branches(m.tx)
	if err != nil {
		return err
	}
	root, pittsburgh, vienna := tree.ByCode("ROSTER").ID, tree.ByCode("PGH").ID, tree.ByCode("VIE").ID
	m.Numbers["branch_root"], m.Numbers["branch_a"], m.Numbers["branch_b"] = root, pittsburgh, vienna
	own, err := m.account(couriers, "Steel City Couriers", pittsburgh, "business-owner")
	if err != nil {
		return err
	}
	rival, err := m.account(rivals, "Allegheny Parcels", pittsburgh, "rival-owner")
	if err != nil {
		return err
	}
	m.Numbers["business_group"], m.Numbers["rival_group"] = own.ID, rival.ID
	m.IDs["business_group_code"], m.IDs["rival_group_code"] = own.Code, rival.Code
	for _, in := range []struct{ email, role, number string }{
		{"adam.desk@steelcity.example", business.Admin, "S-002"},
		{"mia.courier@steelcity.example", business.Simple, "S-003"},
		{"leo.courier@steelcity.example", business.Simple, "S-004"},
		{"ines.courier@steelcity.example", business.Simple, "S-005"},
	} {
		_, err := business.InsertMember(m.tx, own, business.NewMember{
			UserID: m.people[in.email], Role: in.role, EmployeeNumber: in.number, CreatedBy: business.ByManager,
		})
		if err != nil {
			return err
		}
	}
	for i, c := range []business.CostCenter{{Code: "PARCELS", Name: "Parcels", Active: true}, {Code: "DOCUMENTS", Name: "Documents", Active: true}} {
		if err := business.InsertCostCenter(m.tx, own, &c); err != nil {
			return err
		}
		m.Numbers[fmt.Sprintf("cost_center_%d", i+1)] = c.ID
	}
	for name, code := range map[string]string{"business_unit": "us", "business_unit_unused": "spare"} {
		u, err := business.UnitByCode(m.tx, code)
		if err != nil {
			return err
		}
		m.Numbers[name] = u.ID
	}
	if err := m.careFacts(tree, pittsburgh, own); err != nil {
		return err
	}
	if err := m.rate(own, rival); err != nil {
		return err
	}
	return m.fleetFacts(tree, pittsburgh)
}

// account makes a business account that is invoiced, and its owner.
func (m *mobilityMaker) account(code, name string, branch int64, owner string) (*business.Account, error) {
	a, err := business.NewAccount(m.tx, branch)
	if err != nil {
		return nil, err
	}
	a.Code, a.Name = code, name
	if err := business.InsertAccount(m.tx, a); err != nil {
		return nil, err
	}
	if err := business.SetPaymentState(m.tx, a.ID, business.Invoicing); err != nil {
		return nil, err
	}
	_, err = business.InsertMember(m.tx, a, business.NewMember{UserID: m.Customers[owner], Role: business.Owner, CreatedBy: business.BySelf})
	return a, err
}

// fleetFacts notes the vehicle that is free, its category and what it costs, and
// makes the client that acts for a customer of its own.
func (m *mobilityMaker) fleetFacts(tree *identity.Tree, branch int64) error {
	v, err := mobility.VehicleByCode(m.tx, "PGH-BIKE-1")
	if err != nil {
		return err
	}
	t, err := mobility.TariffOf(m.tx, tree, branch, v.CategoryID)
	if err != nil {
		return err
	}
	m.Numbers["vehicle_free"], m.Numbers["vehicle_category"], m.Numbers["tariff"] = v.ID, v.CategoryID, t.ID
	id, _, err := identity.PutClient(m.tx, "mobility-app", roster.UserAPI, identity.RoleAPIClient, m.derive(apiName))
	if err != nil {
		return err
	}
	m.Clients[apiName] = id
	_, err = identity.UpdateCustomer(m.tx, m.Customers["customer-free-3"], nil, func(c *identity.Customer) error {
		c.MadeByClient = id
		return nil
	})
	return err
}

// fillOther makes an account of the same code in the other tenant.
func fillOther(m *mobilityMaker) error {
	tree, err := identity.Branches(m.tx)
	if err != nil {
		return err
	}
	_, err = m.account(couriers, "Other Couriers", tree.ByCode("PGH").ID, "other-business-owner")
	return err
}

var errTrips = errors.New("the demo's trips do not come in whole")

// makeTrips imports the trips as the couriers', and bills those of the months before this one.
func makeTrips(ctx context.Context, w *worker) error {
	now := w.DB.Clock()().UTC()
	done, err := w.Mobility.ImportTrips(ctx, w.actor, couriers, moved(now))
	if err != nil {
		return err
	}
	if len(done.Rejected) > 0 || done.Added+done.Present != done.Rows {
		return errTrips
	}
	month := time.Date(now.Year(), now.Month(), 1, 0, 0, 0, 0, time.UTC)
	made, err := w.Business.CloseUntil(ctx, w.actor, w.Numbers["business_group"], roster.Moment{Date: month.Format(time.DateOnly), Given: true})
	if err != nil {
		return err
	}
	for _, v := range made {
		if _, err := w.Business.MarkPaid(ctx, w.actor, v.ID, nil); err != nil {
			return err
		}
	}
	return nil
}
