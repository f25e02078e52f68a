package care

import (
	"cmp"
	"context"
	"slices"

	"github.com/google/uuid"

	"github.com/rosterhq/roster/internal/blob"
	"github.com/rosterhq/roster/internal/identity"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/store"
)

// Permissions of operators on verifications.
const (
	readVerifications  = "VERIFICATION_READ"
	readMedia          = "VERIFICATION_MEDIA_READ"
	writeVerifications = "VERIFICATION_WRITE"
)

// Verifications lists those of a customer, newest first, for an operator. NotFound with
// identity.CodeNoCustomer, Forbidden.
func (c *Care) Verifications(ctx context.Context, a roster.Actor, customer int64, page roster.Page) (all []*Verification, total int, err error) {
	err = c.readAs(ctx, a, func(tx *store.Tx, p *identity.Powers) error {
		if _, err := CustomerFor(tx, p, customer, readVerifications); err != nil {
			return err
		}
		all, total, err = c.verificationsOf(tx, customer, page)
		return err
	})
	return all, total, err
}

func (c *Care) verificationsOf(tx *store.Tx, customer int64, page roster.Page) ([]*Verification, int, error) {
	all, err := store.All(tx, verificationsOf, scanVerification, customer)
	if err != nil {
		return nil, 0, err
	}
	total := len(all)
	all = all[min(page.Offset, total):min(page.Offset+page.Limit, total)]
	return all, total, c.fill(tx, all...)
}

// Verification reads one, with that attempt alone where attempt is not "". NotFound
// with CodeNoVerification, of an attempt of another verification too; Forbidden.
func (c *Care) Verification(ctx context.Context, a roster.Actor, id int64, attempt string) (v *Verification, err error) {
	err = c.readAs(ctx, a, func(tx *store.Tx, p *identity.Powers) error {
		if v, err = verificationFor(tx, p, id, readVerifications); err != nil {
			return err
		}
		if err := c.fill(tx, v); err != nil || attempt == "" {
			return err
		}
		v.Attempts = slices.DeleteFunc(v.Attempts, func(a *Attempt) bool { return a.UUID != attempt })
		if len(v.Attempts) == 0 {
			return errNoVerification()
		}
		return nil
	})
	return v, err
}

func verificationFor(tx *store.Tx, p *identity.Powers, id int64, permission string) (*Verification, error) {
	v, err := oneVerification(tx, verificationByID, id)
	if err != nil {
		return nil, err
	}
	if v == nil {
		return nil, errNoVerification()
	}
	_, err = CustomerFor(tx, p, v.PersonID, permission)
	if roster.IsKind(err, roster.NotFound) {
		err = errNoVerification()
	}
	return v, err
}

// File is the content of a Media.
type File struct {
	*Media

	Content []byte
}

var mediaByUUID = store.Q("verification_media.by_uuid", `SELECT m.id, m.file_uuid, m.attempt_id, m.kind, m.content_type, m.size, m.reference, m.created_at, m.purged_at, v.person_id, v.id
		FROM verification_media m
		JOIN verification_attempts a ON a.tenant = m.tenant AND a.id = m.attempt_id
		JOIN verifications v ON v.tenant = a.tenant AND v.id = a.verification_id
		WHERE m.tenant = $1 AND m.file_uuid = $2`)

// ReadMedia reads a file for an operator, once the log says so. NotFound with
// CodeNoMedia where it is unknown, purged, or of a customer whom they don't see;
// Forbidden.
func (c *Care) ReadMedia(ctx context.Context, a roster.Actor, fileUUID string) (*File, error) {
	f := &File{}
	err := c.writeAs(ctx, a, func(tx *store.Tx, p *identity.Powers) error {
		return c.readMedia(tx, f, fileUUID, func(person int64) error {
			_, err := CustomerFor(tx, p, person, readMedia)
			return err
		})
	})
	return c.withContent(ctx, a, f, err)
}

// OwnMedia reads a file of the actor's own, in the log as ReadMedia. NotFound with
// CodeNoMedia.
func (c *Care) OwnMedia(ctx context.Context, a roster.Actor, fileUUID string) (*File, error) {
	f := &File{}
	err := c.db.Write(ctx, a, func(tx *store.Tx) error {
		return c.readMedia(tx, f, fileUUID, func(person int64) error {
			if person != a.PersonID {
				return errNoMedia()
			}
			return nil
		})
	})
	return c.withContent(ctx, a, f, err)
}

// readMedia finds a file for who may see that of a person, and logs that it is read.
func (c *Care) readMedia(tx *store.Tx, f *File, fileUUID string, may func(person int64) error) error {
	var person, verification int64
	rows, err := store.All(tx, mediaByUUID, func(s store.Scanner) (*Media, error) {
		m := &Media{}
		return m, s.Scan(&m.ID, &m.FileUUID, &m.AttemptID, &m.Kind, &m.ContentType, &m.Size, &m.Reference, &m.CreatedAt, &m.PurgedAt, &person, &verification)
	}, fileUUID)
	if err != nil {
		return err
	}
	if len(rows) == 0 {
		return errNoMedia()
	}
	if err := may(person); roster.IsKind(err, roster.NotFound) {
		return errNoMedia()
	} else if err != nil {
		return err
	}
	if f.Media = rows[0]; f.PurgedAt != 0 || c.files == nil {
		return errNoMedia()
	}
	tx.Record(roster.Change{
		Operation: "verification_media.read", SubjectType: "verification", SubjectID: verification, ObjectID: person,
		After: map[string]any{"fileUuid": f.FileUUID, "kind": f.Kind},
	})
	return nil
}

// withContent reads the content of a file that was found, if it was.
func (c *Care) withContent(ctx context.Context, a roster.Actor, f *File, err error) (*File, error) {
	if err != nil {
		return nil, err
	}
	f.Content, err = c.files.Get(ctx, a.Tenant.ID, f.FileUUID)
	if err == blob.ErrNone { //nolint:errorlint // it comes as it is
		return nil, errNoMedia()
	}
	return f, err
}

func errNoMedia() error {
	return roster.Errorf(roster.NotFound, CodeNoMedia, "there is no such file, or it was purged")
}

// OwnVerifications lists the actor's own, newest first.
func (c *Care) OwnVerifications(ctx context.Context, a roster.Actor, page roster.Page) (all []*Verification, total int, err error) {
	err = c.db.Read(ctx, a.Tenant.ID, func(tx *store.Tx) error {
		if _, err := identity.LiveCustomer(tx, a.PersonID); err != nil {
			return err
		}
		all, total, err = c.verificationsOf(tx, a.PersonID, page)
		return err
	})
	return all, total, err
}

// BeginVerification has the tenant's provider open a check of the actor's license, or
// identity document. Invalid for another kind; Conflict with CodeNoVerifier where the
// home branch has no provider, and with CodeVerificationState where a check is under
// way or not needed; Unavailable where the provider does not answer.
func (c *Care) BeginVerification(ctx context.Context, a roster.Actor, kind string) (v *Verification, err error) {
	if kind != LicenseVerification && kind != IDVerification {
		return nil, roster.FieldError("kind", "must be %s or %s", LicenseVerification, IDVerification)
	}
	var provider string
	ask := VerificationBegin{Key: uuid.NewString(), Tenant: a.Tenant, Kind: kind, CustomerID: a.PersonID}
	err = c.db.Read(ctx, a.Tenant.ID, func(tx *store.Tx) error {
		customer, err := mayBegin(tx, a.PersonID, kind)
		if err != nil {
			return err
		}
		ask.FirstName, ask.LastName, ask.Birthdate = customer.FirstName, customer.LastName, customer.Birthdate
		provider, err = providerOf(tx, customer, kind)
		return err
	})
	if err != nil {
		return nil, err
	}
	verifier := c.verifiers[provider]
	if verifier == nil {
		return nil, roster.Errorf(roster.Conflict, CodeNoVerifier, "nobody checks documents of that kind here")
	}
	begun, err := verifier.Begin(ctx, ask)
	if err != nil {
		return nil, err
	}
	err = c.db.Write(ctx, a, func(tx *store.Tx) error {
		if _, err := mayBegin(tx, a.PersonID, kind); err != nil {
			return err
		}
		v = &Verification{PersonID: a.PersonID, Kind: kind, Provider: provider, Reference: begun.Reference, State: Created, Next: begun.Next}
		if err := v.insert(tx); err != nil {
			return err
		}
		return v.show(tx)
	})
	return v, err
}

// show has the customer's field be the verification's state.
func (v *Verification) show(tx *store.Tx) error {
	_, err := identity.UpdateCustomer(tx, v.PersonID, nil, func(c *identity.Customer) error {
		*mirror(c, v.Kind) = v.State
		return nil
	})
	return err
}

func mayBegin(tx *store.Tx, person int64, kind string) (*identity.Customer, error) {
	customer, err := identity.LiveCustomer(tx, person)
	if err != nil {
		return nil, err
	}
	return customer, verificationLives[kind].Check(cmp.Or(*mirror(customer.On(dayOf(tx.Now)), kind), Unverified), Created, aCustomer)
}

// providerOf is the name of who checks documents of a kind for the customer's branch.
func providerOf(tx *store.Tx, c *identity.Customer, kind string) (string, error) {
	tree, err := identity.Branches(tx)
	if err != nil {
		return "", err
	}
	setting := identity.LicenseProvider
	if kind == IDVerification {
		setting = identity.IDProvider
	}
	return setting.In(tx, tree, c.HomeBranchID)
}

// byHand keeps what an operator said of a customer's verifications as verifications of
// their own, so that the history has all of them.
func byHand(tx *store.Tx, before, after *identity.Customer) error {
	for _, kind := range []string{LicenseVerification, IDVerification, ManualVerification} {
		state := *mirror(after, kind)
		if state == *mirror(before, kind) {
			continue
		}
		v := &Verification{PersonID: after.ID, Kind: kind, Provider: ByHand, State: state, DecidedAt: tx.Now}
		if err := v.insert(tx); err != nil {
			return err
		}
		attempt := &Attempt{VerificationID: v.ID, State: state, DecidedAt: tx.Now}
		if err := attempt.insert(tx); err != nil {
			return err
		}
	}
	return nil
}
