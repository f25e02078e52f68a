package care

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/rosterhq/roster/internal/identity"
	"github.com/rosterhq/roster/internal/jobs"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/store"
)

// verificationArgs name the verification that a job is about.
type verificationArgs struct {
	ID int64 `json:"id"`
}

// Jobs of verifications. The provider is asked over some hours.
var (
	verificationAsk = jobs.Kind[verificationArgs]{Name: "verification.ask", Attempts: 10, Backoff: time.Minute}
	mediaAsk        = jobs.Kind[verificationArgs]{Name: "verification.media", Attempts: 10, Backoff: time.Minute, Timeout: 5 * time.Minute}
	mediaSweep      = jobs.Kind[struct{}]{Name: "verification.sweep", Timeout: 10 * time.Minute}
)

// ProviderReported takes what a provider's webhook tells: that a check changed. The
// provider is asked by a job what it is now, so that events may come twice, late, or in
// any order. A check that is not known is left alone: it is some other system's.
func (c *Care) ProviderReported(ctx context.Context, tenant roster.Tenant, provider string, e VerificationEvent) error {
	a := roster.Actor{Tenant: tenant, ID: "provider:" + strings.ToLower(provider), API: roster.Background}
	return c.db.Write(ctx, a, func(tx *store.Tx) error {
		tx.Housekeeping()
		v, err := oneVerification(tx, verificationByRef, provider, e.Reference)
		if err != nil || v == nil {
			return err
		}
		if e.EventID != "" {
			first, err := identity.SeenEvent(tx, provider, e.EventID)
			if err != nil || !first {
				return err
			}
		}
		return jobs.Enqueue(tx, verificationAsk.Job(verificationArgs{v.ID}))
	})
}

func (c *Care) registerVerifications(r *jobs.Runner) {
	verificationAsk.Handle(r, c.askVerification)
	mediaAsk.Handle(r, c.fetchMedia)
	mediaSweep.Handle(r, c.sweepMedia)
	r.Every("verification.retention", 24*time.Hour, c.retainMedia)
}

func (c *Care) verification(ctx context.Context, tenant roster.Tenant, id int64) (v *Verification, verifier Verifier, err error) {
	err = c.db.Read(ctx, tenant.ID, func(tx *store.Tx) error {
		v, err = oneVerification(tx, verificationByID, id)
		return err
	})
	if err != nil || v == nil {
		return nil, nil, err
	}
	verifier = c.verifiers[v.Provider]
	if verifier == nil {
		return nil, nil, jobs.Permanent(errors.New("the provider is not set up"))
	}
	return v, verifier, nil
}

// askVerification asks the provider how a check stands, and writes it.
func (c *Care) askVerification(ctx context.Context, tenant roster.Tenant, args verificationArgs) error {
	v, verifier, err := c.verification(ctx, tenant, args.ID)
	if err != nil || v == nil {
		return err
	}
	result, err := verifier.Result(ctx, tenant, v.Reference)
	if err != nil {
		return err
	}
	return c.db.Write(ctx, jobs.Actor(ctx), func(tx *store.Tx) error {
		tx.Housekeeping()
		v, err := oneVerification(tx, verificationByID, args.ID)
		if err != nil || v == nil {
			return errors.Join(err, jobs.Done(ctx, tx))
		}
		if err := c.take(tx, v, result); err != nil {
			return err
		}
		return jobs.Done(ctx, tx)
	})
}

// take writes what a provider says: the attempt as it is now, and, where it follows
// from the verification's state and is no older decision, the state.
func (c *Care) take(tx *store.Tx, v *Verification, r VerificationResult) error {
	if _, err := identity.LiveCustomer(tx, v.PersonID); roster.IsKind(err, roster.NotFound) {
		return nil // what is deleted is not told anew
	}
	life := verificationLives[v.Kind]
	if !slices.Contains(life.States(), r.State) {
		return jobs.Permanent(errors.New("the provider tells a state that there is not"))
	}
	if err := c.fill(tx, v); err != nil {
		return err
	}
	if err := c.takeAttempt(tx, v, r); err != nil {
		return err
	}
	if r.State == v.State || r.DecidedAt != 0 && r.DecidedAt < v.DecidedAt || !life.Reaches(v.State, r.State, aProvider) {
		return nil
	}
	if err := v.move(tx, r.State, r.DecidedAt); err != nil {
		return err
	}
	if r.DecidedAt != 0 {
		if err := jobs.Enqueue(tx, mediaAsk.Job(verificationArgs{v.ID})); err != nil {
			return err
		}
	}
	newest, err := v.isNewest(tx)
	if err != nil || !newest {
		return err
	}
	return c.mirror(tx, v, r)
}

// takeAttempt adds the attempt that a result is of, or brings it up to date.
func (c *Care) takeAttempt(tx *store.Tx, v *Verification, r VerificationResult) error {
	name := r.AttemptUUID
	if name == "" {
		name = v.Reference
	}
	a := &Attempt{VerificationID: v.ID, UUID: name}
	if i := slices.IndexFunc(v.Attempts, func(a *Attempt) bool { return a.UUID == name }); i >= 0 {
		a = v.Attempts[i]
		if r.DecidedAt < a.DecidedAt {
			return nil
		}
	} else if err := a.insert(tx); err != nil {
		return err
	}
	a.State, a.ReasonCode, a.DecidedAt = r.State, r.ReasonCode, r.DecidedAt
	a.DocumentType, a.DocumentCountry, a.Expires, a.Categories = r.DocumentType, r.DocumentCountry, r.ExpirationDate, r.Categories
	a.number = c.sealNumber(tx, r.DocumentNumber, attemptNumber, a.ID)
	return a.update(tx)
}

// mirror has the customer show a verification, and, once it passed, what is on the
// document.
func (c *Care) mirror(tx *store.Tx, v *Verification, r VerificationResult) error {
	_, err := identity.UpdateCustomer(tx, v.PersonID, nil, func(to *identity.Customer) error {
		*mirror(to, v.Kind) = v.State
		if v.State != Verified && v.State != NeedsCheck && v.State != ExpiredLicense {
			return nil
		}
		if v.Kind == IDVerification {
			if slices.Contains(identity.IDDocumentTypes, r.DocumentType) {
				to.IDDocumentType = r.DocumentType
			}
			to.IDExpires = orOld(r.ExpirationDate, to.IDExpires)
			return nil
		}
		to.LicenseExpires = orOld(r.ExpirationDate, to.LicenseExpires)
		if number := c.sealNumber(tx, r.DocumentNumber, licenseNumber, to.ID); number != nil {
			to.LicenseNumber = number
		}
		if known := knownCategories(r.Categories); len(known) > 0 {
			to.LicenseCategories = known
		}
		return nil
	})
	return err
}

func orOld(now, old string) string {
	if now == "" {
		return old
	}
	return now
}

// knownCategories are those that customers may have, each once.
func knownCategories(all []string) (known []string) {
	for _, category := range all {
		if slices.Contains(identity.LicenseCategories, category) && !slices.Contains(known, category) {
			known = append(known, category)
		}
	}
	return known
}
