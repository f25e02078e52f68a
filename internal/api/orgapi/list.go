package orgapi

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"math"
	"reflect"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"github.com/rosterhq/roster/internal/wire"
)

const (
	defaultSize = 50
	maxSize     = 200
)

// Paging is embedded in the input of every list. Without page and size the list
// comes whole (decision 54).
type Paging struct {
	Page wire.Param[int64] `query:"page" minimum:"0" doc:"Zero-based page index (0..N). Without page and size, everything is listed."`
	Size wire.Param[int64] `query:"size" minimum:"1" doc:"The size of the page to be returned: 50 by default, 200 at most."`
	View string            `query:"view" enum:"page" doc:"page: answer an object with the page's facts instead of the bare array."`
}

// span is which rows of a list are wanted.
type span struct {
	paged        bool
	number, size int64
}

func (p *Paging) span() span {
	if !p.Page.Set && !p.Size.Set {
		return span{size: math.MaxInt32}
	}
	return span{paged: true, number: p.Page.Or(0), size: min(p.Size.Or(defaultSize), maxSize)}
}

// offset and limit spell the span for an area's list; a page beyond all rows
// begins behind them.
func (s span) offset() int { return int(min(s.number, math.MaxInt32/s.size) * s.size) }
func (s span) limit() int  { return int(s.size) }

// slice takes the span out of a list.
func slice[T any](s span, all []T) []T {
	from := min(s.offset(), len(all))
	return all[from:min(from+s.limit(), len(all))]
}

// listOut answers a list: a bare array and its counts as headers.
type listOut[T any] struct {
	Total  int64  `header:"X-Total-Count" doc:"How many there are on all pages."`
	Pages  int64  `header:"X-Total-Pages"`
	Number int64  `header:"X-Page-Number" doc:"Zero-based."`
	Size   int64  `header:"X-Page-Size"`
	Link   string `header:"Link" doc:"The pages first, prev, next and last (RFC 8288), where the list is paged."`
	Body   list[T]
}

// list is a bare array, or with ?view=page the page object.
type list[T any] struct {
	rows []T
	page *pageObject[T]
}

// pageObject is the page form of a list.
type pageObject[T any] struct {
	Content          []T   `json:"content"`
	TotalElements    int64 `json:"totalElements"`
	TotalPages       int64 `json:"totalPages"`
	Number           int64 `json:"number"`
	Size             int64 `json:"size"`
	NumberOfElements int64 `json:"numberOfElements"`
	First            bool  `json:"first"`
	Last             bool  `json:"last"`
	Empty            bool  `json:"empty"`
}

// AppendJSON implements wire.Appender.
func (l list[T]) AppendJSON(b []byte) []byte {
	if l.page != nil {
		return appendValue(b, l.page)
	}
	b = append(b, '[')
	for i := range l.rows {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendValue(b, l.rows[i])
	}
	return append(b, ']')
}

// appendValue appends a value that may know how to write itself.
func appendValue(b []byte, v any) []byte {
	if a, ok := v.(wire.Appender); ok {
		return a.AppendJSON(b)
	}
	var text bytes.Buffer
	e := json.NewEncoder(&text)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		panic(err) // a row is a struct of texts and numbers
	}
	return append(b, bytes.TrimSuffix(text.Bytes(), []byte("\n"))...)
}

// Schema implements huma.SchemaProvider: the array, or the page object.
func (l list[T]) Schema(r huma.Registry) *huma.Schema {
	return &huma.Schema{AnyOf: []*huma.Schema{
		r.Schema(reflect.TypeFor[[]T](), true, ""),
		r.Schema(reflect.TypeFor[pageObject[T]](), true, ""),
	}}
}

// answer makes the list's answer of its rows on this page and their number on all.
func answer[T any](ctx context.Context, p *Paging, path string, rows []T, total int) *listOut[T] {
	s := p.span()
	out := &listOut[T]{Total: int64(total), Number: s.number, Size: s.size}
	if !s.paged {
		out.Size = int64(total)
	}
	if total > 0 {
		out.Pages = (out.Total + out.Size - 1) / out.Size
	}
	if s.paged {
		out.Link = links(ctx, path, out.Number, out.Size, out.Pages)
	}
	if rows == nil {
		rows = []T{}
	}
	out.Body.rows = rows
	if p.View == "page" {
		out.Body.page = &pageObject[T]{
			Content: rows, TotalElements: out.Total, TotalPages: out.Pages, Number: out.Number, Size: out.Size,
			NumberOfElements: int64(len(rows)), First: out.Number == 0, Last: out.Number >= out.Pages-1, Empty: len(rows) == 0,
		}
	}
	return out
}

// links spells the neighbours of a page, with the other parameters as they came.
func links(ctx context.Context, path string, number, size, pages int64) string {
	query := wire.Query(ctx)
	query.Set("size", strconv.FormatInt(size, 10))
	last := max(pages-1, 0)
	var all []string
	add := func(rel string, page int64) {
		query.Set("page", strconv.FormatInt(page, 10))
		all = append(all, fmt.Sprintf(`<%s?%s>; rel="%s"`, wire.Location(ctx, path), query.Encode(), rel))
	}
	add("first", 0)
	if number > 0 {
		add("prev", min(number-1, last))
	}
	if number < last {
		add("next", number+1)
	}
	add("last", last)
	return strings.Join(all, ", ")
}
