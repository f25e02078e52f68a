package mobilitywire_test

import (
	"encoding/json"
	"math"
	"strconv"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/wire/mobilitywire"
)

func TestValuesThereAndBack(t *testing.T) {
	_, c := newFake(t)
	for body, want := range map[string]string{
		`{"limit":12.5}`:                               `{"limit":12.5000}`,
		`{"limit":-0.0001}`:                            `{"limit":-0.0001}`,
		`{"limit":900719925474.0993}`:                  `{"limit":900719925474.0993}`, // no float64
		`{"limit":922337203685477.5807}`:               `{"limit":922337203685477.5807}`,
		`{"limit":1e2}`:                                `{"limit":100.0000}`,
		`{"limit":1.25E+1}`:                            `{"limit":12.5000}`,
		`{"limit":125e-4}`:                             `{"limit":0.0125}`,
		`{"limit":1.50000000}`:                         `{"limit":1.5000}`,
		`{"limit":null}`:                               `{}`,
		`{"limits":[{"amount":7},{"amount":0}]}`:       `{"limits":[{"amount":7.0000},{"amount":0.0000}]}`,
		`{"day":"2024-02-29"}`:                         `{"day":"2024-02-29"}`,
		`{"day":null,"at":null}`:                       `{}`,
		`{"at":"2026-02-03T04:05:06Z"}`:                `{"at":"2026-02-03T04:05:06Z"}`,
		`{"at":"2026-02-03T04:05:06.100+01:00"}`:       `{"at":"2026-02-03T03:05:06.1Z"}`,
		`{"at":"2026-02-03T04:05:06.123456789-12:00"}`: `{"at":"2026-02-03T16:05:06.123456Z"}`,
	} {
		r := c.Patch("/things/5", body).Want(200)
		if string(r.Body) != want {
			t.Errorf("%s comes back as %s, want %s", body, r.Body, want)
		}
		if got := r.Header.Get("Location"); got != "/v1/acme/front/things/5" {
			t.Errorf("Location is %s", got)
		}
	}
}

func TestPrice(t *testing.T) {
	text, err := json.Marshal(mobilitywire.NewPrice(roster.Price{Net: 10_000, Tax: 1_900, Gross: 11_900}))
	if want := `{"netPrice":1.0000,"containedTax":0.1900,"grossPrice":1.1900}`; err != nil || string(text) != want {
		t.Errorf("%s, %v; want %s", text, err, want)
	}
	if text, err = json.Marshal(mobilitywire.Price{}); err != nil || string(text) != `{"netPrice":0.0000,"containedTax":0.0000,"grossPrice":0.0000}` {
		t.Errorf("%s, %v", text, err)
	}
}

func TestMoneyRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := mobilitywire.Money(rapid.Int64Min(math.MinInt64+1).Draw(t, "amount"))
		text, err := json.Marshal(want)
		if err != nil {
			t.Fatal(err)
		}
		var got mobilitywire.Money
		if err := json.Unmarshal(text, &got); err != nil || got != want {
			t.Fatalf("%s is %d, %v", text, got, err)
		}
	})
}

// An exponent only moves the point.
func TestMoneyWithExponent(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		digits := rapid.StringMatching(`-?(0|[1-9][0-9]{0,5})(\.[0-9]{1,6})?`).Draw(t, "digits")
		exponent := rapid.IntRange(-6, 6).Draw(t, "exponent")
		var got mobilitywire.Money
		err := json.Unmarshal([]byte(digits+"e"+strconv.Itoa(exponent)), &got)
		// The oracle counts in units of 10^-12, which hold every digit there can be.
		sign, plain := int64(1), strings.TrimPrefix(digits, "-")
		if plain != digits {
			sign = -1
		}
		whole, fraction, _ := strings.Cut(plain, ".")
		n, perr := strconv.ParseInt(whole+fraction, 10, 64)
		if perr != nil {
			t.Fatal(perr)
		}
		scale := exponent - len(fraction) + 4 // the power of ten that makes n ten-thousandths
		for ; scale < 0 && n%10 == 0 && n != 0; scale++ {
			n /= 10
		}
		exact := scale >= 0 || n == 0
		for ; scale > 0; scale-- {
			n *= 10
		}
		if exact != (err == nil) || exact && int64(got) != sign*n {
			t.Fatalf("%se%d is %d, %v; want %d, %t", digits, exponent, got, err, sign*n, exact)
		}
	})
}

func TestTimeRoundTrip(t *testing.T) {
	first, last := time.Date(1, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC)
	rapid.Check(t, func(t *rapid.T) {
		want := mobilitywire.Time(rapid.Int64Range(first.UnixMicro(), last.UnixMicro()).Draw(t, "at"))
		text, err := json.Marshal(want)
		if err != nil {
			t.Fatal(err)
		}
		var got mobilitywire.Time
		if err := json.Unmarshal(text, &got); err != nil || got != want {
			t.Fatalf("%s is %d, %v; want %d", text, got, err, want)
		}
		if strings.HasSuffix(string(text), `0Z"`) && strings.Contains(string(text), ".") || !strings.HasSuffix(string(text), `Z"`) {
			t.Fatalf("%s is not the shortest in UTC", text)
		}
	})
}

func FuzzMoney(f *testing.F) {
	for _, s := range []string{"1.5", `"-0.0001"`, "1e400", `"1e-3"`, "null", `""`, "0.00005e1", "-0", "1e99999999999", `"."`, `"-e1"`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		var m mobilitywire.Money
		if !json.Valid([]byte(s)) || json.Unmarshal([]byte(s), &m) != nil {
			return
		}
		exact, err := strconv.ParseFloat(strings.Trim(strings.TrimSpace(s), `"`), 64)
		if err != nil || math.Abs(exact-float64(m)/10_000) > 1e-9*math.Max(1, math.Abs(exact)) {
			t.Fatalf("%s is read as %s; a float says %v, %v", s, roster.Amount(m), exact, err)
		}
	})
}

func FuzzTime(f *testing.F) {
	for _, s := range []string{"2026-02-03T04:05:06Z", "2026-02-03T04:05:06.000001+14:00", "2026-02-29T04:05:06Z", "2026-02-03T24:00:00Z", "2026-02-03", "0000-01-01T00:00:00+14:00"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		var m mobilitywire.Moment
		if err := m.UnmarshalText([]byte(s)); err != nil {
			return
		}
		if !m.Given || m.Date != "" && (m.Date != s || m.At != 0) {
			t.Fatalf("%q is %+v", s, m)
		}
		if day, ok := mobilitywire.ParseDate(s); ok != (m.Date != "") || ok && string(day) != m.Date {
			t.Fatalf("%q is the date %q, %t, and the moment %+v", s, day, ok, m)
		}
		if m.Date != "" {
			return
		}
		at, err := time.Parse(time.RFC3339, strings.Replace(s, " ", "+", 1))
		if err != nil || at.UnixMicro() != m.At {
			t.Fatalf("%q is %d; time says %v, %v", s, m.At, at, err)
		}
		text, err := json.Marshal(mobilitywire.Time(m.At))
		if err != nil {
			t.Fatal(err)
		}
		var back mobilitywire.Time
		if err := json.Unmarshal(text, &back); err != nil || int64(back) != m.At {
			t.Fatalf("%s comes back as %d, %v", text, back, err)
		}
	})
}

func FuzzSort(f *testing.F) {
	for _, s := range []string{"name", "name,desc", "id,asc", "", ",", "name,asc,desc", " name , ASC "} {
		f.Add(s, "createdAt")
	}
	f.Fuzz(func(t *testing.T, one, other string) {
		page, err := mobilitywire.Paging{Size: 50, Sort: []string{one, other}}.Page(0, "name", "createdAt")
		if err != nil {
			if !roster.IsKind(err, roster.Invalid) {
				t.Fatal(err)
			}
			return
		}
		seen := map[string]bool{}
		for _, s := range page.Sort {
			if seen[s.Property] || s.Property != "id" && s.Property != "name" && s.Property != "createdAt" {
				t.Fatalf("%q and %q sort by %v", one, other, page.Sort)
			}
			seen[s.Property] = true
		}
		if !seen["id"] {
			t.Fatalf("%q and %q leave the order open: %v", one, other, page.Sort)
		}
	})
}

func FuzzFlag(f *testing.F) {
	for _, s := range []string{"true", "false", "TRUE", "1", ""} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		var flag mobilitywire.Flag
		err := flag.UnmarshalText([]byte(s))
		if (err == nil) != (s == "true" || s == "false") || flag.On() != (s == "true") || err == nil && flag.Or(s != "true") != (s == "true") {
			t.Fatalf("%q is %+v, %v", s, flag, err)
		}
	})
}
