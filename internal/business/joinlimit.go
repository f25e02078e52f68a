package business

import (
	"sync"
	"time"

	"github.com/rosterhq/roster/internal/roster"
)

// How many joins of one person may fail within a time: codes are secrets that can be
// guessed.
const (
	joinWindow   = int64(time.Hour / time.Microsecond)
	joinsPerUser = 20
)

// maxJoining bounds how many people are remembered.
const maxJoining = 100_000

// joins counts failed joins on this node.
type joins struct {
	mu     sync.Mutex
	recent map[joining][]int64 // µs UTC, oldest first
}

type joining struct {
	tenant roster.TenantID
	person int64
}

// count notes a join as failed before it is judged, so that many at once can't pass
// together; undo takes that back. TooMany when the limit is reached.
func (j *joins) count(a roster.Actor, now int64) (undo func(), err error) {
	who := joining{a.Tenant.ID, a.PersonID}
	j.mu.Lock()
	defer j.mu.Unlock()
	j.sweep(now)
	times := j.recent[who]
	for len(times) > 0 && now-times[0] >= joinWindow {
		times = times[1:]
	}
	if len(times) >= joinsPerUser {
		wait := time.Duration(times[len(times)-joinsPerUser]+joinWindow-now) * time.Microsecond
		return nil, &roster.Error{Kind: roster.TooMany, Msg: "too many joins failed", Details: wait}
	}
	j.recent[who] = append(times, now)
	return func() { j.undo(who, now) }, nil
}

func (j *joins) undo(who joining, at int64) {
	j.mu.Lock()
	defer j.mu.Unlock()
	times := j.recent[who]
	for i := range times {
		if times[i] == at {
			j.recent[who] = append(times[:i:i], times[i+1:]...)
			break
		}
	}
	if len(j.recent[who]) == 0 {
		delete(j.recent, who)
	}
}

// sweep makes room once the map is large: what no longer counts goes, and if too much
// of it counts, whatever comes first.
func (j *joins) sweep(now int64) {
	if j.recent == nil {
		j.recent = map[joining][]int64{}
	}
	if len(j.recent) < maxJoining {
		return
	}
	for who, times := range j.recent {
		if now-times[len(times)-1] >= joinWindow {
			delete(j.recent, who)
		}
	}
	for who := range j.recent { // a map gives its keys in random order
		if len(j.recent) < maxJoining*3/4 {
			break
		}
		delete(j.recent, who)
	}
}
