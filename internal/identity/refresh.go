package identity

import (
	"context"
	"encoding/base64"
	"errors"

	"github.com/rosterhq/roster/internal/store"
)

// newRefresh draws a refresh token.
func newRefresh() string { return base64.RawURLEncoding.EncodeToString(NewSecret()) }

// spent is a refresh token as it is found: its session, and what has become of it.
type spent struct {
	Family

	expiresAt, spentAt int64
}

// findRefresh reads a refresh token; nil for none.
func findRefresh(tx *store.Tx, token string) (*spent, error) {
	hash := hashToken(token)
	t := &spent{}
	err := tx.Row(familyOfToken, hash[:]).Scan(append(t.places(), &t.expiresAt, &t.spentAt)...)
	if errors.Is(err, store.ErrNoRows) {
		return nil, nil //nolint:nilnil // no token is an answer
	}
	return t, err
}

// Refresh gives new tokens for a refresh token, which is spent by that; access tokens
// from before live on. Unauthenticated with CodeBadRefresh where it is unknown,
// expired or revoked, or where its holder is gone; one that is spent already ends the
// session at once, since one of those who brought it has stolen it. Forbidden with
// CodeCustomerBlocked.
func (i *Identity) Refresh(ctx context.Context, from From, token string) (*Tokens, error) {
	s, err := i.begin(ctx, from)
	if err != nil {
		return nil, err
	}
	return s.write(ctx, anonymous, 0, func(tx *store.Tx) error {
		t, err := findRefresh(tx, token)
		if err != nil {
			return err
		}
		if t == nil || t.RevokedAt != 0 || t.expiresAt <= tx.Now {
			return errRefresh()
		}
		if t.spentAt != 0 {
			s.failure = errRefresh()
			_, err := RevokeFamily(tx, &t.Family)
			return err
		}
		w, err := t.holder(tx)
		if err != nil {
			return err
		}
		return s.renew(tx, &t.Family, w, token)
	})
}

// holder reads whose session it is; nil for a client. CodeBadRefresh where they are gone.
func (f *Family) holder(tx *store.Tx) (*who, error) {
	if f.ClientID != "" {
		there, err := tx.Exists(clientByID, f.ClientID)
		if err == nil && !there {
			err = errRefresh()
		}
		return nil, err
	}
	w, err := findWho(tx, whoByID, f.Method, f.PersonID)
	switch {
	case err != nil:
		return nil, err
	case w == nil || w.as(f.Type) == "":
		return nil, errRefresh()
	case f.Type == RoleUser && w.block == Blocked:
		return nil, errBlocked()
	}
	return w, nil
}

// renew spends a refresh token and adds the next.
func (s *signIn) renew(tx *store.Tx, f *Family, w *who, token string) error {
	tx.Housekeeping()
	hash := hashToken(token)
	if _, err := tx.Exec(refreshSpend, hash[:], tx.Now); err != nil {
		return err
	}
	life, err := readLives(tx, w)
	if err != nil {
		return err
	}
	f.ExpiresAt = max(f.ExpiresAt, tx.Now+life.refresh)
	if _, err := tx.Exec(familyUse, f.ID, s.from.Device.agent(), s.from.Device.Address, tx.Now, f.ExpiresAt); err != nil {
		return err
	}
	s.opened, err = f.issue(tx, w, s.refresh, life)
	return err
}

// LogOut ends the session that a refresh token belongs to, spent or not, with its
// access tokens, at once; one that is over already stays so. Unauthenticated with
// CodeBadRefresh for an unknown token.
func (i *Identity) LogOut(ctx context.Context, from From, token string) error {
	tenant, err := i.db.Tenant(ctx, from.Tenant)
	if err != nil {
		return err
	}
	var f *Family
	err = i.db.Read(ctx, tenant.ID, func(tx *store.Tx) error {
		t, err := findRefresh(tx, token)
		if t == nil && err == nil {
			err = errRefresh()
		}
		if err == nil {
			f = &t.Family
		}
		return err
	})
	if err != nil {
		return err
	}
	return i.db.Write(ctx, from.actor(tenant, actorID(f.PersonID, f.ClientID), f.PersonID), func(tx *store.Tx) error {
		_, err := RevokeFamily(tx, f)
		return err
	})
}
