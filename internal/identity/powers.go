package identity

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/store"
)

// Codes of errors about permissions (contract/mobility.md §2.2).
const (
	CodeNoPermission  = "A190"
	CodeBranchOfOther = "A191"
)

// Powers are what an operator, or an API client, may do and where, at one revision.
// They are shared: nobody changes them. Those that are read in a write (PowersIn) tell
// it what was asked for and held, for the change log.
type Powers struct {
	tree *Tree
	tx   *store.Tx // the write; nil for none
	// assigned are the branches on which a role is assigned.
	assigned map[string]map[int64]bool
	// at are the branches where a permission holds: those that an assignment names,
	// and all below them.
	at map[string]map[int64]bool
}

var assignmentsOf = store.Q("role_assignment.of", `SELECT a.role, r.permissions, a.branch_id FROM role_assignments a
	JOIN operator_roles r ON r.tenant = a.tenant AND r.name = a.role
	WHERE a.tenant = $1 AND a.person_id = $2 AND a.client_id = $3`)

// readPowers reads the powers of an assignee.
func readPowers(tx *store.Tx, of Assignee) (*Powers, error) {
	tree, err := Branches(tx)
	if err != nil {
		return nil, err
	}
	p := &Powers{tree: tree, assigned: map[string]map[int64]bool{}, at: map[string]map[int64]bool{}}
	err = tx.Each(assignmentsOf, func(s store.Scanner) error {
		var role, permissions string
		var branch int64
		if err := s.Scan(&role, &permissions, &branch); err != nil {
			return err
		}
		if p.assigned[role] == nil {
			p.assigned[role] = map[int64]bool{}
		}
		p.assigned[role][branch] = true
		for _, permission := range splitList(permissions) {
			if p.at[permission] == nil {
				p.at[permission] = map[int64]bool{}
			}
			for _, below := range tree.Below(branch) {
				p.at[permission][below] = true
			}
		}
		return nil
	}, of.PersonID, of.ClientID)
	return p, err
}

// KnownPowers remember what assignees may do.
type KnownPowers struct {
	memo *store.Memo[Assignee, *Powers]
}

// NewKnownPowers makes powers that follow db: before the first read or write only.
func NewKnownPowers(db *store.DB) KnownPowers {
	return KnownPowers{store.NewMemo[Assignee, *Powers](db, changesPowers)}
}

// Of returns what the actor may do in the operations API, from memory where it was
// asked before.
func (k KnownPowers) Of(ctx context.Context, a roster.Actor) (*Powers, error) {
	of := Assignee{PersonID: a.PersonID, ClientID: clientOf(a)}
	return k.memo.Get(ctx, a.Tenant.ID, of, func(tx *store.Tx) (*Powers, error) { return readPowers(tx, of) })
}

// PowersOf is Of of the powers that identity knows.
func (i *Identity) PowersOf(ctx context.Context, a roster.Actor) (*Powers, error) {
	return i.powers.Of(ctx, a)
}

// PowersIn reads what the actor of a write may do, inside it.
func PowersIn(tx *store.Tx) (*Powers, error) {
	p, err := PowersFor(tx, tx.Actor())
	if err == nil {
		p.tx = tx
	}
	return p, err
}

// PowersFor reads what an actor may do, inside a transaction.
func PowersFor(tx *store.Tx, a roster.Actor) (*Powers, error) {
	return readPowers(tx, Assignee{PersonID: a.PersonID, ClientID: clientOf(a)})
}

// clientOf is the id of the API client that acts; "" where none does.
func clientOf(a roster.Actor) string {
	id, ok := strings.CutPrefix(a.ID, clientActor)
	if !ok || a.PersonID != 0 {
		return ""
	}
	return id
}

// changesPowers tells whether a change may make powers other than they were.
func changesPowers(c store.ChangedSubject) ([]Assignee, bool) {
	switch c.Type {
	case "role", "role_assignment", "branch":
		return nil, true
	}
	return nil, false
}

// Tree are the branches at the revision of the powers.
func (p *Powers) Tree() *Tree { return p.tree }

// HasRole reports whether a role is assigned on any branch.
func (p *Powers) HasRole(role string) bool { return len(p.assigned[role]) > 0 }

// Anywhere reports whether a permission holds on some branch.
func (p *Powers) Anywhere(permission string) bool { return len(p.at[permission]) > 0 }

// At reports whether a permission holds on a branch; branch 0, the tenant, is where
// it holds on every root.
func (p *Powers) At(permission string, branch int64) bool {
	held := p.holds(permission, branch)
	if held && p.tx != nil {
		p.tx.Permitted(permission, branch)
	}
	return held
}

func (p *Powers) holds(permission string, branch int64) bool {
	if branch != 0 {
		return p.at[permission][branch]
	}
	for _, id := range p.tree.IDs() {
		if p.tree.Branch(id).ParentID == 0 && !p.at[permission][id] {
			return false
		}
	}
	return p.Anywhere(permission)
}

// Branches lists where a permission holds, by id.
func (p *Powers) Branches(permission string) []int64 {
	ids := make([]int64, 0, len(p.at[permission]))
	for id := range p.at[permission] {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	return ids
}

// Denied is the detail of an error about a permission.
type Denied struct {
	Permission string `json:"permission"`
	BranchID   int64  `json:"branchId,omitempty"`
}

// Need refuses a permission that holds nowhere: Forbidden with CodeNoPermission.
func (p *Powers) Need(permission string) error {
	if p.Anywhere(permission) {
		return nil
	}
	return errDenied(CodeNoPermission, permission, 0)
}

// NeedAt refuses a permission that does not hold on a branch: NotFound with
// CodeNoBranch where there is none, Forbidden with CodeNoPermission where it holds
// nowhere, or with CodeBranchOfOther where it holds elsewhere. For the tenant (0) it is
// CodeNoPermission wherever else it holds.
func (p *Powers) NeedAt(permission string, branch int64) error {
	if err := p.Need(permission); err != nil {
		return err
	}
	if branch != 0 {
		if _, err := p.tree.Find(branch); err != nil {
			return err
		}
	}
	switch {
	case p.At(permission, branch):
		return nil
	case branch == 0:
		return &roster.Error{
			Kind: roster.Forbidden, Code: CodeNoPermission, Details: Denied{Permission: permission},
			Msg: "this needs the permission " + permission + " on every root branch",
		}
	}
	return errDenied(CodeBranchOfOther, permission, branch)
}

func errDenied(code, permission string, branch int64) error {
	msg := "this needs the permission " + permission
	if branch != 0 {
		msg += fmt.Sprintf(" on branch %d", branch)
	}
	return &roster.Error{Kind: roster.Forbidden, Code: code, Msg: msg, Details: Denied{permission, branch}}
}
