package view

import (
	"github.com/rosterhq/roster/internal/care"
	"github.com/rosterhq/roster/internal/wire/mobilitywire"
)

// Customer is a customer as they see themselves, and as operators see them
// (contract/mobility.md §4.6).
type Customer struct {
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
	UserGroupID                     int64              `json:"userGroupId,omitempty"`
	CustomProperties                map[string]string  `json:"customProperties"`
	CreatedAt                       mobilitywire.Time  `json:"createdAt"`
	UpdatedAt                       mobilitywire.Time  `json:"updatedAt"`
	LastSignInAt                    mobilitywire.Time  `json:"lastSignInAt,omitzero"`
	Version                         int64              `json:"version"`
}

// NewCustomer shows a customer; number is what may be seen of the license's.
func NewCustomer(r *care.Rider, number string) Customer {
	c := r.Customer
	out := Customer{
		ID: c.ID, UUID: c.UUID.String(), FirstName: c.FirstName, LastName: c.LastName, Birthdate: mobilitywire.Date(c.Birthdate),
		Email: c.Email, EmailIsVerified: c.EmailVerified, Phone: c.Phone, PhoneIsVerified: c.PhoneVerified,
		Street: c.Street, Postcode: c.Postcode, City: c.City, Country: c.Country, Language: c.Language, Newsletter: c.Newsletter,
		HomeBranchID: c.HomeBranchID, HomeBillableBranchID: r.BillableBranchID, BranchIDs: List(r.Accepted),
		AuthenticationTypes: List(r.SignInMethods), MFAEnabled: r.SecondFactor, BlockState: c.BlockState, PaymentState: c.PaymentState,
		PaymentSourceIsAvailable: r.PaymentSource, BlockedByUnpaidInvoices: r.Unpaid,
		LicenseVerificationState: c.LicenseState, LicenseExpirationDate: mobilitywire.Date(c.LicenseExpires), LicenseNumber: number,
		DrivingLicenseCategories: List(c.LicenseCategories),
		IDVerificationState:      c.IDState, IDExpirationDate: mobilitywire.Date(c.IDExpires), IDDocumentType: c.IDDocumentType,
		ManualVerificationState: c.ManualState, CustomExternalVerificationState: c.ExternalState, CreditStatus: c.CreditStatus,
		SignupSettled: c.SignupSettled, SignupFeeSettled: c.SignupSettled, Balance: mobilitywire.Money(c.Balance),
		CustomProperties: Properties(c.CustomProperties), CreatedAt: mobilitywire.Time(c.CreatedAt), UpdatedAt: mobilitywire.Time(c.UpdatedAt),
		LastSignInAt: mobilitywire.Time(c.LastSignInAt), Version: c.Revision,
	}
	if r.Member != nil {
		out.UserGroupID = r.Account.ID
	}
	return out
}
