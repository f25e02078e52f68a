package index

import (
	"fmt"
	"math/rand/v2"
	"os"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/rosterhq/roster/internal/graph/graphgen"
)

// benchParams is the small graph, or the large one where ROSTER_BENCH_LARGE is set.
func benchParams() graphgen.Params {
	if os.Getenv("ROSTER_BENCH_LARGE") != "" {
		return graphgen.Large
	}
	return graphgen.Small
}

// loaded is built once for all benchmarks of a run.
var loaded *Index

func benchIndex(b *testing.B) (*Index, graphgen.Params) {
	b.Helper()
	p := benchParams()
	if loaded == nil {
		loaded = New()
		if err := loaded.Load(1, 1, [32]byte{}, feedGenerated(p)); err != nil {
			b.Fatal(err)
		}
		runtime.GC()
	}
	return loaded, p
}

// feedGenerated yields a made graph as rows would come: every text its own string.
func feedGenerated(p graphgen.Params) func(yield func(Delta)) error {
	return func(yield func(Delta)) error {
		for i := range p.Groups {
			id := p.GroupID(i)
			yield(PutGroup(Group{
				ID: id, UUID: uuidOf(id), Kind: "directory", Type: "security", Name: graphgen.GroupName(i), Created: id,
			}))
		}
		for i := range p.People {
			id := p.PersonID(i)
			yield(PutPerson(Person{ID: id, UUID: uuidOf(id), Name: graphgen.PersonName(i), Email: graphgen.Email(i), Account: true}))
		}
		added := int64(0)
		p.EachEdge(func(group, member int64) {
			added += 1e6
			yield(PutEdge(Edge{Group: group, Member: member, Added: 1_700_000_000_000_000 + added}))
		})
		return nil
	}
}

func uuidOf(id int64) (u [16]byte) {
	for i := range 8 {
		u[15-i] = byte(id >> (8 * i))
	}
	return u
}

// report times each call and gives the percentiles in nanoseconds.
func report(b *testing.B, call func()) {
	b.Helper()
	b.ReportAllocs()
	var times []time.Duration
	for b.Loop() {
		start := time.Now()
		call()
		times = append(times, time.Since(start))
	}
	slices.Sort(times)
	for _, q := range []int{50, 99} {
		b.ReportMetric(float64(times[(len(times)-1)*q/100]), fmt.Sprintf("p%d-ns", q))
	}
	b.ReportMetric(float64(times[len(times)-1]), "max-ns")
}

func BenchmarkLoad(b *testing.B) {
	loaded = nil
	debug.FreeOSMemory()
	for b.Loop() {
		loaded = nil
		benchIndex(b)
	}
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	b.ReportMetric(float64(m.HeapAlloc)/(1<<20), "live-MiB")
	b.ReportMetric(residentMiB("VmHWM"), "peak-rss-MiB")
	debug.FreeOSMemory()
	b.ReportMetric(residentMiB("VmRSS"), "rss-MiB")
}

// residentMiB reads a line of /proc/self/status, in MiB; 0 where there is none.
func residentMiB(name string) float64 {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0
	}
	var kib float64
	for line := range strings.Lines(string(status)) {
		if rest, ok := strings.CutPrefix(line, name+":"); ok {
			if _, err := fmt.Sscan(rest, &kib); err != nil {
				return 0
			}
		}
	}
	return kib / 1024
}

func BenchmarkCheck(b *testing.B) {
	x, p := benchIndex(b)
	for name, group := range map[string]func(r *rand.Rand) int64{
		"any":     func(r *rand.Rand) int64 { return p.GroupID(r.IntN(p.Groups)) },
		"high":    func(r *rand.Rand) int64 { return p.GroupID(r.IntN(p.Groups / 100)) },
		"root":    func(*rand.Rand) int64 { return p.GroupID(0) },
		"indepth": func(r *rand.Rand) int64 { return p.GroupID(p.Groups*9/10 + r.IntN(p.Groups/10)) },
	} {
		b.Run(name, func(b *testing.B) {
			r := rand.New(rand.NewPCG(3, 4))
			report(b, func() {
				x.View(1, func(v *View) { v.Check(group(r), p.PersonID(r.IntN(p.People))) })
			})
		})
	}
	b.Run("bool", func(b *testing.B) {
		r := rand.New(rand.NewPCG(3, 4))
		report(b, func() {
			x.View(1, func(v *View) { v.IsMember(p.GroupID(r.IntN(p.Groups/10)), p.PersonID(r.IntN(p.People))) })
		})
	})
}

func BenchmarkGroupsOf(b *testing.B) {
	x, p := benchIndex(b)
	r := rand.New(rand.NewPCG(3, 4))
	report(b, func() {
		x.View(1, func(v *View) { v.GroupsOf(p.PersonID(r.IntN(p.People))) })
	})
}

func BenchmarkCount(b *testing.B) {
	x, p := benchIndex(b)
	b.Run("known", func(b *testing.B) {
		r := rand.New(rand.NewPCG(3, 4))
		x.View(1, func(v *View) {
			for i := range 1000 {
				v.Count(p.GroupID(i))
			}
		})
		report(b, func() {
			x.View(1, func(v *View) { v.Count(p.GroupID(r.IntN(1000))) })
		})
	})
	for name, of := range map[string]int{"root": 1, "high": 100, "any": p.Groups} {
		b.Run("again/"+name, func(b *testing.B) {
			r := rand.New(rand.NewPCG(3, 4))
			report(b, func() {
				g, _ := x.s.group(p.GroupID(r.IntN(of)))
				x.s.groups[g].count.Store(unknown)
				x.s.effective(g)
			})
		})
	}
}

// knowAll counts every group, so that edits have the most to keep right.
func knowAll(x *Index, p graphgen.Params) {
	x.View(1, func(v *View) {
		for i := range p.Groups {
			v.Count(p.GroupID(i))
		}
	})
}

func BenchmarkPersonEdge(b *testing.B) {
	x, p := benchIndex(b)
	knowAll(x, p)
	r := rand.New(rand.NewPCG(5, 6))
	var edge Edge
	in := false
	report(b, func() {
		d := DropEdge(edge.Group, edge.Member)
		if !in {
			edge = Edge{Group: p.GroupID(r.IntN(p.Groups)), Member: p.PersonID(r.IntN(p.People))}
			d = PutEdge(edge)
		}
		in = !in
		x.Apply(1, 2, [32]byte{}, []Delta{d})
	})
}

func BenchmarkGroupEdge(b *testing.B) {
	x, p := benchIndex(b)
	r := rand.New(rand.NewPCG(5, 6))
	var edge Edge
	in := false
	report(b, func() {
		d := DropEdge(edge.Group, edge.Member)
		if !in {
			above := r.IntN(p.Groups - 1)
			edge = Edge{Group: p.GroupID(above), Member: p.GroupID(above + 1 + r.IntN(p.Groups-above-1))}
			d = PutEdge(edge)
		}
		in = !in
		x.Apply(1, 2, [32]byte{}, []Delta{d})
	})
}

// nearest returns the group whose number of people is closest to n.
func nearest(x *Index, p graphgen.Params, n int) (group int64, found int) {
	x.View(1, func(v *View) {
		for i := range p.Groups {
			if c := v.Count(p.GroupID(i)); max(c-n, n-c) < max(found-n, n-found) {
				group, found = p.GroupID(i), c
			}
		}
	})
	return group, found
}

func BenchmarkMembers(b *testing.B) {
	x, p := benchIndex(b)
	group, n := nearest(x, p, 45_000)
	for name, q := range map[string]MemberQuery{"plain": {}, "via": {Via: true}, "direct": {Only: DirectOnly}} {
		b.Run(name, func(b *testing.B) {
			report(b, func() {
				x.View(1, func(v *View) { v.Members(group, q) })
			})
			b.ReportMetric(float64(n), "people")
		})
	}
	b.Run("edges", func(b *testing.B) {
		report(b, func() {
			x.View(1, func(v *View) { v.DirectMembers(p.GroupID(0), true) })
		})
		x.View(1, func(v *View) { b.ReportMetric(float64(v.DirectCount(p.GroupID(0))), "people") })
	})
}

func BenchmarkGroups(b *testing.B) {
	x, p := benchIndex(b)
	knowAll(x, p)
	for name, f := range map[string]Filter{
		"page": {Kinds: []string{"directory"}}, "search": {Search: "legal"}, "nothing found": {Search: "no such name"},
	} {
		b.Run(name, func(b *testing.B) {
			r := rand.New(rand.NewPCG(7, 8))
			report(b, func() {
				x.View(1, func(v *View) { v.Groups(f, Cursor{Created: r.Int64N(int64(p.Groups))}, 51) })
			})
		})
	}
}
