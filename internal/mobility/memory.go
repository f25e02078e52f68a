package mobility

import (
	"context"
	"slices"

	"github.com/rosterhq/roster/internal/business"
	"github.com/rosterhq/roster/internal/care"
	"github.com/rosterhq/roster/internal/graph"
	"github.com/rosterhq/roster/internal/identity"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/store"
)

// person is what requirements are judged by of a person. It holds at any instant until
// something of it changes, so it may be remembered.
type person struct {
	customer    *identity.Customer
	accepted    []care.Acceptance
	blockedFrom int64 // by an unpaid invoice, µs UTC; 0 for never
	sources     []*business.PaymentSource
	cards       []int64          // where identity cards are assigned, by branch
	membership  *business.Member // nil for none
	groups      []int64          // in which they are, or were
	at          int64            // when it was read, µs UTC
}

// group is the same of a business account.
type group struct {
	account     *business.Account // nil where it is deleted
	blockedFrom int64
	centers     []business.CostCenter
	at          int64
}

var groupsEver = store.Q("member.groups_ever", `SELECT p.group_id FROM member_properties p WHERE p.tenant = $1 AND p.person_id = $2 ORDER BY p.group_id`)

// readPerson reads a person, in some ten statements. NotFound.
func readPerson(tx *store.Tx, id int64) (*person, error) {
	p := &person{at: tx.Now}
	var in []graph.Membership
	for _, read := range []func() error{
		func() (err error) { p.customer, err = identity.LiveCustomer(tx, id); return err },
		func() (err error) { p.accepted, err = care.AcceptancesOf(tx, id); return err },
		func() (err error) { p.blockedFrom, err = business.BlockedFrom(tx, id); return err },
		func() (err error) { p.sources, err = business.SourcesOf(tx, id); return err },
		func() (err error) { p.cards, err = care.CardsOf(tx, id); return err },
		func() (err error) { in, err = graph.MembershipsOf(tx, id, graph.Business); return err },
		func() (err error) { p.groups, err = store.All(tx, groupsEver, scanID, id); return err },
	} {
		if err := read(); err != nil {
			return nil, err
		}
	}
	for i := range in {
		var err error
		if p.membership, err = member(tx, in[i].GroupID, id); err != nil {
			return nil, err
		}
	}
	return p, nil
}

// member reads what a person is in a group; nil for nothing.
func member(tx *store.Tx, group, person int64) (*business.Member, error) {
	m, err := business.LiveMember(tx, group, person)
	if roster.IsKind(err, roster.NotFound) {
		m, err = nil, nil
	}
	return m, err
}

// readGroup reads a group, a deleted one too.
func readGroup(tx *store.Tx, id int64) (*group, error) {
	g := &group{at: tx.Now}
	account, err := business.LiveAccount(tx, id)
	if roster.IsKind(err, roster.NotFound) {
		return g, nil
	}
	if err != nil {
		return nil, err
	}
	g.account = account
	if g.blockedFrom, err = business.BlockedFrom(tx, id); err != nil {
		return nil, err
	}
	g.centers, err = business.CostCentersOf(tx, id)
	return g, err
}

// memory is what checks need, and those who rent, so that asking again costs no
// statement: apps ask whenever somebody looks at a vehicle, and all of a tenant's
// rentals begin and end in turn. Each is dropped when a change touches it.
type memory struct {
	ruled    *store.Memo[struct{}, *rules]
	people   *store.Memo[int64, *person]
	driving  *store.Memo[int64, bool] // whether a person has an active rental
	groups   *store.Memo[int64, *group]
	vehicles *store.Memo[int64, *Vehicle]
	codes    *store.Memo[string, int64] // of vehicles, which never change
}

func newMemory(db *store.DB) memory {
	return memory{
		ruled: newRulesMemo(db),
		people: store.NewMemo[int64, *person](db, func(c store.ChangedSubject) ([]int64, bool) {
			switch c.Type {
			case "customer", "person", "terms_acceptance":
				return []int64{c.SubjectID}, false
			case "membership", "business_member", "invoice", "payment_source":
				return []int64{c.ObjectID}, false
			}
			return nil, c.Type == "identity_card" || c.Type == "branch" || c.Type == "branch_setting"
		}),
		driving: store.NewMemo[int64, bool](db, func(c store.ChangedSubject) ([]int64, bool) {
			if c.Type == "rental" {
				return []int64{c.ObjectID}, false
			}
			return nil, false
		}),
		groups: store.NewMemo[int64, *group](db, func(c store.ChangedSubject) ([]int64, bool) {
			switch c.Type {
			case "business_account":
				return []int64{c.SubjectID}, false
			case "cost_center", "invoice":
				return []int64{c.ObjectID}, false
			}
			return nil, c.Type == "branch" || c.Type == "branch_setting"
		}),
		vehicles: store.NewMemo[int64, *Vehicle](db, func(c store.ChangedSubject) ([]int64, bool) {
			if c.Type == "vehicle" {
				return []int64{c.SubjectID}, false
			}
			return nil, false
		}),
		codes: store.NewMemo[string, int64](db, func(store.ChangedSubject) ([]string, bool) { return nil, false }),
	}
}

// asker asks memory at a time, µs UTC: in a transaction, or in none.
type asker struct {
	ctx    context.Context
	tenant roster.TenantID
	tx     *store.Tx // nil for none
	now    int64
}

func within(tx *store.Tx) asker { return asker{tx: tx, now: tx.Now} }

// read calls fn in the asker's transaction, or in one of its own.
func (a asker) read(db *store.DB, fn func(*store.Tx) error) error {
	if a.tx != nil {
		return fn(a.tx)
	}
	return db.Read(a.ctx, a.tenant, fn)
}

func recall[K comparable, V any](a asker, memo *store.Memo[K, V], key K, read func(*store.Tx) (V, error)) (V, error) {
	if a.tx != nil {
		return memo.In(a.tx, key, read)
	}
	return memo.Get(a.ctx, a.tenant, key, read)
}

func (m *memory) rules(a asker) (*rules, error) { return recall(a, m.ruled, struct{}{}, readRules) }

// person finds a person. NotFound.
func (m *memory) person(a asker, id int64) (*person, error) {
	return recall(a, m.people, id, func(tx *store.Tx) (*person, error) { return readPerson(tx, id) })
}

func (m *memory) active(a asker, person int64) (bool, error) {
	return recall(a, m.driving, person, func(tx *store.Tx) (bool, error) { return tx.Exists(rentalActiveOf, person) })
}

func (m *memory) group(a asker, id int64) (*group, error) {
	return recall(a, m.groups, id, func(tx *store.Tx) (*group, error) { return readGroup(tx, id) })
}

// vehicle finds a vehicle by its id or, where that is 0, by its code. NotFound with
// CodeNoVehicle.
func (m *memory) vehicle(a asker, id int64, code string) (v *Vehicle, err error) {
	if id == 0 {
		id, err = recall(a, m.codes, graph.Key(code), func(tx *store.Tx) (int64, error) {
			v, err := VehicleByCode(tx, code)
			if err != nil {
				return 0, err
			}
			return v.ID, nil
		})
		if err != nil {
			return nil, err
		}
	}
	return recall(a, m.vehicles, id, func(tx *store.Tx) (*Vehicle, error) { return LiveVehicle(tx, id) })
}

// payer finds the group that a person says will pay; nil for none. To somebody who was
// never in the group it is not there: NotFound with business.CodeNoAccount or
// CodeNoCode. Forbidden with business.CodeDisabled where business accounts are off.
func (m *memory) payer(a asker, r *rules, id int64, p *Payer) (*business.Account, error) {
	if p.Type != Business {
		return nil, nil //nolint:nilnil // who pays for themselves names no group
	}
	who, err := m.person(a, id)
	if err != nil {
		return nil, err
	}
	for _, id := range who.groups {
		g, err := m.group(a, id)
		if err != nil {
			return nil, err
		}
		named := g.account != nil && (p.GroupCode == "" && id == p.GroupID || p.GroupCode != "" && graph.Key(p.GroupCode) == graph.Key(g.account.Code))
		if !named {
			continue
		}
		if p.GroupID != 0 && p.GroupID != id {
			return nil, errTwoAccounts()
		}
		return g.account, r.checkEnabled(g.account)
	}
	return nil, p.errNoAccount()
}

// named is what a rental names. Who was deleted is nobody.
func (m *memory) named(a asker, r *Rental) (d named, err error) {
	v, err := m.vehicle(a, r.VehicleID, "")
	if err != nil {
		return d, err
	}
	d.vehicles = map[int64]*Vehicle{v.ID: v}
	p, err := m.person(a, r.PersonID)
	switch {
	case err == nil:
		d.people = map[int64]*identity.Customer{r.PersonID: p.customer}
	case !roster.IsKind(err, roster.NotFound):
		return d, err
	}
	if r.GroupID == 0 {
		return d, nil
	}
	g, err := m.group(a, r.GroupID)
	if err != nil || g.account == nil {
		return d, err
	}
	d.groups, d.costCenters = map[int64]*business.Account{r.GroupID: g.account}, g.costCenters(r.CostCenterID)
	return d, nil
}

// costCenters has the cost center of an id, if it is the group's.
func (g *group) costCenters(id int64) map[int64]*business.CostCenter {
	found := map[int64]*business.CostCenter{}
	for i := range g.centers {
		if c := &g.centers[i]; c.ID == id {
			found[id] = c
		}
	}
	return found
}

// available lists the cost centers of a group that a member can book to at an instant.
func (g *group) available(m *business.Member, at int64) (ids []int64) {
	for i := range g.centers {
		if c := &g.centers[i]; c.ValidAt(at) && m.MayUse(c.ID) {
			ids = append(ids, c.ID)
		}
	}
	slices.Sort(ids)
	return ids
}
