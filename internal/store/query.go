package store

import (
	"fmt"
	"regexp"
	"sort"
	"strconv"
	"strings"
	"sync"
)

// Engine is the kind of database behind a DB.
type Engine uint8

// The engines.
const (
	SQLite Engine = iota
	Postgres
)

func (e Engine) String() string {
	if e == Postgres {
		return "postgres"
	}
	return "sqlite"
}

// Query is one named SQL text for both engines, in PostgreSQL's spelling.
// Its $1 is the tenant, supplied by the transaction, unless it is global.
type Query struct {
	Name   string
	text   [2]string
	global string // the reason why it crosses tenants
	whole  string // the reason why it may read a whole table
	writes bool
	many   func() [len(manyRows)]*Query // with the row repeated to manyRows; made when first asked for: most runs need few
	lists  func() [len(inSizes)]*Query  // with the list repeated to inSizes
	params int
}

var registry = map[string]*Query{}

// Q registers a query of one tenant; called at package level only. A name is
// noun.verb and unique.
func Q(name, text string) *Query {
	q := newQuery(name, text)
	if !strings.Contains(text, "$1") {
		panic("store: query " + name + " does not use the tenant, $1")
	}
	return q
}

// Global registers a query that crosses tenants, with the reason why it may.
func Global(name, text, reason string) *Query {
	q := newQuery(name, text)
	q.global = reason
	return q
}

func newQuery(name, text string) *Query {
	if registry[name] != nil {
		panic("store: two queries are named " + name)
	}
	q := derive(name, text)
	registry[name] = q
	return q
}

func derive(name, text string) *Query {
	q := &Query{Name: name, writes: writing.MatchString(text)}
	q.text[Postgres] = text
	q.text[SQLite] = sqliteText(text)
	for _, m := range parameter.FindAllStringSubmatch(text, -1) {
		n, _ := strconv.Atoi(m[1])
		q.params = max(q.params, n)
	}
	return q
}

var writing = regexp.MustCompile(`^\s*(INSERT|UPDATE|DELETE)\b`)

var parameter = regexp.MustCompile(`\$(\d+)`)

// On gives the query another text on one engine, where the two truly differ.
func (q *Query) On(e Engine, text string) *Query {
	q.text[e] = text
	if e == SQLite {
		q.text[e] = sqliteText(text)
	}
	return q
}

// sqliteText spells parameters as SQLite does: ?N, or a bare ? where that means the
// same, the tenant excepted. The driver looks through the names of all numbered ones to bind each, and
// an INSERT of many rows has a thousand.
func sqliteText(text string) string {
	uses := map[string]int{}
	for _, p := range parameter.FindAllString(text, -1) {
		uses[p]++
	}
	greatest := 0
	return parameter.ReplaceAllStringFunc(text, func(p string) string {
		n, _ := strconv.Atoi(p[1:])
		if n == greatest+1 && n > 1 && uses[p] == 1 {
			greatest = n
			return "?"
		}
		greatest = max(greatest, n)
		return "?" + p[1:]
	})
}

// Whole says why the query may read a whole table of its tenant.
func (q *Query) Whole(reason string) *Query {
	q.whole = reason
	return q
}

// Text returns the query's SQL on an engine.
func (q *Query) Text(e Engine) string { return q.text[e] }

// Overridden reports whether the engines' texts differ by more than placeholders.
func (q *Query) Overridden() bool {
	return sqliteText(q.text[Postgres]) != q.text[SQLite]
}

// GlobalReason is why the query crosses tenants; "" when it does not.
func (q *Query) GlobalReason() string { return q.global }

// WholeReason is why the query may read a whole table; "" when it may not.
func (q *Query) WholeReason() string { return q.whole }

// Params is how many parameters the query takes, the tenant included.
func (q *Query) Params() int { return q.params }

// Variants returns the texts that Many and In made of the query.
func (q *Query) Variants() []*Query {
	var all []*Query
	if q.many != nil {
		many := q.many()
		all = append(all, many[:]...)
	}
	if q.lists != nil {
		lists := q.lists()
		all = append(all, lists[:]...)
	}
	return all
}

// Queries returns every registered query by name, for the tests that walk them.
func Queries() []*Query {
	all := make([]*Query, 0, len(registry))
	for _, q := range registry {
		all = append(all, q)
	}
	sort.Slice(all, func(i, j int) bool { return all[i].Name < all[j].Name })
	return all
}

// manyRows are how many rows a multi-row INSERT takes, the greatest first. Most
// writes add two or three of a kind.
var manyRows = [4]int{64, 8, 3, 2}

// Many prepares an INSERT … VALUES (…) for ExecMany: the same statement with its
// row repeated. Called at package level.
func (q *Query) Many() *Query {
	text := q.text[Postgres]
	open := strings.LastIndex(text, "VALUES (")
	if open < 0 {
		panic("store: " + q.Name + " has no VALUES (…) to repeat")
	}
	q.many = sync.OnceValue(func() (many [len(manyRows)]*Query) {
		open := open + len("VALUES ")
		end := open + strings.Index(text[open:], ")") + 1
		row, perRow := text[open:end], q.params-1
		for size, rows := range manyRows {
			var b strings.Builder
			b.WriteString(text[:open])
			for i := range rows {
				if i > 0 {
					b.WriteString(", ")
				}
				b.WriteString(parameter.ReplaceAllStringFunc(row, func(p string) string {
					n, _ := strconv.Atoi(p[1:])
					if n == 1 {
						return p
					}
					return fmt.Sprintf("$%d", n+i*perRow)
				}))
			}
			b.WriteString(text[end:])
			many[size] = derive(q.Name+".many", b.String())
		}
		return many
	})
	return q
}

// inSizes are the lengths to which a list of ids is padded, so that few texts
// are prepared. Most lists are of one.
var inSizes = [3]int{1, 8, 64}

// In prepares a query whose last parameter stands alone in IN (…) for EachIn.
// Called at package level.
func (q *Query) In() *Query {
	last := fmt.Sprintf("IN ($%d)", q.params)
	if !strings.Contains(q.text[Postgres], last) {
		panic("store: " + q.Name + " has no " + last)
	}
	q.lists = sync.OnceValue(func() (lists [len(inSizes)]*Query) {
		for i, size := range inSizes {
			var b strings.Builder
			b.WriteString("IN (")
			for n := range size {
				if n > 0 {
					b.WriteString(", ")
				}
				fmt.Fprintf(&b, "$%d", q.params+n)
			}
			b.WriteString(")")
			text := strings.ReplaceAll(q.text[Postgres], last, b.String())
			lists[i] = derive(q.Name+".in", text)
			lists[i].global = q.global
		}
		return lists
	})
	return q
}
