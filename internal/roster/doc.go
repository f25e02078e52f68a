// Package roster holds the words that all of Roster shares: who acts, what went
// wrong, what changed, and what time it is. It imports the standard library only.
package roster
