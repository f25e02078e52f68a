package wire

import (
	"fmt"
	"strconv"
	"unicode/utf8"
)

// maxDepth bounds how deep a body may nest.
const maxDepth = 64

// scanner reads one JSON text strictly (RFC 8259; no repeated keys; strings that
// a database takes) and, when asked, builds its value and learns which keys a
// Go type does not have.
type scanner struct {
	data  []byte
	pos   int
	depth int
	// path is the way to the value being read, for messages.
	path []step
	// build asks for the value; else only the text is checked.
	build bool
	// foreign holds where keys stand, without their quotes, that the type in
	// hand does not have.
	foreign [][2]int
}

// step is one part of a path: a key, or an index where key is "".
type step struct {
	key   string
	index int
}

// syntaxError says where a text stops being JSON that wire takes.
type syntaxError struct {
	at   int
	what string
}

func (e *syntaxError) Error() string {
	return encode(ruleJSON, e.what+" at byte "+strconv.Itoa(e.at), "")
}

// fieldError says which value of a well-formed text cannot be taken.
type fieldError struct {
	rule  Rule
	limit string
	path  string
}

func (e *fieldError) Error() string { return encode(e.rule, e.limit, e.path) }

func (s *scanner) fail(format string, args ...any) error {
	return &syntaxError{at: s.pos, what: fmt.Sprintf(format, args...)}
}

// where spells the path as callers know it: cards[3].rfidUid.
func (s *scanner) where() string {
	var b []byte
	for _, p := range s.path {
		switch {
		case p.key == "":
			b = append(b, '[')
			b = strconv.AppendInt(b, int64(p.index), 10)
			b = append(b, ']')
		case len(b) > 0:
			b = append(append(b, '.'), p.key...)
		default:
			b = append(b, p.key...)
		}
	}
	return string(b)
}

// document reads the whole text as one value.
func (s *scanner) document(sh *shape) (any, error) {
	v, err := s.value(sh)
	if err != nil {
		return nil, err
	}
	s.space()
	if s.pos < len(s.data) {
		return nil, s.fail("more after the value")
	}
	return v, nil
}

func (s *scanner) space() {
	for s.pos < len(s.data) {
		switch s.data[s.pos] {
		case ' ', '\t', '\n', '\r':
			s.pos++
		default:
			return
		}
	}
}

func (s *scanner) value(sh *shape) (any, error) {
	s.space()
	if s.pos >= len(s.data) {
		return nil, s.fail("unexpected end")
	}
	switch c := s.data[s.pos]; {
	case c == '{':
		return s.nested(sh, (*scanner).object)
	case c == '[':
		return s.nested(sh, (*scanner).array)
	case c == '"':
		return s.text()
	case c == 't':
		return true, s.literal("true")
	case c == 'f':
		return false, s.literal("false")
	case c == 'n':
		return nil, s.literal("null")
	case c == '-' || c >= '0' && c <= '9':
		return s.number()
	}
	return nil, s.fail("unexpected character")
}

func (s *scanner) nested(sh *shape, read func(*scanner, *shape) (any, error)) (any, error) {
	if s.depth++; s.depth > maxDepth {
		return nil, s.fail("nested deeper than %d", maxDepth)
	}
	s.pos++
	v, err := read(s, sh)
	s.depth--
	return v, err
}

func (s *scanner) literal(word string) error {
	if len(s.data)-s.pos < len(word) || string(s.data[s.pos:s.pos+len(word)]) != word {
		return s.fail("unexpected character")
	}
	s.pos += len(word)
	return nil
}

// closes reads c if it comes next.
func (s *scanner) closes(c byte) bool {
	s.space()
	if s.pos < len(s.data) && s.data[s.pos] == c {
		s.pos++
		return true
	}
	return false
}

func (s *scanner) object(sh *shape) (any, error) {
	m := map[string]any{}
	if s.closes('}') {
		return m, nil
	}
	for {
		s.space()
		if s.pos >= len(s.data) || s.data[s.pos] != '"' {
			return nil, s.fail("expected a key")
		}
		start := s.pos + 1
		key, err := s.key()
		if err != nil {
			return nil, err
		}
		if _, twice := m[key]; twice {
			return nil, s.fail("key %q a second time", clip(key))
		}
		child, known := sh.member(key)
		if !known {
			s.foreign = append(s.foreign, [2]int{start, s.pos - 1})
		}
		if !s.closes(':') {
			return nil, s.fail("expected ':'")
		}
		s.path = append(s.path, step{key: key})
		v, err := s.value(child)
		if err != nil {
			return nil, err
		}
		s.path = s.path[:len(s.path)-1]
		m[key] = v
		if s.closes('}') {
			return m, nil
		}
		if !s.closes(',') {
			return nil, s.fail("expected ',' or '}'")
		}
	}
}

func (s *scanner) array(sh *shape) (any, error) {
	list := []any{}
	if s.closes(']') {
		return list, nil
	}
	for i := 0; ; i++ {
		s.path = append(s.path, step{index: i})
		v, err := s.value(sh.element())
		if err != nil {
			return nil, err
		}
		s.path = s.path[:len(s.path)-1]
		if s.build {
			list = append(list, v)
		}
		if s.closes(']') {
			return list, nil
		}
		if !s.closes(',') {
			return nil, s.fail("expected ',' or ']'")
		}
	}
}

// number reads a number as float64, which is what schemas are checked against;
// binding reads the text itself again, so no digit is lost.
func (s *scanner) number() (any, error) {
	start := s.pos
	s.skip('-')
	switch {
	case s.skip('0'):
	case s.digits() == 0:
		return nil, s.fail("expected a digit")
	}
	if s.skip('.') && s.digits() == 0 {
		return nil, s.fail("expected a digit")
	}
	if s.skip('e') || s.skip('E') {
		if !s.skip('+') {
			s.skip('-')
		}
		if s.digits() == 0 {
			return nil, s.fail("expected a digit")
		}
	}
	f, err := strconv.ParseFloat(string(s.data[start:s.pos]), 64)
	if err != nil {
		return nil, &fieldError{rule: RuleType, limit: "number", path: s.where()}
	}
	return f, nil
}

func (s *scanner) skip(c byte) bool {
	if s.pos < len(s.data) && s.data[s.pos] == c {
		s.pos++
		return true
	}
	return false
}

func (s *scanner) digits() (n int) {
	for s.pos < len(s.data) && s.data[s.pos] >= '0' && s.data[s.pos] <= '9' {
		s.pos++
		n++
	}
	return n
}

// clip shortens a caller's text for a message.
func clip(s string) string {
	const most = 40
	if len(s) <= most {
		return s
	}
	cut := most
	for cut > 0 && !utf8.RuneStart(s[cut]) {
		cut--
	}
	return s[:cut] + "…"
}
