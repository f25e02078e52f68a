package identity

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/store"
)

// Section is a part of what a person gets who asks for all that is stored of them: the
// rows of a table that are theirs.
type Section struct {
	// Name is what the rows are called, as JSON: signInMethods.
	Name string
	// From is the table, or a join of some.
	From string
	// Of names the column that holds the person, behind its table where From has several.
	Of string
	// And narrows the rows, if given.
	And string
	// Columns are shown by their names, as JSON. What a number or text means follows
	// a colon: time (µs UTC), money (ten-thousandths), bool, json or uuid.
	Columns string
	// Order is what the rows are sorted by.
	Order string

	query   *store.Query
	columns []exportColumn
}

type exportColumn struct{ name, kind string }

var sections []*Section

// ExportSection adds to what a person is given. Called at package level by the area
// whose table it is.
func ExportSection(s Section) *Section {
	var names []string
	for column := range strings.SplitSeq(s.Columns, ",") {
		name, kind, _ := strings.Cut(strings.TrimSpace(column), ":")
		names = append(names, name)
		s.columns = append(s.columns, exportColumn{camel(name[strings.LastIndexByte(name, '.')+1:]), kind})
	}
	tenant := "tenant"
	if alias, _, joined := strings.Cut(s.Of, "."); joined {
		tenant = alias + ".tenant"
	}
	where := s.Of + " = $2"
	if s.And != "" {
		where += " AND " + s.And
	}
	s.query = store.Q("export."+s.Name, fmt.Sprintf(`SELECT %s FROM %s WHERE %s = $1 AND %s ORDER BY %s`, strings.Join(names, ", "), s.From, tenant, where, s.Order))
	sections = append(sections, &s)
	return &s
}

// Sections are all parts of an export, for the test that finds tables which lack.
func Sections() []*Section { return sections }

// camel spells a column's name as JSON.
func camel(name string) string {
	words := strings.Split(name, "_")
	for i := 1; i < len(words); i++ {
		if words[i] != "" {
			words[i] = strings.ToUpper(words[i][:1]) + words[i][1:]
		}
	}
	return strings.Join(words, "")
}

// Exported is all that is stored of a person at one time (µs UTC): rows by section.
type Exported struct {
	At       int64
	Sections map[string][]map[string]any
}

// Export reads all that is stored of a person but for secrets, whole: nothing is cut.
// It is of this write, which the log tells of. What is sealed is the areas' to add.
func Export(tx *store.Tx, person int64) (*Exported, error) {
	tx.Record(roster.Change{Operation: "customer.export", SubjectType: "customer", SubjectID: person})
	all := &Exported{tx.Now, map[string][]map[string]any{}}
	for _, s := range sections {
		rows, err := store.All(tx, s.query, s.scan, person)
		if err != nil {
			return nil, err
		}
		if rows == nil {
			rows = []map[string]any{}
		}
		all.Sections[s.Name] = rows
	}
	return all, nil
}

func (s *Section) scan(row store.Scanner) (map[string]any, error) {
	values := make([]any, len(s.columns))
	into := make([]any, len(values))
	for i := range values {
		into[i] = &values[i]
	}
	if err := row.Scan(into...); err != nil {
		return nil, err
	}
	out := map[string]any{}
	for i, c := range s.columns {
		v := shown(c.kind, values[i])
		if v == nil || v == int64(0) && strings.HasSuffix(c.name, "Id") {
			continue
		}
		out[c.name] = v
	}
	return out, nil
}

// shown is a value of a row as an export says it; nil where it is nothing.
func shown(kind string, v any) any {
	number, _ := v.(int64)
	switch kind {
	case "time":
		if number == 0 || number == live {
			return nil
		}
		return time.UnixMicro(number).UTC().Format(time.RFC3339Nano)
	case "money":
		return json.Number(roster.Amount(number).String())
	case "bool":
		if truth, ok := v.(bool); ok {
			return truth
		}
		return number != 0
	case "json":
		text, _ := v.(string)
		return parsed(text)
	case "uuid":
		raw, _ := v.([]byte)
		id, err := uuid.FromBytes(raw)
		if err != nil {
			return nil
		}
		return id.String()
	}
	if v == "" {
		return nil
	}
	return v
}

// parsed reads JSON that is stored; what is null in it is left out.
func parsed(text string) any {
	if text == "" {
		return nil
	}
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		return text
	}
	return withoutNulls(v)
}

func withoutNulls(v any) any {
	switch v := v.(type) {
	case map[string]any:
		for name, of := range v {
			if of == nil {
				delete(v, name)
			} else {
				v[name] = withoutNulls(of)
			}
		}
	case []any:
		for i, of := range v {
			v[i] = withoutNulls(of)
		}
	}
	return v
}

// live is the end of a row that is not over.
const live = 9223372036854775807

// What the log says of a person, and so what an export shows, and an erasure erases.
const (
	logOfSubject = `subject_type IN ('person', 'customer', 'user', 'credential', 'terms_acceptance', 'role_assignment')`
	logOfObject  = `subject_type IN ('membership', 'business_member', 'session', 'payment_source', 'invoice', 'identity_card', 'voucher', 'rating', 'rental', 'booking', 'verification')`
	logColumns   = `revision, time:time, actor, api, request_id, operation, subject_type, subject_id, object_id, before:json, after:json`
)

func init() { //nolint:gochecknoinits // the sections of this area and of the graph below it
	for _, s := range []Section{
		{Name: "subject", From: "subjects", Of: "id", Columns: "id, uuid:uuid, kind, created_at:time", Order: "id"},
		{Name: "person", From: "people", Of: "id", Columns: "id, recorded_from:time, recorded_to:time, profiles, name, email, display_name, department, data_source_id, status, external_id, created_at:time", Order: "recorded_from"},
		{Name: "memberships", From: "memberships", Of: "member_id", Columns: "group_id, group_kind, role, state, properties:json, starts_at:time, expires_at:time, added_at:time, recorded_from:time, recorded_to:time", Order: "recorded_from, group_id"},
		{Name: "customer", From: "customers", Of: "id", Columns: `id, first_name, last_name, birthdate, email_verified:bool, phone, phone_verified:bool, street, postcode, city, country, language, newsletter:bool,
			home_branch_id, block_state, block_reason, payment_state, license_state, license_expires, license_categories, id_state, id_expires, id_document_type, manual_state, external_state,
			credit_status, credit_until:time, signup_settled:bool, signup_failed:bool, balance:money, tags:json, annotations:json, custom_properties:json, made_by_client, last_sign_in_at:time, created_at:time, updated_at:time`, Order: "id"},
		{Name: "organizationUser", From: "users", Of: "id", Columns: "id, full_name, phone_number, job_title, department, role, status, manager_id, created_at:time, updated_at:time", Order: "id"},
		{Name: "signInMethods", From: "sign_in_methods", Of: "person_id", Columns: "method, created_at:time", Order: "method"},
		{Name: "password", From: "credentials", Of: "person_id", Columns: "changed_at:time", Order: "changed_at"},
		{Name: "secondFactor", From: "second_factors", Of: "person_id", Columns: "confirmed_at:time, created_at:time", Order: "created_at"},
		{Name: "sessions", From: "token_families", Of: "person_id", And: "person_id <> 0", Columns: "id, api, type, method, user_agent, address, created_at:time, used_at:time, expires_at:time, revoked_at:time", Order: "id"},
		{Name: "tokens", From: "tokens", Of: "person_id", And: "person_id <> 0", Columns: "id, api, role, name, created_at:time, expires_at:time, revoked_at:time", Order: "id"},
		{Name: "codes", From: "sign_in_codes", Of: "person_id", And: "person_id <> 0", Columns: "id, purpose, attempts, created_at:time, expires_at:time, ended_at:time", Order: "id"},
		{Name: "roles", From: "role_assignments", Of: "person_id", Columns: "role, branch_id, created_at:time", Order: "role, branch_id"},
		{Name: "storedAnswers", From: "idempotency_keys", Of: "person_id", And: "person_id <> 0", Columns: "status, revision, created_at:time", Order: "created_at"},
		{Name: "changes", From: "changes", Of: "subject_id", And: logOfSubject, Columns: logColumns, Order: "revision, seq"},
		{Name: "changesOfTheirs", From: "changes", Of: "object_id", And: "object_id <> 0 AND " + logOfObject, Columns: logColumns, Order: "revision, seq"},
	} {
		ExportSection(s)
	}
}
