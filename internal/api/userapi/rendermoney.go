package userapi

import (
	"github.com/rosterhq/roster/internal/mobility"
	"github.com/rosterhq/roster/internal/wire/mobilitywire"
)

// tariff says what a category of vehicles costs in a branch; amounts are gross.
type tariff struct {
	ID                int64              `json:"id"`
	VehicleCategoryID int64              `json:"vehicleCategoryId"`
	BusinessUnitID    int64              `json:"businessUnitId"`
	Currency          string             `json:"currency"`
	TaxPercentage     float64            `json:"taxPercentage" doc:"Contained in the amounts."`
	UnlockPrice       mobilitywire.Money `json:"unlockPrice" doc:"Once for each rental."`
	PricePerMinute    mobilitywire.Money `json:"pricePerMinute" doc:"For each minute that has begun."`
	PricePerKilometer mobilitywire.Money `json:"pricePerKilometer"`
	BookingPrice      mobilitywire.Money `json:"bookingPrice" doc:"Once for each booking."`
}

func renderTariff(t *mobility.Tariff) tariff {
	return tariff{
		t.ID, t.CategoryID, t.BusinessUnitID, t.Currency, float64(t.Rates.Tax) / 100, mobilitywire.Money(t.Rates.Unlock),
		mobilitywire.Money(t.Rates.PerMinute), mobilitywire.Money(t.Rates.PerKilometer), mobilitywire.Money(t.Booking),
	}
}
