package roster

import (
	"testing"

	"golang.org/x/text/language"
)

// The codes are those that are countries by Unicode's data, but for codes of old and
// those that stand for parts of countries or for many.
func TestCountries(t *testing.T) {
	if len(countries) != 250 {
		t.Errorf("there are %d, want the 249 of ISO 3166-1 and XK", len(countries))
	}
	for code := range countries {
		if r, err := language.ParseRegion(code); err != nil || !r.IsCountry() || r.Canonicalize() != r {
			t.Errorf("%s: %v", code, err)
		}
	}
	for _, code := range []string{"", "at", "XX", "EU", "UK", "SU", "AUT", "A", "A1", "ZZ"} {
		if IsCountry(code) {
			t.Errorf("%q is one", code)
		}
	}
}
