package identity

import "github.com/rosterhq/roster/internal/store"

// HasSecondFactor reports whether a person's sign-in needs a second factor: one that
// they have confirmed.
func HasSecondFactor(tx *store.Tx, person int64) (bool, error) {
	f, err := readFactor(tx, person)
	return f != nil && f.confirmedAt != 0, err
}
