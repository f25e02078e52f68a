package care

// Codes of errors (contract/mobility.md §2.2).
const (
	CodeTermsNotAccepted   = "U690" // the current terms are not
	CodeForeignTerms       = "U691" // they are no version that counts at the branch
	CodeOperatorAcceptance = "U693" // operators may not accept for customers here
	CodeUnknownTerms       = "U694"

	CodeEmailStays = "U140" // the address is the last way to sign in

	CodeNoVoucherable       = "VA901"
	CodeNotCustomerCare     = "VA902" // the voucherable is for something else
	CodeVoucherableInactive = "VA903" // or not valid now
	CodeVoucherMismatch     = "VA904" // of business unit or currency
	CodeVoucherLimit        = "VA905" // the account has as many as it may
	CodeNoVoucher           = "VA906"
	CodeVoucherState        = "VA907" // the voucher's state does not allow it

	CodeNoCard         = "IC901"
	CodeCardTaken      = "IC902" // its number is another's
	CodeRFIDTaken      = "IC903"
	CodeCardState      = "IC904" // the card's state does not allow it
	CodeCardLimit      = "IC905" // the customer has as many as they may
	CodeNoCardAssigned = "IC906"
	CodeCardsDisabled  = "IC907" // the branch has none

	CodeNoVerification    = "VE901" // nor such an attempt of it
	CodeNoMedia           = "VE902" // or it is purged
	CodeVerificationState = "VE903" // what is asked does not follow from its state
	CodeNoVerifier        = "VE904" // nobody checks documents of that kind at the branch

	CodeNoRatedAccount    = "CR901" // neither a customer nor a business account
	CodeRatingUndecidable = "CR902"
	CodeRatingQueued      = "CR903" // already
	CodeNoRatingProvider  = "CR904" // of the account's branch
	CodeRatingActive      = "CR906" // and another is not asked for
)
