package care

import (
	"cmp"
	"context"

	"github.com/google/uuid"

	"github.com/rosterhq/roster/internal/identity"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/store"
)

// FiledVerification is a verification that came about elsewhere, with its attempts in
// their order; the last one's state is the verification's.
type FiledVerification struct {
	CustomerID int64
	Kind       string
	Provider   string
	Reference  string // unique at the provider's
	Attempts   []FiledAttempt
}

// FiledAttempt is one time that documents were shown, and the photograph of the front.
type FiledAttempt struct {
	VerificationResult

	ShownAt int64  // µs UTC, no later than it was decided; 0 is when it is filed
	Front   []byte // of one of MediaTypes; nil for none
}

// FileVerification keeps a verification that came about elsewhere, media included, and
// has the customer show it. Filed twice it is there once.
func (c *Care) FileVerification(ctx context.Context, a roster.Actor, f FiledVerification) (v *Verification, err error) {
	media := make([]*Media, len(f.Attempts))
	for i, attempt := range f.Attempts {
		contentType := mediaType(attempt.Front)
		if contentType == "" || c.files == nil {
			continue
		}
		media[i] = &Media{FileUUID: uuid.NewString(), Kind: "FRONT", ContentType: contentType, Size: int64(len(attempt.Front)), Reference: "front"}
		if err := c.files.Put(ctx, a.Tenant.ID, media[i].FileUUID, attempt.Front); err != nil {
			return nil, err
		}
	}
	err = c.db.Write(ctx, a, func(tx *store.Tx) error {
		tx.Housekeeping() // it may be there
		if v, err = oneVerification(tx, verificationByRef, f.Provider, f.Reference); err != nil || v != nil {
			return err
		}
		if _, err := identity.LiveCustomer(tx, f.CustomerID); err != nil {
			return err
		}
		v, err = c.file(tx, f, media)
		return err
	})
	if err != nil {
		return nil, err
	}
	return v, c.db.Read(ctx, a.Tenant.ID, func(tx *store.Tx) error {
		v.Attempts = nil
		return c.fill(tx, v)
	})
}

// file writes a verification with its attempts, and the media of those that have some.
func (c *Care) file(tx *store.Tx, f FiledVerification, media []*Media) (*Verification, error) {
	last := f.Attempts[len(f.Attempts)-1]
	v := &Verification{
		PersonID: f.CustomerID, Kind: f.Kind, Provider: f.Provider, Reference: f.Reference, State: last.State, DecidedAt: last.DecidedAt, CreatedAt: f.Attempts[0].ShownAt,
	}
	if err := v.insert(tx); err != nil {
		return nil, err
	}
	for i, attempt := range f.Attempts {
		a := &Attempt{VerificationID: v.ID, UUID: cmp.Or(attempt.AttemptUUID, f.Reference), CreatedAt: attempt.ShownAt}
		if err := a.insert(tx); err != nil {
			return nil, err
		}
		v.Attempts = append(v.Attempts, a)
		if err := c.takeAttempt(tx, v, attempt.VerificationResult); err != nil {
			return nil, err
		}
		if media[i] == nil {
			continue
		}
		media[i].AttemptID = a.ID
		if err := media[i].insert(tx, v); err != nil {
			return nil, err
		}
	}
	return v, c.mirror(tx, v, last.VerificationResult)
}
