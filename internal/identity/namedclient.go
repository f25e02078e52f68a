package identity

import (
	"encoding/base64"
	"errors"
	"regexp"

	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/store"
)

var clientFind = store.Q("client.find", `SELECT api, role, revoked_at FROM oauth_clients WHERE tenant = $1 AND client_id = $2`)

var clientName = regexp.MustCompile(`^[a-z][a-z0-9-]{0,62}$`)

// PutClient has a client of that name be there. Where it makes one, it is known by
// the secret, NewSecret's, and the text that it returns besides the client's id;
// the text of one that is there already is "". Invalid for a name that is none,
// an unknown API or role, or where a client of the name has others or was revoked.
func PutClient(tx *store.Tx, name string, api roster.API, role string, secret []byte) (id, text string, err error) {
	if !clientName.MatchString(name) {
		return "", "", roster.FieldError("name", "must be 1 to 63 lower-case letters, digits and hyphens, the first a letter")
	}
	if err := checkRole(api, role); err != nil {
		return "", "", err
	}
	id = "rst_" + tx.Actor().Tenant.Name + "_" + name
	var ownAPI, ownRole string
	var revoked int64
	err = tx.Row(clientFind, id).Scan(&ownAPI, &ownRole, &revoked)
	if err == nil && (ownAPI != string(api) || ownRole != role || revoked != 0) {
		return "", "", roster.FieldError("name", "there is a client %s with another API or role, or a revoked one; take another name", name)
	}
	if !errors.Is(err, store.ErrNoRows) {
		return id, "", err
	}
	text = base64.RawURLEncoding.EncodeToString(secret)
	hash := hashToken(text)
	if _, err := tx.Exec(clientInsert, id, hash[:], string(api), role, tx.Now); err != nil {
		return "", "", err
	}
	tx.Record(roster.Change{Operation: "client.create", SubjectType: "client", After: map[string]any{"client_id": id, "api": api, "role": role}})
	return id, text, nil
}
