package index

import "slices"

// Load replaces everything by what feed yields, as of now (microseconds UTC), at
// revision and head. It takes puts only, a subject before its edges, and each of both
// once, as the rows of a table have them; drops are ignored. Readers see the old
// content until all is there. If feed fails, nothing changes and its error returns.
func (x *Index) Load(now, revision int64, head [32]byte, feed func(yield func(Delta)) error) error {
	l := loader{state: newState()}
	x.mu.RLock()
	l.clock = max(now, x.s.clock)
	x.mu.RUnlock()
	if err := feed(l.take); err != nil {
		return err
	}
	l.build()
	l.revision, l.head = revision, head
	x.mu.Lock()
	defer x.mu.Unlock()
	l.advance(x.s.clock)
	l.settle()
	x.s = l.state
	return nil
}

// loader collects edges until their numbers are known, so that all links can
// stand in two arrays without a gap.
type loader struct {
	*state

	chunks [][]loose
	edges  int
}

// loose is an edge on its way into the arrays. Its group carries the flags.
type loose struct {
	group  uint32
	member ref
	added  uint32
}

const chunkSize = 1 << 16

func (l *loader) take(d Delta) {
	switch d.op {
	case putGroup:
		l.setGroup(d.group)
		k := l.kindList(d.group.Kind)
		k.order = append(k.order, d.group)
	case putPerson, putProperty:
		l.apply(&d)
	case putEdge:
		l.hold(&d.edge)
	default: // drops have nothing to drop
	}
}

// hold keeps an edge, with its terms in place.
func (l *loader) hold(e *Edge) {
	group, ok := l.group(e.Group)
	member := l.ids.get(e.Member)
	if !ok || member == 0 {
		return
	}
	held := loose{group, member, seconds(e.Added)}
	if t := l.newTerms(e); t != nil {
		held.group |= termed
		l.terms[keyOf(group, member)] = t
	}
	if !e.Active(l.clock) {
		held.group |= idle
	}
	if l.edges%chunkSize == 0 {
		l.chunks = append(l.chunks, make([]loose, 0, chunkSize))
	}
	last := &l.chunks[len(l.chunks)-1]
	*last = append(*last, held)
	l.edges++
}

// build lays the edges out and brings everything derived in order.
func (l *loader) build() {
	l.carve(l.degrees())
	for i, chunk := range l.chunks {
		for _, e := range chunk {
			l.place(e)
		}
		l.chunks[i] = nil
	}
	for i := range l.groups {
		l.groups[i].count.Store(unknown)
	}
	for _, k := range l.kinds {
		slices.SortFunc(k.order, byCreated)
	}
	l.rescheduleAll()
}

// degrees counts each subject's edges: in[k] by group for members of kind k, out[k]
// by member of kind k.
func (l *loader) degrees() (in, out [PropertyKind + 1][]uint32) {
	sizes := [...]int{PersonKind: len(l.people), GroupKind: len(l.groups), PropertyKind: len(l.properties)}
	for k := PersonKind; k <= PropertyKind; k++ {
		in[k], out[k] = make([]uint32, len(l.groups)), make([]uint32, sizes[k])
	}
	for _, chunk := range l.chunks {
		for _, e := range chunk {
			in[e.member.kind()][e.group&slotMask]++
			out[e.member.kind()][e.member.slot()]++
		}
	}
	return in, out
}

// carve gives each subject its part of the two arrays, empty, with room for its
// edges and no more: one that grows later moves out.
func (l *loader) carve(in, out [PropertyKind + 1][]uint32) {
	links, backs := make([]link, l.edges), make([]uint32, l.edges)
	for g := range l.groups {
		for k := PersonKind; k <= PropertyKind; k++ {
			n := in[k][g]
			*l.links(uint32(g), k), links = links[:0:n], links[n:]
		}
	}
	for k := PersonKind; k <= PropertyKind; k++ {
		for slot, n := range out[k] {
			*l.back(newRef(k, uint32(slot))), backs = backs[:0:n], backs[n:]
		}
	}
}

// place adds an edge to both its ends.
func (l *loader) place(e loose) {
	group, flags := e.group&slotMask, e.group&^slotMask
	links, back := l.links(group, e.member.kind()), l.back(e.member)
	*links = append(*links, link{to: e.member.slot() | flags, added: e.added})
	*back = append(*back, group|flags&idle)
	if flags&idle != 0 {
		return
	}
	switch e.member.kind() {
	case PersonKind:
		l.groups[group].direct++
	case GroupKind:
		l.groups[group].nested++
	default: // properties are not counted
	}
}
