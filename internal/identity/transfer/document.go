package transfer

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// docPerson and docGroup are the elements of a Document.
type docPerson struct {
	ID    string `json:"id"`
	Name  string `json:"name"`
	Email string `json:"email"`
}

type docGroup struct {
	ID          string   `json:"id"`
	Name        string   `json:"name"`
	Description string   `json:"description"`
	Kind        string   `json:"kind"`
	Members     []string `json:"members"`
	Maintainers []string `json:"maintainers"`
	Subgroups   []string `json:"subgroups"`
}

// maintainer is the role of those whom a group lists as its maintainers.
const maintainer = "maintainer"

// document reads one JSON object, element by element.
type document struct {
	dec   *json.Decoder
	lines *lineCounter
	yield func(*Row, *Rejection) error
}

func readDocument(r io.Reader, yield func(*Row, *Rejection) error) error {
	lines := &lineCounter{r: r}
	d := document{json.NewDecoder(lines), lines, yield}
	if err := d.delim('{'); err != nil {
		return err
	}
	for d.dec.More() {
		key, err := d.dec.Token()
		if err != nil {
			return broken(err)
		}
		switch key {
		case "people":
			err = elements(&d, d.person)
		case "groups":
			err = elements(&d, d.group)
		default:
			err = d.skip()
		}
		if err != nil {
			return err
		}
	}
	if err := d.delim('}'); err != nil {
		return err
	}
	if _, err := d.dec.Token(); !errors.Is(err, io.EOF) {
		return errors.New("something follows the end of the document")
	}
	return nil
}

func broken(err error) error {
	if errors.Is(err, io.EOF) {
		err = io.ErrUnexpectedEOF
	}
	return fmt.Errorf("the file is no complete JSON document: %w", err)
}

func (d *document) delim(want json.Delim) error {
	t, err := d.dec.Token()
	if err != nil {
		return broken(err)
	}
	if t != want {
		return broken(fmt.Errorf("line %d: there is %v where %v should be", d.line(), t, want))
	}
	return nil
}

// line is the line of what was read last.
func (d *document) line() int64 { return d.lines.at(d.dec.InputOffset()) }

// elements reads a list, one element at a time. An element of the wrong shape is
// rejected alone.
func elements[T any](d *document, take func(line int64, element *T) error) error {
	if err := d.delim('['); err != nil {
		return err
	}
	for d.dec.More() {
		var element T
		err := d.dec.Decode(&element)
		line := d.line()
		var shape *json.UnmarshalTypeError
		switch {
		case errors.As(err, &shape):
			err = d.yield(nil, &Rejection{line, CodeMalformed, shape.Error()})
		case err != nil:
			err = broken(err)
		default:
			err = take(line, &element)
		}
		if err != nil {
			return err
		}
	}
	return d.delim(']')
}

// skip passes over a value, whatever its size.
func (d *document) skip() error {
	for depth := 0; ; {
		t, err := d.dec.Token()
		if err != nil {
			return broken(err)
		}
		switch t {
		case json.Delim('{'), json.Delim('['):
			depth++
		case json.Delim('}'), json.Delim(']'):
			depth--
		}
		if depth == 0 {
			return nil
		}
	}
}

func (d *document) person(line int64, p *docPerson) error {
	if p.ID == "" {
		return d.yield(nil, &Rejection{line, CodeInvalid, "id: a person needs one"})
	}
	return d.yield(&Row{Line: line, Type: Person, ID: p.ID, Name: p.Name, Email: p.Email}, nil)
}

func (d *document) group(line int64, g *docGroup) error {
	if g.ID == "" {
		return d.yield(nil, &Rejection{line, CodeInvalid, "id: a group needs one"})
	}
	rows := []*Row{{Line: line, Type: Group, ID: g.ID, Name: g.Name, Description: &g.Description, GroupType: g.Kind}}
	maintains := make(map[string]bool, len(g.Maintainers))
	for _, id := range g.Maintainers {
		maintains[id] = true
	}
	for _, id := range g.Members {
		r := &Row{Line: line, Type: Membership, Group: g.ID, Person: id, Role: new(string)}
		if maintains[id] {
			*r.Role = maintainer
		}
		rows = append(rows, r)
	}
	for _, id := range g.Subgroups {
		rows = append(rows, &Row{Line: line, Type: Membership, Group: g.ID, Child: id})
	}
	for _, r := range rows {
		if err := d.yield(r, nil); err != nil {
			return err
		}
	}
	return nil
}

// lineCounter knows in which line each place of a stream lies, for places that
// are asked for in order.
type lineCounter struct {
	r      io.Reader
	offset int64
	breaks []int64 // behind the last place that was asked for
	passed int64
}

// Read implements io.Reader.
func (c *lineCounter) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	for i, b := range p[:n] {
		if b == '\n' {
			c.breaks = append(c.breaks, c.offset+int64(i))
		}
	}
	c.offset += int64(n)
	return n, err
}

func (c *lineCounter) at(offset int64) int64 {
	n := 0
	for n < len(c.breaks) && c.breaks[n] < offset {
		n++
	}
	c.passed += int64(n)
	c.breaks = c.breaks[n:]
	return c.passed + 1
}
