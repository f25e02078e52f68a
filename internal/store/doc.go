// Package store is the database kit: it opens SQLite or PostgreSQL, runs named
// portable queries inside transactions, writes the change log and keeps what lies
// in memory at the revision that the database is at.
//
// One writer at a time per tenant. Writes queue to a committer, which runs those
// that wait at the same moment one after the other in one transaction, each in
// its own savepoint, and acknowledges them together after its one commit. On
// SQLite there is one committer for the file; on PostgreSQL one per tenant, whose
// transaction begins by locking the tenant's row. So a write function sees every
// write before it, and knows its own revision and time from the start: rules are
// plain reads, and no other lock is needed on either engine.
//
// A write's function may run twice (when the transaction that it shared broke),
// so it has no effect outside its Tx. Its statements run under the committer's
// context, never the request's: an interrupted statement would end the whole
// transaction, and its neighbours' rows with it.
package store
