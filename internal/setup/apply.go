package setup

import (
	"encoding/json"
	"fmt"

	"github.com/rosterhq/roster/internal/identity"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/store"
)

// Report is what applying a file did.
type Report struct {
	// Counts are the nouns of the file, in its order.
	Counts []Count `json:"counts"`
	// Clients are the API clients that were made, with their keys, which are kept
	// nowhere.
	Clients []NewClient `json:"clients,omitempty"`
}

// Count is how many things of a noun were made or changed, and how many were as
// the file says already.
type Count struct {
	Noun    string `json:"noun"`
	Changed int    `json:"changed"`
	Same    int    `json:"same"`
}

// NewClient is an API client that was just made.
type NewClient struct {
	ClientID  string `json:"clientId"`
	ClientKey string `json:"clientKey"`
}

// Application is a file about to be applied. Its secrets are drawn before, so that
// a transaction that runs twice makes the same.
type Application struct {
	document   *Document
	secrets    [][]byte // of the API clients
	putSetting func(tx *store.Tx, name string, branch int64, value json.RawMessage) (changed bool, err error)
}

// New prepares a file to be applied.
func New(d *Document) *Application {
	a := &Application{document: d, putSetting: identity.PutBranchSetting}
	for range d.APIClients {
		a.secrets = append(a.secrets, identity.NewSecret())
	}
	return a
}

// Sealing has settings that are secrets sealed by the identity's key. Without it, a file
// that sets one is refused.
func (a *Application) Sealing(i *identity.Identity) *Application {
	a.putSetting = i.PutBranchSetting
	return a
}

// Apply makes the tenant of tx be as the file says. Invalid, with everything that
// keeps it from that, each on a line with its place in the file.
func (a *Application) Apply(tx *store.Tx) (*Report, error) {
	w := &worker{tx: tx, Document: a.document, secrets: a.secrets, putSetting: a.putSetting, report: &Report{}}
	for _, step := range []func() error{
		w.applyUnits, w.applyBranches, w.applyCategories, w.applyTariffs, w.applyVehicles, w.applyRequirements, w.applySettings,
		w.applyTerms, w.applyVoucherables, w.applyRoles, w.applyOperators, w.applyCustomers, w.applyCards, w.applyClients, w.applyEmployees,
	} {
		if err := step(); err != nil {
			return nil, err
		}
	}
	if len(w.report.Counts) == 0 || !w.changed() {
		tx.Housekeeping()
	}
	return w.report, w.problems.err()
}

// worker applies one file in one transaction.
type worker struct {
	*Document
	tx         *store.Tx
	secrets    [][]byte
	putSetting func(tx *store.Tx, name string, branch int64, value json.RawMessage) (changed bool, err error)
	report     *Report
	problems   problems
	// What references are looked up in; nil when it changed since it was read.
	tree       *identity.Tree
	categories map[string]int64
}

func (w *worker) changed() bool {
	for _, c := range w.report.Counts {
		if c.Changed > 0 {
			return true
		}
	}
	return false
}

// each applies the things of one list. What a thing's own input keeps from being
// so is noted, and the next one follows; any other error ends it.
func each[T any](w *worker, noun string, all []T, put func(i int, thing *T) (changed bool, err error)) error {
	if len(all) == 0 {
		return nil
	}
	count := Count{Noun: noun}
	for i := range all {
		changed, err := put(i, &all[i])
		switch e := roster.AsError(err); {
		case err == nil && changed:
			count.Changed++
		case err == nil:
			count.Same++
		case e.Kind == roster.Internal || e.Kind == roster.Unavailable:
			return err
		default:
			w.note(at(noun, i), e)
		}
	}
	w.report.Counts = append(w.report.Counts, count)
	return nil
}

func (w *worker) note(place string, e *roster.Error) {
	if e.Field != "" {
		place += "." + e.Field
	}
	w.problems.add(place, "%s", e.Msg)
}

// branch returns the id of the branch with a code; 0 for "".
func (w *worker) branch(field, code string) (int64, error) {
	if code == "" {
		return 0, nil
	}
	if w.tree == nil {
		var err error
		if w.tree, err = identity.Branches(w.tx); err != nil {
			return 0, err
		}
	}
	if b := w.tree.ByCode(code); b != nil {
		return b.ID, nil
	}
	return 0, noSuch(field, "branch", code)
}

func noSuch(field, noun, code string) error {
	return roster.FieldError(field, "there is no %s %q, in this file or before", noun, code)
}

func (w *worker) applyBranches() error {
	return each(w, "branches", w.Branches, func(_ int, b *Branch) (bool, error) {
		parent, err := w.branch("parent", b.Parent)
		if err != nil {
			return false, err
		}
		unit, err := w.unit("businessUnit", b.BusinessUnit)
		if err != nil {
			return false, err
		}
		w.tree = nil
		return identity.PutBranch(w.tx, &identity.Branch{Code: b.Code, Name: b.Name, ParentID: parent, BusinessUnitID: unit, State: b.State})
	})
}

func (w *worker) applySettings() error {
	return each(w, "settings", w.Settings, func(_ int, s *Setting) (bool, error) {
		branch, err := w.branch("branch", s.Branch)
		if err != nil {
			return false, err
		}
		value, err := json.Marshal(s.Value)
		if err != nil {
			return false, roster.FieldError("value", "is no value that JSON has: %v", err)
		}
		return w.putSetting(w.tx, s.Key, branch, value)
	})
}

func (w *worker) applyRoles() error {
	roles := w.Roles
	if len(roles) == 0 && len(w.Operators)+len(w.APIClients) > 0 {
		standard, err := w.standardRoles()
		if err != nil {
			return err
		}
		roles = standard
	}
	return each(w, "roles", roles, func(_ int, r *Role) (bool, error) {
		return identity.PutRole(w.tx, identity.Role{Name: r.Name, Permissions: r.Permissions})
	})
}

// standardRoles are the roles that a tenant without any is to have.
func (w *worker) standardRoles() (roles []Role, err error) {
	have, err := identity.OperatorRoles(w.tx)
	if err != nil || len(have) > 0 {
		return nil, err
	}
	for _, r := range identity.StandardRoles {
		roles = append(roles, Role{r.Name, r.Permissions})
	}
	return roles, nil
}

func (w *worker) applyOperators() error {
	return each(w, "operators", w.Operators, func(_ int, o *Operator) (bool, error) {
		p, changed, err := identity.PutOperator(w.tx, o.Email, o.Name)
		if err != nil {
			return false, err
		}
		assigned, err := w.assign(identity.Assignee{PersonID: p.ID}, o.Assignments)
		return changed || assigned, err
	})
}

func (w *worker) assign(to identity.Assignee, all []Assignment) (changed bool, err error) {
	for i, a := range all {
		branch, err := w.branch(fmt.Sprintf("assignments[%d].branch", i), a.Branch)
		if err != nil {
			return false, err
		}
		assigned, err := identity.AssignRole(w.tx, to, a.Role, branch)
		if err != nil {
			return false, err
		}
		changed = changed || assigned
	}
	return changed, nil
}

func (w *worker) applyClients() error {
	return each(w, "apiClients", w.APIClients, func(i int, c *APIClient) (bool, error) {
		role := c.Role
		if api := roster.API(c.API); role == "" && (api == roster.UserAPI || api == roster.OperationsAPI) {
			role = "API_CLIENT"
		}
		id, key, err := identity.PutClient(w.tx, c.Name, roster.API(c.API), role, w.secrets[i])
		if err != nil {
			return false, err
		}
		if key != "" {
			w.report.Clients = append(w.report.Clients, NewClient{id, key})
		}
		assigned, err := w.assign(identity.Assignee{ClientID: id}, c.Assignments)
		return assigned || key != "", err
	})
}

func (w *worker) applyEmployees() error {
	return each(w, "organizationUsers", w.Organization, func(_ int, e *Employee) (bool, error) {
		return identity.PutEmployee(w.tx, e.Email, e.Name, e.Role)
	})
}
