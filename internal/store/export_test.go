package store

import "github.com/rosterhq/roster/internal/roster"

// Queued is how many writes wait behind the one that runs.
func (db *DB) Queued(tenant roster.TenantID) int {
	c, err := db.committer(tenant)
	if err != nil {
		return 0
	}
	return len(c.queue)
}
