package business

import (
	"fmt"
	"net/mail"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/rosterhq/roster/internal/roster"
)

// Bounds of texts, in characters.
const (
	maxName    = 120
	maxWord    = 64
	maxText    = 500 // messages, comments, reasons, descriptions
	maxAddress = 254 // of a mail
	maxLine    = 200 // of a postal address
)

// text is a field to judge.
type text struct {
	field, value string
	most         int
}

// checkTexts judges the lengths of texts, each of which may be blank.
func checkTexts(all ...text) error {
	for _, t := range all {
		if utf8.RuneCountInString(t.value) > t.most || strings.ContainsRune(t.value, 0) {
			return roster.FieldError(t.field, "must have at most %d characters", t.most)
		}
	}
	return nil
}

// checkNeeded judges a line that must not be blank.
func checkNeeded(field, value string, most int) error {
	if strings.TrimSpace(value) == "" || strings.ContainsFunc(value, unicode.IsControl) {
		return roster.FieldError(field, "must be one line and not blank")
	}
	return checkTexts(text{field, value, most})
}

// checkEmail judges an address; "" is none.
func checkEmail(field, email string) error {
	if email == "" {
		return nil
	}
	if a, err := mail.ParseAddress(email); err != nil || a.Address != email || len(email) > maxAddress {
		return roster.FieldError(field, "is no valid email address")
	}
	return nil
}

// checkWord refuses a value that is none of the words.
func checkWord(field, value string, words ...string) error {
	if slices.Contains(words, value) {
		return nil
	}
	return roster.FieldError(field, "must be one of %s", strings.Join(words, ", "))
}

func checkWords(field string, values []string, words ...string) error {
	for _, value := range values {
		if err := checkWord(field, value, words...); err != nil {
			return err
		}
	}
	return nil
}

// checkList judges a list of texts: how many, how long, none blank and none twice.
func checkList(field string, list []string, count, length int) error {
	if len(list) > count {
		return roster.FieldError(field, "must have at most %d entries", count)
	}
	for i, value := range list {
		if err := checkNeeded(fmt.Sprintf("%s[%d]", field, i), value, length); err != nil {
			return err
		}
		if slices.Contains(list[:i], value) {
			return roster.FieldError(field, "must not repeat %q", value)
		}
	}
	return nil
}

// set takes a new value over, where there is one.
func set[T any](to, from *T) {
	if from != nil {
		*to = *from
	}
}

// merge takes a change of custom properties over by key; nil clears one.
func merge(into map[string]string, changes map[string]*string) map[string]string {
	for key, value := range changes {
		if value == nil {
			delete(into, key)
			continue
		}
		if into == nil {
			into = map[string]string{}
		}
		into[key] = *value
	}
	return into
}
