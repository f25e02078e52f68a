package care

import (
	"cmp"
	"unicode/utf8"

	"github.com/rosterhq/roster/internal/business"
	"github.com/rosterhq/roster/internal/identity"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/store"
)

// ratingFields are the fields of a rating as the change log spells them. The provider's
// reference may tell of a person, and is not in it.
type ratingFields struct {
	AccountID   int64  `json:"accountId"`
	AccountType string `json:"accountType"`
	Type        string `json:"type"`
	Status      string `json:"status"`
	Active      bool   `json:"active"`
	Provider    string `json:"provider"`
	Score       *int64 `json:"score,omitempty"`
	Reason      string `json:"reason,omitempty"`
	ValidFrom   int64  `json:"validFrom,omitempty"`
	ValidUntil  int64  `json:"validUntil,omitempty"`
	DecidedBy   int64  `json:"decidedBy,omitempty"`
	DecidedAt   int64  `json:"decidedAt,omitempty"`
}

func fieldsOfRating(r *Rating) ratingFields {
	return ratingFields{r.AccountID, r.AccountType, r.Type, r.Status, r.Active, r.Provider, r.Score, r.Reason, r.ValidFrom, r.ValidUntil, r.DecidedBy, r.DecidedAt}
}

// ratingSubject is the noun in the change log; ObjectID is the account's id.
const ratingSubject = "rating"

// insertRating adds a rating and fills in what the server decides.
func insertRating(tx *store.Tx, r *Rating) (err error) {
	if r.ID, err = tx.NextID(ratingIDs); err != nil {
		return err
	}
	r.CreatedBy, r.CreatedAt, r.Revision = tx.Actor().PersonID, tx.Now, tx.Revision
	if _, err := tx.Exec(ratingInsert, r.ID, r.AccountID, r.AccountType, r.Type, r.Status, r.Active, r.Provider, r.Score, r.Reason, r.Reference,
		r.ValidFrom, r.ValidUntil, r.CreatedBy, r.CreatedAt, r.DecidedBy, r.DecidedAt, r.Revision); err != nil {
		return err
	}
	tx.Record(roster.Change{Operation: "rating.create", SubjectType: ratingSubject, SubjectID: r.ID, ObjectID: r.AccountID, After: fieldsOfRating(r)})
	return nil
}

// saveRating writes a changed rating.
func saveRating(tx *store.Tx, operation string, before, after *Rating) error {
	after.Revision = tx.Revision
	if _, err := tx.Exec(ratingUpdate, after.ID, after.Status, after.Active, after.Score, after.Reason, after.Reference,
		after.ValidFrom, after.ValidUntil, after.DecidedBy, after.DecidedAt, after.Revision); err != nil {
		return err
	}
	tx.Record(roster.Change{
		Operation: operation, SubjectType: ratingSubject, SubjectID: after.ID, ObjectID: after.AccountID,
		Before: fieldsOfRating(before), After: fieldsOfRating(after),
	})
	return nil
}

// supersede takes the active rating, if any, from its place for another.
func (s standing) supersede(tx *store.Tx) error {
	if s.active == nil {
		return nil
	}
	after := s.active.at(tx.Now)
	after.Active = false
	return saveRating(tx, "rating.supersede", s.active, after)
}

// decide has a rating be decided now, until the time that is given, or else as long as
// the settings of the account's branch say.
func (r *Rating) decide(tx *store.Tx, branch int64, status, reason string, until int64) error {
	r.Status, r.Reason, r.ValidFrom, r.ValidUntil = status, cmp.Or(reason, r.Reason), tx.Now, until
	if status == RatingPending {
		return nil
	}
	r.DecidedBy, r.DecidedAt = tx.Actor().PersonID, tx.Now
	if until != 0 {
		return nil
	}
	tree, err := identity.Branches(tx)
	if err != nil {
		return err
	}
	days, err := identity.RatingValidityDays.In(tx, tree, branch)
	r.ValidUntil = tx.Now + days*day
	return err
}

// day is one of 24 hours in µs.
const day = 24 * 3600e6

// NewRating is a rating that somebody makes by hand.
type NewRating struct {
	Status     string // RatingPending, RatingApproved, RatingRejected
	Score      *int64
	Reason     string
	ValidUntil int64 // µs UTC; 0 for as long as the settings say
}

const (
	maxRatingReason = 1000
	maxScore        = 1000
)

func (in NewRating) check(now int64) error {
	switch {
	case in.Status != RatingPending && in.Status != RatingApproved && in.Status != RatingRejected:
		return roster.FieldError("status", "must be APPROVED, REJECTED or PENDING")
	case in.Score != nil && (*in.Score < 0 || *in.Score > maxScore):
		return roster.FieldError("score", "must be between 0 and %d", maxScore)
	case utf8.RuneCountInString(in.Reason) > maxRatingReason:
		return roster.FieldError("reason", "must have at most %d characters", maxRatingReason)
	case in.ValidUntil != 0 && in.ValidUntil <= now:
		return roster.FieldError("validUntil", "must lie in the future")
	}
	return nil
}

// rate makes a rating by hand, which is the account's active one from now on.
func (of ratedAccount) rate(tx *store.Tx, in NewRating) (*Rating, error) {
	if err := in.check(tx.Now); err != nil {
		return nil, err
	}
	s, err := standingOf(tx, of.id)
	if err != nil {
		return nil, err
	}
	if err := s.supersede(tx); err != nil {
		return nil, err
	}
	r := &Rating{AccountID: of.id, AccountType: of.kind, Type: ManualRating, Active: true, Provider: NoRatingProvider, Score: in.Score}
	if err := r.decide(tx, of.branch, in.Status, in.Reason, in.ValidUntil); err != nil {
		return nil, err
	}
	if err := insertRating(tx, r); err != nil {
		return nil, err
	}
	_, err = of.follow(tx)
	return r, err
}

// Rate makes a rating of a customer or a business account by hand, for who needs no
// permission. NotFound with CodeNoRatedAccount, Invalid.
func Rate(tx *store.Tx, account int64, in NewRating) (*Rating, error) {
	of, err := liveRated(tx, account)
	if err != nil {
		return nil, err
	}
	return of.rate(tx, in)
}

// liveRated reads an account that is not deleted. NotFound with CodeNoRatedAccount.
func liveRated(tx *store.Tx, id int64) (ratedAccount, error) {
	customers, err := identity.CustomersByID(tx, []int64{id})
	if err != nil {
		return ratedAccount{}, err
	}
	if c := customers[id]; c != nil {
		if c.BlockState == identity.Deleted {
			return ratedAccount{}, errNoRated()
		}
		return ratedAccount{id, RatedCustomer, c.HomeBranchID}, nil
	}
	g, err := business.LiveAccount(tx, id)
	if roster.IsKind(err, roster.NotFound) {
		return ratedAccount{}, errNoRated()
	}
	if err != nil {
		return ratedAccount{}, err
	}
	return ratedAccount{id, RatedGroup, g.BranchID}, nil
}
