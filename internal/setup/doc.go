// Package setup is what a tenant is made of, as a file: branches, business units,
// vehicles and what they cost, requirements, terms, roles and who has them.
// Applying the file makes the tenant so, in one transaction; applying it again
// changes nothing. What the file does not name stays as it is.
//
// Things refer to each other by code, so that a file fits any tenant. A problem
// names the place in the file and what to do, and all problems of a file are told
// at once.
package setup
