package userapi

import (
	"github.com/rosterhq/roster/internal/api/view"
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
	DefaultCostCenter   *view.CostCenter  `json:"defaultCostCenter,omitempty"`
	SuperiorEmail       string            `json:"superiorEmail,omitempty"`
	EmployeeNumber      string            `json:"employeeNumber,omitempty"`
	User                *view.Person      `json:"user,omitempty"`
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
	out.User, out.DefaultCostCenter = view.NewPerson(v.User), view.OptionalCostCenter(v.DefaultCostCenter)
	return out
}

// memberProperties are what a group keeps of a member (§4.3).
type memberProperties struct {
	UserGroupID         int64                 `json:"userGroupId"`
	UserID              int64                 `json:"userId"`
	MemberCode          string                `json:"memberCode"`
	Role                string                `json:"role" enum:"OWNER,ADMIN,MEMBER"`
	State               string                `json:"state" enum:"ACTIVE,INACTIVE"`
	Approval            view.Approval         `json:"approval"`
	BillingRole         string                `json:"billingRole" enum:"NONE,BILLING_CONTACT,APPROVER"`
	CostCenterAccess    view.CostCenterAccess `json:"costCenterAccess"`
	DefaultCostCenterID int64                 `json:"defaultCostCenterId,omitempty"`
	SuperiorEmail       string                `json:"superiorEmail,omitempty"`
	EmployeeNumber      string                `json:"employeeNumber,omitempty"`
	SpendingLimit       *view.SpendingLimit   `json:"spendingLimit,omitempty"`
	CustomProperties    map[string]string     `json:"customProperties"`
	Version             int64                 `json:"version"`
}

func renderProperties(m *business.Member) memberProperties {
	out := memberProperties{
		UserGroupID: m.GroupID, UserID: m.UserID, MemberCode: m.MemberCode, Role: m.Role, State: m.State,
		Approval:    view.NewApproval(m),
		BillingRole: m.BillingRole, CostCenterAccess: view.NewCostCenterAccess(m), DefaultCostCenterID: m.DefaultCostCenterID,
		SuperiorEmail: m.SuperiorEmail, EmployeeNumber: m.EmployeeNumber, SpendingLimit: view.OptionalLimit(m), CustomProperties: view.Properties(m.CustomProperties), Version: m.Revision,
	}
	return out
}
