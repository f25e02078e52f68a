package care_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/rosterhq/roster/internal/care"
	"github.com/rosterhq/roster/internal/identity"
	"github.com/rosterhq/roster/internal/racetest"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/store"
	"github.com/rosterhq/roster/internal/store/storetest"
)

// operator makes an operator with a role at a branch, as they act.
func (w *world) operator(email, role string, branch int64) roster.Actor {
	w.Helper()
	a := w.a
	a.API, a.Role = roster.OperationsAPI, identity.RoleOperator
	w.write(func(tx *store.Tx) error {
		for _, r := range identity.StandardRoles {
			if _, err := identity.PutRole(tx, r); err != nil {
				return err
			}
		}
		p, _, err := identity.PutOperator(tx, email, email)
		if err != nil {
			return err
		}
		a.PersonID = p.ID
		_, err = identity.AssignRole(tx, identity.Assignee{PersonID: p.ID}, role, branch)
		return err
	})
	return a
}

var byID = roster.Page{Limit: 5000, Sort: []roster.Sort{{Property: "id"}}}

func found(t *testing.T, c *care.Care, a roster.Actor, f care.CustomerFilter, p roster.Page) (ids []int64, total int) {
	t.Helper()
	rows, total, err := c.SearchCustomers(t.Context(), a, f, p)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range rows {
		ids = append(ids, r.ID)
	}
	return ids, total
}

func TestSearchFinds(t *testing.T) {
	storetest.Each(t, func(t *testing.T, database string) {
		w := open(t, database)
		c := w.care
		admin := w.operator("admin@example.org", "ADMIN", w.at)
		people := []identity.Customer{
			{FirstName: "Anna", LastName: "Müller", Email: "anna.mueller@example.org", Phone: "+4366012345678"},
			{FirstName: "Ωmega", LastName: "Παπαδόπουλος", Email: "omega@example.gr"},
			{FirstName: "伟", LastName: "王", Email: "wang@example.cn"},
			{FirstName: "Иван", LastName: "Петров", Email: "ivan@example.ru"},
			{FirstName: "נועה", LastName: "כהן", Phone: "+972501234567"},
			{FirstName: "O'Brien %_", LastName: `"; DROP TABLE customers; --`, Email: "o'brien@example.ie"},
			{FirstName: "Line\nbreak", LastName: "\x00nul", Email: "break@example.org"},
		}
		w.write(func(tx *store.Tx) error {
			for i := range people {
				people[i].HomeBranchID = w.vie
				if strings.Contains(people[i].LastName, "\x00") {
					people[i].LastName = "Nul"
				}
				if err := identity.InsertCustomer(tx, &people[i]); err != nil {
					return err
				}
			}
			return nil
		})
		for text, want := range map[string][]int{
			"anna":              {0},
			"ANNA MÜL":          {0},
			"müller anna":       {0},
			"üll":               {0},
			"+43 660 1234-5678": {0},
			"660 12 34":         {0},
			"4366012345678":     {0},
			"παπαδ":             {1},
			"ΩMEGA":             {1},
			"王":                 {2},
			"伟 王":               {2},
			"петров":            {3},
			"כהן":               {4},
			"%":                 {5},
			"_":                 {5},
			"'":                 {5},
			"drop table":        {5},
			"line break":        {6},
			"@example.org":      {0, 6},
			"nobody":            nil,
			"anna\x00":          nil,
			"\xff":              nil,
			"":                  {0, 1, 2, 3, 4, 5, 6},
			"  ":                {0, 1, 2, 3, 4, 5, 6},
		} {
			var ids []int64
			for _, i := range want {
				ids = append(ids, people[i].ID)
			}
			got, total := found(t, c, admin, care.CustomerFilter{Text: text}, byID)
			if diff := cmp.Diff(ids, got); diff != "" || total != len(ids) {
				t.Errorf("%q finds %d: %s", text, total, diff)
			}
		}
		if got, _ := found(t, c, admin, care.CustomerFilter{Text: fmt.Sprint(people[3].ID)}, byID); !slices.Contains(got, people[3].ID) {
			t.Errorf("by id: %v", got)
		}
	})
}

// What a search finds, with any filter and page, is what a look at every customer does;
// in memory that followed the writes, and in memory that was built from the rows.
func TestSearchIsExact(t *testing.T) {
	storetest.Each(t, func(t *testing.T, database string) {
		w := open(t, database)
		c := w.care
		admin := w.operator("admin@example.org", "ADMIN", w.at)
		support := w.operator("support@example.org", "CUSTOMER_SUPPORT", w.vie)
		w.terms(w.at, "Be kind.", 0)
		random := rand.New(rand.NewPCG(1, 2))
		n := racetest.Scale(1500)
		branches := []int64{w.at, w.vie, w.grz, w.vie1}
		names := []string{"Anna", "Hannah", "Nan", "Max", "Åsa", "王伟"}
		all := make([]identity.Customer, n)
		accepted := map[int64][]int64{}
		for from := 0; from < n; from += 100 {
			w.write(func(tx *store.Tx) error {
				for i := from; i < min(n, from+100); i++ {
					all[i] = identity.Customer{
						Email: fmt.Sprintf("c%d@example.org", i), FirstName: names[random.IntN(len(names))], LastName: names[random.IntN(len(names))],
						HomeBranchID: branches[random.IntN(4)], SignupSettled: random.IntN(2) == 0, BlockState: []string{"NONE", "BLOCKED"}[random.IntN(2)],
					}
					if err := identity.InsertCustomer(tx, &all[i]); err != nil {
						return err
					}
					accepted[all[i].ID] = nil
					for range random.IntN(3) {
						branch := branches[random.IntN(4)]
						if _, err := care.AcceptTerms(tx, all[i].ID, branch, 0); err != nil {
							return err
						}
						accepted[all[i].ID] = append(accepted[all[i].ID], branch)
					}
				}
				return nil
			})
		}
		for range 50 {
			i := random.IntN(n)
			w.write(func(tx *store.Tx) error {
				_, err := identity.UpdateCustomer(tx, all[i].ID, nil, func(c *identity.Customer) error {
					c.LastName, c.BlockState = names[random.IntN(len(names))], "NONE"
					all[i].LastName, all[i].BlockState = c.LastName, c.BlockState
					return nil
				})
				return err
			})
		}
		vienna := []int64{w.vie, w.vie1}
		for round := range 40 {
			settled := random.IntN(2) == 0
			f := care.CustomerFilter{Text: []string{"ann", "an max", "王", "n", "c1", "zzz", ""}[random.IntN(7)], AcceptedOnly: random.IntN(2) == 0, Below: true}
			if random.IntN(2) == 0 {
				f.SignupSettled = &settled
			}
			if random.IntN(3) == 0 {
				f.BlockStates = []string{"BLOCKED"}
			}
			actor, scope := admin, branches
			switch random.IntN(3) {
			case 0:
				actor, scope = support, vienna
			case 1:
				f.BranchID, scope = w.vie, vienna
			}
			var want []int64
			for i := range all {
				of := &all[i]
				text := strings.ToLower(of.FirstName + " " + of.LastName + "\n" + of.Email + "\n" + fmt.Sprint(of.ID))
				seen := slices.ContainsFunc(accepted[of.ID], func(b int64) bool { return slices.Contains(scope, b) }) || !f.AcceptedOnly && slices.Contains(scope, of.HomeBranchID)
				for _, word := range strings.Fields(f.Text) {
					seen = seen && strings.Contains(text, word)
				}
				seen = seen && (f.SignupSettled == nil || of.SignupSettled == settled) && (f.BlockStates == nil || of.BlockState == "BLOCKED")
				if seen {
					want = append(want, of.ID)
				}
			}
			got, total := found(t, c, actor, f, byID)
			if !slices.Equal(got, want) || total != len(want) {
				t.Fatalf("round %d: %+v finds %d, want %d", round, f, len(got), len(want))
			}
			slices.Reverse(want)
			offset, limit := random.IntN(20), 1+random.IntN(20)
			page := roster.Page{Offset: offset, Limit: limit, Sort: []roster.Sort{{Property: "id", Desc: true}}}
			got, total = found(t, c, actor, f, page)
			if part := want[min(offset, len(want)):min(offset+limit, len(want))]; !slices.Equal(got, part) || total != len(want) {
				t.Fatalf("round %d: page %v of %+v is %v, want %v", round, page, f, got, part)
			}
		}
		built := care.New(storetest.Open(t, database, store.Options{}))
		a, n1 := found(t, c, admin, care.CustomerFilter{Text: "ann"}, byID)
		b, n2 := found(t, built, admin, care.CustomerFilter{Text: "ann"}, byID)
		if !slices.Equal(a, b) || n1 != n2 {
			t.Errorf("built anew it finds %d, and %d before", n2, n1)
		}
	})
}
