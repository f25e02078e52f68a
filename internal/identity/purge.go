package identity

import (
	"context"
	"time"

	"github.com/rosterhq/roster/internal/jobs"
	"github.com/rosterhq/roster/internal/store"
)

// purgeEvery is how often what has run out is deleted, purgeRows how many rows of a
// table one write takes.
const (
	purgeEvery = time.Hour
	purgeRows  = 100 // as the statements say
)

var (
	refreshPurge = store.Q("refresh_token.purge", `DELETE FROM refresh_tokens WHERE tenant = $1 AND hash IN (
		SELECT hash FROM refresh_tokens WHERE tenant = $1 AND expires_at <= $2 ORDER BY expires_at LIMIT 100)`)
	familyPurge = store.Q("token_family.purge", `DELETE FROM token_families WHERE tenant = $1 AND id IN (
		SELECT id FROM token_families WHERE tenant = $1 AND expires_at <= $2 ORDER BY expires_at LIMIT 100)`)
	codePurge = store.Q("sign_in_code.purge", `DELETE FROM sign_in_codes WHERE tenant = $1 AND id IN (
		SELECT id FROM sign_in_codes WHERE tenant = $1 AND expires_at <= $2 ORDER BY expires_at LIMIT 100)`)
)

// purge deletes what has run out, some in each write. A session's refresh tokens
// expire no later than it, so they are gone when it goes; codes are kept as long as
// they count as recent.
func (i *Identity) purge(ctx context.Context) error {
	for _, q := range []*store.Query{refreshPurge, familyPurge, codePurge, eventPurge} {
		keep := int64(0)
		switch q {
		case codePurge:
			keep = codeWindow.Microseconds()
		case eventPurge:
			keep = keepEvents.Microseconds()
		}
		for n := int64(purgeRows); n == purgeRows; {
			err := i.db.Write(ctx, jobs.Actor(ctx), func(tx *store.Tx) (err error) {
				tx.Housekeeping()
				n, err = tx.Exec(q, tx.Now-keep)
				return err
			})
			if err != nil {
				return err
			}
		}
	}
	return nil
}
