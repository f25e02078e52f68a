package identity

import (
	"time"

	"github.com/rosterhq/roster/internal/store"
)

// keepEvents is how long an event that a provider told of is known: longer than any
// provider tells it again.
const keepEvents = 30 * 24 * time.Hour

var (
	eventPut = store.Q("webhook_event.put", `INSERT INTO webhook_events (tenant, provider, event_id, seen_at) VALUES ($1, $2, $3, $4)
		ON CONFLICT (tenant, provider, event_id) DO NOTHING`)
	eventPurge = store.Q("webhook_event.purge", `DELETE FROM webhook_events WHERE tenant = $1 AND (provider, event_id) IN (
		SELECT provider, event_id FROM webhook_events WHERE tenant = $1 AND seen_at <= $2 ORDER BY seen_at LIMIT 100)`)
)

// SeenEvent notes, in the write that does what an event of a provider brings about, that
// it was told, and reports whether this is the first time. Where it is not, there is
// nothing to do.
func SeenEvent(tx *store.Tx, provider, eventID string) (first bool, err error) {
	tx.Housekeeping() // it may have been all
	n, err := tx.Exec(eventPut, provider, eventID, tx.Now)
	return n == 1, err
}
