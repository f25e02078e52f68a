package view

import (
	"github.com/rosterhq/roster/internal/care"
	"github.com/rosterhq/roster/internal/wire/mobilitywire"
)

// Verification is a check of a customer's documents (contract/mobility.md §4.8).
type Verification struct {
	ID        int64                 `json:"id"`
	GuserID   int64                 `json:"guserId" doc:"The customer."`
	Kind      string                `json:"kind" enum:"LICENSE,ID,MANUAL"`
	Provider  string                `json:"provider" enum:"VERIFF,ONFIDO,MANUAL"`
	State     string                `json:"state" enum:"UNVERIFIED,CREATED,PROCESSING,VERIFIED,REJECTED,RETRY,VERIFIED_BUT_NEEDS_CHECK,EXPIRED_LICENSE,REVIEW,PENDING_REVERIFICATION"`
	Next      map[string]string     `json:"next,omitempty" doc:"What the client needs to go on, in the provider's own words; when the check is begun, and then no more."`
	DecidedAt mobilitywire.Time     `json:"decidedAt,omitzero"`
	CreatedAt mobilitywire.Time     `json:"createdAt"`
	UpdatedAt mobilitywire.Time     `json:"updatedAt"`
	Attempts  []VerificationAttempt `json:"attempts"`
	Version   int64                 `json:"version"`
}

// VerificationAttempt is one time that the customer showed documents.
type VerificationAttempt struct {
	AttemptUUID string              `json:"attemptUuid"`
	State       string              `json:"state"`
	ReasonCode  string              `json:"reasonCode,omitempty"`
	CreatedAt   mobilitywire.Time   `json:"createdAt"`
	DecidedAt   mobilitywire.Time   `json:"decidedAt,omitzero"`
	Details     *DocumentDetails    `json:"details,omitempty"`
	Media       []VerificationMedia `json:"media,omitempty"`
}

// DocumentDetails are what a document says.
type DocumentDetails struct {
	DocumentType         string            `json:"documentType,omitempty"`
	DocumentCountry      string            `json:"documentCountry,omitempty"`
	DocumentNumberMasked string            `json:"documentNumberMasked,omitempty" doc:"All but its end is hidden."`
	ExpirationDate       mobilitywire.Date `json:"expirationDate,omitempty"`
	Categories           []string          `json:"categories,omitempty"`
}

// VerificationMedia is a photograph or a film.
type VerificationMedia struct {
	FileUUID    string `json:"fileUuid"`
	Kind        string `json:"kind" enum:"FRONT,BACK,FACE,VIDEO"`
	ContentType string `json:"contentType"`
	Size        int64  `json:"size" doc:"In bytes."`
}

// NewVerification shows a verification; details says whether what is on documents is
// shown, too.
func NewVerification(v *care.Verification, details bool) Verification {
	return Verification{
		ID: v.ID, GuserID: v.PersonID, Kind: v.Kind, Provider: v.Provider, State: v.State, Next: v.Next,
		DecidedAt: mobilitywire.Time(v.DecidedAt), CreatedAt: mobilitywire.Time(v.CreatedAt), UpdatedAt: mobilitywire.Time(v.UpdatedAt),
		Attempts: Each(v.Attempts, func(a *care.Attempt) VerificationAttempt { return newAttempt(a, details) }), Version: v.Revision,
	}
}

func newAttempt(a *care.Attempt, details bool) VerificationAttempt {
	out := VerificationAttempt{
		AttemptUUID: a.UUID, State: a.State, ReasonCode: a.ReasonCode, CreatedAt: mobilitywire.Time(a.CreatedAt), DecidedAt: mobilitywire.Time(a.DecidedAt),
	}
	if !details {
		return out
	}
	if a.DocumentType != "" || a.DocumentCountry != "" || a.DocumentNumber != "" || a.Expires != "" || len(a.Categories) > 0 {
		out.Details = &DocumentDetails{a.DocumentType, a.DocumentCountry, a.DocumentNumber, mobilitywire.Date(a.Expires), a.Categories}
	}
	for _, m := range a.Media {
		out.Media = append(out.Media, VerificationMedia{m.FileUUID, m.Kind, m.ContentType, m.Size})
	}
	return out
}
