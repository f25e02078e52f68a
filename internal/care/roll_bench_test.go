package care

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/rosterhq/roster/internal/identity"
	"github.com/rosterhq/roster/internal/roster"
)

// BenchmarkSearch goes through 1,000,000 customers on the roll by what support types: a
// full name, a number, an address, an id; and by a part that very many have.
func BenchmarkSearch(b *testing.B) {
	const n = 1_000_000
	random := rand.New(rand.NewPCG(1, 1))
	word := func() string {
		text := make([]byte, 5+random.IntN(5))
		for i := range text {
			text[i] = "aeioubcdfghklmnprstvwz"[random.IntN(22)]
		}
		return string(text)
	}
	first, last := make([]string, 2000), make([]string, 20_000)
	for i := range first {
		first[i] = word()
	}
	for i := range last {
		last[i] = word()
	}
	r := &roll{}
	e := r.edit()
	for id := range int64(n) {
		c := identity.Listed{ID: id + 1, HomeBranchID: id%50 + 1, FirstName: first[random.IntN(len(first))], LastName: last[random.IntN(len(last))], Phone: fmt.Sprintf("+43660%08d", id)}
		c.Email = fmt.Sprintf("%s.%s.%d@example.org", c.FirstName, c.LastName, id)
		e.put(c)
		e.accept(c.ID, c.HomeBranchID)
	}
	e.end()
	scope := map[int64]bool{}
	for branch := range int64(25) {
		scope[branch+1] = true
	}
	page := roster.Page{Limit: 50, Sort: []roster.Sort{{Property: "id", Desc: true}}}
	for name, text := range map[string]func() string{
		"name":   func() string { return first[random.IntN(len(first))] + " " + last[random.IntN(len(last))] },
		"number": func() string { return fmt.Sprintf("+43 660 %08d", random.IntN(n)) },
		"email":  func() string { return fmt.Sprintf(".%d@example", random.IntN(n)) },
		"id":     func() string { return fmt.Sprint(random.IntN(n)) },
		"first":  func() string { return first[random.IntN(len(first))] },
		"common": func() string { return "example" },
		"letter": func() string { return "z" },
		"all":    func() string { return "" },
	} {
		b.Run(name, func(b *testing.B) {
			var took []time.Duration
			for b.Loop() {
				began := time.Now()
				s := &search{f: &CustomerFilter{AcceptedOnly: true}, want: newWanted(text()), scope: scope}
				s.page(r.look(), page)
				took = append(took, time.Since(began))
			}
			slices.Sort(took)
			b.ReportMetric(float64(took[len(took)*99/100].Microseconds())/1000, "p99-ms")
		})
	}
}
