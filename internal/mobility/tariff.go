package mobility

import (
	"github.com/rosterhq/roster/internal/business"
	"github.com/rosterhq/roster/internal/identity"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/store"
)

// Tariff says what a category of vehicles costs where a business unit bills. The
// amounts are gross.
type Tariff struct {
	ID             int64
	CategoryID     int64
	BusinessUnitID int64
	Currency       string
	Rates          Rates
	Booking        roster.Amount // once for a booking
	CreatedAt      int64
	UpdatedAt      int64
	Revision       int64
}

// Rates are what a rental costs, gross, and how it is taxed: what a rental captures
// of a tariff.
type Rates struct {
	Tax          int64         // hundredths of a percent, contained in the amounts
	Unlock       roster.Amount // once
	PerMinute    roster.Amount // for each minute that has begun
	PerKilometer roster.Amount
}

// maxRate bounds each amount of a tariff, so that no price of a rental overflows.
const maxRate = 1_000_000 * 10_000

const tariffColumns = `t.id, t.category_id, t.business_unit_id, t.currency, t.tax, t.unlock, t.per_minute, t.per_kilometer, t.booking,
		t.created_at, t.updated_at, t.revision`

var (
	tariffByCategory = store.Q("tariff.by_category", `SELECT `+tariffColumns+` FROM tariffs t
		WHERE t.tenant = $1 AND t.category_id = $2 AND t.business_unit_id = $3`)
	tariffByUnit = store.Q("tariff.by_unit", `SELECT `+tariffColumns+` FROM tariffs t
		WHERE t.tenant = $1 AND t.business_unit_id = $2 ORDER BY t.category_id`)
	tariffInsert = store.Q("tariff.insert", `INSERT INTO tariffs (tenant, id, category_id, business_unit_id, currency, tax, unlock, per_minute, per_kilometer, booking,
		created_at, updated_at, revision) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)`)
	tariffUpdate = store.Q("tariff.update", `UPDATE tariffs SET category_id = $3, business_unit_id = $4, currency = $5, tax = $6, unlock = $7, per_minute = $8,
		per_kilometer = $9, booking = $10, created_at = $11, updated_at = $12, revision = $13 WHERE tenant = $1 AND id = $2`)
)

func scanTariff(s store.Scanner) (*Tariff, error) {
	t := &Tariff{}
	return t, s.Scan(&t.ID, &t.CategoryID, &t.BusinessUnitID, &t.Currency, &t.Rates.Tax, &t.Rates.Unlock, &t.Rates.PerMinute, &t.Rates.PerKilometer, &t.Booking,
		&t.CreatedAt, &t.UpdatedAt, &t.Revision)
}

// row is a tariff's row from its id on.
func (t *Tariff) row() []any {
	return []any{
		t.ID, t.CategoryID, t.BusinessUnitID, t.Currency, t.Rates.Tax, int64(t.Rates.Unlock), int64(t.Rates.PerMinute), int64(t.Rates.PerKilometer), int64(t.Booking),
		t.CreatedAt, t.UpdatedAt, t.Revision,
	}
}

// tariffFields are the fields of a tariff as the change log spells them.
type tariffFields struct {
	CategoryID     int64  `json:"vehicleCategoryId"`
	BusinessUnitID int64  `json:"businessUnitId"`
	Currency       string `json:"currency"`
	Tax            int64  `json:"tax"`
	Unlock         string `json:"unlockPrice"`
	PerMinute      string `json:"pricePerMinute"`
	PerKilometer   string `json:"pricePerKilometer"`
	Booking        string `json:"bookingPrice"`
}

func fieldsOfTariff(t *Tariff) tariffFields {
	return tariffFields{
		t.CategoryID, t.BusinessUnitID, t.Currency, t.Rates.Tax, t.Rates.Unlock.String(), t.Rates.PerMinute.String(), t.Rates.PerKilometer.String(), t.Booking.String(),
	}
}

// TariffOf reads what a category costs in a branch: the tariff of the business unit
// that bills it. Invalid with CodeNoCategory where there is none.
func TariffOf(tx *store.Tx, tree *identity.Tree, branch, category int64) (*Tariff, error) {
	t, err := one(tx, scanTariff, tariffByCategory, category, tree.Unit(branch))
	if err == nil && t == nil {
		err = errNoCategory()
	}
	return t, err
}

// TariffsOf reads the tariffs of a branch, by category.
func TariffsOf(tx *store.Tx, tree *identity.Tree, branch int64) ([]*Tariff, error) {
	return store.All(tx, tariffByUnit, scanTariff, tree.Unit(branch))
}

// PutTariff has the tariff of t's category and business unit be as t says, and fills
// in its id; it reports whether that changed anything. Rentals and bookings that are
// under way keep theirs. Invalid; NotFound with business.CodeNoUnit.
func PutTariff(tx *store.Tx, t *Tariff) (changed bool, err error) {
	if err := checkTariff(tx, t); err != nil {
		return false, err
	}
	before, err := one(tx, scanTariff, tariffByCategory, t.CategoryID, t.BusinessUnitID)
	if err != nil {
		return false, err
	}
	t.CreatedAt, t.UpdatedAt, t.Revision = tx.Now, tx.Now, tx.Revision
	change := roster.Change{Operation: "tariff.create", SubjectType: "tariff", After: fieldsOfTariff(t)}
	if before == nil {
		if err := business.ReferenceUnit(tx, t.BusinessUnitID); err != nil {
			return false, err
		}
		if t.ID, err = tx.NextID(store.Tariffs); err != nil {
			return false, err
		}
		_, err = tx.Exec(tariffInsert, t.row()...)
	} else {
		if fieldsOfTariff(before) == fieldsOfTariff(t) {
			*t = *before
			return false, nil
		}
		t.ID, t.CreatedAt = before.ID, before.CreatedAt
		change.Operation, change.Before = "tariff.update", fieldsOfTariff(before)
		_, err = tx.Exec(tariffUpdate, t.row()...)
	}
	change.SubjectID = t.ID
	tx.Record(change)
	return true, err
}

func checkTariff(tx *store.Tx, t *Tariff) error {
	for field, amount := range map[string]roster.Amount{
		"unlockPrice": t.Rates.Unlock, "pricePerMinute": t.Rates.PerMinute, "pricePerKilometer": t.Rates.PerKilometer, "bookingPrice": t.Booking,
	} {
		if amount < 0 || amount > maxRate {
			return roster.FieldError(field, "must be between 0 and %s", roster.Amount(maxRate))
		}
	}
	if t.Rates.Tax < 0 || t.Rates.Tax > 10_000 {
		return roster.FieldError("taxPercentage", "must be between 0 and 100")
	}
	if _, known := roster.CurrencyScale(t.Currency); !known {
		return roster.FieldError("currency", "there is no currency %q of ISO 4217", t.Currency)
	}
	category, err := one(tx, scanCategory, categoryByID, t.CategoryID)
	if err == nil && category == nil {
		err = roster.FieldError("vehicleCategoryId", "there is no vehicle category %d", t.CategoryID)
	}
	return err
}
