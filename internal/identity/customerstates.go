package identity

// What the states of a customer's verifications may be (contract/mobility.md §4.6).
var (
	LicenseStates = []string{
		"UNVERIFIED", "CREATED", "PROCESSING", "VERIFIED", "REJECTED", "RETRY", "VERIFIED_BUT_NEEDS_CHECK", "EXPIRED_LICENSE", "REVIEW", "PENDING_REVERIFICATION",
	}
	IDStates          = []string{"UNVERIFIED", "CREATED", "PROCESSING", "VERIFIED", "REJECTED", "RETRY", "REVIEW", "PENDING_REVERIFICATION"}
	ManualStates      = []string{"UNVERIFIED", "PROCESSING", "VERIFIED", "REJECTED", "RETRY"}
	LicenseCategories = []string{"AM", "A1", "A2", "A", "B1", "B", "BE", "C1", "C1E", "C", "CE", "D1", "D", "T", "L"}
	IDDocumentTypes   = []string{"ID_CARD", "PASSPORT", "RESIDENCE_PERMIT"}
)

// On is the customer as it reads on a day (YYYY-MM-DD): what was verified and is past
// its date is so no longer (decision 43).
func (c *Customer) On(day string) *Customer {
	license := LicenseOn(day, c.LicenseState, c.LicenseExpires) != c.LicenseState
	id := c.IDState == "VERIFIED" && c.IDExpires != "" && c.IDExpires < day
	if !license && !id {
		return c
	}
	shown := *c
	if license {
		shown.LicenseState = expiredLicense
	}
	if id {
		shown.IDState = "PENDING_REVERIFICATION"
	}
	return &shown
}

const expiredLicense = "EXPIRED_LICENSE"

// LicenseOn is the state of a license on a day, of the one that is kept and the day it
// expires; days are YYYY-MM-DD.
func LicenseOn(day, state, expires string) string {
	if (state == "VERIFIED" || state == "VERIFIED_BUT_NEEDS_CHECK") && expires != "" && expires < day {
		return expiredLicense
	}
	return state
}
