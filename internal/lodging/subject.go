package lodging

import (
	"github.com/google/uuid"

	"github.com/rosterhq/roster/internal/graph/index"
	"github.com/rosterhq/roster/internal/roster"
)

// GroupUserID is an id of the membership of a person in a group; GroupUser takes
// it for one that began as an invitation too.
func GroupUserID(tenant roster.TenantID, group, person int64) uuid.UUID {
	return pairID(tenant, group, person)
}

// UUID returns the UUID of a group or a property; uuid.Nil for what is not there.
func (l *Lodging) UUID(tenant roster.TenantID, id int64) (found uuid.UUID) {
	l.graph.View(tenant, func(v *index.View) {
		if g := v.Group(id); g != nil {
			found = g.UUID
		}
		if p := v.Property(id); p != nil {
			found = p.UUID
		}
	})
	return found
}
