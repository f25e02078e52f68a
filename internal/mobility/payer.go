package mobility

import (
	"strings"
	"unicode/utf8"

	"github.com/rosterhq/roster/internal/business"
	"github.com/rosterhq/roster/internal/identity"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/store"
)

// Payer is who pays for a rental or booking, as a client says it.
type Payer struct {
	Type            string // Personal or Business; "" for Business where a group is named
	GroupID         int64  // the group by its id or its code; both must agree
	GroupCode       string
	CostCenterID    int64 // 0 for the member's default, or the group's
	BusinessReason  string
	PaymentSourceID int64 // of a personal one; 0 for the default
}

const maxReason = 500

// settle fills in the type and judges what can be judged of the input alone. Invalid,
// with business.CodeTypeAndAccount or business.CodePersonalSource.
func (p *Payer) settle() error {
	named := p.GroupID != 0 || p.GroupCode != ""
	switch {
	case p.Type == "" && named:
		p.Type = Business
	case p.Type == "":
		p.Type = Personal
	}
	p.BusinessReason = strings.TrimSpace(p.BusinessReason)
	switch {
	case p.Type != Personal && p.Type != Business:
		return roster.FieldError("type", "must be %s or %s", Personal, Business)
	case (p.Type == Business) != named:
		return roster.Errorf(roster.Invalid, business.CodeTypeAndAccount, "a %s rental names a business account, and no other does", Business)
	case p.Type == Business && p.PaymentSourceID != 0:
		return &roster.Error{
			Kind: roster.Invalid, Code: business.CodePersonalSource, Field: "paymentSourceId", Msg: "must be left out: the business account pays",
		}
	case p.Type == Personal && p.CostCenterID != 0:
		return roster.FieldError("costCenterId", "is for %s rentals", Business)
	case utf8.RuneCountInString(p.BusinessReason) > maxReason:
		return roster.FieldError("businessReason", "must have at most %d characters", maxReason)
	}
	return nil
}

// account finds the group that pays, nil for a personal one, and what the person is in
// it, nil for nothing. To somebody who was never in the group it is not there: NotFound
// with business.CodeNoAccount or CodeNoCode. Forbidden with business.CodeDisabled where
// business accounts are off.
func (p *Payer) account(tx *store.Tx, r *rules, person int64) (a *business.Account, of *business.Member, err error) {
	if p.Type != Business {
		return nil, nil, nil
	}
	if p.GroupCode != "" {
		a, err = business.AccountByCode(tx, p.GroupCode)
	} else {
		a, err = business.LiveAccount(tx, p.GroupID)
	}
	if err != nil {
		return nil, nil, err
	}
	if of, err = member(tx, a.ID, person); err != nil {
		return nil, nil, err
	}
	if known := of != nil; !known {
		if known, err = tx.Exists(memberEver, a.ID, person); err != nil {
			return nil, nil, err
		}
		if !known {
			return nil, nil, p.errNoAccount()
		}
	}
	if p.GroupID != 0 && p.GroupID != a.ID {
		return nil, nil, errTwoAccounts()
	}
	return a, of, r.checkEnabled(a)
}

func errTwoAccounts() error {
	return roster.FieldError("userGroupCode", "is another business account's than userGroupId")
}

func (r *rules) checkEnabled(a *business.Account) error {
	enabled, err := identity.BusinessAccountsEnabled.At(r.settings, r.tree, a.BranchID)
	if err == nil && !enabled {
		err = errDisabled()
	}
	return err
}

func errDisabled() error {
	return roster.Errorf(roster.Forbidden, business.CodeDisabled, "business accounts are not enabled")
}

func (p *Payer) errNoAccount() error {
	if p.GroupCode != "" {
		return roster.Errorf(roster.NotFound, business.CodeNoCode, "no business account has this code")
	}
	return errNoAccount()
}

func errNoAccount() error {
	return roster.Errorf(roster.NotFound, business.CodeNoAccount, "there is no such business account")
}

// memberEver finds whoever is or was in a group: those know that it is there, and are
// told why they cannot use it.
var memberEver = store.Q("member.ever", `SELECT 1 FROM member_properties p WHERE p.tenant = $1 AND p.group_id = $2 AND p.person_id = $3`)
