package archtest

import (
	"slices"
	"strings"
	"testing"
)

func TestImports(t *testing.T) {
	for _, p := range packages(t) {
		for _, line := range broken(p.ImportPath, p.Imports) {
			t.Error(line)
		}
	}
}

// TestForbiddenImportsAreFound keeps the rules from becoming empty words: each line is
// an import that must be refused, or must not.
func TestForbiddenImportsAreFound(t *testing.T) {
	for _, c := range []struct {
		importer, imported string
		want               string // a part of the reason; "" when it is allowed
	}{
		{"internal/roster", internal + "store", "standard library"},
		{"internal/store", internal + "roster", ""},
		{"internal/store", internal + "graph", "no noun"},
		{"internal/store", "github.com/jackc/pgx/v5/stdlib", ""},
		{"internal/graph", internal + "graph/index", ""},
		{"internal/graph", internal + "identity", "who signs in"},
		{"internal/graph/index", internal + "store", "without a database"},
		{"internal/identity", "net/http", "status"},
		{"internal/identity", "net/http/httptest", "status"},
		{"internal/identity", "net/url", ""},
		{"internal/identity", "database/sql", "supplies the tenant"},
		{"internal/business", internal + "care", "below them"},
		{"internal/care", internal + "business", ""},
		{"internal/care", internal + "mobility", "knows nothing of care"},
		{"internal/lodging", internal + "spend", "below them"},
		{"internal/wire", internal + "store", ""},
		{"internal/wire/mobilitywire", internal + "wire", ""},
		{"internal/wire/mobilitywire", internal + "graph", "no area"},
		{"internal/api/userapi", internal + "wire/mobilitywire", ""},
		{"internal/wire", internal + "business", "no other area"},
		{"internal/wire", internal + "api/orgapi", "knows no API"},
		{"internal/wire", "github.com/prometheus/client_golang/prometheus", "what is counted"},
		{"internal/graph", internal + "graph/graphgen", "who signs in"},
		{"internal/api/orgapi", internal + "spend", ""},
		{"internal/api/orgapi", internal + "wire", ""},
		{"internal/api/orgapi", internal + "store", "no SQL"},
		{"internal/api/orgapi", internal + "graph/index", ""},
		{"internal/api/orgapi", internal + "api/userapi", "no other API"},
		{"internal/api/orgapi", "net/http", ""},
		{"internal/demo", internal + "wire", "verbs"},
		{"internal/app", internal + "api/orgapi", ""},
		{"internal/app", internal + "pgtest", "knows all the others"},
		{"internal/app", module + "/bench", "knows all the others"},
		{"internal/lodging", "testing", "out of the program"},
		{"internal/pgtest", "github.com/jackc/pgx/v5", ""},
		{"internal/store/storetest", internal + "pgtest", ""},
		{"internal/utils", "strings", "no place in the house"},
		{"cmd/roster", internal + "app", ""},
		{"cmd/roster", internal + "store", "app.Run"},
	} {
		got := broken(module+"/"+c.importer, []string{c.imported})
		switch {
		case c.want == "" && len(got) > 0:
			t.Errorf("refused: %q", got)
		case c.want != "" && (len(got) != 1 || !strings.Contains(got[0], c.want)):
			t.Errorf("%s imports %s: got %q, want one reason with %q", c.importer, c.imported, got, c.want)
		}
	}
}

func TestTablesNameParts(t *testing.T) {
	known := []string{"*"}
	for _, p := range parts {
		if p.why == "" {
			t.Errorf("%s gives no reason", p.folder)
		}
		known = append(known, p.folder)
	}
	for _, p := range parts {
		for _, name := range p.may {
			if !slices.Contains(known, name) {
				t.Errorf("%s may import %s, which is no part", p.folder, name)
			}
		}
	}
	for _, o := range outsides {
		for _, name := range o.may {
			if !slices.Contains(known, name) {
				t.Errorf("%s is open to %s, which is no part", o.prefix, name)
			}
		}
	}
}
