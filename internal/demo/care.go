package demo

import (
	"github.com/rosterhq/roster/internal/business"
	"github.com/rosterhq/roster/internal/care"
	"github.com/rosterhq/roster/internal/identity"
)

// used are cards of the tenant's file that were in use before.
var used = map[string]string{
	"PGH-0006": care.CardUnassigned, "PGH-0007": care.CardLost, "PGH-0012": care.CardBroken, "PGH-0015": care.CardUnassigned,
	"PGH-0020": care.CardArchived, "VIE-0003": care.CardLost, "VIE-OLD-1": care.CardArchived,
}

// careFacts notes the terms, cards and voucherable that there are, has some cards be no
// longer new, and gives vouchers.
func (m *mobilityMaker) careFacts(tree *identity.Tree, branch int64, own *business.Account) error {
	terms, err := care.CurrentTerms(m.tx, tree, branch, m.tx.Now)
	if err != nil {
		return err
	}
	m.Numbers["terms_current"] = terms.ID
	for number, state := range used {
		c, err := care.CardByNumber(m.tx, number)
		if err != nil {
			return err
		}
		c.State, c.PersonID = state, 0
		if _, err := care.PutCard(m.tx, c); err != nil {
			return err
		}
	}
	for name, number := range map[string]string{"card_new": "PGH-0028", "card_assigned": "PGH-0001"} {
		c, err := care.CardByNumber(m.tx, number)
		if err != nil {
			return err
		}
		m.Numbers[name] = c.ID
	}
	return m.gifts(own)
}

// gifts are vouchers of accounts whose rides nobody counts on.
func (m *mobilityMaker) gifts(own *business.Account) error {
	for _, g := range []struct{ code, to, reason, revoked string }{
		{"SORRY-5", "leo.courier@steelcity.example", "The lock did not open.", ""},
		{"SORRY-5", "leo.courier@steelcity.example", "A flat tyre, twice in a week.", ""},
		{"SORRY-5", "ines.courier@steelcity.example", "Charged for a bike that was not there.", ""},
		{"SORRY-5", "una.new@rides.example", "Waited an hour for support.", "Meant for another customer."},
		{"WELCOME", "ines.courier@steelcity.example", "", ""},
		{"COME-BACK", "leo.courier@steelcity.example", "Has not ridden for a month.", ""},
		{"COME-BACK", "una.new@rides.example", "", ""},
		{"VAN-20", "", "The van broke down on I-376.", ""},
		{"SORRY-5", "", "An invoice came twice.", "The second one was right."},
	} {
		v, err := care.VoucherableByCode(m.tx, g.code)
		if err != nil {
			return err
		}
		if g.code == "SORRY-5" {
			m.Numbers["voucherable"] = v.ID
		}
		of := care.IssueOf{Voucherable: v, Reason: g.reason, GroupID: own.ID}
		if g.to != "" {
			of.CustomerID, of.GroupID = m.people[g.to], 0
		}
		made, err := care.Issue(m.tx, of)
		if err != nil {
			return err
		}
		if g.revoked == "" {
			continue
		}
		for _, v := range made {
			if err := care.Revoke(m.tx, v, g.revoked); err != nil {
				return err
			}
		}
	}
	return nil
}
