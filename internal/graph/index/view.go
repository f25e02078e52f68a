package index

import "slices"

// View is the state of an index at one instant, for as long as the function that
// Index.View called runs.
type View struct{ s *state }

// Revision returns the last commit that the view shows.
func (v *View) Revision() int64 { return v.s.revision }

// SubjectKind tells what an id is; NoKind for one that nobody has.
func (v *View) SubjectKind(id int64) Kind { return v.s.ids.get(id).kind() }

// Group returns the header of a group, or nil.
func (v *View) Group(id int64) *Group {
	if g, ok := v.s.group(id); ok {
		return v.s.groups[g].head
	}
	return nil
}

// GroupByUUID returns the header of the group with this UUID, or nil.
func (v *View) GroupByUUID(uuid [16]byte) *Group {
	if g, ok := v.s.byUUID[uuid]; ok {
		return v.s.groups[g].head
	}
	return nil
}

// Person returns the header of a person, or nil.
func (v *View) Person(id int64) *Person {
	if p, ok := v.s.person(id); ok {
		return v.s.people[p].head
	}
	return nil
}

// Property returns the header of a property, or nil.
func (v *View) Property(id int64) *Property {
	if r := v.s.ids.get(id); r.kind() == PropertyKind {
		return v.s.properties[r.slot()].head
	}
	return nil
}

// EdgeOf returns the edge between a group and a member of any kind, whether it
// counts now or not.
func (v *View) EdgeOf(group, member int64) (Edge, bool) {
	g, ok := v.s.group(group)
	m := v.s.ids.get(member)
	if !ok || m == 0 || findBack(*v.s.back(m), g) < 0 {
		return Edge{}, false
	}
	links := *v.s.links(g, m.kind())
	return v.s.edge(g, m, links[find(links, m.slot())]), true
}

// edge spells a link out.
func (s *state) edge(group uint32, member ref, l link) Edge {
	e := Edge{Group: s.groups[group].head.ID, Member: s.id(member), Added: micros(l.added)}
	if t := s.termsOf(group, member, l); t != nil {
		e.StartsAt, e.ExpiresAt, e.Role, e.State = t.StartsAt, t.ExpiresAt, t.Role, t.State
	}
	return e
}

// termsOf returns the terms of a link, or nil.
func (s *state) termsOf(group uint32, member ref, l link) *Terms {
	if l.to&termed == 0 {
		return nil
	}
	return s.terms[keyOf(group, member)]
}

// Link is an edge with the header at its far end: that of the one kind which it is.
type Link struct {
	Edge

	// Active tells whether the edge counts now.
	Active   bool
	Person   *Person
	Group    *Group
	Property *Property
}

// DirectMembers returns the edges of a group: people, groups, then properties, each
// by name and id. Edges that have not started or have expired come only if all.
func (v *View) DirectMembers(group int64, all bool) []Link {
	g, ok := v.s.group(group)
	if !ok {
		return nil
	}
	links := v.s.linksTo(g, PersonKind, all)
	links = append(links, v.s.linksTo(g, GroupKind, all)...)
	return append(links, v.s.linksTo(g, PropertyKind, all)...)
}

// Children returns the groups nested directly in the group now, by name and id.
func (v *View) Children(group int64) []Link {
	g, ok := v.s.group(group)
	if !ok {
		return nil
	}
	return v.s.linksTo(g, GroupKind, false)
}

// PropertiesOf returns the properties in the group now, by title and id.
func (v *View) PropertiesOf(group int64) []*Property {
	g, ok := v.s.group(group)
	if !ok {
		return nil
	}
	links := v.s.linksTo(g, PropertyKind, false)
	properties := make([]*Property, len(links))
	for i := range links {
		properties[i] = links[i].Property
	}
	return properties
}

// linksTo returns a group's edges to members of one kind, sorted.
func (s *state) linksTo(group uint32, kind Kind, all bool) []Link {
	links := *s.links(group, kind)
	if len(links) == 0 {
		return nil
	}
	sc := s.borrow()
	defer s.pool.Put(sc)
	sc.items = sc.items[:0]
	for i, l := range links {
		if l.active() || all {
			sc.items = append(sc.items, item{s.word(newRef(kind, l.slot()), 0), l.slot(), uint32(i)})
		}
	}
	s.sortByName(sc, kind, sc.items)
	found := make([]Link, len(sc.items))
	for i, it := range sc.items {
		l, member := links[it.value], newRef(kind, it.slot)
		out := &found[i]
		out.Edge, out.Active = s.edge(group, member, l), l.active()
		switch kind {
		case PersonKind:
			out.Person = s.people[it.slot].head
		case GroupKind:
			out.Group = s.groups[it.slot].head
		default:
			out.Property = s.properties[it.slot].head
		}
	}
	return found
}

// Parents returns the groups that the group is nested in directly now, by name and
// id; Link.Group is the parent.
func (v *View) Parents(group int64) []Link { return v.GroupsWith(group, "") }

// GroupsWith returns the groups of one kind, or of any for "", in which a subject
// of any kind stands directly now, by name and id; Link.Group is the group.
func (v *View) GroupsWith(member int64, kind string) []Link {
	m := v.s.ids.get(member)
	if m == 0 {
		return nil
	}
	var found []Link
	for _, g := range *v.s.back(m) {
		if g&idle != 0 || kind != "" && v.s.groups[g].head.Kind != kind {
			continue
		}
		links := *v.s.links(g, m.kind())
		edge := v.s.edge(g, m, links[find(links, m.slot())])
		found = append(found, Link{Edge: edge, Active: true, Group: v.s.groups[g].head})
	}
	slices.SortFunc(found, func(a, b Link) int { return byGroupName(a.Group, b.Group) })
	return found
}
