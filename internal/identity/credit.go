package identity

// Credit statuses of customers and business accounts (contract/mobility.md §4.6). They
// follow from ratings, which are care's.
const (
	CreditUnknown  = "UNKNOWN"
	CreditPending  = "PENDING"
	CreditApproved = "APPROVED"
	CreditRejected = "REJECTED"
	CreditExpired  = "EXPIRED"
)

// CreditAt is what a credit status that counts until a time (0 for no end) is now, both
// µs UTC.
func CreditAt(status string, until, now int64) string {
	if until != 0 && until <= now {
		return CreditExpired
	}
	return status
}

// CreditAt is the customer's credit status at a time, µs UTC.
func (c *Customer) CreditAt(now int64) string { return CreditAt(c.CreditStatus, c.CreditUntil, now) }
