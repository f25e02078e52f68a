//go:build unix

package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/rosterhq/roster/internal/business"
	"github.com/rosterhq/roster/internal/graph"
	"github.com/rosterhq/roster/internal/identity"
	"github.com/rosterhq/roster/internal/mobility"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/setup"
	"github.com/rosterhq/roster/internal/store"
)

// town is a database with one operator of vehicles, whose riders are in business
// accounts, each with a vehicle that nobody else takes.
type town struct {
	database string
	accounts []*company
	riders   []townsman
}

// company is a business account.
type company struct {
	id      int64
	owner   townsman
	centers []int64
}

// townsman is a rider.
type townsman struct {
	caller

	id      int64
	company *company
	email   string
	vehicle int64
}

const (
	companies      = 50
	membersEach    = 20 // the owner among them
	centersEach    = 5
	townPassword   = "correct horse battery staple"
	passwordOwners = connections // riders who sign in
)

// townFile is what the operator has, but for vehicles and riders.
const townFile = `
businessUnits:
- {code: at, name: Austria, currency: EUR, taxPercentage: 20, timezone: Europe/Vienna}
- {code: us, name: America, currency: USD, taxPercentage: 7, timezone: America/New_York}
branches:
- {code: EU, name: Europe, businessUnit: at}
- {code: AT, name: Austria, parent: EU}
- {code: VIE, name: Vienna, parent: AT}
- {code: US, name: America, businessUnit: us}
vehicleCategories: [{code: bike, name: Bike}, {code: car, name: Car}]
tariffs:
- {category: bike, businessUnit: at, unlockPrice: 1, pricePerMinute: 0.19}
- {category: car, businessUnit: at, unlockPrice: 2, pricePerMinute: 0.29, pricePerKilometer: 0.25, bookingPrice: 5}
- {category: bike, businessUnit: us, unlockPrice: 1, pricePerMinute: 0.25}
requirementSets:
- {name: Bikes, branches: [EU], vehicleCategories: [bike], start: {minimumAge: 16, require: [FIRST_NAME, LAST_NAME, BIRTHDATE, EMAIL_VERIFIED]}}
- {name: Cars, branches: [EU], vehicleCategories: [car], start: {minimumAge: 21, require: [PHONE_VERIFIED, CITY]}}
settings:
- {key: businessAccounts.requireCostCenter, branch: AT, value: true}
terms:
- {branch: EU, termsAndConditionsText: Be kind., termsAndConditionsUrl: "https://example.org/terms"}
`

func (b *bench) buildTown(database string) (*town, error) {
	db, err := store.Open(b.ctx, store.Options{Database: database})
	if err != nil {
		return nil, err
	}
	t := &town{database: database}
	return t, errors.Join(t.fill(b.ctx, db), db.Close())
}

// fill makes it all by the verbs that the APIs and the command line call.
func (t *town) fill(ctx context.Context, db *store.DB) error {
	actor := roster.Actor{ID: "bench", API: roster.CLI}
	var err error
	if actor.Tenant, err = db.CreateTenant(ctx, actor, tenantName); err != nil {
		return err
	}
	graph.New(db) // follows
	document, err := setup.Parse(strings.NewReader(t.document()))
	if err != nil {
		return err
	}
	application := setup.New(document)
	hash, err := identity.HashPassword(ctx, townPassword)
	if err != nil {
		return err
	}
	return db.Write(ctx, actor, func(tx *store.Tx) error {
		if _, err := application.Apply(tx); err != nil {
			return err
		}
		t.accounts, t.riders = nil, nil
		for i := range companies {
			if err := t.found(tx, i, hash); err != nil {
				return err
			}
		}
		return nil
	})
}

func (t *town) document() string {
	var b strings.Builder
	b.WriteString(townFile + "vehicles:\n")
	for i := range companies * membersEach {
		fmt.Fprintf(&b, "- {code: V%d, name: Bike %d, branch: VIE, category: bike, position: {lat: 48.2082, lng: 16.3738}, kilometers: %d}\n", i, i, i)
	}
	b.WriteString("customers:\n")
	for i := range companies * membersEach {
		fmt.Fprintf(&b, "- {email: %s, emailIsVerified: true, firstName: Rider, lastName: No %d, birthdate: 1990-05-01, homeBranch: VIE, acceptedTermsOf: [VIE]}\n", riderAddress(i), i)
	}
	return b.String()
}

func riderAddress(i int) string { return fmt.Sprintf("rider%d@example.org", i) }

// found makes a business account with its members and cost centers.
func (t *town) found(tx *store.Tx, i int, hash identity.PasswordHash) error {
	tree, err := identity.Branches(tx)
	if err != nil {
		return err
	}
	a, err := business.NewAccount(tx, tree.ByCode("VIE").ID)
	if err != nil {
		return err
	}
	a.Name, a.PaymentState = fmt.Sprint("Company ", i), business.Invoicing
	a.Settings.RequireCostCenter = true
	if err := business.InsertAccount(tx, a); err != nil {
		return err
	}
	c := &company{id: a.ID}
	t.accounts = append(t.accounts, c)
	for n := range centersEach {
		center := business.CostCenter{Code: fmt.Sprint("C", n), Name: fmt.Sprint("Center ", n), Active: true}
		if err := business.InsertCostCenter(tx, a, &center); err != nil {
			return err
		}
		c.centers = append(c.centers, center.ID)
	}
	for n := range membersEach {
		if err := t.join(tx, a, c, i*membersEach+n, n == 0, hash); err != nil {
			return err
		}
	}
	return nil
}

func (t *town) join(tx *store.Tx, a *business.Account, c *company, i int, owner bool, hash identity.PasswordHash) error {
	who, err := identity.CustomerByEmail(tx, riderAddress(i))
	if err != nil {
		return err
	}
	v, err := mobility.VehicleByCode(tx, fmt.Sprint("V", i))
	if err != nil {
		return err
	}
	role := business.Simple
	if owner {
		role = business.Owner
	}
	if _, err := business.InsertMember(tx, a, business.NewMember{UserID: who.ID, Role: role, CreatedBy: business.ByOperator}); err != nil {
		return err
	}
	token, secret := identity.Token{API: roster.UserAPI, Role: identity.RoleUser, PersonID: who.ID, ExpiresAt: time.Now().AddDate(1, 0, 0)}, identity.NewSecret()
	if err := identity.InsertToken(tx, &token, secret); err != nil {
		return err
	}
	if i < passwordOwners {
		if _, err := identity.AddSignInMethod(tx, who.ID, identity.EmailPassword); err != nil {
			return err
		}
		if err := identity.PutPassword(tx, who.ID, hash); err != nil {
			return err
		}
	}
	rider := townsman{caller{identity.TokenText(tenantName, secret), frontBase}, who.ID, c, who.Email, v.ID}
	if owner {
		c.owner = rider
	}
	t.riders = append(t.riders, rider)
	return nil
}

// Bases of the mobility APIs.
const (
	frontBase = "/v1/" + tenantName + "/front"
	authBase  = "/v1/" + tenantName + "/auth"
)
