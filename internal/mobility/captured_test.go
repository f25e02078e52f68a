package mobility

import (
	"slices"
	"strings"
	"testing"

	"github.com/rosterhq/roster/internal/store/storetest"
)

// What is captured when a rental, a booking or a charge is made is held by the database
// itself; all else of their rows may change.
func TestCapturedNeverChanges(t *testing.T) {
	free := map[string][]string{
		"rentals": strings.Fields(`state business_reason drive_start_time end_time expires_at start_odometer end_odometer start_address end_address
			net price_tax gross driving_log updated_at revision`),
		"bookings": strings.Fields(`state business_reason vehicle_id rental_id net price_tax gross decided_by decided_at decline_reason updated_at revision`),
		"charges":  {"invoice_id"},
	}
	storetest.Each(t, func(t *testing.T, database string) {
		f := newFleet(t, database)
		olga := f.rider()
		a := f.account(f.vie, olga, nil)
		v := f.vehicle(f.vie, f.bikes)
		f.book(olga, f.booking(hour, on(a)))
		f.end(olga, f.rent(olga, v, on(a)), End{})
		raw := storetest.Raw(t, database)
		for table, may := range free {
			rows, err := raw.QueryContext(t.Context(), "SELECT * FROM "+table)
			if err != nil {
				t.Fatal(err)
			}
			columns, err := rows.Columns()
			if err != nil || !rows.Next() {
				t.Fatalf("%s has no row: %v", table, err)
			}
			if err := rows.Close(); err != nil {
				t.Fatal(err)
			}
			for _, column := range columns {
				_, err := raw.ExecContext(t.Context(), "UPDATE "+table+" SET "+column+" = "+column)
				if captured := err != nil && strings.Contains(err.Error(), "what was captured never changes"); captured == slices.Contains(may, column) {
					t.Errorf("%s.%s: %v", table, column, err)
				}
			}
		}
	})
}
