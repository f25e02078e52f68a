package seal_test

import (
	"bytes"
	"crypto/rand"
	"encoding/hex"
	"regexp"
	"testing"

	"pgregory.net/rapid"

	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/seal"
)

func newKey(t *testing.T, secrets ...[]byte) *seal.Key {
	t.Helper()
	k, err := seal.New(secrets[0], secrets[1:]...)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func contexts() *rapid.Generator[seal.Context] {
	return rapid.Custom(func(t *rapid.T) seal.Context {
		return seal.Context{
			Tenant:  roster.TenantID(rapid.Int64Range(0, 3).Draw(t, "tenant")),
			Purpose: rapid.SampledFrom([]string{"", "a", "ab", "credential.totp"}).Draw(t, "purpose"),
			ID:      rapid.Int64Range(0, 3).Draw(t, "id"),
		}
	})
}

// What is sealed for a context opens in that one alone, and in no altered form.
func TestSealedOpensWhereItBelongs(t *testing.T) {
	k := newKey(t, seal.Random())
	rapid.Check(t, func(t *rapid.T) {
		plain := rapid.SliceOf(rapid.Byte()).Draw(t, "plain")
		c, other := contexts().Draw(t, "context"), contexts().Draw(t, "other")
		sealed := k.Seal(plain, c)
		if opened, err := k.Open(sealed, c); err != nil || !bytes.Equal(opened, plain) {
			t.Fatalf("opens as %x: %v", opened, err)
		}
		if _, err := k.Open(sealed, other); (err == nil) != (c == other) {
			t.Fatalf("sealed for %v, opened for %v: %v", c, other, err)
		}
		if len(plain) > 8 && bytes.Contains(sealed, plain) {
			t.Fatal("the secret is readable")
		}
		if bytes.Equal(sealed, k.Seal(plain, c)) {
			t.Fatal("the same bytes twice show that secrets are equal")
		}
		altered := bytes.Clone(sealed)
		altered[rapid.IntRange(0, len(sealed)-1).Draw(t, "at")] ^= 1 << rapid.IntRange(0, 7).Draw(t, "bit")
		if _, err := k.Open(altered, c); err == nil {
			t.Fatalf("%x opens as %x", altered, sealed)
		}
		if _, err := k.Open(sealed[:rapid.IntRange(0, len(sealed)-1).Draw(t, "length")], c); err == nil {
			t.Fatal("a part opens")
		}
	})
}

// A key that was replaced still opens; once it is gone, nothing that it sealed does.
func TestRotation(t *testing.T) {
	first, second := seal.Random(), seal.Random()
	c := seal.Context{Tenant: 1, Purpose: "credential.totp", ID: 7}
	plain := []byte("JBSWY3DPEHPK3PXP")
	before, during, after := newKey(t, first), newKey(t, second, first), newKey(t, second)
	old := before.Seal(plain, c)
	opened, err := during.Open(old, c)
	if err != nil || !bytes.Equal(opened, plain) {
		t.Errorf("during: %q, %v", opened, err)
	}
	if before.Stale(old) || !during.Stale(old) {
		t.Error("what the replaced key sealed is stale, and only then")
	}
	again := during.Seal(opened, c)
	if opened, err := after.Open(again, c); err != nil || !bytes.Equal(opened, plain) {
		t.Errorf("after: %q, %v", opened, err)
	}
	if _, err := after.Open(old, c); err == nil {
		t.Error("it opens without its key")
	}
	if _, err := before.Open(again, c); err == nil {
		t.Error("it opens by another key")
	}
}

func TestKeyLengths(t *testing.T) {
	for _, n := range []int{0, 16, 31, 33, 64} {
		secret := make([]byte, n)
		_, _ = rand.Read(secret)
		if _, err := seal.New(secret); err == nil {
			t.Errorf("%d bytes are taken", n)
		}
		if _, err := seal.New(seal.Random(), secret); err == nil {
			t.Errorf("%d bytes are taken as an older key", n)
		}
	}
}

// What is derived depends on each word and number, on where they stand, and on the
// key; and stays what it is, since rows are checked against it.
func TestDerive(t *testing.T) {
	k := newKey(t, bytes.Repeat([]byte{7}, seal.Size))
	seen := map[string]string{}
	for name, sum := range map[string][]byte{
		"purpose":       k.Derive("code"),
		"other purpose": k.Derive("cod"),
		"one":           k.Derive("code", 1),
		"two":           k.Derive("code", 2),
		"both":          k.Derive("code", 1, 2),
		"swapped":       k.Derive("code", 2, 1),
		"negative":      k.Derive("code", -1),
		"other key":     newKey(t, seal.Random()).Derive("code", 1),
		"digits inside": k.Derive("code1"),
	} {
		if len(sum) != 32 {
			t.Errorf("%s: %d bytes", name, len(sum))
		}
		if twin := seen[string(sum)]; twin != "" {
			t.Errorf("%s is %s", name, twin)
		}
		seen[string(sum)] = name
	}
	const kept = "35b6243576aa4848"
	if got := hex.EncodeToString(k.Derive("code.email", 1, 7)[:8]); got != kept {
		t.Errorf("derived %s, which was %s once", got, kept)
	}
}

func TestDigits(t *testing.T) {
	k := newKey(t, seal.Random())
	counts := map[byte]int{}
	const codes = 5000
	for id := range int64(codes) {
		code := k.Digits(6, "code", id)
		if !regexp.MustCompile(`^[0-9]{6}$`).MatchString(code) {
			t.Fatalf("code %q", code)
		}
		counts[code[0]]++
	}
	for digit, n := range counts {
		if n < codes/10-150 || n > codes/10+150 { // seven standard deviations
			t.Errorf("%c begins %d of %d codes", digit, n, codes)
		}
	}
	if code := k.Digits(18, "code", 1); len(code) != 18 {
		t.Errorf("code %q", code)
	}
}
