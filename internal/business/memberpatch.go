package business

import (
	"slices"

	"github.com/rosterhq/roster/internal/roster"
)

// MembershipPatch is what a manager changes of a membership by its code; nil leaves a
// field as it is, "" and 0 clear it.
type MembershipPatch struct {
	Role, State                   *string
	DefaultCostCenterID           *int64
	SuperiorEmail, EmployeeNumber *string
	NotYours                      string // as in AccountPatch
}

// MemberPatch is what a manager changes of a member's properties; nil leaves a field
// as it is, "" and 0 clear it.
type MemberPatch struct {
	Role, State                   *string // must be as they are: others change them
	ApprovalState                 *string
	ApprovalComment               *string
	BillingRole                   *string
	AccessMode                    *string
	AccessIDs                     *[]int64
	DefaultCostCenterID           *int64
	SuperiorEmail, EmployeeNumber *string
	Limit                         LimitPatch
	CustomProperties              map[string]*string // merged by key; nil clears one
	NotYours                      string             // as in AccountPatch
}

// LimitPatch is the part of MemberPatch about the spending limit.
type LimitPatch struct {
	Clear            bool
	Amount           *roster.Amount
	Currency, Period *string
}

func (p *MembershipPatch) apply(m *Member) {
	set(&m.Role, p.Role)
	set(&m.State, p.State)
	set(&m.DefaultCostCenterID, p.DefaultCostCenterID)
	set(&m.SuperiorEmail, p.SuperiorEmail)
	set(&m.EmployeeNumber, p.EmployeeNumber)
}

func (p *MemberPatch) apply(m *Member) error {
	set(&m.Approval.State, p.ApprovalState)
	set(&m.Approval.Comment, p.ApprovalComment)
	set(&m.BillingRole, p.BillingRole)
	set(&m.AccessMode, p.AccessMode)
	set(&m.AccessIDs, p.AccessIDs)
	set(&m.DefaultCostCenterID, p.DefaultCostCenterID)
	set(&m.SuperiorEmail, p.SuperiorEmail)
	set(&m.EmployeeNumber, p.EmployeeNumber)
	if p.Limit.Clear {
		m.Limit = Limit{}
	}
	set(&m.Limit.Amount, p.Limit.Amount)
	set(&m.Limit.Currency, p.Limit.Currency)
	set(&m.Limit.Period, p.Limit.Period)
	m.CustomProperties = merge(m.CustomProperties, p.CustomProperties)
	return checkAccessIDs(m)
}

// checkAccessIDs refuses a list of cost centers where the access is no list.
func checkAccessIDs(m *Member) error {
	if m.AccessMode == AccessAll && len(m.AccessIDs) > 0 {
		return roster.FieldError("costCenterAccess.mode", "must be %s for a list of cost centers", AccessList)
	}
	return nil
}

// MemberProperties are all that a manager writes of a member, to replace what was.
type MemberProperties struct {
	Role, State         *string      // must be as they are, where they are given
	Approval            *ApprovalSet // nil, too, is that of a new member
	BillingRole         string       // NoBilling where it is blank
	AccessMode          string       // AccessAll where it is blank
	AccessIDs           []int64
	DefaultCostCenterID int64
	SuperiorEmail       string
	EmployeeNumber      string
	Limit               Limit
	CustomProperties    map[string]string
}

// ApprovalSet is what a manager says of a member's approval; a blank state is the one
// that a new member has.
type ApprovalSet struct{ State, Comment string }

func (p *MemberProperties) apply(a *Account, manager, m *Member) error {
	approval := ApprovalSet{State: firstApproval(a, m)}
	if p.Approval != nil {
		approval.Comment = p.Approval.Comment
		if p.Approval.State != "" {
			approval.State = p.Approval.State
		}
	}
	// What can't be written is not reset by leaving it out.
	if p.Approval != nil || a.Settings.RequireMemberApproval && manager.UserID != m.UserID {
		m.Approval.State, m.Approval.Comment = approval.State, approval.Comment
	}
	m.BillingRole, m.AccessMode = p.BillingRole, p.AccessMode
	if m.BillingRole == "" {
		m.BillingRole = NoBilling
	}
	if m.AccessMode == "" {
		m.AccessMode = AccessAll
	}
	m.AccessIDs, m.DefaultCostCenterID = slices.Clone(p.AccessIDs), p.DefaultCostCenterID
	m.SuperiorEmail, m.EmployeeNumber, m.Limit, m.CustomProperties = p.SuperiorEmail, p.EmployeeNumber, p.Limit, p.CustomProperties
	return checkAccessIDs(m)
}

// decide judges what became of a member's approval and limit in a manager's hands,
// and notes who decided, when. Invalid with Field approval.state; Forbidden with
// CodeManagerLimit for one's own.
func (m *Member) decide(a *Account, manager, before *Member, now int64) error {
	own := manager.UserID == m.UserID
	approval := m.Approval.State != before.Approval.State || m.Approval.Comment != before.Approval.Comment
	if own && (approval || m.Limit != before.Limit) {
		return errManagerLimit("nobody changes their own approval or limit")
	}
	if !approval {
		return nil
	}
	if !a.Settings.RequireMemberApproval {
		return roster.FieldError("approval.state", "counts where the business account requires approval of members")
	}
	if m.Approval.State == before.Approval.State {
		return nil
	}
	switch m.Approval.State {
	case Approved, Rejected:
		m.Approval.DecidedBy, m.Approval.DecidedAt = manager.UserID, now
	case ApprovalPending:
		m.Approval.DecidedBy, m.Approval.DecidedAt = 0, 0
	case ApprovalNotRequired:
		return roster.FieldError("approval.state", "must be %s, %s or %s", Approved, Rejected, ApprovalPending)
	}
	return nil
}
