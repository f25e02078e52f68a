package app

import (
	"fmt"
	"strings"
	"testing"

	"github.com/rosterhq/roster/internal/pgtest"
	"github.com/rosterhq/roster/internal/racetest"
	"github.com/rosterhq/roster/internal/store"
	"github.com/rosterhq/roster/internal/store/storetest"
)

// TestQueriesKeepTenantsApart walks the queries of every package.
func TestQueriesKeepTenantsApart(t *testing.T) { storetest.CheckQueries(t) }

// TestQueriesUseIndexes walks the plans of every query on a database with 10,000
// rows of each kind in one tenant.
func TestQueriesUseIndexes(t *testing.T) {
	for engine, database := range map[string]string{"sqlite": storetest.SQLite(t), "postgres": pgtest.Database(t)} {
		t.Run(engine, func(t *testing.T) {
			storetest.CheckPlans(t, database, func(db *store.DB) {
				storetest.Tenant(t, db, "acme")
				fill(t, database)
			})
		})
	}
}

// fillers are statements that make rows of each kind; bytes(i) is i as 16 bytes.
var fillers = []string{
	`INSERT INTO tenants (tenant, name, revision, changed_at, head, created_at) SELECT i + 1, 'tenant-' || i, 0, 0, bytes(i), 0 FROM n WHERE i < 100`,
	`INSERT INTO sequences (tenant, name, next) SELECT 1, 'sequence' || i, 1 FROM n WHERE i < 100`,
	`INSERT INTO changes (tenant, revision, seq, time, actor, api, request_id, operation, subject_type, subject_id, object_id, commitment)
		SELECT 1, i / 2 + 2, i % 2, i, 'actor-' || (i % 500), 'a', 'a', 'group.update', 'group', i % 500, i % 700, bytes(i) FROM n`,
	`INSERT INTO idempotency_keys (tenant, key_hash, body_hash, status, headers, body, revision, created_at)
		SELECT 1, bytes(i), bytes(i), 200, '{}', bytes(i), i, i FROM n`,
	`INSERT INTO subjects (tenant, id, kind, uuid, created_at)
		SELECT 1, i, CASE i % 3 WHEN 0 THEN 'group' WHEN 1 THEN 'person' ELSE 'property' END, bytes(i), i FROM n`,
	`INSERT INTO groups (tenant, id, recorded_from, recorded_to, revision, kind, type, name, name_key, description, is_privileged, external_id, default_for, created_at)
		SELECT 1, i, i, 9223372036854775807, i, CASE i % 2 WHEN 0 THEN 'directory' ELSE 'organization' END, 'security', 'g' || i, 'g' || i, '', i < 0, 'g' || i, i, i
		FROM n WHERE i % 3 = 0`,
	`INSERT INTO people (tenant, id, recorded_from, recorded_to, revision, profiles, name, email, email_key, data_source_id, status, external_id, created_at)
		SELECT 1, i, i, 9223372036854775807, i, 1, 'p' || i, 'p' || i, 'p' || i, '', 'active', 'p' || i, i FROM n WHERE i % 3 = 1`,
	`INSERT INTO properties (tenant, id, recorded_from, recorded_to, revision, title, is_active, attributes, created_at)
		SELECT 1, i, i, 9223372036854775807, i, 'h' || i, i > 0, '{}', i FROM n WHERE i % 3 = 2`,
	`INSERT INTO memberships (tenant, group_id, member_id, recorded_from, recorded_to, revision, group_kind, member_kind, role, state, properties, starts_at, expires_at, added_at)
		SELECT 1, i - i % 3, i, i, 9223372036854775807, i, CASE i % 3 WHEN 2 THEN 'property' WHEN 1 THEN 'business' END, CASE i % 3 WHEN 2 THEN 'property' ELSE 'person' END,
			CASE i % 3 WHEN 1 THEN 'OWNER' ELSE '' END, '', '', 0, 0, i FROM n WHERE i % 3 <> 0 AND i > 3`,
	`INSERT INTO memberships (tenant, group_id, member_id, recorded_from, recorded_to, revision, group_kind, member_kind, role, state, properties, starts_at, expires_at, added_at)
		SELECT 1, i - 3, i, i, 9223372036854775807, i, 'directory', 'group', '', '', '', 0, 0, i FROM n WHERE i % 3 = 0 AND i > 3`,
	`INSERT INTO tokens (tenant, id, hash, api, role, person_id, name, created_at, expires_at, revoked_at)
		SELECT 1, i, bytes(i), 'directory', 'Reader', 0, '', i, i, 0 FROM n`,
	`INSERT INTO users (tenant, id, full_name, name_key, role, status, manager_id, created_at, updated_at, revision)
		SELECT 1, i, 'p' || i, bytes(i), CASE WHEN i < 20 THEN 'COMPANY_OWNER' ELSE 'EMPLOYEE' END, 'ACTIVE', 30000 - i, i, i, i FROM n WHERE i % 3 = 1`,
	`INSERT INTO credentials (tenant, person_id, password_hash, changed_at) SELECT 1, i, '', i FROM n WHERE i % 3 = 1`,
	`INSERT INTO oauth_clients (tenant, client_id, secret_hash, api, role, created_at, revoked_at)
		SELECT 1, 'c' || i, bytes(i), 'organization', 'EMPLOYEE', i, 0 FROM n`,
	`INSERT INTO settings (tenant, name, value) SELECT 1, 's' || i, '' FROM n`,
	`INSERT INTO spend_resources (tenant, id, kind, uuid, name, name_key, status, status_reason, terms, created_at, updated_at, revision)
		SELECT 1, i, CASE i % 3 WHEN 0 THEN 'policy' WHEN 1 THEN 'budget' ELSE 'approval_rule' END, bytes(i), 'r', bytes(i), 'ACTIVE', '', '{}', i, i, i FROM n`,
	`INSERT INTO group_resources (tenant, group_id, kind, resource_id)
		SELECT 1, i - i % 3, CASE i % 3 WHEN 0 THEN 'policy' WHEN 1 THEN 'budget' ELSE 'approval_rule' END, i FROM n WHERE i > 3`,
	`INSERT INTO approver_groups (tenant, group_id, rule_id) SELECT 1, i - 2, i FROM n WHERE i % 3 = 2 AND i > 2`,
	`INSERT INTO spend_entries (tenant, id, uuid, budget_id, user_id, group_id, amount, currency, reference, over_budget, created_at)
		SELECT 1, i, bytes(i), i - i % 100 + 1, i - i % 3 + 1, i - i % 3, i, 'MXN', 'r' || i, i < 0, i FROM n WHERE i > 3 AND i < 29900`,
	`INSERT INTO group_invitations (tenant, uuid, group_id, person_id, email, email_key, role, overrides, created_at, revision)
		SELECT 1, bytes(i), i - i % 3, i % 2 * i, 'e' || i, 'e' || i, 'user', '', i, i FROM n WHERE i > 3`,
	`INSERT INTO jobs (tenant, id, kind, unique_key, args, run_at, again_at, attempts, leased_until, lease_token, created_at, failed_at, last_error)
		SELECT 1, i, 'kind' || i % 10, CASE i % 2 WHEN 0 THEN 'k' || i ELSE '' END, '{}', i, 0, 0, 0, bytes(i), i, CASE i % 3 WHEN 0 THEN i ELSE 0 END, '' FROM n`,
	`INSERT INTO server_secrets (tenant, name, value, created_at) SELECT 1, 's' || i, bytes(i), i FROM n`,
	`INSERT INTO business_units (tenant, id, name, code, code_key, currency, currency_scale, tax, timezone, invoice_prefix, gateway, invoices, referenced, charged, created_at, updated_at, revision)
		SELECT 1, i, 'u' || i, 'u' || i, 'u' || i, 'EUR', 2, 2000, 'UTC', 'INV', 'MANUAL', 0, i > 0, i > 0, i, i, i FROM n WHERE i < 3000`,
	`INSERT INTO branches (tenant, id, parent_id, business_unit_id, name, code, code_key, state, created_at, updated_at, revision)
		SELECT 1, i, NULL, i, 'b' || i, 'b' || i, 'b' || i, 'OPERATIONAL', i, i, i FROM n WHERE i < 100`,
	`INSERT INTO branch_settings (tenant, name, branch_id, value, revision) SELECT 1, 's' || i, i % 100, 'true', i FROM n`,
	`INSERT INTO customers (tenant, id, first_name, last_name, birthdate, email_verified, phone, phone_verified, street, postcode, city, country, language, newsletter,
		home_branch_id, block_state, block_reason, payment_state, license_state, license_expires, license_number, license_categories, id_state, id_expires, id_document_type,
		manual_state, external_state, credit_status, signup_settled, signup_failed, balance, tags, annotations, custom_properties, made_by_client, last_sign_in_at, created_at, updated_at, revision)
		SELECT 1, i, 'f' || i, 'l' || i, '', i > 0, '+' || i, i > 0, '', '', '', '', 'en', i > 0, i % 99 + 1, 'NONE', '', 'NONE', 'VERIFIED', '', bytes(i), 'B', 'VERIFIED', '', '',
		'VERIFIED', 'VERIFIED', 'UNKNOWN', i > 0, i < 0, 0, '[]', '[]', '{}', '', 0, i, i, i FROM n WHERE i % 3 = 1`,
	`INSERT INTO operator_roles (tenant, name, permissions, revision) SELECT 1, 'R' || i, 'USER_READ', i FROM n WHERE i < 100`,
	`INSERT INTO role_assignments (tenant, person_id, client_id, role, branch_id, created_at) SELECT 1, i, '', 'R' || (i % 99 + 1), i % 99 + 1, i FROM n`,
	`INSERT INTO terms (tenant, id, branch_id, version, text, url, privacy_text, privacy_url, valid_from, created_at, revision)
		SELECT 1, i, i % 99 + 1, i, 't', '', '', '', i, i, i FROM n WHERE i < 300`,
	`INSERT INTO terms_acceptances (tenant, person_id, branch_id, terms_id, accepted_at, accepted_by, operator_id)
		SELECT 1, i, i % 99 + 1, i % 299 + 1, i, 'CUSTOMER', 0 FROM n WHERE i % 3 = 1`,
	`INSERT INTO voucherables (tenant, id, code, code_key, type, name, branch_id, business_unit_id, active, valid_from, valid_until, max_per_account, signup, benefits,
		created_at, updated_at, revision)
		SELECT 1, i, 'v' || i, 'v' || i, 'CustomerCare', 'v', NULL, i % 99 + 1, i > 0, 0, 0, 0, i < 0, '[]', i, i, i FROM n`,
	`INSERT INTO vouchers (tenant, id, voucherable_id, account_id, branch_id, business_unit_id, name, voucher_type, price_type, currency, value, remaining, revoked, signup,
		valid_from, valid_until, reason, created_by, created_at, revision)
		SELECT 1, i, i, i, NULL, i % 99 + 1, 'v', 'CASHBACK', '', 'EUR', i, i, i < 0, i < 0, 0, 0, '', 0, i, i FROM n WHERE i % 3 = 1`,
	`INSERT INTO identity_cards (tenant, id, card_number, rfid_uid, rfid_type, state, branch_id, person_id, comment, assigned_at, created_at, updated_at, revision)
		SELECT 1, i, 'c' || i, 'r' || i, 'NTAG', CASE i % 3 WHEN 1 THEN 'ASSIGNED' ELSE 'NEW' END, i % 99 + 1, CASE i % 3 WHEN 1 THEN i END, '', 0, i, i, i FROM n`,
	`INSERT INTO ratings (tenant, id, account_id, account_type, type, status, active, provider, score, reason, reference, valid_from, valid_until, created_by, created_at,
		decided_by, decided_at, revision)
		SELECT 1, i, i - i % 2 + 1, 'CUSTOMER', 'MANUAL', 'APPROVED', i % 2 = 1, 'NONE', NULL, '', '', i, i, 0, i, 0, i, i FROM n WHERE i < 20000`,
	`INSERT INTO requirement_sets (tenant, id, name, name_key, start, created_at, updated_at, revision) SELECT 1, i, 's' || i, 's' || i, '{}', i, i, i FROM n`,
	`INSERT INTO requirement_scopes (tenant, branch_id, category_id, set_id) SELECT 1, i % 99 + 1, i, i FROM n`,
	`INSERT INTO sign_in_methods (tenant, person_id, method, created_at) SELECT 1, i, 'EMAIL_CODE', i FROM n WHERE i % 3 = 1`,
	`INSERT INTO second_factors (tenant, person_id, secret, last_step, confirmed_at, created_at) SELECT 1, i, bytes(i), 0, i, i FROM n WHERE i % 3 = 1`,
	`INSERT INTO signing_keys (tenant, id, kid, public_key, private_key, created_at, ends_at) SELECT 1, i, 'acme.' || i, bytes(i), bytes(i), i, i - 1 FROM n WHERE i < 100`,
	`INSERT INTO token_families (tenant, id, api, type, person_id, client_id, method, user_agent, address, created_at, used_at, expires_at, revoked_at)
		SELECT 1, i, 'user', 'USER', i, '', 'EMAIL_CODE', '', '', i, i, i, 0 FROM n`,
	`INSERT INTO refresh_tokens (tenant, hash, family_id, expires_at, spent_at) SELECT 1, bytes(i), i, i, 0 FROM n`,
	`INSERT INTO sign_in_codes (tenant, id, purpose, target, person_id, salt, details, attempts, created_at, expires_at, ended_at)
		SELECT 1, i, 'EMAIL', bytes(i), i, i, '{}', 0, i, i, i % 2 FROM n`,
	`INSERT INTO vehicle_categories (tenant, id, name, code, code_key, created_at, updated_at, revision) SELECT 1, i, 'c', 'c' || i, 'c' || i, i, i, i FROM n WHERE i < 100`,
	`INSERT INTO vehicles (tenant, id, code, code_key, name, license_plate, branch_id, category_id, state, positioned, latitude, longitude, odometer, created_at, updated_at, revision)
		SELECT 1, i, 'v' || i, 'v' || i, 'v', '', i % 99 + 1, i / 99 % 99 + 1, 'AVAILABLE', i > 0, i, i, 0, i, i, i FROM n`,
	`INSERT INTO tariffs (tenant, id, category_id, business_unit_id, currency, tax, unlock, per_minute, per_kilometer, booking, created_at, updated_at, revision)
		SELECT 1, i, i % 99 + 1, i / 99 % 99 + 1, 'EUR', 2000, 1, 1, 1, 1, i, i, i FROM n WHERE i < 9801`,
	`INSERT INTO rentals (tenant, id, person_id, type, state, group_id, cost_center_id, business_reason, branch_id, business_unit_id, vehicle_id, category_id, booking_id,
		payment_source_id, currency, tax, unlock, per_minute, per_kilometer, start_time, drive_start_time, end_time, expires_at, start_odometer, end_odometer,
		start_address, end_address, net, price_tax, gross, driving_log, external_id, created_at, updated_at, revision)
		SELECT 1, i, i, 'BUSINESS', CASE i % 30 WHEN 1 THEN 'RESERVATION' WHEN 4 THEN 'ACTIVE' ELSE 'ENDED' END, i - i % 9 + 1, i - i % 9 + 1, '', i % 99 + 1, i % 99 + 1, i,
		i / 99 % 99 + 1, i, 0, 'EUR', 2000, 1, 1, 1, i, i, i, i, 0, 0, '', '', 0, 0, 0, '', 'x' || i, i, i, i FROM n WHERE i % 3 = 1`,
	`INSERT INTO bookings (tenant, id, person_id, type, rental_type, state, needs_approval, group_id, cost_center_id, business_reason, branch_id, station_id, business_unit_id,
		category_id, vehicle_id, rental_id, payment_source_id, currency, tax, price, start_time, end_time, grace_until, net, price_tax, gross, decided_by, decided_at,
		decline_reason, created_at, updated_at, revision)
		SELECT 1, i, i, 'FLOATING', 'BUSINESS', CASE i % 30 WHEN 1 THEN 'BOOKED' WHEN 4 THEN 'APPROVED' WHEN 7 THEN 'DELIVERED' ELSE 'SUCCESSFUL' END, i < 0, i - i % 9 + 1, i - i % 9 + 1,
		'', i % 99 + 1, 0, i % 99 + 1, i / 99 % 99 + 1, 0, 0, 0, 'EUR', 2000, 1, i, i + 1, i, 0, 0, 0, 0, 0, '', i, i, i FROM n WHERE i % 3 = 1`,
	`INSERT INTO business_accounts (tenant, id, code, name_key, name, branch_id, state, block_state, billing_cycle, cycle_from, cycle_to, payment_state, credit_status,
		default_cost_center_id, default_business_unit_id, check_rental_requirements, allowed_branch_ids, allowed_category_ids, settings, contact, tags, custom_properties,
		created_at, updated_at, revision)
		SELECT 1, i, 'a' || i, 'a' || i, 'a', i % 99 + 1, 'ACTIVE', 'NONE', 'MONTHLY', i, i + 30000, 'NONE', 'UNKNOWN', NULL, i % 99 + 1, i > 0, '[]', '[]', '{}', '{}', '[]', '{}', i, i, i
		FROM n WHERE i % 3 = 0`,
	`INSERT INTO payment_sources (tenant, id, account_id, branch_id, business_unit_id, type, state, is_default, label, brand, last4, expiry_month, expiry_year,
		gateway, reference, created_at, updated_at, revision)
		SELECT 1, i, i, i % 99 + 1, i % 99 + 1, 'SEPA', 'ACTIVE', i > 0, '', '', '', 0, 0, 'MANUAL', 'r' || i, i, i, i FROM n WHERE i % 3 < 2`,
	`INSERT INTO invoices (tenant, id, number, account_id, branch_id, business_unit_id, currency, period_from, period_to, net, tax, gross, items, state, invoice_state,
		created_at, due_at, paid_at, revision)
		SELECT 1, i, 'n' || i, i - i % 9 + 3, i % 99 + 1, i % 99 + 1, 'EUR', i, i + 1, i, 0, i, 1, CASE i % 9 WHEN 0 THEN 'OPEN' ELSE 'PAID' END, 'OPEN', i, i, 0, i FROM n WHERE i < 29900`,
	`INSERT INTO invoice_lines (tenant, invoice_id, cost_center_id, member_id, rentals, bookings, net, tax, gross) SELECT 1, i, i % 20, i, 1, 0, i, 0, i FROM n WHERE i < 29900`,
	`INSERT INTO charges (tenant, id, account_id, kind, source_id, part, member_id, cost_center_id, business_unit_id, branch_id, currency, time, day, net, tax, gross, invoice_id, created_at)
		SELECT 1, i, i - i % 9 + 3, 'RENTAL', i, 0, i % 3000, i % 2000, i % 99 + 1, i % 99 + 1, 'EUR', i * 1000, i, i, 0, i, i / 2, i FROM n WHERE i < 29900`,
	`INSERT INTO charge_sums (tenant, account_id, dimension, day, business_unit_id, currency, id, rentals, bookings, rental_gross, rental_tax, booking_gross, booking_tax, rebate_gross, rebate_tax)
		SELECT 1, i - i % 9 + 3, 'MEMBER', i, i % 99 + 1, 'EUR', i % 3000, 1, 0, i, 0, 0, 0, 0, 0 FROM n WHERE i < 29900`,
	`INSERT INTO cost_centers (tenant, id, group_id, code, code_key, name, description, external_reference, active, valid_from, valid_until, created_at, updated_at, revision)
		SELECT 1, i, i - i % 3, 'c' || i, 'c' || i, 'c', '', '', i > 0, 0, 0, i, i, i FROM n WHERE i > 3`,
	`INSERT INTO member_properties (tenant, group_id, person_id, member_code, approval_state, approval_comment, approval_decided_by, approval_decided_at, billing_role, access_mode,
		default_cost_center_id, superior_email, employee_number, limit_amount, limit_currency, limit_period, custom_properties, created_by, joined_at, left_at, revision)
		SELECT 1, i - i % 3, i, 'm' || i, 'NOT_REQUIRED', '', 0, 0, 'NONE', 'LIST', i, '', '', 0, '', '', '{}', 'SELF', i, 0, i FROM n WHERE i % 3 = 1 AND i > 3`,
	`INSERT INTO cost_center_access (tenant, group_id, person_id, cost_center_id) SELECT 1, i - i % 3, i, i FROM n WHERE i % 3 = 1 AND i > 3`,
	`INSERT INTO group_requests (tenant, id, group_id, type, state, person_id, email, email_key, role, default_cost_center_id, superior_email, message, decline_reason, initiated_by,
		created_by, created_at, expires_at, decided_at, decided_by, revision)
		SELECT 1, i, i - i % 3, 'INVITATION', CASE i % 10 WHEN 0 THEN 'PENDING' ELSE 'DECLINED' END, i % 2 * i, 'e' || i, 'e' || i, 'MEMBER', i, '', '', '', 'MANAGER', 0, i, i, 0, 0, i
		FROM n WHERE i > 3`,
	`INSERT INTO payment_attempts (tenant, id, noun, subject_id, attempt, source_id, state, asked_at)
		SELECT 1, i, CASE i % 2 WHEN 0 THEN 'invoice' ELSE 'signup' END, i - i % 4, i % 4, (SELECT min(id) FROM payment_sources WHERE tenant = 1), 'DONE', i FROM n`,
	`INSERT INTO verifications (tenant, id, person_id, kind, provider, reference, state, decided_at, created_at, updated_at, revision)
		SELECT 1, i, i - i % 2 + 1, 'LICENSE', 'VERIFF', 'r' || i, 'VERIFIED', i, i, i, i FROM n WHERE i < 20000`,
	`INSERT INTO verification_attempts (tenant, id, verification_id, attempt_uuid, state, reason_code, document_type, document_country, document_number, expiration_date, categories,
		created_at, decided_at)
		SELECT 1, i, i - i % 2 + 1, 'a' || i, 'VERIFIED', '', '', '', bytes(i), '', '', i, i FROM n WHERE i < 19900`,
	`INSERT INTO verification_media (tenant, id, file_uuid, attempt_id, kind, content_type, size, reference, created_at, purged_at)
		SELECT 1, i, 'f' || i, i - i % 2 + 1, 'FRONT', 'image/png', 1, 'm' || i, i, CASE i % 10 WHEN 0 THEN 0 ELSE i END FROM n WHERE i < 19800`,
	`INSERT INTO blobs (tenant, name, content, created_at) SELECT 1, 'f' || i, bytes(i), i FROM n`,
	`INSERT INTO webhook_events (tenant, provider, event_id, seen_at) SELECT 1, 'stripe', 'e' || i, i FROM n`,
	`INSERT INTO secret_settings (tenant, name, sealed, revision) SELECT 1, 's' || i, bytes(i), i FROM n WHERE i < 30`,
}

// manyRows gives each kind of subject 10,000 rows.
const manyRows = 30_000

// fill makes 10,000 rows and more of each kind behind the back of the program.
func fill(t *testing.T, database string) {
	t.Helper()
	db := storetest.Raw(t, database)
	// SQLite's plans do not depend on its rows, so the slower race build makes fewer.
	spelling, n := "unhex(printf('%032x', i))", racetest.Scale(manyRows)
	if store.IsPostgres(database) {
		n = manyRows
		spelling = "decode(lpad(to_hex(i), 32, '0'), 'hex')"
	}
	for _, statement := range fillers {
		statement = fmt.Sprintf("WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %d) ", n) + strings.ReplaceAll(statement, "bytes(i)", spelling)
		if _, err := db.ExecContext(t.Context(), statement); err != nil {
			t.Fatalf("%s: %v", statement, err)
		}
	}
}
