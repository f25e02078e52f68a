package business

import (
	"slices"

	"github.com/rosterhq/roster/internal/identity"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/store"
)

// checkMember judges a member before it is written, and brings it in form; before is
// nil for a new one.
func checkMember(tx *store.Tx, a *Account, before, m *Member) error {
	if m.AccessMode == AccessAll {
		m.AccessIDs = nil
	}
	m.AccessIDs = sortedIDs(m.AccessIDs)
	for _, err := range []error{
		checkWord("role", m.Role, Owner, Admin, Simple),
		checkWord("state", m.State, MemberActive, MemberInactive),
		checkWord("approval.state", m.Approval.State, ApprovalNotRequired, ApprovalPending, Approved, Rejected),
		checkWord("billingRole", m.BillingRole, NoBilling, BillingContact, Approver),
		checkWord("costCenterAccess.mode", m.AccessMode, AccessAll, AccessList),
		checkTexts(text{"approval.comment", m.Approval.Comment, maxText}, text{"employeeNumber", m.EmployeeNumber, maxWord}),
		checkEmail("superiorEmail", m.SuperiorEmail),
		m.Limit.check(),
		identity.CheckCustomProperties(m.CustomProperties),
	} {
		if err != nil {
			return err
		}
	}
	return checkMemberCostCenters(tx, a, before, m)
}

func (l *Limit) check() error {
	if *l == (Limit{}) {
		return nil
	}
	if l.Amount < 0 {
		return roster.FieldError("spendingLimit.amount", "must be at least 0")
	}
	if _, ok := roster.CurrencyScale(l.Currency); !ok {
		return roster.FieldError("spendingLimit.currency", "must be a currency of ISO 4217, such as EUR")
	}
	return checkWord("spendingLimit.period", l.Period, LimitDay, LimitWeek, LimitMonth)
}

// checkMemberCostCenters judges which cost centers a member has access to, and which
// one of them is the default.
func checkMemberCostCenters(tx *store.Tx, a *Account, before, m *Member) error {
	if m.AccessMode == AccessList && len(m.AccessIDs) == 0 {
		return roster.FieldError("costCenterAccess.costCenterIds", "must name a cost center")
	}
	access := before == nil || before.AccessMode != m.AccessMode || !slices.Equal(before.AccessIDs, m.AccessIDs)
	standard := m.DefaultCostCenterID != 0 && (before == nil || before.DefaultCostCenterID != m.DefaultCostCenterID)
	if m.DefaultCostCenterID != 0 && (access || standard) && !m.MayUse(m.DefaultCostCenterID) {
		return errCostCenter("defaultCostCenterId")
	}
	if standard {
		if err := checkCostCenter(tx, "defaultCostCenterId", a.ID, m.DefaultCostCenterID); err != nil {
			return err
		}
	}
	if !access || len(m.AccessIDs) == 0 {
		return nil
	}
	found, err := CostCentersByID(tx, m.AccessIDs)
	if err != nil {
		return err
	}
	for _, id := range m.AccessIDs {
		if c := found[id]; c == nil || c.GroupID != a.ID {
			return errCostCenter("costCenterAccess.costCenterIds")
		}
	}
	return nil
}
