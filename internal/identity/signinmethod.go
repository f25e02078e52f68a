package identity

import (
	"errors"

	"github.com/google/uuid"

	"github.com/rosterhq/roster/internal/graph"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/store"
)

// The ways to sign in to mobility. A person has a set of them.
const (
	EmailPassword = "EMAIL_PASSWORD"
	EmailCode     = "EMAIL_CODE"
	PhoneCode     = "PHONE_CODE"
)

var (
	methodsOf    = store.Q("sign_in_method.of", `SELECT person_id, method FROM sign_in_methods WHERE tenant = $1 AND person_id IN ($2)`).In()
	methodInsert = store.Q("sign_in_method.insert", `INSERT INTO sign_in_methods (tenant, person_id, method, created_at) VALUES ($1, $2, $3, $4)
		ON CONFLICT (tenant, person_id, method) DO NOTHING`)
)

// SignInMethods reads in which ways people sign in, by person, in no order.
func SignInMethods(tx *store.Tx, people []int64) (map[int64][]string, error) {
	methods := map[int64][]string{}
	err := tx.EachIn(methodsOf, people, func(s store.Scanner) error {
		var person int64
		var method string
		err := s.Scan(&person, &method)
		methods[person] = append(methods[person], method)
		return err
	})
	return methods, err
}

// AddSignInMethod gives a person a way to sign in, and reports whether that changed
// anything. The caller has made sure that it may: no one else's word gives an
// existing person a way to sign in.
func AddSignInMethod(tx *store.Tx, person int64, method string) (changed bool, err error) {
	if method != EmailPassword && method != EmailCode && method != PhoneCode {
		return false, roster.FieldError("authenticationType", "must be one of %s, %s, %s", EmailPassword, EmailCode, PhoneCode)
	}
	n, err := tx.Exec(methodInsert, person, method, tx.Now)
	if err != nil || n == 0 {
		return false, err
	}
	tx.Record(roster.Change{Operation: "sign_in_method.add", SubjectType: "credential", SubjectID: person, After: map[string]any{"method": method}})
	return true, nil
}

// who is a person on the way in.
type who struct {
	id            int64
	uuid          uuid.UUID
	profiles      graph.Profile
	email, phone  string
	emailVerified bool
	phoneVerified bool
	block         string // "" for no customer
	homeBranch    int64  // 0 for no customer
	hash          PasswordHash
	hasFactor     bool // a second one, confirmed
	hasMethod     bool // the one that was asked about
}

const whoColumns = `SELECT p.id, s.uuid, p.profiles, p.email, coalesce(k.phone, ''), coalesce(k.email_verified, false), coalesce(k.phone_verified, false),
		coalesce(k.block_state, ''), coalesce(k.home_branch_id, 0), coalesce(c.password_hash, ''), coalesce(f.confirmed_at, 0) > 0, m.method IS NOT NULL `

const whoJoins = `
	JOIN subjects s ON s.tenant = $1 AND s.id = p.id
	LEFT JOIN credentials c ON c.tenant = $1 AND c.person_id = p.id
	LEFT JOIN second_factors f ON f.tenant = $1 AND f.person_id = p.id
	LEFT JOIN sign_in_methods m ON m.tenant = $1 AND m.person_id = p.id AND m.method = $2 `

var (
	whoByEmail = store.Q("who.by_email", whoColumns+`FROM people p LEFT JOIN customers k ON k.tenant = $1 AND k.id = p.id`+whoJoins+`
		WHERE p.tenant = $1 AND p.email_key = $3 AND p.email_key <> '' AND p.recorded_to = 9223372036854775807`)
	whoByPhone = store.Q("who.by_phone", whoColumns+`FROM customers k
		JOIN people p ON p.tenant = $1 AND p.id = k.id AND p.recorded_to = 9223372036854775807`+whoJoins+`
		WHERE k.tenant = $1 AND k.phone = $3 AND k.phone <> '' AND k.block_state <> 'DELETED'`)
	whoByID = store.Q("who.by_id", whoColumns+`FROM people p LEFT JOIN customers k ON k.tenant = $1 AND k.id = p.id`+whoJoins+`
		WHERE p.tenant = $1 AND p.id = $3 AND p.recorded_to = 9223372036854775807`)
)

// findWho reads the person that a query finds by a key, and whether they have the
// method; nil for nobody.
func findWho(tx *store.Tx, q *store.Query, method string, key any) (*who, error) {
	w := &who{}
	var id []byte
	err := tx.Row(q, method, key).Scan(&w.id, &id, &w.profiles, &w.email, &w.phone, &w.emailVerified, &w.phoneVerified,
		&w.block, &w.homeBranch, &w.hash, &w.hasFactor, &w.hasMethod)
	copy(w.uuid[:], id)
	if errors.Is(err, store.ErrNoRows) {
		return nil, nil //nolint:nilnil // nobody is an answer, and costs what the others cost
	}
	return w, err
}

// as returns as what the person signs in: what was asked for, or else as a customer
// who is one, or as an operator. "" where they are not.
func (w *who) as(asked string) string {
	for _, role := range []string{RoleUser, RoleOperator} {
		if (asked == "" || asked == role) && isWho(role, w.profiles, w.block) {
			return role
		}
	}
	return ""
}

// may reports whether the person signs in by the method that was asked about, as
// anything at all.
func (w *who) may() bool { return w != nil && w.hasMethod && w.as("") != "" }
