// Package spend is what an organization's groups carry: policies (what may be
// spent), budgets (how much) and approval rules (who must agree).
//
// Money is whole minor units and an ISO 4217 currency; amounts of two currencies
// are never compared. Where something is missing, the answer is the careful one:
// no policy means approval, an empty scope means nobody, and a step without
// approvers goes to the owners.
package spend
