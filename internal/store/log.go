package store

import (
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"hash"

	"github.com/rosterhq/roster/internal/roster"
)

// Head is where a tenant's log ends: its last revision, that revision's time in
// µs, and the hash of the chain up to it.
type Head struct {
	Revision int64
	Time     int64
	Hash     [sha256.Size]byte
}

var (
	changeInsert = Q("change.insert", `INSERT INTO changes (tenant, revision, seq, time, actor, api, request_id,
		operation, subject_type, subject_id, object_id, before, after, salt, commitment, permission, branch_id, person_id, impersonated, head)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20)`).Many()
	tenantHead = Q("tenant.head", `SELECT revision, changed_at, head FROM tenants WHERE tenant = $1`)
	tenantLock = Q("tenant.lock", `SELECT revision, changed_at, head FROM tenants WHERE tenant = $1 FOR UPDATE`).
			On(SQLite, `SELECT revision, changed_at, head FROM tenants WHERE tenant = $1`)
	tenantBump = Q("tenant.bump", `UPDATE tenants SET revision = $2, changed_at = $3, head = $4 WHERE tenant = $1`)
	changesAll = Q("change.all", `SELECT `+changeColumns+` FROM changes WHERE tenant = $1 AND revision > $2
		ORDER BY revision, seq`).Whole("verify and export read the whole log")
	changeHead = Q("change.head", `SELECT head FROM changes WHERE tenant = $1 AND revision = $2 AND seq = 0`)
)

const changeColumns = `revision, seq, time, actor, api, request_id, operation, subject_type, subject_id, object_id,
		before, after, salt, commitment, permission, branch_id, person_id, impersonated, head`

func scanHead(s Scanner) (Head, error) {
	var h Head
	var hash []byte
	if err := s.Scan(&h.Revision, &h.Time, &hash); err != nil {
		return h, err
	}
	copy(h.Hash[:], hash)
	return h, nil
}

// LoggedChange is one row of the change log.
type LoggedChange struct {
	Revision, Seq int64
	Time          int64 // µs UTC
	Actor         string
	API           roster.API
	RequestID     string
	Operation     string
	SubjectType   string
	SubjectID     int64
	ObjectID      int64
	Before, After json.RawMessage // nil when there was, or is, nothing, or when it was erased
	// Permission is what let the change be made, and BranchID where it held (0: every
	// root, or no permission was asked for).
	Permission   string
	BranchID     int64
	PersonID     int64 // who acted; 0 for a service, and in rows of old
	Impersonated int64 // for whom a client acted; 0 for nobody
	salt         []byte
	commitment   []byte
	head         []byte
}

// Erased reports whether the values of the change were erased.
func (c *LoggedChange) Erased() bool { return c.salt == nil }

func scanChange(s Scanner) (LoggedChange, error) {
	var c LoggedChange
	var api string
	var before, after *string
	err := s.Scan(&c.Revision, &c.Seq, &c.Time, &c.Actor, &api, &c.RequestID, &c.Operation, &c.SubjectType,
		&c.SubjectID, &c.ObjectID, &before, &after, &c.salt, &c.commitment, &c.Permission, &c.BranchID, &c.PersonID, &c.Impersonated, &c.head)
	c.API = roster.API(api)
	c.Before, c.After = rawJSON(before), rawJSON(after)
	return c, err
}

func rawJSON(s *string) json.RawMessage {
	if s == nil {
		return nil
	}
	return json.RawMessage(*s)
}

// seal turns the changes of a write into rows of the log and returns the head
// that they make.
func seal(tx *Tx, before Head) (Head, [][]any, error) {
	after := Head{Revision: tx.Revision, Time: tx.Now}
	rows := make([][]any, len(tx.changes))
	digest := sha256.New()
	hashWords(digest, tx.actor.ID, string(tx.actor.API), tx.actor.RequestID)
	person := tx.actor.PersonID
	if tx.actor.Impersonated != 0 {
		person = 0 // the client acts
	}
	for i, c := range tx.changes {
		beforeJSON, err := marshal(c.Before)
		if err != nil {
			return after, nil, fmt.Errorf("change %s: %w", c.Operation, err)
		}
		afterJSON, err := marshal(c.After)
		if err != nil {
			return after, nil, fmt.Errorf("change %s: %w", c.Operation, err)
		}
		salt := make([]byte, 16)
		_, _ = rand.Read(salt)
		commitment := commit256(salt, beforeJSON, afterJSON)
		hashChange(digest, c.Operation, c.SubjectType, c.SubjectID, c.ObjectID, commitment)
		hashRight(digest, c.Permission, c.BranchID, person, tx.actor.Impersonated)
		rows[i] = []any{
			tx.Revision, i, tx.Now, tx.actor.ID, string(tx.actor.API), tx.actor.RequestID,
			c.Operation, c.SubjectType, c.SubjectID, c.ObjectID, textOrNil(beforeJSON), textOrNil(afterJSON), salt, commitment,
			c.Permission, c.BranchID, person, tx.actor.Impersonated, nil,
		}
	}
	after.Hash = chain(before.Hash, after.Revision, after.Time, digest.Sum(nil))
	rows[0][len(rows[0])-1] = after.Hash[:]
	return after, rows, nil
}

func marshal(v any) ([]byte, error) {
	if v == nil {
		return nil, nil
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	err := e.Encode(v)
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), err
}

func textOrNil(b []byte) any {
	if b == nil {
		return nil
	}
	return string(b)
}

// commit256 is the commitment to a change's values: what the chain hashes in
// their place, so that they can be erased while the chain still verifies.
func commit256(salt, before, after []byte) []byte {
	h := sha256.New()
	hashWords(h, string(salt), string(before), string(after))
	return h.Sum(nil)
}

func hashChange(h hash.Hash, operation, subjectType string, subjectID, objectID int64, commitment []byte) {
	hashWords(h, operation, subjectType, string(commitment))
	hashNumbers(h, subjectID, objectID)
}

// hashRight hashes what let a change be made and by whom, where anything is said: the
// hashes of rows that were written before there was such a thing stay as they are. What
// begins with -1 is no word, so that neither is taken for the other.
func hashRight(h hash.Hash, permission string, branch, person, impersonated int64) {
	if permission == "" && branch == 0 && person == 0 && impersonated == 0 {
		return
	}
	hashNumbers(h, -1)
	hashWords(h, permission)
	hashNumbers(h, branch, person, impersonated)
}

func chain(before [sha256.Size]byte, revision, time int64, digest []byte) [sha256.Size]byte {
	h := sha256.New()
	h.Write(before[:])
	hashNumbers(h, revision, time)
	h.Write(digest)
	return [sha256.Size]byte(h.Sum(nil))
}

// hashWords hashes each word behind its length, so that no two lists are alike.
func hashWords(h hash.Hash, words ...string) {
	for _, w := range words {
		hashNumbers(h, int64(len(w)))
		h.Write([]byte(w))
	}
}

func hashNumbers(h hash.Hash, numbers ...int64) {
	var b [8]byte
	for _, n := range numbers {
		binary.BigEndian.PutUint64(b[:], uint64(n)) //nolint:gosec // the bits are what is hashed
		h.Write(b[:])
	}
}
