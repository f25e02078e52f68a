package care

import (
	"github.com/rosterhq/roster/internal/business"
	"github.com/rosterhq/roster/internal/identity"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/store"
)

// Rating is how somebody judged the credit of a customer or a business account. One of
// an account's ratings is active: it gives the account its credit status. Times are µs
// UTC; 0 for none.
type Rating struct {
	ID          int64
	AccountID   int64
	AccountType string // RatedCustomer, RatedGroup
	Type        string // ManualRating, AutomatedRating
	Status      string // when it was read
	Active      bool   // when it was read
	Provider    string // NoRatingProvider for a manual one
	Score       *int64 // 0 to 1000, the higher the better; nil for none
	Reason      string // of who decided, or else of who asked
	Reference   string // the provider's
	ValidFrom   int64
	ValidUntil  int64
	CreatedBy   int64 // an operator; 0 for others
	CreatedAt   int64
	DecidedBy   int64 // an operator; 0 for others
	DecidedAt   int64
	Revision    int64
}

// Whose ratings are, and how they come about.
const (
	RatedCustomer = "CUSTOMER"
	RatedGroup    = "USER_GROUP"

	ManualRating    = "MANUAL"
	AutomatedRating = "AUTOMATED"

	NoRatingProvider = "NONE"
)

// States of a rating.
const (
	RatingQueued   = "QUEUED" // the provider is yet to answer
	RatingPending  = "PENDING"
	RatingApproved = "APPROVED"
	RatingRejected = "REJECTED"
	RatingExpired  = "EXPIRED"
	RatingFailed   = "FAILED"
)

// byProvider is who answers for a rating.
const byProvider = "provider"

// RatingLife is the life of a rating.
var RatingLife = roster.NewLifecycle(roster.Lifecycle{
	Noun:   "rating",
	Begins: []string{RatingQueued, RatingPending, RatingApproved, RatingRejected},
	NoStep: CodeRatingUndecidable, NotYours: CodeRatingUndecidable,
	Steps: []roster.Step{
		{From: []string{RatingQueued}, To: RatingApproved, By: []string{byProvider}, When: "the provider trusts the account"},
		{From: []string{RatingQueued}, To: RatingRejected, By: []string{byProvider}, When: "the provider does not"},
		{From: []string{RatingQueued}, To: RatingPending, By: []string{byProvider}, When: "the provider leaves it to a person, or does not know the account"},
		{From: []string{RatingQueued}, To: RatingFailed, By: []string{bySystem}, When: "the provider was asked in vain, or the account is deleted"},
		{From: []string{RatingPending, RatingRejected}, To: RatingApproved, By: []string{byOperator}, When: "approved"},
		{From: []string{RatingPending, RatingApproved}, To: RatingRejected, By: []string{byOperator}, When: "rejected"},
		{From: []string{RatingPending, RatingApproved, RatingRejected}, To: RatingExpired, By: []string{byTime}, When: "its validity ends"},
	},
})

const ratingColumns = `id, account_id, account_type, type, status, active, provider, score, reason, reference,
		valid_from, valid_until, created_by, created_at, decided_by, decided_at, revision`

var (
	ratingsNewest = store.Q("rating.newest", `SELECT `+ratingColumns+` FROM ratings
		WHERE tenant = $1 AND account_id = $2 ORDER BY id DESC LIMIT $3 OFFSET $4`)
	ratingsOldest = store.Q("rating.oldest", `SELECT `+ratingColumns+` FROM ratings
		WHERE tenant = $1 AND account_id = $2 ORDER BY id LIMIT $3 OFFSET $4`)
	ratingsCount    = store.Q("rating.count", `SELECT count(*) FROM ratings WHERE tenant = $1 AND account_id = $2`)
	ratingsStanding = store.Q("rating.standing", `SELECT `+ratingColumns+` FROM ratings
		WHERE tenant = $1 AND account_id = $2 AND (active OR status = 'QUEUED')`)
	ratingByID   = store.Q("rating.by_id", `SELECT `+ratingColumns+` FROM ratings WHERE tenant = $1 AND id = $2`)
	ratingInsert = store.Q("rating.insert", `INSERT INTO ratings (tenant, `+ratingColumns+`)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18)`)
	ratingUpdate = store.Q("rating.update", `UPDATE ratings SET status = $3, active = $4, score = $5, reason = $6, reference = $7,
		valid_from = $8, valid_until = $9, decided_by = $10, decided_at = $11, revision = $12 WHERE tenant = $1 AND id = $2`)
)

func scanRating(s store.Scanner) (*Rating, error) {
	r := &Rating{}
	return r, s.Scan(&r.ID, &r.AccountID, &r.AccountType, &r.Type, &r.Status, &r.Active, &r.Provider, &r.Score, &r.Reason, &r.Reference,
		&r.ValidFrom, &r.ValidUntil, &r.CreatedBy, &r.CreatedAt, &r.DecidedBy, &r.DecidedAt, &r.Revision)
}

// at is the rating as it is at a time: its row says EXPIRED only when another has taken
// its place.
func (r *Rating) at(now int64) *Rating {
	over := *r
	if r.ValidUntil != 0 && r.ValidUntil <= now && !RatingLife.Final(r.Status) {
		over.Status, over.Active = RatingExpired, false
	}
	return &over
}

// RatingsOf reads a page of an account's ratings, the newest first unless the page says
// id, ascending, and how many there are. Invalid for another order.
func RatingsOf(tx *store.Tx, account int64, p roster.Page) (page []*Rating, total int, err error) {
	query := ratingsNewest
	for _, s := range p.Sort {
		if s.Property != "id" {
			return nil, 0, roster.FieldError("sort", "ratings are sorted by id")
		}
	}
	if len(p.Sort) > 0 && !p.Sort[0].Desc {
		query = ratingsOldest
	}
	if err := tx.Row(ratingsCount, account).Scan(&total); err != nil {
		return nil, 0, err
	}
	page, err = store.All(tx, query, scanRating, account, p.Limit, p.Offset)
	for i, r := range page {
		page[i] = r.at(tx.Now)
	}
	return page, total, err
}

// standing are the ratings that an account's credit status follows from, as their rows
// are; nil for none.
type standing struct{ active, queued *Rating }

func standingOf(tx *store.Tx, account int64) (s standing, err error) {
	rows, err := store.All(tx, ratingsStanding, scanRating, account)
	for _, r := range rows {
		if r.Active {
			s.active = r
		} else {
			s.queued = r
		}
	}
	return s, err
}

// current is the active rating, unless it has expired.
func (s standing) current(now int64) *Rating {
	if s.active == nil || !s.active.at(now).Active {
		return nil
	}
	return s.active
}

// credit is the credit status that follows, and until when. What is decided counts while
// the provider is asked again.
func (s standing) credit(now int64) (status string, until int64) {
	current := s.current(now)
	switch {
	case current != nil && current.Status != RatingPending:
		return current.Status, current.ValidUntil
	case s.queued != nil:
		return identity.CreditPending, 0
	case current != nil:
		return identity.CreditPending, current.ValidUntil
	case s.active != nil:
		return identity.CreditExpired, 0
	}
	return identity.CreditUnknown, 0
}

// ratedAccount is a customer or a business account, as far as ratings go.
type ratedAccount struct {
	id     int64
	kind   string
	branch int64 // whose settings count
}

// ratedFor reads an account for somebody who needs a permission on one of its branches.
// A deleted customer is read, too. NotFound with CodeNoRatedAccount, Forbidden with
// identity.CodeNoPermission.
func ratedFor(tx *store.Tx, p *identity.Powers, id int64, permission string) (of ratedAccount, deleted bool, err error) {
	c, err := CustomerFor(tx, p, id, permission)
	if err == nil {
		return ratedAccount{id, RatedCustomer, c.HomeBranchID}, c.BlockState == identity.Deleted, nil
	}
	if !roster.IsKind(err, roster.NotFound) {
		return of, false, err
	}
	g, err := business.LiveAccount(tx, id)
	if roster.IsKind(err, roster.NotFound) {
		err = errNoRated()
	}
	if err != nil {
		return of, false, err
	}
	return ratedAccount{id, RatedGroup, g.BranchID}, false, p.NeedOn(permission, "USER_GROUP_READ", errNoRated(), g.BranchID)
}

// rateableFor is ratedFor for a call that changes ratings. Conflict with
// identity.CodeCustomerDeleted.
func rateableFor(tx *store.Tx, p *identity.Powers, id int64, permission string) (ratedAccount, error) {
	of, deleted, err := ratedFor(tx, p, id, permission)
	if err == nil && deleted {
		err = roster.Errorf(roster.Conflict, identity.CodeCustomerDeleted, "the customer is deleted")
	}
	return of, err
}

func errNoRated() error {
	return roster.Errorf(roster.NotFound, CodeNoRatedAccount, "there is no such customer or business account")
}

// follow gives the account the credit status that follows from its ratings.
func (of ratedAccount) follow(tx *store.Tx) (status string, err error) {
	s, err := standingOf(tx, of.id)
	if err != nil {
		return "", err
	}
	status, until := s.credit(tx.Now)
	if of.kind == RatedGroup {
		_, err = business.EditAccount(tx, of.id, nil, func(a *business.Account) error {
			a.CreditStatus, a.CreditUntil = status, until
			return nil
		})
	} else {
		_, err = identity.UpdateCustomer(tx, of.id, nil, func(c *identity.Customer) error {
			c.CreditStatus, c.CreditUntil = status, until
			return nil
		})
	}
	return status, err
}
