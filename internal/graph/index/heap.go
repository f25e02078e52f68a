package index

import "math"

// minHeap is a binary heap with the item of the least key at index 0.
type minHeap[V any] []keyed[V]

type keyed[V any] struct {
	key   int64
	value V
}

func (h *minHeap[V]) push(key int64, value V) {
	*h = append(*h, keyed[V]{key, value})
	a := *h
	for i := len(a) - 1; i > 0; {
		up := (i - 1) / 2
		if a[i].key >= a[up].key {
			return
		}
		a[i], a[up] = a[up], a[i]
		i = up
	}
}

// pop removes the item of the least key; the heap must not be empty.
func (h *minHeap[V]) pop() keyed[V] {
	a := *h
	top, last := a[0], len(a)-1
	a[0] = a[last]
	*h = a[:last]
	h.sink(0)
	return top
}

func (h *minHeap[V]) sink(i int) {
	a := *h
	for {
		least := i
		for c := 2*i + 1; c <= 2*i+2 && c < len(a); c++ {
			if a[c].key < a[least].key {
				least = c
			}
		}
		if least == i {
			return
		}
		a[i], a[least] = a[least], a[i]
		i = least
	}
}

// heapify orders items that were appended in no order.
func (h *minHeap[V]) heapify() {
	for i := len(*h)/2 - 1; i >= 0; i-- {
		h.sink(i)
	}
}

// agenda is the instants to come, each with an edge to look at again.
type agenda struct{ minHeap[edgeKey] }

// next returns the first instant, or the end of time.
func (a *agenda) next() int64 {
	if len(a.minHeap) == 0 {
		return math.MaxInt64
	}
	return a.minHeap[0].key
}

// advance moves the clock to now, unless it is later already, and applies what
// has come due.
func (s *state) advance(now int64) {
	s.clock = max(s.clock, now)
	for s.agenda.next() <= s.clock {
		s.review(s.agenda.pop().value)
	}
}

// review makes an edge count or not, as its terms say for the clock. An edge that
// is gone, or has no terms any more, is as it should be.
func (s *state) review(k edgeKey) {
	t := s.terms[k]
	if t == nil {
		return
	}
	group, member := k.parts()
	links, back := s.links(group, member.kind()), s.back(member)
	s.setActive(group, member, find(*links, member.slot()), findBack(*back, group), t.active(s.clock))
}

// schedule notes the instants of an edge's terms that are yet to come. Events of
// earlier terms stay behind; once they are most of the agenda, it is made anew.
func (s *state) schedule(k edgeKey, t *Terms) {
	for _, at := range [...]int64{t.StartsAt, t.ExpiresAt} {
		if at > s.clock {
			s.agenda.push(at, k)
		}
	}
	if len(s.agenda.minHeap) > 4*len(s.terms)+1024 {
		s.rescheduleAll()
	}
}

func (s *state) rescheduleAll() {
	s.agenda.minHeap = make(minHeap[edgeKey], 0, 2*len(s.terms))
	for k, t := range s.terms {
		for _, at := range [...]int64{t.StartsAt, t.ExpiresAt} {
			if at > s.clock {
				s.agenda.minHeap = append(s.agenda.minHeap, keyed[edgeKey]{at, k})
			}
		}
	}
	s.agenda.heapify()
}

func (t *Terms) active(now int64) bool {
	e := Edge{StartsAt: t.StartsAt, ExpiresAt: t.ExpiresAt, State: t.State}
	return e.Active(now)
}
