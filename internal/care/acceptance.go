package care

import (
	"context"
	"slices"

	"github.com/rosterhq/roster/internal/identity"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/store"
)

// How a customer stands to the terms of a branch (decision 41).
const (
	Accepted    = "ACCEPTED"     // the current ones
	Outdated    = "OUTDATED"     // others of the branch or of one above it
	NotAccepted = "NOT_ACCEPTED" // none
	NotRequired = "NOT_REQUIRED" // there are none, or they needn't be
)

// Who accepts.
const (
	ByCustomer = "CUSTOMER"
	ByOperator = "OPERATOR"
)

// Acceptance is that a customer accepted terms for a branch, at AcceptedAt (µs UTC).
type Acceptance struct {
	PersonID, BranchID int64
	TermsID, Version   int64
	AcceptedAt         int64
	By                 string
	OperatorID         int64 // 0 for none
}

const acceptanceColumns = `a.person_id, a.branch_id, a.terms_id, t.version, a.accepted_at, a.accepted_by, a.operator_id`

var (
	acceptancesOf = store.Q("terms_acceptance.of_person", `SELECT `+acceptanceColumns+` FROM terms_acceptances a
		JOIN terms t ON t.tenant = a.tenant AND t.id = a.terms_id
		WHERE a.tenant = $1 AND a.person_id = $2 ORDER BY a.accepted_at, a.terms_id, a.branch_id`)
	acceptanceInsert = store.Q("terms_acceptance.insert", `INSERT INTO terms_acceptances
		(tenant, person_id, branch_id, terms_id, accepted_at, accepted_by, operator_id) VALUES ($1, $2, $3, $4, $5, $6, $7)`)
)

func scanAcceptance(s store.Scanner) (a Acceptance, err error) {
	return a, s.Scan(&a.PersonID, &a.BranchID, &a.TermsID, &a.Version, &a.AcceptedAt, &a.By, &a.OperatorID)
}

// AcceptancesOf reads all that a customer accepted, the earliest first.
func AcceptancesOf(tx *store.Tx, person int64) ([]Acceptance, error) {
	return store.All(tx, acceptancesOf, scanAcceptance, person)
}

// State tells how someone who accepted those stands to the terms of a branch at a
// time. Terms that were accepted for one branch are accepted wherever they count.
func (b *Book) State(tree *identity.Tree, branch, now int64, all []Acceptance) string {
	current := b.Current(tree, branch, now)
	if current == nil {
		return NotRequired
	}
	if slices.ContainsFunc(all, func(a Acceptance) bool { return a.TermsID == current.ID }) {
		return Accepted
	}
	if slices.ContainsFunc(all, func(a Acceptance) bool { return a.BranchID == branch || b.inChain(tree, branch, a.TermsID) }) {
		return Outdated
	}
	return NotAccepted
}

// AcceptanceState reads how a customer stands to the terms of a branch now. NotFound
// for the branch.
func AcceptanceState(tx *store.Tx, person, branch int64) (string, error) {
	tree, err := identity.Branches(tx)
	if err != nil {
		return "", err
	}
	if _, err := tree.Find(branch); err != nil {
		return "", err
	}
	required, err := identity.TermsAcceptanceRequired.In(tx, tree, branch)
	if err != nil {
		return "", err
	}
	if !required {
		return NotRequired, nil
	}
	book, err := ReadBook(tx)
	if err != nil {
		return "", err
	}
	all, err := AcceptancesOf(tx, person)
	return book.State(tree, branch, tx.Now, all), err
}

// AcceptTerms has a customer accept terms for a branch: those that count there now
// where terms is 0, else any version of the branch's chain. What is accepted already
// stands as it was. An actor of the operations API accepts for the customer.
// NotFound for the customer, the branch, a branch without terms, or the terms
// (CodeUnknownTerms); Invalid with CodeForeignTerms; Conflict for a deleted
// customer; Forbidden with CodeOperatorAcceptance.
func AcceptTerms(tx *store.Tx, person, branch, terms int64) (*Acceptance, error) {
	tree, err := identity.Branches(tx)
	if err != nil {
		return nil, err
	}
	if _, err := livingCustomer(tx, person); err != nil {
		return nil, err
	}
	t, err := acceptable(tx, tree, branch, terms)
	if err != nil {
		return nil, err
	}
	a := Acceptance{PersonID: person, BranchID: branch, TermsID: t.ID, Version: t.Version, AcceptedAt: tx.Now, By: ByCustomer}
	if err := operatorAccepts(tx, tree, &a); err != nil {
		return nil, err
	}
	all, err := AcceptancesOf(tx, person)
	if err != nil {
		return nil, err
	}
	for i := range all {
		if all[i].BranchID == branch && all[i].TermsID == t.ID {
			return &all[i], nil
		}
	}
	if _, err := tx.Exec(acceptanceInsert, person, branch, t.ID, a.AcceptedAt, a.By, a.OperatorID); err != nil {
		return nil, err
	}
	tx.Emit(acceptancePut{person, branch})
	tx.Record(roster.Change{Operation: "terms.accept", SubjectType: "terms_acceptance", SubjectID: person, ObjectID: t.ID, After: map[string]any{
		"branchId": branch, "tacId": t.ID, "version": t.Version, "acceptedBy": a.By,
	}})
	return &a, nil
}

func livingCustomer(tx *store.Tx, person int64) (*identity.Customer, error) {
	c, err := identity.AnyCustomer(tx, person)
	if err == nil && c.BlockState == identity.Deleted {
		err = roster.Errorf(roster.Conflict, identity.CodeCustomerDeleted, "the customer is deleted")
	}
	return c, err
}

// acceptable finds the terms that a customer may accept for a branch.
func acceptable(tx *store.Tx, tree *identity.Tree, branch, terms int64) (*Terms, error) {
	if _, err := tree.Find(branch); err != nil {
		return nil, err
	}
	book, err := ReadBook(tx)
	if err != nil {
		return nil, err
	}
	if terms == 0 {
		if t := book.Current(tree, branch, tx.Now); t != nil {
			return t, nil
		}
		return nil, roster.Errorf(roster.NotFound, "", "the branch has no terms and conditions")
	}
	switch t := book.byID[terms]; {
	case t == nil:
		return nil, roster.Errorf(roster.NotFound, CodeUnknownTerms, "there are no such terms and conditions")
	case !book.inChain(tree, branch, terms):
		return nil, &roster.Error{Kind: roster.Invalid, Code: CodeForeignTerms, Field: "tacId", Msg: "must be terms and conditions of the branch, or of one above it"}
	default:
		return t, nil
	}
}

// operatorAccepts says in a who accepts where that is an operator, if they may.
func operatorAccepts(tx *store.Tx, tree *identity.Tree, a *Acceptance) error {
	actor := tx.Actor()
	if actor.API != roster.OperationsAPI {
		return nil
	}
	a.By, a.OperatorID = ByOperator, actor.PersonID
	allowed, err := identity.OperatorAcceptance.In(tx, tree, a.BranchID)
	if err == nil && !allowed {
		err = roster.Errorf(roster.Forbidden, CodeOperatorAcceptance, "operators may not accept terms for customers here")
	}
	return err
}

// AcceptTerms is the rider's own acceptance of terms for a branch, 0 for the current
// ones; see the function of that name for its errors.
func (c *Care) AcceptTerms(ctx context.Context, a roster.Actor, branch, terms int64) (accepted *Acceptance, err error) {
	err = c.db.Write(ctx, a, func(tx *store.Tx) error {
		accepted, err = AcceptTerms(tx, a.PersonID, branch, terms)
		return err
	})
	return accepted, err
}

// TermsOf reads the terms that count at a branch now, nil for none, and how the rider
// stands to them. NotFound for the branch.
func (c *Care) TermsOf(ctx context.Context, a roster.Actor, branch int64) (terms *Terms, state string, err error) {
	err = c.db.Read(ctx, a.Tenant.ID, func(tx *store.Tx) error {
		if state, err = AcceptanceState(tx, a.PersonID, branch); err != nil {
			return err
		}
		tree, err := identity.Branches(tx)
		if err != nil {
			return err
		}
		terms, err = CurrentTerms(tx, tree, branch, tx.Now)
		return err
	})
	return terms, state, err
}
