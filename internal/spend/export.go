package spend

import "github.com/rosterhq/roster/internal/identity"

// What is given to a person of the tables of this area.
var _ = identity.ExportSection(identity.Section{
	Name: "spendEntries", From: "spend_entries", Of: "user_id", Order: "id",
	Columns: "uuid:uuid, budget_id, group_id, amount, currency, reference, over_budget:bool, created_at:time",
})
