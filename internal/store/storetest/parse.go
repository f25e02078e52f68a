package storetest

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// reference is one place of a statement that names a table to read or write.
type reference struct {
	table, alias string // the alias is the table's own name where it has none
	inserted     bool   // it is the table of an INSERT
}

var (
	tokens = regexp.MustCompile(`'[^']*'|\$\d+|\w+|[^\s\w]`)
	// afterTable are words that may follow a table, and so are no alias of it.
	afterTable = strings.Fields(`ON USING WHERE SET VALUES SELECT JOIN LEFT RIGHT FULL NATURAL INNER CROSS ORDER GROUP LIMIT
		UNION EXCEPT INTERSECT RETURNING HAVING FOR WINDOW DEFAULT IN`)
)

// parse finds the tables that a statement names, and the names of its WITH.
func parse(text string) (tables []reference, with []string) {
	words := tokens.FindAllString(text, -1)
	is := func(i int, any ...string) bool {
		return i >= 0 && i < len(words) && slices.Contains(any, strings.ToUpper(words[i]))
	}
	for i := range words {
		switch {
		case is(i, "WITH") || is(i, ",") && len(with) > 0:
			if name, ok := commonTable(words[i+1:]); ok {
				with = append(with, name)
			}
		case is(i, "FROM", "JOIN", "INTO") || is(i, "UPDATE") && !is(i-1, "FOR", "DO"):
			if is(i-1, "DISTINCT") || is(i+1, "(") { // IS DISTINCT FROM; a query in its place
				continue
			}
			r := reference{table: words[i+1], alias: words[i+1], inserted: is(i, "INTO")}
			next := i + 2
			if is(next, "AS") {
				next++
			}
			if next < len(words) && regexp.MustCompile(`^\w+$`).MatchString(words[next]) && !is(next, afterTable...) {
				r.alias = words[next]
				next++
			}
			tables = append(tables, r)
			if is(next, ",") { // what stands behind it would go unseen
				tables = append(tables, reference{table: "a list of tables: join them", alias: "?"})
			}
		}
	}
	return tables, with
}

// commonTable returns the name of a common table expression: [RECURSIVE] name
// [(columns)] AS (.
func commonTable(words []string) (string, bool) {
	if len(words) > 0 && strings.EqualFold(words[0], "RECURSIVE") {
		words = words[1:]
	}
	if len(words) < 3 {
		return "", false
	}
	name, rest := words[0], words[1:]
	if rest[0] == "(" {
		end := slices.Index(rest, ")")
		if end < 0 || end+2 >= len(rest) {
			return "", false
		}
		rest = rest[end+1:]
	}
	for len(rest) > 1 && slices.Contains([]string{"NOT", "MATERIALIZED"}, strings.ToUpper(rest[1])) {
		rest = slices.Delete(slices.Clone(rest), 1, 2)
	}
	return name, len(rest) > 1 && strings.EqualFold(rest[0], "AS") && rest[1] == "("
}

var placeholder = regexp.MustCompile(`\?(\d*)`)

// numbered spells SQLite's parameters as PostgreSQL does: a bare ? is the one behind
// the greatest before it.
func numbered(text string) string {
	greatest := 0
	return placeholder.ReplaceAllStringFunc(text, func(p string) string {
		n, err := strconv.Atoi(p[1:])
		if err != nil {
			n = greatest + 1
		}
		greatest = max(greatest, n)
		return "$" + strconv.Itoa(n)
	})
}

// tenantless returns the tables of a statement that it neither filters nor joins
// on the tenant, $1. A table shows that in one of these ways:
//
//	alias.tenant = $1, or alias.tenant = other.tenant, either way round, in which
//	the alias may be left out where the tenant is $1
//	USING (tenant …)
//	INSERT INTO table (tenant, …) VALUES ($1, …), or SELECT $1 or alias.tenant, …
func tenantless(text string) (missing []string) {
	tables, with := parse(text)
	bare := len(regexp.MustCompile(`(?i)\b(WHERE|AND|ON)\s+\(*tenant\s*=\s*\$1\b`).FindAllString(text, -1))
	for _, r := range tables {
		a := regexp.QuoteMeta(r.alias)
		var kept bool
		switch {
		case slices.Contains(with, r.table):
			continue
		case r.inserted:
			kept = regexp.MustCompile(`(?is)INTO\s+` + r.table + `(\s+AS\s+\w+)?\s*\(\s*tenant\s*,.*?(VALUES\s*\(|SELECT\s+(DISTINCT\s+)?)\s*(\$1\b|\w+\.tenant\b)`).MatchString(text)
		default:
			kept = regexp.MustCompile(`(^|[^.\w])`+a+`\.tenant\s*=\s*(\$1\b|\w+\.tenant\b)|(\$1|\w+\.tenant)\s*=\s*`+a+`\.tenant\b`).MatchString(text) ||
				regexp.MustCompile(`(?i)\s`+a+`\s+USING\s*\(\s*tenant\b`).MatchString(text)
			kept = kept && !regexp.MustCompile(`\b`+a+`\.tenant\s*=\s*`+a+`\.tenant\b`).MatchString(text)
		}
		if !kept && !r.inserted && r.alias != "?" && bare > 0 {
			bare--
			kept = true
		}
		if !kept {
			missing = append(missing, r.table)
		}
	}
	return missing
}
