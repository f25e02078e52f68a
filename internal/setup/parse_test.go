package setup_test

import (
	"strings"
	"testing"

	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/setup"
)

func TestParse(t *testing.T) {
	for name, c := range map[string]struct {
		text  string
		wants []string // in the error; none: it is good
	}{
		"nothing":        {"", nil},
		"JSON":           {`{"branches":[{"code":"AT","name":"Austria"}]}`, nil},
		"YAML":           {"branches:\n- code: AT\n  name: Austria\n- {code: VIE, name: Vienna, parent: AT}\n", nil},
		"unknown key":    {"branches:\n- code: AT\n  nane: Austria\n", []string{"line 3", "nane"}},
		"unknown list":   {"braches: []\n", []string{"line 1", "braches"}},
		"key twice":      {"branches: []\nbranches: []\n", []string{"line 2", "branches"}},
		"wrong type":     {"branches: 7\n", []string{"line 1"}},
		"no YAML":        {"branches: [", []string{"line"}},
		"missing fields": {"branches:\n- name: Austria\n- code: VIE\n", []string{"branches[0]: code is missing", "branches[1]: name is missing"}},
		"code twice":     {"branches:\n- {code: AT, name: A}\n- {code: at, name: B}\n", []string{"branches[1]: stands at branches[0] already"}},
		"bad price":      {"tariffs:\n- {category: c, businessUnit: u, unlockPrice: 1.00001}\n", []string{"1.00001", "line 2"}},
		"bad tax":        {"businessUnits:\n- {code: u, name: u, currency: EUR, taxPercentage: 19.555}\n", []string{"19.555"}},
		"bad time":       {"terms:\n- {branch: AT, termsAndConditionsText: t, termsAndConditionsUrl: u, validFrom: soon}\n", []string{"soon"}},
		"a list":         {"- a\n", []string{"line 1"}},
		"too large":      {strings.Repeat(" ", 33<<20), []string{"32 MiB"}},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := setup.Parse(strings.NewReader(c.text))
			if len(c.wants) == 0 {
				if err != nil {
					t.Fatal(err)
				}
				return
			}
			if !roster.IsKind(err, roster.Invalid) {
				t.Fatalf("%v", err)
			}
			for _, want := range c.wants {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("%q does not say %q", err, want)
				}
			}
		})
	}
}

func TestParseValues(t *testing.T) {
	d, err := setup.Parse(strings.NewReader(`
businessUnits:
- {code: u, name: Unit, currency: EUR, taxPercentage: 19.5}
tariffs:
- {category: c, businessUnit: u, unlockPrice: 1, pricePerMinute: "0.19", bookingPrice: 0.1000}
terms:
- {branch: AT, termsAndConditionsText: t, termsAndConditionsUrl: u, validFrom: 2026-11-25T08:00:00+01:00}
`))
	if err != nil {
		t.Fatal(err)
	}
	tariff := d.Tariffs[0]
	if d.BusinessUnits[0].TaxPercentage != 1950 || tariff.UnlockPrice.Amount != 10_000 || tariff.PricePerMinute.Amount != 1_900 || tariff.BookingPrice.Amount != 1_000 {
		t.Errorf("%+v, %+v", d.BusinessUnits[0], tariff)
	}
	if d.Terms[0].ValidFrom != 1_795_590_000_000_000 {
		t.Errorf("%d", d.Terms[0].ValidFrom)
	}
}

func FuzzParse(f *testing.F) {
	f.Add("branches:\n- {code: AT, name: Austria}\n")
	f.Add("tariffs: [{category: c, businessUnit: u, unlockPrice: 1e3}]")
	f.Add("a: &a [*a]")
	f.Fuzz(func(t *testing.T, text string) {
		d, err := setup.Parse(strings.NewReader(text))
		if (d == nil) == (err == nil) && !roster.IsKind(err, roster.Invalid) {
			t.Fatalf("%v, %v", d, err)
		}
		if err != nil && !roster.IsKind(err, roster.Invalid) {
			t.Fatalf("%v", err)
		}
	})
}
