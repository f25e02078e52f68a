package business

import (
	"github.com/rosterhq/roster/internal/identity"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/store"
)

// setOwner makes a customer the owner of an account, of which they may be a member
// already; 0 leaves it without one. Who was the owner becomes an admin. NotFound with
// identity.CodeNoCustomer; Invalid with CodeBlocked; Conflict with CodeAssigned or
// CodeAccountInactive. It has written nothing when it refuses.
func (o Office) setOwner(tx *store.Tx, p *identity.Powers, acc *Account, owner int64) error {
	current, err := ownerOf(tx, acc.ID)
	if err != nil || current != nil && current.UserID == owner || current == nil && owner == 0 {
		return err
	}
	var next *Member
	if owner != 0 {
		if next, err = o.nextOwner(tx, p, acc, owner); err != nil {
			return err
		}
	}
	if current != nil {
		_, err := EditMember(tx, acc, current, nil, func(m *Member) error {
			m.Role = Admin
			return nil
		})
		if err != nil {
			return err
		}
	}
	switch {
	case owner == 0:
		return nil
	case next == nil:
		_, err = InsertMember(tx, acc, NewMember{UserID: owner, Role: Owner, CreatedBy: ByOperator})
	default:
		_, err = EditMember(tx, acc, next, nil, func(m *Member) error {
			m.Role, m.State = Owner, MemberActive
			if m.Approval.State != Approved {
				m.Approval = Approval{State: ApprovalNotRequired}
			}
			return nil
		})
	}
	return err
}

// nextOwner judges who is to be the owner, and reads the member that they are; nil
// for who is to come in.
func (o Office) nextOwner(tx *store.Tx, p *identity.Powers, acc *Account, owner int64) (*Member, error) {
	m, err := LiveMember(tx, acc.ID, owner)
	if err != nil && !roster.IsKind(err, roster.NotFound) {
		return nil, err
	}
	var c *identity.Customer
	if m != nil {
		c, err = identity.LiveCustomer(tx, owner)
	} else {
		c, err = o.addable(tx, p, owner)
	}
	if err != nil {
		return nil, err
	}
	if c.BlockState != identity.NotBlocked {
		return nil, &roster.Error{Kind: roster.Invalid, Code: CodeBlocked, Field: "ownerId", Msg: "names a customer who is blocked"}
	}
	if m == nil && acc.State != AccountActive {
		return nil, errInactive()
	}
	return m, nil
}

// addable reads a customer whom an operator may add to an account: one whom they see,
// and who is in none. NotFound with identity.CodeNoCustomer, Conflict with
// CodeAssigned.
func (o Office) addable(tx *store.Tx, p *identity.Powers, id int64) (*identity.Customer, error) {
	seen, err := o.customers(tx, p, []int64{id})
	if err != nil {
		return nil, err
	}
	if seen[id] == nil {
		return nil, errNoCustomer()
	}
	return seen[id], o.refuseAssigned(tx, p, id)
}

// ownerOf reads the owner of an account; nil for none.
func ownerOf(tx *store.Tx, account int64) (*Member, error) {
	var owner int64
	err := tx.EachIn(ownersOf, []int64{account}, func(s store.Scanner) error {
		var group int64
		return s.Scan(&group, &owner)
	})
	if err != nil || owner == 0 {
		return nil, err
	}
	return LiveMember(tx, account, owner)
}
