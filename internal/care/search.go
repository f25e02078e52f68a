package care

import (
	"context"
	"slices"

	"github.com/rosterhq/roster/internal/business"
	"github.com/rosterhq/roster/internal/graph"
	"github.com/rosterhq/roster/internal/identity"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/store"
)

// CustomerFilter says which customers a list is about. A nil flag asks nothing.
type CustomerFilter struct {
	BranchID int64 // 0 for all that the operator sees
	Below    bool  // and the branches below it
	Text     string
	// AcceptedOnly leaves out whom only the branch of home shows: the guide's search
	// goes by accepted terms alone (decision 9).
	AcceptedOnly       bool
	SignupSettled      *bool
	BlockStates        []string // those alone; none: all
	ExcludeBlockStates []string
	LicenseStates      []string
	Tags               []string // one of them, however it is written
	GroupID            int64    // members of this business account alone
	HasGroup           *bool
	NotImpersonated    bool // none whom an API client made
	OperatorsOnly      bool
}

// FoundCustomer is a customer of a list.
type FoundCustomer struct {
	*identity.Customer

	GroupID int64 // the business account; 0 for none
}

// SearchCustomers lists the customers that the actor sees by the permission USER_LIST,
// and counts them exactly; by id alone. What is searched are names, number, address
// and id: each word of the text occurs in them, however it is written. Forbidden,
// NotFound with identity.CodeNoBranch.
func (c *Care) SearchCustomers(ctx context.Context, a roster.Actor, f CustomerFilter, p roster.Page) (found []FoundCustomer, total int, err error) {
	err = c.readAs(ctx, a, func(tx *store.Tx, powers *identity.Powers) error {
		s := &search{f: &f, want: newWanted(f.Text), day: dayOf(tx.Now)}
		for _, tag := range f.Tags {
			s.tags = append(s.tags, graph.Key(tag))
		}
		if err := s.within(powers); err != nil {
			return err
		}
		if err := s.read(tx); err != nil {
			return err
		}
		var ids []int64
		ids, total = s.page(c.rolls.of(a.Tenant.ID).look(), p)
		found, err = foundCustomers(tx, ids)
		return err
	})
	return found, total, err
}

// search is one search under way.
type search struct {
	f         *CustomerFilter
	want      *wanted
	day       string         // today
	tags      []string       // folded
	scope     map[int64]bool // branches
	operators map[int64]bool
	group     map[int64]bool // members of the business account
	grouped   map[int64]bool // members of any
	accepted  []int8         // by number of a set of branches: whether it is in scope; 0 for not known yet
	sets      [][]int64
}

// within finds the branches that the list is about.
func (s *search) within(powers *identity.Powers) error {
	s.scope = map[int64]bool{}
	branches := powers.Branches(listPermission)
	switch f := s.f; {
	case f.BranchID == 0:
		if err := powers.Need(listPermission); err != nil {
			return err
		}
	default:
		if err := powers.NeedAt(listPermission, f.BranchID); err != nil {
			return err
		}
		branches = []int64{f.BranchID}
		if f.Below {
			branches = powers.Tree().Below(f.BranchID)
		}
	}
	for _, id := range branches {
		s.scope[id] = true
	}
	return nil
}

const listPermission = "USER_LIST"

// read reads what is not on the roll.
func (s *search) read(tx *store.Tx) (err error) {
	if s.f.OperatorsOnly {
		if s.operators, err = identity.Operators(tx); err != nil {
			return err
		}
	}
	if s.f.GroupID != 0 {
		if s.group, err = business.PeopleOf(tx, s.f.GroupID); err != nil {
			return err
		}
	}
	if s.f.HasGroup != nil {
		s.grouped, err = business.AllMembers(tx)
	}
	return err
}

// page goes through the roll, and returns the ids on the page and how many there are.
func (s *search) page(r picture, p roster.Page) (ids []int64, total int) {
	s.sets, s.accepted = r.sets, make([]int8, len(r.sets))
	desc := len(p.Sort) == 0 || p.Sort[0].Desc
	for i := range r.sheets {
		if desc {
			i = len(r.sheets) - 1 - i
		}
		sh := r.sheets[i]
		maybe := s.want.among(sh)
		maybe.each(desc, func(row int) {
			l := &sh.rows[row]
			if !s.want.in(l.text) || !s.takes(l) {
				return
			}
			if total++; total > p.Offset && (p.Limit == 0 || len(ids) < p.Limit) {
				ids = append(ids, l.ID)
			}
		})
	}
	return ids, total
}

// takes reports whether a customer whose text is found is on the list.
func (s *search) takes(l *listed) bool {
	f := s.f
	switch {
	case !s.inScope(l),
		f.SignupSettled != nil && l.SignupSettled != *f.SignupSettled,
		len(f.BlockStates) > 0 && !slices.Contains(f.BlockStates, l.BlockState),
		slices.Contains(f.ExcludeBlockStates, l.BlockState),
		len(f.LicenseStates) > 0 && !slices.Contains(f.LicenseStates, identity.LicenseOn(s.day, l.LicenseState, l.LicenseExpires)),
		len(s.tags) > 0 && !slices.ContainsFunc(l.Tags, func(tag string) bool { return slices.Contains(s.tags, graph.Key(tag)) }),
		f.NotImpersonated && l.Impersonated,
		s.operators != nil && !s.operators[l.ID],
		s.group != nil && !s.group[l.ID],
		f.HasGroup != nil && s.grouped[l.ID] != *f.HasGroup:
		return false
	}
	return true
}

func (s *search) inScope(l *listed) bool {
	if !s.f.AcceptedOnly && s.scope[l.HomeBranchID] {
		return true
	}
	known := &s.accepted[l.accepted]
	if *known == 0 {
		*known = -1
		if slices.ContainsFunc(s.sets[l.accepted], func(branch int64) bool { return s.scope[branch] }) {
			*known = 1
		}
	}
	return *known > 0
}

// foundCustomers reads the customers of a page, in its order.
func foundCustomers(tx *store.Tx, ids []int64) ([]FoundCustomer, error) {
	customers, err := identity.AnyCustomersByID(tx, ids)
	if err != nil {
		return nil, err
	}
	groups, err := business.GroupsOf(tx, ids)
	if err != nil {
		return nil, err
	}
	found := make([]FoundCustomer, 0, len(ids))
	for _, id := range ids {
		if c := customers[id]; c != nil {
			found = append(found, FoundCustomer{c.On(dayOf(tx.Now)), groups[id]})
		}
	}
	return found, nil
}
