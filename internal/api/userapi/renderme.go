package userapi

import (
	"github.com/rosterhq/roster/internal/api/view"
	"github.com/rosterhq/roster/internal/care"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/wire/mobilitywire"
)

// me is the caller as they see themselves (contract/mobility.md §4.6).
type me struct {
	ID                              int64              `json:"id"`
	UUID                            string             `json:"uuid" format:"uuid"`
	FirstName                       string             `json:"firstName,omitempty"`
	LastName                        string             `json:"lastName,omitempty"`
	Birthdate                       mobilitywire.Date  `json:"birthdate,omitempty"`
	Email                           string             `json:"email,omitempty"`
	EmailIsVerified                 bool               `json:"emailIsVerified"`
	Phone                           string             `json:"phone,omitempty"`
	PhoneIsVerified                 bool               `json:"phoneIsVerified"`
	Street                          string             `json:"street,omitempty"`
	Postcode                        string             `json:"postcode,omitempty"`
	City                            string             `json:"city,omitempty"`
	Country                         string             `json:"country,omitempty"`
	Language                        string             `json:"language,omitempty"`
	Newsletter                      bool               `json:"newsletter"`
	HomeBranchID                    int64              `json:"homeBranchId"`
	HomeBillableBranchID            int64              `json:"homeBillableBranchId,omitempty"`
	BranchIDs                       []int64            `json:"branchIds" doc:"For which terms were accepted."`
	AuthenticationTypes             []string           `json:"authenticationTypes"`
	MFAEnabled                      bool               `json:"mfaEnabled"`
	BlockState                      string             `json:"blockState" enum:"NONE,BLOCKED,DELETED"`
	PaymentState                    string             `json:"paymentState" enum:"NONE,PUSH_INITIATED,PUSH_COMPLETED,SOURCE_ADDED,INVOICING"`
	PaymentSourceIsAvailable        bool               `json:"paymentSourceIsAvailable"`
	BlockedByUnpaidInvoices         bool               `json:"blockedByUnpaidInvoices"`
	LicenseVerificationState        string             `json:"licenseVerificationState"`
	LicenseExpirationDate           mobilitywire.Date  `json:"licenseExpirationDate,omitempty"`
	LicenseNumber                   string             `json:"licenseNumber,omitempty" doc:"All but its end is hidden."`
	DrivingLicenseCategories        []string           `json:"drivingLicenseCategories"`
	IDVerificationState             string             `json:"idVerificationState"`
	IDExpirationDate                mobilitywire.Date  `json:"idExpirationDate,omitempty"`
	IDDocumentType                  string             `json:"idDocumentType,omitempty"`
	ManualVerificationState         string             `json:"manualVerificationState"`
	CustomExternalVerificationState string             `json:"customExternalVerificationState"`
	CreditStatus                    string             `json:"creditStatus" enum:"UNKNOWN,PENDING,APPROVED,REJECTED,EXPIRED"`
	SignupSettled                   bool               `json:"signupSettled"`
	SignupFeeSettled                bool               `json:"signupFeeSettled" doc:"The same as signupSettled."`
	Balance                         mobilitywire.Money `json:"balance" doc:"In the currency of the home branch."`
	TermsState                      string             `json:"termsAndConditionsAcceptanceState" enum:"ACCEPTED,OUTDATED,NOT_ACCEPTED,NOT_REQUIRED" doc:"Of the home branch."`
	CurrentTerms                    *termsVersion      `json:"currentTerms,omitempty"`
	UserGroupID                     int64              `json:"userGroupId,omitempty"`
	UserGroup                       *ownGroup          `json:"userGroup,omitempty"`
	CustomProperties                map[string]string  `json:"customProperties"`
	CreatedAt                       mobilitywire.Time  `json:"createdAt"`
	UpdatedAt                       mobilitywire.Time  `json:"updatedAt"`
	LastSignInAt                    mobilitywire.Time  `json:"lastSignInAt,omitzero"`
	Version                         int64              `json:"version"`
}

type termsVersion struct {
	TacID   int64 `json:"tacId"`
	Version int64 `json:"version"`
}

// ownGroup is the group that somebody is in, in few words.
type ownGroup struct {
	ID    int64  `json:"id"`
	Code  string `json:"code"`
	Name  string `json:"name"`
	Role  string `json:"role" enum:"OWNER,ADMIN,MEMBER"`
	State string `json:"state" enum:"ACTIVE,INACTIVE"`
}

func (h handlers) renderMe(a roster.Actor, r *care.Rider) me {
	c := r.Customer
	out := me{
		ID: c.ID, UUID: c.UUID.String(), FirstName: c.FirstName, LastName: c.LastName, Birthdate: mobilitywire.Date(c.Birthdate),
		Email: c.Email, EmailIsVerified: c.EmailVerified, Phone: c.Phone, PhoneIsVerified: c.PhoneVerified,
		Street: c.Street, Postcode: c.Postcode, City: c.City, Country: c.Country, Language: c.Language, Newsletter: c.Newsletter,
		HomeBranchID: c.HomeBranchID, HomeBillableBranchID: r.BillableBranchID, BranchIDs: view.List(r.Accepted),
		AuthenticationTypes: view.List(r.SignInMethods), MFAEnabled: r.SecondFactor, BlockState: c.BlockState, PaymentState: c.PaymentState,
		PaymentSourceIsAvailable: r.PaymentSource, BlockedByUnpaidInvoices: r.Unpaid,
		LicenseVerificationState: c.LicenseState, LicenseExpirationDate: mobilitywire.Date(c.LicenseExpires), DrivingLicenseCategories: view.List(c.LicenseCategories),
		LicenseNumber:       h.care.LicenseNumber(a.Tenant.ID, c),
		IDVerificationState: c.IDState, IDExpirationDate: mobilitywire.Date(c.IDExpires), IDDocumentType: c.IDDocumentType,
		ManualVerificationState: c.ManualState, CustomExternalVerificationState: c.ExternalState, CreditStatus: c.CreditStatus,
		SignupSettled: c.SignupSettled, SignupFeeSettled: c.SignupSettled, Balance: mobilitywire.Money(c.Balance), TermsState: r.TermsState,
		CustomProperties: view.Properties(c.CustomProperties), CreatedAt: mobilitywire.Time(c.CreatedAt), UpdatedAt: mobilitywire.Time(c.UpdatedAt),
		LastSignInAt: mobilitywire.Time(c.LastSignInAt), Version: c.Revision,
	}
	if t := r.Current; t != nil {
		out.CurrentTerms = &termsVersion{t.ID, t.Version}
	}
	if g, m := r.Account, r.Member; m != nil {
		out.UserGroupID, out.UserGroup = g.ID, &ownGroup{g.ID, g.Code, g.Name, m.Role, m.State}
	}
	return out
}
