package wire

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/store"
)

// Keys runs calls that bring Idempotency-Key or Roster-Plan inside one write,
// which the area's verb joins: a key's answer is stored with the change that it
// tells of, and a plan is rolled back whole.
type Keys struct {
	db      *store.DB
	wait    time.Duration
	mu      sync.Mutex
	running map[[sha256.Size]byte]chan struct{}
}

const (
	keyWait = 5 * time.Second
	keyLife = 24 * time.Hour
)

// NewKeys keeps the answers of keyed calls in a database.
func NewKeys(db *store.DB) *Keys {
	return &Keys{db: db, wait: keyWait, running: map[[sha256.Size]byte]chan struct{}{}}
}

var (
	keyFind = store.Q("wire.key_find", `SELECT body_hash, status, headers, body, revision FROM idempotency_keys
		WHERE tenant = $1 AND key_hash = $2 AND created_at > $3`)
	keyPut = store.Q("wire.key_put", `INSERT INTO idempotency_keys
		(tenant, key_hash, body_hash, status, headers, body, revision, created_at, person_id, changed) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
		ON CONFLICT (tenant, key_hash) DO UPDATE SET body_hash = excluded.body_hash, status = excluded.status,
		headers = excluded.headers, body = excluded.body, revision = excluded.revision, created_at = excluded.created_at,
		person_id = excluded.person_id, changed = excluded.changed`)
	// Each new key takes the place of two old ones, so that the table cannot grow
	// beyond what a day brings, and no call pays for a whole day's.
	keyPurge = store.Q("wire.key_purge", `DELETE FROM idempotency_keys WHERE tenant = $1 AND key_hash IN (
		SELECT key_hash FROM idempotency_keys WHERE tenant = $1 AND created_at <= $2 ORDER BY created_at LIMIT 2)`)
)

// errRefused rolls a write back whose answer is a refusal, which is sent as it is.
var errRefused = errors.New("wire: the call was refused")

// serve answers a call that brings one of the headers, and reports whether it did.
func (k *Keys) serve(rq *request) bool {
	dry, err := wantsPlan(rq.http.Header.Get("Roster-Plan"))
	key := rq.http.Header.Get("Idempotency-Key")
	keyed := key != "" && rq.http.Method == http.MethodPost
	if err == nil && !dry && !keyed {
		return false
	}
	if err == nil && keyed {
		err = badKey(key, rq.rt.api.spec.KeyLimit)
	}
	var body []byte
	if err == nil {
		body, err = rq.readBody()
	}
	switch {
	case err != nil:
		rq.fail(err)
	case dry:
		k.plan(rq, body)
	default:
		k.once(rq, key, body)
	}
	return true
}

// wantsPlan reads Roster-Plan. A value that is neither true nor false is refused:
// who meant true must not get the change made.
func wantsPlan(value string) (bool, error) {
	switch strings.ToLower(value) {
	case "true":
		return true, nil
	case "", "false":
		return false, nil
	}
	return false, InvalidFields(Field{
		In: InHeader, Name: "Roster-Plan", Rule: RuleEnum, Limit: "true, false", Message: "must be true or false",
	})
}

// readBody reads the whole body, within the call's limits of size and time.
func (rq *request) readBody() ([]byte, error) {
	_ = rq.out.SetReadDeadline(time.Now().Add(rq.rt.operation.BodyReadTimeout))
	body, err := io.ReadAll(io.LimitReader(rq.http.Body, rq.rt.limit+1))
	if err != nil {
		return nil, &roster.Error{Kind: roster.Invalid, Code: CodeBadJSON, Msg: "the body could not be read", Err: err}
	}
	if int64(len(body)) > rq.rt.limit {
		return nil, tooLarge()
	}
	return body, nil
}

// once runs a keyed call, or answers as the first call with the key was answered.
func (k *Keys) once(rq *request, key string, body []byte) {
	name := rq.keyName(key)
	content := digest([]byte(rq.http.URL.RawQuery), body)
	release, err := k.hold(rq, name)
	if err != nil {
		rq.fail(err)
		return
	}
	defer release()
	var a *recorded
	err = k.db.Write(rq, rq.actor, func(tx *store.Tx) error {
		var err error
		if a, err = stored(tx, name, content); a != nil || err != nil {
			return err
		}
		if a = rq.inside(tx, body); a.status >= http.StatusBadRequest {
			return errRefused
		}
		return a.keep(tx, name, content)
	})
	rq.conclude(a, err)
}

// keyName is what a key is stored under: it is the caller's own for one address,
// and a client's own for each person that it acts for.
func (rq *request) keyName(key string) [sha256.Size]byte {
	parts := [][]byte{[]byte(rq.actor.ID), []byte(rq.http.Method), []byte(rq.http.URL.Path), []byte(key)}
	if rq.impersonates {
		parts = append(parts, strconv.AppendInt(nil, rq.actor.PersonID, 10))
	}
	return digest(parts...)
}

// plan runs a call, takes it back, and answers with what it would have changed.
func (k *Keys) plan(rq *request, body []byte) {
	var a *recorded
	p, err := k.db.Plan(rq, rq.actor, func(tx *store.Tx) error {
		if a = rq.inside(tx, body); a.status >= http.StatusBadRequest {
			return errRefused
		}
		return nil
	})
	if err != nil {
		rq.conclude(a, err)
		return
	}
	answer := planAnswer{planContent{Revision: p.Revision, Changes: []any{}}}
	if show := rq.rt.api.spec.RenderChange; show != nil {
		for _, c := range p.Changes {
			changed := Changed{Revision: p.Revision, Time: time.UnixMicro(p.Time).UTC(), Change: c}
			if v, ok := show(rq.actor, changed); ok {
				answer.Plan.Changes = append(answer.Plan.Changes, v)
			}
		}
	}
	rq.w.Header()["Content-Type"] = jsonMedia
	rq.w.WriteHeader(http.StatusOK)
	writeJSON(rq.w, answer)
}

// conclude sends what was recorded, or the error that kept the write from its end.
func (rq *request) conclude(a *recorded, err error) {
	if err != nil && !errors.Is(err, errRefused) {
		rq.fail(err)
		return
	}
	h := rq.w.Header()
	for name, values := range a.header {
		if name != "Roster-Revision" {
			h[name] = values
		}
	}
	rq.revision = a.revision
	rq.w.WriteHeader(a.status)
	_, _ = rq.w.Write(a.body)
}

// hold waits until no other call with the name runs, so that the second of two
// never holds up the writer while it waits for the first.
func (k *Keys) hold(ctx context.Context, name [sha256.Size]byte) (release func(), err error) {
	timer := time.NewTimer(k.wait)
	defer timer.Stop()
	for {
		k.mu.Lock()
		busy := k.running[name]
		if busy == nil {
			done := make(chan struct{})
			k.running[name] = done
			k.mu.Unlock()
			return func() { k.free(name, done) }, nil
		}
		k.mu.Unlock()
		select {
		case <-busy:
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-timer.C:
			return nil, roster.Errorf(roster.Conflict, CodeKeyInUse, "the first call with this Idempotency-Key still runs")
		}
	}
}

func (k *Keys) free(name [sha256.Size]byte, done chan struct{}) {
	k.mu.Lock()
	delete(k.running, name)
	k.mu.Unlock()
	close(done)
}

// digest hashes parts so that no two lists of parts run together.
func digest(parts ...[]byte) (sum [sha256.Size]byte) {
	h := sha256.New()
	for _, p := range parts {
		part := sha256.Sum256(p)
		h.Write(part[:])
	}
	h.Sum(sum[:0])
	return sum
}

// stored returns the answer that the key has, if it has one.
func stored(tx *store.Tx, name, content [sha256.Size]byte) (*recorded, error) {
	a := &recorded{}
	var hash []byte
	var headers string
	err := tx.Row(keyFind, name[:], tx.Now-keyLife.Microseconds()).Scan(&hash, &a.status, &headers, &a.body, &a.revision)
	switch {
	case errors.Is(err, store.ErrNoRows):
		return nil, nil
	case err != nil:
		return nil, err
	case a.status == 0:
		return nil, roster.Errorf(roster.Conflict, CodeKeyReused, "the call with this Idempotency-Key was made, and its answer erased with the person whom it told of")
	case string(hash) != string(content[:]):
		return nil, roster.Errorf(roster.Conflict, CodeKeyReused, "this Idempotency-Key came with another request before")
	}
	return a, json.Unmarshal([]byte(headers), &a.header)
}

// keep stores the answer with the change.
func (a *recorded) keep(tx *store.Tx, name, content [sha256.Size]byte) error {
	tx.Housekeeping() // a call that changed nothing has an answer to keep as well
	a.revision = tx.Reached()
	a.header = a.lasting()
	headers, err := json.Marshal(a.header)
	if err != nil {
		return err
	}
	if _, err := tx.Exec(keyPurge, tx.Now-keyLife.Microseconds()); err != nil {
		return err
	}
	_, err = tx.Exec(keyPut, name[:], content[:], a.status, string(headers), a.body, a.revision, tx.Now, tx.Actor().PersonID, a.revision == tx.Revision)
	return err
}
