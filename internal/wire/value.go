package wire

import (
	"encoding/json"
	"reflect"

	"github.com/danielgtaylor/huma/v2"
)

// Misfit is the error by which UnmarshalJSON and UnmarshalText of an input's types
// refuse a value: the rule that it breaks, with its limit. The caller is told which
// field it stands in.
func Misfit(rule Rule, limit string) error {
	// To this error alone encoding/json adds the way to the field.
	return &json.UnmarshalTypeError{Value: encode(rule, limit, ""), Type: reflect.TypeFor[string]()}
}

// SelfChecked is the schema of a type whose own UnmarshalJSON or UnmarshalText judges
// its values: documents show the schema, and nothing is checked by it.
func SelfChecked(s *huma.Schema) *huma.Schema {
	s.Extensions = map[string]any{"type": s.Type}
	s.Type = ""
	return s
}

// typeOf is the type that documents show.
func typeOf(s *huma.Schema) string {
	switch typ := s.Extensions["type"].(type) {
	case string:
		return typ
	case []string: // or null
		return typ[0]
	}
	return s.Type
}

// orNull has a schema take null too. An object is shown alone; huma lets null pass
// for every optional field.
func orNull(s *huma.Schema) *huma.Schema {
	s.Nullable = s.Ref == ""
	if s.Nullable && s.Type == "" && s.Extensions["type"] != nil {
		s.Extensions = map[string]any{"type": []string{typeOf(s), "null"}}
	}
	return s
}
