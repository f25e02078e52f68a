package graph

import (
	"encoding/json"
	"errors"
	"slices"

	"github.com/rosterhq/roster/internal/graph/index"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/store"
)

// Membership is an edge from a group to a subject. Times are µs UTC; 0 for none.
type Membership struct {
	GroupID, MemberID   int64
	GroupKind           string
	MemberKind          string
	Role, State         string
	Properties          json.RawMessage // nil for none
	StartsAt, ExpiresAt int64
	AddedAt             int64
	Revision            int64 // the row's version
}

const membershipColumns = `m.group_id, m.member_id, m.group_kind, m.member_kind, m.role, m.state, m.properties,
		m.starts_at, m.expires_at, m.added_at, m.revision`

// Where members of a group are named, + 0 has them looked up by themselves: PostgreSQL takes
// a group to have as many members as others have, and reads all members of a large one.
var (
	membershipLive = store.Q("membership.live_of_group", `SELECT `+membershipColumns+` FROM memberships m
		WHERE m.tenant = $1 AND m.member_id IN ($3) AND m.recorded_to = `+live+` AND m.group_id + 0 = $2`).In()
	membershipInsert = store.Q("membership.insert", `INSERT INTO memberships (tenant, group_id, member_id, recorded_from, recorded_to,
		revision, group_kind, member_kind, role, state, properties, starts_at, expires_at, added_at)
		VALUES ($1, $2, $3, $4, `+live+`, $5, $6, $7, $8, $9, $10, $11, $12, $13)`).Many()
	membershipClose = store.Q("membership.close", `UPDATE memberships SET recorded_to = $3
		WHERE tenant = $1 AND member_id IN ($4) AND recorded_to = `+live+` AND recorded_from < $3 AND group_id + 0 = $2`).In()
	membershipDrop = store.Q("membership.drop_own", `DELETE FROM memberships
		WHERE tenant = $1 AND member_id IN ($4) AND recorded_to = `+live+` AND recorded_from = $3 AND group_id + 0 = $2`).In()
	membershipCloseOfGroup = store.Q("membership.close_of_group", `UPDATE memberships SET recorded_to = $3
		WHERE tenant = $1 AND group_id = $2 AND recorded_to = `+live+` AND recorded_from < $3`)
	membershipDropOfGroup = store.Q("membership.drop_own_of_group", `DELETE FROM memberships
		WHERE tenant = $1 AND group_id = $2 AND recorded_to = `+live+` AND recorded_from = $3`)
	membershipCloseOfMember = store.Q("membership.close_of_member", `UPDATE memberships SET recorded_to = $3
		WHERE tenant = $1 AND member_id = $2 AND recorded_to = `+live+` AND recorded_from < $3`)
	membershipDropOfMember = store.Q("membership.drop_own_of_member", `DELETE FROM memberships
		WHERE tenant = $1 AND member_id = $2 AND recorded_to = `+live+` AND recorded_from = $3`)
	membershipAnyProperty = store.Q("membership.any_property", `SELECT 1 FROM memberships
		WHERE tenant = $1 AND group_id = $2 AND member_kind = 'property' AND recorded_to = `+live+` LIMIT 1`)
	membershipHomes = store.Q("membership.homes", `SELECT group_id FROM memberships
		WHERE tenant = $1 AND member_id = $2 AND member_kind = 'property' AND recorded_to = `+live+` LIMIT 2`)
	membershipBusinessOf = store.Q("membership.business_of", `SELECT group_id, member_id FROM memberships
		WHERE tenant = $1 AND group_kind = 'business' AND recorded_to = `+live+` AND member_id IN ($2)`).In()
	membershipOwner = store.Q("membership.business_owner", `SELECT member_id FROM memberships
		WHERE tenant = $1 AND group_id = $2 AND group_kind = 'business' AND role = 'OWNER' AND recorded_to = `+live)
	membershipAbove = store.Q("membership.above", `WITH RECURSIVE above (id) AS (
			SELECT CAST($2 AS bigint)
			UNION SELECT m.group_id FROM above JOIN memberships m ON m.tenant = $1 AND m.member_id = above.id
				AND m.recorded_to = `+live+` AND (m.expires_at = 0 OR m.expires_at > $3))
		SELECT m.group_id, m.member_id FROM above JOIN memberships m ON m.tenant = $1 AND m.member_id = above.id
			AND m.recorded_to = `+live+` AND (m.expires_at = 0 OR m.expires_at > $3)`)
	subjectKinds = store.Q("subject.live_kinds", `SELECT id, 'person' FROM people WHERE tenant = $1 AND recorded_to = `+live+` AND id IN ($2)
		UNION ALL SELECT id, 'group' FROM groups WHERE tenant = $1 AND recorded_to = `+live+` AND id IN ($2)
		UNION ALL SELECT id, 'property' FROM properties WHERE tenant = $1 AND recorded_to = `+live+` AND id IN ($2)`).In()
)

// MembershipFields are the fields of a membership as the change log spells them.
type MembershipFields struct {
	Role       string          `json:"role,omitempty"`
	State      string          `json:"state,omitempty"`
	Properties json.RawMessage `json:"properties,omitempty"`
	StartsAt   int64           `json:"starts_at,omitempty"`  // µs UTC
	ExpiresAt  int64           `json:"expires_at,omitempty"` // µs UTC
	AddedAt    int64           `json:"added_at"`             // µs UTC
	MemberKind string          `json:"member_kind"`
}

func membershipFields(m *Membership) MembershipFields {
	return MembershipFields{m.Role, m.State, m.Properties, m.StartsAt, m.ExpiresAt, m.AddedAt, m.MemberKind}
}

// ended reports whether the membership is over at an instant: as good as removed.
func (m *Membership) ended(now int64) bool { return m.ExpiresAt != 0 && m.ExpiresAt <= now }

// AddMember puts a member into a group and returns the membership; its MemberID
// and terms are read from m, and MemberKind, where it is set, must be the member's. NotFound (CodeNoGroup, CodeNoMember), Exists
// (CodeAlreadyMember), Conflict (CodeCycle with Cycle as details, and the codes of
// the kind's rules), Invalid (CodeMemberKind, or expires_at before starts_at).
// A membership that has expired is over: adding anew replaces it.
func AddMember(tx *store.Tx, groupID int64, m Membership) (Membership, error) {
	added, errs, err := AddMembers(tx, groupID, []Membership{m})
	if err != nil {
		return m, err
	}
	return added[0], errs[0]
}

// AddMembers puts many members into a group in few statements. Each row has an
// error of its own, as AddMember gives, or nil and the membership that it made.
// A later row sees those before it.
func AddMembers(tx *store.Tx, groupID int64, rows []Membership) (added []Membership, errs []error, err error) {
	group, err := LiveGroup(tx, groupID)
	if err != nil {
		return nil, nil, err
	}
	a := adding{tx: tx, group: group, rule: Rules[group.Kind]}
	if err := a.look(rows); err != nil {
		return nil, nil, err
	}
	added, errs = slices.Clone(rows), make([]error, len(rows))
	inserts, err := a.add(added, errs)
	if err != nil {
		return nil, nil, err
	}
	return added, errs, tx.ExecMany(membershipInsert, inserts)
}

// add judges rows, fills in those that are good, logs them, and returns what is to
// be inserted.
func (a *adding) add(rows []Membership, errs []error) (inserts [][]any, err error) {
	for i := range rows {
		m := &rows[i]
		if errs[i], err = a.check(m); err != nil {
			return nil, err
		}
		if errs[i] != nil {
			continue
		}
		a.live[m.MemberID] = m
		inserts = append(inserts, membershipRow(a.tx, m))
		recordMembership(a.tx, "membership.add", nil, m)
	}
	return inserts, closeMembershipRows(a.tx, a.group.ID, a.replaced)
}

// adding is what the rows of one AddMembers are checked against.
type adding struct {
	tx       *store.Tx
	group    *Group
	rule     Rule
	kinds    map[int64]string
	live     map[int64]*Membership
	business map[int64]int64 // the business account that a person is in
	above    *above
	replaced []int64
}

func (a *adding) look(rows []Membership) error {
	ids := make([]int64, len(rows))
	for i := range rows {
		ids[i] = rows[i].MemberID
	}
	var err error
	if a.kinds, err = Kinds(a.tx, ids); err != nil {
		return err
	}
	if a.live, err = liveMemberships(a.tx, a.group.ID, ids); err != nil {
		return err
	}
	return a.lookBusiness(ids)
}

func (a *adding) lookBusiness(ids []int64) error {
	a.business = map[int64]int64{}
	if !a.rule.OneGroupEach {
		return nil
	}
	return a.tx.EachIn(membershipBusinessOf, ids, func(s store.Scanner) error {
		var group, member int64
		err := s.Scan(&group, &member)
		a.business[member] = group
		return err
	})
}

// check judges one row and fills in what the graph decides.
func (a *adding) check(m *Membership) (refused, err error) {
	kind := a.kinds[m.MemberID]
	if kind == "" || m.MemberKind != "" && m.MemberKind != kind {
		return roster.Errorf(roster.NotFound, CodeNoMember, "there is no such member"), nil
	}
	if !slices.Contains(a.rule.Members, kind) {
		return roster.Errorf(roster.Invalid, CodeMemberKind, "a group of this kind takes no %s", kind), nil
	}
	if m.ExpiresAt != 0 && m.ExpiresAt <= m.StartsAt {
		return roster.FieldError("expires_at", "must be later than starts_at"), nil
	}
	if old := a.live[m.MemberID]; old != nil {
		if !old.ended(a.tx.Now) {
			return roster.Errorf(roster.Exists, CodeAlreadyMember, "it is a member of this group already"), nil
		}
		a.replaced = append(a.replaced, m.MemberID)
	}
	if a.business[m.MemberID] != 0 {
		return roster.Errorf(roster.Conflict, CodeOtherAccount, "this person is in another business account"), nil
	}
	if kind == GroupSubject {
		if refused, err := a.cycle(m.MemberID); refused != nil || err != nil {
			return refused, err
		}
	}
	m.GroupID, m.GroupKind, m.MemberKind, m.AddedAt, m.Revision = a.group.ID, a.group.Kind, kind, a.tx.Now, a.tx.Revision
	return checkOwner(a.tx, m)
}

func checkOwner(tx *store.Tx, m *Membership) (refused, err error) {
	if !Rules[m.GroupKind].OneOwner || m.Role != "OWNER" {
		return nil, nil
	}
	var owner int64
	err = tx.Row(membershipOwner, m.GroupID).Scan(&owner)
	if errors.Is(err, store.ErrNoRows) {
		return nil, nil
	}
	if err == nil && owner != m.MemberID {
		return roster.Errorf(roster.Conflict, CodeSecondOwner, "the group has an owner"), nil
	}
	return nil, err
}

// above is what lies above a group: for each group, one that it stands in.
type above struct{ toward map[int64]int64 }

// cycle refuses a child that the group stands in already, at any distance.
func (a *adding) cycle(child int64) (refused, err error) {
	if a.above == nil {
		if a.above, err = lookAbove(a.tx, a.group.ID); err != nil {
			return nil, err
		}
	}
	if _, ok := a.above.toward[child]; !ok {
		return nil, nil
	}
	// From the child down to the group, behind the group that would hold it.
	path := Cycle{a.group.ID}
	for at := child; ; at = a.above.toward[at] {
		path = append(path, at)
		if at == a.group.ID {
			break
		}
	}
	return &roster.Error{
		Kind: roster.Conflict, Code: CodeCycle, Details: path,
		Msg: "the group would become a member of itself",
	}, nil
}

func lookAbove(tx *store.Tx, group int64) (*above, error) {
	parents := map[int64][]int64{}
	err := tx.Each(membershipAbove, func(s store.Scanner) error {
		var parent, child int64
		err := s.Scan(&parent, &child)
		parents[child] = append(parents[child], parent)
		return err
	}, group, tx.Now)
	a := &above{toward: map[int64]int64{group: group}}
	for queue := []int64{group}; len(queue) > 0; queue = queue[1:] {
		for _, parent := range parents[queue[0]] {
			if _, seen := a.toward[parent]; !seen {
				a.toward[parent] = queue[0]
				queue = append(queue, parent)
			}
		}
	}
	return a, err
}

func membershipRow(tx *store.Tx, m *Membership) []any {
	return []any{
		m.GroupID, m.MemberID, tx.Now, tx.Revision, m.GroupKind, m.MemberKind, m.Role, m.State,
		string(m.Properties), m.StartsAt, m.ExpiresAt, m.AddedAt,
	}
}

func edge(m *Membership) index.Edge {
	return index.Edge{
		Group: m.GroupID, Member: m.MemberID, Added: m.AddedAt,
		StartsAt: m.StartsAt, ExpiresAt: m.ExpiresAt, Role: m.Role, State: m.State,
	}
}

// recordMembership logs a change of a membership and tells the index of it.
func recordMembership(tx *store.Tx, operation string, before, after *Membership) {
	c := roster.Change{Operation: operation, SubjectType: "membership"}
	if before != nil {
		c.SubjectID, c.ObjectID, c.Before = before.GroupID, before.MemberID, membershipFields(before)
	}
	if after == nil {
		tx.Emit(index.DropEdge(before.GroupID, before.MemberID))
	} else {
		c.SubjectID, c.ObjectID, c.After = after.GroupID, after.MemberID, membershipFields(after)
		tx.Emit(index.PutEdge(edge(after)))
	}
	tx.Record(c)
}

func scanMembership(s store.Scanner) (m Membership, err error) {
	var properties string
	err = s.Scan(&m.GroupID, &m.MemberID, &m.GroupKind, &m.MemberKind, &m.Role, &m.State, &properties,
		&m.StartsAt, &m.ExpiresAt, &m.AddedAt, &m.Revision)
	if properties != "" {
		m.Properties = json.RawMessage(properties)
	}
	return m, err
}

func liveMemberships(tx *store.Tx, group int64, members []int64) (map[int64]*Membership, error) {
	found := map[int64]*Membership{}
	err := tx.EachIn(membershipLive, members, func(s store.Scanner) error {
		m, err := scanMembership(s)
		found[m.MemberID] = &m
		return err
	}, group)
	return found, err
}

// LiveMembership reads a membership that is not over; NotFound with
// CodeNoMembership.
func LiveMembership(tx *store.Tx, group, member int64) (*Membership, error) {
	found, err := liveMemberships(tx, group, []int64{member})
	if err != nil {
		return nil, err
	}
	if m := found[member]; m != nil && !m.ended(tx.Now) {
		return m, nil
	}
	return nil, errNoMembership()
}

func errNoMembership() error {
	return roster.Errorf(roster.NotFound, CodeNoMembership, "it is not a direct member of this group")
}
