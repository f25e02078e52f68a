package care

import "github.com/rosterhq/roster/internal/identity"

// What is given to a person of the tables of this area.
var _ = []*identity.Section{
	identity.ExportSection(identity.Section{
		Name: "termsAcceptances", From: "terms_acceptances", Of: "person_id", Columns: "branch_id, terms_id, accepted_at:time, accepted_by", Order: "accepted_at, terms_id",
	}),
	identity.ExportSection(identity.Section{
		Name: "vouchers", From: "vouchers", Of: "account_id", Order: "id",
		Columns: `id, voucherable_id, branch_id, business_unit_id, name, voucher_type, price_type, currency, value:money, remaining:money, revoked:bool, revoke_reason, signup:bool,
			valid_from:time, valid_until:time, reason, created_at:time`,
	}),
	identity.ExportSection(identity.Section{
		Name: "identityCards", From: "identity_cards", Of: "person_id", Order: "id",
		Columns: "id, card_number, rfid_uid, rfid_type, state, branch_id, comment, assigned_at:time",
	}),
	identity.ExportSection(identity.Section{
		Name: "ratings", From: "ratings", Of: "account_id", Order: "id",
		Columns: "id, type, status, active:bool, provider, score, reason, reference, valid_from:time, valid_until:time, created_at:time, decided_at:time",
	}),
	identity.ExportSection(identity.Section{
		Name: "verifications", From: "verifications", Of: "person_id", Columns: "id, kind, provider, reference, state, decided_at:time, created_at:time, updated_at:time", Order: "id",
	}),
	identity.ExportSection(identity.Section{
		Name: "verificationAttempts", From: "verifications v JOIN verification_attempts a ON a.tenant = v.tenant AND a.verification_id = v.id", Of: "v.person_id", Order: "a.id",
		Columns: `a.id, a.verification_id, a.attempt_uuid, a.state, a.reason_code, a.document_type, a.document_country, a.expiration_date, a.categories,
			a.created_at:time, a.decided_at:time`,
	}),
	identity.ExportSection(identity.Section{
		Name: "verificationMedia", Of: "v.person_id", Order: "m.id",
		From: `verifications v JOIN verification_attempts a ON a.tenant = v.tenant AND a.verification_id = v.id
			JOIN verification_media m ON m.tenant = a.tenant AND m.attempt_id = a.id`,
		Columns: "m.file_uuid, m.attempt_id, m.kind, m.content_type, m.size, m.created_at:time, m.purged_at:time",
	}),
}
