package identity

// Codes of errors about customers (contract/mobility.md §2.2).
const (
	CodeNoCustomer      = "U106"
	CodeEmailTaken      = "U141"
	CodePhoneTaken      = "U941"
	CodeNotYours        = "U120" // a field that others may write, but not this caller
	CodeCustomerBlocked = "U131"
	CodeCustomerDeleted = "U945"
)
