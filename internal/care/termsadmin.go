package care

import (
	"context"
	"errors"
	"slices"

	"github.com/rosterhq/roster/internal/graph"
	"github.com/rosterhq/roster/internal/identity"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/store"
)

// CodeTermsAccepted says that somebody accepted the terms, so that they stay as they are.
const CodeTermsAccepted = "U692"

var (
	termsIn     = store.Q("terms.in", `SELECT `+termsColumns+` FROM terms WHERE tenant = $1 AND id IN ($2)`).In()
	termsUpdate = store.Q("terms.update", `UPDATE terms SET text = $3, url = $4, privacy_text = $5, privacy_url = $6, valid_from = $7, revision = $8
		WHERE tenant = $1 AND id = $2`)
	termsDelete   = store.Q("terms.delete", `DELETE FROM terms WHERE tenant = $1 AND id = $2`)
	termsAccepted = store.Q("terms_acceptance.any_of", `SELECT 1 FROM terms_acceptances WHERE tenant = $1 AND terms_id = $2 LIMIT 1`)
	termsCounts   = store.Q("terms_acceptance.counts", `SELECT terms_id, count(DISTINCT person_id) FROM terms_acceptances
		WHERE tenant = $1 AND terms_id IN ($2) GROUP BY terms_id`).In()
)

// TermsView is a version of terms as those see it who administer them.
type TermsView struct {
	*Terms

	Current  bool // they count at their branch now
	Accepted int  // how many customers accepted them
}

// TermsFilter says which terms a list is about.
type TermsFilter struct {
	BranchID int64 // those of the branch itself; 0 for all that the operator sees
	Current  bool  // those that count now alone: at the branch, though they be of one above it
}

// ListTerms lists versions of terms, by id, and counts them: those of branches where
// the actor holds TERMS_READ, and those of a branch above that count there. NotFound
// with identity.CodeNoBranch, Forbidden.
func (c *Care) ListTerms(ctx context.Context, a roster.Actor, f TermsFilter, page roster.Page) (views []*TermsView, total int, err error) {
	err = c.readAs(ctx, a, func(tx *store.Tx, p *identity.Powers) error {
		need := p.Need(readTermsPermission)
		if f.BranchID != 0 {
			need = p.NeedAt(readTermsPermission, f.BranchID)
		}
		if need != nil {
			return need
		}
		book, err := ReadBook(tx)
		if err != nil {
			return err
		}
		ids := book.list(p, f, tx.Now)
		slices.Sort(ids)
		if len(page.Sort) == 0 || page.Sort[0].Desc {
			slices.Reverse(ids)
		}
		total = len(ids)
		from := min(page.Offset, total)
		ids = ids[from:min(from+page.Limit, total)]
		views, err = viewTerms(tx, p, book, ids)
		return err
	})
	return views, total, err
}

const (
	readTermsPermission  = "TERMS_READ"
	writeTermsPermission = "TERMS_WRITE"
)

// list finds the versions that an operator sees and a filter lets through.
func (b *Book) list(p *identity.Powers, f TermsFilter, now int64) (ids []int64) {
	if f.BranchID != 0 && f.Current {
		if t := b.Current(p.Tree(), f.BranchID, now); t != nil {
			ids = append(ids, t.ID)
		}
		return ids
	}
	for id, t := range b.byID {
		if f.BranchID != 0 && t.BranchID != f.BranchID || f.Current && !b.isCurrent(p.Tree(), t, now) {
			continue
		}
		if b.shows(p, t, now) {
			ids = append(ids, id)
		}
	}
	return ids
}

// shows reports whether an operator sees terms: they do where they hold TERMS_READ on
// the terms' branch, or on one where these count.
func (b *Book) shows(p *identity.Powers, t *Terms, now int64) bool {
	return p.At(readTermsPermission, t.BranchID) || slices.ContainsFunc(p.Branches(readTermsPermission), func(branch int64) bool {
		current := b.Current(p.Tree(), branch, now)
		return current != nil && current.ID == t.ID
	})
}

func (b *Book) isCurrent(tree *identity.Tree, t *Terms, now int64) bool {
	current := b.Current(tree, t.BranchID, now)
	return current != nil && current.ID == t.ID
}

// viewTerms reads versions, in the order of ids.
func viewTerms(tx *store.Tx, p *identity.Powers, book *Book, ids []int64) ([]*TermsView, error) {
	found := map[int64]*TermsView{}
	err := tx.EachIn(termsIn, ids, func(s store.Scanner) error {
		t, err := scanTerms(s)
		found[t.ID] = &TermsView{Terms: t, Current: book.isCurrent(p.Tree(), t, tx.Now)}
		return err
	})
	if err != nil {
		return nil, err
	}
	err = tx.EachIn(termsCounts, ids, func(s store.Scanner) error {
		var id int64
		var n int
		err := s.Scan(&id, &n)
		if found[id] != nil {
			found[id].Accepted = n
		}
		return err
	})
	views := make([]*TermsView, len(ids))
	for i, id := range ids {
		views[i] = found[id]
	}
	return views, err
}

// termsFor reads a version for somebody who needs a permission on its branch. NotFound
// with CodeUnknownTerms, Forbidden.
func termsFor(tx *store.Tx, p *identity.Powers, id int64, permission string) (*Terms, error) {
	missing := roster.Errorf(roster.NotFound, CodeUnknownTerms, "there are no such terms and conditions")
	t, err := scanTerms(tx.Row(termsByID, id))
	if errors.Is(err, store.ErrNoRows) {
		return nil, missing
	}
	if err != nil {
		return nil, err
	}
	if p.At(permission, t.BranchID) {
		return t, nil
	}
	book, err := ReadBook(tx)
	switch {
	case err != nil:
		return nil, err
	case !book.shows(p, t, tx.Now):
		return nil, missing
	case permission == readTermsPermission:
		return t, nil
	}
	return nil, identity.NoPermission(permission, t.BranchID)
}

func viewOneTerms(tx *store.Tx, p *identity.Powers, id int64) (*TermsView, error) {
	book, err := ReadBook(tx)
	if err != nil {
		return nil, err
	}
	views, err := viewTerms(tx, p, book, []int64{id})
	if err != nil {
		return nil, err
	}
	return views[0], nil
}

// GetTerms reads a version. NotFound with CodeUnknownTerms, Forbidden.
func (c *Care) GetTerms(ctx context.Context, a roster.Actor, id int64) (v *TermsView, err error) {
	err = c.readAs(ctx, a, func(tx *store.Tx, p *identity.Powers) error {
		if _, err := termsFor(tx, p, id, readTermsPermission); err != nil {
			return err
		}
		v, err = viewOneTerms(tx, p, id)
		return err
	})
	return v, err
}

// CreateTerms makes the next version of a branch's terms, which counts from
// t.ValidFrom on, or at once: whoever accepted others is asked again. NotFound with
// identity.CodeNoBranch, Forbidden, Invalid.
func (c *Care) CreateTerms(ctx context.Context, a roster.Actor, t Terms) (v *TermsView, err error) {
	err = c.writeAs(ctx, a, func(tx *store.Tx, p *identity.Powers) error {
		if err := p.NeedAt(writeTermsPermission, t.BranchID); err != nil {
			return err
		}
		made := t
		if err := checkTerms(tx, &made); err != nil {
			return err
		}
		if made.URL == "" {
			return roster.FieldError("termsAndConditionsUrl", "must not be blank")
		}
		last, err := latestTerms(tx, made.BranchID)
		if err != nil {
			return err
		}
		made.Version = 1
		if last != nil {
			made.Version = last.Version + 1
		}
		if made.ValidFrom == 0 {
			made.ValidFrom = tx.Now
		}
		if err := insertTerms(tx, &made); err != nil {
			return err
		}
		v, err = viewOneTerms(tx, p, made.ID)
		return err
	})
	return v, err
}

// UpdateTerms has a version read as t does; branch and version stay, and nobody is
// asked again. What was accepted changes its texts and addresses only where the change
// is a minor one: Conflict with CodeTermsAccepted. NotFound, Forbidden, Precondition,
// Invalid.
func (c *Care) UpdateTerms(ctx context.Context, a roster.Actor, id int64, match graph.Match, t Terms, minor bool) (v *TermsView, err error) {
	err = c.writeAs(ctx, a, func(tx *store.Tx, p *identity.Powers) error {
		before, err := termsFor(tx, p, id, writeTermsPermission)
		if err != nil {
			return err
		}
		if match != nil {
			if err := match(before.Revision); err != nil {
				return err
			}
		}
		if err := before.change(tx, t, minor); err != nil {
			return err
		}
		v, err = viewOneTerms(tx, p, id)
		return err
	})
	return v, err
}

// change has the version read as another one does.
func (t *Terms) change(tx *store.Tx, as Terms, minor bool) error {
	after := *t
	after.Text, after.URL, after.PrivacyText, after.PrivacyURL = as.Text, as.URL, as.PrivacyText, as.PrivacyURL
	if as.ValidFrom != 0 {
		after.ValidFrom = as.ValidFrom
	}
	if after == *t {
		return nil
	}
	if err := checkTerms(tx, &after); err != nil {
		return err
	}
	if after.URL == "" {
		return roster.FieldError("termsAndConditionsUrl", "must not be blank")
	}
	accepted, err := tx.Exists(termsAccepted, t.ID)
	if err != nil {
		return err
	}
	if accepted && !minor {
		return &roster.Error{
			Kind: roster.Conflict, Code: CodeTermsAccepted,
			Msg: "these terms and conditions were accepted: make a new version, or say minorChange",
		}
	}
	if _, err := tx.Exec(termsUpdate, t.ID, after.Text, after.URL, after.PrivacyText, after.PrivacyURL, after.ValidFrom, tx.Revision); err != nil {
		return err
	}
	tx.Record(roster.Change{Operation: "terms.update", SubjectType: "terms", SubjectID: t.ID, ObjectID: t.BranchID, Before: termsFields(t), After: termsFields(&after)})
	return nil
}

func termsFields(t *Terms) TermsFields {
	return TermsFields{t.BranchID, t.Version, t.Text, t.URL, t.PrivacyText, t.PrivacyURL, t.ValidFrom}
}

// DeleteTerms deletes a version that nobody accepted; those before it, or of the branch
// above, count again. NotFound, Forbidden, Precondition, Conflict with
// CodeTermsAccepted.
func (c *Care) DeleteTerms(ctx context.Context, a roster.Actor, id int64, match graph.Match) error {
	return c.writeAs(ctx, a, func(tx *store.Tx, p *identity.Powers) error {
		t, err := termsFor(tx, p, id, writeTermsPermission)
		if err != nil {
			return err
		}
		if match != nil {
			if err := match(t.Revision); err != nil {
				return err
			}
		}
		accepted, err := tx.Exists(termsAccepted, id)
		if err != nil {
			return err
		}
		if accepted {
			return roster.Errorf(roster.Conflict, CodeTermsAccepted, "these terms and conditions were accepted, so they stay")
		}
		if _, err := tx.Exec(termsDelete, id); err != nil {
			return err
		}
		tx.Record(roster.Change{Operation: "terms.delete", SubjectType: "terms", SubjectID: id, ObjectID: t.BranchID, Before: termsFields(t)})
		return nil
	})
}

// AcceptTermsFor has a customer accept terms for a branch, by an operator: their home
// branch where branch is 0, the current terms where terms is 0. Errors are those of
// AcceptTerms; TERMS_ACCEPT must hold on the branch.
func (c *Care) AcceptTermsFor(ctx context.Context, a roster.Actor, customer, branch, terms int64) (accepted *Acceptance, err error) {
	const permission = "TERMS_ACCEPT"
	err = c.writeAs(ctx, a, func(tx *store.Tx, p *identity.Powers) error {
		of, err := ChangeableFor(tx, p, customer, permission)
		if err != nil {
			return err
		}
		at := branch
		if at == 0 {
			at = of.HomeBranchID
		}
		if err := p.NeedAt(permission, at); err != nil {
			return err
		}
		tx.Housekeeping()
		accepted, err = AcceptTerms(tx, customer, at, terms)
		return err
	})
	return accepted, err
}
