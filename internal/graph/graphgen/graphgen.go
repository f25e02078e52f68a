// Package graphgen makes graphs of memberships for tests and benchmarks: directed,
// without cycles, deep, with diamonds, and the same for the same parameters.
//
// Groups stand in layers that grow downwards from a single root. Each has its
// parent in the layer above, and one in ten has a second parent in any layer
// above, so a group at depth 32 has some hundred ancestors. Four fifths of the
// edges of people go to any group alike, the others mostly to groups near the
// root, of which the first ones become large.
package graphgen

import (
	"fmt"
	"math/rand/v2"
	"slices"
)

// Params say how large a graph is. Groups must be at least Depth, and Depth at
// least 1.
type Params struct {
	People, Groups int
	// Edges is the number of all edges, those between groups included.
	Edges int
	// Depth is the number of layers, and the groups on the longest path.
	Depth int
	Seed  uint64
}

// Large is the graph of the large benchmarks; Small that of the usual ones.
var (
	Large = Params{People: 1_000_000, Groups: 200_000, Edges: 10_000_000, Depth: 32, Seed: 1}
	Small = Params{People: 100_000, Groups: 10_000, Edges: 512_000, Depth: 32, Seed: 1}
)

// GroupID returns the id of group i, from 0; group 0 is the root.
func (p Params) GroupID(i int) int64 { return int64(i) + 1 }

// PersonID returns the id of person i, from 0. People follow the groups.
func (p Params) PersonID(i int) int64 { return int64(p.Groups+i) + 1 }

// GroupName returns a name for group i.
func GroupName(i int) string {
	return fmt.Sprintf("%s %s %d", areas[i%len(areas)], units[i/len(areas)%len(units)], i)
}

// PersonName returns a name for person i, unlike those around it.
func PersonName(i int) string {
	first := given[i*7919%len(given)]
	return fmt.Sprintf("%s.%s%d", first, family[i*104729%len(family)], i)
}

// Email returns an address for person i.
func Email(i int) string { return PersonName(i) + "@example.com" }

// EachEdge yields every edge once: those between groups first, parents before
// children, then those of people, person by person.
func (p Params) EachEdge(yield func(group, member int64)) {
	r := rand.New(rand.NewPCG(p.Seed, 0x726f73746572)) //nolint:gosec // made-up graphs need no secret
	left := p.Edges - p.eachNesting(r, yield)
	if left <= 0 || p.People == 0 {
		return
	}
	var chosen []int
	for i := range p.People {
		// Spreading by cumulative shares makes the total exact.
		n := left*(i+1)/p.People - left*i/p.People
		chosen = chosen[:0]
		for len(chosen) < min(n, p.Groups) {
			if g := p.anyGroup(r); !slices.Contains(chosen, g) {
				chosen = append(chosen, g)
				yield(p.GroupID(g), p.PersonID(i))
			}
		}
	}
}

// eachNesting yields the edges between groups and returns their number.
func (p Params) eachNesting(r *rand.Rand, yield func(group, member int64)) int {
	starts, n := p.layers(), 0
	for layer := 1; layer < p.Depth; layer++ {
		above, from := starts[layer-1], starts[layer]
		for g := from; g < starts[layer+1]; g++ {
			parent := above + r.IntN(from-above)
			yield(p.GroupID(parent), p.GroupID(g))
			n++
			if second := r.IntN(from); r.IntN(10) == 0 && second != parent {
				yield(p.GroupID(second), p.GroupID(g))
				n++
			}
		}
	}
	return n
}

// layers returns where each layer begins, and the end of the last one.
func (p Params) layers() []int {
	starts := make([]int, p.Depth+1)
	rest, shares := p.Groups-p.Depth, p.Depth*(p.Depth-1)/2
	for layer := 1; layer <= p.Depth; layer++ {
		starts[layer] = layer
		if shares > 0 {
			starts[layer] += rest * (layer * (layer - 1) / 2) / shares
		}
	}
	starts[p.Depth] = p.Groups
	return starts
}

// anyGroup chooses a group for a person.
func (p Params) anyGroup(r *rand.Rand) int {
	if r.IntN(5) > 0 {
		return r.IntN(p.Groups)
	}
	f := r.Float64()
	return int(float64(p.Groups) * f * f * f)
}

var (
	areas  = []string{"Sales", "Support", "Platform", "Finance", "Legal", "Research", "Fleet", "Field"}
	units  = []string{"team", "guild", "office", "crew", "desk"}
	given  = []string{"ana", "ben", "chidi", "dora", "emre", "fatou", "goran", "hana", "ines", "jonas", "kaya", "lior", "mei", "nuno", "olga", "pia", "rafa"}
	family = []string{"abe", "berg", "costa", "diaz", "ek", "fox", "gray", "horn", "ito", "jung", "kovac", "lund", "mora", "nagy", "okoye", "park", "quist", "ruiz", "silva"}
)
