package mobilitywire_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/rosterhq/roster/internal/roster"
)

func TestPaging(t *testing.T) {
	f, c := newFake(t)
	byID := roster.Sort{Property: "id", Desc: true}
	for _, q := range []struct {
		query   string
		want    roster.Page
		headers string // TotalPages, Number, NumberOfElements, Size, First, Last
	}{
		{"", roster.Page{Limit: 5, Sort: []roster.Sort{byID}}, "2 0 5 5 true false"},
		{"page=1", roster.Page{Offset: 5, Limit: 5, Sort: []roster.Sort{byID}}, "2 1 2 5 false true"},
		{"page=2", roster.Page{Offset: 10, Limit: 5, Sort: []roster.Sort{byID}}, "2 2 0 5 false true"},
		{"size=3&page=1", roster.Page{Offset: 3, Limit: 3, Sort: []roster.Sort{byID}}, "3 1 3 3 false false"},
		{"size=6000", roster.Page{Limit: 5, Sort: []roster.Sort{byID}}, "2 0 5 5 true false"},
		{"page=&size=", roster.Page{Limit: 5, Sort: []roster.Sort{byID}}, "2 0 5 5 true false"},
		{"sort=name", roster.Page{Limit: 5, Sort: []roster.Sort{{Property: "name"}, {Property: "id"}}}, "2 0 5 5 true false"},
		{"sort=name,DESC", roster.Page{Limit: 5, Sort: []roster.Sort{{Property: "name", Desc: true}, byID}}, "2 0 5 5 true false"},
		{"sort=id,asc", roster.Page{Limit: 5, Sort: []roster.Sort{{Property: "id"}}}, "2 0 5 5 true false"},
		{
			"sort=createdAt,asc&sort=name,desc&sort=name,asc",
			roster.Page{Limit: 5, Sort: []roster.Sort{{Property: "createdAt"}, {Property: "name", Desc: true}, byID}},
			"2 0 5 5 true false",
		},
	} {
		r := c.Get("/things?" + q.query).Want(200)
		if diff := cmp.Diff(q.want, f.asked.page); diff != "" {
			t.Errorf("%s (-want +got):\n%s", q.query, diff)
		}
		got := ""
		for _, name := range []string{"TotalPages", "Number", "NumberOfElements", "Size", "First", "Last"} {
			got += " " + r.Header.Get("X-Pagination-"+name)
		}
		if got[1:] != q.headers || r.Header.Get("X-Pagination-TotalElements") != "7" {
			t.Errorf("%s: headers%s, want %s", q.query, got, q.headers)
		}
	}
	if r := c.Get("/things?page=9223372036854775807&size=5000").Want(200); string(r.Body) != "[]" || r.Header.Get("X-Pagination-Last") != "true" {
		t.Errorf("beyond the end: %s", r.Body)
	}
}
