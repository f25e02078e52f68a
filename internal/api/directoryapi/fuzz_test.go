package directoryapi

import (
	"testing"
	"time"

	"github.com/rosterhq/roster/internal/graph"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/wire"
)

// A refusal of a parser is the caller's fault, never ours.
func mustBe(t *testing.T, kind roster.Kind, err error) {
	t.Helper()
	if err != nil && !roster.IsKind(err, kind) {
		t.Fatalf("%v", err)
	}
}

func FuzzCursor(f *testing.F) {
	f.Add(*endOf(groupCursor, 1767323045000000, 17))
	f.Add(*endOf(accountCursor, -1, -1))
	f.Add("")
	f.Add("AWdyb3Vwcw==")
	f.Fuzz(func(t *testing.T, text string) {
		for _, kind := range []string{groupCursor, accountCursor} {
			c, err := (&Page{After: text}).cursor(kind)
			mustBe(t, roster.Invalid, err)
			if err == nil && text != "" && *endOf(kind, c.Created, c.ID) != text {
				t.Errorf("%q is read as %+v", text, c)
			}
		}
	})
}

func FuzzPlaceOf(f *testing.F) {
	for _, s := range []string{"", "0", "17", "17.3", "17.", ".3", "-1", "1.-1", "+1", "1.2.3", "99999999999999999999", "01"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		p, err := placeOf(text)
		mustBe(t, roster.Invalid, err)
		if err != nil {
			return
		}
		if p.Revision < 0 || p.Seq < 0 {
			t.Errorf("%q is %+v", text, p)
		}
		page := renderPage(graph.ChangePage{Changes: []graph.LoggedChange{{Revision: p.Revision, Seq: p.Seq}}})
		if again, err := placeOf(*page.Body.PageInfo.EndCursor); err != nil || again != p {
			t.Errorf("%q is %+v, its own cursor %+v, %v", text, p, again, err)
		}
	})
}

func FuzzParseID(f *testing.F) {
	for _, s := range []string{"grp-1", "acc-17", "grp-01", "grp-0", "grp--1", "grp-+1", "grp-9223372036854775808", "grp-", "", "acc-1 ", "grp-١"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		group, groupErr := parseGroup(text)
		account, accountErr := parseAccount(text)
		mustBe(t, roster.NotFound, groupErr)
		mustBe(t, roster.NotFound, accountErr)
		// One id has one spelling, and no text is both.
		if groupErr == nil && (groupID(group) != text || group < 1) || accountErr == nil && (accountID(account) != text || account < 1) {
			t.Errorf("%q is group %d, account %d", text, group, account)
		}
		if groupErr == nil && accountErr == nil {
			t.Errorf("%q is a group and an account", text)
		}
	})
}

func FuzzInstant(f *testing.F) {
	for _, s := range []string{
		"2026-01-02T03:04:05Z", "2026-01-02T03:04:05.123456789+14:00", "1970-01-01T00:00:00+01:00", "9999-12-31T23:59:59.999999Z",
		"9999-12-31T23:59:59-14:00",
		"2026-01-02", "2026-01-02T03:04:05,5Z", "2026-02-30T00:00:00Z", "2026-01-02T24:00:00Z", "",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		micros, err := instant(wire.InQuery, "asOf", text)
		mustBe(t, roster.Invalid, err)
		switch {
		case err != nil || text == "":
			return
		case micros < 1:
			t.Errorf("%q is %d", text, micros)
		}
		again, err := instant(wire.InQuery, "asOf", exact(micros))
		if err != nil || again != micros {
			t.Errorf("%q is %d, spelled %s, which is %d, %v", text, micros, exact(micros), again, err)
		}
		if _, err := time.Parse(time.RFC3339, clock(micros)); err != nil {
			t.Error(err)
		}
	})
}
