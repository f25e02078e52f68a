package care

import (
	"context"

	"github.com/rosterhq/roster/internal/identity"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/seal"
	"github.com/rosterhq/roster/internal/store"
)

// ExportCustomer reads all that is stored of a customer, a deleted one too, for an
// operator, or an API client; the log tells of it. Errors are those of CustomerFor.
func (c *Care) ExportCustomer(ctx context.Context, a roster.Actor, id int64) (all *identity.Exported, err error) {
	err = c.writeAs(ctx, a, func(tx *store.Tx, p *identity.Powers) error {
		if _, err := CustomerFor(tx, p, id, "USER_EXPORT"); err != nil {
			return err
		}
		all, err = c.export(tx, id)
		return err
	})
	return all, err
}

// ExportOwn is what the actor gets who asks for all that is stored of them.
func (c *Care) ExportOwn(ctx context.Context, a roster.Actor) (all *identity.Exported, err error) {
	err = c.db.Write(ctx, a, func(tx *store.Tx) error {
		if _, err := identity.LiveCustomer(tx, a.PersonID); err != nil {
			return err
		}
		all, err = c.export(tx, a.PersonID)
		return err
	})
	return all, err
}

var numbersOf = store.Q("verification_attempt.numbers_of", `SELECT a.id, a.document_number FROM verifications v
	JOIN verification_attempts a ON a.tenant = v.tenant AND a.verification_id = v.id WHERE v.tenant = $1 AND v.person_id = $2`)

// export is identity's, with the numbers of documents, which are theirs to know.
func (c *Care) export(tx *store.Tx, person int64) (*identity.Exported, error) {
	all, err := identity.Export(tx, person)
	if err != nil {
		return nil, err
	}
	customer, err := identity.AnyCustomer(tx, person)
	if err != nil {
		return nil, err
	}
	if number := c.plainLicenseNumber(tx.Tenant(), customer); number != "" {
		for _, row := range all.Sections["customer"] {
			row["licenseNumber"] = number
		}
	}
	attempts := map[any]map[string]any{}
	for _, row := range all.Sections["verificationAttempts"] {
		attempts[row["id"]] = row
	}
	err = tx.Each(numbersOf, func(s store.Scanner) error {
		var id int64
		var sealed []byte
		if err := s.Scan(&id, &sealed); err != nil || len(sealed) == 0 || c.key == nil {
			return err
		}
		number, err := c.key.Open(sealed, seal.Context{Tenant: tx.Tenant(), Purpose: attemptNumber, ID: id})
		attempts[id]["documentNumber"] = string(number)
		return err
	}, person)
	return all, err
}
