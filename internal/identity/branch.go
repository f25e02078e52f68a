package identity

import (
	"slices"

	"github.com/rosterhq/roster/internal/graph"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/store"
)

// Branch is a place of an operator's business: a country, a city, a site. Times
// are µs UTC.
type Branch struct {
	ID             int64
	ParentID       int64 // 0 for a root
	BusinessUnitID int64 // 0 where the nearest ancestor's bills it
	Name, Code     string
	State          string
	CreatedAt      int64
	UpdatedAt      int64
	Revision       int64
}

// BranchStates are the states of a branch, the usual one first.
var BranchStates = []string{"OPERATIONAL", "IN_PREPARATION", "MAINTENANCE", "HIBERNATION", "OUT_OF_BUSINESS"}

// CodeNoBranch says that there is no such branch.
const CodeNoBranch = "B901"

var (
	branchAll = store.Q("branch.all", `SELECT id, coalesce(parent_id, 0), coalesce(business_unit_id, 0), name, code, state, created_at, updated_at, revision
		FROM branches WHERE tenant = $1 ORDER BY id`).Whole("a tenant has few branches, and the tree is read whole")
	branchInsert = store.Q("branch.insert", `INSERT INTO branches (tenant, id, parent_id, business_unit_id, name, code, code_key, state, created_at, updated_at, revision)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`)
	branchUpdate = store.Q("branch.update", `UPDATE branches SET parent_id = $3, business_unit_id = $4, name = $5, code = $6, code_key = $7, state = $8,
		updated_at = $9, revision = $10 WHERE tenant = $1 AND id = $2`)
	// A unit that a branch was billed by stays referenced, whatever becomes of the branch.
	branchRefersUnit = store.Q("branch.refer_unit", `UPDATE business_units SET referenced = true WHERE tenant = $1 AND id = $2 AND referenced = false`)
)

// Tree is the forest of a tenant's branches at one revision. It is shared: nobody
// changes it.
type Tree struct {
	byID     map[int64]*Branch
	byCode   map[string]*Branch
	children map[int64][]int64 // by id
	ids      []int64
}

// Branches reads the tenant's branches.
func Branches(tx *store.Tx) (*Tree, error) {
	all, err := store.All(tx, branchAll, scanBranch)
	if err != nil {
		return nil, err
	}
	t := &Tree{byID: map[int64]*Branch{}, byCode: map[string]*Branch{}, children: map[int64][]int64{}}
	for _, b := range all {
		t.ids = append(t.ids, b.ID)
		t.byID[b.ID], t.byCode[graph.Key(b.Code)] = b, b
		t.children[b.ParentID] = append(t.children[b.ParentID], b.ID)
	}
	return t, nil
}

func scanBranch(s store.Scanner) (*Branch, error) {
	b := &Branch{}
	return b, s.Scan(&b.ID, &b.ParentID, &b.BusinessUnitID, &b.Name, &b.Code, &b.State, &b.CreatedAt, &b.UpdatedAt, &b.Revision)
}

// IDs are all branches, by id.
func (t *Tree) IDs() []int64 { return t.ids }

// Branch returns a branch, or nil.
func (t *Tree) Branch(id int64) *Branch { return t.byID[id] }

// Find returns a branch, or NotFound with CodeNoBranch.
func (t *Tree) Find(id int64) (*Branch, error) {
	if b := t.byID[id]; b != nil {
		return b, nil
	}
	return nil, errNoBranch()
}

func errNoBranch() error {
	return roster.Errorf(roster.NotFound, CodeNoBranch, "there is no such branch")
}

// ByCode returns the branch with a code, however it is written, or nil.
func (t *Tree) ByCode(code string) *Branch { return t.byCode[graph.Key(code)] }

// Chain lists a branch, its parent and so on up to its root; nothing where there
// is no such branch.
func (t *Tree) Chain(id int64) (chain []int64) {
	for b := t.byID[id]; b != nil; b = t.byID[b.ParentID] {
		chain = append(chain, b.ID)
	}
	return chain
}

// onlyRoot is the root of all branches; 0 where there are several, or none.
func (t *Tree) onlyRoot() (root int64) {
	for _, id := range t.ids {
		switch {
		case t.byID[id].ParentID != 0:
		case root != 0:
			return 0
		default:
			root = id
		}
	}
	return root
}

// Below lists a branch and all that lie below it; nothing where there is none.
func (t *Tree) Below(id int64) []int64 {
	if t.byID[id] == nil {
		return nil
	}
	below := []int64{id}
	for i := 0; i < len(below); i++ {
		below = append(below, t.children[below[i]]...)
	}
	return below
}

// Unit returns the business unit that bills a branch, its own or that of the
// nearest ancestor that has one; 0 for none.
func (t *Tree) Unit(id int64) int64 {
	for b := t.byID[id]; b != nil; b = t.byID[b.ParentID] {
		if b.BusinessUnitID != 0 {
			return b.BusinessUnitID
		}
	}
	return 0
}

// BranchFields are the fields of a branch as the change log spells them.
type BranchFields struct {
	Name           string `json:"name"`
	Code           string `json:"code"`
	State          string `json:"state"`
	ParentID       int64  `json:"parentId,omitempty"`
	BusinessUnitID int64  `json:"businessUnitId,omitempty"`
}

func branchFields(b *Branch) BranchFields {
	return BranchFields{b.Name, b.Code, b.State, b.ParentID, b.BusinessUnitID}
}

// PutBranch has the branch of b's code be as b says, and fills in its id; it
// reports whether that changed anything. Invalid for a parent that is none or lies
// below it, or for an unknown state.
func PutBranch(tx *store.Tx, b *Branch) (changed bool, err error) {
	t, err := Branches(tx)
	if err != nil {
		return false, err
	}
	if b.State == "" {
		b.State = BranchStates[0]
	}
	before := t.ByCode(b.Code)
	if before != nil {
		b.ID, b.CreatedAt, b.UpdatedAt, b.Revision = before.ID, before.CreatedAt, before.UpdatedAt, before.Revision
		if *b == *before {
			return false, nil
		}
	}
	if err := checkBranch(t, b); err != nil {
		return false, err
	}
	return true, saveBranch(tx, before, b)
}

func checkBranch(t *Tree, b *Branch) error {
	switch {
	case b.Name == "" || b.Code == "":
		return roster.FieldError("code", "a branch has a name and a code")
	case !slices.Contains(BranchStates, b.State):
		return roster.FieldError("state", "there is no state %q of a branch", b.State)
	case b.ParentID != 0 && t.Branch(b.ParentID) == nil:
		return roster.FieldError("parentId", "there is no branch %d", b.ParentID)
	case b.ID != 0 && slices.Contains(t.Chain(b.ParentID), b.ID):
		return roster.FieldError("parentId", "the branch would lie below itself")
	}
	return nil
}

func saveBranch(tx *store.Tx, before, b *Branch) (err error) {
	b.UpdatedAt, b.Revision = tx.Now, tx.Revision
	parent, unit := nullableID(b.ParentID), nullableID(b.BusinessUnitID)
	if _, err := tx.Exec(branchRefersUnit, b.BusinessUnitID); err != nil {
		return err
	}
	if before == nil {
		if b.ID, err = tx.NextID(store.Branches); err != nil {
			return err
		}
		b.CreatedAt = tx.Now
		if _, err := tx.Exec(branchInsert, b.ID, parent, unit, b.Name, b.Code, graph.Key(b.Code), b.State, b.CreatedAt, b.UpdatedAt, b.Revision); err != nil {
			return err
		}
		tx.Record(roster.Change{Operation: "branch.create", SubjectType: "branch", SubjectID: b.ID, After: branchFields(b)})
		return nil
	}
	if _, err := tx.Exec(branchUpdate, b.ID, parent, unit, b.Name, b.Code, graph.Key(b.Code), b.State, b.UpdatedAt, b.Revision); err != nil {
		return err
	}
	tx.Record(roster.Change{Operation: "branch.update", SubjectType: "branch", SubjectID: b.ID, Before: branchFields(before), After: branchFields(b)})
	return nil
}

func nullableID(id int64) any {
	if id == 0 {
		return nil
	}
	return id
}
