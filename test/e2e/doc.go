// Package e2e tests the built program over HTTP, on both databases: what it
// acknowledged is there after it was killed, whatever moment that was.
package e2e
