//go:build unix

package main

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"runtime/debug"
	"time"

	"github.com/rosterhq/roster/internal/graph/graphgen"
	"github.com/rosterhq/roster/internal/graph/index"
)

const memoryMethod = `The index alone (internal/graph/index), in a process of its own, with %d people, %d groups and %d edges, %d layers deep.
Checks: people at random against groups at random, against the highest hundredth of the groups, against the root and against the lowest
tenth, each for itself; the slowest of the four counts. Edges: each added and then removed, after every group was counted, so that there
is the most to keep right. Every call is timed for itself, clock included.`

// memoryResult is what the child of this part tells, in nanoseconds and MiB.
type memoryResult struct {
	Load                                   time.Duration
	Resident, Peak                         float64
	Checks                                 map[string]times
	CountKnown, PersonEdge, GroupEdge, All times
}

// times are quantiles.
type times struct{ Half, Most, Max time.Duration }

func (t times) String() string {
	return fmt.Sprintf("median %v, p99 %v, longest %v", t.Half, t.Most, t.Max.Round(time.Microsecond))
}

func quantiles(all []time.Duration) times {
	return times{quantile(all, 0.5), quantile(all, 0.99), quantile(all, 1)}
}

func (b *bench) memory() error {
	p := b.large
	c := b.report.chapter("In memory", fmt.Sprintf(memoryMethod, p.People, p.Groups, p.Edges, p.Depth))
	self, err := os.Executable()
	if err != nil {
		return err
	}
	params, err := json.Marshal(p)
	if err != nil {
		return err
	}
	child := exec.CommandContext(b.ctx, self, "memory", string(params))
	child.Stderr = os.Stderr
	out, err := child.Output()
	if err != nil {
		return err
	}
	var r memoryResult
	if err := json.Unmarshal(out, &r); err != nil {
		return err
	}
	r.show(c)
	return nil
}

func (r *memoryResult) show(c *chapter) {
	micros := func(d time.Duration) float64 { return float64(d) / 1e3 }
	slowest, name := times{}, ""
	for n, t := range r.Checks {
		if t.Most > slowest.Most {
			slowest, name = t, n
		}
	}
	c.add(below("check, p99", name+": "+slowest.String(), micros(slowest.Most), "µs", 50, `the groups above a person that a check must look at.`))
	c.add(below("effective count when nothing changed, p99", r.CountKnown.String(), micros(r.CountKnown.Most), "µs", 1, `the lock that a view takes, and the clock.`))
	c.add(below("edge of a person added or removed, p99", r.PersonEdge.String(), micros(r.PersonEdge.Most), "µs", 100, `the climb from all groups of the person, and of the edge.`))
	c.add(below("edge of a group added or removed, p99", r.GroupEdge.String(), micros(r.GroupEdge.Most)/1e3, "ms", 5, `the counts above that are forgotten.`))
	c.add(below("resident", fmt.Sprintf("at most %.2f GiB while it was built", r.Peak/1024), r.Resident/1024, "GiB", 1.5, `twelve bytes an edge at both its ends, and the headers of people.`))
	c.add(below("built from made-up rows", "the making of the rows included", r.Load.Seconds(), "s", 30, `making the rows takes the most of it.`))
}

// measureMemory is the child.
func measureMemory(params string) error {
	var p graphgen.Params
	if err := json.Unmarshal([]byte(params), &p); err != nil {
		return err
	}
	var r memoryResult
	x := index.New()
	began := time.Now()
	if err := x.Load(1, 1, [32]byte{}, feed(p)); err != nil {
		return err
	}
	r.Load = time.Since(began)
	var err error
	if r.Peak, err = resident(os.Getpid(), "VmHWM"); err != nil {
		return err
	}
	debug.FreeOSMemory()
	if r.Resident, err = resident(os.Getpid(), "VmRSS"); err != nil {
		return err
	}
	r.Checks = timeChecks(x, p)
	x.View(1, func(v *index.View) {
		for i := range p.Groups {
			v.Count(p.GroupID(i))
		}
	})
	random := rand.New(rand.NewPCG(3, 4))
	r.CountKnown = timed(200_000, func() func() {
		g := p.GroupID(random.IntN(p.Groups))
		return func() { x.View(1, func(v *index.View) { v.Count(g) }) }
	})
	r.PersonEdge = timeEdges(x, 100_000, func() (group, member int64) {
		return p.GroupID(random.IntN(p.Groups)), p.PersonID(random.IntN(p.People))
	})
	r.GroupEdge = timeEdges(x, 20_000, func() (group, member int64) {
		above := random.IntN(p.Groups - 1)
		return p.GroupID(above), p.GroupID(above + 1 + random.IntN(p.Groups-above-1))
	})
	return json.NewEncoder(os.Stdout).Encode(r)
}

// feed yields a made-up graph as rows come: every text its own string.
func feed(p graphgen.Params) func(yield func(index.Delta)) error {
	return func(yield func(index.Delta)) error {
		for i := range p.Groups {
			id := p.GroupID(i)
			yield(index.PutGroup(index.Group{
				ID: id, UUID: [16]byte(uuidOf(id)), Kind: "directory", Type: "security", Name: graphgen.GroupName(i), Created: id,
			}))
		}
		for i := range p.People {
			id := p.PersonID(i)
			yield(index.PutPerson(index.Person{
				ID: id, UUID: [16]byte(uuidOf(id)), Name: graphgen.PersonName(i), Email: graphgen.Email(i), Account: true,
			}))
		}
		p.EachEdge(func(group, member int64) {
			yield(index.PutEdge(index.Edge{Group: group, Member: member, Added: 1_700_000_000_000_000 + member}))
		})
		return nil
	}
}

// timed prepares and times a call n times.
func timed(n int, prepare func() (call func())) times {
	all := make([]time.Duration, n)
	for i := range all {
		call := prepare()
		began := time.Now()
		call()
		all[i] = time.Since(began)
	}
	return quantiles(all)
}

func timeChecks(x *index.Index, p graphgen.Params) map[string]times {
	random := rand.New(rand.NewPCG(1, 2))
	results := map[string]times{}
	for name, group := range map[string]func() int{
		"any group": func() int { return random.IntN(p.Groups) },
		"high":      func() int { return random.IntN(max(1, p.Groups/100)) },
		"root":      func() int { return 0 },
		"low":       func() int { return p.Groups*9/10 + random.IntN(p.Groups/10) },
	} {
		results[name] = timed(100_000, func() func() {
			g, m := p.GroupID(group()), p.PersonID(random.IntN(p.People))
			return func() { x.View(1, func(v *index.View) { v.Check(g, m) }) }
		})
	}
	return results
}

// timeEdges adds edges and removes each again.
func timeEdges(x *index.Index, n int, next func() (group, member int64)) times {
	var e index.Edge
	added := false
	return timed(n, func() func() {
		d := index.DropEdge(e.Group, e.Member)
		if !added {
			e.Group, e.Member = next()
			d = index.PutEdge(e)
		}
		added = !added
		deltas := []index.Delta{d}
		return func() { x.Apply(1, 2, [32]byte{}, deltas) }
	})
}
