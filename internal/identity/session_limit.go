package identity

import (
	"sync"
	"time"

	"github.com/rosterhq/roster/internal/graph"
	"github.com/rosterhq/roster/internal/roster"
)

// How many sign-ins may fail within a time, of one account and of one address.
const (
	failureWindow    = 15 * time.Minute
	failuresPerName  = 10
	failuresPerPlace = 100
)

// maxFailing bounds how many accounts and addresses are remembered.
const maxFailing = 100_000

// failures counts failed sign-ins of this node. An account that nobody has counts
// like any other: the limit tells nothing about who exists.
type failures struct {
	mu     sync.Mutex
	recent map[failing][]time.Time // oldest first
}

// failing is what failures count against.
type failing struct{ tenant, email, address string }

// count notes a sign-in as failed before it is judged, so that many at once can't
// pass together; undo takes that back. TooMany when the limit is reached.
func (f *failures) count(c Credentials, now time.Time) (undo func(), err error) {
	return f.countAll(now, failing{tenant: c.Tenant, email: graph.Key(c.Email)}, failing{address: c.Address})
}

// countAll is count by what failures count against.
func (f *failures) countAll(now time.Time, keys ...failing) (undo func(), err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.sweep(now)
	var wait time.Duration
	for _, key := range keys {
		wait = max(wait, f.wait(key, key.most(), now))
	}
	if wait > 0 {
		return nil, &roster.Error{Kind: roster.TooMany, Msg: "too many sign-ins failed", Details: wait}
	}
	for _, key := range keys {
		f.recent[key] = append(f.recent[key], now)
	}
	return func() { f.undo(now, keys...) }, nil
}

// most is how many failures are allowed.
func (f failing) most() int {
	if f.tenant == "" {
		return failuresPerPlace
	}
	return failuresPerName
}

// countFailure is count for a sign-in to mobility: name is the account's address or
// number, however it is to be known; "" counts against the place alone.
func (i *Identity) countFailure(from From, name string) (undo func(), err error) {
	place := failing{address: from.Device.Address}
	if name == "" {
		return i.failures.countAll(i.db.Clock()(), place)
	}
	return i.failures.countAll(i.db.Clock()(), failing{tenant: from.Tenant, email: name}, place)
}

// wait drops what is too old to count, and returns how long it takes until another
// failure is allowed.
func (f *failures) wait(key failing, most int, now time.Time) time.Duration {
	times := f.recent[key]
	for len(times) > 0 && now.Sub(times[0]) >= failureWindow {
		times = times[1:]
	}
	if len(times) == 0 {
		delete(f.recent, key)
		return 0
	}
	f.recent[key] = times
	if len(times) < most {
		return 0
	}
	return times[len(times)-most].Add(failureWindow).Sub(now)
}

func (f *failures) undo(at time.Time, keys ...failing) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, key := range keys {
		times := f.recent[key]
		for i := range times {
			if times[i].Equal(at) {
				times = append(times[:i:i], times[i+1:]...)
				break
			}
		}
		if f.recent[key] = times; len(times) == 0 {
			delete(f.recent, key)
		}
	}
}

// sweep makes room once the map is large: what no longer counts goes, and if too
// much of it counts, whatever comes first.
func (f *failures) sweep(now time.Time) {
	if f.recent == nil {
		f.recent = map[failing][]time.Time{}
	}
	if len(f.recent) < maxFailing {
		return
	}
	for key, times := range f.recent {
		if now.Sub(times[len(times)-1]) >= failureWindow {
			delete(f.recent, key)
		}
	}
	for key := range f.recent { // a map gives its keys in random order
		if len(f.recent) < maxFailing*3/4 {
			break
		}
		delete(f.recent, key)
	}
}
