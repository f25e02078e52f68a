package userapi_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/rosterhq/roster/internal/roster"
)

// A rider reads the invoice of a ride of their own, and nobody else does: not another
// rider who has invoices, and not who manages a business account.
func TestOwnInvoices(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		h.ida.Post("/me/payment-sources", object{"type": "CREDIT_CARD", "label": "My card"}).Want(201)
		ride := number(h.ida.Post("/rentals", object{"vehicleCode": "B-1", "startRentalState": "ACTIVE"}).Want(201), "id")
		h.Clock.Forward(12 * time.Minute)
		h.ida.Post(fmt.Sprintf("/rentals/%d/end", ride), nil).Want(200)
		h.Clock.Forward(time.Minute)
		bills, err := h.Business.CloseUntil(t.Context(), h.CLI, h.Person("ida"), roster.MomentAt(h.DB.Now()))
		if err != nil || len(bills) != 1 {
			t.Fatalf("%d invoices, %v", len(bills), err)
		}
		mias := h.paidInvoice(h.Person("mia"), h.Person("mia"))
		groups := h.paidInvoice(h.group, h.Person("mia"))

		g := h.golden(h.ida, "own_invoices")
		listed := g.Get("/me/invoices").Want(200)
		if listed.Len("") != 1 || number(listed, "0.id") != bills[0].ID {
			t.Errorf("ida has %s", listed.Body)
		}
		idas := fmt.Sprintf("/me/invoices/%d", bills[0].ID)
		g.Note("12 minutes: 1.00 and 12 × 0.19.")
		one := g.Get(idas).Want(200)
		if one.Len("lines") != 1 || number(one, "lines.0.userId") != h.Person("ida") || one.At("price.grossPrice") != 3.28 {
			t.Errorf("the invoice is %s", one.Body)
		}
		g.Note("Those of others are not there, nor is one that nobody has.")
		g.Get(fmt.Sprintf("/me/invoices/%d", mias)).Want(404)
		g.Get(fmt.Sprintf("/me/invoices/%d", groups)).Want(404)
		g.Get("/me/invoices/999").Want(404)
		h.as(g, "mia").Get(idas).Want(404)
		h.as(g, "mia").Get(fmt.Sprintf("/me/invoices/%d", mias)).Want(200)
		h.olga.Get(idas).Want(404)
		h.olga.Get(h.managed("/invoices/%d", bills[0].ID)).Want(404)
		h.olga.Get(h.managed("/invoices/%d", mias)).Want(404)
		h.nobody.Get(idas).Want(401)
	})
}
