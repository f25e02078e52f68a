// Package graph is the heart: the subjects of a tenant, the memberships between
// them, the rules that a membership keeps, who is in a group through any number
// of nested groups, and how all that was at any instant before.
//
// Rows of groups, people, properties and memberships are never rewritten: a
// change closes the live row and opens another. What a row said, and when, stays.
// (A row that a transaction opened and changes again is rewritten in place: no
// one else has seen it.)
//
// Writes check their rules by SQL, inside their transaction. Reads of the present
// are answered by the index in memory, reads of the past by a small index built
// from the rows that were live then: one code answers both.
package graph
