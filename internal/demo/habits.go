package demo

import (
	"context"

	"github.com/rosterhq/roster/internal/business"
	"github.com/rosterhq/roster/internal/identity"
	"github.com/rosterhq/roster/internal/roster"
)

// makeHabits has accounts have something to pay with, and riders be signed in.
func makeHabits(ctx context.Context, w *worker) error {
	for _, s := range []struct {
		account int64
		source  business.NewSource
	}{
		{w.Numbers["business_group"], business.NewSource{Type: business.InvoicingPayment, Label: "Monthly invoice"}},
		{w.Numbers["rival_group"], business.NewSource{Type: business.SEPA, Label: "Allegheny Bank"}},
		{w.Customers["business-member"], business.NewSource{Type: business.CreditCard, Label: "Private card"}},
		{w.Customers["business-member"], business.NewSource{Type: business.PayPal}},
		{w.Customers["customer-free-2"], business.NewSource{Type: business.ApplePay}},
	} {
		payer := w.actor
		if s.account != w.Numbers["business_group"] && s.account != w.Numbers["rival_group"] {
			payer.API, payer.Role, payer.PersonID = roster.UserAPI, identity.RoleUser, s.account
		}
		s.source.Key = s.source.Type // a step that was cut off makes none twice
		if _, err := w.Business.AddPaymentSource(ctx, payer, s.account, s.source); err != nil {
			return err
		}
	}
	for _, s := range []struct {
		rider, device string
		over          bool
	}{
		{"business-member", "RosterRide/4.1 (Android 16)", false},
		{"business-member", "Mozilla/5.0 (X11; Linux x86_64)", true},
		{"customer-free", "RosterRide/4.1 (iPhone; iOS 26.1)", false},
	} {
		from := identity.From{Tenant: w.actor.Tenant.Name, Device: identity.Device{UserAgent: s.device, Address: "192.0.2.44", RequestID: w.actor.RequestID}}
		tokens, err := w.Identity.SignInEmail(ctx, from, w.Logins[s.rider], w.password(s.rider))
		if err != nil {
			return err
		}
		if !s.over {
			continue
		}
		if err := w.Identity.LogOut(ctx, from, tokens.Refresh); err != nil {
			return err
		}
	}
	return nil
}
