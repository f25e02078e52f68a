package mobility

import (
	"strings"
	"unicode/utf8"

	"github.com/rosterhq/roster/internal/business"
	"github.com/rosterhq/roster/internal/identity"
	"github.com/rosterhq/roster/internal/roster"
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
