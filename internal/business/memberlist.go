package business

import (
	"context"
	"slices"
	"strings"

	"github.com/rosterhq/roster/internal/graph"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/store"
)

// MemberView is a member as managers see one.
type MemberView struct {
	*Member
	User              *User // nil for somebody who is gone
	DefaultCostCenter *CostCenter
}

// MemberFilter narrows a list of members; a zero field does not.
type MemberFilter struct {
	Search        string // a part of name, address or member code
	States, Roles []string
	CostCenterID  int64 // the default, or one of the list that a member has access to
	// Former takes in those who left, too: for operators.
	Former bool
}

func (f *MemberFilter) check() error {
	if err := checkWords("state", f.States, MemberActive, MemberInactive); err != nil {
		return err
	}
	return checkWords("role", f.Roles, Owner, Admin, Simple)
}

// memberRow is what a list of members is searched and ordered by.
type memberRow struct {
	id, costCenter, joinedAt int64
	name, key                string // key is name and address, folded
	code, role, state        string
}

var (
	memberRows = store.Q("member.list", `SELECT p.person_id, coalesce(p.default_cost_center_id, 0), p.joined_at, c.first_name, c.last_name, h.email,
			p.member_code, m.role, m.state`+fromMembers+`
		JOIN customers c ON c.tenant = p.tenant AND c.id = p.person_id
		JOIN people h ON h.tenant = p.tenant AND h.id = p.person_id AND h.recorded_to = `+live+`
		WHERE p.tenant = $1 AND p.group_id = $2 AND p.left_at = 0`)
	memberRowsFormer = store.Q("member.list_former", `SELECT p.person_id, coalesce(p.default_cost_center_id, 0), p.joined_at, c.first_name, c.last_name,
			coalesce(h.email, ''), p.member_code, coalesce(m.role, 'MEMBER'), coalesce(m.state, 'ACTIVE')`+fromFormer+`
		JOIN customers c ON c.tenant = p.tenant AND c.id = p.person_id
		LEFT JOIN people h ON h.tenant = p.tenant AND h.id = p.person_id AND h.recorded_to = `+live+`
		WHERE p.tenant = $1 AND p.group_id = $2 AND p.left_at <> 0`)
	memberFormerRows = store.Q("member.former", `SELECT `+strings.Replace(memberColumns, "m.role, m.state", "coalesce(m.role, 'MEMBER'), coalesce(m.state, 'ACTIVE')", 1)+fromFormer+`
		WHERE p.tenant = $1 AND p.person_id IN ($3) AND p.left_at <> 0 AND p.group_id + 0 = $2`).In()
	accessTo = store.Q("member.access_to", `SELECT person_id FROM cost_center_access WHERE tenant = $1 AND cost_center_id = $2`)
)

func scanMemberRow(s store.Scanner) (r memberRow, err error) {
	var first, last, email string
	err = s.Scan(&r.id, &r.costCenter, &r.joinedAt, &first, &last, &email, &r.code, &r.role, &r.state)
	r.name = graph.Key(last + " " + first)
	r.key = strings.ToLower(first + " " + last + "\n" + last + " " + first + "\n" + email)
	return r, err
}

var memberOrders = map[string]order[memberRow]{
	"id":       ordering(func(r memberRow) int64 { return r.id }),
	"name":     ordering(func(r memberRow) string { return r.name }),
	"joinedAt": ordering(func(r memberRow) int64 { return r.joinedAt }),
}

// Members lists the members of an account that the caller manages, and how many there
// are: orders id (the person's), name (last, first) and joinedAt. NotFound with
// CodeNoAccount, Forbidden with CodeNoPermission.
func (b *Business) Members(ctx context.Context, a roster.Actor, account int64, f MemberFilter, p roster.Page) (page []*MemberView, total int, err error) {
	if err := f.check(); err != nil {
		return nil, 0, err
	}
	err = b.db.Read(ctx, a.Tenant.ID, func(tx *store.Tx) error {
		if _, _, err := managerOf(tx, a, account); err != nil {
			return err
		}
		members, n, err := listMembers(tx, account, f, p)
		if err != nil {
			return err
		}
		total = n
		page, err = viewMembers(tx, members, usersByID)
		return err
	})
	return page, total, err
}

// listMembers reads a page of an account's members, whoever asks.
func listMembers(tx *store.Tx, account int64, f MemberFilter, p roster.Page) (page []*Member, total int, err error) {
	rows, err := store.All(tx, memberRows, scanMemberRow, account)
	if err != nil {
		return nil, 0, err
	}
	if f.Former {
		former, err := store.All(tx, memberRowsFormer, scanMemberRow, account)
		if err != nil {
			return nil, 0, err
		}
		rows = append(rows, former...)
	}
	if rows, err = f.takes(tx, rows); err != nil {
		return nil, 0, err
	}
	if rows, total, err = pageOf(rows, p, memberOrders); err != nil {
		return nil, 0, err
	}
	page, err = membersOf(tx, account, rows)
	return page, total, err
}

// membersOf reads the members of rows, in their order.
func membersOf(tx *store.Tx, account int64, rows []memberRow) ([]*Member, error) {
	ids := make([]int64, len(rows))
	for i, r := range rows {
		ids[i] = r.id
	}
	found, err := liveMembers(tx, account, ids)
	if err != nil {
		return nil, err
	}
	former := slices.DeleteFunc(ids, func(id int64) bool { return found[id] != nil })
	if err := addFormer(tx, account, former, found); err != nil {
		return nil, err
	}
	members := make([]*Member, 0, len(rows))
	for _, r := range rows {
		if m := found[r.id]; m != nil {
			members = append(members, m)
		}
	}
	return members, nil
}

// addFormer reads those of the people who left an account, as they were.
func addFormer(tx *store.Tx, account int64, people []int64, found map[int64]*Member) error {
	var listed []int64
	err := tx.EachIn(memberFormerRows, people, func(s store.Scanner) error {
		m, err := scanMember(s)
		if err != nil {
			return err
		}
		found[m.UserID] = m
		if m.AccessMode == AccessList {
			listed = append(listed, m.UserID)
		}
		return nil
	}, account)
	if err != nil {
		return err
	}
	return addAccess(tx, account, found, listed)
}

func (f *MemberFilter) takes(tx *store.Tx, rows []memberRow) ([]memberRow, error) {
	with := map[int64]bool{}
	if f.CostCenterID != 0 {
		err := tx.Each(accessTo, func(s store.Scanner) error {
			var person int64
			err := s.Scan(&person)
			with[person] = true
			return err
		}, f.CostCenterID)
		if err != nil {
			return nil, err
		}
	}
	search := graph.Key(f.Search)
	return slices.DeleteFunc(rows, func(r memberRow) bool {
		return len(f.States) > 0 && !slices.Contains(f.States, r.state) ||
			len(f.Roles) > 0 && !slices.Contains(f.Roles, r.role) ||
			f.CostCenterID != 0 && r.costCenter != f.CostCenterID && !with[r.id] ||
			search != "" && !strings.Contains(r.key, search) && !containsFolded(search, r.code)
	}), nil
}

// viewMembers adds to members what goes with them, people as users reads them.
func viewMembers(tx *store.Tx, members []*Member, users func(*store.Tx, []int64) (map[int64]*User, error)) ([]*MemberView, error) {
	ids, standard := make([]int64, len(members)), []int64(nil)
	for i, m := range members {
		ids[i] = m.UserID
		if m.DefaultCostCenterID != 0 {
			standard = append(standard, m.DefaultCostCenterID)
		}
	}
	people, err := users(tx, ids)
	if err != nil {
		return nil, err
	}
	centers, err := CostCentersByID(tx, sortedIDs(standard))
	views := make([]*MemberView, len(members))
	for i, m := range members {
		views[i] = &MemberView{m, people[m.UserID], centers[m.DefaultCostCenterID]}
	}
	return views, err
}

func viewMember(tx *store.Tx, m *Member) (*MemberView, error) {
	views, err := viewMembers(tx, []*Member{m}, usersByID)
	if err != nil {
		return nil, err
	}
	return views[0], nil
}
