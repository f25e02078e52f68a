package business_test

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/rosterhq/roster/internal/business"
	"github.com/rosterhq/roster/internal/graph"
	"github.com/rosterhq/roster/internal/identity"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/store"
	"github.com/rosterhq/roster/internal/store/storetest"
)

func TestCreateAccount(t *testing.T) {
	storetest.Each(t, func(t *testing.T, database string) {
		h := newHouse(t, database)
		h.setting("businessAccounts.defaultBillingCycle", "WEEKLY")
		h.setting("businessAccounts.requireCostCenter", true)
		ann := h.unverified("Ann")
		v, err := h.CreateAccount(t.Context(), ann, 0, business.AccountPatch{
			Name: p("  Acme "), Contact: business.ContactPatch{CompanyName: p("Acme Ltd"), Country: p("AT"), Phone: p("+43 660 12345678")},
			Settings: business.SettingsPatch{JoinPolicy: p(business.JoinAtOnce), RequireMemberApproval: p(true)}, CustomProperties: map[string]*string{"a": p("b")},
		})
		h.must(err)
		if !regexp.MustCompile(`^[A-HJ-NP-Z2-9]{8}$`).MatchString(v.Code) {
			t.Errorf("code %q", v.Code)
		}
		if v.CycleFrom > v.CreatedAt || v.CycleTo <= v.CreatedAt || v.CycleTo-v.CycleFrom < (6*day).Microseconds() {
			t.Errorf("cycle from %d to %d, made at %d", v.CycleFrom, v.CycleTo, v.CreatedAt)
		}
		want := business.Account{
			ID: v.ID, Code: v.Code, Name: "Acme", BranchID: h.home, State: business.AccountActive, BlockState: business.NotBlocked, BillingCycle: business.Weekly,
			CycleFrom: v.CycleFrom, CycleTo: v.CycleTo, PaymentState: business.NoPayment, CreditStatus: "UNKNOWN", CheckRentalRequirements: true,
			Settings:         business.AccountSettings{JoinPolicy: business.JoinAtOnce, RequireCostCenter: true, RequireMemberApproval: true},
			Contact:          business.Contact{CompanyName: "Acme Ltd", BillingAddress: business.Address{Country: "AT"}, Phone: "+4366012345678"},
			CustomProperties: map[string]string{"a": "b"}, CreatedAt: v.CreatedAt, UpdatedAt: v.CreatedAt, Revision: v.Revision,
		}
		if diff := cmp.Diff(&want, v.Account); diff != "" {
			t.Error(diff)
		}
		if v.Owner == nil || v.Owner.ID != ann.PersonID || v.MembersCount != 1 {
			t.Errorf("owner %+v, %d members", v.Owner, v.MembersCount)
		}
		if m := h.live(v.ID, ann); m.Role != business.Owner || m.Approval.State != business.ApprovalNotRequired || m.CreatedBy != business.BySelf {
			t.Errorf("%+v", m)
		}
		want.AllowedBranchIDs, want.AllowedCategoryIDs, want.Tags = []int64{}, []int64{}, []string{} // as rows say it
		got, err := h.GetAccount(t.Context(), ann, v.ID)
		h.must(err)
		if diff := cmp.Diff(&want, got.Account); diff != "" {
			t.Error(diff)
		}
		h.read(func(tx *store.Tx) error {
			by, err := business.AccountByCode(tx, " "+strings.ToLower(v.Code))
			if err == nil && by.ID != v.ID {
				t.Errorf("by code %d", by.ID)
			}
			_, none := business.AccountByCode(tx, "")
			h.wants("no code", none, business.CodeNoCode)
			return err
		})

		h.setting("businessAccounts.requireCostCenter", false)
		bob := h.verified("Bob")
		for what, c := range map[string]struct {
			by     roster.Actor
			branch int64
			in     business.AccountPatch
			code   string
		}{
			"again":              {ann, 0, business.AccountPatch{Name: p("Other")}, business.CodeAssigned},
			"no name":            {bob, 0, business.AccountPatch{}, "invalid name"},
			"blank name":         {bob, 0, business.AccountPatch{Name: p("  ")}, "invalid name"},
			"taken name":         {bob, 0, business.AccountPatch{Name: p("aCME ")}, business.CodeTaken},
			"unknown branch":     {bob, 999, business.AccountPatch{Name: p("Other")}, identity.CodeNoBranch},
			"what is not theirs": {bob, 0, business.AccountPatch{Name: p("Other"), NotYours: "billingCycle"}, business.CodeNotWritable},
			"cost center":        {bob, 0, business.AccountPatch{Name: p("Other"), DefaultCostCenterID: p(int64(1))}, business.CodeCostCenter},
		} {
			_, err := h.CreateAccount(t.Context(), c.by, c.branch, c.in)
			h.wants(what, err, c.code)
		}
		h.setting("businessAccounts.selfServiceCreation", false)
		_, err = h.CreateAccount(t.Context(), bob, 0, business.AccountPatch{Name: p("Other")})
		h.wants("no self-service", err, business.CodeNoPermission)
	})
}

func TestUpdateAccount(t *testing.T) {
	storetest.Each(t, func(t *testing.T, database string) {
		h := newHouse(t, database)
		c, rival := h.company("Acme"), h.company("Rival")
		center, theirs := h.center(c.owner, c.id, "one"), h.center(rival.owner, rival.id, "two")
		idle := h.center(c.owner, c.id, "idle")
		_, err := h.UpdateCostCenter(t.Context(), c.admin, idle.ID, nil, business.CostCenterPatch{Active: p(false)})
		h.must(err)

		v := h.update(c.admin, c.id, business.AccountPatch{
			Name: p("Acme 2"), DefaultCostCenterID: &center.ID, CustomProperties: map[string]*string{"a": p("1"), "b": p("2")},
			Contact: business.ContactPatch{CompanyName: p("Acme Ltd"), VATID: p("ATU1"), Street: p("s"), Postcode: p("p"), City: p("c"), Country: p("AT"), BillingEmail: p("a@b.org"), Phone: p("+4366012345678")},
			Settings: business.SettingsPatch{
				JoinPolicy: p(business.JoinClosed), RequireDrivingLog: p(true), RequireCostCenter: p(true), RequireBusinessReason: p(true), RequireBookingApproval: p(true),
				BusinessReasons: &[]string{"visit", "move"}, RequiredMemberProperties: &[]string{"employeeNumber"},
			},
		})
		if v.DefaultCostCenter == nil || v.DefaultCostCenter.ID != center.ID || !v.DefaultCostCenter.IsDefault || len(v.CostCenters) != 1 || v.MembersCount != 3 {
			t.Errorf("%+v", v)
		}
		v = h.update(c.owner, c.id, business.AccountPatch{CustomProperties: map[string]*string{"a": nil, "c": p("3")}, Contact: business.ContactPatch{VATID: p("")}, DefaultCostCenterID: p(int64(0))})
		wantSettings := business.AccountSettings{
			JoinPolicy: business.JoinClosed, RequireDrivingLog: true, RequireCostCenter: true, RequireBusinessReason: true, RequireBookingApproval: true,
			BusinessReasons: []string{"visit", "move"}, RequiredMemberProperties: []string{"employeeNumber"},
		}
		wantContact := business.Contact{
			CompanyName: "Acme Ltd", BillingAddress: business.Address{Street: "s", Postcode: "p", City: "c", Country: "AT"}, BillingEmail: "a@b.org", Phone: "+4366012345678",
		}
		if diff := cmp.Diff(wantSettings, v.Settings) + cmp.Diff(wantContact, v.Contact) + cmp.Diff(map[string]string{"b": "2", "c": "3"}, v.CustomProperties); diff != "" || v.DefaultCostCenter != nil {
			t.Errorf("%s%v", diff, v.DefaultCostCenter)
		}
		h.read(func(tx *store.Tx) error {
			g, err := graph.LiveGroup(tx, c.id)
			if err == nil && g.Name != "Acme 2" {
				t.Errorf("the group is called %s", g.Name)
			}
			return err
		})
		same := h.update(c.owner, c.id, business.AccountPatch{Name: p("Acme 2")})
		if same.Revision != v.Revision {
			t.Error("no change is a change")
		}
		h.update(c.owner, c.id, business.AccountPatch{Name: p("ACME 2")}) // its own name, written otherwise

		long := strings.Repeat("x", 600)
		many := make([]string, 51)
		for i := range many {
			many[i] = strings.Repeat("r", i+1)
		}
		keys := map[string]*string{}
		for _, key := range many[:33] {
			keys[key] = p("")
		}
		contact := func(cp business.ContactPatch) business.AccountPatch { return business.AccountPatch{Contact: cp} }
		settings := func(sp business.SettingsPatch) business.AccountPatch { return business.AccountPatch{Settings: sp} }
		for what, refused := range map[string]struct {
			in   business.AccountPatch
			code string
		}{
			"blank name":         {business.AccountPatch{Name: p(" ")}, "invalid name"},
			"two lines":          {business.AccountPatch{Name: p("a\nb")}, "invalid name"},
			"long name":          {business.AccountPatch{Name: p(long[:121])}, "invalid name"},
			"taken name":         {business.AccountPatch{Name: p("RIVAL")}, business.CodeTaken},
			"foreign center":     {business.AccountPatch{DefaultCostCenterID: &theirs.ID}, business.CodeCostCenter},
			"inactive center":    {business.AccountPatch{DefaultCostCenterID: &idle.ID}, business.CodeCostCenter},
			"no center":          {business.AccountPatch{DefaultCostCenterID: p(int64(999))}, business.CodeCostCenter},
			"not theirs":         {business.AccountPatch{NotYours: "paymentState"}, business.CodeNotWritable},
			"many properties":    {business.AccountPatch{CustomProperties: keys}, "invalid customProperties"},
			"long key":           {business.AccountPatch{CustomProperties: map[string]*string{long[:65]: p("")}}, "invalid customProperties"},
			"long value":         {business.AccountPatch{CustomProperties: map[string]*string{"a": p(long[:513])}}, "invalid customProperties"},
			"country":            {contact(business.ContactPatch{Country: p("Austria")}), "invalid billingAddress.country"},
			"billing email":      {contact(business.ContactPatch{BillingEmail: p("nobody")}), "invalid billingEmail"},
			"phone":              {contact(business.ContactPatch{Phone: p("12")}), "invalid phone"},
			"company":            {contact(business.ContactPatch{CompanyName: &long}), "invalid companyName"},
			"join policy":        {settings(business.SettingsPatch{JoinPolicy: p("OPEN")}), "invalid settings.joinPolicy"},
			"many reasons":       {settings(business.SettingsPatch{BusinessReasons: &many}), "invalid settings.businessReasons"},
			"a blank reason":     {settings(business.SettingsPatch{BusinessReasons: &[]string{"a", " "}}), "invalid settings.businessReasons[1]"},
			"a reason twice":     {settings(business.SettingsPatch{BusinessReasons: &[]string{"a", "a"}}), "invalid settings.businessReasons"},
			"a long requirement": {settings(business.SettingsPatch{RequiredMemberProperties: &[]string{long}}), "invalid settings.requiredMemberProperties[0]"},
		} {
			_, err := h.UpdateAccount(t.Context(), c.owner, c.id, nil, refused.in)
			h.wants(what, err, refused.code)
		}
		_, err = h.UpdateAccount(t.Context(), c.owner, c.id, stale, business.AccountPatch{Name: p("New")})
		h.wants("another version", err, "precondition")
	})
}

func TestManaged(t *testing.T) {
	storetest.Each(t, func(t *testing.T, database string) {
		h := newHouse(t, database)
		c := h.company("Acme")
		for who, want := range map[roster.Actor][3]int{ // all, as owner, as admin
			c.owner: {1, 1, 0}, c.admin: {1, 0, 1}, c.simple: {0, 0, 0}, h.verified("Free"): {0, 0, 0},
		} {
			for i, roles := range [][]string{nil, {business.Owner}, {business.Admin}} {
				page, total, err := h.Managed(t.Context(), who, roles, roster.Page{Limit: 5, Sort: []roster.Sort{{Property: "id", Desc: true}}})
				if err != nil || len(page) != want[i] || total != want[i] {
					t.Errorf("%d as %v: %d of %d, %v; want %d", who.PersonID, roles, len(page), total, err, want[i])
				}
			}
		}
		_, _, err := h.Managed(t.Context(), c.owner, []string{"BOSS"}, roster.Page{})
		h.wants("a role", err, "invalid role")
		_, _, err = h.Managed(t.Context(), c.owner, nil, roster.Page{Sort: []roster.Sort{{Property: "password"}}})
		h.wants("an order", err, "invalid sort")
		page, total, err := h.Managed(t.Context(), c.owner, nil, roster.Page{Offset: 7, Limit: 5})
		if err != nil || len(page) != 0 || total != 1 {
			t.Errorf("past the end: %d of %d, %v", len(page), total, err)
		}
	})
}

func TestDeleteAccount(t *testing.T) {
	storetest.Each(t, func(t *testing.T, database string) {
		h := newHouse(t, database)
		c := h.company("Acme")
		asker := h.verified("Asker")
		joined, err := h.Join(t.Context(), asker, c.code, business.Join{})
		h.must(err)
		invitation := c.invite(c.owner, "new@example.org", "")
		center := h.center(c.owner, c.id, "one")
		open := true
		h.SetGuard(business.Guard{OpenOfGroup: func(*store.Tx, int64) (bool, error) { return open, nil }})

		h.wants("by an admin", h.DeleteAccount(t.Context(), c.admin, c.id, nil), business.CodeNoPermission)
		h.wants("another version", h.DeleteAccount(t.Context(), c.owner, c.id, stale), "precondition")
		h.wants("with a rental", h.DeleteAccount(t.Context(), c.owner, c.id, nil), business.CodeOpen)
		open = false
		h.must(h.DeleteAccount(t.Context(), c.owner, c.id, nil))

		h.wants("twice", h.DeleteAccount(t.Context(), c.owner, c.id, nil), business.CodeNoAccount)
		_, err = h.GetAccount(t.Context(), c.owner, c.id)
		h.wants("get", err, business.CodeNoAccount)
		_, err = h.Join(t.Context(), asker, c.code, business.Join{})
		h.wants("join", err, business.CodeNoCode)
		for _, who := range []roster.Actor{c.owner, c.admin, c.simple} {
			if own, _, err := h.Groups(t.Context(), who, roster.Page{}); err != nil || len(own) != 0 {
				t.Errorf("somebody is still in: %v, %v", own, err)
			}
		}
		for _, id := range []int64{joined.Request.ID, invitation} {
			if r := h.request(id); r.State != business.RequestCancelled {
				t.Errorf("request %d is %s", id, r.State)
			}
		}
		own, _, err := h.OwnRequests(t.Context(), asker, business.RequestFilter{States: []string{business.RequestCancelled}}, roster.Page{})
		if err != nil || len(own) != 1 || own[0].GroupName != "Acme" {
			t.Errorf("the asker sees %+v, %v", own, err)
		}
		_, _, err = h.DecideOwn(t.Context(), asker, joined.Request.ID, business.Decision{State: business.RequestCancelled})
		h.wants("a request to it", err, business.CodeNotPending)

		h.write(func(tx *store.Tx) error { // what was stays, and its code is its own for ever
			tx.Housekeeping()
			there, err := business.AccountsByID(tx, []int64{c.id})
			if err != nil || there[c.id] == nil || there[c.id].State != business.AccountDeleted || there[c.id].Name != "Acme" {
				t.Errorf("%+v, %v", there[c.id], err)
			}
			kept, err := business.CostCentersByID(tx, []int64{center.ID})
			if err != nil || kept[center.ID] == nil {
				t.Errorf("the cost center is gone: %v", err)
			}
			again := &business.Account{}
			*again = *there[c.id]
			again.State, again.Name = business.AccountActive, "New"
			h.wants("the same code", business.InsertAccount(tx, again), business.CodeTaken)
			return nil
		})
		h.account(c.owner, "acme") // the name is free, and so is the owner
	})
}

// An unpaid invoice keeps an account from being deleted, and blocks it once it is due.
func TestUnpaidAccount(t *testing.T) {
	storetest.Each(t, func(t *testing.T, database string) {
		h := newHouse(t, database)
		c := h.company("Acme")
		unpaid := func() (owner, member bool) {
			t.Helper()
			v, err := h.GetAccount(t.Context(), c.owner, c.id)
			h.must(err)
			own, _, err := h.Groups(t.Context(), c.simple, roster.Page{})
			h.must(err)
			return v.Unpaid, own[0].Unpaid
		}
		both := func(what string, want bool) {
			t.Helper()
			if a, b := unpaid(); a != want || b != want {
				t.Errorf("%s: unpaid is %v to the owner, %v to a member, want %v", what, a, b, want)
			}
		}
		both("no invoice", false)
		h.write(func(tx *store.Tx) error {
			unit, err := business.UnitByCode(tx, "U")
			if err != nil {
				return err
			}
			charge := &business.Charge{
				AccountID: c.id, Kind: business.RentalCharge, SourceID: 1, MemberID: c.simple.PersonID, BusinessUnitID: unit.ID, BranchID: h.home, Currency: "EUR",
				Time: tx.Now, Price: business.TaxOf(10_000, unit.Tax),
			}
			return business.PostCharges(tx, []*business.Charge{charge})
		})
		h.pass(time.Second)
		_, err := h.CloseUntil(t.Context(), h.cli, c.id, roster.MomentAt(h.db.Now()))
		h.must(err)
		h.wants("delete", h.DeleteAccount(t.Context(), c.owner, c.id, nil), business.CodeOpen)
		both("before it is due", false)
		h.pass(15 * day)
		both("once it is overdue", true)
		h.setting("payment.unpaidInvoiceBlocks", false)
		both("where that does not block", false)
		h.setting("payment.unpaidInvoiceBlocks", true)
		both("where it does again", true)
	})
}
