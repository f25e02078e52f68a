package index

import (
	"math"
	"sync"
)

// Index is the effective index of one tenant. All methods may be called from any
// goroutine.
type Index struct {
	mu sync.RWMutex
	s  *state
}

// New returns an index with nothing in it, at revision 0.
func New() *Index { return &Index{s: newState()} }

// Revision returns the last commit that was applied and the head of its hash chain.
func (x *Index) Revision() (int64, [32]byte) {
	x.mu.RLock()
	defer x.mu.RUnlock()
	return x.s.revision, x.s.head
}

// Apply brings one commit in: its deltas in order, at its time now (microseconds
// UTC), leaving the index at revision and head. Readers see all of it or nothing.
func (x *Index) Apply(now, revision int64, head [32]byte, deltas []Delta) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.s.advance(now)
	for i := range deltas {
		x.s.apply(&deltas[i])
	}
	x.s.settle()
	x.s.revision, x.s.head = revision, head
}

// View calls fn with the state at now (microseconds UTC), or at the time of the
// last commit if that is later. The view is consistent and ends with fn; the
// headers it gave stay valid. fn must not call the index again.
func (x *Index) View(now int64, fn func(v *View)) {
	x.lockAt(now)
	defer x.mu.RUnlock()
	fn(&x.s.view)
}

// lockAt takes the read lock with everything applied that is due at now.
func (x *Index) lockAt(now int64) {
	for {
		x.mu.RLock()
		if now < x.s.agenda.next() {
			return
		}
		x.mu.RUnlock()
		x.mu.Lock()
		x.s.advance(now)
		x.s.settle()
		x.mu.Unlock()
	}
}

// state is everything an index holds; Load replaces it whole.
type state struct {
	tally
	upkeep

	view     View
	clock    int64
	revision int64
	head     [32]byte

	ids        idTable
	people     []personNode
	groups     []groupNode
	properties []propertyNode
	// words holds the first sixteen bytes of each person's name, for sorting.
	words [][2]uint64
	free  [PropertyKind + 1][]uint32

	terms  map[edgeKey]*Terms
	agenda agenda
	roles  map[string]string

	byUUID map[[16]byte]uint32
	kinds  map[string]*kindList

	pool sync.Pool
}

func newState() *state {
	s := &state{
		terms:  map[edgeKey]*Terms{},
		roles:  map[string]string{},
		byUUID: map[[16]byte]uint32{},
		kinds:  map[string]*kindList{},
	}
	s.view.s = s
	s.settle()
	return s
}

type personNode struct {
	head   *Person
	groups []uint32
}

type propertyNode struct {
	head   *Property
	groups []uint32
}

// A link is an edge as its group holds it: the member's slot with the flags below,
// and the second of Added. The member's side holds the group's slot with the same
// idle flag.
type link struct {
	to    uint32
	added uint32
}

const (
	idle     uint32 = 1 << 31 // the edge does not count now
	termed   uint32 = 1 << 30 // the edge has Terms
	slotMask uint32 = 1<<30 - 1
)

func (l link) active() bool { return l.to&idle == 0 }
func (l link) slot() uint32 { return l.to & slotMask }

// slotOf turns a place in an array into a slot. There are fewer than slotMask.
func slotOf(i int) uint32 { return uint32(i) } //nolint:gosec // see above

// ref is a subject of any kind: the kind in the two highest bits, then its slot.
// Zero is none.
type ref uint32

func newRef(k Kind, slot uint32) ref { return ref(uint32(k)<<30 | slot) }
func (r ref) kind() Kind             { return Kind(r >> 30) }
func (r ref) slot() uint32           { return uint32(r) & slotMask }

// edgeKey is the group's slot and the member's ref.
type edgeKey uint64

func keyOf(group uint32, member ref) edgeKey { return edgeKey(group)<<32 | edgeKey(member) }

func (k edgeKey) parts() (group uint32, member ref) {
	return uint32(k >> 32), ref(k & math.MaxUint32)
}

const pageSize = 1 << 12

// idTable finds the ref of an id. Ids are dense, so pages of them are, too.
type idTable struct{ pages []*[pageSize]ref }

func (t *idTable) get(id int64) ref {
	if id <= 0 || id/pageSize >= int64(len(t.pages)) || t.pages[id/pageSize] == nil {
		return 0
	}
	return t.pages[id/pageSize][id%pageSize]
}

func (t *idTable) set(id int64, r ref) {
	for int64(len(t.pages)) <= id/pageSize {
		t.pages = append(t.pages, nil)
	}
	page := &t.pages[id/pageSize]
	if *page == nil {
		*page = new([pageSize]ref)
	}
	(*page)[id%pageSize] = r
}

// group returns the slot of the group with this id.
func (s *state) group(id int64) (uint32, bool) {
	r := s.ids.get(id)
	return r.slot(), r.kind() == GroupKind
}

// person returns the slot of the person with this id.
func (s *state) person(id int64) (uint32, bool) {
	r := s.ids.get(id)
	return r.slot(), r.kind() == PersonKind
}

// id returns the id of the subject at r.
func (s *state) id(r ref) int64 {
	switch r.kind() {
	case PersonKind:
		return s.people[r.slot()].head.ID
	case GroupKind:
		return s.groups[r.slot()].head.ID
	default:
		return s.properties[r.slot()].head.ID
	}
}

// name returns the name or title of the subject at r.
func (s *state) name(r ref) string {
	switch r.kind() {
	case PersonKind:
		return s.people[r.slot()].head.Name
	case GroupKind:
		return s.groups[r.slot()].head.Name
	default:
		return s.properties[r.slot()].head.Title
	}
}

// seconds brings microseconds into the range that a link keeps.
func seconds(micros int64) uint32 {
	return uint32(min(max(micros/1e6, 0), math.MaxUint32))
}

func micros(seconds uint32) int64 { return int64(seconds) * 1e6 }
