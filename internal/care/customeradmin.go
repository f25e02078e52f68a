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

// CustomerOf reads a customer for an operator, or an API client. NotFound with
// identity.CodeNoCustomer, Forbidden with identity.CodeNoPermission.
func (c *Care) CustomerOf(ctx context.Context, a roster.Actor, id int64) (*Rider, error) {
	p, err := c.powers.Of(ctx, a)
	if err != nil {
		return nil, err
	}
	d, err := c.dossiers.Get(ctx, a.Tenant.ID, id, func(tx *store.Tx) (*dossier, error) { return readDossier(tx, id) })
	if err != nil {
		return nil, err
	}
	by, err := c.rules.Get(ctx, a.Tenant.ID, struct{}{}, readRules)
	if err != nil {
		return nil, err
	}
	return d.shownTo(p, "USER_READ", by, c.db.Now())
}

// SeenCustomer is CustomerFor with all that an operator is shown of a customer.
func SeenCustomer(tx *store.Tx, p *identity.Powers, id int64, permission string) (*Rider, error) {
	d, err := readDossier(tx, id)
	if err != nil {
		return nil, err
	}
	by, err := readRules(tx)
	if err != nil {
		return nil, err
	}
	return d.shownTo(p, permission, by, tx.Now)
}

// CustomerGroup is a customer's membership in a business account, and whether the
// operator may see the account: else its id and name are all they are told.
type CustomerGroup struct {
	Account    *business.Account
	Membership *business.Member
	Visible    bool
}

// CustomerGroups reads in which business accounts a customer is, or, with former, was.
// Errors are those of CustomerOf.
func (c *Care) CustomerGroups(ctx context.Context, a roster.Actor, id int64, former bool) (groups []CustomerGroup, err error) {
	err = c.readAs(ctx, a, func(tx *store.Tx, p *identity.Powers) error {
		if _, err := CustomerFor(tx, p, id, "USER_READ"); err != nil {
			return err
		}
		members, err := business.MembershipsOf(tx, id, former)
		if err != nil {
			return err
		}
		ids := make([]int64, len(members))
		for i, m := range members {
			ids[i] = m.GroupID
		}
		accounts, err := business.AccountsByID(tx, ids)
		if err != nil {
			return err
		}
		groups = make([]CustomerGroup, len(members))
		for i, m := range members {
			account := accounts[m.GroupID]
			groups[i] = CustomerGroup{account, m, p.At("USER_GROUP_READ", account.BranchID)}
		}
		return nil
	})
	return groups, err
}

// CustomerPaymentSources reads what a customer pays with, as far as an operator sees
// it: sources of the branch's business unit, or, where branch is 0, of all units that
// bill branches on which they hold PAYMENT_SOURCE_READ. Errors are those of
// CustomerOf; of a branch NotFound, and Forbidden with identity.CodeBranchOfOther. The log says
// that they were read.
func (c *Care) CustomerPaymentSources(ctx context.Context, a roster.Actor, id, branch int64) (seen []*business.PaymentSource, err error) {
	const permission = "PAYMENT_SOURCE_READ"
	err = c.writeAs(ctx, a, func(tx *store.Tx, p *identity.Powers) error {
		of, err := CustomerFor(tx, p, id, permission)
		if err != nil {
			return err
		}
		branches := p.Branches(permission)
		if branch != 0 {
			if err := p.NeedAt(permission, branch); err != nil {
				return err
			}
			branches = []int64{branch}
		}
		units := map[int64]bool{}
		for _, id := range branches {
			units[p.Tree().Unit(id)] = true
		}
		all, err := business.SourcesOf(tx, id)
		if err != nil {
			return err
		}
		seen = slices.DeleteFunc(all, func(s *business.PaymentSource) bool { return !units[s.BusinessUnitID] })
		at := of.HomeBranchID
		if !slices.Contains(branches, at) { // seen by terms that were accepted elsewhere
			at = branches[0]
		}
		business.RecordSourcesRead(tx, id, at, seen)
		return nil
	})
	return seen, err
}

// NewCustomer is what an operator says of a customer to be made.
type NewCustomer struct {
	identity.Customer

	Method    string // the way to sign in; "" where it follows from address or number
	SendReset bool   // a code to set a password is mailed
}

// CreateCustomer makes a customer. A person who is there already gets the profile, and
// no way to sign in by it. The home branch is that of the operator's only assignment
// where none is given. Invalid, Exists as identity.InsertCustomer; Forbidden.
func (c *Care) CreateCustomer(ctx context.Context, a roster.Actor, in NewCustomer) (r *Rider, err error) {
	if err := in.settleMethod(); err != nil {
		return nil, err
	}
	err = c.writeAs(ctx, a, func(tx *store.Tx, p *identity.Powers) error {
		made := in.Customer
		if err := homeOf(p, &made); err != nil {
			return err
		}
		if err := p.NeedAt("USER_WRITE", made.HomeBranchID); err != nil {
			return err
		}
		if made.LicenseState != "" && made.LicenseState != "UNVERIFIED" && !p.At("VERIFICATION_WRITE", made.HomeBranchID) {
			return errNeeds("VERIFICATION_WRITE", made.HomeBranchID)
		}
		if err := checkLicenseCategories(made.LicenseCategories); err != nil {
			return err
		}
		if err := identity.CheckCustomProperties(made.CustomProperties); err != nil {
			return err
		}
		fresh, err := isFresh(tx, made.Email)
		if err != nil {
			return err
		}
		if err := identity.InsertCustomer(tx, &made); err != nil {
			return takenByAdmin(err)
		}
		if fresh {
			if _, err := identity.AddSignInMethod(tx, made.ID, in.Method); err != nil {
				return err
			}
			if in.SendReset && in.Method == identity.EmailPassword {
				if err := identity.SendPasswordReset(tx, made.ID); err != nil {
					return err
				}
			}
		}
		r, err = SeenCustomer(tx, p, made.ID, "USER_WRITE")
		return err
	})
	return r, err
}

// takenByAdmin gives an address that is taken the contract's code for creation by an
// administrator.
func takenByAdmin(err error) error {
	if e := roster.AsError(err); e.Code == identity.CodeEmailTaken {
		copied := *e
		copied.Code += ".1"
		return &copied
	}
	return err
}

func errNeeds(permission string, branch int64) error {
	return &roster.Error{
		Kind: roster.Forbidden, Code: identity.CodeNoPermission, Msg: "this needs the permission " + permission,
		Details: identity.Denied{Permission: permission, BranchID: branch},
	}
}

// isFresh reports whether an address is nobody's.
func isFresh(tx *store.Tx, email string) (bool, error) {
	if email == "" {
		return true, nil
	}
	_, err := graph.PersonByEmail(tx, email)
	if roster.IsKind(err, roster.NotFound) {
		return true, nil
	}
	return false, err
}

// homeOf gives a new customer a home where the operator has only one to give.
func homeOf(p *identity.Powers, c *identity.Customer) error {
	if c.HomeBranchID != 0 {
		return nil
	}
	for _, id := range p.Branches("USER_WRITE") {
		parent := p.Tree().Branch(id).ParentID
		if parent != 0 && p.At("USER_WRITE", parent) {
			continue
		}
		if c.HomeBranchID != 0 {
			return roster.FieldError("branchId", "must be given, since you make customers in several branches")
		}
		c.HomeBranchID = id
	}
	return nil
}

// Codes of what a customer lacks (contract/mobility.md §2.2).
const (
	CodeNoContact     = "U130.2"
	CodeNoEmail       = "U130.3"
	CodeNoPhone       = "U130.4"
	CodeUnknownMethod = "U109"
)

func lacking(code, field, msg string) error {
	return &roster.Error{Kind: roster.Invalid, Code: code, Field: field, Msg: msg}
}

// settleMethod finds the way to sign in that follows from address and number.
func (in *NewCustomer) settleMethod() error {
	switch {
	case in.Email == "" && in.Phone == "" && in.Method == "":
		return lacking(CodeNoContact, "email", "must be given, or phone")
	case in.Method == "" && in.Email != "" && in.Phone != "":
		return roster.FieldError("authenticationType", "must be given, EMAIL_PASSWORD, EMAIL_CODE or PHONE_CODE, since there are both email and phone")
	case in.Method == "" && in.Email != "":
		in.Method = identity.EmailPassword
	case in.Method == "":
		in.Method = identity.PhoneCode
	}
	switch in.Method {
	case identity.EmailPassword, identity.EmailCode:
		if in.Email == "" {
			return lacking(CodeNoEmail, "email", "must be given for this authenticationType")
		}
	case identity.PhoneCode:
		if in.Phone == "" {
			return lacking(CodeNoPhone, "phone", "must be given for this authenticationType")
		}
	default:
		return lacking(CodeUnknownMethod, "authenticationType", "must be EMAIL_PASSWORD, EMAIL_CODE or PHONE_CODE")
	}
	return nil
}
