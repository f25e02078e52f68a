package propertyapi

import (
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

const (
	defaultLimit = 10
	maxLimit     = 100
)

// filters says in the documents how every list is narrowed and ordered.
const filters = "filter[field]=v takes rows with that value, filter[field]=a,b with one of several, and " +
	"filter[field][eq|not|gt|gte|lt|lte]=v compares; a row must pass all filters. Another field, comparison or form is 400."

// Paging is embedded in the input of every list, for the documents: parseList
// reads what they say.
type Paging struct {
	Page  int64 `query:"pagination[page]" minimum:"1" doc:"The page, from 1."`
	Limit int64 `query:"pagination[limit]" minimum:"1" doc:"Rows on a page; 10 by default, 100 at most."`
}

// fieldType is how the values of a field compare.
type fieldType uint8

const (
	textField fieldType = iota
	idField
	flagField
)

// listForm says which fields a list can be narrowed and ordered by; every list is
// ordered by its first field unless told otherwise, and among equals by id.
type listForm struct {
	first   string
	filters map[string]fieldType
	orders  []string
}

// condition is one filter: a row's value must stand so to one of the values.
type condition struct {
	field  string
	op     string
	values []string
}

// list is what a caller asked of a list.
type list struct {
	paged       bool
	page, limit int
	by          string
	descending  bool
	where       []condition
}

// parseList reads the bracketed parameters of a query. It is strict: whatever it
// does not know is Invalid, with the parameter's name.
func parseList(query url.Values, form listForm) (list, error) {
	l := list{page: 1, limit: defaultLimit, by: form.first}
	ordered := false
	for _, name := range slices.Sorted(maps.Keys(query)) {
		family, parts, ours := brackets(name)
		if !ours {
			continue
		}
		values := query[name]
		if len(values) > 1 {
			return l, badQuery(name, "is there more than once")
		}
		var wrong string
		switch {
		case family == "pagination" && len(parts) == 1:
			wrong = l.paginate(parts[0], values[0])
		case family == "order" && len(parts) == 1 && !ordered:
			ordered = true
			wrong = l.order(form, parts[0], values[0])
		case family == "filter" && len(parts) == 1:
			wrong = l.filter(form, parts[0], "in", values[0])
		case family == "filter" && len(parts) == 2:
			wrong = l.filter(form, parts[0], parts[1], values[0])
		default:
			wrong = unknown
		}
		if wrong != "" {
			return l, badQuery(name, wrong)
		}
	}
	return l, nil
}

const unknown = "is not known here"

// brackets splits filter[title][gt] into its family and what stands in brackets.
func brackets(name string) (family string, parts []string, ours bool) {
	family, rest, _ := strings.Cut(name, "[")
	if family != "filter" && family != "order" && family != "pagination" {
		return "", nil, false
	}
	if rest == "" || !strings.HasSuffix(rest, "]") {
		return family, nil, true
	}
	return family, strings.Split(rest[:len(rest)-1], "]["), true
}

func (l *list) paginate(part, value string) (wrong string) {
	if strings.Trim(value, "0123456789") != "" {
		return "must be an integer of at least 1"
	}
	n, err := strconv.Atoi(value)
	if err != nil || n < 1 {
		return "must be an integer of at least 1"
	}
	switch part {
	case "page":
		l.page = n
	case "limit":
		l.limit = min(n, maxLimit)
	default:
		return unknown
	}
	l.paged = true
	return ""
}

func (l *list) order(form listForm, field, direction string) (wrong string) {
	if !slices.Contains(form.orders, field) {
		return unknown
	}
	if direction != "asc" && direction != "desc" {
		return "must be asc or desc"
	}
	l.by, l.descending = field, direction == "desc"
	return ""
}

func (l *list) filter(form listForm, field, op, value string) (wrong string) {
	t, known := form.filters[field]
	if !known {
		return unknown
	}
	c := condition{field, op, []string{value}}
	switch op {
	case "in":
		c.values = strings.Split(value, ",")
	case "eq", "not":
	case "gt", "gte", "lt", "lte":
		if t != textField {
			return unknown
		}
	default:
		return unknown
	}
	for i, v := range c.values {
		switch {
		case t == idField:
			c.values[i] = strings.ToLower(v)
		case t == flagField && v != "true" && v != "false":
			return "must be true or false"
		}
	}
	l.where = append(l.where, c)
	return ""
}

func (c *condition) takes(value string) bool {
	switch c.op {
	case "not":
		return value != c.values[0]
	case "gt":
		return value > c.values[0]
	case "gte":
		return value >= c.values[0]
	case "lt":
		return value < c.values[0]
	case "lte":
		return value <= c.values[0]
	default: // in, eq
		return slices.Contains(c.values, value)
	}
}

// wants reports whether the list is narrowed by a field.
func (l *list) wants(field string) bool {
	return slices.ContainsFunc(l.where, func(c condition) bool { return c.field == field })
}

// meta is where a page lies in its list.
type meta struct {
	Limit int `json:"limit"`
	Page  int `json:"page"`
	Total int `json:"total" doc:"Rows on all pages."`
}

// pick narrows, orders and, where it is paged, cuts rows; of gives a row's field as
// text. The meta is that of the page.
func pick[T any](l *list, rows []T, of func(row T, field string) string) ([]T, *meta) {
	rows = slices.DeleteFunc(rows, func(row T) bool {
		return slices.ContainsFunc(l.where, func(c condition) bool { return !c.takes(of(row, c.field)) })
	})
	slices.SortFunc(rows, func(a, b T) int {
		order := strings.Compare(of(a, l.by), of(b, l.by))
		if l.descending {
			order = -order
		}
		if order == 0 {
			order = strings.Compare(of(a, "id"), of(b, "id"))
		}
		return order
	})
	if !l.paged {
		return rows, nil
	}
	total := len(rows)
	from := total
	if l.page <= total/l.limit+1 {
		from = min(total, (l.page-1)*l.limit)
	}
	return rows[from:min(total, from+l.limit)], &meta{l.limit, l.page, total}
}
