package care_test

import (
	"testing"

	"github.com/rosterhq/roster/internal/care"
	"github.com/rosterhq/roster/internal/identity"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/store"
	"github.com/rosterhq/roster/internal/store/storetest"
)

func (w *world) terms(branch int64, text string, validFrom int64) care.Terms {
	w.Helper()
	t := care.Terms{BranchID: branch, Text: text, URL: "https://example.org/terms", ValidFrom: validFrom}
	w.write(func(tx *store.Tx) error {
		_, err := care.PutTerms(tx, &t)
		return err
	})
	return t
}

func TestTerms(t *testing.T) {
	storetest.Each(t, func(t *testing.T, database string) {
		w := open(t, database)
		first := w.terms(w.at, "one", 0)
		if again := w.terms(w.at, "one", 0); again != first || first.Version != 1 {
			t.Errorf("the same text made %+v of %+v", again, first)
		}
		second := w.terms(w.at, "two", 0)
		own := w.terms(w.vie, "ours", 0)
		future := w.terms(w.grz, "later", first.ValidFrom*2)
		if second.Version != 2 || own.Version != 1 || future.ValidFrom != first.ValidFrom*2 {
			t.Errorf("%+v, %+v, %+v", second, own, future)
		}
		w.write(func(tx *store.Tx) error {
			tree, err := identity.Branches(tx)
			if err != nil {
				return err
			}
			for _, c := range []struct {
				branch, at int64
				want       string
			}{
				{w.at, tx.Now, "two"}, {w.at, first.ValidFrom, "one"}, {w.at, first.ValidFrom - 1, ""}, {w.vie, tx.Now, "ours"}, {w.vie1, tx.Now, "ours"},
				{w.vie1, second.ValidFrom, "two"}, {w.grz, tx.Now, "two"}, {w.grz, future.ValidFrom, "later"}, {999, tx.Now, ""},
			} {
				current, err := care.CurrentTerms(tx, tree, c.branch, c.at)
				if err != nil {
					return err
				}
				got := ""
				if current != nil {
					got = current.Text
				}
				if got != c.want {
					t.Errorf("at branch %d, %d: %q; want %q", c.branch, c.at, got, c.want)
				}
			}
			return nil
		})
		for name, c := range map[string]struct {
			terms care.Terms
			field string
			code  string
		}{
			"no text":   {care.Terms{BranchID: w.at, Text: " "}, "termsAndConditionsText", ""},
			"no https":  {care.Terms{BranchID: w.at, Text: "x", URL: "http://example.org"}, "termsAndConditionsUrl", ""},
			"no url":    {care.Terms{BranchID: w.at, Text: "x", PrivacyURL: "https:///"}, "privacyGuidelinesUrl", ""},
			"no branch": {care.Terms{BranchID: 999, Text: "x"}, "", identity.CodeNoBranch},
		} {
			e := w.refused(w.a, func(tx *store.Tx) error {
				_, err := care.PutTerms(tx, &c.terms)
				return err
			})
			if e.Field != c.field || e.Code != c.code {
				t.Errorf("%s: %+v", name, e)
			}
		}
	})
}

func (w *world) accept(a roster.Actor, person, branch, terms int64) (got care.Acceptance, e *roster.Error) {
	w.Helper()
	err := w.db.Write(w.Context(), a, func(tx *store.Tx) error {
		a, err := care.AcceptTerms(tx, person, branch, terms)
		if err == nil {
			got = *a
		}
		return err
	})
	if err != nil {
		return got, roster.AsError(err)
	}
	return got, nil
}

// states are how a customer stands to the terms of AT, VIE, VIE-1 and GRZ.
func (w *world) states(person int64) (states [4]string) {
	w.Helper()
	err := w.db.Read(w.Context(), w.a.Tenant.ID, func(tx *store.Tx) (err error) {
		for i, branch := range []int64{w.at, w.vie, w.vie1, w.grz} {
			if states[i], err = care.AcceptanceState(tx, person, branch); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		w.Fatal(err)
	}
	return states
}

func TestAcceptance(t *testing.T) {
	const yes, old, no, free = care.Accepted, care.Outdated, care.NotAccepted, care.NotRequired
	storetest.Each(t, func(t *testing.T, database string) {
		w := open(t, database)
		carla := w.customer("carla@example.org", w.vie1)
		expect := func(want [4]string) {
			t.Helper()
			if got := w.states(carla); got != want {
				t.Errorf("states are %v; want %v", got, want)
			}
		}
		accept := func(branch, terms int64) care.Acceptance {
			t.Helper()
			a, e := w.accept(w.a, carla, branch, terms)
			if e != nil {
				t.Fatal(e)
			}
			return a
		}
		expect([4]string{free, free, free, free})
		one := w.terms(w.at, "one", 0)
		expect([4]string{no, no, no, no})
		// What was accepted for one branch counts wherever the same terms do.
		first := accept(w.vie1, 0)
		expect([4]string{yes, yes, yes, yes})
		if again := accept(w.vie1, one.ID); again != first || first.TermsID != one.ID || first.By != care.ByCustomer || first.Version != 1 {
			t.Errorf("accepted %+v, then %+v", first, again)
		}
		// A new version of a parent's outdates children that have none of their own.
		ours := w.terms(w.vie, "ours", 0)
		expect([4]string{yes, old, old, yes})
		accept(w.vie, 0)
		two := w.terms(w.at, "two", 0)
		expect([4]string{old, yes, yes, old})
		// Any version of the chain may be accepted; only the current one counts.
		accept(w.grz, one.ID)
		expect([4]string{old, yes, yes, old})
		accept(w.grz, two.ID)
		expect([4]string{yes, yes, yes, yes})
		accept(w.vie1, two.ID)
		next := w.terms(w.vie, "ours anew", tomorrow(w))
		accept(w.vie1, next.ID)
		expect([4]string{yes, yes, yes, yes})
		other := w.customer("otto@example.org", w.at)
		if got := w.states(other); got != [4]string{no, no, no, no} {
			t.Errorf("somebody else stands at %v", got)
		}
		for name, c := range map[string]struct {
			person, branch, terms int64
			kind                  roster.Kind
			code                  string
		}{
			"nobody":        {999, w.vie, 0, roster.NotFound, identity.CodeNoCustomer},
			"nowhere":       {carla, 999, 0, roster.NotFound, identity.CodeNoBranch},
			"unknown terms": {carla, w.vie, 999, roster.NotFound, care.CodeUnknownTerms},
			"foreign terms": {carla, w.grz, ours.ID, roster.Invalid, care.CodeForeignTerms},
		} {
			if _, e := w.accept(w.a, c.person, c.branch, c.terms); e == nil || e.Kind != c.kind || e.Code != c.code {
				t.Errorf("%s: %v", name, e)
			}
		}
		w.set(identity.TermsAcceptanceRequired.Name, w.vie, "false")
		if got := w.states(other); got != [4]string{no, free, free, no} {
			t.Errorf("where it is not required: %v", got)
		}
	})
}

// tomorrow is an instant that has yet to come.
func tomorrow(w *world) (at int64) {
	w.write(func(tx *store.Tx) error {
		at = tx.Now + 86_400_000_000
		return nil
	})
	return at
}

func (w *world) set(name string, branch int64, value string) {
	w.Helper()
	w.write(func(tx *store.Tx) error {
		_, err := identity.PutBranchSetting(tx, name, branch, []byte(value))
		return err
	})
}

func TestOperatorAcceptsForCustomer(t *testing.T) {
	storetest.Each(t, func(t *testing.T, database string) {
		w := open(t, database)
		carla := w.customer("carla@example.org", w.vie)
		olga := w.a
		olga.API, olga.PersonID = roster.OperationsAPI, w.customer("olga@example.org", w.at)
		if _, e := w.accept(olga, carla, w.vie, 0); e == nil || e.Kind != roster.NotFound || e.Code != "" {
			t.Errorf("a branch without terms: %v", e)
		}
		w.terms(w.at, "one", 0)
		if _, e := w.accept(olga, carla, w.vie, 0); e == nil || e.Kind != roster.Forbidden || e.Code != care.CodeOperatorAcceptance {
			t.Errorf("where operators may not: %v", e)
		}
		w.set(identity.OperatorAcceptance.Name, w.at, "true")
		a, e := w.accept(olga, carla, w.vie, 0)
		if e != nil || a.By != care.ByOperator || a.OperatorID != olga.PersonID || a.BranchID != w.vie {
			t.Errorf("%+v, %v", a, e)
		}
		c := w.care
		rider := w.a
		rider.API, rider.PersonID = roster.UserAPI, carla
		if again, err := c.AcceptTerms(t.Context(), rider, w.vie, 0); err != nil || *again != a {
			t.Errorf("accepted by the customer too: %+v, %v", again, err)
		}
		terms, state, err := c.TermsOf(t.Context(), rider, w.vie1)
		if err != nil || state != care.Accepted || terms.Text != "one" {
			t.Errorf("%+v, %s, %v", terms, state, err)
		}
		if _, _, err := c.TermsOf(t.Context(), rider, 999); roster.AsError(err).Code != identity.CodeNoBranch {
			t.Error(err)
		}
		w.write(func(tx *store.Tx) error {
			_, err := identity.UpdateCustomer(tx, carla, nil, func(c *identity.Customer) error {
				c.BlockState = identity.Deleted
				return nil
			})
			return err
		})
		if _, e := w.accept(w.a, carla, w.at, 0); e == nil || e.Kind != roster.Conflict || e.Code != identity.CodeCustomerDeleted {
			t.Errorf("a deleted customer: %v", e)
		}
	})
}
