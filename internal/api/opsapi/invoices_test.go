package opsapi_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/rosterhq/roster/internal/business"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/store"
)

// charged posts charges to a group of VIE, each for a rental of mia's of its own that
// ended an hour ago.
func (h *house) charged(group int64, sources ...int64) {
	h.t.Helper()
	h.write(func(tx *store.Tx) error {
		tx.Housekeeping()
		var all []*business.Charge
		for _, source := range sources {
			all = append(all, &business.Charge{
				AccountID: group, Kind: business.RentalCharge, SourceID: source, MemberID: h.idIn(tx, "mia"), BusinessUnitID: 1, BranchID: h.branchIn(tx, "VIE"),
				Currency: "EUR", Time: tx.Now - time.Hour.Microseconds(), Price: roster.Price{Net: 5_0000, Tax: 1_0000, Gross: 6_0000},
			})
		}
		return business.PostCharges(tx, all)
	})
}

// invoice has a group billed, and returns the invoice.
func (h *house) invoice(group int64) int64 {
	h.t.Helper()
	h.charged(group, h.clock.micros.Load())
	h.clock.forward(time.Second)
	all, err := h.business.CloseUntil(h.t.Context(), h.cli, group, roster.MomentAt(h.db.Now()))
	if err != nil || len(all) != 1 {
		h.t.Fatalf("%d invoices, %v", len(all), err)
	}
	return all[0].ID
}

// Finance bills an account ahead of its cycle, and says what became of the money.
func TestInvoices(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		h.charged(h.group, 1001, 1002)
		g := h.golden(h.as("accounting"), "invoices")
		closing := on(h.group, "/billing-cycles/close")
		g.Note("An instant that is to come; then one that has come, and again, when nothing is left to bill.")
		g.Post(closing, object{"until": "2026-03-03"}).Want(400)
		g.Post(closing, object{}).Want(400)
		id := number(g.Post(closing, object{"until": "2026-03-02T10:00:00Z"}).Want(200), "0.id")
		if left := g.Post(closing, object{"until": "2026-03-02T10:00:00Z"}).Want(200); string(left.Body) != "[]" {
			t.Errorf("billed twice: %s", left.Body)
		}
		one := fmt.Sprintf("/invoices/%d", id)
		g.Note("Read, and moved as the table of its life says.")
		tag := g.Get(one).Want(200).Header.Get("ETag")
		g.Get(fmt.Sprintf("/invoices?accountId=%d&state=OPEN&state=FAILED", h.group)).Want(200)
		g.Get("/invoices").Want(400)
		g.Get("/invoices/999").Want(404)
		g.Patch(one, object{"state": "REFUNDED"}).Want(409)
		g.Patch(one, object{"state": "FAILED"}).Want(400)
		g.Set("If-Match", `"1"`).Patch(one, object{"state": "CANCELLED"}).Want(412)
		g.Set("If-Match", tag).Patch(one, object{"state": "CANCELLED"}).Want(200)
		g.Note("What was cancelled is billed again.")
		second := number(g.Post(closing, object{"until": "2026-03-02T10:00:00Z"}).Want(200), "0.id")
		g.Patch(fmt.Sprintf("/invoices/%d", second), object{"state": "PAID"}).Want(200)
		g.Patch(fmt.Sprintf("/invoices/%d", second), object{"state": "REFUNDED"}).Want(200)

		g.Note("An overdue invoice blocks the account until finance says that it is paid.")
		unpaid := h.invoice(h.group)
		h.clock.forward(30 * 24 * time.Hour)
		blocked := func() any { return h.as("admin").Get(on(h.group, "")).Want(200).At("blockedByUnpaidInvoices") }
		if blocked() != true {
			t.Error("the account is not blocked")
		}
		g.Patch(fmt.Sprintf("/invoices/%d", unpaid), object{"state": "PAID"}).Want(200)
		if blocked() != false {
			t.Error("the account is blocked after it paid")
		}
	})
}
