package care

import (
	"context"
	"unicode/utf8"

	"github.com/rosterhq/roster/internal/identity"
	"github.com/rosterhq/roster/internal/jobs"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/store"
)

// Permissions on ratings.
const (
	readRatings    = "RATING_READ"
	writeRatings   = "RATING_WRITE"
	triggerRatings = "RATING_TRIGGER"
)

// Ratings reads a page of the ratings of a customer or a business account, and tells how
// many there are. NotFound with CodeNoRatedAccount, Forbidden with
// identity.CodeNoPermission; Invalid as RatingsOf.
func (c *Care) Ratings(ctx context.Context, a roster.Actor, account int64, p roster.Page) (page []*Rating, total int, err error) {
	err = c.readAs(ctx, a, func(tx *store.Tx, powers *identity.Powers) error {
		if _, _, err := ratedFor(tx, powers, account, readRatings); err != nil {
			return err
		}
		page, total, err = RatingsOf(tx, account, p)
		return err
	})
	return page, total, err
}

// CreateRating makes a rating by hand, which takes the place of the active one. As
// Ratings; Invalid; Conflict with identity.CodeCustomerDeleted.
func (c *Care) CreateRating(ctx context.Context, a roster.Actor, account int64, in NewRating) (r *Rating, err error) {
	err = c.writeAs(ctx, a, func(tx *store.Tx, p *identity.Powers) error {
		of, err := rateableFor(tx, p, account, writeRatings)
		if err != nil {
			return err
		}
		r, err = of.rate(tx, in)
		return err
	})
	return r, err
}

// DecideRating approves or rejects the active rating, or makes one by hand where there
// is none; what stands so already stays as it is. It returns the account's credit
// status, too. As CreateRating; Conflict with CodeRatingUndecidable while the first
// answer of the provider is awaited.
func (c *Care) DecideRating(ctx context.Context, a roster.Actor, account int64, in NewRating) (r *Rating, credit string, err error) {
	err = c.writeAs(ctx, a, func(tx *store.Tx, p *identity.Powers) error {
		of, err := rateableFor(tx, p, account, writeRatings)
		if err != nil {
			return err
		}
		if err := in.check(tx.Now); err != nil {
			return err
		}
		s, err := standingOf(tx, account)
		if err != nil {
			return err
		}
		before := s.current(tx.Now)
		switch {
		case before != nil && before.Status == in.Status:
			r = before
		case before != nil:
			r, err = of.decide(tx, before, in)
		case s.queued != nil:
			return roster.Errorf(roster.Conflict, CodeRatingUndecidable, "the provider is being asked for the rating: wait for its answer, or create another rating")
		default:
			r, err = of.rate(tx, in)
		}
		if err != nil {
			return err
		}
		credit, err = of.follow(tx)
		return err
	})
	return r, credit, err
}

// decide is what an operator says of the active rating.
func (of ratedAccount) decide(tx *store.Tx, before *Rating, in NewRating) (*Rating, error) {
	if err := RatingLife.Check(before.Status, in.Status, byOperator); err != nil {
		return nil, err
	}
	after := *before
	if err := after.decide(tx, of.branch, in.Status, in.Reason, in.ValidUntil); err != nil {
		return nil, err
	}
	return &after, saveRating(tx, "rating.decide", before, &after)
}

// QueueRating has the provider of the account's branch asked for a rating, and tells
// whether another one is active, which counts until the answer. As Ratings; Invalid;
// Conflict with CodeNoRatingProvider, CodeRatingQueued, identity.CodeCustomerDeleted
// or, unless forced, CodeRatingActive where the settings refuse to ask while a rating
// is active.
func (c *Care) QueueRating(ctx context.Context, a roster.Actor, account int64, reason string, force bool) (r *Rating, active bool, err error) {
	if utf8.RuneCountInString(reason) > maxRatingReason {
		return nil, false, roster.FieldError("reason", "must have at most %d characters", maxRatingReason)
	}
	err = c.writeAs(ctx, a, func(tx *store.Tx, p *identity.Powers) error {
		of, err := rateableFor(tx, p, account, triggerRatings)
		if err != nil {
			return err
		}
		settings, err := identity.ReadSettings(tx, identity.RatingProvider.Name, identity.RatingRefuseWhileActive.Name)
		if err != nil {
			return err
		}
		provider, err := identity.RatingProvider.At(settings, p.Tree(), of.branch)
		if err != nil {
			return err
		}
		if c.raters[provider] == nil {
			return roster.Errorf(roster.Conflict, CodeNoRatingProvider, "no provider rates credit here: rating.provider says which one does")
		}
		refuses, err := identity.RatingRefuseWhileActive.At(settings, p.Tree(), of.branch)
		if err != nil {
			return err
		}
		s, err := standingOf(tx, account)
		if err != nil {
			return err
		}
		active = s.current(tx.Now) != nil
		switch {
		case s.queued != nil:
			return roster.Errorf(roster.Conflict, CodeRatingQueued, "a rating is queued already")
		case active && refuses && !force:
			return roster.Errorf(roster.Conflict, CodeRatingActive, "there is an active rating, and asking for another may cost something: force says to ask nevertheless")
		}
		r = &Rating{AccountID: of.id, AccountType: of.kind, Type: AutomatedRating, Status: RatingQueued, Provider: provider, Reason: reason}
		if err := insertRating(tx, r); err != nil {
			return err
		}
		if err := jobs.Enqueue(tx, ratingAsk.Job(ratingArgs{r.ID})); err != nil {
			return err
		}
		_, err = of.follow(tx)
		return err
	})
	return r, active, err
}
