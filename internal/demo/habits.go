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
		group, rider string // whose it is
		source       business.NewSource
	}{
		{group: "business_group", source: business.NewSource{Type: business.InvoicingPayment, Label: "Monthly invoice"}},
		{group: "rival_group", source: business.NewSource{Type: business.SEPA, Label: "Allegheny Bank"}},
		{rider: "business-member", source: business.NewSource{Type: business.CreditCard, Label: "Private card"}},
		{rider: "business-member", source: business.NewSource{Type: business.PayPal}},
		{rider: "customer-free-2", source: business.NewSource{Type: business.ApplePay}},
	} {
		payer, account := w.actor, w.Numbers[s.group]
		if s.rider != "" {
			account = w.Customers[s.rider]
			payer.API, payer.Role, payer.PersonID = roster.UserAPI, identity.RoleUser, account
		}
		s.source.Key = s.source.Type // a step that was cut off makes none twice
		if _, err := w.Business.AddPaymentSource(ctx, payer, account, s.source); err != nil {
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
