package mobility

import "github.com/rosterhq/roster/internal/identity"

// What is given to a person of the tables of this area.
var _ = []*identity.Section{
	identity.ExportSection(identity.Section{
		Name: "rentals", From: "rentals", Of: "person_id", Order: "id",
		Columns: `id, type, state, group_id, cost_center_id, business_reason, branch_id, business_unit_id, vehicle_id, category_id, booking_id, payment_source_id, currency,
			start_time:time, drive_start_time:time, end_time:time, expires_at:time, start_odometer, end_odometer, start_address, end_address, net:money, price_tax:money, gross:money,
			driving_log:json, external_id, created_at:time, updated_at:time`,
	}),
	identity.ExportSection(identity.Section{
		Name: "bookings", From: "bookings", Of: "person_id", Order: "id",
		Columns: `id, type, rental_type, state, group_id, cost_center_id, business_reason, branch_id, station_id, business_unit_id, category_id, vehicle_id, rental_id, payment_source_id,
			currency, price:money, start_time:time, end_time:time, net:money, price_tax:money, gross:money, decided_at:time, decline_reason, created_at:time, updated_at:time`,
	}),
	identity.ExportSection(identity.Section{
		Name: "bookingsDecided", From: "bookings", Of: "decided_by", And: "decided_by <> 0", Columns: "id, group_id, state, decided_at:time, decline_reason", Order: "id",
	}),
}
