package care

import (
	"context"

	"github.com/rosterhq/roster/internal/roster"
)

// Verifier is a provider of checks of documents. It is asked outside of transactions,
// and asked again after errors; Key says what is the same question.
type Verifier interface {
	// Begin opens a check at the provider's.
	Begin(ctx context.Context, b VerificationBegin) (VerificationBegun, error)
	// Result tells how a check stands, by the provider's reference of it.
	Result(ctx context.Context, tenant roster.Tenant, reference string) (VerificationResult, error)
	// Media lists what was photographed or filmed in a check.
	Media(ctx context.Context, tenant roster.Tenant, reference string) ([]MediaRef, error)
	// Fetch reads one of those, and tells its content type.
	Fetch(ctx context.Context, tenant roster.Tenant, m MediaRef) (content []byte, contentType string, err error)
}

// VerificationBegin asks for a check. What is not known is "".
type VerificationBegin struct {
	Key        string // unique
	Tenant     roster.Tenant
	Kind       string // LicenseVerification, IDVerification
	CustomerID int64
	FirstName  string
	LastName   string
	Birthdate  string // YYYY-MM-DD
}

// VerificationBegun is a check that a provider opened.
type VerificationBegun struct {
	Reference string // the provider's own
	// Next is what the client needs to go on, such as "url" or "token".
	Next map[string]string
}

// VerificationResult is how a check stands.
type VerificationResult struct {
	State           string // of LicenseLife, or IDLife
	AttemptUUID     string // the provider's own; "" for the check's one attempt
	ReasonCode      string
	DocumentType    string // ID_CARD, PASSPORT, RESIDENCE_PERMIT, DRIVING_LICENSE; "" for not told
	DocumentCountry string // ISO 3166-1, two letters
	DocumentNumber  string
	ExpirationDate  string // YYYY-MM-DD
	Categories      []string
	DecidedAt       int64 // µs UTC; 0 for not yet
}

// MediaRef names a file at a provider's.
type MediaRef struct {
	Reference string // the provider's own
	Kind      string // FRONT, BACK, FACE, VIDEO
}

// VerificationEvent is what a provider's webhook tells: that something changed.
type VerificationEvent struct {
	EventID   string // unique at the provider's; "" where it has none
	Reference string
}

// AddVerifier adds a provider by the name that the settings verification.idProvider and
// verification.licenseProvider have for it. Called when the program starts, and never
// later.
func (c *Care) AddVerifier(name string, v Verifier) { c.verifiers[name] = v }
