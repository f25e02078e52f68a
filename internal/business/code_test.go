package business

import (
	"errors"
	"strings"
	"testing"
)

func TestFreeCode(t *testing.T) {
	tries := 0
	draw := func() string { tries++; return strings.Repeat("A", tries) }
	taken := func(code string) (bool, error) { return len(code) < 4, nil }
	if code, err := freeCode(draw, taken); err != nil || code != "AAAA" {
		t.Errorf("%q, %v", code, err)
	}
	failure := errors.New("no database")
	if _, err := freeCode(draw, func(string) (bool, error) { return false, failure }); !errors.Is(err, failure) {
		t.Error(err)
	}
	tries = 0
	if _, err := freeCode(draw, func(string) (bool, error) { return true, nil }); err == nil || tries != codeTries {
		t.Errorf("%v after %d", err, tries)
	}
}

func TestDrawCode(t *testing.T) {
	seen := map[string]bool{}
	for range 1000 {
		code := drawCode()
		if !codeForm.MatchString(code) || len(code) != codeLength || seen[code] {
			t.Fatalf("%q", code)
		}
		seen[code] = true
	}
	for _, code := range []string{"ABCDE", "ABCDEFGHJKL", "ABCDEI", "ABCDEO", "ABCDE0", "ABCDE1", "abcdef"} {
		if codeForm.MatchString(code) {
			t.Errorf("%q is a code", code)
		}
	}
}

func TestMaskedPhone(t *testing.T) {
	for phone, want := range map[string]string{"": "", "+43660": "+43660", "+436601": "+43*601", "+4366012345678": "+43********678"} {
		if got := (&User{Phone: phone}).masked().Phone; got != want {
			t.Errorf("%s is shown as %s, want %s", phone, got, want)
		}
	}
}
