package mobility

import (
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/rosterhq/roster/internal/business"
	"github.com/rosterhq/roster/internal/care"
	"github.com/rosterhq/roster/internal/identity"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/store"
	"github.com/rosterhq/roster/internal/store/storetest"
)

var testUnpaid = store.Q("test.unpaid", `SELECT id FROM invoices WHERE tenant = $1 AND account_id = $2 AND state IN ('OPEN', 'FAILED')`)

// life is what can happen to somebody who rents, for themselves and on an account.
// What is refused changes nothing.
type life struct {
	*scene
	*rapid.T
	bike     *Vehicle
	active   *RentalView
	inGroup  bool
	centers  []*business.CostCenter
	settings []string
}

func (l *life) oneOf(name string, words ...string) string {
	return rapid.SampledFrom(words).Draw(l.T, name)
}

func (l *life) yes(name string) bool { return rapid.Bool().Draw(l.T, name) }

func (l *life) try(fn func(*store.Tx) error) {
	if e := roster.AsError(l.tryWrite(fn)); e.Kind == roster.Internal && e.Err != nil {
		l.T.Fatal(e)
	}
}

func (l *life) person() {
	l.try(func(tx *store.Tx) error {
		_, err := identity.UpdateCustomer(tx, l.who.PersonID, nil, func(c *identity.Customer) error {
			switch l.oneOf("what of the person", "block", "phone", "license", "credit", "signup", "balance", "name") {
			case "block":
				c.BlockState = l.oneOf("block", "NONE", "NONE", "BLOCKED")
			case "phone":
				c.Phone = l.oneOf("phone", "", fmt.Sprintf("+43660%d", 1_000_000+l.who.PersonID))
			case "license":
				c.LicenseState, c.LicenseExpires = l.oneOf("license", verified, "REJECTED"), l.oneOf("expires", "", "2026-03-10", "2027-01-01")
			case "credit":
				c.CreditStatus = l.oneOf("credit", "APPROVED", "REJECTED")
			case "signup":
				c.SignupSettled = l.yes("signup")
			case "balance":
				c.Balance = roster.Amount(rapid.Int64Range(-2, 2).Draw(l.T, "balance"))
			case "name":
				c.FirstName = l.oneOf("name", "", "Ada")
			}
			return nil
		})
		return err
	})
}

func (l *life) configuration() {
	l.try(func(tx *store.Tx) error {
		switch l.oneOf("what is configured", "set", "setting", "terms", "branch", "vehicle") {
		case "set":
			codes := slices.DeleteFunc(append(slices.Clone(flags), checkFlags...), func(c string) bool { return rapid.IntRange(0, 3).Draw(l.T, c) > 0 })
			_, err := PutRequirementSet(tx, &RequirementSet{Name: "Vienna", BranchIDs: []int64{l.vie}, Start: StartRequirements{
				Require: codes, MinimumBalanceWithout: amount(1), MinimumBalanceWithSource: amount(-1), RentalMaximumDistance: 1_000, LicenseCategories: []string{"B"},
			}})
			return err
		case "setting":
			name := rapid.SampledFrom(l.settings).Draw(l.T, "setting")
			_, err := identity.PutBranchSetting(tx, name, l.at, []byte(l.oneOf("value", modelSetting[name][0], modelSetting[name][1])))
			return err
		case "terms":
			if _, err := care.PutTerms(tx, &care.Terms{BranchID: l.at, Text: l.name("terms")}); err != nil {
				return err
			}
			_, err := identity.PutBranchSetting(tx, identity.TermsAcceptanceRequired.Name, l.at, []byte("true"))
			return err
		case "branch":
			unit := rapid.SampledFrom([]int64{0, l.francs.ID}).Draw(l.T, "unit")
			_, err := identity.PutBranch(tx, &identity.Branch{Name: "VIE", Code: "VIE", ParentID: l.at, BusinessUnitID: unit})
			return err
		default:
			v := *l.bike
			v.CategoryID = rapid.SampledFrom([]int64{l.bikes, l.vans}).Draw(l.T, "category")
			_, err := PutVehicle(tx, &v)
			return err
		}
	})
}

func (l *life) acceptTerms() {
	l.agree("what was before")
	l.try(func(tx *store.Tx) error {
		_, err := care.AcceptTerms(tx, l.who.PersonID, l.vie, 0)
		return err
	})
}

func (l *life) card() {
	state, person := care.CardUnassigned, int64(0)
	if l.yes("assigned") {
		state, person = care.CardAssigned, l.who.PersonID
	}
	l.try(func(tx *store.Tx) error {
		_, err := care.PutCard(tx, &care.Card{Number: "1", State: state, BranchID: l.vie, PersonID: person})
		return err
	})
}

func (l *life) rental() {
	if l.active != nil {
		_, _ = l.EndRental(l.Context(), l.who, l.active.ID, End{Position: rapid.SampledFrom([]*Position{nil, &wheel, &cathedral}).Draw(l.T, "left at")})
		l.active = nil
		l.run()
		return
	}
	p := Payer{}
	if l.yes("on the group") {
		p = Payer{GroupID: l.account.ID}
	}
	l.active, _ = l.CreateRental(l.Context(), l.who, NewRental{VehicleID: l.bike.ID, Start: Active, Payer: p})
}

// owe has somebody be late to pay, or pay.
func (l *life) owe() {
	l.rental()
	l.rental()
	l.agree("rentals")
	l.pass(15 * day)
	l.agree("15 days")
	for _, account := range []int64{l.who.PersonID, l.account.ID} {
		var unpaid []int64
		l.read(func(tx *store.Tx) (err error) {
			unpaid, err = store.All(tx, testUnpaid, func(s store.Scanner) (id int64, err error) { return id, s.Scan(&id) }, account)
			return err
		})
		for _, id := range unpaid {
			if !l.yes("pays") {
				continue
			}
			if _, err := l.business.MarkPaid(l.Context(), l.cli, id, nil); err != nil {
				l.T.Fatal(err)
			}
		}
	}
}

func (l *life) source() {
	all, err := l.business.PaymentSources(l.Context(), l.who, l.who.PersonID)
	if err == nil && len(all) > 0 && l.yes("remove") {
		_ = l.business.RemovePaymentSource(l.Context(), l.who, l.who.PersonID, all[0].ID)
		return
	}
	_, _ = l.business.AddPaymentSource(l.Context(), l.who, l.who.PersonID, business.NewSource{Type: l.oneOf("source", business.CreditCard, business.SEPA)})
}

func (l *life) group() {
	l.try(func(tx *store.Tx) error {
		_, err := business.EditAccount(tx, l.account.ID, nil, func(a *business.Account) error {
			switch l.oneOf("what of the group", "state", "settings", "payment", "default", "branches") {
			case "state":
				a.State, a.BlockState = l.oneOf("state", "ACTIVE", "ACTIVE", "INACTIVE"), l.oneOf("block", "NONE", "NONE", "BLOCKED")
			case "settings":
				a.Settings.RequireCostCenter, a.Settings.RequireMemberApproval, a.CheckRentalRequirements = l.yes("center"), l.yes("approval"), l.yes("check")
				a.Settings.RequiredMemberProperties = []string{l.oneOf("property", "desk", "superiorEmail")}
			case "payment":
				a.PaymentState, a.CreditStatus = l.oneOf("payment", "NONE", "INVOICING"), l.oneOf("credit", "APPROVED", "UNKNOWN")
			case "default":
				a.DefaultCostCenterID = rapid.SampledFrom(l.centers).Draw(l.T, "center").ID
			case "branches":
				a.AllowedBranchIDs = [][]int64{nil, {l.grz}}[rapid.IntRange(0, 1).Draw(l.T, "branches")]
			}
			return nil
		})
		return err
	})
}

func (l *life) membership() {
	if l.yes("in or out") {
		if l.inGroup {
			_, err := l.business.Leave(l.Context(), l.who, l.account.Code, "")
			l.inGroup = err != nil
			return
		}
		l.inGroup = l.tryWrite(func(tx *store.Tx) error {
			a, err := business.LiveAccount(tx, l.account.ID)
			if err != nil {
				return err
			}
			_, err = business.InsertMember(tx, a, business.NewMember{UserID: l.who.PersonID, CreatedBy: business.BySelf})
			return err
		}) == nil
		return
	}
	l.try(func(tx *store.Tx) error {
		a, err := business.LiveAccount(tx, l.account.ID)
		if err != nil {
			return err
		}
		m, err := business.LiveMember(tx, a.ID, l.who.PersonID)
		if err != nil {
			return err
		}
		_, err = business.EditMember(tx, a, m, nil, func(m *business.Member) error {
			switch l.oneOf("what of the member", "state", "approval", "center", "limit", "desk") {
			case "state":
				m.State = l.oneOf("member", business.MemberActive, business.MemberInactive)
			case "approval":
				m.Approval.State = l.oneOf("approval", business.Approved, business.ApprovalPending)
			case "center":
				m.DefaultCostCenterID = rapid.SampledFrom(l.centers).Draw(l.T, "center").ID
			case "limit":
				m.Limit = business.Limit{Amount: 10_000, Currency: "EUR", Period: l.oneOf("period", "DAY", "MONTH")}
			case "desk":
				m.CustomProperties = map[string]string{"desk": "9"}
			}
			return nil
		})
		return err
	})
}

func (l *life) center() {
	l.try(func(tx *store.Tx) error {
		c := rapid.SampledFrom(l.centers).Draw(l.T, "center")
		found, err := business.CostCentersByID(tx, []int64{c.ID})
		if err != nil {
			return err
		}
		a, err := business.LiveAccount(tx, l.account.ID)
		if err != nil {
			return err
		}
		_, err = business.EditCostCenter(tx, a, found[c.ID], nil, func(c *business.CostCenter) error {
			c.ValidFrom = rapid.SampledFrom([]int64{0, l.clock.Load() + 10*day, l.clock.Load() + 1000*day}).Draw(l.T, "valid")
			return nil
		})
		return err
	})
}

func (l *life) same(when string, got *Check, err error, want *Check, wantErr error) {
	if fmt.Sprint(err) != fmt.Sprint(wantErr) {
		l.T.Fatalf("%s: %v; want %v", when, err, wantErr)
	}
	if err == nil && text(l.t, got) != text(l.t, want) {
		l.T.Fatalf("%s remembered is\n%s\nand said is\n%s", when, text(l.t, got), text(l.t, want))
	}
}

// agree compares what is remembered, outside a write and in one, with what the
// database says.
func (l *life) agree(what string) {
	for _, ask := range []Ask{
		{VehicleCode: l.bike.Code, Start: Active, Position: &cathedral},
		{VehicleID: l.bike.ID, Payer: Payer{GroupCode: l.account.Code}},
		{BranchID: l.vie, CategoryID: l.vans, Payer: Payer{GroupID: l.account.ID, CostCenterID: l.centers[0].ID}, From: l.clock.Load() + 20*day, Until: l.clock.Load() + 21*day},
	} {
		got, err := l.Requirements(l.Context(), l.who, ask)
		want, wantErr := l.StartRequirements(l.Context(), l.cli, ask, l.who.PersonID)
		l.same("after "+what, got, err, want, wantErr)
		err = l.tryWrite(func(tx *store.Tx) (err error) {
			if err := ask.check(); err != nil {
				return err
			}
			got, err = l.requirements(within(tx), l.who.PersonID, &ask)
			return err
		})
		l.same("in a write after "+what, got, err, want, wantErr)
	}
}

// Whatever happens, a check that remembers says what one that reads says.
func TestRequirementsRemembered(t *testing.T) {
	storetest.Each(t, func(t *testing.T, database string) {
		f := newFleet(t, database)
		happenings := map[string]func(*life){
			"person": (*life).person, "configuration": (*life).configuration, "terms": (*life).acceptTerms, "card": (*life).card, "rental": (*life).rental, "owe": (*life).owe,
			"source": (*life).source, "group": (*life).group, "membership": (*life).membership, "center": (*life).center, "time": func(l *life) { l.pass(3 * day) },
		}
		var names, settings []string
		for name := range happenings {
			names = append(names, name)
		}
		for name := range modelSetting {
			settings = append(settings, name)
		}
		rapid.Check(t, func(t *rapid.T) {
			s := f.scene(code())
			s.inAccount()
			l := &life{scene: s, T: t, inGroup: true, settings: sorted(settings), bike: f.vehicle(f.vie, f.bikes)}
			edit(func(a *business.Account) { a.BillingCycle = business.PerUsage })(s)
			for range 2 {
				c := &business.CostCenter{Code: f.name("center"), Name: "Center", Active: true}
				f.write(func(tx *store.Tx) error { return business.InsertCostCenter(tx, s.account, c) })
				l.centers = append(l.centers, c)
			}
			l.agree("nothing")
			for range rapid.IntRange(1, 12).Draw(t, "happenings") {
				what := rapid.SampledFrom(sorted(names)).Draw(t, "what")
				happenings[what](l)
				l.agree(what)
			}
		})
	})
}

// A rider whose operator has no business accounts any more is told so.
func TestRequirementsWhereAccountsAreOff(t *testing.T) {
	storetest.Each(t, func(t *testing.T, database string) {
		s := newFleet(t, database).scene(code())
		s.inAccount()
		ask := Ask{BranchID: s.vie, CategoryID: s.bikes, Payer: on(s.account)}
		if _, err := s.Requirements(t.Context(), s.who, ask); err != nil {
			t.Error(err)
		}
		s.setting(identity.BusinessAccountsEnabled.Name, "false")
		_, err := s.Requirements(t.Context(), s.who, ask)
		s.refused("an account", err, roster.Forbidden, business.CodeDisabled)
		ask.Payer = Payer{}
		if c, err := s.Requirements(t.Context(), s.who, ask); err != nil || !c.Fulfilled {
			t.Errorf("for oneself: %+v, %v", c, err)
		}
		ask.Payer = Payer{GroupID: s.account.ID, GroupCode: s.fleet.account(s.vie, s.rider(), nil).Code}
		_, err = s.Requirements(t.Context(), s.who, ask)
		s.refused("a code of another", err, roster.NotFound, business.CodeNoCode)
	})
}
