package userapi

import (
	"context"

	"github.com/rosterhq/roster/internal/api/view"
	"github.com/rosterhq/roster/internal/identity"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/wire"
	"github.com/rosterhq/roster/internal/wire/mobilitywire"
)

type meOut struct {
	ETag string `header:"ETag"`
	Body me
}

func (h handlers) showMe(ctx context.Context, a roster.Actor) (*meOut, error) {
	r, err := h.care.Me(ctx, a)
	if err != nil {
		return nil, err
	}
	return &meOut{wire.ETag(r.Revision), h.renderMe(a, r)}, nil
}

func (h handlers) getMe(ctx context.Context, a roster.Actor, _ *struct{}) (*meOut, error) {
	return h.showMe(ctx, a)
}

type patchMe struct {
	wire.IfMatch

	Body struct {
		OperatorFields

		FirstName        wire.Opt[string]                      `json:"firstName,omitzero" doc:"Not while a verified document says it; so lastName and birthdate."`
		LastName         wire.Opt[string]                      `json:"lastName,omitzero"`
		Birthdate        wire.Opt[mobilitywire.Date]           `json:"birthdate,omitzero"`
		Email            wire.Opt[string]                      `json:"email,omitzero" doc:"A new one is not verified."`
		Phone            wire.Opt[string]                      `json:"phone,omitzero" doc:"E.164; a new one is not verified."`
		Street           wire.Opt[string]                      `json:"street,omitzero"`
		Postcode         wire.Opt[string]                      `json:"postcode,omitzero"`
		City             wire.Opt[string]                      `json:"city,omitzero"`
		Country          wire.Opt[string]                      `json:"country,omitzero" doc:"ISO 3166-1, two letters."`
		Language         wire.Opt[string]                      `json:"language,omitzero" doc:"BCP 47."`
		Newsletter       wire.Opt[bool]                        `json:"newsletter,omitzero"`
		CustomProperties wire.Opt[map[string]wire.Opt[string]] `json:"customProperties,omitzero" doc:"Merged by key; null clears one."`
	}
}

// OperatorFields are those of a customer that operators write.
type OperatorFields struct {
	EmailIsVerified                 wire.Opt[any] `json:"emailIsVerified,omitzero" doc:"The operator's to change: 403 U120, like the fields that follow."`
	PhoneIsVerified                 wire.Opt[any] `json:"phoneIsVerified,omitzero"`
	HomeBranchID                    wire.Opt[any] `json:"homeBranchId,omitzero"`
	BlockState                      wire.Opt[any] `json:"blockState,omitzero"`
	BlockReason                     wire.Opt[any] `json:"blockReason,omitzero"`
	PaymentState                    wire.Opt[any] `json:"paymentState,omitzero"`
	LicenseVerificationState        wire.Opt[any] `json:"licenseVerificationState,omitzero"`
	LicenseExpirationDate           wire.Opt[any] `json:"licenseExpirationDate,omitzero"`
	LicenseNumber                   wire.Opt[any] `json:"licenseNumber,omitzero"`
	DrivingLicenseCategories        wire.Opt[any] `json:"drivingLicenseCategories,omitzero"`
	IDVerificationState             wire.Opt[any] `json:"idVerificationState,omitzero"`
	IDExpirationDate                wire.Opt[any] `json:"idExpirationDate,omitzero"`
	IDDocumentType                  wire.Opt[any] `json:"idDocumentType,omitzero"`
	ManualVerificationState         wire.Opt[any] `json:"manualVerificationState,omitzero"`
	CustomExternalVerificationState wire.Opt[any] `json:"customExternalVerificationState,omitzero"`
	Annotations                     wire.Opt[any] `json:"annotations,omitzero"`
	Tags                            wire.Opt[any] `json:"tags,omitzero"`
}

// refuse refuses the first of the fields that came: Forbidden with
// identity.CodeNotYours.
func (f *OperatorFields) refuse() error {
	name := view.FirstSet(
		view.Came("emailIsVerified", f.EmailIsVerified.Set), view.Came("phoneIsVerified", f.PhoneIsVerified.Set), view.Came("homeBranchId", f.HomeBranchID.Set),
		view.Came("blockState", f.BlockState.Set), view.Came("blockReason", f.BlockReason.Set), view.Came("paymentState", f.PaymentState.Set),
		view.Came("licenseVerificationState", f.LicenseVerificationState.Set), view.Came("licenseExpirationDate", f.LicenseExpirationDate.Set),
		view.Came("licenseNumber", f.LicenseNumber.Set), view.Came("drivingLicenseCategories", f.DrivingLicenseCategories.Set),
		view.Came("idVerificationState", f.IDVerificationState.Set), view.Came("idExpirationDate", f.IDExpirationDate.Set), view.Came("idDocumentType", f.IDDocumentType.Set),
		view.Came("manualVerificationState", f.ManualVerificationState.Set), view.Came("customExternalVerificationState", f.CustomExternalVerificationState.Set),
		view.Came("annotations", f.Annotations.Set), view.Came("tags", f.Tags.Set),
	)
	if name == "" {
		return nil
	}
	return &roster.Error{Kind: roster.Forbidden, Code: identity.CodeNotYours, Field: name, Msg: "this field is not yours to change"}
}

func (in *patchMe) profile() (p identity.Profile, err error) {
	b := &in.Body
	if err := b.refuse(); err != nil {
		return p, err
	}
	p = identity.Profile{
		FirstName: view.Merged(b.FirstName), LastName: view.Merged(b.LastName), Email: view.Merged(b.Email), Phone: view.Merged(b.Phone), Street: view.Merged(b.Street),
		Postcode: view.Merged(b.Postcode), City: view.Merged(b.City), Country: view.Merged(b.Country), Language: view.Merged(b.Language), Newsletter: view.Merged(b.Newsletter),
		CustomProperties: view.Patched(b.CustomProperties.Value),
	}
	if b.Birthdate.Set {
		date := string(b.Birthdate.Value)
		p.Birthdate = &date
	}
	return p, view.RefuseNull(view.Came("newsletter", b.Newsletter.Null), view.Came("customProperties", b.CustomProperties.Null))
}

func (h handlers) patchMe(ctx context.Context, a roster.Actor, in *patchMe) (*meOut, error) {
	p, err := in.profile()
	if err != nil {
		return nil, err
	}
	if _, err := h.identity.UpdateProfile(ctx, a, in.Check, p); err != nil {
		return nil, err
	}
	return h.showMe(ctx, a)
}

// Unplanned is embedded in the input of calls that reach a provider while
// they run: those cannot be tried without being made.
type Unplanned struct {
	Plan string `header:"Roster-Plan" doc:"Not here: true is refused."`
}

func (u Unplanned) check() error {
	if u.Plan == "" || u.Plan == "false" {
		return nil
	}
	return wire.InvalidFields(wire.Field{
		In: wire.InHeader, Name: "Roster-Plan", Rule: wire.RuleOther, Message: "is not possible here: the call asks a provider",
	})
}

type buySignup struct{ Unplanned }

type signupOut struct{ Body signup }

// signup is a signup package as the caller has it.
type signup struct {
	Fee      mobilitywire.Money `json:"fee"`
	Currency string             `json:"currency"`
	Settled  bool               `json:"settled"`
	Pending  bool               `json:"pending" doc:"The payment gateway is yet to tell."`
}

func (h handlers) buySignup(ctx context.Context, a roster.Actor, in *buySignup) (*signupOut, error) {
	if err := in.check(); err != nil {
		return nil, err
	}
	s, err := h.business.BuySignup(ctx, a)
	if err != nil {
		return nil, err
	}
	return &signupOut{signup{mobilitywire.Money(s.Fee), s.Currency, s.Settled, s.Pending}}, nil
}

type exportMe struct{}

type exportMeOut struct {
	Body struct {
		CustomerID int64             `json:"customerId"`
		ExportedAt mobilitywire.Time `json:"exportedAt"`
		Data       any               `json:"data" doc:"Rows by section, such as customer, rentals or sessions."`
	}
}

func (h handlers) exportMe(ctx context.Context, a roster.Actor, _ *exportMe) (*exportMeOut, error) {
	all, err := h.care.ExportOwn(ctx, a)
	if err != nil {
		return nil, err
	}
	out := &exportMeOut{}
	out.Body.CustomerID, out.Body.ExportedAt, out.Body.Data = a.PersonID, mobilitywire.Time(all.At), all.Sections
	return out, nil
}
