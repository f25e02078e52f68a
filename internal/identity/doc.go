// Package identity is who is who: tokens, the profiles that a person has for each
// API, sign-in methods and settings.
//
// A person is one subject of the graph with several profiles. Creating a profile
// for the address of a person who lacks it adds it to that person; it adds no
// sign-in method and no session. Deleting a profile removes its data, and the
// person goes with the last one.
package identity
