package view

import (
	"bytes"
	"encoding/json"
	"strings"

	"github.com/rosterhq/roster/internal/wire/mobilitywire"
)

// Change is a change that a planned call would make, in the terms of an API.
type Change struct {
	Revision  int64             `json:"revision"`
	Time      mobilitywire.Time `json:"time"`
	Actor     string            `json:"actor"`
	API       string            `json:"api"`
	Operation string            `json:"operation"`
	Subject   ChangeSubject     `json:"subject"`
	Before    map[string]any    `json:"before,omitempty"`
	After     map[string]any    `json:"after,omitempty"`
}

// ChangeSubject says what changes. UserGroupID is the group of a member, request or
// cost center, UserID the member.
type ChangeSubject struct {
	Type        string `json:"type"`
	ID          int64  `json:"id,omitempty"`
	UserGroupID int64  `json:"userGroupId,omitempty"`
	UserID      int64  `json:"userId,omitempty"`
}

// ChangeFields are the fields of one side of a change, without those that are hidden.
// Fields are named by their path: times are in µs UTC, amounts hold a decimal number
// as text.
func ChangeFields(of any, hidden, times, amounts []string) map[string]any {
	if of == nil {
		return nil
	}
	text, err := json.Marshal(of)
	if err != nil {
		panic(err) // the log stores the same
	}
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	fields := map[string]any{}
	if err := d.Decode(&fields); err != nil {
		panic(err)
	}
	dropNulls(fields)
	for _, path := range hidden {
		rewrite(fields, path, func(any) any { return nil })
	}
	for _, path := range times {
		rewrite(fields, path, func(v any) any {
			micros, _ := v.(json.Number).Int64()
			return mobilitywire.Time(micros)
		})
	}
	for _, path := range amounts {
		rewrite(fields, path, func(v any) any { return json.Number(v.(string)) })
	}
	return fields
}

// dropNulls leaves out what is not there, as all answers do.
func dropNulls(fields map[string]any) {
	for name, v := range fields {
		if v == nil {
			delete(fields, name)
		} else if inner, ok := v.(map[string]any); ok {
			dropNulls(inner)
		}
	}
}

// rewrite puts another value in the place of one, if that is there; nil takes it out.
func rewrite(fields map[string]any, path string, as func(any) any) {
	name, rest, below := strings.Cut(path, ".")
	if below {
		if inner, ok := fields[name].(map[string]any); ok {
			rewrite(inner, rest, as)
		}
		return
	}
	v, there := fields[name]
	if !there {
		return
	}
	if fields[name] = as(v); fields[name] == nil {
		delete(fields, name)
	}
}
