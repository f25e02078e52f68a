package mobility

import (
	"encoding/json"
	"time"

	"github.com/rosterhq/roster/internal/business"
	"github.com/rosterhq/roster/internal/care"
	"github.com/rosterhq/roster/internal/identity"
	"github.com/rosterhq/roster/internal/store"
)

// rules are what a tenant's configuration says about requirements, read in a few
// statements however large it is. They are shared: nobody changes them.
type rules struct {
	tree     *identity.Tree
	settings identity.SettingValues
	terms    *care.Book
	units    map[int64]*business.Unit
	starts   map[scope]*StartRequirements
	at       int64 // when they were read, µs UTC
	tariffs  map[priced]*Tariff
}

// priced is a category where a business unit bills.
type priced struct{ unit, category int64 }

// rulesChange are the nouns by whose changes rules are told anew.
var rulesChange = map[string]bool{"branch": true, "branch_setting": true, "terms": true, "unit": true, "requirement_set": true, "tariff": true}

// newRulesMemo remembers rules until the configuration changes.
func newRulesMemo(db *store.DB) *store.Memo[struct{}, *rules] {
	return store.NewMemo[struct{}, *rules](db, func(c store.ChangedSubject) ([]struct{}, bool) {
		return nil, rulesChange[c.Type]
	})
}

var scopedStarts = store.Q("requirement_scope.starts", `SELECT c.branch_id, c.category_id, c.set_id, s.start FROM requirement_scopes c
	JOIN requirement_sets s ON s.tenant = c.tenant AND s.id = c.set_id WHERE c.tenant = $1`).
	Whole("a tenant has few requirement sets, and the rules are read whole")

var tariffAll = store.Q("tariff.all", `SELECT `+tariffColumns+` FROM tariffs t WHERE t.tenant = $1`).
	Whole("a tenant has few tariffs, and the rules are read whole")

func readRules(tx *store.Tx) (r *rules, err error) {
	r = &rules{at: tx.Now, units: map[int64]*business.Unit{}, starts: map[scope]*StartRequirements{}, tariffs: map[priced]*Tariff{}}
	if r.tree, err = identity.Branches(tx); err != nil {
		return nil, err
	}
	if r.settings, err = identity.ReadSettings(tx, settingsAsked...); err != nil {
		return nil, err
	}
	if r.terms, err = care.ReadBook(tx); err != nil {
		return nil, err
	}
	units, err := business.Units(tx)
	if err != nil {
		return nil, err
	}
	for _, u := range units {
		r.units[u.ID] = u
	}
	if err := r.readStarts(tx); err != nil {
		return nil, err
	}
	return r, tx.Each(tariffAll, func(s store.Scanner) error {
		t, err := scanTariff(s)
		r.tariffs[priced{t.BusinessUnitID, t.CategoryID}] = t
		return err
	})
}

// tariff is what a category costs in a branch. Errors are those of TariffOf.
func (r *rules) tariff(branch, category int64) (*Tariff, error) {
	if t := r.tariffs[priced{r.tree.Unit(branch), category}]; t != nil {
		return t, nil
	}
	return nil, errNoCategory()
}

// bills finds the business unit that bills a rental or booking in a branch, as
// business.UnitFor does, and marks it as referenced. NotFound with business.CodeNoUnit.
func (r *rules) bills(tx *store.Tx, a *business.Account, branch int64) (unit int64, err error) {
	unit = r.tree.Unit(branch)
	if a != nil && a.DefaultBusinessUnitID != 0 {
		unit = a.DefaultBusinessUnitID
	}
	if u := r.units[unit]; u != nil && u.Referenced {
		return unit, nil
	}
	return unit, business.ReferenceUnit(tx, unit)
}

func (r *rules) readStarts(tx *store.Tx) error {
	sets := map[int64]*StartRequirements{}
	return tx.Each(scopedStarts, func(s store.Scanner) error {
		var c scopedSet
		var text string
		if err := s.Scan(&c.branch, &c.category, &c.set, &text); err != nil {
			return err
		}
		start := sets[c.set]
		if start == nil {
			start = &StartRequirements{}
			sets[c.set] = start
			if err := json.Unmarshal([]byte(text), start); err != nil {
				return err
			}
		}
		r.starts[c.scope] = start
		return nil
	})
}

// start returns what is asked of a rental in a branch: by the nearest branch of its
// chain that has a set for the category, or one for all. nil for nothing.
func (r *rules) start(branch, category int64) *StartRequirements {
	for _, id := range r.tree.Chain(branch) {
		for _, c := range []int64{category, 0} {
			if s := r.starts[scope{id, c}]; s != nil {
				return s
			}
		}
	}
	return nil
}

// zone is the time zone of the business unit that bills a branch, or of the one that
// an account has; UTC where there is none.
func (r *rules) zone(a *business.Account, branch int64) *time.Location {
	id := r.tree.Unit(branch)
	if a != nil && a.DefaultBusinessUnitID != 0 {
		id = a.DefaultBusinessUnitID
	}
	if u := r.units[id]; u != nil {
		return u.Location()
	}
	return time.UTC
}

// settingsAsked are the names of the settings that bear on requirements.
var settingsAsked = []string{
	identity.TermsAcceptanceRequired.Name, identity.AcceptNeedsCheck.Name, identity.IDProvider.Name, identity.LicenseProvider.Name,
	identity.RatingProvider.Name, identity.SignupFeeRequired.Name, identity.IdentityCardsEnabled.Name, identity.RequireCostCenter.Name,
	identity.BusinessAccountsEnabled.Name, identity.ReservationMinutes.Name, identity.BookingGraceMinutes.Name,
}

// said are the values of those settings at a branch.
type said struct {
	termsRequired, acceptNeedsCheck, signupFee, cards, costCenter bool
	idProvider, licenseProvider, creditProvider                   bool // there is one
}

func (r *rules) said(branch int64) (s said, err error) {
	for setting, to := range map[*identity.BranchSetting[bool]]*bool{
		&identity.TermsAcceptanceRequired: &s.termsRequired, &identity.AcceptNeedsCheck: &s.acceptNeedsCheck,
		&identity.SignupFeeRequired: &s.signupFee, &identity.IdentityCardsEnabled: &s.cards, &identity.RequireCostCenter: &s.costCenter,
	} {
		if *to, err = setting.At(r.settings, r.tree, branch); err != nil {
			return s, err
		}
	}
	for setting, to := range map[*identity.BranchSetting[string]]*bool{
		&identity.IDProvider: &s.idProvider, &identity.LicenseProvider: &s.licenseProvider, &identity.RatingProvider: &s.creditProvider,
	} {
		provider, err := setting.At(r.settings, r.tree, branch)
		if err != nil {
			return s, err
		}
		*to = provider != "NONE"
	}
	return s, nil
}
