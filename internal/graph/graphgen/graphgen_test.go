package graphgen

import (
	"slices"
	"testing"
)

func TestGraph(t *testing.T) {
	for _, p := range []Params{
		{People: 500, Groups: 200, Edges: 3000, Depth: 32, Seed: 1},
		{People: 10, Groups: 1, Edges: 10, Depth: 1, Seed: 2},
		{People: 0, Groups: 40, Edges: 0, Depth: 40, Seed: 3},
		Small,
	} {
		depth := make([]int, p.Groups+1)
		seen := map[[2]int64]bool{}
		depth[1] = 1
		second := 0
		p.EachEdge(func(group, member int64) {
			if seen[[2]int64{group, member}] {
				t.Fatalf("%+v: edge %d→%d twice", p, group, member)
			}
			seen[[2]int64{group, member}] = true
			if member > int64(p.Groups) {
				return
			}
			if group >= member {
				t.Fatalf("%+v: edge %d→%d may close a cycle", p, group, member)
			}
			if depth[member] > 0 {
				second++
			}
			depth[member] = max(depth[member], depth[group]+1)
		})
		if got := slices.Max(depth); got != p.Depth {
			t.Errorf("%+v: depth %d", p, got)
		}
		if p.Edges > 0 && len(seen) != p.Edges {
			t.Errorf("%+v: %d edges", p, len(seen))
		}
		if p.Groups > 100 && second == 0 {
			t.Errorf("%+v: no diamonds", p)
		}
	}
}

func TestGraphIsTheSameAgain(t *testing.T) {
	p := Params{People: 50, Groups: 40, Edges: 300, Depth: 8, Seed: 9}
	var runs [2][][2]int64
	for i := range runs {
		p.EachEdge(func(group, member int64) { runs[i] = append(runs[i], [2]int64{group, member}) })
	}
	if !slices.Equal(runs[0], runs[1]) {
		t.Error("two runs differ")
	}
}
