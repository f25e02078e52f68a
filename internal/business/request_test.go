package business_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/rosterhq/roster/internal/business"
	"github.com/rosterhq/roster/internal/identity"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/store"
	"github.com/rosterhq/roster/internal/store/storetest"
)

func decision(state string) business.Decision { return business.Decision{State: state} }

// own lists ids and states of somebody's requests, the newest first.
func (h *house) own(a roster.Actor, states ...string) string {
	h.t.Helper()
	all, total, err := h.OwnRequests(h.t.Context(), a, business.RequestFilter{States: states}, roster.Page{Sort: []roster.Sort{{Property: "id", Desc: true}}})
	h.must(err)
	if total != len(all) {
		h.t.Errorf("%d of %d requests", len(all), total)
	}
	return requestLine(all)
}

// asked lists those of an account to a manager.
func (c company) asked(by roster.Actor, f business.RequestFilter) string {
	c.t.Helper()
	all, _, err := c.Requests(c.t.Context(), by, c.id, f, roster.Page{Sort: []roster.Sort{{Property: "id", Desc: true}}})
	c.must(err)
	return requestLine(all)
}

func requestLine(all []*business.Request) string {
	words := make([]string, len(all))
	for i, r := range all {
		words[i] = fmt.Sprint(r.ID, " ", r.State)
	}
	return strings.Join(words, ", ")
}

func TestJoin(t *testing.T) {
	storetest.Each(t, func(t *testing.T, database string) {
		h := newHouse(t, database)
		c := h.company("Acme")
		center := h.center(c.owner, c.id, "one")
		ctx := t.Context()
		join := func(a roster.Actor, code string) error { _, err := h.Join(ctx, a, code, business.Join{}); return err }

		asker := h.unverified("Asker")
		out, err := h.Join(ctx, asker, "  "+strings.ToLower(c.code)+" ", business.Join{Message: "hello", SuperiorEmail: "boss@example.org", CostCenterID: 999})
		h.must(err)
		r := out.Request
		if out.Member != nil || r.Type != business.JoinRequest || r.State != business.RequestPending || r.UserID != asker.PersonID || r.GroupName != "Acme" ||
			r.GroupCode != c.code || r.Role != business.Simple || r.Message != "hello" || r.InitiatedBy != business.InitiatedByUser || r.ExpiresAt-r.CreatedAt != (14*day).Microseconds() {
			t.Errorf("%+v", r)
		}
		h.wants("twice", join(asker, c.code), business.CodePending)
		h.wants("no code", join(asker, "NOSUCHCD"), business.CodeNoCode)
		h.wants("a member", join(c.simple, c.code), business.CodeAssigned)
		_, err = h.Join(ctx, asker, c.code, business.Join{Message: strings.Repeat("x", 501)})
		h.wants("a long message", err, "invalid message")
		_, err = h.Join(ctx, asker, c.code, business.Join{SuperiorEmail: "boss"})
		h.wants("no address", err, "invalid superiorEmail")

		seen, total, err := h.Requests(ctx, c.admin, c.id, business.RequestFilter{}, roster.Page{Limit: 10})
		h.must(err)
		if total != 1 || seen[0].User == nil || seen[0].User.Email != "asker@example.org" || seen[0].User.FirstName != "Asker" || seen[0].User.Phone != "" {
			t.Errorf("a manager sees %+v", seen)
		}
		decided, m, err := h.Decide(ctx, c.admin, c.id, r.ID, decision(business.RequestAccepted))
		h.must(err)
		if decided.State != business.RequestAccepted || decided.DecidedBy != c.admin.PersonID || decided.DecidedAt == 0 || m.SuperiorEmail != "boss@example.org" ||
			m.CreatedBy != business.BySelf || m.DefaultCostCenterID != 0 || m.Role != business.Simple {
			t.Errorf("%+v %+v", decided, m)
		}

		policy := func(s string) { h.settle(c.owner, c.id, business.SettingsPatch{JoinPolicy: &s}) }
		policy(business.JoinClosed)
		free := h.verified("Free")
		h.wants("closed", join(free, c.code), business.CodeNoCode)
		h.wants("closed, to a member", join(c.simple, c.code), business.CodeNoCode)
		policy(business.JoinAtOnce)
		_, err = h.Join(ctx, free, c.code, business.Join{CostCenterID: 999})
		h.wants("a cost center", err, business.CodeCostCenter)
		out, err = h.Join(ctx, free, c.code, business.Join{CostCenterID: center.ID})
		h.must(err)
		if out.Request != nil || out.Member.DefaultCostCenterID != center.ID || out.Member.Role != business.Simple {
			t.Errorf("%+v", out)
		}

		// An invitation wins over the policy.
		policy(business.JoinClosed)
		guest := h.verified("Guest")
		invitation := c.invite(c.owner, "GUEST@example.org", business.Admin)
		out, err = h.Join(ctx, guest, c.code, business.Join{SuperiorEmail: "chief@example.org"})
		h.must(err)
		if out.Request.ID != invitation || out.Request.State != business.RequestAccepted || out.Member.Role != business.Admin || out.Member.CreatedBy != business.ByInvitation ||
			out.Member.SuperiorEmail != "chief@example.org" {
			t.Errorf("%+v %+v", out.Request, out.Member)
		}

		h.write(func(tx *store.Tx) error {
			_, err := business.EditAccount(tx, c.id, nil, func(a *business.Account) error {
				a.State, a.Settings.JoinPolicy = business.AccountInactive, business.JoinAtOnce
				return nil
			})
			return err
		})
		h.wants("an inactive account", join(h.verified("Late"), c.code), business.CodeNoCode)
	})
}

// Codes can be guessed twenty times an hour, also by plans and by many at once.
func TestJoinLimit(t *testing.T) {
	storetest.Each(t, func(t *testing.T, database string) {
		h := newHouse(t, database)
		c := h.company("Acme")
		h.settle(c.owner, c.id, business.SettingsPatch{JoinPolicy: p(business.JoinAtOnce)})
		rider, other := h.verified("Rider"), h.verified("Other")
		join := func(a roster.Actor, code string) error {
			_, err := h.Join(t.Context(), a, code, business.Join{})
			return err
		}
		for range 20 {
			h.wants("a guess", join(rider, "AAAAAAAA"), business.CodeNoCode)
		}
		err := join(rider, c.code)
		if !roster.IsKind(err, roster.TooMany) {
			t.Fatalf("the right code after 20 guesses: %v", err)
		}
		if wait, ok := roster.AsError(err).Details.(time.Duration); !ok || wait <= 0 || wait > time.Hour {
			t.Errorf("wait %v", roster.AsError(err).Details)
		}
		h.must(join(other, c.code))
		h.pass(time.Hour)
		h.must(join(rider, c.code))
	})
}

func TestInvite(t *testing.T) {
	storetest.Each(t, func(t *testing.T, database string) {
		h := newHouse(t, database)
		c, rival := h.company("Acme"), h.company("Rival")
		one := h.center(c.owner, c.id, "one")
		ctx := t.Context()
		free := h.verified("Free")
		h.unverified("Unverified")
		one1 := func(by roster.Actor, in business.Invitee) (business.Invited, error) {
			t.Helper()
			done, err := h.Invite(ctx, by, c.id, []business.Invitee{in})
			if err != nil {
				return business.Invited{}, err
			}
			return done[0], done[0].Err
		}
		// Whether an address is somebody's, or in an account, makes no difference.
		addresses := []string{"nobody@example.org", "free@example.org", "unverified@example.org", "rivalowner@example.org", "acmemember@example.org"}
		var all []business.Invitee
		for _, address := range append(addresses, "NOBODY@example.org") {
			all = append(all, business.Invitee{Email: address, Role: business.Simple, Message: "hi"})
		}
		done, err := h.Invite(ctx, c.admin, c.id, all)
		h.must(err)
		if len(done) != len(addresses) {
			t.Fatalf("%d were invited", len(done))
		}
		for i, out := range done {
			r := out.Request
			if out.Err != nil || out.Member != nil || r.UserID != 0 || r.User != nil || r.Email != addresses[i] || r.State != business.RequestPending || r.InitiatedBy != business.InitiatedByManager {
				t.Errorf("%s: %+v %v", addresses[i], r, out.Err)
			}
			_, err := one1(c.owner, business.Invitee{Email: strings.ToUpper(addresses[i])})
			h.wants(addresses[i]+" again", err, business.CodePending)
		}
		seen, _, err := h.Requests(ctx, c.owner, c.id, business.RequestFilter{Types: []string{business.Invitation}}, roster.Page{})
		h.must(err)
		for _, r := range seen {
			if r.UserID != 0 || r.User != nil || r.Email == "" {
				t.Errorf("a manager sees %+v", r)
			}
		}
		// Who has declined is not told either; who has accepted is a member for all to see.
		mine := done[1].Request.ID
		_, _, err = h.DecideOwn(ctx, free, mine, business.Decision{State: business.RequestDeclined, Reason: "no time"})
		h.must(err)
		seen, _, err = h.Requests(ctx, c.owner, c.id, business.RequestFilter{States: []string{business.RequestDeclined}}, roster.Page{})
		if err != nil || len(seen) != 1 || seen[0].UserID != 0 || seen[0].DecidedBy != 0 || seen[0].DeclineReason != "no time" {
			t.Errorf("%+v, %v", seen[0], err)
		}
		id := c.invite(c.owner, "free@example.org", "")
		_, _, err = h.DecideOwn(ctx, free, id, decision(business.RequestAccepted))
		h.must(err)
		seen, _, err = h.Requests(ctx, c.owner, c.id, business.RequestFilter{States: []string{business.RequestAccepted}}, roster.Page{})
		if err != nil || len(seen) != 1 || seen[0].UserID != free.PersonID {
			t.Errorf("%+v, %v", seen[0], err)
		}

		var uuid string
		late := h.verified("Late")
		h.read(func(tx *store.Tx) error {
			cu, err := identity.LiveCustomer(tx, late.PersonID)
			uuid = cu.UUID.String()
			return err
		})
		out, err := one1(c.owner, business.Invitee{UserCode: uuid, Role: business.Admin, DefaultCostCenterID: one.ID, SuperiorEmail: "boss@example.org"})
		h.must(err)
		_, err = one1(c.owner, business.Invitee{UserCode: uuid})
		h.wants("a code again", err, business.CodePending)
		_, err = one1(c.owner, business.Invitee{Email: "late@example.org"})
		h.wants("whose address it is", err, "") // does not tell
		_, m, err := h.DecideOwn(ctx, late, out.Request.ID, decision(business.RequestAccepted))
		if err != nil || m.Role != business.Admin || m.DefaultCostCenterID != one.ID || m.SuperiorEmail != "boss@example.org" {
			t.Errorf("%+v, %v", m, err)
		}
		if got := h.own(late); got != "" {
			t.Errorf("%s still waits", got)
		}

		many := make([]business.Invitee, 101)
		for i := range many {
			many[i].Email = fmt.Sprintf("m%d@example.org", i)
		}
		for what, x := range map[string]struct {
			by   roster.Actor
			in   []business.Invitee
			code string
		}{
			"nobody":                 {c.owner, nil, business.CodeTooManyItems},
			"too many":               {c.owner, many, business.CodeTooManyItems},
			"by an admin an admin":   {c.admin, []business.Invitee{{Email: "x@example.org"}, {Email: "y@example.org", Role: business.Admin}}, business.CodeManagerLimit},
			"an owner":               {c.owner, []business.Invitee{{Email: "x@example.org", Role: business.Owner}}, business.CodeOwnerRole},
			"no role":                {c.owner, []business.Invitee{{Email: "x@example.org", Role: "BOSS"}}, "invalid members[0].role"},
			"no address":             {c.owner, []business.Invitee{{Email: "x@example.org"}, {Email: "x"}}, "invalid members[1].email"},
			"neither":                {c.owner, []business.Invitee{{}}, "invalid members[0].email"},
			"both":                   {c.owner, []business.Invitee{{Email: "x@example.org", UserCode: uuid}}, "invalid members[0].email"},
			"no code":                {c.owner, []business.Invitee{{UserCode: "x"}}, "invalid members[0].userCode"},
			"no superior":            {c.owner, []business.Invitee{{Email: "x@example.org", SuperiorEmail: "x"}}, "invalid members[0].superiorEmail"},
			"a long message":         {c.owner, []business.Invitee{{Email: "x@example.org", Message: strings.Repeat("x", 501)}}, "invalid members[0].message"},
			"into another's account": {rival.owner, []business.Invitee{{Email: "x@example.org"}}, business.CodeNoAccount},
		} {
			_, err := h.Invite(ctx, x.by, c.id, x.in)
			h.wants(what, err, x.code)
		}
		// A refusal of one is none of the others.
		done, err = h.Invite(ctx, c.owner, c.id, []business.Invitee{
			{Email: "v@example.org", DefaultCostCenterID: 999}, {Email: "w@example.org"}, {UserCode: "01890000-0000-7000-8000-000000000000"},
		})
		h.must(err)
		for i, code := range []string{business.CodeCostCenter, "", identity.CodeNoCustomer} {
			h.wants(fmt.Sprint("row ", i), done[i].Err, code)
		}
	})
}

// Where the branch adds members directly, whoever is registered is in at once.
func TestAddDirectly(t *testing.T) {
	storetest.Each(t, func(t *testing.T, database string) {
		h := newHouse(t, database)
		h.setting("businessAccounts.addMembersMode", "DIRECT")
		c, rival := h.company("Acme"), h.company("Rival")
		free := h.verified("Free")
		h.unverified("Unverified")
		rival.invite(rival.owner, "nobody@example.org", "")
		done, err := h.Invite(t.Context(), c.owner, c.id, []business.Invitee{
			{Email: "free@example.org", Role: business.Admin, SuperiorEmail: "boss@example.org"}, {Email: "rivalowner@example.org"},
			{Email: "nobody@example.org"}, {Email: "unverified@example.org"}, {Email: "free@EXAMPLE.org"},
		})
		h.must(err)
		h.wants("another's owner", done[1].Err, business.CodeAssigned)
		if m := done[0].Member; len(done) != 4 || m == nil || m.Role != business.Admin || m.CreatedBy != business.ByManager || m.UserID != free.PersonID || done[1].Member != nil ||
			done[2].Request == nil || done[3].Request == nil {
			t.Errorf("%+v", done)
		}
		if details := roster.AsError(done[1].Err).Details; details != nil {
			t.Errorf("a manager is told of another's account: %v", details)
		}
		again, err := h.Invite(t.Context(), c.owner, c.id, []business.Invitee{{Email: "free@example.org"}})
		h.must(err)
		h.wants("a member", again[0].Err, business.CodeAssigned)
		if details := roster.AsError(again[0].Err).Details; details != (business.Assigned{UserGroupID: c.id}) {
			t.Errorf("details of a member are %v", details)
		}
		if own, _, err := h.Groups(t.Context(), free, roster.Page{}); err != nil || len(own) != 1 || !own[0].CanManage {
			t.Errorf("%v, %v", own, err)
		}
	})
}

// Who takes which step of a request, from which state.
func TestDecisions(t *testing.T) {
	storetest.Each(t, func(t *testing.T, database string) {
		h := newHouse(t, database)
		c, rival := h.company("Acme"), h.company("Rival")
		ctx := t.Context()
		stranger := h.verified("Stranger")
		made := 0
		type sides struct {
			id         int64
			who        roster.Actor
			own, other func(state string) error // by the person, by a manager
		}
		request := func(kind string) sides {
			made++
			name := fmt.Sprint("P", made)
			s := sides{who: h.verified(name)}
			if kind == business.Invitation {
				s.id = c.invite(c.owner, email(name), "")
			} else {
				out, err := h.Join(ctx, s.who, c.code, business.Join{})
				h.must(err)
				s.id = out.Request.ID
			}
			s.own = func(state string) error { _, _, err := h.DecideOwn(ctx, s.who, s.id, decision(state)); return err }
			s.other = func(state string) error { _, _, err := h.Decide(ctx, c.admin, c.id, s.id, decision(state)); return err }
			return s
		}
		const yes, no, back = business.RequestAccepted, business.RequestDeclined, business.RequestCancelled
		for _, kind := range []string{business.JoinRequest, business.Invitation} {
			mine, theirs := []string{back}, []string{yes, no} // who may take which step
			if kind == business.Invitation {
				mine, theirs = theirs, mine
			}
			for _, state := range []string{yes, no, back} {
				s := request(kind)
				right, wrong := s.own, s.other
				if !contains(mine, state) {
					right, wrong = wrong, right
				}
				if contains(mine, state) == contains(theirs, state) {
					t.Fatal("a step is both sides', or nobody's")
				}
				h.wants(kind+" "+state+" by the other side", wrong(state), business.CodeNotYours)
				if r := h.request(s.id); r.State != business.RequestPending {
					t.Errorf("%s is %s", kind, r.State)
				}
				h.must(right(state))
				if r := h.request(s.id); r.State != state {
					t.Errorf("%s is %s, not %s", kind, r.State, state)
				}
				for _, then := range []string{yes, no, back} {
					want := business.CodeNotPending
					h.wants(kind+" "+state+" then "+then, s.own(then), want)
					h.wants(kind+" "+state+" then "+then, s.other(then), want)
				}
				_, _, err := h.DecideOwn(ctx, stranger, s.id, decision(state))
				h.wants("by a stranger", err, business.CodeNoResource)
				_, _, err = h.Decide(ctx, rival.owner, rival.id, s.id, decision(state))
				h.wants("by another manager", err, business.CodeNoResource)
			}
		}
		s := request(business.JoinRequest)
		for what, d := range map[string]business.Decision{
			"invalid state": {State: business.RequestPending}, "invalid reason": {State: no, Reason: strings.Repeat("x", 501)}, "invalid role": {State: yes, Role: "BOSS"},
		} {
			_, _, err := h.Decide(ctx, c.owner, c.id, s.id, d)
			h.wants(what, err, what)
		}
		accept := func(by roster.Actor, d business.Decision) error {
			d.State = yes
			_, _, err := h.Decide(ctx, by, c.id, s.id, d)
			return err
		}
		h.wants("an admin makes an admin", accept(c.admin, business.Decision{Role: business.Admin}), business.CodeManagerLimit)
		h.wants("an owner", accept(c.owner, business.Decision{Role: business.Owner}), business.CodeOwnerRole)
		h.wants("a cost center", accept(c.owner, business.Decision{DefaultCostCenterID: 999}), business.CodeCostCenter)
		one := h.center(c.owner, c.id, "one")
		h.must(accept(c.owner, business.Decision{Role: business.Admin, DefaultCostCenterID: one.ID}))
		if m := h.live(c.id, s.who); m.Role != business.Admin || m.DefaultCostCenterID != one.ID {
			t.Errorf("%+v", m)
		}
		_, _, err := h.DecideOwn(ctx, stranger, 99_999, decision(no))
		h.wants("no request", err, business.CodeNoResource)
	})
}

func contains(list []string, s string) bool {
	return strings.Contains(" "+strings.Join(list, " ")+" ", " "+s+" ")
}

// Membership is looked at before the request's state, and what the accepted one
// makes pointless is cancelled.
func TestAcceptOrder(t *testing.T) {
	storetest.Each(t, func(t *testing.T, database string) {
		h := newHouse(t, database)
		c, rival := h.company("Acme"), h.company("Rival")
		ctx := t.Context()
		rider := h.verified("Rider")
		first, second := c.invite(c.owner, "rider@example.org", ""), rival.invite(rival.owner, "rider@example.org", "")
		third, err := h.Join(ctx, rider, h.company("Third").code, business.Join{})
		h.must(err)
		accept := func(id int64) error {
			_, _, err := h.DecideOwn(ctx, rider, id, decision(business.RequestAccepted))
			return err
		}
		h.must(accept(first))
		for _, id := range []int64{second, third.Request.ID} {
			if r := h.request(id); r.State != business.RequestCancelled {
				t.Errorf("request %d is %s", id, r.State)
			}
		}
		h.wants("the other one", accept(second), business.CodeAssigned)
		h.wants("the same once more", accept(first), business.CodeNotPending)
		again := rival.invite(rival.owner, "rider@example.org", "") // to somebody assigned
		h.wants("one made since", accept(again), business.CodeAssigned)
		if r := h.request(again); r.State != business.RequestPending {
			t.Errorf("it is %s", r.State)
		}
		_, err = h.Leave(ctx, rider, c.code, "")
		h.must(err)
		h.must(accept(again))
		h.wants("the cancelled one", accept(second), business.CodeAssigned)

		late := h.verified("Late")
		inactive := c.invite(c.owner, "late@example.org", "")
		h.write(func(tx *store.Tx) error {
			_, err := business.EditAccount(tx, c.id, nil, func(a *business.Account) error { a.State = business.AccountInactive; return nil })
			return err
		})
		_, _, err = h.DecideOwn(ctx, late, inactive, decision(business.RequestAccepted))
		h.wants("an inactive account", err, business.CodeAccountInactive)
		_, err = h.Invite(ctx, c.owner, c.id, []business.Invitee{{Email: "x@example.org"}})
		h.wants("into an inactive account", err, business.CodeAccountInactive)
	})
}

// An invitation to an address is whose address it is once that is verified.
func TestInvitationsBind(t *testing.T) {
	storetest.Each(t, func(t *testing.T, database string) {
		h := newHouse(t, database)
		c, rival := h.company("Acme"), h.company("Rival")
		ctx := t.Context()
		first := c.invite(c.owner, "Rider@example.org", "")
		rider := h.unverified("Rider")
		if got := h.own(rider); got != "" {
			t.Errorf("unverified, they see %s", got)
		}
		_, _, err := h.DecideOwn(ctx, rider, first, decision(business.RequestAccepted))
		h.wants("before it is verified", err, business.CodeNoResource)
		joined, err := h.Join(ctx, rider, rival.code, business.Join{})
		h.must(err)
		second := rival.invite(rival.owner, "rider@example.org", "") // beside what they asked for
		h.verify(rider)
		if r := h.request(first); r.UserID != rider.PersonID {
			t.Errorf("%+v does not name them", r)
		}
		if r := h.request(second); r.UserID != 0 {
			t.Errorf("%+v stands beside another", r)
		}
		if got, want := h.own(rider), fmt.Sprintf("%d PENDING, %d PENDING, %d PENDING", second, joined.Request.ID, first); got != want {
			t.Errorf("verified, they see %s; want %s", got, want)
		}
		h.edit(rider, func(cu *identity.Customer) { cu.Email = "new@example.org" })
		if got, want := h.own(rider), fmt.Sprintf("%d PENDING, %d PENDING", joined.Request.ID, first); got != want {
			t.Errorf("under a new address, they see %s; want %s", got, want)
		}
		other := h.customer("rider", true) // has the address now
		if got, want := h.own(other), fmt.Sprintf("%d PENDING", second); got != want {
			t.Errorf("the other sees %s; want %s", got, want)
		}
		_, _, err = h.DecideOwn(ctx, other, first, decision(business.RequestAccepted))
		h.wants("what is the first one's", err, business.CodeNoResource)
		_, _, err = h.DecideOwn(ctx, rider, first, decision(business.RequestAccepted))
		h.must(err)
		// The one they asked for is cancelled, the one that was the other's is not.
		if a, b := h.request(joined.Request.ID), h.request(second); a.State != business.RequestCancelled || b.State != business.RequestPending {
			t.Errorf("%s, %s", a.State, b.State)
		}
	})
}

// A request past its time is over in every answer, stands in no way, and its row
// follows.
func TestExpiry(t *testing.T) {
	storetest.Each(t, func(t *testing.T, database string) {
		h := newHouse(t, database)
		h.setting("businessAccounts.invitationValidityDays", 3)
		c := h.company("Acme")
		ctx := t.Context()
		rider := h.verified("Rider")
		first := c.invite(c.owner, "rider@example.org", "")
		asker := h.verified("Asker")
		asked, err := h.Join(ctx, asker, c.code, business.Join{})
		h.must(err)
		h.pass(3*day - time.Minute)
		if got := h.own(rider); got != fmt.Sprintf("%d PENDING", first) {
			t.Error(got)
		}
		h.pass(2 * time.Minute)
		if got := h.own(rider); got != "" {
			t.Errorf("past its time, they see %s", got)
		}
		if got := h.own(rider, business.RequestExpired); got != fmt.Sprintf("%d EXPIRED", first) {
			t.Error(got)
		}
		if got := c.asked(c.owner, business.RequestFilter{States: []string{business.RequestExpired}}); got != fmt.Sprintf("%d EXPIRED, %d EXPIRED", asked.Request.ID, first) {
			t.Error(got)
		}
		for _, state := range []string{business.RequestAccepted, business.RequestDeclined} {
			_, _, err := h.DecideOwn(ctx, rider, first, decision(state))
			h.wants(state, err, business.CodeNotPending)
		}
		second := c.invite(c.owner, "rider@example.org", "")
		if r := h.request(first); r.State != business.RequestExpired {
			t.Errorf("the row in its way says %s", r.State)
		}
		if r := h.request(asked.Request.ID); r.State != business.RequestPending {
			t.Errorf("the row that nobody met says %s", r.State)
		}
		h.must(h.jobs.Drain(ctx))
		if a, b := h.request(asked.Request.ID), h.request(second); a.State != business.RequestExpired || b.State != business.RequestPending {
			t.Errorf("after the sweep: %s, %s", a.State, b.State)
		}
		again, err := h.Join(ctx, asker, c.code, business.Join{})
		h.must(err)
		h.pass(4 * day)
		// An invitation that is over wins over nothing.
		out, err := h.Join(ctx, rider, c.code, business.Join{})
		if err != nil || out.Member != nil || out.Request.ID == again.Request.ID {
			t.Errorf("%+v, %v", out, err)
		}
	})
}

func TestRequestMails(t *testing.T) {
	storetest.Each(t, func(t *testing.T, database string) {
		h := newHouse(t, database)
		c := h.company("Acme")
		ctx := t.Context()
		asker := h.verified("Asker")
		drain := func(want ...string) {
			t.Helper()
			sent := len(h.box.Mails())
			h.must(h.jobs.Drain(ctx))
			var got []string
			for _, m := range h.box.Mails()[sent:] {
				got = append(got, m.To+": "+m.Subject)
			}
			if strings.Join(got, "\n") != strings.Join(want, "\n") {
				t.Errorf("mails\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
			}
		}
		drain()
		out, err := h.Join(ctx, asker, c.code, business.Join{Message: "let me\nin"})
		h.must(err)
		drain("acmeowner@example.org: Somebody asks to join Acme", "acmeadmin@example.org: Somebody asks to join Acme")
		if text := h.box.Mails()[0].Text; !strings.Contains(text, "> let me\n> in") || !strings.Contains(text, "Asker Rider (asker@example.org)") {
			t.Error(text)
		}
		_, _, err = h.Decide(ctx, c.owner, c.id, out.Request.ID, business.Decision{State: business.RequestDeclined, Reason: "not now"})
		h.must(err)
		drain("asker@example.org: Your request to join Acme")
		if mails := h.box.Mails(); !strings.Contains(mails[len(mails)-1].Text, "> not now") {
			t.Error(mails[len(mails)-1].Text)
		}
		out, err = h.Join(ctx, asker, c.code, business.Join{})
		h.must(err)
		_, _, err = h.Decide(ctx, c.owner, c.id, out.Request.ID, decision(business.RequestAccepted))
		h.must(err)
		drain("asker@example.org: You are in Acme now") // the managers need not know any more

		done, err := h.Invite(ctx, c.owner, c.id, []business.Invitee{{Email: "New@example.org", Message: "welcome"}, {Email: "gone@example.org"}})
		h.must(err)
		_, _, err = h.Decide(ctx, c.owner, c.id, done[1].Request.ID, decision(business.RequestCancelled))
		h.must(err)
		drain("New@example.org: You are invited to ride with Acme")
		var uuid string
		late := h.verified("Late")
		h.read(func(tx *store.Tx) error {
			cu, err := identity.LiveCustomer(tx, late.PersonID)
			uuid = cu.UUID.String()
			return err
		})
		_, err = h.Invite(ctx, c.owner, c.id, []business.Invitee{{UserCode: uuid}})
		h.must(err)
		drain("late@example.org: You are invited to ride with Acme")
	})
}
