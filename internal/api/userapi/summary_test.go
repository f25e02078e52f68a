package userapi_test

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/rosterhq/roster/internal/business"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/wire/wiretest"
)

func TestBillingSummary(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		center, other := h.costCenter("MKT"), h.costCenter("OPS")
		h.mia.Post("/me/payment-sources", object{"type": "SEPA"}).Want(201)
		h.drive("mia", "B-1", h.code, 7, object{"costCenterId": center})
		h.drive("mia", "B-1", "", 50, nil) // her own
		h.voucher(h.group)
		h.drive("max", "B-2", h.code, 11, object{"costCenterId": other})
		h.drive("max", "B-2", h.code, 13, nil)
		h.max.Post("/groups/"+h.code+"/leave", nil).Want(200)
		path := h.managed("/billing-summary")
		g := h.golden(h.olga, "billing_summary")
		g.Note("The open cycle; who has left stands in it, personal rentals do not.")
		whole := g.Get(path).Want(200)
		checkSums(t, whole)
		g.Note("One cost center's.")
		checkSums(t, g.Get(path+fmt.Sprintf("?costCenterId=%d&from=2026-03-01&to=2026-04-01", center)).Want(200))
		g.Note("From alone runs to now; a period without anything.")
		g.Get(path + "?from=2026-03-02T10:00:00Z").Want(200)
		g.Get(path + "?from=2026-01-01&to=2026-02-01").Want(200)
		g.Note("Once the cycle is closed there is an invoice.")
		h.Clock.Set("2026-04-02T00:00:00Z")
		if _, err := h.Business.CloseUntil(t.Context(), roster.Actor{Tenant: h.CLI.Tenant, ID: "cli:0", API: roster.CLI}, h.group, roster.MomentAt(h.Clock.Now().UnixMicro())); err != nil {
			t.Fatal(err)
		}
		checkSums(t, g.Get(path+"?from=2026-03-01&to=2026-04-01").Want(200))
		g.Note("What is no period, and no cost center of the group:")
		g.Get(path + "?to=2026-04-01").Want(400)
		g.Get(path + "?from=2026-04-01&to=2026-04-01").Want(400)
		g.Get(path + "?from=2024-01-01&to=2026-04-01").Want(400)
		g.Get(path + "?from=never").Want(400)
		g.Get(path + "?costCenterId=99").Want(400)
		g.Note("A billing contact reads it, other members do not.")
		h.as(g, "mia").Get(path).Want(403)
		h.as(g, "rex").Get(path).Want(404)
		h.editMember("mia", func(m *business.Member) { m.BillingRole = business.BillingContact })
		h.mia.Get(path + "?from=2026-03-01&to=2026-04-01").Want(200)

		g.Note("The invoice, for who sees the bills.")
		invoice := number(h.as(g, "mia").Get(h.managed("/invoices")).Want(200), "0.id")
		h.as(g, "mia").Get(h.managed("/invoices/%d", invoice)).Want(200)
		h.max.Get(h.managed("/invoices")).Want(404)
		h.mia.Get(fmt.Sprintf("/me/invoices/%d", invoice)).Want(404)
		if mine := h.as(g, "mia").Get("/me/invoices").Want(200); string(mine.Body) != "[]" {
			t.Errorf("the group's invoice is mia's: %s", mine.Body)
		}

		g.Note("An invoice that is overdue blocks the group.")
		h.Clock.Forward(30 * 24 * time.Hour)
		h.as(g, "mia").Get("/groups").Want(200)
		if code := h.mia.Post("/rentals", object{"vehicleCode": "B-1", "userGroupCode": h.code}).Want(400).Text("errorCode"); code != business.CodeUnpaid {
			t.Error(code)
		}
		if code := h.olga.Delete(h.managed("")).Want(409).Text("errorCode"); code != business.CodeOpen {
			t.Error(code)
		}
	})
}

// checkSums adds a summary up, to the last digit: by cost center, by member and by
// business unit it is the total, which is rentals and bookings less rebates, and
// unbilled and invoiced (contract §10.12).
func checkSums(t *testing.T, r *wiretest.Response) {
	t.Helper()
	type price struct{ NetPrice, ContainedTax, GrossPrice json.Number }
	type part struct{ Price price }
	var s struct {
		Total                                                        price
		Rentals, Bookings, Rebates, Unbilled, Invoiced, Paid, Unpaid part
		ByCostCenter, ByMember, ByBusinessUnit                       []part
	}
	r.Into(&s)
	sum := func(of ...part) (p roster.Price) {
		for _, v := range of {
			p = p.Plus(roster.Price{Net: amount(t, v.Price.NetPrice), Tax: amount(t, v.Price.ContainedTax), Gross: amount(t, v.Price.GrossPrice)})
		}
		return p
	}
	total := sum(part{s.Total})
	for name, got := range map[string]roster.Price{
		"cost centers": sum(s.ByCostCenter...), "members": sum(s.ByMember...), "units": sum(s.ByBusinessUnit...),
		"kinds": sum(s.Rentals, s.Bookings).Minus(sum(s.Rebates)), "billing": sum(s.Unbilled, s.Invoiced),
		"payment": sum(s.Unbilled, s.Paid, s.Unpaid),
	} {
		if got != total || total.Net+total.Tax != total.Gross {
			t.Errorf("the %s add up to %v, the total is %v", name, got, total)
		}
	}
}

func amount(t *testing.T, n json.Number) roster.Amount {
	t.Helper()
	a, err := roster.ParseAmount(n.String())
	if err != nil {
		t.Error(err)
	}
	return a
}
