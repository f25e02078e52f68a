// Package jobs is work that is done later: mail, calls to others, what comes round
// each day. A job is a row, written by the transaction that wants it, so that it is
// there if and only if what it belongs to is.
//
// A Runner claims jobs that are due by a short write, which leases them, runs their
// handlers outside of any transaction, and takes the rows away. A job runs at least
// once: when its node dies, the lease runs out and another node takes it over. What
// must happen once only is written together with the job's end (Done): whoever lost
// the lease fails there, and all that it wrote goes with it.
//
// Arguments hold ids only, and reasons of failures no personal data: a handler reads
// what it needs when it runs, and finds what has been erased erased.
package jobs
