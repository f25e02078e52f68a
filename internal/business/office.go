package business

import (
	"fmt"
	"maps"
	"slices"

	"github.com/rosterhq/roster/internal/graph"
	"github.com/rosterhq/roster/internal/identity"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/store"
)

// Permissions of operators on business accounts and business units.
const (
	readGroups    = "USER_GROUP_READ"
	writeGroups   = "USER_GROUP_WRITE"
	writeMembers  = "USER_GROUP_MEMBER_WRITE"
	deleteGroups  = "USER_GROUP_DELETE"
	readBilling   = "USER_GROUP_BILLING_READ"
	writeBilling  = "USER_GROUP_BILLING_WRITE"
	readSources   = "PAYMENT_SOURCE_READ"
	readUnits     = "BUSINESS_UNIT_READ"
	writeUnits    = "BUSINESS_UNIT_WRITE"
	readCustomers = "USER_READ"
	listCustomers = "USER_LIST"
	readAudit     = "AUDIT_READ"
)

// Office are the verbs of operators: who may call one follows from the permissions
// that they hold on the account's branch, not from what they are in the account. What
// an operator can't see is NotFound; what they see and may not do is Forbidden with
// CodeNoPermission, and says by identity.Denied which permission lacks.
type Office struct {
	b        *Business
	identity *identity.Identity
}

// Office returns the verbs of operators, whose permissions i knows.
func (b *Business) Office(i *identity.Identity) Office { return Office{b, i} }

// account reads an account for who holds a permission on its branch. NotFound with
// CodeNoAccount, Forbidden with CodeNoPermission.
func (o Office) account(tx *store.Tx, p *identity.Powers, id int64, permission string) (*Account, error) {
	acc, err := LiveAccount(tx, id)
	if err != nil {
		return nil, err
	}
	return acc, p.NeedOn(permission, readGroups, errNoAccount(), acc.BranchID)
}

// check asks a precondition, where there is one.
func check(match graph.Match, revision int64) error {
	if match == nil {
		return nil
	}
	return match(revision)
}

// customers reads those of the people whom an operator sees who handles accounts:
// where customers are read, or members are. The others are as good as not there.
func (o Office) customers(tx *store.Tx, p *identity.Powers, ids []int64) (map[int64]*identity.Customer, error) {
	found, err := identity.CustomersByID(tx, ids)
	if err != nil {
		return nil, err
	}
	branches, err := o.b.guard.branchesOfCustomers(tx, ids)
	if err != nil {
		return nil, err
	}
	for id := range found {
		of := branches[id]
		if !p.On(readCustomers, of...) && !p.On(listCustomers, of...) && !p.On(writeMembers, of...) {
			delete(found, id)
		}
	}
	return found, nil
}

// fieldAt names an entry of a list.
func fieldAt(list string, i int) string { return fmt.Sprintf("%s[%d]", list, i) }

func errNoCustomer() error {
	return roster.Errorf(roster.NotFound, identity.CodeNoCustomer, "there is no such customer")
}

// Assigned are the details of CodeAssigned: the account that the person is in, where
// the caller sees it.
type Assigned struct {
	UserGroupID int64 `json:"userGroupId"`
}

// refuseAssigned refuses somebody who is in an account: Conflict with CodeAssigned,
// and Assigned.
func (o Office) refuseAssigned(tx *store.Tx, p *identity.Powers, person int64) error {
	acc, _, err := AccountOf(tx, person)
	if err != nil || acc == nil {
		return err
	}
	return errAssignedTo(p, acc)
}

func errAssignedTo(p *identity.Powers, acc *Account) error {
	e := &roster.Error{Kind: roster.Conflict, Code: CodeAssigned, Msg: "the person is in a business account already"}
	if p.On(readGroups, acc.BranchID) {
		e.Details = Assigned{acc.ID}
	}
	return e
}

// assigned is refuseAssigned for many: the refusals of those who are in an account.
func (o Office) assigned(tx *store.Tx, p *identity.Powers, people []int64) (map[int64]error, error) {
	in, err := GroupsOf(tx, people)
	if err != nil {
		return nil, err
	}
	accounts, err := AccountsByID(tx, sortedIDs(slices.Collect(maps.Values(in))))
	if err != nil {
		return nil, err
	}
	refusals := map[int64]error{}
	for person, account := range in {
		refusals[person] = errAssignedTo(p, accounts[account])
	}
	return refusals, nil
}
