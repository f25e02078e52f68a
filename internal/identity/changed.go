package identity

import "github.com/rosterhq/roster/internal/store"

// Changed says that this write changes what tokens mean, in ways that no verb of
// this package sees, such as a profile that an import adds.
func Changed(tx *store.Tx) { tx.Emit(accessChanged{}) }
