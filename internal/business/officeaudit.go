package business

import (
	"context"
	"time"

	"github.com/rosterhq/roster/internal/identity"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/store"
)

// AuditQuery asks for changes of the log; its zero value for all of them.
type AuditQuery struct {
	// Account is a customer, any other person, or a group; 0 for any.
	Account int64
	// Person acted, or somebody acted for them; 0 for any.
	Person int64
	// Actor is one as the log names it; "" for any.
	Actor string
	// Operation is noun.verb, or "noun." for all of a noun; "" for any.
	Operation string
	API       string
	roster.Period
}

// Logged is a change of the log.
type Logged = store.LoggedChange

// Audit reads a part of the change log, by id, and tells how many changes there
// are in all: those that a permission let through on a branch where the caller may read
// the log, and all others too for who may on every root. Invalid for a period that is
// none.
func (o Office) Audit(ctx context.Context, a roster.Actor, q AuditQuery, page roster.Page) (all []Logged, total int, err error) {
	err = o.identity.ReadAs(ctx, a, func(tx *store.Tx, p *identity.Powers) error {
		zone, err := auditZone(tx, p, q.Account)
		if err != nil {
			return err
		}
		from, to, given, err := q.Past(zone, tx.Now)
		if err != nil {
			return err
		}
		if !given {
			from, to = 0, tx.Now+1
		}
		all, total, err = tx.Audit(&store.AuditFilter{
			Account: q.Account, About: aboutAccounts, Person: q.Person, Actor: q.Actor, From: from, To: to, Operation: q.Operation, API: q.API,
			Branches: p.Branches(readAudit), Everywhere: p.At(readAudit, 0),
		}, page.Sort[0].Desc, page.Offset, page.Limit)
		return err
	})
	return all, total, err
}

// auditZone is where dates are meant: at the business unit that bills the account, else
// the one of the first branch where the caller may read the log.
func auditZone(tx *store.Tx, p *identity.Powers, account int64) (*time.Location, error) {
	of, err := payerOf(tx, account)
	if err != nil && !roster.IsKind(err, roster.NotFound) {
		return nil, err
	}
	if err != nil {
		of = &payer{branch: p.Branches(readAudit)[0]}
	}
	return of.zone(tx, p.Tree())
}

// aboutAccounts tells what the ids of a change are: those of people and groups, which
// are numbered alike, or of other things.
func aboutAccounts(subjectType string) (subject, object bool) {
	switch subjectType {
	case "person", "user", "customer", "credential", "group", "business_account", "group_impact", "group_user", "terms_acceptance", "role_assignment", sourcesSubject:
		return true, false
	case "membership", memberSubject:
		return true, true
	case "session", sourceSubject, "invoice", "group_request", "cost_center", "voucher", "rating", "identity_card", "rental", "booking",
		"verification", "verification_attempt", "verification_media":
		return false, true
	}
	return false, false
}
