package transfer_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/rosterhq/roster/internal/identity/transfer"
)

// read reads a text to its end.
func read(text string, f transfer.Format) (rows []transfer.Row, bad []transfer.Rejection, err error) {
	err = transfer.Read(strings.NewReader(text), f, "home", func(r *transfer.Row, b *transfer.Rejection) error {
		if b != nil {
			bad = append(bad, *b)
		} else {
			rows = append(rows, *r)
		}
		return nil
	})
	return rows, bad, err
}

func TestRead(t *testing.T) {
	text, none := func(s string) *string { return &s }, ""
	for _, test := range []struct {
		name   string
		format transfer.Format
		in     string
		rows   []transfer.Row
		bad    []transfer.Rejection
		fails  string
	}{
		{
			name: "lines", format: transfer.Lines,
			in: "{\"type\":\"person\",\"id\":\"a\"}\n\n  \n{\"type\":\"group\",\"line\":9}",
			rows: []transfer.Row{
				{Line: 1, Type: "person", ID: "a"}, {Line: 4, Type: "group"},
			},
		},
		{
			name: "a line that is no row", format: transfer.Lines, in: "[]\n{\"type\":\"group\"}\n",
			rows: []transfer.Row{{Line: 2, Type: "group"}},
			bad:  []transfer.Rejection{{Line: 1, Code: "MALFORMED", Message: "json: cannot unmarshal array into Go value of type transfer.Row"}},
		},
		{
			name: "a line that is too long", format: transfer.Lines, in: strings.Repeat("x", 3<<20) + "\n{\"type\":\"group\"}",
			rows: []transfer.Row{{Line: 2, Type: "group"}},
			bad:  []transfer.Rejection{{Line: 1, Code: "MALFORMED", Message: "the line is longer than 1048576 bytes"}},
		},
		{
			name: "a document, its groups first", format: transfer.Document,
			in: `{"source":{"a":[1,{}]},
"groups":[
{"id":"g","name":"G","kind":"distribution","members":["a","b"],"maintainers":["b"],"subgroups":["h"]}],
"people":[{"id":"a","name":"A","email":"a@b.c"},
 {"id":5}]}`,
			rows: []transfer.Row{
				{Line: 3, Type: "group", ID: "g", Name: "G", GroupType: "distribution", Description: text("")},
				{Line: 3, Type: "membership", Group: "g", Person: "a", Role: &none},
				{Line: 3, Type: "membership", Group: "g", Person: "b", Role: text("maintainer")},
				{Line: 3, Type: "membership", Group: "g", Child: "h"},
				{Line: 4, Type: "person", ID: "a", Name: "A", Email: "a@b.c"},
			},
			bad: []transfer.Rejection{{Line: 5, Code: "MALFORMED", Message: "json: cannot unmarshal number into Go struct field docPerson.id of type string"}},
		},
		{name: "a document that breaks off", format: transfer.Document, in: `{"people":[{"id":"a"`, fails: "no complete JSON document: unexpected EOF"},
		{name: "a document with more behind it", format: transfer.Document, in: `{} {}`, fails: "something follows"},
		{name: "a list", format: transfer.Document, in: `[]`, fails: "there is [ where { should be"},
		{
			name: "CSV", format: transfer.CSV, in: "\ufeffTitle, ID ,city\n\"A, B\",E72054DA-96e2-5436-8039-03027e211c8a,Paris\n\"x\"y,\n",
			rows: []transfer.Row{{
				Line: 2, Type: "property", Title: "A, B", UUID: "e72054da-96e2-5436-8039-03027e211c8a",
				Groups: []string{"home"}, Attributes: json.RawMessage(`{"city":"Paris"}`),
			}},
			bad: []transfer.Rejection{{Line: 3, Code: "MALFORMED", Message: `extraneous or missing " in quoted-field`}},
		},
		{name: "CSV without titles", format: transfer.CSV, in: "a,b\n", fails: `no column "id"`},
		{name: "an unknown format", format: "xml", fails: `no format "xml"`},
	} {
		t.Run(test.name, func(t *testing.T) {
			rows, bad, err := read(test.in, test.format)
			if test.fails != "" {
				if err == nil || !strings.Contains(err.Error(), test.fails) {
					t.Fatalf("error %v, want %q", err, test.fails)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.rows, rows); diff != "" {
				t.Error(diff)
			}
			if diff := cmp.Diff(test.bad, bad); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// FuzzRead reads anything without a panic, gives each row a line of the file, and
// reads what it accepted as a line again.
func FuzzRead(f *testing.F) {
	f.Add(`{"type":"person","id":"a","name":"A","email":"a@b.c","profiles":["user"]}`, 0)
	f.Add(`{"people":[{"id":"a"}],"groups":[{"id":"g","members":["a"]}]}`, 1)
	f.Add("id,title\ne72054da-96e2-5436-8039-03027e211c8a,T\n", 2)
	f.Add("\"id\"x,title\n\"\n,", 2)
	f.Add(`{"groups":[{"id":"g"`, 1)
	f.Fuzz(func(t *testing.T, text string, format int) {
		formats := []transfer.Format{transfer.Lines, transfer.Document, transfer.CSV}
		lines := int64(strings.Count(text, "\n")) + 1
		rows, bad, _ := read(text, formats[((format%3)+3)%3])
		for _, b := range bad {
			if b.Line < 1 || b.Line > lines || b.Code == "" {
				t.Errorf("%+v of %d lines", b, lines)
			}
		}
		for i := range rows {
			r := &rows[i]
			if r.Line < 1 || r.Line > lines {
				t.Errorf("line %d of %d", r.Line, lines)
			}
			if r.Check() != nil {
				continue
			}
			line, err := json.Marshal(r)
			if err != nil {
				t.Fatalf("%+v: %v", r, err)
			}
			again, refused, err := read(string(line), transfer.Lines)
			if err != nil || len(refused) > 0 || len(again) != 1 || again[0].Check() != nil {
				t.Errorf("%s: %+v %v %v", line, again, refused, err)
			}
		}
	})
}
