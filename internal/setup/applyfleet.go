package setup

import (
	"github.com/rosterhq/roster/internal/business"
	"github.com/rosterhq/roster/internal/graph"
	"github.com/rosterhq/roster/internal/mobility"
	"github.com/rosterhq/roster/internal/roster"
)

// unit returns the id of the business unit with a code; 0 for "".
func (w *worker) unit(field, code string) (int64, error) {
	if code == "" {
		return 0, nil
	}
	u, err := business.UnitByCode(w.tx, code)
	if roster.IsKind(err, roster.NotFound) {
		return 0, noSuch(field, "business unit", code)
	}
	if err != nil {
		return 0, err
	}
	return u.ID, nil
}

// category returns the id of the vehicle category with a code.
func (w *worker) category(field, code string) (int64, error) {
	if w.categories == nil {
		all, err := mobility.Categories(w.tx)
		if err != nil {
			return 0, err
		}
		w.categories = map[string]int64{}
		for _, c := range all {
			w.categories[graph.Key(c.Code)] = c.ID
		}
	}
	if id := w.categories[graph.Key(code)]; id != 0 {
		return id, nil
	}
	return 0, noSuch(field, "vehicle category", code)
}

func (w *worker) applyUnits() error {
	return each(w, "businessUnits", w.BusinessUnits, func(_ int, u *BusinessUnit) (bool, error) {
		scale := int64(business.OwnScale)
		if u.CurrencyScale != nil {
			scale = *u.CurrencyScale
		}
		return business.PutUnit(w.tx, &business.Unit{
			Code: u.Code, Name: u.Name, Currency: u.Currency, CurrencyScale: scale, Tax: int64(u.TaxPercentage),
			Timezone: u.Timezone, InvoicePrefix: u.InvoicePrefix, Gateway: u.PaymentConfiguration.Gateway,
		})
	})
}

func (w *worker) applyCategories() error {
	return each(w, "vehicleCategories", w.VehicleCategories, func(_ int, c *Category) (bool, error) {
		w.categories = nil
		return mobility.PutCategory(w.tx, &mobility.Category{Code: c.Code, Name: c.Name})
	})
}

func (w *worker) applyTariffs() error {
	return each(w, "tariffs", w.Tariffs, func(_ int, t *Tariff) (bool, error) {
		category, err := w.category("category", t.Category)
		if err != nil {
			return false, err
		}
		u, err := business.UnitByCode(w.tx, t.BusinessUnit)
		if roster.IsKind(err, roster.NotFound) {
			return false, noSuch("businessUnit", "business unit", t.BusinessUnit)
		}
		if err != nil {
			return false, err
		}
		tariff := mobility.Tariff{CategoryID: category, BusinessUnitID: u.ID, Currency: t.Currency, Booking: t.BookingPrice.Amount, Rates: mobility.Rates{
			Tax: u.Tax, Unlock: t.UnlockPrice.Amount, PerMinute: t.PricePerMinute.Amount, PerKilometer: t.PricePerKilometer.Amount,
		}}
		if tariff.Currency == "" {
			tariff.Currency = u.Currency
		}
		if t.TaxPercentage != nil {
			tariff.Rates.Tax = int64(*t.TaxPercentage)
		}
		return mobility.PutTariff(w.tx, &tariff)
	})
}

func (w *worker) applyVehicles() error {
	return each(w, "vehicles", w.Vehicles, func(_ int, v *Vehicle) (bool, error) {
		branch, err := w.branch("branch", v.Branch)
		if err != nil {
			return false, err
		}
		category, err := w.category("category", v.Category)
		if err != nil {
			return false, err
		}
		vehicle := mobility.Vehicle{Code: v.Code, Name: v.Name, LicensePlate: v.LicensePlate, BranchID: branch, CategoryID: category, State: v.State}
		if v.Position != nil {
			p, err := mobility.PositionAt(v.Position.Latitude, v.Position.Longitude)
			if err != nil {
				return false, err
			}
			vehicle.Position = &p
		}
		const metersInTenThousandths = 10
		vehicle.Odometer = int64(v.Kilometers.Amount) / metersInTenThousandths
		return mobility.PutVehicle(w.tx, &vehicle)
	})
}
