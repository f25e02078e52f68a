package propertyapi_test

import (
	"fmt"
	"slices"
	"sync"
	"testing"

	"github.com/rosterhq/roster/internal/store/storetest"
	"github.com/rosterhq/roster/internal/wire/wiretest"
)

const rounds = 8

// together makes calls at the same moment and returns their statuses, sorted.
func together(calls ...func() *wiretest.Response) []int {
	statuses := make([]int, len(calls))
	var ready, done sync.WaitGroup
	start := make(chan struct{})
	for i, call := range calls {
		ready.Add(1)
		done.Go(func() {
			ready.Done()
			<-start
			statuses[i] = call().Status
		})
	}
	ready.Wait()
	close(start)
	done.Wait()
	slices.Sort(statuses)
	return statuses
}

// A property leaves its two groups at the same moment: one stays (contract D7).
func TestRaceOfLastGroup(t *testing.T) {
	storetest.Each(t, func(t *testing.T, database string) {
		h := newHouse(t, database)
		a, b := group(h.olga, "A"), group(h.olga, "B")
		for i := range rounds {
			p := property(h.olga, fmt.Sprint("Property ", i), a)
			h.olga.Post("/groups/"+b+"/properties/"+p, nil).Want(200)
			got := together(
				func() *wiretest.Response { return h.olga.Delete("/groups/" + a + "/properties/" + p) },
				func() *wiretest.Response { return h.olga.Delete("/groups/" + b + "/properties/" + p) },
			)
			if !slices.Equal(got, []int{200, 400}) {
				t.Fatalf("round %d: %v", i, got)
			}
			if r := h.olga.Get("/properties/" + p).Want(200); r.Len("data.relationships.groups.data") != 1 {
				t.Fatalf("round %d: %s", i, r.Body)
			}
		}
	})
}

// A group is deleted while a property comes into it: one of the two is refused
// (contract D7).
func TestRaceOfDeleteAndAssociate(t *testing.T) {
	storetest.Each(t, func(t *testing.T, database string) {
		h := newHouse(t, database)
		home := group(h.olga, "Home")
		p := property(h.olga, "Property", home)
		for i := range rounds {
			g := group(h.olga, fmt.Sprint("Group ", i))
			got := together(
				func() *wiretest.Response { return h.olga.Delete("/groups/" + g) },
				func() *wiretest.Response { return h.olga.Post("/groups/"+g+"/properties/"+p, nil) },
			)
			there := h.olga.Get("/groups/" + g).Status
			homes := h.olga.Get("/properties/" + p).Want(200).Len("data.relationships.groups.data")
			switch {
			case slices.Equal(got, []int{200, 404}) && there == 404 && homes == 1:
			case slices.Equal(got, []int{200, 400}) && there == 200 && homes == 2:
				h.olga.Delete("/groups/" + g + "/properties/" + p).Want(200)
			default:
				t.Fatalf("round %d: %v, the group is %d and the property in %d", i, got, there, homes)
			}
		}
	})
}

// The same association many times at once: one is made, the others are told so.
func TestRaceOfAssociations(t *testing.T) {
	storetest.Each(t, func(t *testing.T, database string) {
		h := newHouse(t, database)
		p := property(h.olga, "Property", group(h.olga, "Home"))
		g := group(h.olga, "Group")
		associate := func() *wiretest.Response { return h.olga.Post("/groups/"+g+"/properties/"+p, nil) }
		if got := together(associate, associate, associate, associate); !slices.Equal(got, []int{200, 422, 422, 422}) {
			t.Errorf("%v", got)
		}
		nina := func() *wiretest.Response {
			return h.olga.Post("/group_users", `{"invite":{"group_id":"`+g+`","user_email":"nina@example.org"}}`)
		}
		if got := together(nina, nina, nina); !slices.Equal(got, []int{201, 400, 400}) {
			t.Errorf("%v", got)
		}
	})
}

// The default group is made once, however many properties ask for it at once.
func TestRaceOfDefaultGroup(t *testing.T) {
	storetest.Each(t, func(t *testing.T, database string) {
		h := newHouse(t, database)
		h.olga.Delete("/groups/" + defaultGroup(h.olga)).Want(200)
		create := func() *wiretest.Response {
			return h.olga.Post("/properties", `{"property":{"title":"A","currency":"EUR"}}`)
		}
		if got := together(create, create, create, create); !slices.Equal(got, []int{201, 201, 201, 201}) {
			t.Errorf("%v", got)
		}
		if got := titles(h.olga.Get("/groups")); !slices.Equal(got, []string{"User Group"}) {
			t.Errorf("%q", got)
		}
	})
}
