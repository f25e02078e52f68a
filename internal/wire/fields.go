package wire

import (
	"strings"

	"github.com/rosterhq/roster/internal/roster"
)

// Rule names the rule of its own that an input breaks.
type Rule string

// The rules. In a Field, Limit says more where the rule has something to say.
const (
	RuleRequired  Rule = "required"
	RuleType      Rule = "type"       // Limit: string, boolean, integer, number, array, object
	RuleEnum      Rule = "enum"       // Limit: the values, separated by ", "
	RuleMinLength Rule = "min_length" // Limit: characters
	RuleMaxLength Rule = "max_length" // Limit: characters
	RuleMinimum   Rule = "minimum"    // Limit: the number
	RuleMaximum   Rule = "maximum"    // Limit: the number
	RuleAbove     Rule = "above"      // Limit: the number
	RuleBelow     Rule = "below"      // Limit: the number
	RuleMultiple  Rule = "multiple"   // Limit: the number
	RuleMinItems  Rule = "min_items"  // Limit: items or properties
	RuleMaxItems  Rule = "max_items"  // Limit: items or properties
	RuleUnique    Rule = "unique"
	RuleFormat    Rule = "format" // Limit: date-time, date, email, uuid, ...
	RulePattern   Rule = "pattern"
	RuleText      Rule = "text" // NUL, or no valid UTF-8
	RuleOther     Rule = "other"
)

// Where a Field stands in a request.
const (
	InBody   = "body"
	InQuery  = "query"
	InPath   = "path"
	InHeader = "header"
)

// Field is one part of the input that breaks a rule of its own.
type Field struct {
	// In is where the field stands: InBody, InQuery, InPath or InHeader.
	In string
	// Name is the field as the caller spelled it, such as "title",
	// "group.title" or "cards[3].rfidUid"; "" is the whole body.
	Name string
	// Rule is what it breaks, and Limit the rule's bound.
	Rule  Rule
	Limit string
	// Message is the rule in the API's words, without the field's name.
	Message string
}

// Fields are all the parts of one request that break a rule of their own. They
// travel as Details of a roster.Error of kind Invalid.
type Fields []Field

// Messages groups the messages by the field's name.
func (f Fields) Messages() map[string][]string {
	m := make(map[string][]string, len(f))
	for _, field := range f {
		m[field.Name] = append(m[field.Name], field.Message)
	}
	return m
}

// FieldsOf returns the fields that e is about: those in its Details, else the
// one in its Field, else none. An error's render function uses it so that
// errors of the areas and errors of the input's shape look alike.
func FieldsOf(e *roster.Error) Fields {
	if fields, ok := e.Details.(Fields); ok {
		return fields
	}
	if e.Field == "" {
		return nil
	}
	return Fields{{In: InBody, Name: e.Field, Rule: RuleOther, Message: e.Msg}}
}

// InvalidFields makes the one Invalid error for several fields.
func InvalidFields(fields ...Field) *roster.Error {
	first := fields[0]
	name := first.Name
	if name == "" {
		name = first.In
	}
	return &roster.Error{Kind: roster.Invalid, Field: name, Msg: name + " " + first.Message, Details: Fields(fields)}
}

// phrase words a broken rule in plain English.
func phrase(f Field) string {
	switch f.Rule {
	case RuleRequired:
		return "is required"
	case RuleType:
		if f.Limit == "array" || f.Limit == "object" || f.Limit == "integer" {
			return "must be an " + f.Limit
		}
		return "must be a " + f.Limit
	case RuleEnum:
		return "must be one of " + f.Limit
	case RuleMinLength:
		if f.Limit == "1" {
			return "must not be empty"
		}
		return "must have at least " + f.Limit + " characters"
	case RuleMaxLength:
		return "must have at most " + f.Limit + " characters"
	case RuleMinimum:
		return "must be at least " + f.Limit
	case RuleMaximum:
		return "must be at most " + f.Limit
	case RuleAbove:
		return "must be greater than " + f.Limit
	case RuleBelow:
		return "must be less than " + f.Limit
	case RuleMultiple:
		return "must be a multiple of " + f.Limit
	case RuleMinItems:
		return "must have at least " + f.Limit + " items"
	case RuleMaxItems:
		return "must have at most " + f.Limit + " items"
	case RuleUnique:
		return "must not repeat an item"
	case RuleFormat:
		return strings.TrimSpace("is no valid " + f.Limit)
	case RulePattern:
		return "must match " + f.Limit
	case RuleText:
		return "must be valid UTF-8 without NUL"
	case RuleOther:
	}
	return "is invalid"
}
