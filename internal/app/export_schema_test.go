package app

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/rosterhq/roster/internal/identity"
	"github.com/rosterhq/roster/internal/store"
	"github.com/rosterhq/roster/internal/store/storetest"
)

// personal are names of columns that hold a person's id.
var personal = regexp.MustCompile(`^((.*_)?(person|account|member|user|customer|manager|operator|owner|renter|subject|object)_id|.*_by|impersonated)$`)

// kept are the columns that hold a person's id and are no section of an export, each
// with the reason.
var kept = map[string]string{
	"business_units.id": "no person", "terms_acceptances.operator_id": "whose terms an operator accepted is the customer's to know",
	"users.manager_id":                      "who works under somebody is the others' to know",
	"member_properties.approval_decided_by": "what was decided on others is theirs to know",
	"vouchers.created_by":                   "what an operator gave is the customer's to know",
	"vouchers.revoked_by":                   "as created_by",
	"ratings.created_by":                    "whom an operator rated is theirs to know",
	"ratings.decided_by":                    "as created_by",
	"identity_cards.created_by":             "as ratings.created_by",
	"group_invitations.person_id":           "bound, it is blank: the membership is exported",
	"groups.id":                             "no person",
	"groups.default_for":                    "a property",
	"properties.id":                         "no person",
	"memberships.group_id":                  "no person",
	"group_resources.group_id":              "no person",
	"approver_groups.group_id":              "no person",
	"spend_entries.group_id":                "no person",
	"business_accounts.id":                  "no person",
	"cost_centers.group_id":                 "no person",
	"member_properties.group_id":            "no person",
	"group_requests.group_id":               "no person",
	"invoice_lines.member_id":               "a business account's sums of rides, which are exported one by one",
	"charges.member_id":                     "a business account's ledger of rides, which are exported one by one",
	"charge_sums.account_id":                "a business account's",
	"terms_acceptances.accepted_by":         "a word: the customer or an operator",
	"member_properties.created_by":          "a word: who let them in",
	"group_requests.initiated_by":           "a word: who began it",
	"changes.person_id":                     "what they did to others is the others' to know; to themselves, it is exported by subject",
	"changes.impersonated":                  "as changes.person_id",
	"group_invitations.group_id":            "no person",
}

// Every column that refers to a person is a section of what a person is given who asks
// for all that is stored of them, or has a reason why it is none; on both engines.
func TestExportKnowsAllTables(t *testing.T) {
	exported := map[string]bool{}
	joined := map[string]bool{} // tables beside the first, which may have no such column
	for _, s := range identity.Sections() {
		alias, column, aliased := strings.Cut(s.Of, ".")
		table, _, _ := strings.Cut(s.From, " ")
		if !aliased {
			column = alias
		}
		exported[table+"."+column] = true
		for _, part := range strings.Split(s.From, " JOIN ")[1:] {
			other, _, _ := strings.Cut(part, " ")
			joined[other+"."+column] = true
		}
	}
	storetest.Each(t, func(t *testing.T, database string) {
		storetest.Open(t, database, store.Options{})
		raw := storetest.Raw(t, database)
		query := `SELECT t.name || '.' || c.name, coalesce((SELECT f."table" FROM pragma_foreign_key_list(t.name) f WHERE f."from" = c.name LIMIT 1), '')
			FROM sqlite_schema t, pragma_table_info(t.name) c WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite%'`
		if store.IsPostgres(database) {
			query = `SELECT c.table_name || '.' || c.column_name, coalesce((SELECT 'subjects' FROM pg_constraint k JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = ANY (k.conkey)
					WHERE k.contype = 'f' AND k.confrelid = 'subjects'::regclass AND k.conrelid = c.table_name::regclass AND a.attname = c.column_name LIMIT 1), '')
				FROM information_schema.columns c WHERE c.table_schema = 'public' AND c.table_name <> 'goose_db_version'`
		}
		rows, err := raw.QueryContext(t.Context(), query)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = rows.Close() }()
		there := map[string]bool{}
		for rows.Next() {
			var name, refers string
			if err := rows.Scan(&name, &refers); err != nil {
				t.Fatal(err)
			}
			there[name] = true
			_, column, _ := strings.Cut(name, ".")
			if column == "tenant" || !personal.MatchString(column) && refers != "subjects" {
				continue
			}
			if !exported[name] && !joined[name] && kept[name] == "" {
				t.Errorf("%s refers to a person and is no section of an export: see identity.ExportSection", name)
			}
		}
		if err := rows.Err(); err != nil {
			t.Fatal(err)
		}
		if len(there) < 300 {
			t.Errorf("only %d columns", len(there))
		}
		for name := range exported {
			if !there[name] {
				t.Errorf("%s is exported and is not there", name)
			}
		}
	})
	for name := range kept {
		if exported[name] {
			t.Errorf("%s has a reason not to be exported, and is", name)
		}
	}
	if names := slices.Collect(func(yield func(string) bool) {
		for _, s := range identity.Sections() {
			if !yield(s.Name) {
				return
			}
		}
	}); len(names) < 25 {
		t.Errorf("only the sections %v", names)
	}
}
