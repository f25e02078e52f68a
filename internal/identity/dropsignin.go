package identity

import (
	"github.com/rosterhq/roster/internal/graph"
	"github.com/rosterhq/roster/internal/store"
)

var (
	methodsDrop   = store.Q("sign_in_method.drop", `DELETE FROM sign_in_methods WHERE tenant = $1 AND person_id = $2`)
	refreshesDrop = store.Q("refresh_token.drop", `DELETE FROM refresh_tokens WHERE tenant = $1 AND family_id IN (
		SELECT id FROM token_families WHERE tenant = $1 AND person_id = $2 AND person_id <> 0)`)
	familiesDrop   = store.Q("token_family.drop", `DELETE FROM token_families WHERE tenant = $1 AND person_id = $2 AND person_id <> 0`)
	credentialDrop = store.Q("credential.drop", `DELETE FROM credentials WHERE tenant = $1 AND person_id = $2`)
)

// dropSignIn deletes what a person needs no more who has those profiles left: ways to
// sign in to mobility, its sessions and the second factor, and the password, which
// the property API takes too.
func dropSignIn(tx *store.Tx, person int64, left graph.Profile) error {
	var drop []*store.Query
	if left&(graph.CustomerProfile|graph.OperatorProfile) == 0 {
		drop = append(drop, methodsDrop, refreshesDrop, familiesDrop, factorDelete)
		if left&graph.PropertyProfile == 0 {
			drop = append(drop, credentialDrop)
		}
	}
	for _, q := range drop {
		if _, err := tx.Exec(q, person); err != nil {
			return err
		}
	}
	return nil
}
