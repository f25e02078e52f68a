package userapi_test

import (
	"fmt"
	"net/url"
	"strings"
	"testing"

	"github.com/rosterhq/roster/internal/business"
	"github.com/rosterhq/roster/internal/identity"
	"github.com/rosterhq/roster/internal/store"
	"github.com/rosterhq/roster/internal/wire/wiretest"
)

// What an administrator may not do is refused by every path that could do it, and
// leaves everybody as they were (contract §10.4, decision 20).
func TestAdministratorsLimits(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		asked := number(h.ida.Post("/groups/"+h.code+"/join", nil).Want(202), "request.id")
		codes := map[string]string{}
		for _, name := range []string{"olga", "adam", "mia"} {
			codes[name] = h.memberCode(name)
		}
		before := string(h.olga.Get(h.managed("/members?sort=id,asc")).Want(200).Body)
		member := func(name string) string { return h.managed("/members/%d", h.Person(name)) }
		for _, c := range []struct {
			method, path string
			body         any
			status       int
			code         string
		}{
			{"DELETE", h.managed(""), nil, 403, "A190"},
			{"PATCH", h.managed("/%s", codes["adam"]), object{"role": "OWNER"}, 400, "UG907"},
			{"PATCH", h.managed("/%s", codes["adam"]), object{"state": "INACTIVE"}, 403, "UG928"},
			{"PATCH", h.managed("/%s", codes["olga"]), object{"role": "MEMBER"}, 403, "UG928"},
			{"PATCH", h.managed("/%s", codes["olga"]), object{"state": "INACTIVE"}, 403, "UG928"},
			{"PATCH", h.managed("/%s", codes["mia"]), object{"role": "OWNER"}, 400, "UG907"},
			{"PATCH", h.managed("/%s", codes["mia"]), object{"role": "ADMIN"}, 403, "UG928"},
			{"PATCH", member("mia"), object{"role": "ADMIN"}, 403, "U120"},
			{"PUT", member("mia"), object{"role": "ADMIN"}, 400, "G901"},
			{"PUT", member("olga"), object{"billingRole": "NONE"}, 403, "UG928"},
			{"PATCH", member("adam"), object{"spendingLimit": object{"amount": 1, "currency": "EUR", "period": "DAY"}}, 403, "UG928"},
			{"POST", h.managed("/add-members"), object{"members": []object{{"email": "x@example.org", "role": "ADMIN"}}}, 403, "UG928"},
			{"POST", h.managed("/add-members"), object{"members": []object{{"email": "x@example.org", "role": "OWNER"}}}, 400, "UG907"},
			{"PATCH", h.managed("/requests/%d", asked), object{"state": "ACCEPTED", "role": "ADMIN"}, 403, "UG928"},
			{"PATCH", h.managed("/requests/%d", asked), object{"state": "ACCEPTED", "role": "OWNER"}, 400, "UG907"},
			{"PATCH", h.managed(""), object{"ownerId": h.Person("adam")}, 403, "U120"},
		} {
			if r := h.adam.Do(c.method, c.path, c.body); r.Status != c.status || r.Text("errorCode") != c.code {
				t.Errorf("%s %s %v: %d %s", c.method, c.path, c.body, r.Status, r.Body)
			}
		}
		if after := string(h.olga.Get(h.managed("/members?sort=id,asc")).Want(200).Body); after != before {
			t.Errorf("the members became %s, from %s", after, before)
		}
		if n := h.olga.Get(h.managed("/requests")).Want(200).Len(""); n != 1 {
			t.Errorf("%d requests wait", n)
		}
	})
}

// Pages of a list are its rows, each once, in an order that holds however many are
// equal; too large a size is cut down, and beyond the end there is nothing (contract
// §10.21).
func TestPaging(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		var want []int64
		h.Write(func(tx *store.Tx) error {
			a, err := business.LiveAccount(tx, h.group)
			if err != nil {
				return err
			}
			for i := range 9 {
				c := &identity.Customer{Email: fmt.Sprintf("sam%d@example.org", i), FirstName: "Sam", LastName: "Same", HomeBranchID: a.BranchID}
				if err := identity.InsertCustomer(tx, c); err != nil {
					return err
				}
				if _, err := business.InsertMember(tx, a, business.NewMember{UserID: c.ID, Role: business.Simple, CreatedBy: business.ByOperator}); err != nil {
					return err
				}
				want = append(want, c.ID)
			}
			return nil
		})
		header := func(r *wiretest.Response, name, want string) {
			t.Helper()
			if got := r.Header.Get("X-Pagination-" + name); got != want {
				t.Errorf("%s is %s, want %s", name, got, want)
			}
		}
		path := h.managed("/members?searchText=%s", url.QueryEscape("Sam Same"))
		for _, sort := range []string{"&sort=name,asc", "&sort=joinedAt,asc", "&sort=id,asc", "&sort=name,asc&sort=joinedAt,asc"} {
			var got []int64
			for page := range 5 {
				var rows []struct{ UserID int64 }
				r := h.olga.Get(path + sort + fmt.Sprintf("&size=2&page=%d", page)).Want(200).Into(&rows)
				for _, row := range rows {
					got = append(got, row.UserID)
				}
				header(r, "TotalPages", "5")
				header(r, "TotalElements", "9")
				header(r, "First", fmt.Sprint(page == 0))
				header(r, "Last", fmt.Sprint(page == 4))
			}
			if fmt.Sprint(got) != fmt.Sprint(want) {
				t.Errorf("%s: %v, want %v", sort, got, want)
			}
		}
		r := h.olga.Get(path + "&page=5&size=2").Want(200)
		header(r, "TotalElements", "9")
		header(r, "NumberOfElements", "0")
		header(r, "Last", "true")
		if r.Len("") != 0 {
			t.Errorf("beyond the end: %s", r.Body)
		}
		header(h.olga.Get(path+"&size=99999").Want(200), "Size", "5000")
		header(h.olga.Get(path).Want(200), "Size", "50")
		for _, bad := range []string{"page=-1", "size=0", "size=-5", "page=x", "size=1.5", "sort=secret", "sort=name,up"} {
			if code := h.olga.Get(path + "&" + bad).Want(400).Text("errorCode"); code != "G901" {
				t.Errorf("%s: %s", bad, code)
			}
		}
	})
}

// Every list pages, and takes its filters more than once.
func TestEveryListPages(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		h.parts(h.olga, h.group, "max", "mia")
		lists := 0
		for _, r := range h.server.Routes() {
			path, ok := strings.CutPrefix(r.Path, "/v1/{tenant}/front")
			if !ok || r.Method != "GET" || !strings.HasPrefix(r.Operation, "list-") {
				continue
			}
			lists++
			path = strings.ReplaceAll(path, "{userGroupId}", fmt.Sprint(h.group))
			query := "?size=1&page=0&sort=id,desc"
			if r.Operation == "list-tariffs" {
				query += fmt.Sprintf("&branchId=%d", h.Branch("VIE"))
			}
			a := h.olga.Get(path + query).Want(200)
			for _, name := range []string{"TotalPages", "TotalElements", "Number", "NumberOfElements", "Size", "First", "Last"} {
				if a.Header.Get("X-Pagination-"+name) == "" {
					t.Errorf("%s has no %s", r.Operation, name)
				}
			}
			if a.Len("") > 1 {
				t.Errorf("%s: %s", r.Operation, a.Body)
			}
		}
		if lists != 19 {
			t.Errorf("%d lists", lists)
		}
	})
}

// A single thing's GET has its version as ETag; every change of one honours If-Match.
func TestVersions(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		p := h.parts(h.olga, h.group, "max", "mia")
		single := 0
		for _, path := range []string{
			h.managed(""), h.managed("/members/%d", p.member), fmt.Sprintf("/cost-centers/%d", p.center), "/me",
		} {
			tag := h.olga.Get(path).Want(200).Header.Get("ETag")
			if len(tag) < 3 || tag[0] != '"' {
				t.Errorf("%s has the tag %s", path, tag)
			}
			single++
			h.olga.Set("If-Match", `"0"`).Patch(path, object{}).Want(412)
			h.olga.Set("If-Match", tag).Patch(path, object{}).Want(200)
			h.olga.Set("If-Match", "*").Patch(path, object{}).Want(200)
			if got := h.olga.Get(path).Want(200).Header.Get("ETag"); got != tag {
				t.Errorf("%s: a patch without a field made %s of %s", path, got, tag)
			}
		}
		if single != 4 {
			t.Error(single)
		}
	})
}
