package opsapi

import (
	"context"
	"encoding/json"

	"github.com/danielgtaylor/huma/v2"

	"github.com/rosterhq/roster/internal/api/view"
	"github.com/rosterhq/roster/internal/care"
	"github.com/rosterhq/roster/internal/identity"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/wire"
	"github.com/rosterhq/roster/internal/wire/mobilitywire"
)

type createCustomer struct {
	Body struct {
		AuthenticationType       string            `json:"authenticationType,omitempty" doc:"EMAIL_PASSWORD, EMAIL_CODE or PHONE_CODE; may be left out where there is either email or phone."`
		Email                    string            `json:"email,omitempty" maxLength:"254"`
		Phone                    string            `json:"phone,omitempty" maxLength:"32" doc:"E.164."`
		BranchID                 int64             `json:"branchId,omitempty" minimum:"0" doc:"Of home; that of the caller's only assignment by default."`
		FirstName                string            `json:"firstName,omitempty" maxLength:"100"`
		LastName                 string            `json:"lastName,omitempty" maxLength:"100"`
		Birthdate                mobilitywire.Date `json:"birthdate,omitempty"`
		Street                   string            `json:"street,omitempty" maxLength:"200"`
		Postcode                 string            `json:"postcode,omitempty" maxLength:"32"`
		City                     string            `json:"city,omitempty" maxLength:"100"`
		Country                  string            `json:"country,omitempty" doc:"ISO 3166-1, two letters."`
		Language                 string            `json:"language,omitempty" maxLength:"35" doc:"BCP 47; en by default."`
		Newsletter               bool              `json:"newsletter,omitempty"`
		LicenseVerificationState string            `json:"licenseVerificationState,omitempty" enum:"UNVERIFIED,CREATED,PROCESSING,VERIFIED,REJECTED,RETRY,VERIFIED_BUT_NEEDS_CHECK,EXPIRED_LICENSE,REVIEW,PENDING_REVERIFICATION" doc:"Other than UNVERIFIED needs VERIFICATION_WRITE."`
		LicenseExpirationDate    mobilitywire.Date `json:"licenseExpirationDate,omitempty"`
		DrivingLicenseCategories []string          `json:"drivingLicenseCategories,omitempty" maxItems:"20"`
		SendResetPasswordEmail   bool              `json:"sendResetPasswordEmail,omitempty" doc:"Mail a code to set a password; never to somebody who was there before."`
		CustomProperties         map[string]string `json:"customProperties,omitempty"`
	}
}

func (h handlers) createCustomer(ctx context.Context, a roster.Actor, in *createCustomer) (*createdCustomer, error) {
	b := &in.Body
	r, err := h.care.CreateCustomer(ctx, a, care.NewCustomer{
		Customer: identity.Customer{
			Email: b.Email, Phone: b.Phone, HomeBranchID: b.BranchID, FirstName: b.FirstName, LastName: b.LastName, Birthdate: string(b.Birthdate),
			Street: b.Street, Postcode: b.Postcode, City: b.City, Country: b.Country, Language: b.Language, Newsletter: b.Newsletter,
			LicenseState: b.LicenseVerificationState, LicenseExpires: string(b.LicenseExpirationDate), LicenseCategories: b.DrivingLicenseCategories,
			CustomProperties: b.CustomProperties,
		},
		Method: b.AuthenticationType, SendReset: b.SendResetPasswordEmail,
	})
	if err != nil {
		return nil, err
	}
	return h.created(ctx, a, r), nil
}

// note is an annotation as it is written: a text, or one that is there already.
type note struct {
	ID   int64  `json:"id,omitempty"`
	Text string `json:"text"`
}

// UnmarshalJSON implements json.Unmarshaler.
func (n *note) UnmarshalJSON(data []byte) error {
	if len(data) > 0 && data[0] == '"' {
		return json.Unmarshal(data, &n.Text)
	}
	type plain note
	if json.Unmarshal(data, (*plain)(n)) != nil {
		return wire.Misfit(wire.RuleType, "string or object")
	}
	return nil
}

// Schema implements huma.SchemaProvider.
func (note) Schema(huma.Registry) *huma.Schema {
	text := &huma.Schema{Type: huma.TypeString}
	named := &huma.Schema{Type: huma.TypeObject, Required: []string{"text"}, Properties: map[string]*huma.Schema{
		"id": {Type: huma.TypeInteger, Format: "int64"}, "text": text,
	}}
	return wire.SelfChecked(&huma.Schema{OneOf: []*huma.Schema{text, named}})
}

type patchCustomer struct {
	IDPath
	wire.IfMatch

	Body struct {
		FirstName                       wire.Opt[string]                      `json:"firstName,omitzero" maxLength:"100"`
		LastName                        wire.Opt[string]                      `json:"lastName,omitzero" maxLength:"100"`
		Birthdate                       wire.Opt[mobilitywire.Date]           `json:"birthdate,omitzero"`
		Email                           wire.Opt[string]                      `json:"email,omitzero" maxLength:"254" doc:"A new one is not verified, and the old one is told."`
		EmailIsVerified                 wire.Opt[bool]                        `json:"emailIsVerified,omitzero"`
		Phone                           wire.Opt[string]                      `json:"phone,omitzero" maxLength:"32" doc:"E.164; a new one is not verified."`
		PhoneIsVerified                 wire.Opt[bool]                        `json:"phoneIsVerified,omitzero"`
		Street                          wire.Opt[string]                      `json:"street,omitzero" maxLength:"200"`
		Postcode                        wire.Opt[string]                      `json:"postcode,omitzero" maxLength:"32"`
		City                            wire.Opt[string]                      `json:"city,omitzero" maxLength:"100"`
		Country                         wire.Opt[string]                      `json:"country,omitzero" doc:"ISO 3166-1, two letters."`
		Language                        wire.Opt[string]                      `json:"language,omitzero" maxLength:"35"`
		Newsletter                      wire.Opt[bool]                        `json:"newsletter,omitzero"`
		HomeBranchID                    wire.Opt[int64]                       `json:"homeBranchId,omitzero"`
		BlockState                      wire.Opt[string]                      `json:"blockState,omitzero" enum:"NONE,BLOCKED" doc:"BLOCKED ends all sessions at once."`
		BlockReason                     wire.Opt[string]                      `json:"blockReason,omitzero" maxLength:"500"`
		PaymentState                    wire.Opt[string]                      `json:"paymentState,omitzero" doc:"INVOICING or NONE, by USER_GROUP_BILLING_WRITE."`
		LicenseVerificationState        wire.Opt[string]                      `json:"licenseVerificationState,omitzero" doc:"This, and the other verifications, by VERIFICATION_WRITE."`
		LicenseExpirationDate           wire.Opt[mobilitywire.Date]           `json:"licenseExpirationDate,omitzero"`
		LicenseNumber                   wire.Opt[string]                      `json:"licenseNumber,omitzero" doc:"Kept sealed; answers show its end alone. As it is shown it may be said again."`
		DrivingLicenseCategories        wire.Opt[[]string]                    `json:"drivingLicenseCategories,omitzero" maxItems:"20"`
		IDVerificationState             wire.Opt[string]                      `json:"idVerificationState,omitzero"`
		IDExpirationDate                wire.Opt[mobilitywire.Date]           `json:"idExpirationDate,omitzero"`
		IDDocumentType                  wire.Opt[string]                      `json:"idDocumentType,omitzero"`
		ManualVerificationState         wire.Opt[string]                      `json:"manualVerificationState,omitzero"`
		CustomExternalVerificationState wire.Opt[string]                      `json:"customExternalVerificationState,omitzero"`
		Annotations                     wire.Opt[[]note]                      `json:"annotations,omitzero" maxItems:"20" doc:"Replaces the list; a text makes a new one, an object with an id keeps one."`
		CustomProperties                wire.Opt[map[string]wire.Opt[string]] `json:"customProperties,omitzero" doc:"Merged by key; null clears one."`
		CreditStatus                    wire.Opt[string]                      `json:"creditStatus,omitzero" doc:"By ratings alone: another value is 403 U120."`
		SignupSettled                   wire.Opt[bool]                        `json:"signupSettled,omitzero" doc:"Likewise, by payment and vouchers."`
		Tags                            wire.Opt[[]string]                    `json:"tags,omitzero" doc:"Likewise, by PUT tags."`
	}
}

// day is a date of a merge patch.
func day(in wire.Opt[mobilitywire.Date]) *string {
	if !in.Set {
		return nil
	}
	date := string(in.Value)
	return &date
}

func (in *patchCustomer) patch() (care.CustomerPatch, error) {
	b := &in.Body
	err := view.RefuseNull(
		view.Came("emailIsVerified", b.EmailIsVerified.Null), view.Came("phoneIsVerified", b.PhoneIsVerified.Null), view.Came("newsletter", b.Newsletter.Null),
		view.Came("homeBranchId", b.HomeBranchID.Null), view.Came("blockState", b.BlockState.Null), view.Came("paymentState", b.PaymentState.Null),
		view.Came("licenseVerificationState", b.LicenseVerificationState.Null), view.Came("idVerificationState", b.IDVerificationState.Null),
		view.Came("manualVerificationState", b.ManualVerificationState.Null), view.Came("customExternalVerificationState", b.CustomExternalVerificationState.Null),
		view.Came("customProperties", b.CustomProperties.Null),
	)
	p := care.CustomerPatch{
		Profile: identity.Profile{
			FirstName: view.Merged(b.FirstName), LastName: view.Merged(b.LastName), Birthdate: day(b.Birthdate), Email: view.Merged(b.Email), Phone: view.Merged(b.Phone),
			Street: view.Merged(b.Street), Postcode: view.Merged(b.Postcode), City: view.Merged(b.City), Country: view.Merged(b.Country), Language: view.Merged(b.Language),
			Newsletter: view.Merged(b.Newsletter), CustomProperties: view.Patched(b.CustomProperties.Value),
		},
		EmailVerified: view.Merged(b.EmailIsVerified), PhoneVerified: view.Merged(b.PhoneIsVerified), HomeBranchID: view.Merged(b.HomeBranchID),
		BlockState: view.Merged(b.BlockState), BlockReason: view.Merged(b.BlockReason), PaymentState: view.Merged(b.PaymentState),
		LicenseState: view.Merged(b.LicenseVerificationState), LicenseExpires: day(b.LicenseExpirationDate), LicenseCategories: view.Merged(b.DrivingLicenseCategories), LicenseNumber: view.Merged(b.LicenseNumber),
		IDState: view.Merged(b.IDVerificationState), IDExpires: day(b.IDExpirationDate), IDDocumentType: view.Merged(b.IDDocumentType),
		ManualState: view.Merged(b.ManualVerificationState), ExternalState: view.Merged(b.CustomExternalVerificationState),
		CreditStatus: view.Merged(b.CreditStatus), SignupSettled: view.Merged(b.SignupSettled), Tags: view.Merged(b.Tags),
	}
	if b.Annotations.Set {
		notes := view.Each(b.Annotations.Value, func(n note) care.Annotation { return care.Annotation{ID: n.ID, Text: n.Text} })
		p.Annotations = &notes
	}
	return p, err
}

func (h handlers) patchCustomer(ctx context.Context, a roster.Actor, in *patchCustomer) (*customerOut, error) {
	p, err := in.patch()
	if err != nil {
		return nil, err
	}
	r, err := h.care.UpdateCustomer(ctx, a, in.ID, in.Check, p)
	return h.showCustomer(a, r, err)
}

type deleteCustomer struct {
	IDPath
	wire.IfMatch
}

func (h handlers) deleteCustomer(ctx context.Context, a roster.Actor, in *deleteCustomer) (*struct{}, error) {
	return nil, h.mobility.DeleteCustomer(ctx, a, in.ID, in.Check)
}

type putCustomerTags struct {
	UserID int64 `path:"userId" minimum:"1"`
	wire.IfMatch

	BranchID int64 `query:"branchId" required:"true" minimum:"1"`
	Body     tagsIn
}

func (h handlers) putCustomerTags(ctx context.Context, a roster.Actor, in *putCustomerTags) (*tagsOut, error) {
	c, err := h.care.TagCustomer(ctx, a, in.UserID, in.BranchID, in.Check, in.Body.list)
	if err != nil {
		return nil, err
	}
	return showTags(c.Revision, c.Tags), nil
}
