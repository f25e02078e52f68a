package business_test

import (
	"fmt"
	"sort"
	"strings"
	"sync"
	"testing"

	"github.com/rosterhq/roster/internal/business"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/store/storetest"
)

// at once runs all side by side, from one start, and returns the codes of their
// errors, sorted.
func atOnce(all ...func() error) string {
	start, codes := make(chan struct{}), make([]string, len(all))
	var running sync.WaitGroup
	for i, do := range all {
		running.Go(func() {
			<-start
			codes[i] = codeOf(do())
		})
	}
	close(start)
	running.Wait()
	sort.Strings(codes)
	return strings.Join(codes, " ")
}

// nodes runs fn on a database of each engine that two nodes share, over and over.
func nodes(t *testing.T, fn func(t *testing.T, round int, a, b *house)) {
	t.Helper()
	storetest.Each(t, func(t *testing.T, database string) {
		a := newHouse(t, database)
		b := a.twin(t, database)
		for round := range 4 {
			fn(t, round, a, b)
		}
	})
}

// Somebody accepts two invitations at once: they are in one account, and the other
// invitation is cancelled.
func TestRaceOfAcceptances(t *testing.T) {
	nodes(t, func(t *testing.T, round int, a, b *house) {
		name := fmt.Sprint("R", round)
		c, rival := a.company("C"+name), a.company("D"+name)
		rider := a.verified(name)
		first, second := c.invite(c.owner, email(name), ""), rival.invite(rival.owner, email(name), "")
		accept := func(h *house, id int64) func() error {
			return func() error {
				_, _, err := h.DecideOwn(t.Context(), rider, id, decision(business.RequestAccepted))
				return err
			}
		}
		if got := atOnce(accept(a, first), accept(b, second)); got != " "+business.CodeAssigned {
			t.Errorf("answers %q", got)
		}
		states := []string{a.request(first).State, a.request(second).State}
		sort.Strings(states)
		if own, _, err := a.Groups(t.Context(), rider, roster.Page{}); err != nil || len(own) != 1 || states[0] != business.RequestAccepted || states[1] != business.RequestCancelled {
			t.Errorf("%v, %v: %v", states, own, err)
		}
	})
}

// Two managers accept one request at once: there is one member, and one answer that
// it was decided.
func TestRaceOfManagers(t *testing.T) {
	nodes(t, func(t *testing.T, round int, a, b *house) {
		name := fmt.Sprint("R", round)
		c := a.company("C" + name)
		rider := a.verified(name)
		out, err := a.Join(t.Context(), rider, c.code, business.Join{})
		a.must(err)
		accept := func(h *house, by roster.Actor) func() error {
			return func() error {
				_, _, err := h.Decide(t.Context(), by, c.id, out.Request.ID, decision(business.RequestAccepted))
				return err
			}
		}
		if got := atOnce(accept(a, c.owner), accept(b, c.admin)); got != " "+business.CodeNotPending {
			t.Errorf("answers %q", got)
		}
		if _, total, err := a.Members(t.Context(), c.owner, c.id, business.MemberFilter{}, roster.Page{}); err != nil || total != 4 {
			t.Errorf("%d members, %v", total, err)
		}
	})
}

// People join while the account is deleted: nobody is left in it, and nobody waits.
func TestRaceOfJoinAndDelete(t *testing.T) {
	nodes(t, func(t *testing.T, round int, a, b *house) {
		name := fmt.Sprint("R", round)
		c := a.company("C" + name)
		policy := []string{business.JoinAtOnce, business.JoinByApproval}[round%2]
		a.settle(c.owner, c.id, business.SettingsPatch{JoinPolicy: &policy})
		riders := make([]roster.Actor, 4)
		all := []func() error{func() error { return a.DeleteAccount(t.Context(), c.owner, c.id, nil) }}
		for i := range riders {
			riders[i] = a.verified(fmt.Sprint(name, "-", i))
			h := []*house{a, b}[i%2]
			all = append(all, func() error { _, err := h.Join(t.Context(), riders[i], c.code, business.Join{}); return err })
		}
		for _, code := range strings.Split(atOnce(all...), " ") {
			if code != "" && code != business.CodeNoCode {
				t.Errorf("an answer was %q", code)
			}
		}
		for _, rider := range riders {
			own, _, err := a.Groups(t.Context(), rider, roster.Page{})
			if waiting := a.own(rider); err != nil || len(own) != 0 || waiting != "" {
				t.Errorf("%d is in %v and waits with %q: %v", rider.PersonID, own, waiting, err)
			}
		}
		a.account(c.owner, name) // it is free again
	})
}

// Many make accounts of one name and cost centers of one code at once: there is one.
func TestRaceOfNames(t *testing.T) {
	nodes(t, func(t *testing.T, round int, a, b *house) {
		c := a.company(fmt.Sprint("C", round))
		var accounts, centers []func() error
		for i := range 4 {
			h, rider := []*house{a, b}[i%2], a.verified(fmt.Sprint("R", round, "-", i))
			name, code := fmt.Sprint("Name ", round), fmt.Sprint("code", round)
			accounts = append(accounts, func() error {
				_, err := h.CreateAccount(t.Context(), rider, 0, business.AccountPatch{Name: &name})
				return err
			})
			centers = append(centers, func() error {
				_, err := h.CreateCostCenter(t.Context(), c.owner, c.id, business.CostCenterPatch{Code: &code, Name: &code})
				return err
			})
		}
		for what, got := range map[string][2]string{
			"accounts": {atOnce(accounts...), business.CodeTaken}, "cost centers": {atOnce(centers...), business.CodeCostCenterTaken},
		} {
			if want := strings.Repeat(" "+got[1], 3); got[0] != want {
				t.Errorf("%s: %q, want %q", what, got[0], want)
			}
		}
	})
}
