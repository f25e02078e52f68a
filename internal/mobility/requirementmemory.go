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

// person is what requirements are judged by of a person, as far as it was asked for.
// It holds at any instant until something of it changes, so it may be remembered.
type person struct {
	customer    *identity.Customer
	accepted    []care.Acceptance
	active      bool  // there is an active rental
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

// parts say what of a person is to be read.
type parts uint

const (
	partTerms parts = 1 << iota
	partActive
	partSources
	partCards
)

// readPerson reads parts of a person, in a statement each. NotFound.
func readPerson(tx *store.Tx, id int64, want parts) (p person, err error) {
	if p.customer, err = identity.LiveCustomer(tx, id); err != nil {
		return p, err
	}
	for _, part := range []struct {
		is   parts
		read func() error
	}{
		{partTerms, func() error { p.accepted, err = care.AcceptancesOf(tx, id); return err }},
		{partActive, func() error { p.active, err = tx.Exists(rentalActiveOf, id); return err }},
		{partSources, func() error { p.sources, err = business.SourcesOf(tx, id); return err }},
		{partCards, func() error { p.cards, err = care.CardsOf(tx, id); return err }},
	} {
		if want&part.is == 0 {
			continue
		}
		if err := part.read(); err != nil {
			return p, err
		}
	}
	return p, nil
}

var groupsEver = store.Q("member.groups_ever", `SELECT p.group_id FROM member_properties p WHERE p.tenant = $1 AND p.person_id = $2 ORDER BY p.group_id`)

// rememberPerson reads all of a person.
func rememberPerson(tx *store.Tx, id int64) (*person, error) {
	p, err := readPerson(tx, id, partTerms|partActive|partSources|partCards)
	if err != nil {
		return nil, err
	}
	p.at = tx.Now
	if p.blockedFrom, err = business.BlockedFrom(tx, id); err != nil {
		return nil, err
	}
	in, err := graph.MembershipsOf(tx, id, graph.Business)
	if err != nil {
		return nil, err
	}
	for _, m := range in {
		if p.membership, err = member(tx, m.GroupID, id); err != nil {
			return nil, err
		}
	}
	p.groups, err = store.All(tx, groupsEver, func(s store.Scanner) (group int64, err error) {
		return group, s.Scan(&group)
	}, id)
	return &p, err
}

// member reads what a person is in a group; nil for nothing.
func member(tx *store.Tx, group, person int64) (*business.Member, error) {
	m, err := business.LiveMember(tx, group, person)
	if roster.IsKind(err, roster.NotFound) {
		m, err = nil, nil
	}
	return m, err
}

// rememberGroup reads all of a group.
func rememberGroup(tx *store.Tx, id int64) (*group, error) {
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

// memory is what a check needs, so that asking again costs no statement: apps ask
// whenever somebody looks at a vehicle. Each is dropped when a change touches it.
type memory struct {
	rules    *store.Memo[struct{}, *rules]
	people   *store.Memo[int64, *person]
	groups   *store.Memo[int64, *group]
	vehicles *store.Memo[int64, *Vehicle]
	codes    *store.Memo[string, int64] // of vehicles, which never change
}

func newMemory(db *store.DB) memory {
	return memory{
		rules: newRulesMemo(db),
		people: store.NewMemo[int64, *person](db, func(c store.ChangedSubject) ([]int64, bool) {
			switch c.Type {
			case "customer", "person", "terms_acceptance":
				return []int64{c.SubjectID}, false
			case "membership", "business_member", "rental", "invoice", "payment_source":
				return []int64{c.ObjectID}, false
			}
			return nil, c.Type == "identity_card" || c.Type == "branch" || c.Type == "branch_setting"
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

func (m *memory) person(ctx context.Context, tenant roster.TenantID, id int64) (*person, error) {
	return m.people.Get(ctx, tenant, id, func(tx *store.Tx) (*person, error) { return rememberPerson(tx, id) })
}

// vehicle finds a vehicle by its id or, where that is 0, by its code. NotFound with
// CodeNoVehicle.
func (m *memory) vehicle(ctx context.Context, tenant roster.TenantID, id int64, code string) (v *Vehicle, err error) {
	if id == 0 {
		id, err = m.codes.Get(ctx, tenant, graph.Key(code), func(tx *store.Tx) (int64, error) {
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
	return m.vehicles.Get(ctx, tenant, id, func(tx *store.Tx) (*Vehicle, error) { return LiveVehicle(tx, id) })
}

// payer finds the group that a person says will pay; nil for none. Errors are those
// of Payer.account.
func (m *memory) payer(ctx context.Context, tenant roster.TenantID, r *rules, who *person, p *Payer) (*group, error) {
	if p.Type != Business {
		return nil, nil //nolint:nilnil // who pays for themselves names no group
	}
	for _, id := range who.groups {
		g, err := m.groups.Get(ctx, tenant, id, func(tx *store.Tx) (*group, error) { return rememberGroup(tx, id) })
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
		return g, r.checkEnabled(g.account)
	}
	return nil, p.errNoAccount()
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
