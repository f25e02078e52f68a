package identity

import (
	"slices"
	"strings"
	"time"

	"github.com/rosterhq/roster/internal/graph"
	"github.com/rosterhq/roster/internal/jobs"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/store"
)

// Erasure is a customer who is being deleted, while it can still be told who it was.
// Each area takes out of its own rows, and of the log of its subjects, what tells of
// the customer (OnErase).
type Erasure struct {
	*store.Eraser
	*Customer

	// Last says that the person ends with this profile.
	Last bool
	// Addresses are the keys (graph.Key) of those that the person has, or had, and that
	// are nobody else's by now.
	Addresses []string
	// Refs are what kept messages tell of that are to be forgotten (jobs.Ref).
	Refs []string
}

// Had reports whether the person has, or had, an address.
func (e *Erasure) Had(address string) bool {
	return address != "" && slices.Contains(e.Addresses, graph.Key(address))
}

// Said reports whether a JSON text holds one of those addresses.
func (e *Erasure) Said(text string) bool {
	text = strings.ToLower(text)
	return slices.ContainsFunc(e.Addresses, func(address string) bool { return strings.Contains(text, strings.ToLower(mustJSON(address))) })
}

var erasers []func(tx *store.Tx, e *Erasure) error

// OnErase has fn called inside the transaction that deletes a customer, before the
// customer's own row is blank. Called by areas when the program starts, and never
// later.
func OnErase(fn func(tx *store.Tx, e *Erasure) error) { erasers = append(erasers, fn) }

// eraseArgs say which messages a job is to forget.
type eraseArgs struct {
	About []string `json:"about"`
}

// eraseJob and scrubJob end an erasure outside the database's rows: the one has messages
// that are kept forgotten, the other what is left in the database's files.
var (
	eraseJob = jobs.Kind[eraseArgs]{Name: "customer.erase"}
	scrubJob = jobs.Kind[struct{}]{Name: "database.scrub", Timeout: 10 * time.Minute, Attempts: 100}
)

// lateMessages is how long a message may take that was begun before somebody was
// deleted.
const lateMessages = 2 * time.Minute

var (
	addressesOf = store.Q("person.addresses", `SELECT email_key FROM people WHERE tenant = $1 AND id = $2 AND email_key <> ''`)
	personBlank = store.Q("person.erase", `UPDATE people SET name = '', email = '', email_key = '', display_name = NULL, department = NULL, external_id = NULL
		WHERE tenant = $1 AND id = $2 AND recorded_to < 9223372036854775807`)
	userBlank      = store.Q("user.erase", `UPDATE users SET full_name = '', name_key = $3, phone_number = NULL, job_title = NULL, department = NULL WHERE tenant = $1 AND id = $2`)
	codesOfPerson  = store.Q("sign_in_code.of_person", `SELECT id FROM sign_in_codes WHERE tenant = $1 AND person_id = $2 AND person_id <> 0`)
	codesToTargets = store.Q("sign_in_code.to_targets", `SELECT id FROM sign_in_codes WHERE tenant = $1
		AND purpose IN ('EMAIL', 'PHONE', 'RESET', 'SIGN_UP', 'OWN_EMAIL', 'OWN_PHONE') AND target IN ($2)`).In()
	codesErase      = store.Q("sign_in_code.erase", `DELETE FROM sign_in_codes WHERE tenant = $1 AND id IN ($2)`).In()
	riderTokenErase = store.Q("refresh_token.erase", `DELETE FROM refresh_tokens WHERE tenant = $1 AND family_id IN (
		SELECT id FROM token_families WHERE tenant = $1 AND person_id = $2 AND person_id <> 0 AND type = 'USER')`)
	riderFamilyErase = store.Q("token_family.erase", `DELETE FROM token_families WHERE tenant = $1 AND person_id = $2 AND person_id <> 0 AND type = 'USER'`)
)

func beginErasure(tx *store.Tx, c *Customer) (*Erasure, error) {
	person, err := graph.LivePerson(tx, c.ID)
	if err != nil {
		return nil, err
	}
	e := &Erasure{Eraser: tx.Erase(), Customer: c, Last: person.Profiles == graph.CustomerProfile}
	e.Refs = []string{jobs.Ref(tx.Tenant(), PersonRef, c.ID)}
	had, err := store.All(tx, addressesOf, scanOne[string], c.ID)
	if err != nil {
		return nil, err
	}
	slices.Sort(had)
	for _, address := range slices.Compact(had) {
		p, err := graph.PersonByEmail(tx, address)
		if err != nil && !roster.IsKind(err, roster.NotFound) {
			return nil, err
		}
		if err != nil || p.ID == c.ID {
			e.Addresses = append(e.Addresses, address)
		}
	}
	return e, nil
}

func scanOne[T any](s store.Scanner) (v T, err error) { return v, s.Scan(&v) }

// areas has every area erase what is its own.
func (e *Erasure) areas(tx *store.Tx) error {
	for _, fn := range erasers {
		if err := fn(tx, e); err != nil {
			return err
		}
	}
	return nil
}

// codes deletes those that were sent, or are to be.
func (e *Erasure) codes(tx *store.Tx) error {
	ids, err := store.All(tx, codesOfPerson, scanOne[int64], e.ID)
	if err != nil {
		return err
	}
	targets := [][]byte{targetOf(e.Email)}
	if e.Phone != "" {
		targets = append(targets, targetOf(e.Phone))
	}
	for _, address := range e.Addresses {
		targets = append(targets, targetOf(address))
	}
	err = store.EachOf(tx, codesToTargets, targets, func(s store.Scanner) error {
		id, err := scanOne[int64](s)
		ids = append(ids, id)
		return err
	})
	if err != nil {
		return err
	}
	for _, id := range ids {
		e.Refs = append(e.Refs, jobs.Ref(tx.Tenant(), codeRef, id))
	}
	_, err = tx.ExecIn(codesErase, ids)
	return err
}

// own erases what identity and the graph know, once the profile is gone.
func (e *Erasure) own(tx *store.Tx) error {
	subjects := []string{"customer", "credential"}
	if e.Last {
		subjects = append(subjects, personSubject, "user")
		if _, err := tx.Exec(personBlank, e.ID); err != nil {
			return err
		}
		if _, err := tx.Exec(userBlank, e.ID, []byte{}); err != nil {
			return err
		}
	}
	for _, q := range []*store.Query{riderTokenErase, riderFamilyErase} {
		if _, err := tx.Exec(q, e.ID); err != nil {
			return err
		}
	}
	for _, subject := range subjects {
		if err := e.Subjects(subject, e.ID); err != nil {
			return err
		}
	}
	return e.Objects(sessionSubject, e.ID)
}

// end has the answers go that were stored, and what lies outside the rows.
func (e *Erasure) end(tx *store.Tx) error {
	if err := e.Answers(e.ID); err != nil {
		return err
	}
	slices.Sort(e.Refs)
	job := eraseJob.Job(eraseArgs{slices.Compact(e.Refs)})
	return jobs.Enqueue(tx, job, job.At(tx.Now+lateMessages.Microseconds()), scrubJob.Job(struct{}{}).Keyed("database"))
}
