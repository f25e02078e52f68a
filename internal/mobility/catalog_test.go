package mobility

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/rosterhq/roster/internal/identity"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/store"
	"github.com/rosterhq/roster/internal/store/storetest"
)

// What is put again changes nothing, and what is put otherwise changes what it is
// called by.
func TestPut(t *testing.T) {
	storetest.Each(t, func(t *testing.T, database string) {
		f := newFleet(t, database)
		var category Category
		var vehicle Vehicle
		var tariff Tariff
		put := func() (changed [3]bool) {
			t.Helper()
			f.write(func(tx *store.Tx) (err error) {
				tx.Housekeeping()
				if changed[0], err = PutCategory(tx, &category); err != nil {
					return err
				}
				vehicle.CategoryID, tariff.CategoryID = category.ID, category.ID
				if changed[1], err = PutVehicle(tx, &vehicle); err != nil {
					return err
				}
				changed[2], err = PutTariff(tx, &tariff)
				return err
			})
			return changed
		}
		category = Category{Code: "scooter", Name: "Scooter"}
		vehicle = Vehicle{Code: "S1", BranchID: f.vie, Position: &Position{1, 2}, Odometer: 3}
		tariff = Tariff{BusinessUnitID: f.euros.ID, Currency: "EUR", Rates: bikeRates, Booking: 5}
		if got := put(); got != [3]bool{true, true, true} {
			t.Errorf("at first: %v", got)
		}
		first := [3]int64{category.ID, vehicle.ID, tariff.ID}
		if vehicle.Name != "S1" || vehicle.State != Available {
			t.Errorf("the vehicle is %+v", vehicle)
		}
		category = Category{Code: "scooter", Name: "Scooter"}
		vehicle = Vehicle{Code: "S1", BranchID: f.vie, Position: &Position{5, 6}, Odometer: 7}
		tariff = Tariff{BusinessUnitID: f.euros.ID, Currency: "EUR", Rates: bikeRates, Booking: 5}
		if got := put(); got != [3]bool{} || [3]int64{category.ID, vehicle.ID, tariff.ID} != first || *vehicle.Position != (Position{1, 2}) || vehicle.Odometer != 3 {
			t.Errorf("again: %v, %+v", got, vehicle)
		}
		category = Category{Code: "Scooter", Name: "Kick scooter"}
		vehicle = Vehicle{Code: "s1", Name: "One", BranchID: f.grz, State: OutOfService}
		tariff = Tariff{BusinessUnitID: f.euros.ID, Currency: "EUR", Rates: vanRates}
		if got := put(); got != [3]bool{true, true, true} || [3]int64{category.ID, vehicle.ID, tariff.ID} != first {
			t.Errorf("otherwise: %v", got)
		}
		f.read(func(tx *store.Tx) error {
			v, err := VehicleByCode(tx, "S1 ")
			if err == nil && (v.Name != "One" || v.BranchID != f.grz || v.State != OutOfService || *v.Position != (Position{1, 2}) || v.Odometer != 3) {
				t.Errorf("the vehicle is %+v", v)
			}
			return err
		})
		all, err := f.VehicleCategories(t.Context(), f.cli)
		if err != nil || len(all) != 3 || all[2].Name != "Kick scooter" {
			t.Errorf("the categories are %+v, %v", all, err)
		}
	})
}

func TestPutRefuses(t *testing.T) {
	storetest.Each(t, func(t *testing.T, database string) {
		f := newFleet(t, database)
		vehicle := func(v Vehicle) func(*store.Tx) error {
			return func(tx *store.Tx) error { _, err := PutVehicle(tx, &v); return err }
		}
		tariff := func(edit func(*Tariff)) func(*store.Tx) error {
			v := Tariff{CategoryID: f.bikes, BusinessUnitID: f.euros.ID, Currency: "EUR"}
			edit(&v)
			return func(tx *store.Tx) error { _, err := PutTariff(tx, &v); return err }
		}
		for name, c := range map[string]struct {
			field string
			put   func(*store.Tx) error
		}{
			"category without code":  {"code", func(tx *store.Tx) error { _, err := PutCategory(tx, &Category{Name: "x"}); return err }},
			"category without name":  {"name", func(tx *store.Tx) error { _, err := PutCategory(tx, &Category{Code: "x"}); return err }},
			"vehicle without code":   {"code", vehicle(Vehicle{BranchID: f.vie, CategoryID: f.bikes})},
			"vehicle of no category": {"vehicleCategoryId", vehicle(Vehicle{Code: "x", BranchID: f.vie, CategoryID: 99})},
			"vehicle in no state":    {"state", vehicle(Vehicle{Code: "x", BranchID: f.vie, CategoryID: f.bikes, State: "LOST"})},
			"vehicle driven back":    {"odometer", vehicle(Vehicle{Code: "x", BranchID: f.vie, CategoryID: f.bikes, Odometer: -1})},
			"tariff of no category":  {"vehicleCategoryId", tariff(func(t *Tariff) { t.CategoryID = 99 })},
			"tariff in no currency":  {"currency", tariff(func(t *Tariff) { t.Currency = "XYZ" })},
			"tariff that pays":       {"unlockPrice", tariff(func(t *Tariff) { t.Rates.Unlock = -1 })},
			"tariff beyond":          {"pricePerMinute", tariff(func(t *Tariff) { t.Rates.PerMinute = maxRate + 1 })},
			"tariff of all tax":      {"taxPercentage", tariff(func(t *Tariff) { t.Rates.Tax = 10_001 })},
		} {
			if e := roster.AsError(f.tryWrite(c.put)); e.Kind != roster.Invalid || e.Field != c.field {
				t.Errorf("%s: %v", name, e)
			}
		}
		f.refused("vehicle in no branch", f.tryWrite(vehicle(Vehicle{Code: "x", BranchID: 99, CategoryID: f.bikes})), roster.NotFound, identity.CodeNoBranch)
		f.refused("tariff of no unit", f.tryWrite(tariff(func(t *Tariff) { t.BusinessUnitID = 99 })), roster.NotFound, "B910")
	})
}

func TestVehicles(t *testing.T) {
	storetest.Each(t, func(t *testing.T, database string) {
		f := newFleet(t, database)
		rita := f.rider()
		codes := map[int64]string{}
		put := func(code string, branch, category int64, p *Position) *Vehicle {
			v := &Vehicle{Code: code, BranchID: branch, CategoryID: category, Position: p}
			f.write(func(tx *store.Tx) error { _, err := PutVehicle(tx, v); return err })
			codes[v.ID] = code
			return v
		}
		center := Position{48_208_490, 16_373_110}
		put("far", f.vie, f.bikes, &Position{48_300_000, 16_373_110})
		put("near", f.vie, f.bikes, &Position{48_209_390, 16_373_110})
		put("same", f.vie, f.vans, &Position{48_209_390, 16_373_110})
		put("nowhere", f.vie, f.bikes, nil)
		put("graz", f.grz, f.bikes, &Position{47_070_868, 15_438_279})
		driven := put("driven", f.vie, f.bikes, &center)
		broken := put("broken", f.vie, f.bikes, &center)
		broken.State = OutOfService
		f.write(func(tx *store.Tx) error { _, err := PutVehicle(tx, broken); return err })
		r := f.rent(rita, driven, Payer{})
		list := func(v VehicleFilter, p roster.Page) (got []string, total int) {
			t.Helper()
			page, total, err := f.Vehicles(t.Context(), rita, v, p)
			if err != nil {
				t.Fatal(err)
			}
			for _, v := range page {
				if v.Code != codes[v.ID] {
					t.Errorf("%d is %q", v.ID, v.Code)
				}
				got = append(got, v.Code)
			}
			return got, total
		}
		all := roster.Page{Limit: 99}
		for _, c := range []struct {
			name  string
			f     VehicleFilter
			p     roster.Page
			want  []string
			total int
		}{
			{"all", VehicleFilter{}, all, []string{"far", "near", "same", "nowhere", "graz"}, 5},
			{"below the root", VehicleFilter{BranchID: f.at}, all, []string{"far", "near", "same", "nowhere", "graz"}, 5},
			{"in a branch", VehicleFilter{BranchID: f.vie}, all, []string{"far", "near", "same", "nowhere"}, 4},
			{"of a category", VehicleFilter{CategoryID: f.vans}, all, []string{"same"}, 1},
			{"by distance", VehicleFilter{Near: &center}, all, []string{"near", "same", "far", "graz", "nowhere"}, 5},
			{"within a radius", VehicleFilter{Near: &center, Radius: 1000}, all, []string{"near", "same"}, 2},
			{"within a tight radius", VehicleFilter{Near: &center, Radius: 99}, all, nil, 0},
			{"a page", VehicleFilter{Near: &center}, roster.Page{Offset: 1, Limit: 2}, []string{"same", "far"}, 5},
			{"a page beyond", VehicleFilter{}, roster.Page{Offset: 9, Limit: 2}, nil, 5},
		} {
			got, total := list(c.f, c.p)
			if diff := cmp.Diff(c.want, got); diff != "" || total != c.total {
				t.Errorf("%s: %d, %s", c.name, total, diff)
			}
		}
		_, _, err := f.Vehicles(t.Context(), rita, VehicleFilter{BranchID: 99}, all)
		f.refused("an unknown branch", err, roster.NotFound, identity.CodeNoBranch)
		f.end(rita, r, End{Position: &center})
		if got, _ := list(VehicleFilter{Near: &center, Radius: 1}, all); len(got) != 1 || got[0] != "driven" {
			t.Errorf("when it is given back: %v", got)
		}
		f.write(func(tx *store.Tx) error {
			_, err := identity.PutBranch(tx, &identity.Branch{Name: "GRZ", Code: "GRZ", ParentID: f.at, BusinessUnitID: f.francs.ID, State: "HIBERNATION"})
			return err
		})
		if got, _ := list(VehicleFilter{BranchID: f.grz}, all); got != nil {
			t.Errorf("in a branch that sleeps: %v", got)
		}
		v, err := f.CreateRental(t.Context(), rita, NewRental{VehicleCode: "graz"})
		f.refused("to rent one there", err, roster.Invalid, CodeVehicleTaken)
		if v != nil {
			t.Error("it is rented")
		}
		n := f.booking(hour, Payer{})
		n.BranchID = f.grz
		_, err = f.CreateBooking(t.Context(), rita, n)
		f.refused("to book one there", err, roster.Invalid, CodeNotBookable)
	})
}

func TestTariffs(t *testing.T) {
	storetest.Each(t, func(t *testing.T, database string) {
		f := newFleet(t, database)
		vienna, err := f.Tariffs(t.Context(), f.cli, f.vie)
		if err != nil || len(vienna) != 2 || vienna[0].Rates != bikeRates || vienna[0].Currency != "EUR" || vienna[1].Rates != vanRates {
			t.Errorf("in Vienna: %+v, %v", vienna, err)
		}
		graz, err := f.Tariffs(t.Context(), f.cli, f.grz)
		if err != nil || len(graz) != 1 || graz[0].Rates != francRates || graz[0].Currency != "CHF" {
			t.Errorf("in Graz: %+v, %v", graz, err)
		}
		_, err = f.Tariffs(t.Context(), f.cli, 99)
		f.refused("nowhere", err, roster.NotFound, identity.CodeNoBranch)
	})
}
