package store

import (
	"slices"

	"github.com/rosterhq/roster/internal/roster"
)

// The commitment stays, which is what the chain hashes.
const eraseValues = `UPDATE changes SET before = NULL, after = NULL, salt = NULL WHERE tenant = $1 `

var (
	changesOfSubjects = Q("change.erase_of_subject", eraseValues+`AND subject_type = $2 AND subject_id IN ($3)`).In()
	changesOfObjects  = Q("change.erase_of_object", eraseValues+`AND subject_type = $2 AND object_id IN ($3)`).In()
	changeErase       = Q("change.erase", eraseValues+`AND revision = $2 AND seq = $3`)
	changesSaid       = Q("change.said_of_subject", `SELECT revision, seq, coalesce(before, ''), coalesce(after, '') FROM changes
		WHERE tenant = $1 AND subject_type = $2 AND subject_id IN ($3)`).In()
	revisionsOfSubjects = Q("change.revisions_of_subject", `SELECT revision FROM changes
		WHERE tenant = $1 AND time > $2 AND subject_type = $3 AND subject_id IN ($4)`).In()
	revisionsOfObjects = Q("change.revisions_of_object", `SELECT revision FROM changes
		WHERE tenant = $1 AND time > $2 AND subject_type = $3 AND object_id IN ($4)`).In()
)

// Status 0 says that there is no answer to give any more: its key is kept, so that no
// call is made twice.
const eraseAnswer = `UPDATE idempotency_keys SET status = 0, body_hash = $2, headers = '{}', body = $2 WHERE tenant = $1 `

var (
	answersAt    = Q("answer.erase_at", eraseAnswer+`AND revision IN ($3)`).In()
	answersOf    = Q("answer.erase_of", eraseAnswer+`AND person_id = $3 AND person_id <> 0`)
	answersToNil = Q("answer.erase_idle", `DELETE FROM idempotency_keys WHERE tenant = $1 AND NOT changed`).
			Whole("they all go, by an index that has no others")
)

// answerLife is how long, in µs, answers are stored at most.
const answerLife = 24 * 3600 * 1e6

// Eraser takes what was written of somebody out of the log, and out of the answers
// that are stored for calls which come twice. The chain of the log still verifies.
type Eraser struct {
	tx        *Tx
	revisions []int64
}

// Erase begins an erasure, which ends with Answers.
func (tx *Tx) Erase() *Eraser { return &Eraser{tx: tx} }

// Subjects erases the values of all changes of those subjects.
func (e *Eraser) Subjects(subjectType string, ids ...int64) error {
	return e.erase(changesOfSubjects, revisionsOfSubjects, subjectType, ids, func(c *roster.Change) int64 { return c.SubjectID })
}

// Objects erases the values of all changes which tie subjects to those objects.
func (e *Eraser) Objects(subjectType string, ids ...int64) error {
	return e.erase(changesOfObjects, revisionsOfObjects, subjectType, ids, func(c *roster.Change) int64 { return c.ObjectID })
}

func (e *Eraser) erase(q, revisions *Query, subjectType string, ids []int64, of func(*roster.Change) int64) error {
	if len(ids) == 0 {
		return nil
	}
	for i := range e.tx.changes { // of this very write
		if c := &e.tx.changes[i]; c.SubjectType == subjectType && slices.Contains(ids, of(c)) {
			c.Before, c.After = nil, nil
		}
	}
	err := e.tx.EachIn(revisions, ids, func(s Scanner) error {
		var revision int64
		err := s.Scan(&revision)
		e.revisions = append(e.revisions, revision)
		return err
	}, e.tx.Now-answerLife, subjectType)
	if err != nil {
		return err
	}
	_, err = e.tx.ExecIn(q, ids, subjectType)
	return err
}

// Mentions erases the values of those changes of subjects whose JSON says what is to be
// erased.
func (e *Eraser) Mentions(subjectType string, ids []int64, says func(values string) bool) error {
	type place struct{ revision, seq int64 }
	var found []place
	for i := range e.tx.changes {
		c := &e.tx.changes[i]
		if c.SubjectType != subjectType || !slices.Contains(ids, c.SubjectID) {
			continue
		}
		for _, values := range []*any{&c.Before, &c.After} {
			text, err := marshal(*values)
			if err != nil {
				return err
			}
			if says(string(text)) {
				*values = nil
			}
		}
	}
	err := e.tx.EachIn(changesSaid, ids, func(s Scanner) error {
		var p place
		var before, after string
		err := s.Scan(&p.revision, &p.seq, &before, &after)
		if err == nil && (says(before) || says(after)) {
			found = append(found, p)
		}
		return err
	}, subjectType)
	for _, p := range found {
		if err == nil {
			_, err = e.tx.Exec(changeErase, p.revision, p.seq)
		}
		e.revisions = append(e.revisions, p.revision)
	}
	return err
}

// Answers ends the erasure: stored answers go that were given to the person, or that
// tell of a change which was erased, and those of calls which changed nothing, which
// may be made once more.
func (e *Eraser) Answers(person int64) error {
	slices.Sort(e.revisions)
	if _, err := e.tx.ExecIn(answersAt, slices.Compact(e.revisions), []byte{}); err != nil {
		return err
	}
	if _, err := e.tx.Exec(answersOf, []byte{}, person); err != nil {
		return err
	}
	_, err := e.tx.Exec(answersToNil)
	return err
}
