package business

import (
	"github.com/rosterhq/roster/internal/identity"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/store"
)

// caller reads who calls the user API. Forbidden with CodeBlocked, or with
// CodeDisabled where the home branch has no business accounts; NotFound with
// identity.CodeNoCustomer.
func caller(tx *store.Tx, a roster.Actor) (*identity.Customer, error) {
	c, err := identity.LiveCustomer(tx, a.PersonID)
	if err != nil {
		return nil, err
	}
	if c.BlockState != identity.NotBlocked {
		return nil, errBlocked()
	}
	enabled, err := enabledFor(tx, c)
	if err == nil && !enabled {
		err = errDisabled()
	}
	return c, err
}

func enabledFor(tx *store.Tx, c *identity.Customer) (bool, error) {
	tree, err := identity.Branches(tx)
	if err != nil {
		return false, err
	}
	return identity.BusinessAccountsEnabled.In(tx, tree, c.HomeBranchID)
}

func errBlocked() error {
	return roster.Errorf(roster.Forbidden, CodeBlocked, "you are blocked; ask the support")
}

func errDisabled() error {
	return roster.Errorf(roster.Forbidden, CodeDisabled, "business accounts are not enabled here")
}

// memberOf reads the account and what the caller is in it. NotFound with
// CodeNoAccount where the account is deleted or they are not in it; else as caller.
func memberOf(tx *store.Tx, a roster.Actor, account int64) (*Account, *Member, error) {
	if _, err := caller(tx, a); err != nil {
		return nil, nil, err
	}
	m, err := LiveMember(tx, account, a.PersonID)
	if roster.IsKind(err, roster.NotFound) {
		return nil, nil, errNoAccount()
	}
	if err != nil {
		return nil, nil, err
	}
	acc, err := LiveAccount(tx, account)
	return acc, m, err
}

// managerOf reads an account that the caller manages, and what they are in it.
// Forbidden with CodeNoPermission for another member of it; else as memberOf.
func managerOf(tx *store.Tx, a roster.Actor, account int64) (*Account, *Member, error) {
	acc, m, err := memberOf(tx, a, account)
	if err == nil && !m.IsManager() {
		err = errNoPermission()
	}
	return acc, m, err
}

// mayChange refuses a manager who would change what is not below them: an admin
// changes members, and of themselves what is no role, state, approval or limit.
func (m *Member) mayChange(target *Member) error {
	if m.Role == Owner || target.UserID == m.UserID || target.Role == Simple {
		return nil
	}
	return errManagerLimit("an admin changes members only")
}

// mayGrant refuses a role that a manager cannot give: Invalid with CodeOwnerRole,
// Forbidden with CodeManagerLimit.
func (m *Member) mayGrant(role string) error {
	switch {
	case role == Owner:
		return &roster.Error{Kind: roster.Invalid, Code: CodeOwnerRole, Field: "role", Msg: "must not be OWNER: nobody becomes that this way"}
	case role == Admin && m.Role != Owner:
		return errManagerLimit("only the owner makes somebody ADMIN")
	}
	return nil
}
