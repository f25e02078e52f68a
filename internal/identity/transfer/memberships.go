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
	var order []int64
	byGroup := map[int64][]membershipRow{}
	for i := range rows {
		r := &rows[i]
		group, member, bad := r.ends(groups, people)
		if bad != nil {
			im.rejected(bad)
			continue
		}
		if byGroup[group] == nil {
			order = append(order, group)
		}
		byGroup[group] = append(byGroup[group], membershipRow{r, member})
	}
	for _, group := range order {
		if err := im.membersOf(group, byGroup[group]); err != nil {
			return err
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

// membersOf brings the rows of one group in.
func (im *importing) membersOf(group int64, rows []membershipRow) error {
	ids := make([]int64, len(rows))
	for i := range rows {
		ids[i] = rows[i].member
	}
	there, err := graph.LiveMemberships(im.tx, group, ids)
	if err != nil {
		return err
	}
	var add []graph.Membership
	var added []*Row
	place := map[int64]int{} // in add
	for _, r := range rows {
		old := there[r.member]
		if old != nil && (!old.Ended(im.tx.Now) || r.says(old)) {
			if err := im.updateMembership(r.Row, old); err != nil {
				return err
			}
			continue
		}
		if earlier, twice := place[r.member]; twice {
			r.membership(&add[earlier])
			im.count.Unchanged++
			continue
		}
		m := graph.Membership{MemberID: r.member}
		r.membership(&m)
		place[r.member] = len(add)
		add, added = append(add, m), append(added, r.Row)
	}
	if len(add) == 0 {
		return nil
	}
	_, errs, err := graph.AddMembers(im.tx, group, add)
	if err != nil {
		return im.judgeGroup(added, err)
	}
	for i, err := range errs {
		if err == nil {
			im.count.Created++
		} else if err := im.judge(added[i], err); err != nil {
			return err
		}
	}
	return nil
}

// judgeGroup rejects all rows of a group that can't be had.
func (im *importing) judgeGroup(rows []*Row, err error) error {
	for _, r := range rows {
		if err := im.judge(r, err); err != nil {
			return err
		}
	}
	return nil
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
