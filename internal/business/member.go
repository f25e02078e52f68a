package business

import (
	"encoding/json"

	"github.com/rosterhq/roster/internal/graph"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/store"
)

// Roles of a member.
const (
	Owner  = "OWNER"
	Admin  = "ADMIN"
	Simple = "MEMBER"
)

// States of a member. An inactive one is suspended: assigned to the account, and
// to no other, but without any use of it.
const (
	MemberActive   = "ACTIVE"
	MemberInactive = graph.Inactive
)

// States of a member's approval.
const (
	ApprovalNotRequired = "NOT_REQUIRED"
	ApprovalPending     = "PENDING"
	Approved            = "APPROVED"
	Rejected            = "REJECTED"
)

// Billing roles of a member.
const (
	NoBilling      = "NONE"
	BillingContact = "BILLING_CONTACT" // sees the billing summary
	Approver       = "APPROVER"        // decides on bookings
)

// Which cost centers a member may use.
const (
	AccessAll  = "ALL"
	AccessList = "LIST"
)

// How somebody became a member.
const (
	BySelf       = "SELF"
	ByManager    = "MANAGER"
	ByOperator   = "OPERATOR"
	ByInvitation = "INVITATION"
)

// Member is a person in a business account, with what the account knows of them
// (contract/mobility.md §4.2, §4.3).
type Member struct {
	GroupID, UserID     int64
	MemberCode          string // unique in the account, and stays
	Role, State         string
	Approval            Approval
	BillingRole         string
	AccessMode          string
	AccessIDs           []int64 // by id; of AccessList alone
	DefaultCostCenterID int64
	SuperiorEmail       string
	EmployeeNumber      string
	Limit               Limit
	CustomProperties    map[string]string
	JoinedAt, LeftAt    int64 // LeftAt is 0 for who is in it
	CreatedBy           string
	Revision            int64 // the later one of the membership's and the properties' row
}

// Approval is whether a member may ride on the account.
type Approval struct {
	State, Comment string
	DecidedBy      int64 // a person
	DecidedAt      int64
}

// Limit is how much a member may spend in a period; no Currency is no limit.
type Limit struct {
	Amount   roster.Amount
	Currency string // ISO 4217
	Period   string // DAY, WEEK or MONTH
}

// IsManager reports whether the member may manage the account.
func (m *Member) IsManager() bool {
	return m != nil && m.State == MemberActive && (m.Role == Owner || m.Role == Admin)
}

const memberColumns = `p.group_id, p.person_id, p.member_code, m.role, m.state, p.approval_state, p.approval_comment, p.approval_decided_by, p.approval_decided_at,
		p.billing_role, p.access_mode, coalesce(p.default_cost_center_id, 0), p.superior_email, p.employee_number, p.limit_amount, p.limit_currency, p.limit_period,
		p.custom_properties, p.joined_at, p.left_at, p.created_by, p.revision, coalesce(m.revision, 0)`

const live = "9223372036854775807"

const fromMembers = ` FROM member_properties p
		JOIN memberships m ON m.tenant = p.tenant AND m.group_id = p.group_id AND m.member_id = p.person_id AND m.recorded_to = ` + live + ` `

// fromFormer are those who left, with what they were at last.
const fromFormer = ` FROM member_properties p
		LEFT JOIN memberships m ON m.tenant = p.tenant AND m.group_id = p.group_id AND m.member_id = p.person_id AND m.recorded_to = p.left_at `

// As in the graph, + 0 has those who are named looked up by themselves, however many
// others the account has.
var (
	memberLive = store.Q("member.live", `SELECT `+memberColumns+fromMembers+`
		WHERE p.tenant = $1 AND p.person_id IN ($3) AND p.left_at = 0 AND p.group_id + 0 = $2`).In()
	accessOf = store.Q("member.access", `SELECT person_id, cost_center_id FROM cost_center_access
		WHERE tenant = $1 AND person_id IN ($3) AND group_id + 0 = $2`).In()
)

func scanMember(s store.Scanner) (*Member, error) {
	m := &Member{}
	var custom string
	var membership int64
	err := s.Scan(&m.GroupID, &m.UserID, &m.MemberCode, &m.Role, &m.State, &m.Approval.State, &m.Approval.Comment, &m.Approval.DecidedBy, &m.Approval.DecidedAt,
		&m.BillingRole, &m.AccessMode, &m.DefaultCostCenterID, &m.SuperiorEmail, &m.EmployeeNumber, &m.Limit.Amount, &m.Limit.Currency, &m.Limit.Period,
		&custom, &m.JoinedAt, &m.LeftAt, &m.CreatedBy, &m.Revision, &membership)
	if err != nil {
		return nil, err
	}
	m.Revision = max(m.Revision, membership)
	return m, json.Unmarshal([]byte(custom), &m.CustomProperties)
}

// LiveMember reads a member of an account. NotFound with CodeNoMember.
func LiveMember(tx *store.Tx, account, person int64) (*Member, error) {
	found, err := liveMembers(tx, account, []int64{person})
	if err != nil {
		return nil, err
	}
	if m := found[person]; m != nil {
		return m, nil
	}
	return nil, errNoMember()
}

// liveMembers reads those of the people who are members of an account, by id.
func liveMembers(tx *store.Tx, account int64, people []int64) (map[int64]*Member, error) {
	found := map[int64]*Member{}
	var listed []int64
	err := tx.EachIn(memberLive, people, func(s store.Scanner) error {
		m, err := scanMember(s)
		if err != nil || found[m.UserID] != nil {
			return err
		}
		found[m.UserID] = m
		if m.AccessMode == AccessList {
			listed = append(listed, m.UserID)
		}
		return nil
	}, account)
	if err != nil {
		return nil, err
	}
	return found, addAccess(tx, account, found, listed)
}

// addAccess reads which cost centers members have whose access is a list.
func addAccess(tx *store.Tx, account int64, members map[int64]*Member, listed []int64) error {
	err := tx.EachIn(accessOf, listed, func(s store.Scanner) error {
		var person, costCenter int64
		err := s.Scan(&person, &costCenter)
		members[person].AccessIDs = append(members[person].AccessIDs, costCenter)
		return err
	}, account)
	for _, person := range listed {
		members[person].AccessIDs = sortedIDs(members[person].AccessIDs)
	}
	return err
}
