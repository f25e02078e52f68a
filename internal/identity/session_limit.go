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
	name := failing{tenant: c.Tenant, email: graph.Key(c.Email)}
	place := failing{address: c.Address}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.sweep(now)
	wait := max(f.wait(name, failuresPerName, now), f.wait(place, failuresPerPlace, now))
	if wait > 0 {
		return nil, &roster.Error{Kind: roster.TooMany, Msg: "too many sign-ins failed", Details: wait}
	}
	for _, key := range []failing{name, place} {
		f.recent[key] = append(f.recent[key], now)
	}
	return func() { f.undo(now, name, place) }, nil
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
