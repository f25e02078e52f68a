package index

import "math"

// minHeap is a binary heap with the least item at index 0.
type minHeap[T interface{ before(T) bool }] []T

func (h *minHeap[T]) push(v T) {
	*h = append(*h, v)
	a := *h
	for i := len(a) - 1; i > 0; {
		up := (i - 1) / 2
		if !a[i].before(a[up]) {
			return
		}
		a[i], a[up] = a[up], a[i]
		i = up
	}
}

// pop removes the least item; the heap must not be empty.
func (h *minHeap[T]) pop() T {
	a := *h
	top, last := a[0], len(a)-1
	a[0] = a[last]
	*h = a[:last]
	h.sink(0)
	return top
}

func (h *minHeap[T]) sink(i int) {
	a := *h
	for {
		least := i
		for c := 2*i + 1; c <= 2*i+2 && c < len(a); c++ {
			if a[c].before(a[least]) {
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
func (h *minHeap[T]) heapify() {
	for i := len(*h)/2 - 1; i >= 0; i-- {
		h.sink(i)
	}
}

// event says: at this instant, look at this edge again.
type event struct {
	at     int64
	group  uint32
	member ref
}

func (e event) before(o event) bool { return e.at < o.at }

// agenda is the instants to come.
type agenda struct{ minHeap[event] }

// next returns the first instant, or the end of time.
func (a *agenda) next() int64 {
	if len(a.minHeap) == 0 {
		return math.MaxInt64
	}
	return a.minHeap[0].at
}

// advance moves the clock to now, unless it is later already, and applies what
// has come due.
func (s *state) advance(now int64) {
	s.clock = max(s.clock, now)
	for s.agenda.next() <= s.clock {
		e := s.agenda.pop()
		s.review(e.group, e.member)
	}
}

// review makes an edge count or not, as its terms say for the clock. An edge that
// is gone, or has no terms any more, is as it should be.
func (s *state) review(group uint32, member ref) {
	t := s.terms[keyOf(group, member)]
	if t == nil {
		return
	}
	links, back := s.links(group, member.kind()), s.back(member)
	s.setActive(group, member, find(*links, member.slot()), findBack(*back, group), t.active(s.clock))
}

// schedule notes the instants of an edge's terms that are yet to come. Events of
// earlier terms stay behind; once they are most of the agenda, it is made anew.
func (s *state) schedule(group uint32, member ref, t *Terms) {
	for _, at := range [...]int64{t.StartsAt, t.ExpiresAt} {
		if at > s.clock {
			s.agenda.push(event{at, group, member})
		}
	}
	if len(s.agenda.minHeap) > 4*len(s.terms)+1024 {
		s.rescheduleAll()
	}
}

func (s *state) rescheduleAll() {
	s.agenda.minHeap = make(minHeap[event], 0, 2*len(s.terms))
	for k, t := range s.terms {
		group, member := k.parts()
		for _, at := range [...]int64{t.StartsAt, t.ExpiresAt} {
			if at > s.clock {
				s.agenda.minHeap = append(s.agenda.minHeap, event{at, group, member})
			}
		}
	}
	s.agenda.heapify()
}

func (t *Terms) active(now int64) bool {
	e := Edge{StartsAt: t.StartsAt, ExpiresAt: t.ExpiresAt}
	return e.Active(now)
}
