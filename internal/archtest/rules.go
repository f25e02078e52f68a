// Package archtest holds the shape of the house as tests: who may import whom, and
// how large things grow. Each rule carries its reason, which the failure prints.
//
// The arrows run down one way only:
//
//	app → api/*, console, demo → areas → identity → graph → store → roster
//
// A new package under internal/ takes its place in parts, or the test fails.
package archtest

import (
	"fmt"
	"path"
	"slices"
	"strings"
)

const (
	module   = "github.com/rosterhq/roster"
	internal = module + "/internal/"
)

// part is a package of the house, by its folder under internal/, and the packages of
// ours that it may import. "api/*" is every folder of api.
type part struct {
	folder string
	may    []string
	why    string
}

var (
	// A View of the index is how the graph is read, so who reads it imports both.
	heart = []string{"roster", "store", "graph", "graph/index"}
	// What an area does later, and what it keeps secret, is its own; how, is not.
	ground = and(heart, "jobs", "seal")
	// views is what translates for people outside may call: verbs and their words.
	views = []string{"roster", "graph", "graph/index", "identity", "business", "spend", "lodging", "care", "mobility"}
)

var parts = []part{
	{"roster", nil, "the shared words are the ground of all, so they stand on the standard library alone"},
	{"store", []string{"roster"}, "the database kit knows transactions and tenants, and no noun that it stores"},
	{"graph/index", []string{"roster"}, "the index is memory alone, so that random graphs test it without a database"},
	{"graph/graphgen", nil, "made-up graphs are for tests and benchmarks alone"},
	{"graph", []string{"roster", "store", "graph/index"}, "the heart knows subjects and edges, and nothing of who signs in"},
	{"identity", ground, "people and roles stand on the graph, and every area stands on them"},
	{"identity/transfer", and(heart, "identity"), "files of people and groups come in by the verbs of the heart, and keep its rules"},
	{"business", and(ground, "identity"), "areas import only what stands below them in the picture"},
	{"spend", and(heart, "identity"), "areas import only what stands below them in the picture"},
	{"lodging", and(heart, "identity"), "areas import only what stands below them in the picture"},
	{"care", and(ground, "identity", "business", "blob"), "care posts to the ledger of business; business knows nothing of care"},
	{"mobility", and(ground, "identity", "business", "care"), "mobility posts charges to business and asks care; neither knows what a rental is"},
	{"jobs", []string{"roster", "store"}, "background work is rows and functions; areas bring the functions"},
	{"jobs/post", []string{"roster", "jobs"}, "how a message travels is chosen by app alone; areas know the port in jobs"},
	{"seal", []string{"roster", "store"}, "a secret is sealed for a tenant and a purpose; what it is, its area knows"},
	{"blob", []string{"roster", "store", "seal"}, "what is too large for a row lies beside the database; whose it is, its area knows"},
	{"outbound", []string{"roster"}, "the one way out for HTTP knows who may be reached, and nothing of what is asked"},
	{"provider/*", []string{"roster", "outbound", "care", "business"}, "a provider translates a port of an area, and sees no database: what it needs of a tenant it is given"},
	{"wire", []string{"roster", "store", "identity"}, "wire authenticates, and stores the answer of a keyed POST with its change; it knows no API and no other area"},
	{"wire/prom", []string{"roster", "wire"}, "the metrics' library can be replaced without touching wire"},
	{"wire/mobilitywire", []string{"roster", "wire"}, "what the mobility APIs share is form alone, so it knows no area"},
	{"api/view", and(views, "wire", "wire/mobilitywire"), "what two APIs show alike is the areas' rows in JSON, and belongs to neither"},
	{"api/*", and(views, "wire", "wire/mobilitywire", "api/view"), "an API is a translation of verbs: it knows no SQL, and no other API"},
	{"setup", and(views, "store"), "a tenant's file is applied by the verbs of the areas, all in one transaction, so that it obeys every rule"},
	{"admin", and(views, "store", "setup", "jobs", "seal", "identity/transfer"), "the command line's verbs tend the whole database, and know nothing of flags or files"},
	{"console", and(views, "wire"), "the pages call the same verbs as the APIs"},
	{"demo", and(views, "store", "setup", "jobs", "seal", "identity/transfer"), "the demo's data is made by the verbs that clients reach, so that it obeys every rule"},
	{"app", []string{"*"}, "the composition root is the one package that knows all the others"},
}

// outside is an import from elsewhere that only some parts may have.
type outside struct {
	prefix string
	may    []string
	why    string
}

var outsides = []outside{
	{"net/http", []string{"wire", "wire/prom", "jobs", "outbound", "provider/*", "api/*", "console", "admin", "app"}, "nothing below the APIs knows a status, a header or a request"},
	{"github.com/sony/gobreaker", []string{"outbound"}, "a provider that is down is outbound's to notice"},
	{"github.com/danielgtaylor/huma", []string{"wire", "wire/mobilitywire", "api/*"}, "what serves HTTP can be replaced without touching an area"},
	{"github.com/prometheus", []string{"wire/prom", "app"}, "what counts can be replaced without touching what is counted"},
	{"github.com/wneessen/go-mail", []string{"jobs/post"}, "who sends a mail knows no server: it enqueues a job"},
	{"database/sql", []string{"store"}, "queries go through store, which supplies the tenant"},
	{"github.com/jackc/pgx", []string{"store"}, "only the database kit knows its engines"},
	{"modernc.org/sqlite", []string{"store"}, "only the database kit knows its engines"},
	{"github.com/pressly/goose", []string{"store"}, "only the database kit knows how schemas change"},
	{"testing", nil, "what tests need stays out of the program"},
}

func and(list []string, more ...string) []string {
	return slices.Concat(list, more)
}

// broken returns the rules that a package breaks by its imports, one line each.
func broken(importer string, imports []string) []string {
	if importer == module+"/cmd/roster" {
		return brokenByMain(imports)
	}
	folder, ours := strings.CutPrefix(importer, internal)
	if !ours || isTestSupport(folder) {
		return nil
	}
	at := slices.IndexFunc(parts, func(p part) bool { return covers(p.folder, folder) })
	if at < 0 {
		return []string{folder + " has no place in the house: add it to parts, with what it may import and why"}
	}
	var lines []string
	for _, imported := range imports {
		target, inside := strings.CutPrefix(imported, internal)
		if strings.HasPrefix(imported, module+"/") && (!inside || !allowed(parts[at].may, target)) {
			lines = append(lines, fmt.Sprintf("%s must not import %s: %s", folder, imported, parts[at].why))
		}
		for _, o := range outsides {
			if (imported == o.prefix || strings.HasPrefix(imported, o.prefix+"/")) && !allowed(o.may, folder) {
				lines = append(lines, fmt.Sprintf("%s must not import %s: %s", folder, imported, o.why))
			}
		}
	}
	return lines
}

func brokenByMain(imports []string) []string {
	var lines []string
	for _, imported := range imports {
		if strings.HasPrefix(imported, module+"/") && imported != internal+"app" {
			lines = append(lines, "cmd/roster must not import "+imported+": a program is app.Run, so that tests run the same")
		}
	}
	return lines
}

func allowed(list []string, folder string) bool {
	return !isTestSupport(folder) && slices.ContainsFunc(list, func(name string) bool { return name == "*" || covers(name, folder) })
}

// covers reports whether a name of the tables means that folder.
func covers(name, folder string) bool {
	above, isFamily := strings.CutSuffix(name, "/*")
	return name == folder || isFamily && path.Dir(folder) == above
}

// isTestSupport reports whether a folder holds what only tests use: it, or a folder
// above, is called something-test.
func isTestSupport(folder string) bool {
	return slices.ContainsFunc(strings.Split(folder, "/"), func(name string) bool { return strings.HasSuffix(name, "test") })
}
