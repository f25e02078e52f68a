package business

// Codes of errors about business units, invoices and payment (contract/mobility.md
// §2.2; those of the contract's own numbering are I9xx, P903 and later).
const (
	CodeNoUnit         = "B910" // no such business unit, or none that bills here
	CodeUnitTaken      = "B911" // another unit has the code
	CodeUnitReferenced = "B912" // so it can't be deleted
	CodeUnitFixed      = "B913" // so currency, scale and time zone can't be changed

	CodeCharged      = "I901" // the thing was charged before
	CodeNoInvoice    = "I902"
	CodeInvoiceState = "I903" // nobody takes an invoice from this state to that one
	CodeInvoiceParty = "I904" // somebody else does

	CodeNoPaymentSource      = "P901" // an account has none to pay with
	CodeUnknownPaymentSource = "P902"
	CodePaymentState         = "P903" // nobody takes an account from this payment state to that one
	CodePaymentParty         = "P904" // somebody else does
	CodeNoGateway            = "P905" // the business unit's gateway is not installed
	CodePaymentRefused       = "P906" // by the gateway

	CodeSignupFailed = "U139.1"
)
