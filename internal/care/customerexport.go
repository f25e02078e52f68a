package care

import (
	"context"

	"github.com/rosterhq/roster/internal/identity"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/store"
)

// ExportCustomer reads all that is stored of a customer, a deleted one too, for an
// operator, or an API client; the log tells of it. Errors are those of CustomerFor.
func (c *Care) ExportCustomer(ctx context.Context, a roster.Actor, id int64) (all *identity.Exported, err error) {
	err = c.writeAs(ctx, a, func(tx *store.Tx, p *identity.Powers) error {
		if _, err := CustomerFor(tx, p, id, "USER_EXPORT"); err != nil {
			return err
		}
		all, err = identity.Export(tx, id)
		return err
	})
	return all, err
}
