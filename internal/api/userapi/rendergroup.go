package userapi

import (
	"github.com/rosterhq/roster/internal/api/view"
	"github.com/rosterhq/roster/internal/business"
	"github.com/rosterhq/roster/internal/wire/mobilitywire"
)

// group is a business account as its managers see it (contract/mobility.md §4.1).
type group struct {
	view.Group

	CostCenters []view.CostCenter `json:"costCenters" doc:"Those that are active."`
}

func renderGroup(v *business.AccountView) group {
	out := group{view.NewGroup(v), view.Each(v.CostCenters, view.NewCostCenter)}
	out.Owner = view.NewPerson(v.Owner) // to managers with a number, too
	return out
}

// memberGroup is a business account as its members see it.
type memberGroup struct {
	ID                        int64               `json:"id"`
	Code                      string              `json:"code" doc:"What a rental or booking on the group's account names as userGroupCode."`
	Name                      string              `json:"name"`
	State                     string              `json:"state" enum:"ACTIVE,INACTIVE"`
	MemberCode                string              `json:"memberCode"`
	Role                      string              `json:"role" enum:"OWNER,ADMIN,MEMBER"`
	MembershipState           string              `json:"membershipState" enum:"ACTIVE,INACTIVE"`
	ApprovalState             string              `json:"approvalState" enum:"NOT_REQUIRED,PENDING,APPROVED,REJECTED"`
	JoinedAt                  mobilitywire.Time   `json:"joinedAt"`
	PaymentState              string              `json:"paymentState" enum:"NONE,PUSH_INITIATED,PUSH_COMPLETED,SOURCE_ADDED,INVOICING"`
	BlockedByUnpaidInvoices   bool                `json:"blockedByUnpaidInvoices"`
	DefaultCostCenter         *view.CostCenter    `json:"defaultCostCenter,omitempty"`
	CostCenters               []view.CostCenter   `json:"costCenters" doc:"Those that the caller can book to now."`
	AllowedBranchIDs          []int64             `json:"allowedBranchIds" doc:"None: all."`
	AllowedVehicleCategoryIDs []int64             `json:"allowedVehicleCategoryIds" doc:"None: all."`
	Settings                  memberGroupSettings `json:"settings"`
	Permissions               memberPermissions   `json:"permissions"`
}

// memberGroupSettings are the rules that a member has to know.
type memberGroupSettings struct {
	RequireCostCenter        bool     `json:"requireCostCenter"`
	RequireBusinessReason    bool     `json:"requireBusinessReason"`
	RequireDrivingLog        bool     `json:"requireDrivingLog"`
	RequireBookingApproval   bool     `json:"requireBookingApproval"`
	BusinessReasons          []string `json:"businessReasons"`
	RequiredMemberProperties []string `json:"requiredMemberProperties"`
}

type memberPermissions struct {
	CanManage bool `json:"canManage"`
}

func memberSettings(s *business.AccountSettings) memberGroupSettings {
	return memberGroupSettings{
		s.RequireCostCenter, s.RequireBusinessReason, s.RequireDrivingLog, s.RequireBookingApproval, view.List(s.BusinessReasons), view.List(s.RequiredMemberProperties),
	}
}

func renderMemberGroup(g *business.OwnGroup) memberGroup {
	a, m := g.Account, g.Member
	return memberGroup{
		ID: a.ID, Code: a.Code, Name: a.Name, State: a.State, MemberCode: m.MemberCode, Role: m.Role, MembershipState: m.State,
		ApprovalState: m.Approval.State, JoinedAt: mobilitywire.Time(m.JoinedAt), PaymentState: a.PaymentState, BlockedByUnpaidInvoices: g.Unpaid,
		DefaultCostCenter: view.OptionalCostCenter(g.DefaultCostCenter), CostCenters: view.Each(g.CostCenters, view.NewCostCenter),
		AllowedBranchIDs: view.List(a.AllowedBranchIDs), AllowedVehicleCategoryIDs: view.List(a.AllowedCategoryIDs), Settings: memberSettings(&a.Settings),
		Permissions: memberPermissions{g.CanManage},
	}
}
