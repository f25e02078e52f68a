package business

import (
	"context"
	"encoding/json"
	"slices"
	"strings"

	"github.com/rosterhq/roster/internal/graph"
	"github.com/rosterhq/roster/internal/identity"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/store"
)

// AccountFilter narrows a list of accounts; a zero field does not.
type AccountFilter struct {
	BranchID              int64
	ChildBranches         bool   // those below BranchID, too
	Name                  string // a part of the name
	Code                  string // the whole code
	Search                string // a part of name, code, or a tag
	States, PaymentStates []string
	Tags                  []string // one of them
}

// accountRow is what a list of accounts is searched and ordered by.
type accountRow struct {
	id, branch, createdAt int64
	code, key             string // key is the name, folded
	state, paymentState   string
	tags                  []string // folded
}

var accountRows = store.Q("account.list", `SELECT a.id, a.branch_id, a.created_at, a.code, a.name_key, a.state, a.payment_state, a.tags
	FROM business_accounts a WHERE a.tenant = $1 AND a.state <> 'DELETED'`).Whole("lists are searched in memory, which reads all when one has changed")

var accountRowOrders = map[string]order[*accountRow]{
	"id":        ordering(func(r *accountRow) int64 { return r.id }),
	"name":      ordering(func(r *accountRow) string { return r.key }),
	"code":      ordering(func(r *accountRow) string { return r.code }),
	"createdAt": ordering(func(r *accountRow) int64 { return r.createdAt }),
}

func scanAccountRow(s store.Scanner) (*accountRow, error) {
	r := &accountRow{}
	var tags string
	if err := s.Scan(&r.id, &r.branch, &r.createdAt, &r.code, &r.key, &r.state, &r.paymentState, &tags); err != nil {
		return nil, err
	}
	var all []string
	if err := json.Unmarshal([]byte(tags), &all); err != nil {
		return nil, err
	}
	for _, tag := range all {
		r.tags = append(r.tags, graph.Key(tag))
	}
	return r, nil
}

// Accounts lists the accounts of a branch, or of those below it too, and how many
// there are; it counts no member of those beside the page. Orders id, name, code,
// createdAt. NotFound with identity.CodeNoBranch, Forbidden with
// identity.CodeBranchOfOther.
func (o Office) Accounts(ctx context.Context, a roster.Actor, f AccountFilter, p roster.Page) (page []*AccountView, total int, err error) {
	powers, err := o.identity.PowersOf(ctx, a)
	if err != nil {
		return nil, 0, err
	}
	if err := powers.NeedAt(readGroups, f.BranchID); err != nil {
		return nil, 0, err
	}
	all, err := o.b.memos.lists.Get(ctx, a.Tenant.ID, struct{}{}, func(tx *store.Tx) ([]*accountRow, error) {
		return store.All(tx, accountRows, scanAccountRow)
	})
	if err != nil {
		return nil, 0, err
	}
	rows, total, err := pageOf(f.of(powers.Tree(), all), p, accountRowOrders)
	if err != nil {
		return nil, 0, err
	}
	ids := make([]int64, len(rows))
	for i, r := range rows {
		ids[i] = r.id
	}
	err = o.b.db.Read(ctx, a.Tenant.ID, func(tx *store.Tx) error {
		found, err := AccountsByID(tx, ids)
		if err != nil {
			return err
		}
		accounts := make([]*Account, 0, len(ids))
		for _, id := range ids {
			if acc := found[id]; acc != nil && acc.State != AccountDeleted {
				accounts = append(accounts, acc)
			}
		}
		page, err = viewAccounts(tx, accounts)
		return err
	})
	return page, total, err
}

// of are the rows that a filter takes.
func (f *AccountFilter) of(tree *identity.Tree, all []*accountRow) []*accountRow {
	branches := map[int64]bool{f.BranchID: true}
	if f.ChildBranches {
		for _, id := range tree.Below(f.BranchID) {
			branches[id] = true
		}
	}
	name, search, code := graph.Key(f.Name), graph.Key(f.Search), codeKey(f.Code)
	wanted := make([]string, len(f.Tags))
	for i, tag := range f.Tags {
		wanted[i] = graph.Key(tag)
	}
	var rows []*accountRow
	for _, r := range all {
		if branches[r.branch] && strings.Contains(r.key, name) && (code == "" || r.code == code) &&
			(search == "" || strings.Contains(r.key, search) || containsFolded(search, r.code) || slices.ContainsFunc(r.tags, func(t string) bool { return strings.Contains(t, search) })) &&
			(len(f.States) == 0 || slices.Contains(f.States, r.state)) &&
			(len(f.PaymentStates) == 0 || slices.Contains(f.PaymentStates, r.paymentState)) &&
			(len(wanted) == 0 || slices.ContainsFunc(r.tags, func(t string) bool { return slices.Contains(wanted, t) })) {
			rows = append(rows, r)
		}
	}
	return rows
}
