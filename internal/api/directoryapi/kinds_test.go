package directoryapi_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/rosterhq/roster/internal/graph"
	"github.com/rosterhq/roster/internal/store"
)

// Whoever joins a group of another API is in each directory group around it in the
// same instant, and was not the microsecond before.
func TestJoiningThroughAnotherKind(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		for _, kind := range []string{graph.Organization, graph.Business, graph.Property} {
			team := &graph.Group{Kind: kind, Name: "Team"}
			person := &graph.Person{Name: kind, Email: kind + "@example.org", Profiles: graph.UserProfile}
			h.write(func(tx *store.Tx) error {
				if err := graph.CreateGroup(tx, team); err != nil {
					return err
				}
				return graph.CreatePerson(tx, person)
			})
			outer, inner := h.group("outer "+kind), h.group("inner "+kind)
			teamID, personID := fmt.Sprint("grp-", team.ID), fmt.Sprint("acc-", person.ID)
			h.add(outer, inner)
			h.add(inner, teamID)
			h.clock.forward(time.Minute)
			if h.check(outer, personID, "") {
				t.Fatal("nobody has joined yet")
			}
			var joined int64
			h.write(func(tx *store.Tx) error {
				joined = tx.Now
				_, err := graph.AddMember(tx, team.ID, graph.Membership{MemberID: person.ID})
				return err
			})
			want := fmt.Sprintf(`{"member":true,"membership_type":"indirect","path":[%q,%q,%q,%q]}`, outer, inner, teamID, personID)
			if r := h.Get("/groups/" + outer + "/check?account_id=" + personID).Want(200); string(r.Body) != want {
				t.Errorf("%s, want %s", r.Body, want)
			}
			if h.types(outer, "")[personID] != "indirect" || h.count(outer, "") != 1 || h.count(teamID, "") != 1 {
				t.Errorf("outer has %d", h.count(outer, ""))
			}
			h.clock.forward(time.Minute)
			for d, want := range map[time.Duration]bool{-time.Microsecond: false, 0: true} {
				asOf := time.UnixMicro(joined).Add(d).UTC().Format(time.RFC3339Nano)
				if h.check(outer, personID, asOf) != want || h.count(outer, "?asOf="+asOf) != map[bool]int{true: 1}[want] {
					t.Errorf("%s as of %v after: not %v", kind, d, want)
				}
			}
			h.write(func(tx *store.Tx) error { return graph.RemoveMember(tx, team.ID, person.ID) })
			if h.check(outer, personID, "") {
				t.Errorf("who left the %s group is still in", kind)
			}
		}
	})
}

// Nothing but people and groups shows in the directory: a group's hotels do not.
func TestPropertiesDoNotShow(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		hotels, hotel := &graph.Group{Kind: graph.Property, Name: "Hotels"}, &graph.PropertyHeader{Title: "Hotel"}
		h.write(func(tx *store.Tx) error {
			if err := graph.CreateGroup(tx, hotels); err != nil {
				return err
			}
			if err := graph.CreateProperty(tx, hotel); err != nil {
				return err
			}
			_, err := graph.AddMember(tx, hotels.ID, graph.Membership{MemberID: hotel.ID})
			return err
		})
		group, hotelsID := h.group("g"), fmt.Sprint("grp-", hotels.ID)
		h.add(group, hotelsID)
		for _, prefix := range []string{"acc-", "grp-"} {
			id := fmt.Sprint(prefix, hotel.ID)
			h.Get(map[string]string{"acc-": "/accounts/", "grp-": "/groups/"}[prefix] + id).Want(404)
			h.Post("/groups/"+group+"/members", ref(id)).Want(404)
		}
		for _, g := range []string{group, hotelsID} {
			if n := h.count(g, ""); n != 0 || len(h.members(g, "")) != 0 {
				t.Errorf("%s has %d", g, n)
			}
		}
		if n := len(read(h.Get("/groups/" + hotelsID + "/history").Want(200)).Changes); n != 1 {
			t.Errorf("%d changes", n)
		}
	})
}
