package index

// Effective says who is in which group at now, straight from the definition: a
// group holds its people and those of its child groups, over edges that count,
// until nothing changes. It is slow, and meant to find the index at fault.
func Effective(edges []Edge, isPerson func(id int64) bool, now int64) map[int64]map[int64]struct{} {
	in := map[int64]map[int64]struct{}{}
	add := func(group, person int64) bool {
		if in[group] == nil {
			in[group] = map[int64]struct{}{}
		}
		before := len(in[group])
		in[group][person] = struct{}{}
		return len(in[group]) > before
	}
	for changed := true; changed; {
		changed = false
		for i := range edges {
			e := &edges[i]
			if !e.Active(now) {
				continue
			}
			if isPerson(e.Member) {
				changed = add(e.Group, e.Member) || changed
			}
			for person := range in[e.Member] {
				changed = add(e.Group, person) || changed
			}
		}
	}
	return in
}
