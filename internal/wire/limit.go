package wire

import (
	"hash/maphash"
	"net/netip"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"github.com/rosterhq/roster/internal/roster"
)

// Limits are the rates that callers may reach, in requests a second, with a
// burst of as many. 0 is the default, below 0 no limit.
type Limits struct {
	// PerToken counts requests with a good token: 10,000 by default.
	PerToken float64
	// PerAddress counts requests without one by their address: 20 by default.
	PerAddress float64
	// TrustedProxies are the networks whose X-Forwarded-For is believed.
	TrustedProxies []netip.Prefix
}

const (
	defaultPerToken   = 10_000
	defaultPerAddress = 20
)

// tokenKey names a credential.
type tokenKey struct {
	tenant roster.TenantID
	id     string
}

// limiter counts requests by key. Its memory is bounded: past maxKeys it forgets
// a key that rests, or the longest unseen of a few.
type limiter[K comparable] struct {
	rate   rate.Limit
	burst  int
	seed   maphash.Seed
	shards [16]struct {
		sync.Mutex
		keys map[K]*bucket
	}
}

type bucket struct {
	rate.Limiter
	seen time.Time
}

// maxKeys bounds the keys of one shard, evictFrom how many are compared to forget one.
const (
	maxKeys   = 4096
	evictFrom = 8
)

func newLimiter[K comparable](perSecond, standard float64) *limiter[K] {
	if perSecond == 0 {
		perSecond = standard
	}
	if perSecond < 0 {
		return nil
	}
	l := &limiter[K]{rate: rate.Limit(perSecond), burst: max(1, int(perSecond)), seed: maphash.MakeSeed()}
	for i := range l.shards {
		l.shards[i].keys = map[K]*bucket{}
	}
	return l
}

// take counts a request; above 0 it is over the rate and may come again after
// that time. A nil limiter lets all pass.
func (l *limiter[K]) take(key K, now time.Time) time.Duration {
	if l == nil {
		return 0
	}
	sh := &l.shards[maphash.Comparable(l.seed, key)%uint64(len(l.shards))]
	sh.Lock()
	defer sh.Unlock()
	b := sh.keys[key]
	if b == nil {
		if len(sh.keys) >= maxKeys {
			l.forget(sh.keys, now)
		}
		b = &bucket{Limiter: *rate.NewLimiter(l.rate, l.burst)}
		sh.keys[key] = b
	}
	b.seen = now
	if b.AllowN(now, 1) {
		return 0
	}
	return time.Duration((1 - b.TokensAt(now)) / float64(l.rate) * float64(time.Second))
}

// forget drops one key: one with a full bucket, which a new one equals, or else
// the longest unseen of those looked at. Maps give their keys in random order.
func (l *limiter[K]) forget(keys map[K]*bucket, now time.Time) {
	var oldest K
	var seen time.Time
	n := 0
	for key, b := range keys {
		if b.TokensAt(now) >= float64(l.burst) {
			delete(keys, key)
			return
		}
		if n == 0 || b.seen.Before(seen) {
			oldest, seen = key, b.seen
		}
		if n++; n == evictFrom {
			break
		}
	}
	delete(keys, oldest)
}
