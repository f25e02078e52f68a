package propertyapi

import (
	"net/url"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/wire"
)

// FuzzParseList: whatever a query says is read or refused with its parameter's
// name, and what was read picks rows that pass its filters, in its order.
func FuzzParseList(f *testing.F) {
	for _, query := range []string{
		"", "pagination[page]=2&pagination[limit]=5", "filter[id]=a,b&order[title]=desc", "filter[title][gt]=a&filter[is_active]=true",
		"filter[[]]=1", "filter[title]]=1", "order[]=asc", "pagination[limit]=+1", "pagination[page]=99999999999999999999", "x=1&filter",
	} {
		f.Add(query)
	}
	rows := []string{"a", "b", "B", "c", "", "true"}
	f.Fuzz(func(t *testing.T, query string) {
		values, err := url.ParseQuery(query)
		if err != nil {
			return
		}
		l, err := parseList(values, propertyForm)
		if err != nil {
			fields := wire.FieldsOf(roster.AsError(err))
			if !roster.IsKind(err, roster.Invalid) || len(fields) != 1 || fields[0].In != wire.InQuery || values[fields[0].Name] == nil {
				t.Fatalf("%q: %v", query, err)
			}
			return
		}
		if l.limit < 1 || l.limit > maxLimit || l.page < 1 {
			t.Fatalf("%q: %+v", query, l)
		}
		got, page := pick(&l, slices.Clone(rows), func(row, _ string) string { return row })
		if l.paged != (page != nil) || page != nil && (len(got) > page.Limit || page.Total > len(rows)) {
			t.Fatalf("%q: %q, %+v", query, got, page)
		}
		for _, row := range got {
			for i := range l.where {
				if !l.where[i].takes(row) {
					t.Fatalf("%q: %q passes %+v", query, row, l.where[i])
				}
			}
		}
	})
}

// The pages of a list, one after the other, are the list.
func TestPagesAreTheList(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rows := rapid.SliceOfN(rapid.StringN(0, 2, -1), 0, 30).Draw(t, "rows")
		l := list{by: "title", paged: true, limit: rapid.IntRange(1, 12).Draw(t, "limit"), descending: rapid.Bool().Draw(t, "descending")}
		of := func(row, _ string) string { return row }
		var all []string
		for l.page = 1; ; l.page++ {
			page, meta := pick(&l, slices.Clone(rows), of)
			if meta.Total != len(rows) {
				t.Fatalf("total %d of %d", meta.Total, len(rows))
			}
			if len(page) == 0 {
				break
			}
			all = append(all, page...)
		}
		want := slices.Clone(rows)
		slices.Sort(want)
		if l.descending {
			slices.Reverse(want)
		}
		if !slices.Equal(all, want) {
			t.Fatalf("%q, want %q", all, want)
		}
	})
}

func TestBrackets(t *testing.T) {
	for name, want := range map[string]string{
		"filter[a]": "filter: a", "filter[a][b]": "filter: a b", "filter[a][b][c]": "filter: a b c", "filter": "filter:",
		"filter[a": "filter:", "filter[]": "filter: ", "order[title]": "order: title", "filters[a]": "", "page": "",
	} {
		family, parts, ours := brackets(name)
		got := ""
		if ours {
			got = family + ": " + strings.Join(parts, " ")
			if parts == nil {
				got = family + ":"
			}
		}
		if got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
}

// Every kind of error has a status and a body of its own words.
func TestErrorKinds(t *testing.T) {
	for _, k := range roster.Kinds() {
		if _, ok := kinds[k]; !ok {
			t.Errorf("kind %d has no words", k)
		}
	}
	if len(kinds) != len(roster.Kinds()) {
		t.Error("words for a kind that is none")
	}
}
