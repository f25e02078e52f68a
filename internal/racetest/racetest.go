// Package racetest tells tests whether the race detector is on, so that they can
// do the same work on less data: SQLite in Go is some ten times slower under it.
package racetest

// Scale is n, or a tenth of it, at least 1, under the race detector.
func Scale(n int) int {
	if Enabled {
		return max(1, n/10)
	}
	return n
}
