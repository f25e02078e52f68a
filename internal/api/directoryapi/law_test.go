package directoryapi_test

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/rosterhq/roster/internal/graph/index"
	"github.com/rosterhq/roster/internal/racetest"
	"github.com/rosterhq/roster/internal/wire/wiretest"
)

// model is what a directory should hold: the edges that are there, by their ends.
type model struct {
	groups, accounts []string
	edges            map[[2]string]index.Edge
}

func number(id string) int64 {
	n, err := strconv.ParseInt(id[4:], 10, 64)
	if err != nil {
		panic(err)
	}
	return n
}

// reaches reports whether a group is another, or holds it at any depth, over edges
// that are not over.
func (m *model) reaches(from, to string, now int64) bool {
	if from == to {
		return true
	}
	for ends, e := range m.edges {
		if ends[0] == from && !over(e, now) && m.reaches(ends[1], to, now) {
			return true
		}
	}
	return false
}

func over(e index.Edge, now int64) bool { return e.ExpiresAt != 0 && e.ExpiresAt <= now }

// added is when an account became a member by the edges that count: per path the
// latest edge, of all paths the earliest. 0 for no path.
func (m *model) added(group, account string, now int64) (best int64) {
	for ends, e := range m.edges {
		if ends[0] != group || !e.Active(now) {
			continue
		}
		since := e.Added
		if ends[1] != account {
			below := int64(0)
			if ends[1][:4] == "grp-" {
				below = m.added(ends[1], account, now)
			}
			if below == 0 {
				continue
			}
			since = max(since, below)
		}
		if best == 0 || since < best {
			best = since
		}
	}
	return best
}

// law is a model beside the directory that it describes.
type law struct {
	*model
	h *house
	r *rapid.T
}

// Random edits over HTTP, and then everything that the API says of a group is what
// the definition says: member_count, count, the list, direct and indirect, dates,
// checks and the path of each, now and as of any instant before.
func TestCountsAndListsFollowTheDefinition(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		rounds := 0
		rapid.Check(t, func(r *rapid.T) {
			rounds++
			l := &law{newModel(h, fmt.Sprint(" ", rounds)), h, r}
			past := map[string]*model{}
			for i := range rapid.IntRange(1, racetest.Scale(50)).Draw(r, "steps") {
				l.step(fmt.Sprint(" ", rounds, " ", i))
				h.clock.forward(time.Second)
				l.compareGroup(rapid.SampledFrom(l.groups).Draw(r, "look"), "", h.clock.micros.Load())
				if rapid.IntRange(0, 9).Draw(r, "remember") == 0 {
					past[h.clock.text(0)] = l.copy()
					h.clock.forward(time.Second)
				}
			}
			l.compare("")
			for asOf, m := range past {
				(&law{m, h, r}).compare(asOf)
			}
		})
	})
}

func newModel(h *house, suffix string) *model {
	m := &model{edges: map[[2]string]index.Edge{}}
	for i := range 6 {
		m.groups = append(m.groups, h.group(fmt.Sprint("g", i, suffix)))
	}
	for i := range 4 {
		m.accounts = append(m.accounts, h.account(mailable(fmt.Sprint("a", i, suffix))))
	}
	h.clock.forward(time.Second)
	return m
}

func mailable(s string) string { return strings.ReplaceAll(s, " ", ".") }

func (m *model) copy() *model {
	return &model{slices.Clone(m.groups), slices.Clone(m.accounts), maps.Clone(m.edges)}
}

// step makes one edit, whose answer must be the model's.
func (l *law) step(suffix string) {
	l.r.Helper()
	group := rapid.SampledFrom(l.groups).Draw(l.r, "group")
	member := rapid.SampledFrom(append(slices.Clone(l.groups), l.accounts...)).Draw(l.r, "member")
	ends, now := [2]string{group, member}, l.h.clock.micros.Load()
	old, there := l.edges[ends]
	there = there && !over(old, now)
	path := "/groups/" + group + "/members"
	switch rapid.IntRange(0, 11).Draw(l.r, "what") {
	case 0, 1:
		l.want(l.h.Delete(path+"/"+member), there, 204, 404)
		if there {
			delete(l.edges, ends)
		}
	case 2:
		body := object{}
		e := l.times(body, index.Edge{Added: old.Added}, now)
		l.want(l.h.Patch(path+"/"+member, body), there, 200, 404)
		if there {
			l.edges[ends] = e
		}
	case 3:
		l.renew(suffix)
	default:
		body := ref(member)
		e := index.Edge{Added: now}
		if rapid.IntRange(0, 3).Draw(l.r, "with times") == 0 {
			e = l.times(body, e, now)
		}
		ok := !there && !l.reaches(member, group, now)
		l.want(l.h.Post(path, body), ok, 201, 409)
		if ok {
			l.edges[ends] = e
		}
	}
}

// times draws when a membership counts, in the next seconds or never.
func (l *law) times(body object, e index.Edge, now int64) index.Edge {
	draw := func(name string, from int64) int64 {
		if rapid.Bool().Draw(l.r, name+" is none") {
			body[name] = nil
			return 0
		}
		at := from + rapid.Int64Range(1, 8_000_000).Draw(l.r, name)
		body[name] = time.UnixMicro(at).UTC().Format(time.RFC3339Nano)
		return at
	}
	e.StartsAt = draw("starts_at", now-3_000_000)
	e.ExpiresAt = draw("expires_at", max(now-3_000_000, e.StartsAt))
	return e
}

// renew deletes a group or an account and makes another in its place.
func (l *law) renew(suffix string) {
	gone, list := rapid.IntRange(0, 9).Draw(l.r, "gone"), &l.groups
	if gone > 5 {
		gone, list = gone-6, &l.accounts
	}
	id := (*list)[gone]
	if list == &l.groups {
		l.h.Delete("/groups/" + id).Want(204)
		(*list)[gone] = l.h.group("g" + suffix)
	} else {
		l.h.Delete("/accounts/" + id).Want(204)
		(*list)[gone] = l.h.account(mailable("a" + suffix))
	}
	maps.DeleteFunc(l.edges, func(ends [2]string, _ index.Edge) bool { return ends[0] == id || ends[1] == id })
}

func (l *law) want(r *wiretest.Response, ok bool, yes, no int) {
	l.r.Helper()
	if want := map[bool]int{true: yes, false: no}[ok]; r.Status != want {
		l.r.Fatalf("status %d, want %d: %s", r.Status, want, r.Body)
	}
}

// compare asks for everything, as of an instant or now for "".
func (l *law) compare(asOf string) {
	l.r.Helper()
	at := l.h.clock.micros.Load()
	if asOf != "" {
		t, err := time.Parse(time.RFC3339Nano, asOf)
		if err != nil {
			l.r.Fatal(err)
		}
		at, asOf = t.UnixMicro(), "?asOf="+asOf
	}
	for _, g := range l.groups {
		l.compareGroup(g, asOf, at)
	}
	effective := l.effective(at)
	for _, a := range l.accounts {
		want := 0
		for _, g := range l.groups {
			if _, in := effective[number(g)][number(a)]; in {
				want++
			}
		}
		if got := l.h.Get("/accounts/" + a + "/groups" + asOf).Want(200).At("count"); got != float64(want) {
			l.r.Fatalf("%s is in %v groups, want %d", a, got, want)
		}
	}
}

func (m *model) effective(at int64) map[int64]map[int64]struct{} {
	var edges []index.Edge
	for ends, e := range m.edges {
		e.Group, e.Member = number(ends[0]), number(ends[1])
		edges = append(edges, e)
	}
	people := map[int64]bool{}
	for _, a := range m.accounts {
		people[number(a)] = true
	}
	return index.Effective(edges, func(id int64) bool { return people[id] }, at)
}

// compareGroup asks for everything about one group.
func (l *law) compareGroup(group, asOf string, at int64) {
	l.r.Helper()
	in := l.effective(at)[number(group)]
	members := l.h.members(group, asOf)
	if n := l.h.count(group, asOf); n != len(in) || len(members) != n {
		l.r.Fatalf("%s%s: member_count %d, %d listed, want %d", group, asOf, n, len(members), len(in))
	}
	direct := 0
	for _, m := range members {
		own, has := l.edges[[2]string{group, m.ID}]
		kind, added := "indirect", l.added(group, m.ID, at)
		if has && own.Active(at) {
			kind, added = "direct", own.Added
			direct++
		}
		want := time.UnixMicro(added).UTC().Truncate(time.Second).Format(time.RFC3339)
		if _, effective := in[number(m.ID)]; !effective || m.MembershipType != kind || m.AddedDate != want {
			l.r.Fatalf("%s%s: %+v, want %v %s since %s", group, asOf, m, effective, kind, want)
		}
	}
	detail := l.h.Get("/groups/" + group + asOf).Want(200)
	children := l.h.Get("/groups/" + group + "/groups" + asOf).Want(200).At("count")
	if detail.At("direct_member_count") != float64(direct) || detail.At("nested_group_count") != children {
		l.r.Fatalf("%s%s: %s, want %d direct and %v nested", group, asOf, detail.Body, direct, children)
	}
	l.comparePaths(group, asOf, at, in)
}

// comparePaths asks whether each account is in the group, and follows the path.
func (l *law) comparePaths(group, asOf string, at int64, in map[int64]struct{}) {
	l.r.Helper()
	body := object{}
	var checks []object
	for _, a := range l.accounts {
		checks = append(checks, object{"group_id": group, "account_id": a})
	}
	body["checks"] = checks
	if asOf != "" {
		body["asOf"] = strings.TrimPrefix(asOf, "?asOf=")
	}
	var answer struct {
		Results []struct {
			Member         bool     `json:"member"`
			MembershipType string   `json:"membership_type"`
			Path           []string `json:"path"`
		} `json:"results"`
	}
	l.h.Post("/groups/check", body).Want(200).Into(&answer)
	for i, a := range l.accounts {
		got := answer.Results[i]
		if _, want := in[number(a)]; got.Member != want {
			l.r.Fatalf("%s in %s%s: %v, want %v", a, group, asOf, got.Member, want)
		}
		if !got.Member {
			continue
		}
		if got.Path[0] != group || got.Path[len(got.Path)-1] != a || (len(got.Path) == 2) != (got.MembershipType == "direct") {
			l.r.Fatalf("%s in %s%s: %v", a, group, asOf, got)
		}
		for j := range got.Path[1:] {
			if e, ok := l.edges[[2]string{got.Path[j], got.Path[j+1]}]; !ok || !e.Active(at) {
				l.r.Fatalf("%s in %s%s: no edge from %s to %s", a, group, asOf, got.Path[j], got.Path[j+1])
			}
		}
	}
}
