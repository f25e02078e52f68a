package business

import "github.com/rosterhq/roster/internal/roster"

// Codes of errors about accounts, members, requests and cost centers
// (contract/mobility.md §2.2).
const (
	CodeNoResource      = "G904" // no such request or cost center, or not visible
	CodeNoPermission    = "A190" // visible, and somebody else's to change
	CodeNotWritable     = "U120" // a field that others may write, but not this caller
	CodeBlocked         = "U131" // the caller is blocked
	CodeNoAccount       = "UG901"
	CodeNoCode          = "UG902"
	CodeAssigned        = "UG903" // the person is in an account
	CodePending         = "UG904" // a request waits already
	CodeNoMember        = "UG905"
	CodeOwnerStays      = "UG906"
	CodeOwnerRole       = "UG907" // nobody becomes or stops being OWNER this way
	CodeNotPending      = "UG908"
	CodeNotYours        = "UG909" // a step of a request that the other side takes
	CodeAccountInactive = "UG910"
	CodeOpen            = "UG911" // something is under way or unpaid
	CodeTaken           = "UG913" // code or name
	CodeCostCenter      = "UG914" // not of this account, not active, or not the member's
	CodeNoCostCenter    = "UG915"
	CodeNoReason        = "UG916"
	CodeInactiveMember  = "UG917"
	CodeNotApproved     = "UG918"
	CodeNoPayment       = "UG919"
	CodeUnpaid          = "UG920"
	CodeNotPermitted    = "UG921" // branch or category
	CodeDisabled        = "UG923"
	CodeCostCenterUsed  = "UG924"
	CodeCostCenterTaken = "UG925"
	CodePersonalSource  = "UG926"
	CodeTypeAndAccount  = "UG927"
	CodeManagerLimit    = "UG928" // a manager may not change own role, or those above
	CodeTooManyItems    = "UG929"
	CodeSpendingLimit   = "UG930"
)

func errNoAccount() error {
	return roster.Errorf(roster.NotFound, CodeNoAccount, "there is no such business account")
}

func errNoCode() error {
	return roster.Errorf(roster.NotFound, CodeNoCode, "no business account has this code")
}

func errNoMember() error {
	return roster.Errorf(roster.NotFound, CodeNoMember, "there is no such member of the business account")
}

func errNoResource(noun string) error {
	return roster.Errorf(roster.NotFound, CodeNoResource, "there is no such %s", noun)
}

func errNoPermission() error {
	return roster.Errorf(roster.Forbidden, CodeNoPermission, "this is for managers of the business account")
}

func errNotWritable(field string) error {
	return &roster.Error{Kind: roster.Forbidden, Code: CodeNotWritable, Field: field, Msg: "this field is not yours to change here"}
}

func errManagerLimit(msg string) error {
	return roster.Errorf(roster.Forbidden, CodeManagerLimit, "%s", msg)
}

func errAssigned() error {
	return roster.Errorf(roster.Conflict, CodeAssigned, "the person is in a business account already")
}

func errCostCenter(field string) error {
	return &roster.Error{
		Kind: roster.Invalid, Code: CodeCostCenter, Field: field,
		Msg: "must be an active cost center of the business account that the member has access to",
	}
}
