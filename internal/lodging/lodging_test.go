package lodging

import (
	"encoding/json"
	"testing"

	"github.com/google/uuid"
	"pgregory.net/rapid"

	"github.com/rosterhq/roster/internal/roster"
)

// A pair's id is a UUID that says which pair of which tenant it is, and no other id
// says so.
func TestPairID(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		tenant := roster.TenantID(rapid.Int64Range(1, 1<<16-1).Draw(t, "tenant"))
		group, person := rapid.Int64Range(0, pairMask).Draw(t, "group"), rapid.Int64Range(0, pairMask).Draw(t, "person")
		id := pairID(tenant, group, person)
		if id.Version() != 8 || id.Variant() != uuid.RFC4122 {
			t.Fatalf("%v has version %v, variant %v", id, id.Version(), id.Variant())
		}
		g, p, ok := parsePair(tenant, id)
		if !ok || g != group || p != person {
			t.Fatalf("%v is %d in %d, want %d in %d", id, p, g, person, group)
		}
		if _, _, ok := parsePair(tenant+1, id); ok {
			t.Fatalf("%v is a pair of another tenant", id)
		}
	})
	if _, _, ok := parsePair(1, uuid.Must(uuid.NewV7())); ok {
		t.Error("an invitation's id is a pair")
	}
}

func TestMerge(t *testing.T) {
	for _, c := range []struct{ stored, changed, want string }{
		{``, `{"currency":"eur","city":null}`, `{"currency":"EUR"}`},
		{`{"city":"Nice","stars":4}`, `{"city":null,"state":"PACA"}`, `{"stars":4,"state":"PACA"}`},
		{`{"city":"Nice"}`, `{}`, `{"city":"Nice"}`},
	} {
		var changed map[string]json.RawMessage
		if err := json.Unmarshal([]byte(c.changed), &changed); err != nil {
			t.Fatal(err)
		}
		got, err := merge(json.RawMessage(c.stored), changed)
		if err != nil || string(got) != c.want {
			t.Errorf("%s and %s: %s, %v", c.stored, c.changed, got, err)
		}
	}
}

// What an import brought in another form is not shown, and disturbs nothing.
func TestDetailsOfImport(t *testing.T) {
	d := DetailsOf(json.RawMessage(`{"city":5,"currency":"EUR","latitude":"north","country":"France"}`))
	if d.City != nil || d.Currency != "EUR" || d.Latitude != nil || d.Country == nil || *d.Country != "France" {
		t.Errorf("%+v", d)
	}
}

func TestIsAddress(t *testing.T) {
	for text, want := range map[string]bool{
		"a@b": true, "nina.o'hara+x@example.org": true, "ñ@exämple.org": true,
		"": false, "a": false, "@b": false, "a@": false, "a@b@c": false, "a b@c": false, "a@b, c@d": false, "<a@b>": false, "a@b\x00": false,
	} {
		if isAddress(text) != want {
			t.Errorf("%q: %v", text, !want)
		}
	}
}
