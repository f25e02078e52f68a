package mobilitywire

import (
	"slices"
	"strings"

	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/wire"
)

// MaxSize is the largest page of any list.
const MaxSize = 5000

// maxOffset bounds the row at which a page begins; no list is as long.
const maxOffset = 1 << 40

// byID is the property that every list of things with an id has, by which it is sorted
// unless told otherwise.
const byID = "id"

// Paging is embedded in the input of every list.
type Paging struct {
	Number int64    `query:"page" minimum:"0" default:"0" doc:"Zero-based number of the page."`
	Size   int64    `query:"size" minimum:"1" default:"50" doc:"Rows on a page; a larger number than the list allows is cut down to that."`
	Sort   []string `query:"sort,explode" doc:"property, or property,asc or property,desc; repeatable. By default id,desc."`
}

// Page returns the part of the list that is asked for: at most that many rows (0 is
// MaxSize), sorted by some of the properties besides id. Invalid where sort names
// another one.
func (p Paging) Page(most int, properties ...string) (roster.Page, error) {
	if most <= 0 {
		most = MaxSize
	}
	return p.page(most, byID, true, properties)
}

// PageBy is Page of things that have no id: sorted by their key alone, ascending unless
// told otherwise.
func (p Paging) PageBy(key string) (roster.Page, error) { return p.page(MaxSize, key, false, nil) }

func (p Paging) page(most int, key string, desc bool, properties []string) (roster.Page, error) {
	sort, err := parseSort(p.Sort, key, desc, properties)
	if err != nil {
		return roster.Page{}, err
	}
	size := min(p.Size, int64(most))
	number := min(p.Number, maxOffset/size)
	return roster.Page{Offset: int(number * size), Limit: int(size), Sort: sort}, nil
}

// parseSort reads the values of sort, of the properties and the key, which decides
// between rows that are equal in all others. A property counts where it stands first, an
// empty value not at all. The last one's direction is also the key's, so that an
// index serves both; where there is none, desc is.
func parseSort(values []string, key string, desc bool, properties []string) ([]roster.Sort, error) {
	var sort []roster.Sort
	has := func(property string) bool {
		return slices.ContainsFunc(sort, func(s roster.Sort) bool { return s.Property == property })
	}
	for _, value := range values {
		property, direction, _ := strings.Cut(value, ",")
		property, direction = strings.TrimSpace(property), strings.ToLower(strings.TrimSpace(direction))
		if value == "" || has(property) {
			continue
		}
		if property != key && !slices.Contains(properties, property) || !slices.Contains([]string{"", "asc", "desc"}, direction) {
			return nil, errSort(key, properties)
		}
		sort = append(sort, roster.Sort{Property: property, Desc: direction == "desc"})
	}
	if !has(key) {
		if len(sort) > 0 {
			desc = sort[len(sort)-1].Desc
		}
		sort = append(sort, roster.Sort{Property: key, Desc: desc})
	}
	return sort, nil
}

func errSort(key string, properties []string) error {
	allowed := key
	for _, property := range properties {
		if property != key {
			allowed += ", " + property
		}
	}
	return wire.InvalidFields(wire.Field{
		In: wire.InQuery, Name: "sort", Rule: wire.RuleEnum, Limit: allowed,
		Message: "must be one of " + allowed + ", alone or with ,asc or ,desc",
	})
}

// List answers a list: a bare array, and where the page stands in the whole.
type List[T any] struct {
	TotalPages       int  `header:"X-Pagination-TotalPages"`
	TotalElements    int  `header:"X-Pagination-TotalElements"`
	Number           int  `header:"X-Pagination-Number" doc:"Zero-based."`
	NumberOfElements int  `header:"X-Pagination-NumberOfElements" doc:"On this page."`
	Size             int  `header:"X-Pagination-Size"`
	First            bool `header:"X-Pagination-First"`
	Last             bool `header:"X-Pagination-Last"`
	Body             []T
}

// NewList makes the answer of the rows on a page, which Paging.Page returned, and
// their number on all pages.
func NewList[T any](page roster.Page, rows []T, total int) *List[T] {
	if rows == nil {
		rows = []T{}
	}
	l := &List[T]{
		TotalPages: (total + page.Limit - 1) / page.Limit, TotalElements: total, Number: page.Offset / page.Limit,
		NumberOfElements: len(rows), Size: page.Limit, Body: rows,
	}
	l.First, l.Last = l.Number == 0, l.Number >= l.TotalPages-1
	return l
}
