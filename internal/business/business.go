// Package business is business accounts: who is in one and under which terms, who
// asks to be, its cost centers, and the ledger of what it owes.
//
// An account is a group of the graph, a member a membership in it. What only
// business knows of either stands beside: an account's row, and a member's
// properties, which stay when the member leaves and come back to life with the same
// member code. A person is in one account at most, and an account has one owner at
// most; the graph holds both, by rule and by index.
//
// Requests are asked by somebody who wants in (JOIN_REQUEST) or by somebody who has
// the say (INVITATION). One that is past its time is EXPIRED in every answer and
// counts as none, though its row may say so later. An invitation to an address
// belongs to whoever has that address verified. Nobody who invites learns whether an
// address is anybody's.
//
// Verbs on Business are those of the user API: they ask who the actor is in the
// account, then call what is spelled in lower case, or takes a transaction, which
// keeps the rules and is shared with whoever else may act on accounts.
//
// Money is roster.Amount, times µs UTC; zero is none.
package business

import (
	"github.com/rosterhq/roster/internal/jobs"
	"github.com/rosterhq/roster/internal/store"
)

// Business knows the tenants' business accounts.
type Business struct {
	db       *store.DB
	guard    Guard
	joins    joins
	memos    memos
	gateways map[string]Gateway
}

// New makes the business of db's tenants.
func New(db *store.DB) *Business {
	return &Business{db: db, memos: newMemos(db), gateways: map[string]Gateway{ManualGateway: manual{}}}
}

// RegisterJobs has r run what b does later, and mail by t. Called before r runs.
func (b *Business) RegisterJobs(r *jobs.Runner, t jobs.Transport) {
	b.registerRequests(r, t)
	b.registerLedgerJobs(r)
}
