package care

import (
	"github.com/rosterhq/roster/internal/identity"
	"github.com/rosterhq/roster/internal/roster"
)

// How a voucher stands.
const (
	VoucherActive    = "ACTIVE"
	VoucherUsedUp    = "USED_UP"
	VoucherExpired   = "EXPIRED"
	VoucherRevoked   = "REVOKED"
	VoucherScheduled = "SCHEDULED" // valid later
)

// VoucherLife is the life of a voucher. What time does is not written: it follows from
// the voucher's dates whenever it is read or used.
var VoucherLife = roster.NewLifecycle(roster.Lifecycle{
	Noun: "voucher", NoStep: CodeVoucherState, NotYours: identity.CodeNoPermission,
	Begins: []string{VoucherScheduled, VoucherActive},
	Steps: []roster.Step{
		{From: []string{VoucherScheduled}, To: VoucherActive, By: []string{byTime}, When: "`validFrom` comes"},
		{From: []string{VoucherActive}, To: VoucherUsedUp, By: []string{byRental}, When: "a rental, or a booking that is charged, takes the last of it"},
		{From: []string{VoucherScheduled, VoucherActive}, To: VoucherExpired, By: []string{byTime}, When: "`validUntil` comes"},
		{From: []string{VoucherScheduled, VoucherActive}, To: VoucherRevoked, By: []string{byOperator}, When: "it was given by mistake; what of it was used stays used"},
	},
})

// statusAt tells how the voucher stands at a time.
func (v *Voucher) statusAt(now int64) string {
	switch {
	case v.Revoked:
		return VoucherRevoked
	case v.Remaining == 0:
		return VoucherUsedUp
	case v.ValidUntil != 0 && v.ValidUntil <= now:
		return VoucherExpired
	case v.ValidFrom > now:
		return VoucherScheduled
	default:
		return VoucherActive
	}
}
