package store

import "errors"

// nested runs fn in a savepoint of a write that is under way.
func (tx *Tx) nested(fn func(*Tx) error) error {
	if !tx.write {
		return errors.New("store: a write inside a read transaction")
	}
	if _, err := tx.prepare(savepointInner); err != nil {
		return err
	}
	if err := tx.conn.control(tx.ctx, savepointInner); err != nil {
		tx.failure = err
		return err
	}
	changes, effects, ids := len(tx.changes), len(tx.effects), tx.ids.savepoint()
	touched, housekeeping, wakes := tx.touched, tx.housekeeping, tx.wakes
	permission, branch := tx.permission, tx.branch
	err := tx.guarded(fn)
	if err == nil {
		tx.failure = tx.conn.control(tx.ctx, releaseInner)
		return tx.failure
	}
	tx.changes, tx.effects = tx.changes[:changes], tx.effects[:effects]
	tx.touched, tx.housekeeping, tx.wakes = touched, housekeeping, wakes
	tx.permission, tx.branch = permission, branch
	tx.ids.rollback(ids)
	if tx.failure = tx.conn.control(tx.ctx, rollbackInner); tx.failure == nil {
		tx.failure = tx.conn.control(tx.ctx, releaseInner)
	}
	if tx.failure != nil {
		return errors.Join(err, tx.failure)
	}
	return err
}

func control(name, text string) *Query {
	return Global("control."+name, text, "it controls the transaction and reads no table")
}

var (
	beginWrite = control("begin_write", "BEGIN").On(SQLite, "BEGIN IMMEDIATE")
	beginRead  = control("begin_read", "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY").On(SQLite, "BEGIN")
	commit     = control("commit", "COMMIT")
	rollback   = control("rollback", "ROLLBACK")
	// One savepoint is that of a write among those that share a transaction, the
	// inner one that of a verb inside a keyed or planned request.
	savepoint      = control("savepoint", "SAVEPOINT write_of_batch")
	release        = control("release", "RELEASE SAVEPOINT write_of_batch")
	rollbackTo     = control("rollback_to", "ROLLBACK TO SAVEPOINT write_of_batch")
	savepointInner = control("savepoint_inner", "SAVEPOINT verb_of_write")
	releaseInner   = control("release_inner", "RELEASE SAVEPOINT verb_of_write")
	rollbackInner  = control("rollback_inner", "ROLLBACK TO SAVEPOINT verb_of_write")
)
