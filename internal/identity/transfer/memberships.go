package transfer

import (
	"bytes"
	"time"

	"github.com/rosterhq/roster/internal/graph"
)

// membershipRow is a row whose ends were found.
type membershipRow struct {
	*Row
	member int64
}

// memberships brings a chunk of memberships in, group by group, in the order in
// which the file names the groups.
func (im *importing) memberships(rows []Row) error {
	people, groups := newFinder(Person), newFinder(Group)
	for i := range rows {
		groups.want(rows[i].Group)
		groups.want(rows[i].Child)
		people.want(rows[i].Person)
	}
	if err := people.look(im.tx); err != nil {
		return err
	}
	if err := groups.look(im.tx); err != nil {
		return err
	}
	c := &membershipsChunk{importing: im, byGroup: map[int64][]membershipRow{}}
	var err error
	if c.living, err = graph.LiveGroups(im.tx, groups.ids()); err != nil {
		return err
	}
	if c.kinds, err = people.kinds(im.tx); err != nil {
		return err
	}
	for id := range c.living {
		c.kinds[id] = graph.GroupSubject
	}
	for i := range rows {
		c.sort(&rows[i], groups, people)
	}
	return c.run()
}

// membershipsChunk is a chunk of memberships by their groups.
type membershipsChunk struct {
	*importing
	order   []int64
	byGroup map[int64][]membershipRow
	living  map[int64]*graph.Group
	kinds   map[int64]string
}

// sort puts a row to its group.
func (c *membershipsChunk) sort(r *Row, groups, people *finder) {
	group, member, bad := r.ends(groups, people)
	if bad == nil && c.living[group] == nil {
		bad = r.reject(graph.CodeNoGroup, "group: there is no group %q", r.Group)
	}
	if bad != nil {
		c.rejected(bad)
		return
	}
	if c.byGroup[group] == nil {
		c.order = append(c.order, group)
	}
	c.byGroup[group] = append(c.byGroup[group], membershipRow{r, member})
}

func (c *membershipsChunk) run() error {
	parts, from := make([]graph.Part, 0, len(c.order)), make([][]*Row, 0, len(c.order))
	for _, group := range c.order {
		p, rows, err := c.part(group)
		if err != nil {
			return err
		}
		parts, from = append(parts, p), append(from, rows)
	}
	if err := graph.AddParts(c.tx, c.kinds, parts); err != nil {
		return err
	}
	for i := range parts {
		for j, err := range parts[i].Errs {
			if err == nil {
				c.count.Created++
			} else if err := c.judge(from[i][j], err); err != nil {
				return err
			}
		}
	}
	return nil
}

func (r *Row) ends(groups, people *finder) (group, member int64, bad *Rejection) {
	if group = groups.found[r.Group]; group == 0 {
		return 0, 0, r.reject(graph.CodeNoGroup, "group: there is no group %q", r.Group)
	}
	if r.Child != "" {
		if member = groups.found[r.Child]; member == 0 {
			return 0, 0, r.reject(graph.CodeNoMember, "child: there is no group %q", r.Child)
		}
		return group, member, nil
	}
	if member = people.found[r.Person]; member == 0 {
		return 0, 0, r.reject(graph.CodeNoMember, "person: there is no person %q", r.Person)
	}
	return group, member, nil
}

// part changes what is there of one group's rows, and returns the others to be
// added, with where each is from.
func (c *membershipsChunk) part(group int64) (p graph.Part, from []*Row, err error) {
	rows := c.byGroup[group]
	ids := make([]int64, len(rows))
	for i := range rows {
		ids[i] = rows[i].member
	}
	p.Group = c.living[group]
	if p.There, err = graph.LiveMemberships(c.tx, group, ids); err != nil {
		return p, nil, err
	}
	place := map[int64]int{} // in p.Rows
	for _, r := range rows {
		old := p.There[r.member]
		if old != nil && (!old.Ended(c.tx.Now) || r.says(old)) {
			if err := c.updateMembership(r.Row, old); err != nil {
				return p, nil, err
			}
			continue
		}
		if earlier, twice := place[r.member]; twice {
			r.membership(&p.Rows[earlier])
			c.count.Unchanged++
			continue
		}
		m := graph.Membership{MemberID: r.member}
		r.membership(&m)
		place[r.member] = len(p.Rows)
		p.Rows, from = append(p.Rows, m), append(from, r.Row)
	}
	return p, from, nil
}

// membership writes what a row says of a membership.
func (r *Row) membership(m *graph.Membership) {
	if r.Role != nil {
		m.Role = *r.Role
	}
	if r.State != nil {
		m.State = *r.State
	}
	if len(r.Properties) > 0 {
		m.Properties = compact(r.Properties)
	}
	m.StartsAt, m.ExpiresAt = micros(r.StartsAt, m.StartsAt), micros(r.ExpiresAt, m.ExpiresAt)
}

func micros(at *time.Time, otherwise int64) int64 {
	if at == nil {
		return otherwise
	}
	return at.UnixMicro()
}

// says reports whether a membership is as the row says.
func (r *Row) says(old *graph.Membership) bool {
	want := *old
	r.membership(&want)
	return want.Role == old.Role && want.State == old.State && want.StartsAt == old.StartsAt &&
		want.ExpiresAt == old.ExpiresAt && bytes.Equal(want.Properties, old.Properties)
}

func (im *importing) updateMembership(r *Row, old *graph.Membership) error {
	if r.says(old) {
		im.count.Unchanged++
		return nil
	}
	after, err := graph.UpdateMembership(im.tx, old.GroupID, old.MemberID, nil, func(m *graph.Membership) error {
		r.membership(m)
		return nil
	})
	if err != nil {
		return im.judge(r, err)
	}
	im.changed(old.Revision, after.Revision)
	return nil
}
