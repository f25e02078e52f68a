package business

import "github.com/rosterhq/roster/internal/identity"

// What is given to a person of the tables of this area. A gateway's own name for a
// payment source is a secret of the two.
var _ = []*identity.Section{
	identity.ExportSection(identity.Section{
		Name: "businessMemberships", From: "member_properties", Of: "person_id", Order: "group_id",
		Columns: `group_id, member_code, approval_state, approval_comment, approval_decided_at:time, billing_role, access_mode, default_cost_center_id, superior_email,
			employee_number, limit_amount:money, limit_currency, limit_period, custom_properties:json, created_by, joined_at:time, left_at:time`,
	}),
	identity.ExportSection(identity.Section{
		Name: "costCenterAccess", From: "member_properties m JOIN cost_center_access a ON a.tenant = m.tenant AND a.group_id = m.group_id AND a.person_id = m.person_id",
		Of: "m.person_id", Columns: "m.group_id, a.cost_center_id", Order: "m.group_id, a.cost_center_id",
	}),
	identity.ExportSection(identity.Section{
		Name: "businessRequests", From: "group_requests", Of: "person_id", And: "person_id <> 0", Order: "id",
		Columns: `id, group_id, type, state, email, role, default_cost_center_id, superior_email, message, decline_reason, initiated_by, created_at:time, expires_at:time, decided_at:time`,
	}),
	identity.ExportSection(identity.Section{
		Name: "businessRequestsMade", From: "group_requests", Of: "created_by", And: "created_by <> 0", Order: "id",
		Columns: "id, group_id, type, state, role, message, created_at:time",
	}),
	identity.ExportSection(identity.Section{
		Name: "businessRequestsDecided", From: "group_requests", Of: "decided_by", And: "decided_by <> 0", Order: "id",
		Columns: "id, group_id, type, state, decline_reason, decided_at:time",
	}),
	identity.ExportSection(identity.Section{
		Name: "paymentSources", From: "payment_sources", Of: "account_id", Order: "id",
		Columns: `id, branch_id, business_unit_id, type, state, is_default:bool, label, brand, last4, expiry_month, expiry_year, gateway, created_at:time, updated_at:time`,
	}),
	identity.ExportSection(identity.Section{
		Name: "signupPayments", From: "payment_attempts", Of: "subject_id", And: "noun = 'signup'", Columns: "id, attempt, source_id, state, asked_at:time", Order: "attempt",
	}),
	identity.ExportSection(identity.Section{
		Name: "invoices", From: "invoices", Of: "account_id", Order: "id",
		Columns: `id, number, branch_id, business_unit_id, currency, period_from:time, period_to:time, net:money, tax:money, gross:money, items, state, invoice_state, created_at:time, due_at:time, paid_at:time`,
	}),
	identity.ExportSection(identity.Section{
		Name: "charges", From: "charges", Of: "account_id", Order: "time, id",
		Columns: `id, kind, source_id, part, business_unit_id, branch_id, currency, time:time, net:money, tax:money, gross:money, invoice_id`,
	}),
}
