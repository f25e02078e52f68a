package spend

import (
	"bytes"
	"errors"
	"slices"

	"github.com/google/uuid"

	"github.com/rosterhq/roster/internal/store"
)

// person is a user as evaluation sees one.
type person struct {
	ID   int64
	UUID uuid.UUID
}

const during = `m.recorded_to = ` + live + ` AND m.starts_at <= $2 AND (m.expires_at = 0 OR m.expires_at > $2)`

// Who may approve is asked from the tables, so that the answer is right inside a
// write, too, and of one snapshot with the rules.
var (
	ownersActive = store.Q("approver.owners", `SELECT u.id, s.uuid FROM users u
		JOIN subjects s ON s.tenant = $1 AND s.id = u.id
		WHERE u.tenant = $1 AND u.role = 'COMPANY_OWNER' AND u.status = 'ACTIVE'`)
	usersActive = store.Q("approver.users", `SELECT u.id, s.uuid FROM users u
		JOIN subjects s ON s.tenant = $1 AND s.id = u.id
		WHERE u.tenant = $1 AND u.status = 'ACTIVE' AND u.id IN ($2)`).In()
	managerOf = store.Q("approver.manager_of", `SELECT m.id, s.uuid FROM users u
		JOIN users m ON m.tenant = $1 AND m.id = u.manager_id AND m.status = 'ACTIVE'
		JOIN subjects s ON s.tenant = $1 AND s.id = m.id
		WHERE u.tenant = $1 AND u.id = $2`)
	groupMembersActive = store.Q("approver.group_members", `WITH RECURSIVE below (root, id) AS (
			SELECT id, id FROM groups WHERE tenant = $1 AND recorded_to = `+live+` AND id IN ($3)
			UNION SELECT below.root, m.member_id FROM below JOIN memberships m ON m.tenant = $1 AND m.group_id = below.id
				AND m.member_kind = 'group' AND `+during+`)
		SELECT DISTINCT below.root, u.id, s.uuid FROM below
		JOIN memberships m ON m.tenant = $1 AND m.group_id = below.id AND m.member_kind = 'person' AND `+during+`
		JOIN users u ON u.tenant = $1 AND u.id = m.member_id AND u.status = 'ACTIVE'
		JOIN subjects s ON s.tenant = $1 AND s.id = u.id`).In()
)

func scanPerson(s store.Scanner) (p person, err error) {
	var id []byte
	err = s.Scan(&p.ID, &id)
	copy(p.UUID[:], id)
	return p, err
}

// approvers are the active users whom the entries of a rule stand for.
type approvers struct {
	users   map[int64]person
	groups  map[int64][]person
	manager []person // the requester's; one or none
	owners  []person
}

// findApprovers reads whom a rule's entries stand for; nil is no rule.
func findApprovers(tx *store.Tx, r *Rule, requester int64) (a *approvers, err error) {
	a = &approvers{users: map[int64]person{}, groups: map[int64][]person{}}
	if a.owners, err = store.All(tx, ownersActive, scanPerson); err != nil || r == nil {
		return a, err
	}
	var users, groups []int64
	for _, step := range r.Terms.Steps {
		for _, e := range step.Approvers {
			switch e.Type {
			case UserApprover:
				users = append(users, e.ID)
			case GroupApprover:
				groups = append(groups, e.ID)
			}
		}
	}
	slices.Sort(groups)
	if err := a.read(tx, users, slices.Compact(groups)); err != nil {
		return nil, err
	}
	m, err := scanPerson(tx.Row(managerOf, requester))
	if errors.Is(err, store.ErrNoRows) {
		return a, nil
	}
	a.manager = []person{m}
	return a, err
}

func (a *approvers) read(tx *store.Tx, users, groups []int64) error {
	err := tx.EachIn(usersActive, users, func(s store.Scanner) error {
		p, err := scanPerson(s)
		a.users[p.ID] = p
		return err
	})
	if err != nil {
		return err
	}
	return tx.EachIn(groupMembersActive, groups, func(s store.Scanner) error {
		var root int64
		var p person
		var id []byte
		err := s.Scan(&root, &p.ID, &id)
		copy(p.UUID[:], id)
		a.groups[root] = append(a.groups[root], p)
		return err
	}, tx.Now)
}

// ChainStep is a step with the users who may approve, by UUID. Fallback tells that
// they are the owners, since nobody else was left.
type ChainStep struct {
	Order     int
	Mode      string
	Approvers []uuid.UUID
	Fallback  bool
}

// chain resolves steps: nobody approves for themself, and a step that nobody is
// left for goes to the owners.
func (a *approvers) chain(steps []Step, requester int64) []ChainStep {
	all := make([]ChainStep, len(steps))
	for i, step := range steps {
		var found []person
		for _, e := range step.Approvers {
			switch e.Type {
			case UserApprover:
				if p, ok := a.users[e.ID]; ok {
					found = append(found, p)
				}
			case GroupApprover:
				found = append(found, a.groups[e.ID]...)
			case ManagerApprover:
				found = append(found, a.manager...)
			}
		}
		all[i] = ChainStep{Order: step.Order, Mode: step.Mode, Approvers: others(found, requester)}
		if len(all[i].Approvers) == 0 {
			all[i].Approvers, all[i].Fallback = others(a.owners, requester), true
		}
	}
	return all
}

// others returns the people but the requester, each once, by UUID.
func others(people []person, requester int64) []uuid.UUID {
	ids := []uuid.UUID{}
	for _, p := range people {
		if p.ID != requester && !slices.Contains(ids, p.UUID) {
			ids = append(ids, p.UUID)
		}
	}
	slices.SortFunc(ids, func(a, b uuid.UUID) int { return bytes.Compare(a[:], b[:]) })
	return ids
}
