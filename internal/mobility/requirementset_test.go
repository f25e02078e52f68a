package mobility

import (
	"slices"
	"testing"

	"github.com/rosterhq/roster/internal/identity"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/store"
	"github.com/rosterhq/roster/internal/store/storetest"
)

func (f *fleet) putSet(r RequirementSet) (changed bool, err error) {
	f.t.Helper()
	err = f.tryWrite(func(tx *store.Tx) (err error) {
		changed, err = PutRequirementSet(tx, &r)
		return err
	})
	return changed, err
}

func TestPutRequirementSet(t *testing.T) {
	storetest.Each(t, func(t *testing.T, database string) {
		f := newFleet(t, database)
		put := func(r RequirementSet, want bool) {
			t.Helper()
			if changed, err := f.putSet(r); err != nil || changed != want {
				t.Errorf("%+v: %v, %v", r, changed, err)
			}
		}
		first := RequirementSet{Name: "First", BranchIDs: []int64{f.vie, f.at}, Start: code("PHONE", "EMAIL")}
		put(first, true)
		put(RequirementSet{Name: " first", BranchIDs: []int64{f.at, f.vie}, Start: code("EMAIL", "PHONE", "EMAIL")}, true) // another name
		put(RequirementSet{Name: " first", BranchIDs: []int64{f.at, f.vie, f.at}, Start: code("PHONE", "EMAIL")}, false)
		put(first, true)
		put(RequirementSet{Name: "Bikes", BranchIDs: []int64{f.vie}, CategoryIDs: []int64{f.vans, f.bikes}, Start: code("CITY")}, true)
		var before int64
		f.read(func(tx *store.Tx) error {
			r, err := RequirementSetByName(tx, "FIRST")
			if err != nil || r == nil || !slices.Equal(r.BranchIDs, []int64{f.at, f.vie}) || len(r.CategoryIDs) != 0 || !slices.Equal(r.Start.Require, []string{"EMAIL", "PHONE"}) {
				t.Errorf("the first set is %+v, %v", r, err)
			}
			bikes, err := RequirementSetByName(tx, "bikes")
			if err != nil || !slices.Equal(bikes.CategoryIDs, []int64{min(f.bikes, f.vans), max(f.bikes, f.vans)}) {
				t.Errorf("the second set is %+v, %v", bikes, err)
			}
			before = r.ID
			none, err := RequirementSetByName(tx, "none")
			if none != nil {
				t.Errorf("an unknown set is %+v", none)
			}
			return err
		})
		// A set that leaves a branch makes room for another.
		_, err := f.putSet(RequirementSet{Name: "Second", BranchIDs: []int64{f.vie}})
		f.refused("a branch taken", err, roster.Invalid, "")
		put(RequirementSet{Name: "First", BranchIDs: []int64{f.at}}, true)
		put(RequirementSet{Name: "Second", BranchIDs: []int64{f.vie}}, true)
		f.read(func(tx *store.Tx) error {
			r, err := RequirementSetByName(tx, "first")
			if err != nil || r.ID != before || len(r.BranchIDs) != 1 {
				t.Errorf("the first set became %+v, %v", r, err)
			}
			return err
		})
		for name, c := range map[string]struct {
			set   RequirementSet
			field string
			code  string
		}{
			"no name":           {RequirementSet{BranchIDs: []int64{f.grz}}, "name", ""},
			"no branch":         {RequirementSet{Name: "X"}, "branches", ""},
			"an unknown branch": {RequirementSet{Name: "X", BranchIDs: []int64{999}}, "", identity.CodeNoBranch},
			"no category":       {RequirementSet{Name: "X", BranchIDs: []int64{f.grz}, CategoryIDs: []int64{999}}, "vehicleCategories", ""},
			"no code":           {RequirementSet{Name: "X", BranchIDs: []int64{f.grz}, Start: code("SHOES")}, "require", ""},
			"always asked":      {RequirementSet{Name: "X", BranchIDs: []int64{f.grz}, Start: code("TERMS_ACCEPTED")}, "require", ""},
			"a group's":         {RequirementSet{Name: "X", BranchIDs: []int64{f.grz}, Start: code("SPENDING_LIMIT")}, "require", ""},
			"no bound":          {RequirementSet{Name: "X", BranchIDs: []int64{f.grz}, Start: code("MINIMUM_AGE")}, "require", ""},
			"no age":            {RequirementSet{Name: "X", BranchIDs: []int64{f.grz}, Start: StartRequirements{MinimumAge: -1}}, "minimumAge", ""},
			"nobody":            {RequirementSet{Name: "X", BranchIDs: []int64{f.grz}, Start: StartRequirements{MinimumAge: 30, MaximumAge: 20}}, "maximumAge", ""},
			"another planet":    {RequirementSet{Name: "X", BranchIDs: []int64{f.grz}, Start: StartRequirements{RentalMaximumDistance: 30_000_000}}, "rentalMaximumDistance", ""},
			"no license":        {RequirementSet{Name: "X", BranchIDs: []int64{f.grz}, Start: StartRequirements{LicenseCategories: []string{"Z"}}}, "licenseCategories", ""},
		} {
			_, err := f.putSet(c.set)
			if e := roster.AsError(err); err == nil || e.Field != c.field || e.Code != c.code {
				t.Errorf("%s: %v", name, err)
			}
		}
		put(RequirementSet{Name: "X", BranchIDs: []int64{f.grz}, Start: StartRequirements{
			Require: []string{"MINIMUM_AGE", "DRIVING_LICENSE_CATEGORY"}, MinimumAge: 18, LicenseCategories: []string{"B"},
		}}, true)
	})
}

// What is asked is said by the nearest branch of the chain, and there by the set for
// the category before the one for all.
func TestNearestRequirementSet(t *testing.T) {
	storetest.Each(t, func(t *testing.T, database string) {
		f := newFleet(t, database)
		asked := func(branch, category int64, want string) {
			t.Helper()
			f.read(func(tx *store.Tx) error {
				r, err := readRules(tx)
				if err != nil {
					return err
				}
				got := ""
				if s := r.start(branch, category); s != nil {
					got = s.Require[0]
				}
				if got != want {
					t.Errorf("at %d for %d %q is asked; want %q", branch, category, got, want)
				}
				return nil
			})
		}
		put := func(name, asks string, branch int64, categories ...int64) {
			t.Helper()
			if _, err := f.putSet(RequirementSet{Name: name, BranchIDs: []int64{branch}, CategoryIDs: categories, Start: code(asks)}); err != nil {
				t.Fatal(err)
			}
		}
		asked(f.vie, f.bikes, "")
		put("bikes of AT", "EMAIL", f.at, f.bikes)
		asked(f.vie, f.bikes, "EMAIL")
		asked(f.vie, f.vans, "")
		put("all of AT", "PHONE", f.at)
		asked(f.vie, f.bikes, "EMAIL")
		asked(f.vie, f.vans, "PHONE")
		put("all of VIE", "CITY", f.vie)
		asked(f.vie, f.bikes, "CITY")
		asked(f.at, f.bikes, "EMAIL")
		put("vans of VIE", "STREET", f.vie, f.vans)
		asked(f.vie, f.vans, "STREET")
		asked(f.grz, f.vans, "PHONE")
		asked(999, f.vans, "")
	})
}
