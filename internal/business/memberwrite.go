package business

import (
	"maps"
	"slices"

	"github.com/rosterhq/roster/internal/graph"
	"github.com/rosterhq/roster/internal/identity"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/store"
)

var (
	memberInsert = store.Q("member.insert", `INSERT INTO member_properties (tenant, group_id, person_id, member_code, approval_state, approval_comment,
		approval_decided_by, approval_decided_at, billing_role, access_mode, default_cost_center_id, superior_email, employee_number,
		limit_amount, limit_currency, limit_period, custom_properties, created_by, joined_at, left_at, revision)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, 0, $20)
		ON CONFLICT (tenant, group_id, member_code) DO NOTHING`).Many()
	memberUpdate = store.Q("member.update", `UPDATE member_properties SET member_code = $4, approval_state = $5, approval_comment = $6,
		approval_decided_by = $7, approval_decided_at = $8, billing_role = $9, access_mode = $10, default_cost_center_id = $11, superior_email = $12,
		employee_number = $13, limit_amount = $14, limit_currency = $15, limit_period = $16, custom_properties = $17, created_by = $18,
		joined_at = $19, left_at = 0, revision = $20 WHERE tenant = $1 AND group_id = $2 AND person_id = $3`)
	memberLeft = store.Q("member.leave", `UPDATE member_properties SET left_at = $4, revision = $5
		WHERE tenant = $1 AND group_id = $2 AND person_id = $3`)
	membersLeft  = store.Q("member.leave_all", `UPDATE member_properties SET left_at = $3, revision = $4 WHERE tenant = $1 AND group_id = $2 AND left_at = 0`)
	accessInsert = store.Q("member.insert_access", `INSERT INTO cost_center_access (tenant, group_id, person_id, cost_center_id) VALUES ($1, $2, $3, $4)`).Many()
	accessDelete = store.Q("member.delete_access", `DELETE FROM cost_center_access WHERE tenant = $1 AND group_id = $2 AND person_id = $3`)
)

// MemberFields are the fields of a member as the change log spells them.
type MemberFields struct {
	MemberCode          string            `json:"memberCode"`
	Role                string            `json:"role"`
	State               string            `json:"state"`
	Approval            ApprovalFields    `json:"approval"`
	BillingRole         string            `json:"billingRole"`
	Access              AccessFields      `json:"costCenterAccess"`
	DefaultCostCenterID int64             `json:"defaultCostCenterId,omitempty"`
	SuperiorEmail       string            `json:"superiorEmail,omitempty"`
	EmployeeNumber      string            `json:"employeeNumber,omitempty"`
	Limit               *LimitFields      `json:"spendingLimit,omitempty"`
	CustomProperties    map[string]string `json:"customProperties,omitempty"`
	JoinedAt            int64             `json:"joinedAt"` // µs UTC
	LeftAt              int64             `json:"leftAt,omitempty"`
	LeaveReason         string            `json:"leaveReason,omitempty"`
	CreatedBy           string            `json:"createdBy"`
}

// ApprovalFields is a member's approval in MemberFields.
type ApprovalFields struct {
	State     string `json:"state"`
	Comment   string `json:"comment,omitempty"`
	DecidedBy int64  `json:"decidedBy,omitempty"`
	DecidedAt int64  `json:"decidedAt,omitempty"` // µs UTC
}

// AccessFields is a member's access to cost centers in MemberFields.
type AccessFields struct {
	Mode string  `json:"mode"`
	IDs  []int64 `json:"costCenterIds"`
}

// LimitFields is a spending limit in MemberFields.
type LimitFields struct {
	Amount   string `json:"amount"`
	Currency string `json:"currency"`
	Period   string `json:"period"`
}

func memberFields(m *Member) MemberFields {
	f := MemberFields{
		MemberCode: m.MemberCode, Role: m.Role, State: m.State, Approval: ApprovalFields(m.Approval), BillingRole: m.BillingRole,
		Access: AccessFields{m.AccessMode, m.AccessIDs}, DefaultCostCenterID: m.DefaultCostCenterID, SuperiorEmail: m.SuperiorEmail,
		EmployeeNumber: m.EmployeeNumber, CustomProperties: m.CustomProperties, JoinedAt: m.JoinedAt, CreatedBy: m.CreatedBy,
	}
	if m.Limit.Currency != "" {
		f.Limit = &LimitFields{m.Limit.Amount.String(), m.Limit.Currency, m.Limit.Period}
	}
	return f
}

func recordMember(tx *store.Tx, operation string, before, after *Member) {
	c := roster.Change{Operation: operation, SubjectType: memberSubject}
	if before != nil {
		c.SubjectID, c.ObjectID, c.Before = before.GroupID, before.UserID, memberFields(before)
	}
	if after != nil {
		c.SubjectID, c.ObjectID, c.After = after.GroupID, after.UserID, memberFields(after)
	}
	tx.Record(c)
}

// row is a member's row of properties, from the account on.
func (m *Member) row() []any {
	return []any{
		m.GroupID, m.UserID, m.MemberCode, m.Approval.State, m.Approval.Comment, m.Approval.DecidedBy, m.Approval.DecidedAt, m.BillingRole, m.AccessMode,
		nullableID(m.DefaultCostCenterID), m.SuperiorEmail, m.EmployeeNumber, int64(m.Limit.Amount), m.Limit.Currency, m.Limit.Period,
		mapJSON(m.CustomProperties), m.CreatedBy, m.JoinedAt, m.Revision,
	}
}

// NewMember says who comes into an account, and how.
type NewMember struct {
	UserID              int64
	Role                string // Simple where it is blank
	DefaultCostCenterID int64
	SuperiorEmail       string
	EmployeeNumber      string
	CreatedBy           string // BySelf, ByManager, ByOperator or ByInvitation
	// Request is the one that this is the acceptance of, if any: it stays as it is
	// when the person's other requests are cancelled.
	Request int64
}

// InsertMember puts a customer into an account and cancels what requests of theirs
// still wait. Whoever was in it before has the same member code again, and nothing
// else of what was. NotFound with identity.CodeNoCustomer; Conflict with
// CodeAssigned, CodeAccountInactive, or graph.CodeSecondOwner; Invalid
// (CodeCostCenter). It has written nothing when it refuses.
func InsertMember(tx *store.Tx, a *Account, in NewMember) (*Member, error) {
	customer, err := identity.LiveCustomer(tx, in.UserID)
	if err != nil {
		return nil, err
	}
	if err := refuseAssigned(tx, in.UserID); err != nil {
		return nil, err
	}
	if a.State != AccountActive {
		return nil, errInactive()
	}
	m := in.member(tx, a)
	if err := checkMember(tx, a, nil, m); err != nil {
		return nil, err
	}
	_, err = graph.AddMember(tx, a.ID, graph.Membership{MemberID: m.UserID, MemberKind: graph.PersonSubject, Role: m.Role, State: m.State})
	if err != nil {
		return nil, err
	}
	if err := insertProperties(tx, a.ID, m); err != nil {
		return nil, err
	}
	recordMember(tx, "member.add", nil, m)
	return m, cancelRequestsOf(tx, customer, in.Request)
}

// member is somebody as they come into an account.
func (in *NewMember) member(tx *store.Tx, a *Account) *Member {
	m := &Member{
		GroupID: a.ID, UserID: in.UserID, Role: in.Role, State: MemberActive, BillingRole: NoBilling, AccessMode: AccessAll,
		DefaultCostCenterID: in.DefaultCostCenterID, SuperiorEmail: in.SuperiorEmail, EmployeeNumber: in.EmployeeNumber,
		JoinedAt: tx.Now, CreatedBy: in.CreatedBy, Revision: tx.Revision,
	}
	if m.Role == "" {
		m.Role = Simple
	}
	m.Approval.State = firstApproval(a, m)
	return m
}

func errInactive() error {
	return roster.Errorf(roster.Conflict, CodeAccountInactive, "the business account is not active")
}

// firstApproval is the approval that a member begins with. An owner needs none: there
// is nobody to give it.
func firstApproval(a *Account, m *Member) string {
	if a.Settings.RequireMemberApproval && m.Role != Owner {
		return ApprovalPending
	}
	return ApprovalNotRequired
}

// refuseAssigned refuses somebody who is in an account: Conflict with CodeAssigned.
func refuseAssigned(tx *store.Tx, person int64) error {
	in, err := graph.MembershipsOf(tx, person, graph.Business)
	if err == nil && len(in) > 0 {
		err = errAssigned()
	}
	return err
}

// update writes the properties of somebody who has a row, access included.
func (m *Member) update(tx *store.Tx) error {
	if _, err := tx.Exec(memberUpdate, m.row()...); err != nil {
		return err
	}
	if _, err := tx.Exec(accessDelete, m.GroupID, m.UserID); err != nil {
		return err
	}
	rows := make([][]any, len(m.AccessIDs))
	for i, id := range m.AccessIDs {
		rows[i] = []any{m.GroupID, m.UserID, id}
	}
	return tx.ExecMany(accessInsert, rows)
}

// EditMember changes a member as edit says, and returns it. Precondition, Invalid
// (CodeCostCenter), Conflict with graph.CodeSecondOwner, or an error of edit. What
// changes nothing writes nothing.
func EditMember(tx *store.Tx, a *Account, before *Member, match graph.Match, edit func(*Member) error) (*Member, error) {
	if match != nil {
		if err := match(before.Revision); err != nil {
			return nil, err
		}
	}
	after := *before
	after.AccessIDs, after.CustomProperties = slices.Clone(before.AccessIDs), maps.Clone(before.CustomProperties)
	if err := edit(&after); err != nil {
		return nil, err
	}
	if err := checkMember(tx, a, before, &after); err != nil {
		return nil, err
	}
	known := slices.Equal(before.row(), after.row()) && slices.Equal(before.AccessIDs, after.AccessIDs)
	standing := before.Role == after.Role && before.State == after.State
	if known && standing {
		return before, nil
	}
	after.Revision = tx.Revision
	if !standing {
		_, err := graph.UpdateMembership(tx, a.ID, after.UserID, nil, func(m *graph.Membership) error {
			m.Role, m.State = after.Role, after.State
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	if !known {
		if err := after.update(tx); err != nil {
			return nil, err
		}
	}
	recordMember(tx, "member.update", before, &after)
	return &after, nil
}
