package mobility

import (
	"encoding/json"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/rosterhq/roster/internal/graph"
	"github.com/rosterhq/roster/internal/identity"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/store"
)

// RequirementSet is what a rental asks in some branches and those below them that
// have no set of their own, for some categories of vehicles.
type RequirementSet struct {
	ID          int64
	Name        string // unique, however it is written
	BranchIDs   []int64
	CategoryIDs []int64 // empty for all that no other set of the branch is for
	Start       StartRequirements
	CreatedAt   int64
	UpdatedAt   int64
	Revision    int64
}

// StartRequirements are what is asked before a rental starts. Zero, or nil, asks
// nothing.
type StartRequirements struct {
	MinimumAge                 int64          `json:"minimumAge,omitempty"` // years
	MaximumAge                 int64          `json:"maximumAge,omitempty"`
	ReservationMaximumDistance int64          `json:"reservationMaximumDistance,omitempty"` // meters
	RentalMaximumDistance      int64          `json:"rentalMaximumDistance,omitempty"`
	MinimumBalanceWithSource   *roster.Amount `json:"minimumBalanceWithPaymentSource,omitempty"` // ten-thousandths
	MinimumBalanceWithout      *roster.Amount `json:"minimumBalanceWithoutPaymentSource,omitempty"`
	Require                    []string       `json:"require,omitempty"` // codes of requirements
	LicenseCategories          []string       `json:"licenseCategories,omitempty"`
	// AcceptNeedsCheck takes a license that is VERIFIED_BUT_NEEDS_CHECK as verified;
	// the setting verification.acceptNeedsCheck does so too.
	AcceptNeedsCheck bool `json:"acceptVerifiedButNeedsCheck,omitempty"`
}

// LicenseCategories are the categories of driving licenses.
var LicenseCategories = strings.Fields("AM A1 A2 A B1 B BE C1 C1E C CE D1 D T L")

// requirementSets is the sequence of the sets' ids.
const requirementSets store.Sequence = "requirement_set"

var (
	setByName = store.Q("requirement_set.by_name", `SELECT s.id, s.name, s.start, s.created_at, s.updated_at, s.revision FROM requirement_sets s
		WHERE s.tenant = $1 AND s.name_key = $2`)
	setInsert = store.Q("requirement_set.insert", `INSERT INTO requirement_sets (tenant, id, name, name_key, start, created_at, updated_at, revision)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`)
	setUpdate = store.Q("requirement_set.update", `UPDATE requirement_sets SET name = $3, name_key = $4, start = $5, created_at = $6, updated_at = $7, revision = $8
		WHERE tenant = $1 AND id = $2`)
	scopesOfSet = store.Q("requirement_scope.of_set", `SELECT branch_id, category_id, set_id FROM requirement_scopes
		WHERE tenant = $1 AND set_id = $2 ORDER BY branch_id, category_id`)
	scopesOfBranch = store.Q("requirement_scope.of_branch", `SELECT branch_id, category_id, set_id FROM requirement_scopes
		WHERE tenant = $1 AND branch_id IN ($2)`).In()
	scopeInsert = store.Q("requirement_scope.insert", `INSERT INTO requirement_scopes (tenant, branch_id, category_id, set_id) VALUES ($1, $2, $3, $4)`).Many()
	scopeDelete = store.Q("requirement_scope.delete_of_set", `DELETE FROM requirement_scopes WHERE tenant = $1 AND set_id = $2`)
)

func scanSet(s store.Scanner) (*RequirementSet, error) {
	r := &RequirementSet{}
	var start string
	if err := s.Scan(&r.ID, &r.Name, &start, &r.CreatedAt, &r.UpdatedAt, &r.Revision); err != nil {
		return nil, err
	}
	return r, json.Unmarshal([]byte(start), &r.Start)
}

// scope is where a set applies; category 0 is every category.
type scope struct{ branch, category int64 }

type scopedSet struct {
	scope
	set int64
}

func scanScope(s store.Scanner) (c scopedSet, err error) {
	return c, s.Scan(&c.branch, &c.category, &c.set)
}

// setFields are the fields of a set as the change log spells them.
type setFields struct {
	Name        string            `json:"name"`
	BranchIDs   []int64           `json:"branchIds"`
	CategoryIDs []int64           `json:"vehicleCategoryIds"`
	Start       StartRequirements `json:"start"`
}

func (r *RequirementSet) fields() setFields {
	return setFields{r.Name, r.BranchIDs, r.CategoryIDs, r.Start}
}

// text spells what a set says, for comparison.
func (r *RequirementSet) text() string {
	text, err := json.Marshal(r.fields())
	if err != nil {
		panic(err) // texts and numbers
	}
	return string(text)
}

// RequirementSetByName reads a set by its name, however it is written; nil for none.
func RequirementSetByName(tx *store.Tx, name string) (*RequirementSet, error) {
	r, err := one(tx, scanSet, setByName, graph.Key(name))
	if err != nil || r == nil {
		return nil, err
	}
	scopes, err := store.All(tx, scopesOfSet, scanScope, r.ID)
	for _, s := range scopes {
		if !slices.Contains(r.BranchIDs, s.branch) {
			r.BranchIDs = append(r.BranchIDs, s.branch)
		}
		if s.category != 0 && !slices.Contains(r.CategoryIDs, s.category) {
			r.CategoryIDs = append(r.CategoryIDs, s.category)
		}
	}
	slices.Sort(r.CategoryIDs)
	return r, err
}

// PutRequirementSet has the set of r's name be as r says, and fills in what the
// server decides; it reports whether that changed anything. NotFound for a branch,
// Invalid: for what makes no sense, and where another set is for the same branch and
// category.
func PutRequirementSet(tx *store.Tx, r *RequirementSet) (changed bool, err error) {
	r.tidy()
	if err := r.check(tx); err != nil {
		return false, err
	}
	before, err := RequirementSetByName(tx, r.Name)
	if err != nil {
		return false, err
	}
	change := roster.Change{Operation: "requirement_set.create", SubjectType: "requirement_set", After: r.fields()}
	query := setInsert
	r.CreatedAt, r.UpdatedAt, r.Revision = tx.Now, tx.Now, tx.Revision
	if before != nil {
		if before.text() == r.text() {
			*r = *before
			return false, nil
		}
		query, r.ID, r.CreatedAt = setUpdate, before.ID, before.CreatedAt
		change.Operation, change.Before = "requirement_set.update", before.fields()
	} else if r.ID, err = tx.NextID(requirementSets); err != nil {
		return false, err
	}
	start, err := json.Marshal(r.Start)
	if err != nil {
		return false, err
	}
	if _, err := tx.Exec(query, r.ID, r.Name, graph.Key(r.Name), string(start), r.CreatedAt, r.UpdatedAt, r.Revision); err != nil {
		return false, err
	}
	change.SubjectID = r.ID
	tx.Record(change)
	return true, r.saveScopes(tx)
}

// tidy sorts what has no order.
func (r *RequirementSet) tidy() {
	for _, ids := range []*[]int64{&r.BranchIDs, &r.CategoryIDs} {
		*ids = slices.Compact(slices.Sorted(slices.Values(*ids)))
	}
	for _, words := range []*[]string{&r.Start.Require, &r.Start.LicenseCategories} {
		*words = slices.Compact(slices.Sorted(slices.Values(*words)))
	}
}

func (r *RequirementSet) scopes() (all []scope) {
	categories := r.CategoryIDs
	if len(categories) == 0 {
		categories = []int64{0}
	}
	for _, branch := range r.BranchIDs {
		for _, category := range categories {
			all = append(all, scope{branch, category})
		}
	}
	return all
}

func (r *RequirementSet) saveScopes(tx *store.Tx) error {
	if _, err := tx.Exec(scopeDelete, r.ID); err != nil {
		return err
	}
	mine := r.scopes()
	var taken error
	err := tx.EachIn(scopesOfBranch, r.BranchIDs, func(s store.Scanner) error {
		c, err := scanScope(s)
		if err == nil && slices.Contains(mine, c.scope) {
			taken = roster.FieldError("branches", "another set is for branch %d and the same vehicle categories", c.branch)
		}
		return err
	})
	if err != nil {
		return err
	}
	if taken != nil {
		return taken
	}
	rows := make([][]any, len(mine))
	for i, s := range mine {
		rows[i] = []any{s.branch, s.category, r.ID}
	}
	return tx.ExecMany(scopeInsert, rows)
}

func (r *RequirementSet) check(tx *store.Tx) error {
	if r.Name == "" || utf8.RuneCountInString(r.Name) > maxName {
		return roster.FieldError("name", "must have 1 to %d characters", maxName)
	}
	if len(r.BranchIDs) == 0 {
		return roster.FieldError("branches", "a requirement set is for one branch at least")
	}
	if err := r.Start.check(); err != nil {
		return err
	}
	tree, err := identity.Branches(tx)
	if err != nil {
		return err
	}
	for _, id := range r.BranchIDs {
		if _, err := tree.Find(id); err != nil {
			return err
		}
	}
	categories, err := Categories(tx)
	if err != nil {
		return err
	}
	for _, id := range r.CategoryIDs {
		if !slices.ContainsFunc(categories, func(c *Category) bool { return c.ID == id }) {
			return roster.FieldError("vehicleCategories", "there is no vehicle category %d", id)
		}
	}
	return nil
}

func (s *StartRequirements) check() error {
	for field, age := range map[string]int64{"minimumAge": s.MinimumAge, "maximumAge": s.MaximumAge} {
		if age < 0 || age > 150 {
			return roster.FieldError(field, "must be between 0 and 150 years")
		}
	}
	if s.MaximumAge != 0 && s.MaximumAge < s.MinimumAge {
		return roster.FieldError("maximumAge", "must not be less than minimumAge")
	}
	for field, meters := range map[string]int64{"reservationMaximumDistance": s.ReservationMaximumDistance, "rentalMaximumDistance": s.RentalMaximumDistance} {
		if meters < 0 || meters > 20_100_000 {
			return roster.FieldError(field, "must be between 0 and 20100000 meters")
		}
	}
	for _, code := range s.Require {
		switch k := kindOf[code]; {
		case k == nil || !k.settable:
			return roster.FieldError("require", "%q is no requirement that a set can ask", code)
		case k.bound != nil && !k.bound(s):
			return roster.FieldError("require", "%s needs a bound", code)
		}
	}
	for _, category := range s.LicenseCategories {
		if !slices.Contains(LicenseCategories, category) {
			return roster.FieldError("licenseCategories", "there is no category %q of driving licenses", category)
		}
	}
	return nil
}
