package view

import (
	"github.com/rosterhq/roster/internal/business"
)

// Unit is a business unit in few words.
type Unit struct {
	ID       int64  `json:"id"`
	Name     string `json:"name"`
	Code     string `json:"code"`
	Currency string `json:"currency"`
}

// OptionalUnit shows a business unit; nil for none.
func OptionalUnit(u *business.Unit) *Unit {
	if u == nil {
		return nil
	}
	return &Unit{u.ID, u.Name, u.Code, u.Currency}
}

// Address is a postal address.
type Address struct {
	Street   string `json:"street,omitempty"`
	Postcode string `json:"postcode,omitempty"`
	City     string `json:"city,omitempty"`
	Country  string `json:"country,omitempty" doc:"ISO 3166-1, two letters."`
}

// GroupSettings are the rules that a group makes for its members.
type GroupSettings struct {
	JoinPolicy               string   `json:"joinPolicy" enum:"APPROVAL,AUTO,CLOSED"`
	RequireCostCenter        bool     `json:"requireCostCenter"`
	RequireBusinessReason    bool     `json:"requireBusinessReason"`
	RequireMemberApproval    bool     `json:"requireMemberApproval"`
	RequireBookingApproval   bool     `json:"requireBookingApproval"`
	RequireDrivingLog        bool     `json:"requireDrivingLog"`
	IgnoreBCategory          bool     `json:"shouldIgnoreBCategoryRentalRequirement"`
	BusinessReasons          []string `json:"businessReasons" doc:"Where there are any, a reason must be one of them."`
	RequiredMemberProperties []string `json:"requiredMemberProperties" doc:"superiorEmail, employeeNumber, or keys of customProperties."`
}

// NewGroupSettings shows the rules of a business account.
func NewGroupSettings(s *business.AccountSettings) GroupSettings {
	return GroupSettings{
		s.JoinPolicy, s.RequireCostCenter, s.RequireBusinessReason, s.RequireMemberApproval, s.RequireBookingApproval, s.RequireDrivingLog, s.IgnoreBCategory,
		List(s.BusinessReasons), List(s.RequiredMemberProperties),
	}
}
