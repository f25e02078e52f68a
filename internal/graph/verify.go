package graph

import (
	"context"
	"math"

	"github.com/rosterhq/roster/internal/graph/index"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/store"
)

var (
	verifyEdges = store.Q("membership.verify", `SELECT group_id, member_id, member_kind, starts_at, expires_at FROM memberships
		WHERE tenant = $1 AND recorded_to = `+live).Whole("a verification reads all memberships")
	verifyGroups = store.Q("group.verify", `SELECT id FROM groups WHERE tenant = $1 AND recorded_to = `+live+` ORDER BY id`).
			Whole("a verification reads all groups")
)

// Verified is what a verification compared.
type Verified struct {
	Groups      int `json:"groups"`
	Memberships int `json:"memberships"`
	// Rebuilt tells that a write came between, so that an index built anew from
	// the rows was compared, and not the one in use.
	Rebuilt bool `json:"rebuilt,omitempty"`
}

// Verify compares who is in each group by the index with who is in it by the rows,
// walked down naively. Conflict with CodeIndexWrong at the first difference.
// progress, if set, is called with how many groups of all were compared.
func (g *Graph) Verify(ctx context.Context, tenant roster.TenantID, progress func(done, total int)) (v Verified, err error) {
	err = g.db.Read(ctx, tenant, func(tx *store.Tx) error {
		r := rows{now: tx.Now, next: math.MaxInt64, people: map[int64][]int64{}, children: map[int64][]int64{}}
		if err := r.load(tx); err != nil {
			return err
		}
		c := comparison{g: g, tx: tx, rows: &r}
		for i, id := range r.groups {
			if err := ctx.Err(); err != nil {
				return err
			}
			if err := c.group(id); err != nil {
				return err
			}
			if progress != nil {
				progress(i+1, len(r.groups))
			}
		}
		v = Verified{Groups: len(r.groups), Memberships: r.edges, Rebuilt: c.rebuilt != nil}
		return nil
	})
	return v, err
}

// CodeIndexWrong says that the index answers otherwise than the rows.
const CodeIndexWrong = "INDEX_WRONG"

// rows is the graph as the tables have it, at one instant.
type rows struct {
	now      int64
	next     int64 // when the first membership starts or ends after now
	edges    int
	groups   []int64
	people   map[int64][]int64 // by group
	children map[int64][]int64
}

func (r *rows) load(tx *store.Tx) (err error) {
	if r.groups, err = store.All(tx, verifyGroups, scanID); err != nil {
		return err
	}
	return tx.Each(verifyEdges, func(s store.Scanner) error {
		var e index.Edge
		var kind string
		if err := s.Scan(&e.Group, &e.Member, &kind, &e.StartsAt, &e.ExpiresAt); err != nil {
			return err
		}
		r.edges++
		for _, at := range []int64{e.StartsAt, e.ExpiresAt} {
			if at > r.now {
				r.next = min(r.next, at)
			}
		}
		switch {
		case !e.Active(r.now):
		case kind == PersonSubject:
			r.people[e.Group] = append(r.people[e.Group], e.Member)
		case kind == GroupSubject:
			r.children[e.Group] = append(r.children[e.Group], e.Member)
		}
		return nil
	})
}

// effective walks down from a group and returns everybody whom it meets.
func (r *rows) effective(group int64) map[int64]struct{} {
	in, seen := map[int64]struct{}{}, map[int64]bool{group: true}
	for queue := []int64{group}; len(queue) > 0; queue = queue[1:] {
		for _, person := range r.people[queue[0]] {
			in[person] = struct{}{}
		}
		for _, child := range r.children[queue[0]] {
			if !seen[child] {
				seen[child] = true
				queue = append(queue, child)
			}
		}
	}
	return in
}

// comparison compares rows with the index in use, as long as that shows the same
// revision and the same instant, and from then on with one built from the rows.
type comparison struct {
	g       *Graph
	tx      *store.Tx
	rows    *rows
	rebuilt *index.Index
}

// checked is how many people of one group are asked for one by one; of larger
// groups that many, evenly chosen.
const checked = 10_000

func (c *comparison) group(id int64) error {
	want := c.rows.effective(id)
	differs, usable := false, false
	compare := func(v *index.View) { differs = !agrees(v, id, want) }
	if c.rebuilt == nil {
		c.g.View(c.tx.Tenant(), func(v *index.View) {
			if usable = v.Revision() == c.tx.Revision && c.g.db.Now() < c.rows.next; usable {
				compare(v)
			}
		})
	}
	if !usable {
		if err := c.rebuild(); err != nil {
			return err
		}
		c.rebuilt.View(c.rows.now, compare)
	}
	if differs {
		return roster.Errorf(roster.Conflict, CodeIndexWrong, "the index differs from the rows about who is in group %d", id)
	}
	return nil
}

// agrees reports whether a view has exactly these people in a group.
func agrees(v *index.View, group int64, want map[int64]struct{}) bool {
	if v.Count(group) != len(want) {
		return false
	}
	step, i := 1+len(want)/checked, 0
	for person := range want {
		if i++; i%step == 0 && !v.IsMember(group, person) {
			return false
		}
	}
	return true
}

func (c *comparison) rebuild() error {
	if c.rebuilt != nil {
		return nil
	}
	x := index.New()
	err := x.Load(c.rows.now, c.tx.Revision, [32]byte{}, func(yield func(index.Delta)) error { return LoadLive(c.tx, yield) })
	c.rebuilt = x
	return err
}
