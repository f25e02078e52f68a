// Package mobilitywire is what the user, operations and auth APIs share on top of
// wire (contract/mobility.md §2): their errors, paging, flags, money, dates and
// periods.
package mobilitywire
