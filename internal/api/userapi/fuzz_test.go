package userapi_test

import (
	"fmt"
	"net/url"
	"strings"
	"testing"

	"github.com/rosterhq/roster/internal/store/storetest"
)

// Whatever stands in a query, a read is answered, or refused as the caller's fault: never
// as one of ours.
func FuzzQuery(f *testing.F) {
	for _, q := range []string{
		"", "page=0&size=1", "page=9223372036854775807&size=5000", "page=-1", "size=99999999999999999999", "sort=id,desc&sort=name", "sort=,", "sort=id;drop",
		"state=PENDING&state=", "state=%00", "type=JOIN_REQUEST&type=\xff", "role=OWNER&role=ADMIN", "active&active=false", "active=maybe", "searchText=%25_%5c'",
		"from=2026-03-01&to=2026-04-01", "from=2026-03-01T00:00:00+01:00", "from=9999-12-31T23:59:59Z&to=0001-01-01", "from=2026-02-30", "to=2026-04-01",
		"userId=1&costCenterId=1", "costCenterId=-1", "costCenterId=9223372036854775808", "vehicleId=1&lat=48.2&lng=16.3", "vehicleCode=B-1&lat=NaN&lng=Inf",
		"branchId=2&vehicleCategoryId=1&bookingStart=2026-03-03T10:00:00Z&bookingEnd=2026-03-03T12:00:00Z", "radius=1&lat=90&lng=180", "radius=9223372036854775807&lat=-90&lng=-180",
		"branchId=2", "userGroupCode=%F0%9F%9A%97&vehicleId=1", "userGroupId=0", "%zz", ";", "a=b;c=d", strings.Repeat("state=PENDING&", 200),
	} {
		f.Add(q)
	}
	h := newHouse(f, storetest.SQLite(f))
	var paths []string
	for _, r := range h.server.Routes() {
		if path, ok := strings.CutPrefix(r.Path, "/v1/{tenant}/front"); ok && r.Method == "GET" {
			path = strings.NewReplacer("{userGroupId}", fmt.Sprint(h.group), "{userId}", fmt.Sprint(h.Person("mia")), "{id}", "1", "{costCenterId}", "1").Replace(path)
			paths = append(paths, path)
		}
	}
	f.Fuzz(func(t *testing.T, query string) {
		if strings.ContainsAny(query, " #\r\n\t") || (&url.URL{RawQuery: query}).String() == "" {
			return // no client can send it
		}
		if _, err := url.ParseRequestURI("/x?" + query); err != nil {
			return
		}
		for _, path := range paths {
			if r := raw(t, h, "GET", "", base+path+"?"+query, h.tokens["olga"]); r.Code >= 500 {
				t.Errorf("%s?%q: %d %s", path, query, r.Code, r.Body)
			}
		}
	})
}

// Whatever a body holds, a call is answered, or refused as the caller's fault.
func FuzzBody(f *testing.F) {
	for _, b := range []string{
		"", "{", "[]", "null", `"x"`, "7", `{"name":null}`, `{"name":"\u0000"}`, `{"settings":{"businessReasons":[null]}}`, `{"members":[null]}`,
		`{"members":[{"email":"a@b.c","defaultCostCenterId":-1}]}`, `{"emails":["a@b.c","\ud800"]}`, `{"state":"ACCEPTED","role":"ADMIN"}`,
		`{"code":"A","name":"B","validFrom":"0000-00-00T00:00:00Z"}`, `{"vehicleCode":"B-1","position":{"lat":1e400,"lng":0}}`, `{"vehicleId":1e3}`,
		`{"branchId":2,"vehicleCategoryId":1,"startTime":"9999-12-31T23:59:59Z","endTime":"9999-12-31T23:59:59.9Z"}`,
		`{"spendingLimit":{"amount":1e18,"currency":"EUR","period":"DAY"}}`, `{"costCenterAccess":{"mode":"LIST","costCenterIds":[9223372036854775807]}}`,
		`{"customProperties":{"a":null,"b":"c"}}`, `{"birthdate":"0000-01-01"}`, `{"phone":"+"}`, `{"endKilometers":1e300}`, `{"drivingLog":{"purpose":"x","endKilometers":-1e9}}`,
	} {
		f.Add(b)
	}
	h := newHouse(f, storetest.SQLite(f))
	type call struct{ method, path string }
	var calls []call
	for _, r := range h.server.Routes() {
		path, ok := strings.CutPrefix(r.Path, "/v1/{tenant}/front")
		if !ok || r.Method == "GET" || r.Method == "DELETE" {
			continue
		}
		path = strings.NewReplacer("{userGroupId}", fmt.Sprint(h.group), "{userId}", fmt.Sprint(h.Person("mia")), "{id}", "1", "{costCenterId}", "1",
			"{requestId}", "1", "{groupCode}", h.rexCode, "{code}", h.rexCode, "{memberCode}", h.memberCode("mia")).Replace(path)
		calls = append(calls, call{r.Method, path})
	}
	f.Fuzz(func(t *testing.T, body string) {
		for _, c := range calls {
			r := h.olga.On(t).Set("Roster-Plan", "true").Do(c.method, c.path, body)
			if r.Status >= 500 {
				t.Errorf("%s %s %q: %d %s", c.method, c.path, body, r.Status, r.Body)
			}
		}
	})
}
