package orgapi

import (
	"encoding/base64"
	"net/url"
	"testing"
	"time"

	"github.com/rosterhq/roster/internal/wire"
)

// An instant is the microsecond of the time that the text names, from 1970 on.
func FuzzInstant(f *testing.F) {
	for _, s := range []string{"", "2026-01-15T10:30:00Z", "2026-01-15T10:30:00.1234567+02:00", "1969-12-31T23:59:59Z", "2026-01-15", "x"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		got, err := instant(wire.InQuery, "asOf", text)
		if err != nil || text == "" {
			return
		}
		want, err := time.Parse(time.RFC3339Nano, text)
		if err != nil || got != max(want.UnixMicro(), 1) {
			t.Errorf("%q is %d: %v", text, got, err)
		}
	})
}

// What a client writes by RFC 6749 is read back; anything else does no harm.
func FuzzBasicClient(f *testing.F) {
	for _, s := range []string{"", "Basic ", "Basic Og==", "basic YTpi", "Bearer x", "BASIC %%%"} {
		f.Add(s, "id", "se:cret")
	}
	f.Fuzz(func(t *testing.T, header, id, secret string) {
		basicClient(header)
		text := url.QueryEscape(id) + ":" + url.QueryEscape(secret)
		gotID, gotSecret, ok := basicClient("Basic " + base64.StdEncoding.EncodeToString([]byte(text)))
		if !ok || gotID != id || gotSecret != secret {
			t.Errorf("%q and %q became %q and %q", id, secret, gotID, gotSecret)
		}
	})
}

// A UUID is taken in its one usual form.
func FuzzReadUUID(f *testing.F) {
	for _, s := range []string{"", "01a205aa-4889-708b-aa08-5767d6af955a", "{01a205aa-4889-708b-aa08-5767d6af955a}", "urn:uuid:01a205aa-4889-708b-aa08-5767d6af955a"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		id, ok := readUUID(text)
		if again, also := readUUID(id.String()); ok && (len(text) != 36 || !also || again != id) {
			t.Errorf("%q became %v", text, id)
		}
	})
}
