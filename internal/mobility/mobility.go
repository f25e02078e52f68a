package mobility

import (
	"github.com/rosterhq/roster/internal/business"
	"github.com/rosterhq/roster/internal/care"
	"github.com/rosterhq/roster/internal/identity"
	"github.com/rosterhq/roster/internal/store"
)

// Mobility knows the tenants' vehicles, rentals and bookings.
type Mobility struct {
	db       *store.DB
	identity *identity.Identity
	business *business.Business
	care     *care.Care
	memory   memory // what checks need
}

// New makes the mobility of db's tenants, lets it follow db, and has business ask it
// whether something is still under way.
func New(db *store.DB, i *identity.Identity, b *business.Business, c *care.Care) *Mobility {
	m := &Mobility{db: db, identity: i, business: b, care: c, memory: newMemory(db)}
	b.SetGuard(business.Guard{
		OpenOfMember: openOfMember, OpenOfGroup: openOfGroup, CostCenterUsed: costCenterUsed, BranchesOfCustomers: care.BranchesOfCustomers,
	})
	return m
}
