package identity

import (
	"github.com/rosterhq/roster/internal/graph"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/store"
)

// PutEmployee has the person with that address be a user of the organization with a
// role, and reports whether that changed anything. The name is that of a new user.
// Invalid.
func PutEmployee(tx *store.Tx, email, name, role string) (changed bool, err error) {
	p, err := graph.PersonByEmail(tx, email)
	if err != nil && !roster.IsKind(err, roster.NotFound) {
		return false, err
	}
	if err != nil || !p.Has(graph.UserProfile) {
		return true, InsertUser(tx, &User{Email: email, FullName: name, Role: role})
	}
	before, err := UserByUUID(tx, p.UUID)
	if err != nil || before.Role == role {
		return false, err
	}
	after := *before
	after.Role = role
	if err := checkUser(tx, before, &after); err != nil {
		return false, err
	}
	return true, saveUser(tx, before, &after)
}
