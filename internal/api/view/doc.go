// Package view is what the user and the operations API show alike: cost centers,
// payment sources, vouchers, billing summaries and what a rental asks, with the small
// helpers by which both read patches and answer lists. What the two show differently,
// such as a group, each renders itself.
package view
