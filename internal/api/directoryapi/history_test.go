package directoryapi_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/rosterhq/roster/internal/graph"
	"github.com/rosterhq/roster/internal/racetest"
	"github.com/rosterhq/roster/internal/store"
	"github.com/rosterhq/roster/internal/wire/wiretest"
)

// entry is a change as a feed shows it.
type entry struct {
	Revision  int64  `json:"revision"`
	Time      string `json:"time"`
	Actor     string `json:"actor"`
	API       string `json:"api"`
	Operation string `json:"operation"`
	Subject   struct {
		Type   string `json:"type"`
		ID     string `json:"id"`
		Member string `json:"member_id"`
	} `json:"subject"`
	Before object `json:"before"`
	After  object `json:"after"`
}

type feed struct {
	Changes  []entry `json:"changes"`
	PageInfo struct {
		HasNextPage bool    `json:"hasNextPage"`
		EndCursor   *string `json:"endCursor"`
	} `json:"pageInfo"`
	Through int64 `json:"through"`
}

func read(r *wiretest.Response) (f feed) {
	r.Into(&f)
	return f
}

func (f *feed) operations() (all []string) {
	for i := range f.Changes {
		c := &f.Changes[i]
		all = append(all, strings.TrimSpace(c.Operation+" "+c.Subject.ID+" "+c.Subject.Member))
	}
	return all
}

func TestHistory(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		group, other, ann := h.group("g"), h.group("other"), h.account("ann")
		h.add(other, ann)
		h.add(group, other)
		h.add(group, ann)
		h.Patch("/groups/"+group+"/members/"+ann, `{"expires_at":"2027-01-01T00:00:00.5Z"}`).Want(200)
		h.Put("/groups/"+group, `{"name":"h","description":null}`).Want(200)
		h.Delete("/groups/" + group + "/members/" + ann).Want(204)
		last := h.Delete("/groups/" + group).Want(204)
		r := h.reader.Get("/groups/" + group + "/history").Want(200)
		f := read(r)
		want := []string{
			"group.create " + group, "membership.add " + group + " " + other, "membership.add " + group + " " + ann,
			"membership.update " + group + " " + ann, "group.update " + group, "membership.remove " + group + " " + ann, "group.delete " + group,
		}
		if got := f.operations(); !slices.Equal(got, want) {
			t.Fatalf("%q, want %q", got, want)
		}
		if got := strconv.FormatInt(f.Changes[6].Revision, 10); got != last.Header.Get("Roster-Revision") || f.Through != f.Changes[6].Revision || f.PageInfo.HasNextPage {
			t.Errorf("the last revision is %s through %d, the write's was %s", got, f.Through, last.Header.Get("Roster-Revision"))
		}
		for i, c := range f.Changes {
			if (c.Before == nil) != (i < 3) || (c.After == nil) != (i > 4) || c.API != "directory" || !strings.HasPrefix(c.Actor, "token:") {
				t.Errorf("%+v", c)
			}
		}
		if b, a := f.Changes[4].Before, f.Changes[4].After; b["name"] != "g" || a["name"] != "h" || a["group_type"] != "security" || len(a) != 4 {
			t.Errorf("%v, then %v", b, a)
		}
		if b, a := f.Changes[3].Before, f.Changes[3].After; b["expires_at"] != nil || a["expires_at"] != "2027-01-01T00:00:00.5Z" || a["added_date"] != "2026-01-02T03:04:05Z" {
			t.Errorf("%v, then %v", b, a)
		}
		page := read(h.Get("/groups/" + group + "/history?limit=3").Want(200))
		rest := read(h.Get("/groups/" + group + "/history?after=" + *page.PageInfo.EndCursor).Want(200))
		if len(page.Changes) != 3 || len(rest.Changes) != 4 || !page.PageInfo.HasNextPage || page.Through != page.Changes[2].Revision {
			t.Errorf("%d and %d", len(page.Changes), len(rest.Changes))
		}
		end := h.Get("/groups/" + group + "/history?after=" + *rest.PageInfo.EndCursor).Want(200)
		if end.Len("changes") != 0 || end.At("pageInfo.endCursor") != nil {
			t.Errorf("%s", end.Body)
		}
	})
}

func TestChanges(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		start := read(h.Get("/changes").Want(200))
		if len(start.Changes) != 0 || start.PageInfo.EndCursor != nil || start.Through == 0 {
			t.Errorf("the making of tokens is not the directory's to show: %+v", start)
		}
		group, ann := h.group("g"), h.account("ann")
		h.Post("/groups/"+group+"/members/batch", object{"add": []object{ref(ann), ref(h.account("bob")), ref(h.group("inner"))}}).Want(200)
		property := graph.Group{Kind: graph.Property, Name: "Hotels"}
		h.write(func(tx *store.Tx) error {
			if err := graph.CreateGroup(tx, &property); err != nil {
				return err
			}
			hotel := graph.PropertyHeader{Title: "Hotel"}
			if err := graph.CreateProperty(tx, &hotel); err != nil {
				return err
			}
			_, err := graph.AddMember(tx, property.ID, graph.Membership{MemberID: hotel.ID})
			return err
		})
		h.Delete("/accounts/" + ann).Want(204)
		h.Put("/groups/"+group, `{}`).Want(200) // changes nothing
		all := read(h.Get("/changes?limit=200").Want(200))
		for i, c := range all.Changes {
			if c.Subject.Type != "group" && c.Subject.Type != "account" && c.Subject.Type != "membership" {
				t.Errorf("%+v", c)
			}
			if i > 0 && c.Revision < all.Changes[i-1].Revision {
				t.Errorf("revision %d behind %d", c.Revision, all.Changes[i-1].Revision)
			}
		}
		if n := len(all.Changes); n != 9 || all.Changes[n-1].Operation != "person.delete" || all.Changes[n-1].Before["email"] != "ann@example.org" {
			t.Errorf("%q", all.operations())
		}
		if batch := all.Changes[4:7]; batch[0].Revision != batch[2].Revision || batch[0].Operation != "membership.add" {
			t.Errorf("%+v", batch)
		}
		// Pages of one, also within a revision, show the same; so does following
		// by whole revisions.
		var byCursor, byRevision []string
		for after := ""; ; {
			page := read(h.Get("/changes?limit=1&after=" + after).Want(200))
			byCursor = append(byCursor, page.operations()...)
			if !page.PageInfo.HasNextPage {
				break
			}
			after = *page.PageInfo.EndCursor
		}
		for after := int64(0); ; {
			page := read(h.Get(fmt.Sprintf("/changes?limit=4&after=%d", after)).Want(200))
			for i, c := range page.Changes {
				if c.Revision <= page.Through {
					byRevision = append(byRevision, page.operations()[i])
				}
			}
			if !page.PageInfo.HasNextPage {
				break
			}
			after = page.Through
		}
		if !slices.Equal(byCursor, all.operations()) || !slices.Equal(byRevision, all.operations()) {
			t.Errorf("%q\n%q\nwant %q", byCursor, byRevision, all.operations())
		}
		for _, after := range []string{"x", "-1", "1.", ".1", "1.-1", "1.1.1", "99999999999999999999", "%201"} {
			h.Get("/changes?after=" + after).Want(400)
		}
		for _, limit := range []string{"0", "-1", "x"} {
			h.Get("/changes?limit=" + limit).Want(400)
		}
		if n := h.Get("/changes?limit=1000").Want(200).Len("changes"); n != 9 {
			t.Errorf("%d changes", n)
		}
		h.reader.Get("/changes").Want(403)
		if n := h.rival.Get("/changes").Want(200).Len("changes"); n != 0 {
			t.Errorf("another tenant sees %d", n)
		}
	})
}

// A follower that asks again from through on misses nothing and sees nothing
// twice while others write, and what it saw makes up the present.
func TestFeedHasNoGap(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		const writers = 4
		var groups [writers]string
		for i := range groups {
			groups[i] = h.group(fmt.Sprint("g", i))
		}
		accounts := h.people(6)
		var writing sync.WaitGroup
		var running atomic.Int32
		running.Store(writers)
		begin := strconv.FormatInt(read(h.Get("/changes").Want(200)).Through, 10)
		for i := range writers {
			writing.Go(func() {
				defer running.Add(-1)
				random := rand.New(rand.NewPCG(1, uint64(i)))
				for range racetest.Scale(60) {
					// Two writers share each group.
					group, account := groups[i/2], accounts[random.IntN(len(accounts))]
					if h.Post("/groups/"+group+"/members", ref(account)).Status == 409 {
						h.Delete("/groups/" + group + "/members/" + account)
					}
				}
			})
		}
		member, seen, last, after := map[string]bool{}, 0, int64(0), begin
		follow := func() (more bool) {
			page := read(h.Get("/changes?limit=7&after=" + after))
			for _, c := range page.Changes {
				key, adds := c.Subject.ID+" "+c.Subject.Member, c.Operation == "membership.add"
				if c.Revision <= last || member[key] == adds {
					t.Errorf("revision %d behind %d: %s %s", c.Revision, last, c.Operation, key)
				}
				member[key], last = adds, c.Revision
				seen++
			}
			if page.Through < last {
				t.Errorf("through %d, but revision %d was given", page.Through, last)
			}
			after = strconv.FormatInt(page.Through, 10)
			return page.PageInfo.HasNextPage
		}
		for running.Load() > 0 {
			follow()
		}
		writing.Wait()
		for follow() {
		}
		for _, g := range groups {
			for _, a := range accounts {
				if h.check(g, a, "") != member[g+" "+a] {
					t.Errorf("%s in %s: the feed says %v", a, g, member[g+" "+a])
				}
			}
		}
		if seen == 0 || strconv.FormatInt(last, 10) != h.Get("/groups").Header.Get("Roster-Revision") {
			t.Errorf("%d changes to revision %d", seen, last)
		}
	})
}

// A membership that expires makes no change: its times were told when it was made.
func TestExpiryMakesNoChange(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		group, ann := h.group("g"), h.account("ann")
		body := ref(ann)
		body["expires_at"] = h.clock.text(time.Minute)
		h.Post("/groups/"+group+"/members", body).Want(201)
		through := read(h.Get("/changes").Want(200)).Through
		h.clock.forward(time.Hour)
		if f := read(h.Get("/changes?after=" + strconv.FormatInt(through, 10)).Want(200)); len(f.Changes) != 0 || h.count(group, "") != 0 {
			t.Errorf("%q", f.operations())
		}
		f := read(h.Get("/groups/" + group + "/history").Want(200))
		if got := f.Changes[1].After["expires_at"]; got != "2026-01-02T03:05:05Z" {
			t.Errorf("%v", got)
		}
	})
}
