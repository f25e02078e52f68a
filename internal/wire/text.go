package wire

import (
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// text reads a string value. A database takes neither NUL nor broken UTF-8, so
// such a string is refused with the name of its field.
func (s *scanner) text() (any, error) {
	v, sound, err := s.quoted()
	if err != nil {
		return nil, err
	}
	if !sound {
		return nil, &fieldError{rule: RuleText, path: s.where()}
	}
	return v, nil
}

// key reads a member's name; one that is no sound text is bad JSON.
func (s *scanner) key() (string, error) {
	v, sound, err := s.quoted()
	if err == nil && !sound {
		err = s.fail("a key must be valid UTF-8 without NUL")
	}
	return v, err
}

// quoted reads a string in quotes, and whether it is valid UTF-8 without NUL.
func (s *scanner) quoted() (v string, sound bool, err error) {
	s.pos++
	start := s.pos
	for s.pos < len(s.data) {
		switch c := s.data[s.pos]; {
		case c == '"':
			raw := s.data[start:s.pos]
			s.pos++
			return string(raw), utf8.Valid(raw), nil
		case c == '\\':
			return s.escaped(start)
		case c < ' ':
			return "", false, s.fail("a control character in a string")
		default:
			s.pos++
		}
	}
	return "", false, s.fail("unexpected end in a string")
}

// escaped goes on where quoted met the first backslash.
func (s *scanner) escaped(start int) (string, bool, error) {
	b := append([]byte(nil), s.data[start:s.pos]...)
	sound := true
	for s.pos < len(s.data) {
		switch c := s.data[s.pos]; {
		case c == '"':
			s.pos++
			return string(b), sound && utf8.Valid(b), nil
		case c == '\\':
			r, ok, err := s.escape()
			if err != nil {
				return "", false, err
			}
			sound = sound && ok
			b = utf8.AppendRune(b, r)
		case c < ' ':
			return "", false, s.fail("a control character in a string")
		default:
			b = append(b, c)
			s.pos++
		}
	}
	return "", false, s.fail("unexpected end in a string")
}

// escape reads one escape; it is not sound when it is NUL or half of a pair.
func (s *scanner) escape() (r rune, sound bool, err error) {
	s.pos++
	if s.pos >= len(s.data) {
		return 0, false, s.fail("unexpected end in a string")
	}
	c := s.data[s.pos]
	if c == 'u' {
		return s.unicode()
	}
	const from, to = `"\/bfnrt`, "\"\\/\b\f\n\r\t"
	i := strings.IndexByte(from, c)
	if i < 0 {
		return 0, false, s.fail("unknown escape")
	}
	s.pos++
	return rune(to[i]), true, nil
}

func (s *scanner) unicode() (rune, bool, error) {
	r, err := s.hex()
	if err != nil || !utf16.IsSurrogate(r) {
		return r, r != 0, err
	}
	if s.pos+1 < len(s.data) && s.data[s.pos] == '\\' && s.data[s.pos+1] == 'u' {
		s.pos++
		low, err := s.hex()
		if err != nil {
			return 0, false, err
		}
		if pair := utf16.DecodeRune(r, low); pair != utf8.RuneError {
			return pair, true, nil
		}
	}
	return utf8.RuneError, false, nil
}

// hex reads u and four digits.
func (s *scanner) hex() (rune, error) {
	if s.pos+5 > len(s.data) {
		return 0, s.fail("unexpected end in a string")
	}
	n, err := strconv.ParseUint(string(s.data[s.pos+1:s.pos+5]), 16, 16)
	if err != nil {
		return 0, s.fail("expected four hexadecimal digits")
	}
	s.pos += 5
	return rune(n), nil
}
