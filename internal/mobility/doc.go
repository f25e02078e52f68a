// Package mobility is what customers drive: categories of vehicles, vehicles and
// their tariffs, what a rental asks of whom (requirements), rentals and bookings.
//
// A rental or booking captures at its creation who pays and by which tariff: group,
// cost center, reason, business unit, currency, prices. None of that changes later,
// whatever becomes of the group or the tariff. When a rental ends, its price is
// posted to the ledger of business in the same transaction; the billing summary and
// the invoices read that ledger alone.
//
// A reservation, and a booking that nobody started, end by themselves. They count as
// EXPIRED from that instant on, in every answer; a job writes it down.
//
// Positions are millionths of a degree, distances meters, money roster.Amount, times
// µs UTC. Zero is none.
package mobility
