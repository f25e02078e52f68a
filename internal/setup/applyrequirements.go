package setup

import (
	"fmt"

	"github.com/rosterhq/roster/internal/mobility"
	"github.com/rosterhq/roster/internal/roster"
)

func (w *worker) applyRequirements() error {
	return each(w, "requirementSets", w.RequirementSets, func(_ int, r *RequirementSet) (bool, error) {
		set := mobility.RequirementSet{Name: r.Name, Start: r.Start.start()}
		for i, code := range r.Branches {
			branch, err := w.branch(fmt.Sprintf("branches[%d]", i), code)
			if err != nil {
				return false, err
			}
			set.BranchIDs = append(set.BranchIDs, branch)
		}
		for i, code := range r.VehicleCategories {
			category, err := w.category(fmt.Sprintf("vehicleCategories[%d]", i), code)
			if err != nil {
				return false, err
			}
			set.CategoryIDs = append(set.CategoryIDs, category)
		}
		return mobility.PutRequirementSet(w.tx, &set)
	})
}

func (s *RequirementsStart) start() mobility.StartRequirements {
	amount := func(a *Amount) *roster.Amount {
		if a == nil {
			return nil
		}
		return &a.Amount
	}
	return mobility.StartRequirements{
		MinimumAge: s.MinimumAge, MaximumAge: s.MaximumAge, ReservationMaximumDistance: s.ReservationMaximumDistance,
		RentalMaximumDistance: s.RentalMaximumDistance, MinimumBalanceWithSource: amount(s.MinimumBalanceWithPaymentSource),
		MinimumBalanceWithout: amount(s.MinimumBalanceWithout), Require: s.Require, LicenseCategories: s.LicenseCategories,
		AcceptNeedsCheck: s.AcceptNeedsCheck,
	}
}
