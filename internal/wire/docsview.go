package wire

import (
	"cmp"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"
)

// docsView is what the documents' page shows.
type docsView struct {
	Title, Description, Version, Base, KeyHeader string
	Chapters                                     []*docsChapter
}

type docsChapter struct {
	Name  string
	Calls []docsCall
}

type docsCall struct {
	ID, Method, Path, Summary, Description, Access string
	Extension, Deprecated, Bulk                    bool
	Params                                         []docsField
	Media                                          string
	Body                                           []docsField
	Example                                        string
	Answers                                        []docsAnswer
}

type docsAnswer struct {
	Status  string
	Text    string
	Good    bool
	Fields  []docsField
	Example string
}

// docsField is one row: a parameter, or a part of a body by its dotted name.
type docsField struct {
	Name, In, Type, Rules, Description string
	Required                           bool
}

func (api *API) docsView(base string) docsView {
	v := docsView{
		Title: api.spec.Title, Description: api.spec.Description, Version: api.spec.Version,
		Base: base, KeyHeader: api.spec.KeyHeader,
	}
	chapters := map[string]*docsChapter{}
	for _, ep := range api.endpoints {
		name := cmp.Or(ep.op.Tag, "Calls")
		if chapters[name] == nil {
			chapters[name] = &docsChapter{Name: name}
			v.Chapters = append(v.Chapters, chapters[name])
		}
		chapters[name].Calls = append(chapters[name].Calls, api.docsCall(ep))
	}
	return v
}

func (api *API) docsCall(ep *endpoint) docsCall {
	op := ep.operation
	call := docsCall{
		ID: op.OperationID, Method: op.Method, Path: op.Path, Summary: op.Summary, Description: op.Description,
		Access: ep.op.Access.String(), Extension: ep.op.Extension, Deprecated: ep.op.Deprecated, Bulk: ep.op.Bulk,
	}
	for _, p := range op.Parameters {
		f := api.docsField(p.Name, p.Schema, p.Required)
		f.In, f.Description = p.In, cmp.Or(p.Description, f.Description)
		call.Params = append(call.Params, f)
	}
	if op.RequestBody != nil {
		call.Media, call.Body, call.Example = api.docsContent(op.RequestBody.Content)
	}
	for _, status := range slices.Sorted(maps.Keys(op.Responses)) {
		r := op.Responses[status]
		a := docsAnswer{Status: status, Text: r.Description, Good: status < "300"}
		if a.Good {
			_, a.Fields, a.Example = api.docsContent(r.Content)
		}
		call.Answers = append(call.Answers, a)
	}
	return call
}

// docsContent shows the first media type of a body.
func (api *API) docsContent(content map[string]*huma.MediaType) (media string, fields []docsField, example string) {
	for _, media := range slices.Sorted(maps.Keys(content)) {
		s := api.resolve(content[media].Schema)
		if s == nil || s.Type == huma.TypeString {
			return media, nil, ""
		}
		var b strings.Builder
		api.example(&b, s, "", 0)
		return media, api.docsFields(nil, "", s, 0), b.String()
	}
	return "", nil, ""
}

// resolve follows references; of the answers to a call that can be planned it
// takes the ordinary one.
func (api *API) resolve(s *huma.Schema) *huma.Schema {
	for s != nil && (s.Ref != "" || len(s.AnyOf) > 0) {
		if s.Ref != "" {
			s = api.schemas().SchemaFromRef(s.Ref)
		} else {
			s = s.AnyOf[0]
		}
	}
	return s
}

// docsDepth bounds how deep a body is shown; types may contain themselves.
const docsDepth = 5

// docsFields appends the rows for what lies below a schema.
func (api *API) docsFields(rows []docsField, path string, s *huma.Schema, depth int) []docsField {
	if s = api.resolve(s); s == nil || depth > docsDepth {
		return rows
	}
	if s.Type == huma.TypeArray {
		return api.docsFields(rows, path+"[]", s.Items, depth+1)
	}
	for _, name := range slices.Sorted(maps.Keys(s.Properties)) {
		child := s.Properties[name]
		row := api.docsField(join(path, name), child, slices.Contains(s.Required, name))
		rows = append(rows, row)
		rows = api.docsFields(rows, row.Name, child, depth+1)
	}
	return rows
}

func (api *API) docsField(name string, s *huma.Schema, required bool) docsField {
	f := docsField{Name: name, Required: required}
	if s == nil {
		return f
	}
	f.Description = s.Description
	s = api.resolve(s)
	f.Description = cmp.Or(f.Description, s.Description)
	f.Type = cmp.Or(typeOf(s), "any")
	if s.Type == huma.TypeArray {
		if items := api.resolve(s.Items); items != nil {
			f.Type = "array of " + cmp.Or(typeOf(items), "any")
		}
	}
	if s.Nullable {
		f.Type += " or null"
	}
	f.Rules = docsRules(s)
	return f
}

// docsRules says in short what a value must keep.
func docsRules(s *huma.Schema) string {
	var rules []string
	number := func(word string, n *float64) {
		if n != nil {
			rules = append(rules, word+" "+strconv.FormatFloat(*n, 'f', -1, 64))
		}
	}
	count := func(word string, n *int, unit string) {
		if n != nil {
			rules = append(rules, word+" "+strconv.Itoa(*n)+" "+unit)
		}
	}
	if s.Format != "" && s.Format != "int64" && s.Format != "double" {
		rules = append(rules, s.Format)
	}
	if len(s.Enum) > 0 {
		rules = append(rules, "one of "+strings.Trim(text(s.Enum), "[]"))
	}
	number("from", s.Minimum)
	number("to", s.Maximum)
	count("at least", s.MinLength, "characters")
	count("at most", s.MaxLength, "characters")
	count("at least", s.MinItems, "items")
	count("at most", s.MaxItems, "items")
	if s.Default != nil {
		rules = append(rules, "default "+text(s.Default))
	}
	return strings.Join(rules, ", ")
}

// example writes a JSON value of the schema's form.
func (api *API) example(b *strings.Builder, s *huma.Schema, indent string, depth int) {
	s = api.resolve(s)
	switch {
	case s == nil || depth > docsDepth:
		b.WriteString("null")
	case len(s.Examples) > 0:
		b.WriteString(text(s.Examples[0]))
	case len(s.Enum) > 0:
		b.WriteString(text(s.Enum[0]))
	case s.Default != nil:
		b.WriteString(text(s.Default))
	case s.Type == huma.TypeArray:
		b.WriteString("[")
		api.example(b, s.Items, indent, depth+1)
		b.WriteString("]")
	case len(s.Properties) > 0:
		b.WriteString("{")
		comma := "\n"
		for _, name := range slices.Sorted(maps.Keys(s.Properties)) {
			b.WriteString(comma + indent + "  " + text(name) + ": ")
			api.example(b, s.Properties[name], indent+"  ", depth+1)
			comma = ",\n"
		}
		b.WriteString("\n" + indent + "}")
	default:
		b.WriteString(exampleOf(s))
	}
}

func exampleOf(s *huma.Schema) string {
	switch typeOf(s) {
	case huma.TypeBoolean:
		return "false"
	case huma.TypeInteger, huma.TypeNumber:
		return "0"
	case huma.TypeObject:
		return "{}"
	case huma.TypeString:
		if s.Format == "date-time" {
			return `"2025-01-15T10:30:00Z"`
		}
		return `"…"`
	}
	return "null"
}

// text is a value as compact JSON.
func text(v any) string {
	var b strings.Builder
	writeJSON(&b, v)
	return b.String()
}
