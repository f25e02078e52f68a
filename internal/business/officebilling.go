package business

import (
	"cmp"
	"context"
	"slices"

	"github.com/rosterhq/roster/internal/identity"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/store"
)

// BillingSummary tells what an account was charged. NotFound with CodeNoAccount,
// Forbidden with CodeNoPermission; Invalid as the user API's.
func (o Office) BillingSummary(ctx context.Context, a roster.Actor, q SummaryQuery) (s *Summary, err error) {
	err = o.identity.ReadAs(ctx, a, func(tx *store.Tx, p *identity.Powers) error {
		acc, err := o.account(tx, p, q.AccountID, readBilling)
		if err != nil {
			return err
		}
		s, err = summarize(tx, acc, q)
		return err
	})
	return s, err
}

// PaymentSources lists those of an account's payment sources that the caller sees, at
// a branch where that is not 0, and logs that they were read. NotFound with CodeNoAccount or identity.CodeNoBranch,
// Forbidden with identity.CodeBranchOfOther.
func (o Office) PaymentSources(ctx context.Context, a roster.Actor, account, branch int64) (all []*PaymentSource, err error) {
	err = o.identity.WriteAs(ctx, a, func(tx *store.Tx, p *identity.Powers) error {
		acc, err := LiveAccount(tx, account)
		if err != nil {
			return err
		}
		if !p.On(readSources, acc.BranchID) {
			if err := p.NeedOn(readGroups, readGroups, errNoAccount(), acc.BranchID); err != nil {
				return err
			}
		}
		if all, err = VisibleSources(tx, p, account, branch); err != nil {
			return err
		}
		RecordSourcesRead(tx, account, cmp.Or(branch, acc.BranchID), all)
		return nil
	})
	return all, err
}

// sourcesSubject is the subject of reads of what an account pays with; its id is the
// account's.
const sourcesSubject = "payment_sources"

// RecordSourcesRead logs that an operator was shown those of an account's payment
// sources that a branch let them see.
func RecordSourcesRead(tx *store.Tx, account, branch int64, shown []*PaymentSource) {
	recordSourcesRead(tx, account, readSources, branch, shown)
}

// recordSourcesRead logs which of an account's payment sources somebody was shown, by a
// permission on a branch or, with "", by their being theirs.
func recordSourcesRead(tx *store.Tx, account int64, permission string, branch int64, shown []*PaymentSource) {
	ids := make([]int64, len(shown))
	for i, s := range shown {
		ids[i] = s.ID
	}
	tx.Record(roster.Change{
		Operation: "payment_source.read", SubjectType: sourcesSubject, SubjectID: account, After: map[string]any{"ids": ids}, Permission: permission, BranchID: branch,
	})
}

// VisibleSources reads those of an account's payment sources, a customer's or a
// business account's, that are for an operator to see: of branches where they may, and
// of the business unit that bills a branch, where that is not 0. NotFound with
// identity.CodeNoBranch, Forbidden with identity.CodeBranchOfOther.
func VisibleSources(tx *store.Tx, p *identity.Powers, account, branch int64) ([]*PaymentSource, error) {
	if branch != 0 {
		if err := p.NeedAt(readSources, branch); err != nil {
			return nil, err
		}
	}
	all, err := SourcesOf(tx, account)
	if err != nil {
		return nil, err
	}
	unit := p.Tree().Unit(branch)
	return slices.DeleteFunc(all, func(s *PaymentSource) bool {
		return !p.On(readSources, s.BranchID) || branch != 0 && s.BusinessUnitID != unit
	}), nil
}
