package crif_test

import (
	"context"
	"errors"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/rosterhq/roster/internal/care"
	"github.com/rosterhq/roster/internal/jobs"
	"github.com/rosterhq/roster/internal/outbound"
	"github.com/rosterhq/roster/internal/provider/crif"
	"github.com/rosterhq/roster/internal/provider/crif/criftest"
	"github.com/rosterhq/roster/internal/roster"
)

// client is one of the fake server, through the program's own way out.
func client(t *testing.T, s *criftest.Server, password string) *crif.Client {
	t.Helper()
	out := outbound.New(outbound.Options{AllowEgress: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}, Roots: s.Roots()})
	return crif.New(out.Provider("crif"), s.URL, func(context.Context, roster.Tenant) (string, string, error) { return criftest.User, password, nil })
}

func person(lastName string) care.RatingQuery {
	return care.RatingQuery{
		Key: "rating-acme-1", Tenant: roster.Tenant{ID: 1, Name: "acme"}, AccountType: care.RatedCustomer, FirstName: "Anna", LastName: lastName,
		Birthdate: "1974-11-11", Street: "Am Stadtpark 73a", Postcode: "1030", City: "Wien", Country: "AT",
	}
}

func score(n int64) *int64 { return &n }

// What CRIF says of people and companies, and what is sent of them.
func TestReports(t *testing.T) {
	s := criftest.New(t)
	c := client(t, s, criftest.Password)
	unknown := "The provider does not know the account by this name and address."
	for name, want := range map[string]care.RatingAnswer{
		criftest.Green:     {Status: care.RatingApproved, Score: score(612), Reason: "GREEN Trusted"},
		criftest.Scoreless: {Status: care.RatingApproved, Reason: "LIGHT_GREEN"},
		criftest.Yellow:    {Status: care.RatingPending, Score: score(430), Reason: "YELLOW"},
		criftest.Red:       {Status: care.RatingRejected, Score: score(275), Reason: "RED Debts"},
		criftest.Several:   {Status: care.RatingPending, Reason: unknown},
		"Nobody & <Sons>":  {Status: care.RatingPending, Reason: unknown},
	} {
		q := person(name)
		q.Key += name
		got, err := c.Rate(t.Context(), q)
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		company := care.RatingQuery{
			Key: q.Key + "-company", Tenant: q.Tenant, AccountType: care.RatedGroup, CompanyName: name, Street: q.Street, Postcode: q.Postcode, City: q.City, Country: "CH",
		}
		of, err := c.Rate(t.Context(), company)
		if err != nil || got.Reference == "" || of.Reference == got.Reference {
			t.Errorf("%s: %v, references %q and %q", name, err, got.Reference, of.Reference)
		}
		got.Reference, of.Reference = "", ""
		if diff := cmp.Diff([]care.RatingAnswer{want, want}, []care.RatingAnswer{got, of}); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
	for _, q := range s.Asked() {
		if q.LastName+q.Company != criftest.Green {
			continue
		}
		want := criftest.Question{
			Reference: "rating-acme-1Green", ReportType: "QUICK_CHECK_CONSUMER", Kind: "PersonAddressDescription", FirstName: "Anna", LastName: "Green",
			BirthDate: "1974-11-11", Street: "Am Stadtpark", HouseNumber: "73a", Zip: "1030", City: "Wien", Country: "AUT",
			User: criftest.User, Password: criftest.Password, MajorVersion: "1", ContentType: q.ContentType,
		}
		if q.Company != "" {
			want.Reference, want.ReportType, want.Kind, want.Company, want.Country = want.Reference+"-company", "QUICK_CHECK_BUSINESS", "CompanyAddressDescription", "Green", "CHE"
			want.FirstName, want.LastName, want.BirthDate = "", "", ""
		}
		if diff := cmp.Diff(want, q); diff != "" {
			t.Errorf("asked (-want +got):\n%s", diff)
		}
	}
}

// reason is what a job keeps of an error.
func reason(err error) string {
	var says interface{ Reason() string }
	if errors.As(err, &says) {
		return says.Reason()
	}
	return ""
}

// Of failures, those are tried again that may pass; none names the person.
func TestFailures(t *testing.T) {
	s := criftest.New(t)
	for name, want := range map[string]struct {
		reason    string
		permanent bool
	}{
		criftest.Broken:    {"status 500", false},
		criftest.Fault:     {"fault 900", false},
		criftest.Garbage:   {"malformed answer", false},
		criftest.Empty:     {"malformed answer", false},
		criftest.Undecided: {"malformed answer", false},
		criftest.Refused:   {"the provider refuses the question with code 205", true},
		criftest.Forbidden: {"the provider refuses the credentials", true},
		criftest.Gateway:   {"the provider refuses the question with status 404", true},
	} {
		_, err := client(t, s, criftest.Password).Rate(t.Context(), person(name))
		if reason(err) != want.reason || jobs.IsPermanent(err) != want.permanent || err != nil && strings.Contains(err.Error(), name) {
			t.Errorf("%s: %v (%q)", name, err, reason(err))
		}
	}
	for _, password := range []string{"wrong", ""} {
		_, err := client(t, s, password).Rate(t.Context(), person(criftest.Green))
		if !jobs.IsPermanent(err) || strings.Contains(err.Error(), criftest.User) {
			t.Errorf("with password %q: %v", password, err)
		}
	}
}

// Who has no address is not asked for, since a question may cost something.
func TestIncomplete(t *testing.T) {
	s := criftest.New(t)
	for _, change := range []func(*care.RatingQuery){
		func(q *care.RatingQuery) { q.LastName = "" },
		func(q *care.RatingQuery) { q.Street = "" },
		func(q *care.RatingQuery) { q.Postcode = "" },
		func(q *care.RatingQuery) { q.City = "" },
		func(q *care.RatingQuery) { q.Country = "" },
		func(q *care.RatingQuery) { q.AccountType = care.RatedGroup },
	} {
		q := person(criftest.Green)
		change(&q)
		if _, err := client(t, s, criftest.Password).Rate(t.Context(), q); !jobs.IsPermanent(err) || reason(err) != "name or address is incomplete" {
			t.Errorf("%v: %v", q, err)
		}
	}
	if n := len(s.Asked()); n != 0 {
		t.Errorf("asked %d times", n)
	}
}

// A slow answer ends with the caller's time, and asking twice by one key makes one report.
func TestSlowAndTwice(t *testing.T) {
	s := criftest.New(t)
	c := client(t, s, criftest.Password)
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, err := c.Rate(ctx, person(criftest.Slow)); err == nil || jobs.IsPermanent(err) {
		t.Errorf("slow: %v", err)
	}
	first, err := c.Rate(t.Context(), person(criftest.Green))
	if err != nil {
		t.Fatal(err)
	}
	again, err := c.Rate(t.Context(), person(criftest.Green))
	if err != nil || again.Reference != first.Reference || s.Reports() != 1 {
		t.Errorf("%v: reports %s and %s, %d in all", err, first.Reference, again.Reference, s.Reports())
	}
}
