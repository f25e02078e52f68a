package care

import (
	"github.com/rosterhq/roster/internal/identity"
	"github.com/rosterhq/roster/internal/roster"
)

// Kinds of verifications.
const (
	LicenseVerification = "LICENSE"
	IDVerification      = "ID"
	ManualVerification  = "MANUAL" // by people, beside or instead of documents
)

// ByHand is the provider of what an operator decided.
const ByHand = "MANUAL"

// States of verifications; not each kind has all (contract/mobility.md §4.6).
const (
	Unverified      = "UNVERIFIED"
	Created         = "CREATED"
	Processing      = "PROCESSING"
	Verified        = "VERIFIED"
	Rejected        = "REJECTED"
	Retry           = "RETRY"
	NeedsCheck      = "VERIFIED_BUT_NEEDS_CHECK"
	ExpiredLicense  = "EXPIRED_LICENSE"
	Review          = "REVIEW"
	Reverify        = "PENDING_REVERIFICATION"
	aProvider       = "provider"
	aCustomer       = "customer"
	anOperator      = "operator"
	theDate         = "time"
	whenBegun       = "a check of documents is begun"
	whenSubmitted   = "the documents are at the provider's"
	whenDecided     = "the provider decides, or an operator does"
	whenAgain       = "the documents must be shown again"
	whenReviewEnded = "the review ends"
)

// LicenseLife is the life of the check of a driving license (contract/mobility.md §8.4;
// decision 43). An operator may set any state beside: that is a check by hand of its
// own.
var LicenseLife = roster.NewLifecycle(roster.Lifecycle{
	Noun: "license verification", Begins: []string{Unverified}, NoStep: CodeVerificationState, NotYours: CodeVerificationState,
	Steps: []roster.Step{
		{From: []string{Unverified, Created, Retry, Rejected, ExpiredLicense, Reverify}, To: Created, By: []string{aCustomer, anOperator}, When: whenBegun},
		{From: []string{Created, Retry}, To: Processing, By: []string{aProvider}, When: whenSubmitted},
		{From: []string{Processing, Review, NeedsCheck}, To: Verified, By: []string{aProvider, anOperator}, When: whenDecided},
		{From: []string{Processing, Review, NeedsCheck}, To: Rejected, By: []string{aProvider, anOperator}, When: whenDecided},
		{From: []string{Processing, Review, NeedsCheck}, To: Retry, By: []string{aProvider, anOperator}, When: whenAgain},
		{From: []string{Processing, NeedsCheck}, To: Review, By: []string{aProvider}, When: "a person is to look at it"},
		{From: []string{Processing}, To: NeedsCheck, By: []string{aProvider}, When: "it passed, and something is to be looked at"},
		{From: []string{Processing}, To: ExpiredLicense, By: []string{aProvider}, When: "the license is past its date"},
		{From: []string{Verified, NeedsCheck}, To: ExpiredLicense, By: []string{theDate, anOperator}, When: "the license is past its date; read so at once"},
		{From: []string{Verified, NeedsCheck}, To: Reverify, By: []string{anOperator}, When: whenAgain},
	},
})

// IDLife is the life of the check of an identity document.
var IDLife = roster.NewLifecycle(roster.Lifecycle{
	Noun: "ID verification", Begins: []string{Unverified}, NoStep: CodeVerificationState, NotYours: CodeVerificationState,
	Steps: []roster.Step{
		{From: []string{Unverified, Created, Retry, Rejected, Reverify}, To: Created, By: []string{aCustomer, anOperator}, When: whenBegun},
		{From: []string{Created, Retry}, To: Processing, By: []string{aProvider}, When: whenSubmitted},
		{From: []string{Processing, Review}, To: Verified, By: []string{aProvider, anOperator}, When: whenDecided},
		{From: []string{Processing, Review}, To: Rejected, By: []string{aProvider, anOperator}, When: whenDecided},
		{From: []string{Processing, Review}, To: Retry, By: []string{aProvider, anOperator}, When: whenAgain},
		{From: []string{Processing}, To: Review, By: []string{aProvider}, When: "a person is to look at it"},
		{From: []string{Verified}, To: Reverify, By: []string{theDate, anOperator}, When: "the document is past its date, which is read so at once, or must be shown again"},
	},
})

// ManualLife is the life of a verification that people alone do.
var ManualLife = roster.NewLifecycle(roster.Lifecycle{
	Noun: "manual verification", Begins: []string{Unverified}, NoStep: CodeVerificationState, NotYours: CodeVerificationState,
	Steps: []roster.Step{
		{From: []string{Unverified, Retry, Rejected}, To: Processing, By: []string{anOperator}, When: "somebody looks at it"},
		{From: []string{Processing}, To: Verified, By: []string{anOperator}, When: whenReviewEnded},
		{From: []string{Processing}, To: Rejected, By: []string{anOperator}, When: whenReviewEnded},
		{From: []string{Processing, Rejected}, To: Retry, By: []string{anOperator}, When: "the customer may try again"},
		{From: []string{Verified}, To: Unverified, By: []string{anOperator}, When: "it is taken back"},
	},
})

// lives are those of each kind.
var verificationLives = map[string]*roster.Lifecycle{LicenseVerification: LicenseLife, IDVerification: IDLife, ManualVerification: ManualLife}

// mirror is the customer's field that shows the state of a kind.
func mirror(c *identity.Customer, kind string) *string {
	switch kind {
	case LicenseVerification:
		return &c.LicenseState
	case IDVerification:
		return &c.IDState
	}
	return &c.ManualState
}
