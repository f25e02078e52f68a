package care

import (
	"slices"

	"github.com/rosterhq/roster/internal/identity"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/store"
)

// Where a customer is seen: at the branch of home, and wherever they accepted terms,
// be they outdated (decision 9).

// showsCustomers are the permissions by which an operator sees customers.
var showsCustomers = []string{"USER_READ", "USER_LIST"}

// SeeCustomer reads a customer for the actor, an operator or an API client, who needs
// a permission on one of the customer's branches. A deleted customer is read, too.
// NotFound with identity.CodeNoCustomer for one who is not seen, Forbidden with
// identity.CodeNoPermission.
func SeeCustomer(tx *store.Tx, id int64, permission string) (*identity.Customer, error) {
	powers, err := identity.PowersIn(tx)
	if err != nil {
		return nil, err
	}
	if err := powers.Need(permission); err != nil {
		return nil, err
	}
	c, branches, err := whereCustomer(tx, id)
	if err != nil {
		return nil, err
	}
	sees := func(permission string) bool {
		return slices.ContainsFunc(branches, func(branch int64) bool { return powers.At(permission, branch) })
	}
	switch {
	case sees(permission):
		return c, nil
	case slices.ContainsFunc(showsCustomers, sees):
		return nil, &roster.Error{
			Kind: roster.Forbidden, Code: identity.CodeNoPermission, Msg: "this needs the permission " + permission + " on a branch of the customer",
			Details: identity.Denied{Permission: permission},
		}
	}
	return nil, errUnseen()
}

// SeeCustomerAt is SeeCustomer for a call that names a branch, on which the permission
// must hold: NotFound with identity.CodeNoBranch, Forbidden with
// identity.CodeBranchOfOther. The customer must be seen by any of their branches.
func SeeCustomerAt(tx *store.Tx, id, branch int64, permission string) (*identity.Customer, error) {
	c, err := SeeCustomer(tx, id, permission)
	if err != nil {
		return nil, err
	}
	powers, err := identity.PowersIn(tx)
	if err != nil {
		return nil, err
	}
	return c, powers.NeedAt(permission, branch)
}

// ChangeCustomer is SeeCustomer for a call that changes the customer. Conflict with
// identity.CodeCustomerDeleted.
func ChangeCustomer(tx *store.Tx, id int64, permission string) (*identity.Customer, error) {
	c, err := SeeCustomer(tx, id, permission)
	if err == nil && c.BlockState == identity.Deleted {
		err = errDeleted()
	}
	return c, err
}

func errUnseen() error {
	return roster.Errorf(roster.NotFound, identity.CodeNoCustomer, "there is no such customer")
}

func errDeleted() error {
	return roster.Errorf(roster.Conflict, identity.CodeCustomerDeleted, "the customer is deleted")
}

// whereCustomer reads a customer and the branches at which they are seen.
func whereCustomer(tx *store.Tx, id int64) (*identity.Customer, []int64, error) {
	c, err := identity.AnyCustomer(tx, id)
	if err != nil {
		return nil, nil, err
	}
	all, err := AcceptancesOf(tx, id)
	if err != nil {
		return nil, nil, err
	}
	return c, append(acceptedBranches(all), c.HomeBranchID), nil
}

// acceptedBranches are those for which terms were accepted, by id.
func acceptedBranches(all []Acceptance) []int64 {
	branches := make([]int64, 0, len(all)+1)
	for _, a := range all {
		branches = append(branches, a.BranchID)
	}
	slices.Sort(branches)
	return slices.Compact(branches)
}
