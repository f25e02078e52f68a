package demo

import (
	"github.com/rosterhq/roster/internal/business"
	"github.com/rosterhq/roster/internal/care"
)

// rate makes credit ratings by hand: the demo's tenant has no provider of them.
func (m *mobilityMaker) rate(own, rival *business.Account) error {
	good, fair := int64(640), int64(480)
	for _, r := range []struct {
		account int64
		rating  care.NewRating
	}{
		{own.ID, care.NewRating{Status: care.RatingPending, Reason: "The annual accounts are awaited."}},
		{own.ID, care.NewRating{Status: care.RatingApproved, Score: &good, Reason: "By the annual accounts."}},
		{rival.ID, care.NewRating{Status: care.RatingPending, Reason: "The annual accounts are awaited."}},
		{m.Customers["business-member"], care.NewRating{Status: care.RatingApproved, Score: &fair}},
		{m.Customers["customer-free-2"], care.NewRating{Status: care.RatingApproved, Score: &fair}},
		{m.Customers["customer-free-2"], care.NewRating{Status: care.RatingRejected, Reason: "Three direct debits came back."}},
	} {
		if _, err := care.Rate(m.tx, r.account, r.rating); err != nil {
			return err
		}
	}
	return nil
}
