package userapi

import (
	"github.com/rosterhq/roster/internal/business"
	"github.com/rosterhq/roster/internal/wire/mobilitywire"
)

// membership is a person in a group (contract/mobility.md §4.2).
type membership struct {
	UserGroupID         int64             `json:"userGroupId"`
	UserID              int64             `json:"userId"`
	MemberCode          string            `json:"memberCode"`
	Role                string            `json:"role" enum:"OWNER,ADMIN,MEMBER"`
	State               string            `json:"state" enum:"ACTIVE,INACTIVE"`
	DefaultCostCenterID int64             `json:"defaultCostCenterId,omitempty"`
	DefaultCostCenter   *costCenter       `json:"defaultCostCenter,omitempty"`
	SuperiorEmail       string            `json:"superiorEmail,omitempty"`
	EmployeeNumber      string            `json:"employeeNumber,omitempty"`
	User                *person           `json:"user,omitempty"`
	JoinedAt            mobilitywire.Time `json:"joinedAt"`
	CreatedBy           string            `json:"createdBy" enum:"SELF,MANAGER,OPERATOR,INVITATION"`
	Version             int64             `json:"version"`
}

func renderMembership(m *business.Member) membership {
	return membership{
		UserGroupID: m.GroupID, UserID: m.UserID, MemberCode: m.MemberCode, Role: m.Role, State: m.State, DefaultCostCenterID: m.DefaultCostCenterID,
		SuperiorEmail: m.SuperiorEmail, EmployeeNumber: m.EmployeeNumber, JoinedAt: mobilitywire.Time(m.JoinedAt), CreatedBy: m.CreatedBy, Version: m.Revision,
	}
}

func renderMember(v *business.MemberView) membership {
	out := renderMembership(v.Member)
	out.User, out.DefaultCostCenter = renderUser(v.User), optionalCostCenter(v.DefaultCostCenter)
	return out
}

// memberProperties are what a group keeps of a member (§4.3).
type memberProperties struct {
	UserGroupID         int64             `json:"userGroupId"`
	UserID              int64             `json:"userId"`
	MemberCode          string            `json:"memberCode"`
	Role                string            `json:"role" enum:"OWNER,ADMIN,MEMBER"`
	State               string            `json:"state" enum:"ACTIVE,INACTIVE"`
	Approval            approval          `json:"approval"`
	BillingRole         string            `json:"billingRole" enum:"NONE,BILLING_CONTACT,APPROVER"`
	CostCenterAccess    costCenterAccess  `json:"costCenterAccess"`
	DefaultCostCenterID int64             `json:"defaultCostCenterId,omitempty"`
	SuperiorEmail       string            `json:"superiorEmail,omitempty"`
	EmployeeNumber      string            `json:"employeeNumber,omitempty"`
	SpendingLimit       *spendingLimit    `json:"spendingLimit,omitempty"`
	CustomProperties    map[string]string `json:"customProperties"`
	Version             int64             `json:"version"`
}

type approval struct {
	State     string            `json:"state" enum:"NOT_REQUIRED,PENDING,APPROVED,REJECTED"`
	Comment   string            `json:"comment,omitempty" doc:"For managers alone."`
	DecidedBy int64             `json:"decidedBy,omitempty"`
	DecidedAt mobilitywire.Time `json:"decidedAt,omitzero"`
}

type costCenterAccess struct {
	Mode          string  `json:"mode" enum:"ALL,LIST"`
	CostCenterIDs []int64 `json:"costCenterIds"`
}

type spendingLimit struct {
	Amount   mobilitywire.Money `json:"amount"`
	Currency string             `json:"currency" minLength:"3" maxLength:"3" example:"EUR"`
	Period   string             `json:"period" enum:"DAY,WEEK,MONTH"`
}

func renderProperties(m *business.Member) memberProperties {
	out := memberProperties{
		UserGroupID: m.GroupID, UserID: m.UserID, MemberCode: m.MemberCode, Role: m.Role, State: m.State,
		Approval:    approval{m.Approval.State, m.Approval.Comment, m.Approval.DecidedBy, mobilitywire.Time(m.Approval.DecidedAt)},
		BillingRole: m.BillingRole, CostCenterAccess: costCenterAccess{m.AccessMode, list(m.AccessIDs)}, DefaultCostCenterID: m.DefaultCostCenterID,
		SuperiorEmail: m.SuperiorEmail, EmployeeNumber: m.EmployeeNumber, CustomProperties: properties(m.CustomProperties), Version: m.Revision,
	}
	if l := m.Limit; l.Currency != "" {
		out.SpendingLimit = &spendingLimit{mobilitywire.Money(l.Amount), l.Currency, l.Period}
	}
	return out
}

// renderUser is a person as others of a group see them; nil for nobody.
func renderUser(u *business.User) *person {
	if u == nil {
		return nil
	}
	return &person{u.ID, u.FirstName, u.LastName, u.Email, u.Phone}
}
