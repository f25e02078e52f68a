// Package care is what an operator asks of customers and gives to them: terms and
// who accepted them, identity cards, vouchers, and ratings of their credit.
package care

import (
	"github.com/rosterhq/roster/internal/blob"
	"github.com/rosterhq/roster/internal/identity"
	"github.com/rosterhq/roster/internal/jobs"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/seal"
	"github.com/rosterhq/roster/internal/store"
)

// Sequences of ids.
const (
	termsIDs       store.Sequence = "terms"
	voucherableIDs store.Sequence = "voucherable"
	voucherIDs     store.Sequence = "voucher"
	cardIDs        store.Sequence = "identity_card"
	ratingIDs      store.Sequence = "rating"
	checkIDs       store.Sequence = "verification"
)

// Care knows the terms, cards and vouchers of db's tenants.
type Care struct {
	db    *store.DB
	rolls *rolls // of customers
	cards *store.Memo[struct{}, []cardRow]
	// These are what a back office asks for all day.
	powers   identity.KnownPowers
	dossiers *store.Memo[int64, *dossier]
	rules    *store.Memo[struct{}, rules]

	raters    map[string]Rater // providers of ratings, by name
	verifiers map[string]Verifier

	key   *seal.Key
	files *blob.Store
}

// Option says more of a new Care.
type Option func(*Care)

// WithFiles gives what keeps numbers of documents, and media, unreadable where they
// lie. Without, neither is kept.
func WithFiles(key *seal.Key, files *blob.Store) Option {
	return func(c *Care) { c.key, c.files = key, files }
}

// New makes the care of db's tenants and lets it follow db.
func New(db *store.DB, options ...Option) *Care {
	c := &Care{
		db:     db,
		rolls:  &rolls{tenants: map[roster.TenantID]*roll{}},
		cards:  store.NewMemo[struct{}, []cardRow](db, touchesCards),
		powers: identity.NewKnownPowers(db), dossiers: store.NewMemo[int64, *dossier](db, touchesDossier), rules: store.NewMemo[struct{}, rules](db, touchesRules),
		raters: map[string]Rater{}, verifiers: map[string]Verifier{},
	}
	for _, o := range options {
		o(c)
	}
	db.AddFollower(c.rolls)
	return c
}

// RegisterJobs has r do what care does later.
func (c *Care) RegisterJobs(r *jobs.Runner) {
	c.registerRatings(r)
	c.registerVerifications(r)
}
