package care

import (
	"strings"
	"unicode"

	"github.com/rosterhq/roster/internal/identity"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/seal"
	"github.com/rosterhq/roster/internal/store"
)

// maxLicenseNumber bounds a license's number, in characters.
const maxLicenseNumber = 64

// setLicenseNumber seals what an operator says of a license's number; nil says nothing,
// and so does the number as it is shown.
func (c *Care) setLicenseNumber(tx *store.Tx, to *identity.Customer, number *string) error {
	if number == nil || *number != "" && *number == c.LicenseNumber(tx.Tenant(), to) {
		return nil
	}
	text := strings.TrimSpace(*number)
	if len([]rune(text)) > maxLicenseNumber || strings.ContainsFunc(text, func(r rune) bool { return !unicode.IsPrint(r) }) {
		return roster.FieldError("licenseNumber", "must have at most %d characters, all of which are seen", maxLicenseNumber)
	}
	if text != "" && c.key == nil {
		return roster.Errorf(roster.Unavailable, "", "the server has no key to keep a license's number by")
	}
	if text == c.plainLicenseNumber(tx.Tenant(), to) {
		return nil // sealed anew it would look like a change
	}
	to.LicenseNumber = c.sealNumber(tx, text, licenseNumber, to.ID)
	return nil
}

// LicenseNumber is the number of a customer's license with all but its end hidden; ""
// for none, or one that can't be read.
func (c *Care) LicenseNumber(tenant roster.TenantID, of *identity.Customer) string {
	return mask(c.plainLicenseNumber(tenant, of))
}

func (c *Care) plainLicenseNumber(tenant roster.TenantID, of *identity.Customer) string {
	if len(of.LicenseNumber) == 0 || c.key == nil {
		return ""
	}
	number, err := c.key.Open(of.LicenseNumber, seal.Context{Tenant: tenant, Purpose: licenseNumber, ID: of.ID})
	if err != nil {
		return ""
	}
	return string(number)
}
