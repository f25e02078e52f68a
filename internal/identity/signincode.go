package identity

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"errors"
	"time"

	"github.com/rosterhq/roster/internal/jobs"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/store"
)

// purpose is what a code is for. Some are six digits that people type; the others are
// long, carry their row's id, and can't be guessed.
type purpose string

const (
	emailPurpose  purpose = "EMAIL"
	phonePurpose  purpose = "PHONE"
	resetPurpose  purpose = "RESET"
	signUpPurpose purpose = "SIGN_UP"
	mfaPurpose    purpose = "MFA"

	ownEmailPurpose purpose = "OWN_EMAIL"
	ownPhonePurpose purpose = "OWN_PHONE"
)

// typed reports whether codes of the purpose are six digits.
func (p purpose) typed() bool {
	return p == emailPurpose || p == phonePurpose || p == ownEmailPurpose || p == ownPhonePurpose
}

// byPhone reports whether codes of the purpose go to a telephone.
func (p purpose) byPhone() bool { return p == phonePurpose || p == ownPhonePurpose }

// codeLives are how long codes are good.
var codeLives = map[purpose]time.Duration{
	emailPurpose: 10 * time.Minute, phonePurpose: 10 * time.Minute, resetPurpose: time.Hour, signUpPurpose: 24 * time.Hour, mfaPurpose: 5 * time.Minute,
	ownEmailPurpose: 10 * time.Minute, ownPhonePurpose: 10 * time.Minute,
}

const (
	// maxAttempts is how often a code may be tried.
	maxAttempts = 5
	// codesPerWindow is how many codes of a purpose are sent to one address, or
	// number, within codeWindow.
	codesPerWindow = 5
	codeWindow     = time.Hour
	codeDigits     = 6
)

// code is a code's row.
type code struct {
	id        int64
	purpose   purpose
	target    []byte
	person    int64 // 0 for nobody
	salt      int64
	details   string
	attempts  int64
	expiresAt int64
}

const codeColumns = `id, purpose, target, person_id, salt, details, attempts, expires_at`

var (
	codeByTarget = store.Q("sign_in_code.by_target", `SELECT `+codeColumns+` FROM sign_in_codes
		WHERE tenant = $1 AND purpose = $2 AND target = $3 AND ended_at = 0 AND purpose <> 'MFA' AND expires_at > $4`)
	codeByID = store.Q("sign_in_code.by_id", `SELECT `+codeColumns+` FROM sign_in_codes
		WHERE tenant = $1 AND id = $2 AND ended_at = 0 AND expires_at > $3`)
	codesRecent = store.Q("sign_in_code.recent", `SELECT count(*) FROM sign_in_codes
		WHERE tenant = $1 AND purpose = $2 AND target = $3 AND created_at > $4`)
	codeReplace = store.Q("sign_in_code.replace", `UPDATE sign_in_codes SET ended_at = $4
		WHERE tenant = $1 AND purpose = $2 AND target = $3 AND ended_at = 0 AND purpose <> 'MFA'`)
	codeInsert = store.Q("sign_in_code.insert", `INSERT INTO sign_in_codes (tenant, id, purpose, target, person_id, salt, details, attempts, created_at, expires_at, ended_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, 0, $8, $9, 0)`)
	codeTry = store.Q("sign_in_code.try", `UPDATE sign_in_codes SET attempts = attempts + 1 WHERE tenant = $1 AND id = $2`)
	codeEnd = store.Q("sign_in_code.end", `UPDATE sign_in_codes SET ended_at = $3 WHERE tenant = $1 AND id = $2`)
)

func scanCode(s store.Scanner) (*code, error) {
	c := &code{}
	err := s.Scan(&c.id, &c.purpose, &c.target, &c.person, &c.salt, &c.details, &c.attempts, &c.expiresAt)
	if errors.Is(err, store.ErrNoRows) {
		return nil, nil //nolint:nilnil // no code is an answer
	}
	return c, err
}

// targetOf is what stands for an address, or a number, in a code's row.
func targetOf(text string) []byte {
	hash := sha256.Sum256([]byte(text))
	return hash[:]
}

// insertCode makes a code; nothing of it goes into the log.
func insertCode(tx *store.Tx, p purpose, target []byte, person int64, details any) (*code, error) {
	id, err := tx.NextID(store.SignInCodes)
	if err != nil {
		return nil, err
	}
	text, err := json.Marshal(details)
	if err != nil {
		return nil, err
	}
	var salt [8]byte
	_, _ = rand.Read(salt[:])
	c := &code{
		id: id, purpose: p, target: target, person: person, details: string(text),
		salt:      int64(binary.BigEndian.Uint64(salt[:]) >> 1), //nolint:gosec // 63 bits
		expiresAt: tx.Now + codeLives[p].Microseconds(),
	}
	_, err = tx.Exec(codeInsert, c.id, string(p), target, person, c.salt, c.details, tx.Now, c.expiresAt)
	return c, err
}

// sendCode makes a code for an address or a number, in the place of the one before,
// and has it sent by a job, unless that was done too often. It does the same for
// person 0, whose code goes nowhere and opens nothing.
func sendCode(tx *store.Tx, p purpose, to string, person int64, details any) error {
	tx.Housekeeping()
	target := targetOf(to)
	var recent int64
	if err := tx.Row(codesRecent, string(p), target, tx.Now-codeWindow.Microseconds()).Scan(&recent); err != nil || recent >= codesPerWindow {
		return err
	}
	if _, err := tx.Exec(codeReplace, string(p), target, tx.Now); err != nil {
		return err
	}
	c, err := insertCode(tx, p, target, person, details)
	if err != nil {
		return err
	}
	return jobs.Enqueue(tx, codeJob.Job(codeArgs{c.id}))
}

// digits is the text of a code of six digits.
func (i *Identity) digits(tenant roster.TenantID, c *code) string {
	return i.key.Digits(codeDigits, "sign_in_code."+string(c.purpose), int64(tenant), c.id, c.salt)
}

// long is the text of a long code: the row's id and 256 bits.
func (i *Identity) long(tenant roster.TenantID, c *code) string {
	text := binary.BigEndian.AppendUint64(nil, uint64(c.id)) //nolint:gosec // an id is above 0
	text = append(text, i.key.Derive("sign_in_code."+string(c.purpose), int64(tenant), c.id, c.salt)...)
	return base64.RawURLEncoding.EncodeToString(text)
}

// text is a code as it is sent.
func (i *Identity) text(tenant roster.TenantID, c *code) string {
	if c.purpose.typed() {
		return i.digits(tenant, c)
	}
	return i.long(tenant, c)
}

// findLong reads the good code of a purpose whose text that is; nil for none.
func (i *Identity) findLong(tx *store.Tx, p purpose, text string) (*code, error) {
	c, err := findLongRow(tx, p, text)
	if c == nil || err != nil || subtle.ConstantTimeCompare([]byte(i.long(tx.Tenant(), c)), []byte(text)) != 1 {
		return nil, err
	}
	return c, nil
}

// longID is the id that a long code carries; 0 where it is none.
func longID(text string) int64 {
	const idBytes, macBytes = 8, 32
	raw, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil || len(raw) != idBytes+macBytes {
		return 0
	}
	return max(0, int64(binary.BigEndian.Uint64(raw))) //nolint:gosec // none of ours has the first bit
}

func findLongRow(tx *store.Tx, p purpose, text string) (*code, error) {
	id := longID(text)
	if id == 0 {
		return nil, nil //nolint:nilnil // no code is an answer
	}
	c, err := scanCode(tx.Row(codeByID, id, tx.Now))
	if c == nil || err != nil || c.purpose != p {
		return nil, err
	}
	return c, nil
}

// attempt counts an attempt at a code, which may be nil, and reports whether there
// was one left.
func (c *code) attempt(tx *store.Tx) (bool, error) {
	if c == nil || c.attempts >= maxAttempts {
		return false, nil
	}
	_, err := tx.Exec(codeTry, c.id)
	return err == nil, err
}

// tryDigits counts an attempt at a code of six digits, and reports whether it was the
// right one.
func (i *Identity) tryDigits(tx *store.Tx, c *code, text string) (bool, error) {
	left, err := c.attempt(tx)
	if err != nil || !left {
		return false, err
	}
	return subtle.ConstantTimeCompare([]byte(i.digits(tx.Tenant(), c)), []byte(text)) == 1, nil
}

// end has a code be good no more.
func (c *code) end(tx *store.Tx) error {
	tx.Housekeeping()
	_, err := tx.Exec(codeEnd, c.id, tx.Now)
	return err
}
