package admin

import (
	"context"
	"net/http"
	"time"

	"github.com/rosterhq/roster/internal/business"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/store"
)

// CloseBilling says what is to be billed: all that the business account with a code
// owes from before an instant.
type CloseBilling struct {
	Group string `json:"group"`
	// Until is a date, whose midnight in the business unit's zone is meant, or RFC 3339.
	Until string `json:"until"`
}

// Invoice is an invoice as commands print it; amounts are decimal numbers.
type Invoice struct {
	Number   string    `json:"invoiceId"`
	Currency string    `json:"currency"`
	Items    int64     `json:"items"`
	Net      string    `json:"netPrice"`
	Tax      string    `json:"containedTax"`
	Gross    string    `json:"grossPrice"`
	Due      time.Time `json:"dueDate"`
}

func (s *Server) closeBilling(a roster.Actor, w http.ResponseWriter, r *http.Request) error {
	var in CloseBilling
	if err := receive(r, &in); err != nil {
		return err
	}
	until, err := in.until()
	if err != nil {
		return err
	}
	var account *business.Account
	err = s.DB.Read(r.Context(), a.Tenant.ID, func(tx *store.Tx) error {
		account, err = business.AccountByCode(tx, in.Group)
		return err
	})
	if err != nil {
		return err
	}
	made, err := s.Business.CloseUntil(r.Context(), a, account.ID, until)
	if err != nil {
		return err
	}
	out := make([]Invoice, len(made))
	for i, v := range made {
		out[i] = Invoice{
			v.Number, v.Currency, v.Items, v.Price.Net.String(), v.Price.Tax.String(), v.Price.Gross.String(), time.UnixMicro(v.DueAt).UTC(),
		}
	}
	return reply(w, out)
}

func (in *CloseBilling) until() (roster.Moment, error) {
	if _, err := time.Parse(time.DateOnly, in.Until); err == nil {
		return roster.Moment{Date: in.Until, Given: true}, nil
	}
	at, err := time.Parse(time.RFC3339Nano, in.Until)
	if err != nil {
		return roster.Moment{}, roster.FieldError("until", "must be a date, or a time like 2026-11-30T23:00:00Z")
	}
	return roster.MomentAt(at.UnixMicro()), nil
}

// CloseBilling bills what a business account owes; nothing to bill is no invoice.
func (c *Client) CloseBilling(ctx context.Context, tenant string, in CloseBilling) (made []Invoice, err error) {
	return made, c.call(ctx, http.MethodPost, below(tenant, "billing/close"), in, &made)
}
