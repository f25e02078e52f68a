package setup

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"

	"go.yaml.in/yaml/v4"

	"github.com/rosterhq/roster/internal/roster"
)

// maxDocument bounds a file, in bytes.
const maxDocument = 32 << 20

// Parse reads a file. Invalid, with every problem of its form on a line of its own.
// An unknown key is a problem: it would be ignored otherwise.
func Parse(r io.Reader) (*Document, error) {
	text, err := io.ReadAll(io.LimitReader(r, maxDocument+1))
	if err != nil {
		return nil, err
	}
	if len(text) > maxDocument {
		return nil, roster.Errorf(roster.Invalid, "", "the file is over %d MiB", maxDocument>>20)
	}
	d := &Document{}
	if len(bytes.TrimSpace(text)) == 0 {
		return d, nil
	}
	if err := yaml.Load(text, d, yaml.WithKnownFields()); err != nil {
		return nil, malformed(err)
	}
	return d, d.check()
}

// malformed words what the YAML library found wrong, one line each.
func malformed(err error) error {
	var p problems
	var several *yaml.LoadErrors
	var one *yaml.LoadError
	switch {
	case errors.As(err, &several):
		for _, e := range several.Errors {
			p.addLoad(e)
		}
	case errors.As(err, &one):
		p.addLoad(one)
	default:
		p.add("the file", "%s", err)
	}
	return p.err()
}

// unknownField is how the library names a key that a type has not, and ofGo are the
// words by which it speaks of our types.
var unknownField = regexp.MustCompile(`^field (\S+) not found in type \S+`)

var ofGo = regexp.MustCompile(` (in|into) (type )?(\[\])?\*?setup\.\w+`)

func (p *problems) addLoad(e *yaml.LoadError) {
	text := unknownField.ReplaceAllString(e.Message, `there is no field "$1" here`)
	p.add(fmt.Sprintf("line %d", e.Mark.Line), "%s", ofGo.ReplaceAllString(text, " here"))
}

// problems are what is wrong with a file, each with its place.
type problems []string

func (p *problems) add(place, format string, args ...any) {
	*p = append(*p, place+": "+fmt.Sprintf(format, args...))
}

func (p problems) err() error {
	if len(p) == 0 {
		return nil
	}
	return roster.Errorf(roster.Invalid, "", "%s", strings.Join(p, "\n"))
}
