package care

import (
	"context"

	"github.com/rosterhq/roster/internal/business"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/store"
)

// Vouchers lists a page of the rider's own vouchers, and tells how many there are.
// Invalid as VouchersOf.
func (c *Care) Vouchers(ctx context.Context, a roster.Actor, p roster.Page) (page []*Voucher, total int, err error) {
	err = c.db.Read(ctx, a.Tenant.ID, func(tx *store.Tx) error {
		page, total, err = VouchersOf(tx, a.PersonID, p)
		return err
	})
	return page, total, err
}

// GroupVouchers lists a page of a business account's vouchers for a manager of it.
// Errors are those of business.ManagerOf and VouchersOf.
func (c *Care) GroupVouchers(ctx context.Context, a roster.Actor, group int64, p roster.Page) (page []*Voucher, total int, err error) {
	err = c.db.Read(ctx, a.Tenant.ID, func(tx *store.Tx) error {
		if _, _, err := business.ManagerOf(tx, a, group); err != nil {
			return err
		}
		page, total, err = VouchersOf(tx, group, p)
		return err
	})
	return page, total, err
}
