package business

import (
	"context"
	"slices"

	"github.com/rosterhq/roster/internal/graph"
	"github.com/rosterhq/roster/internal/identity"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/store"
)

// maxBulk is how many people a call of operators names at most.
const maxBulk = 500

// Refused is a row of a bulk call that was refused, by the person's id or address.
type Refused struct {
	ID    int64
	Email string
	Err   error
}

// Bulk is what became of the people of a bulk call, each once, in their order.
type Bulk struct {
	Done    []int64
	Refused []Refused
}

// eachOnce runs a bulk call for each of the ids, which refuses a row by an error and
// has then written nothing. The error is a failure of the whole.
func (k *Bulk) eachOnce(ids []int64, fn func(id int64) error) error {
	seen := map[int64]bool{}
	for _, id := range ids {
		if seen[id] {
			continue
		}
		seen[id] = true
		err := fn(id)
		switch {
		case err == nil:
			k.Done = append(k.Done, id)
		case refusal(err):
			k.Refused = append(k.Refused, Refused{ID: id, Err: err})
		default:
			return err
		}
	}
	return nil
}

// refusal tells an error that is about what was asked from one that is a failure.
func refusal(err error) bool {
	return !roster.IsKind(err, roster.Internal) && !roster.IsKind(err, roster.Unavailable)
}

// checkBulk judges how many people a bulk call names, and the role that it gives.
func checkBulk(n int, role string) error {
	if n < 1 || n > maxBulk {
		return roster.Errorf(roster.Invalid, CodeTooManyItems, "1 to %d people are named at once", maxBulk)
	}
	return checkGranted(role)
}

// checkGranted judges a role that an operator gives; "" is Simple.
func checkGranted(role string) error {
	switch role {
	case Owner:
		return &roster.Error{Kind: roster.Invalid, Code: CodeOwnerRole, Field: "role", Msg: "must not be OWNER: nobody becomes that this way"}
	case "":
		return nil
	}
	return checkWord("role", role, Admin, Simple)
}

// Members lists the members of an account, those who left too where f says so. Orders
// as of the user API's. NotFound with CodeNoAccount.
func (o Office) Members(ctx context.Context, a roster.Actor, account int64, f MemberFilter, p roster.Page) (page []*MemberView, total int, err error) {
	if err := f.check(); err != nil {
		return nil, 0, err
	}
	err = o.identity.ReadAs(ctx, a, func(tx *store.Tx, powers *identity.Powers) error {
		if _, err := o.account(tx, powers, account, readGroups); err != nil {
			return err
		}
		members, n, err := listMembers(tx, account, f, p)
		if err != nil {
			return err
		}
		total = n
		page, err = viewMembers(tx, members, wholeUsersByID)
		return err
	})
	return page, total, err
}

// Member reads a member. NotFound with CodeNoAccount or CodeNoMember.
func (o Office) Member(ctx context.Context, a roster.Actor, account, person int64) (v *MemberView, err error) {
	err = o.identity.ReadAs(ctx, a, func(tx *store.Tx, p *identity.Powers) error {
		if _, err := o.account(tx, p, account, readGroups); err != nil {
			return err
		}
		m, err := LiveMember(tx, account, person)
		if err != nil {
			return err
		}
		v, err = viewWhole(tx, m)
		return err
	})
	return v, err
}

func viewWhole(tx *store.Tx, m *Member) (*MemberView, error) {
	views, err := viewMembers(tx, []*Member{m}, wholeUsersByID)
	if err != nil {
		return nil, err
	}
	return views[0], nil
}

// AddMember puts a customer into an account at once. NotFound with CodeNoAccount or
// identity.CodeNoCustomer, Forbidden with CodeNoPermission, Invalid (CodeOwnerRole,
// CodeCostCenter), Conflict with CodeAssigned or CodeAccountInactive.
func (o Office) AddMember(ctx context.Context, a roster.Actor, account int64, in NewMember) (v *MemberView, err error) {
	err = o.identity.WriteAs(ctx, a, func(tx *store.Tx, p *identity.Powers) error {
		acc, err := o.account(tx, p, account, writeMembers)
		if err != nil {
			return err
		}
		if err := checkGranted(in.Role); err != nil {
			return err
		}
		if _, err := o.addable(tx, p, in.UserID); err != nil {
			return err
		}
		in.CreatedBy = ByOperator
		m, err := InsertMember(tx, acc, in)
		if err != nil {
			return err
		}
		v, err = viewWhole(tx, m)
		return err
	})
	return v, err
}

// AddMembers puts customers into an account at once, each as in says; whoever comes
// twice is added once. A row is refused for itself: identity.CodeNoCustomer or
// CodeAssigned. The whole is refused as of AddMember, and with CodeTooManyItems.
func (o Office) AddMembers(ctx context.Context, a roster.Actor, account int64, people []int64, in NewMember) (done Bulk, err error) {
	err = o.identity.WriteAs(ctx, a, func(tx *store.Tx, p *identity.Powers) error {
		tx.Housekeeping() // it may be that all are refused
		acc, err := o.bulkAccount(tx, p, account, people, 0, in.Role)
		if err != nil {
			return err
		}
		if acc.State != AccountActive {
			return errInactive()
		}
		if in.DefaultCostCenterID != 0 {
			if err := checkCostCenter(tx, "defaultCostCenterId", acc.ID, in.DefaultCostCenterID); err != nil {
				return err
			}
		}
		seen, err := o.customers(tx, p, people)
		if err != nil {
			return err
		}
		assigned, err := o.assigned(tx, p, people)
		if err != nil {
			return err
		}
		var free []*identity.Customer
		done = Bulk{}
		err = done.eachOnce(people, func(id int64) error {
			switch {
			case seen[id] == nil:
				return errNoCustomer()
			case assigned[id] != nil:
				return assigned[id]
			}
			free = append(free, seen[id])
			return nil
		})
		if err != nil {
			return err
		}
		in.CreatedBy = ByOperator
		return insertMembers(tx, acc, free, in)
	})
	return done, err
}

// bulkAccount reads the account of a bulk call, and judges the call's form.
func (o Office) bulkAccount(tx *store.Tx, p *identity.Powers, account int64, people []int64, more int, role string) (*Account, error) {
	acc, err := o.account(tx, p, account, writeMembers)
	if err != nil {
		return nil, err
	}
	if err := checkBulk(len(people)+more, role); err != nil {
		return nil, err
	}
	if slices.ContainsFunc(people, func(id int64) bool { return id < 1 }) {
		return nil, roster.FieldError("userIds", "must be at least 1 each")
	}
	return acc, nil
}

// RemoveMembers takes people out of an account. A row is refused for itself:
// CodeNoMember, CodeOwnerStays or CodeOpen. NotFound with CodeNoAccount, Forbidden
// with CodeNoPermission, Invalid with CodeTooManyItems.
func (o Office) RemoveMembers(ctx context.Context, a roster.Actor, account int64, people []int64) (done Bulk, err error) {
	err = o.identity.WriteAs(ctx, a, func(tx *store.Tx, p *identity.Powers) error {
		tx.Housekeeping()
		if _, err := o.bulkAccount(tx, p, account, people, 0, ""); err != nil {
			return err
		}
		members, err := liveMembers(tx, account, sortedIDs(slices.Clone(people)))
		if err != nil {
			return err
		}
		done = Bulk{}
		return done.eachOnce(people, func(id int64) error {
			if members[id] == nil {
				return errNoMember()
			}
			return o.b.end(tx, members[id], "")
		})
	})
	return done, err
}

// Standing is what an operator says of a member, to replace what was: "" and 0 clear a
// field.
type Standing struct {
	Role, State                   string
	DefaultCostCenterID           int64
	SuperiorEmail, EmployeeNumber string
}

// ReplaceMember replaces role, state and the like of a member. NotFound with
// CodeNoAccount or CodeNoMember, Forbidden with CodeNoPermission, Precondition,
// Invalid (CodeOwnerRole, CodeCostCenter).
func (o Office) ReplaceMember(ctx context.Context, a roster.Actor, account, person int64, match graph.Match, in Standing) (v *MemberView, err error) {
	err = o.identity.WriteAs(ctx, a, func(tx *store.Tx, p *identity.Powers) error {
		acc, err := o.account(tx, p, account, writeMembers)
		if err != nil {
			return err
		}
		before, err := LiveMember(tx, account, person)
		if err != nil {
			return err
		}
		m, err := EditMember(tx, acc, before, match, func(m *Member) error {
			if (in.Role == Owner) != (m.Role == Owner) || m.Role == Owner && in.State != MemberActive {
				return &roster.Error{Kind: roster.Invalid, Code: CodeOwnerRole, Field: "role", Msg: "of the owner stays OWNER, in the state ACTIVE, and nobody else gets it"}
			}
			m.Role, m.State, m.DefaultCostCenterID = in.Role, in.State, in.DefaultCostCenterID
			m.SuperiorEmail, m.EmployeeNumber = in.SuperiorEmail, in.EmployeeNumber
			return nil
		})
		if err != nil {
			return err
		}
		v, err = viewWhole(tx, m)
		return err
	})
	return v, err
}
