package opsapi_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/rosterhq/roster/internal/business"
	"github.com/rosterhq/roster/internal/jobs"
	"github.com/rosterhq/roster/internal/jobs/post/posttest"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/store"
	"github.com/rosterhq/roster/internal/wire/wiretest"
)

// charged posts charges to a group of VIE, each for a rental of mia's of its own that
// ended an hour ago.
func (h *house) charged(group int64, sources ...int64) {
	h.T.Helper()
	h.Write(func(tx *store.Tx) error {
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
	h.T.Helper()
	h.charged(group, h.Clock.Micros())
	h.Clock.Forward(time.Second)
	all, err := h.Business.CloseUntil(h.T.Context(), h.CLI, group, roster.MomentAt(h.DB.Now()))
	if err != nil || len(all) != 1 {
		h.T.Fatalf("%d invoices, %v", len(all), err)
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
		h.Clock.Forward(30 * 24 * time.Hour)
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

// An invoice tells which payment by a gateway paid it, and the one cost center that all
// of it is of.
func TestPaidInvoice(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		h.Business.AddGateway("TILL", &till{func(business.Payment) business.Outcome { return business.PaymentDone }})
		h.Write(func(tx *store.Tx) error {
			_, err := business.UpdateUnit(tx, 1, nil, func(u *business.Unit) error { u.Gateway = "TILL"; return nil })
			return err
		})
		h.as("accounting").Patch(on(h.group, ""), object{"paymentState": "NONE"}).Want(200)
		if _, err := h.Business.AddPaymentSource(t.Context(), h.rider(h.Person("olga")), h.group, business.NewSource{Type: business.CreditCard}); err != nil {
			t.Fatal(err)
		}
		runner := jobs.New(h.DB, jobs.Options{})
		h.Business.RegisterJobs(runner, &posttest.Box{})
		sales := h.costCenter("SALES")
		// The invoice of charges, once it is paid, of these cost centers.
		paid := func(centers ...int64) *wiretest.Response {
			t.Helper()
			h.Write(func(tx *store.Tx) error {
				tx.Housekeeping()
				for n, center := range centers {
					err := business.PostCharges(tx, []*business.Charge{{
						AccountID: h.group, Kind: business.RentalCharge, SourceID: tx.Now + int64(n), MemberID: h.idIn(tx, "mia"), CostCenterID: center,
						BusinessUnitID: 1, BranchID: h.branchIn(tx, "VIE"), Currency: "EUR", Time: tx.Now, Price: roster.Price{Net: 5_0000, Tax: 1_0000, Gross: 6_0000},
					}})
					if err != nil {
						return err
					}
				}
				return nil
			})
			h.Clock.Forward(time.Second)
			all, err := h.Business.CloseUntil(t.Context(), h.CLI, h.group, roster.MomentAt(h.DB.Now()))
			if err != nil || len(all) != 1 {
				t.Fatalf("%d invoices, %v", len(all), err)
			}
			if err := runner.Drain(t.Context()); err != nil {
				t.Fatal(err)
			}
			return h.as("accounting").Get(fmt.Sprintf("/invoices/%d", all[0].ID)).Want(200)
		}
		first, second := paid(sales, sales), paid(sales, 0)
		if first.Text("state") != "PAID" || number(first, "costCenterId") != sales || second.At("costCenterId") != nil {
			t.Errorf("invoices %s and %s", first.Body, second.Body)
		}
		if a, b := number(first, "paymentId"), number(second, "paymentId"); a == 0 || b == 0 || a == b {
			t.Errorf("they were paid by %d and %d", a, b)
		}
		list := h.as("accounting").Get(fmt.Sprintf("/invoices?accountId=%d&sort=id,asc", h.group)).Want(200)
		if number(list, "0.paymentId") != number(first, "paymentId") || number(list, "0.costCenterId") != sales || number(list, "1.userGroupId") != h.group {
			t.Errorf("the list has %s", list.Body)
		}
	})
}

// till is a gateway that asks the test what it answers.
type till struct {
	charge func(business.Payment) business.Outcome
}

func (till) Setup(_ context.Context, s business.SourceSetup) (business.SourceResult, error) {
	return business.SourceResult{Reference: s.Key, State: business.SourceActive}, nil
}

func (till) Remove(context.Context, roster.Tenant, string) error { return nil }

func (g till) Charge(_ context.Context, p business.Payment) (business.Outcome, error) {
	return g.charge(p), nil
}

// An invoice for whose money the gateway is asked is not cancelled before it answers:
// not before it is asked, not while it is, and not until it has told what became of it.
func TestCancelUnanswered(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		gateway := &till{}
		h.Business.AddGateway("TILL", gateway)
		h.Write(func(tx *store.Tx) error {
			_, err := business.UpdateUnit(tx, 1, nil, func(u *business.Unit) error { u.Gateway = "TILL"; return nil })
			return err
		})
		admin, finance := h.as("admin"), h.as("accounting")
		finance.Patch(on(h.group, ""), object{"paymentState": "NONE"}).Want(200)
		if _, err := h.Business.AddPaymentSource(t.Context(), h.rider(h.Person("olga")), h.group, business.NewSource{Type: business.CreditCard}); err != nil {
			t.Fatal(err)
		}
		one := fmt.Sprintf("/invoices/%d", h.invoice(h.group))
		tag := admin.Get(one).Want(200).Header.Get("ETag")
		refused := func(when string) {
			t.Helper()
			r := finance.Patch(one, object{"state": "CANCELLED"}).Want(409)
			if code := r.Text("errorCode"); code != business.CodeInvoiceState {
				t.Errorf("%s it is refused by %s", when, code)
			}
			if again := admin.Get(one).Want(200); again.Text("state") != "OPEN" || again.Header.Get("ETag") != tag {
				t.Errorf("%s it is %s", when, again.Body)
			}
		}
		refused("before the gateway is asked")
		var asked []business.Payment
		gateway.charge = func(p business.Payment) business.Outcome {
			asked = append(asked, p)
			refused("while the gateway is asked")
			return business.PaymentPending
		}
		runner := jobs.New(h.DB, jobs.Options{})
		h.Business.RegisterJobs(runner, &posttest.Box{})
		if err := runner.Drain(t.Context()); err != nil || len(asked) != 1 {
			t.Fatalf("asked %d times, %v", len(asked), err)
		}
		refused("while the gateway has not told")
		told := business.PaymentReport{Gateway: "TILL", Key: asked[0].Key, Outcome: business.PaymentRefused}
		if err := h.Business.CompletePayment(t.Context(), h.CLI, told); err != nil {
			t.Fatal(err)
		}
		if state := admin.Get(one).Want(200).Text("state"); state != "FAILED" {
			t.Errorf("refused, it is %s", state)
		}
		finance.Patch(one, object{"state": "CANCELLED"}).Want(200)
	})
}
