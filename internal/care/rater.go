package care

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/rosterhq/roster/internal/business"
	"github.com/rosterhq/roster/internal/identity"
	"github.com/rosterhq/roster/internal/jobs"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/store"
)

// Rater is a provider of ratings. It is asked by a job, outside of any transaction, and
// asked again, with the same Key, after an error that is no RatingRefused.
type Rater interface {
	Rate(ctx context.Context, q RatingQuery) (RatingAnswer, error)
}

// RatingQuery asks for one rating. What is not known is "".
type RatingQuery struct {
	// Key is the rating's own, for the provider to know a repeated question by.
	Key         string
	Tenant      roster.Tenant
	AccountType string // RatedCustomer, RatedGroup

	FirstName, LastName string // of a customer
	Birthdate           string // YYYY-MM-DD
	CompanyName         string // of a business account
	VATID               string

	Street, Postcode, City string
	Country                string // ISO 3166-1, two letters
}

// RatingAnswer is what a provider says of an account.
type RatingAnswer struct {
	Status     string // RatingApproved, RatingRejected, or RatingPending for a person to decide
	Score      *int64 // 0 to 1000; nil for none
	Reason     string
	ValidUntil int64 // µs UTC; 0 where the provider does not say
	Reference  string
}

// RatingRefused is the error of a provider that would answer the same if it were asked
// again. why says of it what is no personal data, and is shown with the rating.
func RatingRefused(why string) error { return jobs.Permanent(refusedRating(why)) }

type refusedRating string

func (r refusedRating) Error() string  { return string(r) }
func (r refusedRating) Reason() string { return string(r) }

// AddRater adds a provider by the name that the setting rating.provider has for it.
// Called when the program starts, and never later.
func (c *Care) AddRater(name string, r Rater) {
	c.raters[name] = r
}

// ratingArgs name the rating that a job asks for.
type ratingArgs struct {
	ID int64 `json:"id"`
}

// ratingAsk asks a provider, over about two hours.
var ratingAsk = jobs.Kind[ratingArgs]{Name: "rating.ask", Attempts: 8, Backoff: time.Minute}

// askRating asks the provider for a rating, and writes what it says together with the
// end of the job.
func (c *Care) askRating(ctx context.Context, tenant roster.Tenant, args ratingArgs) error {
	var r *Rating
	var q *RatingQuery
	err := c.db.Read(ctx, tenant.ID, func(tx *store.Tx) (err error) {
		if r, err = queuedRating(tx, args.ID); err == nil && r != nil {
			q, err = ratingQuery(tx, tenant, r)
		}
		return err
	})
	if err != nil || r == nil {
		return err
	}
	if q == nil {
		return c.endRating(ctx, args.ID, func(tx *store.Tx, r *Rating) error { return failRating(tx, r, "the account is deleted") })
	}
	rater := c.raters[r.Provider]
	if rater == nil {
		return RatingRefused("the provider is not set up")
	}
	answer, err := rater.Rate(ctx, *q)
	if err == nil {
		err = answer.check()
	}
	if err != nil {
		return err
	}
	return c.endRating(ctx, args.ID, func(tx *store.Tx, r *Rating) error { return answerRating(tx, r, answer) })
}

// endRating writes how a queued rating ended, once.
func (c *Care) endRating(ctx context.Context, id int64, end func(tx *store.Tx, r *Rating) error) error {
	return c.db.Write(ctx, jobs.Actor(ctx), func(tx *store.Tx) error {
		tx.Housekeeping() // where it has ended already
		r, err := queuedRating(tx, id)
		if err != nil {
			return err
		}
		if r != nil {
			if err := end(tx, r); err != nil {
				return err
			}
		}
		return jobs.Done(ctx, tx)
	})
}

// queuedRating reads a rating; nil for one that is not queued any more.
func queuedRating(tx *store.Tx, id int64) (*Rating, error) {
	rows, err := store.All(tx, ratingByID, scanRating, id)
	if err != nil || len(rows) == 0 || rows[0].Status != RatingQueued {
		return nil, err
	}
	return rows[0], nil
}

// ratingQuery is what is asked of an account; nil for one that is deleted.
func ratingQuery(tx *store.Tx, tenant roster.Tenant, r *Rating) (*RatingQuery, error) {
	_, err := liveRated(tx, r.AccountID)
	if roster.IsKind(err, roster.NotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	q := &RatingQuery{Key: "rating-" + tenant.Name + "-" + strconv.FormatInt(r.ID, 10), Tenant: tenant, AccountType: r.AccountType}
	if r.AccountType == RatedCustomer {
		c, err := identity.LiveCustomer(tx, r.AccountID)
		if err != nil {
			return nil, err
		}
		q.FirstName, q.LastName, q.Birthdate = c.FirstName, c.LastName, c.Birthdate
		q.Street, q.Postcode, q.City, q.Country = c.Street, c.Postcode, c.City, c.Country
		return q, nil
	}
	a, err := business.LiveAccount(tx, r.AccountID)
	if err != nil {
		return nil, err
	}
	q.CompanyName, q.VATID = a.Contact.CompanyName, a.Contact.VATID
	if q.CompanyName == "" {
		q.CompanyName = a.Name
	}
	at := a.Contact.BillingAddress
	q.Street, q.Postcode, q.City, q.Country = at.Street, at.Postcode, at.City, at.Country
	return q, nil
}

func (a RatingAnswer) check() error {
	if err := RatingLife.Check(RatingQueued, a.Status, byProvider); err != nil {
		return jobs.Permanent(fmt.Errorf("care: a provider answers %q", a.Status))
	}
	if a.Score != nil && (*a.Score < 0 || *a.Score > maxScore) {
		return jobs.Permanent(fmt.Errorf("care: a provider answers with the score %d", *a.Score))
	}
	return nil
}

// answerRating writes what the provider says. It takes the place of the active rating,
// unless an operator decided since the provider was asked.
func answerRating(tx *store.Tx, before *Rating, answer RatingAnswer) error {
	of, err := liveRated(tx, before.AccountID)
	if roster.IsKind(err, roster.NotFound) {
		return failRating(tx, before, "the account is deleted")
	}
	if err != nil {
		return err
	}
	s, err := standingOf(tx, of.id)
	if err != nil {
		return err
	}
	after := *before
	reason := before.Reason
	if answer.Reason != "" {
		reason = string([]rune(answer.Reason)[:min(maxRatingReason, len([]rune(answer.Reason)))])
	}
	if err := after.decide(tx, of.branch, answer.Status, reason, answer.ValidUntil); err != nil {
		return err
	}
	after.Score, after.Reference = answer.Score, answer.Reference
	current := s.current(tx.Now)
	if after.Active = current == nil || max(current.CreatedAt, current.DecidedAt) < before.CreatedAt; after.Active {
		if err := s.supersede(tx); err != nil {
			return err
		}
	}
	if err := saveRating(tx, "rating.answer", before, &after); err != nil {
		return err
	}
	_, err = of.follow(tx)
	return err
}

// failRating writes that a rating will not come. The account's credit status is what it
// was before.
func failRating(tx *store.Tx, before *Rating, why string) error {
	after := *before
	after.Status, after.Reason, after.DecidedAt = RatingFailed, why, tx.Now
	if err := saveRating(tx, "rating.fail", before, &after); err != nil {
		return err
	}
	of, err := liveRated(tx, before.AccountID)
	if roster.IsKind(err, roster.NotFound) {
		return nil
	}
	if err == nil {
		_, err = of.follow(tx)
	}
	return err
}

// registerRatings has r ask the providers for ratings.
func (c *Care) registerRatings(r *jobs.Runner) {
	ratingAsk.HandleOr(r, c.askRating, func(tx *store.Tx, args ratingArgs, reason string) error {
		before, err := queuedRating(tx, args.ID)
		if err != nil || before == nil {
			return err
		}
		return failRating(tx, before, "the provider gave no rating: "+reason)
	})
}
