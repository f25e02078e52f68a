package index

// apply does one step of a commit.
func (s *state) apply(d *Delta) {
	switch d.op {
	case putGroup:
		s.putGroup(d.group)
	case putPerson:
		s.putPerson(d.person)
	case putProperty:
		s.putProperty(d.property)
	case putEdge:
		s.putEdge(&d.edge)
	case dropSubject:
		s.drop(d.edge.Member)
	case dropEdge:
		s.dropEdge(d.edge.Group, d.edge.Member)
	}
}

func (s *state) putPerson(p *Person) {
	slot := s.slotFor(p.ID, PersonKind)
	s.people[slot].head = p
	s.words[slot] = [2]uint64{nameWord(p.Name, 0), nameWord(p.Name, 8)}
}

func (s *state) putProperty(p *Property) {
	s.properties[s.slotFor(p.ID, PropertyKind)].head = p
}

func (s *state) putGroup(g *Group) { s.relist(s.setGroup(g), g) }

// setGroup puts a header in place and returns the one that it replaces, or nil.
func (s *state) setGroup(g *Group) *Group {
	slot := s.slotFor(g.ID, GroupKind)
	old := s.groups[slot].head
	s.groups[slot].head = g
	if old != nil {
		delete(s.byUUID, old.UUID)
	}
	s.byUUID[g.UUID] = slot
	return old
}

// slotFor returns the slot of the subject with this id, a new one if nobody has it.
func (s *state) slotFor(id int64, kind Kind) uint32 {
	if r := s.ids.get(id); r.kind() == kind {
		return r.slot()
	}
	s.drop(id)
	var slot uint32
	if f := s.free[kind]; len(f) > 0 {
		slot = f[len(f)-1]
		s.free[kind] = f[:len(f)-1]
	} else {
		slot = s.grow(kind)
	}
	s.ids.set(id, newRef(kind, slot))
	return slot
}

// grow adds a slot to the array of a kind.
func (s *state) grow(kind Kind) uint32 {
	switch kind {
	case PersonKind:
		s.people = append(s.people, personNode{})
		s.words = append(s.words, [2]uint64{})
		return slotOf(len(s.people) - 1)
	case GroupKind:
		s.groups = append(s.groups, groupNode{})
		return slotOf(len(s.groups) - 1)
	default:
		s.properties = append(s.properties, propertyNode{})
		return slotOf(len(s.properties) - 1)
	}
}

// drop removes a subject and its edges, and frees its slot.
func (s *state) drop(id int64) {
	r := s.ids.get(id)
	if r == 0 {
		return
	}
	for back := s.back(r); len(*back) > 0; {
		s.unlink((*back)[0]&slotMask, r)
	}
	switch r.kind() {
	case PersonKind:
		s.people[r.slot()] = personNode{}
	case GroupKind:
		s.dropGroup(r.slot())
	default:
		s.properties[r.slot()] = propertyNode{}
	}
	s.ids.set(id, 0)
	s.free[r.kind()] = append(s.free[r.kind()], r.slot())
}

func (s *state) dropGroup(slot uint32) {
	for kind := PersonKind; kind <= PropertyKind; kind++ {
		for links := s.links(slot, kind); len(*links) > 0; {
			i := len(*links) - 1
			s.unlinkAt(slot, newRef(kind, (*links)[i].slot()), i)
		}
	}
	n := &s.groups[slot]
	delete(s.byUUID, n.head.UUID)
	s.relist(n.head, nil)
	n.head, n.people, n.groups, n.properties, n.parents = nil, nil, nil, nil, nil
	n.count.Store(unknown)
}

func (s *state) putEdge(e *Edge) {
	group, ok := s.group(e.Group)
	member := s.ids.get(e.Member)
	if !ok || member == 0 {
		return
	}
	links, back := s.links(group, member.kind()), s.back(member)
	var i int
	j := findBack(*back, group)
	if j >= 0 {
		i = find(*links, member.slot())
	} else {
		i, j = len(*links), len(*back)
		*links = append(*links, link{to: member.slot() | idle})
		*back = append(*back, group|idle)
	}
	(*links)[i].added = seconds(e.Added)
	s.setTerms(group, member, &(*links)[i], e)
	s.setActive(group, member, i, j, e.Active(s.clock))
}

// setTerms keeps what an edge has beyond its date.
func (s *state) setTerms(group uint32, member ref, l *link, e *Edge) {
	t := s.newTerms(e)
	if t == nil {
		if l.to&termed != 0 {
			delete(s.terms, keyOf(group, member))
			l.to &^= termed
		}
		return
	}
	l.to |= termed
	s.terms[keyOf(group, member)] = t
	s.schedule(keyOf(group, member), t)
}

// newTerms returns nil for an edge that has none. Roles and states are few words
// on many edges, so each is kept once.
func (s *state) newTerms(e *Edge) *Terms {
	if e.StartsAt == 0 && e.ExpiresAt == 0 && e.Role == "" && e.State == "" {
		return nil
	}
	return &Terms{e.StartsAt, e.ExpiresAt, s.intern(e.Role), s.intern(e.State)}
}

func (s *state) intern(word string) string {
	if w, ok := s.roles[word]; ok {
		return w
	}
	s.roles[word] = word
	return word
}

func (s *state) dropEdge(groupID, memberID int64) {
	group, ok := s.group(groupID)
	member := s.ids.get(memberID)
	if ok && member != 0 && findBack(*s.back(member), group) >= 0 {
		s.unlink(group, member)
	}
}

// unlink removes an edge that is there.
func (s *state) unlink(group uint32, member ref) {
	s.unlinkAt(group, member, find(*s.links(group, member.kind()), member.slot()))
}

// unlinkAt removes the edge at i of the group's links. The last one takes its place.
func (s *state) unlinkAt(group uint32, member ref, i int) {
	links, back := s.links(group, member.kind()), s.back(member)
	j := findBack(*back, group)
	s.setActive(group, member, i, j, false)
	if (*links)[i].to&termed != 0 {
		delete(s.terms, keyOf(group, member))
	}
	*links = removeAt(*links, i)
	*back = removeAt(*back, j)
}

// setActive makes the edge at i of the group's links and j of the member's groups
// count or not, and keeps the counts right, which is done while it does not count.
func (s *state) setActive(group uint32, member ref, i, j int, on bool) {
	l, back := &(*s.links(group, member.kind()))[i], *s.back(member)
	if l.active() == on {
		return
	}
	change := int32(1)
	if !on {
		change = -1
		l.to |= idle
		back[j] |= idle
	}
	switch member.kind() {
	case PersonKind:
		s.groups[group].direct += change
		s.adjust(group, member.slot(), int64(change))
	case GroupKind:
		s.groups[group].nested += change
		s.adjustAll(group, member.slot(), int64(change))
	default: // properties are not counted
	}
	if on {
		l.to &^= idle
		back[j] &^= idle
	}
}

// links returns a group's links to members of one kind.
func (s *state) links(group uint32, kind Kind) *[]link {
	n := &s.groups[group]
	switch kind {
	case PersonKind:
		return &n.people
	case GroupKind:
		return &n.groups
	default:
		return &n.properties
	}
}

// back returns the groups that a member stands in, with flags.
func (s *state) back(member ref) *[]uint32 {
	switch member.kind() {
	case PersonKind:
		return &s.people[member.slot()].groups
	case GroupKind:
		return &s.groups[member.slot()].parents
	default:
		return &s.properties[member.slot()].groups
	}
}

func find(links []link, slot uint32) int {
	for i := range links {
		if links[i].slot() == slot {
			return i
		}
	}
	return -1
}

func findBack(groups []uint32, group uint32) int {
	for i, g := range groups {
		if g&slotMask == group {
			return i
		}
	}
	return -1
}

func removeAt[T any](a []T, i int) []T {
	last := len(a) - 1
	a[i] = a[last]
	return a[:last]
}
