package mobility

import (
	"strings"

	"github.com/rosterhq/roster/internal/business"
)

const tripsHeader = "trip_id,vehicle_id,start_time,end_time,duration_s,start_station,end_station,member_type\n"

// trips imports rows of a file.
func (f *fleet) trips(a *business.Account, rows string) *Imported {
	f.t.Helper()
	got, err := f.ImportTrips(f.t.Context(), f.cli, a.Code, ReadTrips(strings.NewReader(tripsHeader+rows)))
	if err != nil {
		f.t.Fatal(err)
	}
	return got
}
