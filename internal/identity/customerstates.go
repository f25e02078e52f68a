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
