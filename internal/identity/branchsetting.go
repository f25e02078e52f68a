package identity

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/store"
)

// Scope says which programs may read a setting (seeds/001, settings).
type Scope string

// The scopes.
const (
	SharedScope    Scope = "SHARED"
	DashboardScope Scope = "DASHBOARD"
	BackendScope   Scope = "BACKEND"
)

// BranchSetting is a typed setting of the tenant's branches. What a branch does not say,
// the nearest ancestor says, then the tenant, then Default.
type BranchSetting[T any] struct {
	Name    string
	Scope   Scope
	Default T
	check   func(T) error
}

// Definition is what is known of a setting whatever its type.
type Definition struct {
	Name    string
	Scope   Scope
	Default any
	// Values are all that there are of a setting that has few; nil for others.
	Values []string
	// Check judges a value as JSON. Invalid.
	Check func(value json.RawMessage) error

	secret bool // whether it is a SecretSetting
	whole  bool // whether it is the whole tenant's, so that no branch has one of its own
}

// Definitions are all settings, by name.
var Definitions = map[string]*Definition{}

func setting[T any](name string, scope Scope, standard T, check func(T) error) BranchSetting[T] {
	Definitions[name] = &Definition{Name: name, Scope: scope, Default: standard, Check: func(value json.RawMessage) error {
		var v T
		if err := json.Unmarshal(value, &v); err != nil || string(value) == "null" {
			return errSetting(name, "must be "+likeness(standard))
		}
		if check == nil {
			return nil
		}
		if err := check(v); err != nil {
			return errSetting(name, err.Error())
		}
		return nil
	}}
	return BranchSetting[T]{name, scope, standard, check}
}

// likeness says in words what values are like one.
func likeness(value any) string {
	switch value.(type) {
	case bool:
		return "true or false"
	case int64:
		return "a whole number"
	}
	return "text"
}

// Codes of errors about settings.
const (
	CodeNoSetting  = "ST901"
	CodeBadSetting = "ST902"
)

func errSetting(name, msg string) error {
	return &roster.Error{Kind: roster.Invalid, Code: CodeBadSetting, Field: "value", Msg: name + " " + msg}
}

// choice makes a setting of few values, the first one its default.
func choice(name string, scope Scope, values ...string) BranchSetting[string] {
	s := setting(name, scope, values[0], func(v string) error {
		if slices.Contains(values, v) {
			return nil
		}
		return fmt.Errorf("must be one of %v", values)
	})
	Definitions[name].Values = values
	return s
}

// ofTenant makes a setting the whole tenant's: it is about what no branch has.
func ofTenant[T any](s BranchSetting[T]) BranchSetting[T] {
	Definitions[s.Name].whole = true
	return s
}

func between(least, most int64) func(int64) error {
	return func(v int64) error {
		if v >= least && v <= most {
			return nil
		}
		return fmt.Errorf("must be between %d and %d", least, most)
	}
}

// The settings (contract/mobility.md §8.11; decisions 13, 14, 26 to 29, 41, 43, 45, 47, 52).
var (
	BusinessAccountsEnabled  = setting("businessAccounts.enabled", SharedScope, true, nil)
	SelfServiceCreation      = setting("businessAccounts.selfServiceCreation", SharedScope, true, nil)
	AddMembersMode           = choice("businessAccounts.addMembersMode", SharedScope, "INVITE", "DIRECT")
	InvitationValidityDays   = setting("businessAccounts.invitationValidityDays", SharedScope, int64(14), between(1, 365))
	DefaultBillingCycle      = choice("businessAccounts.defaultBillingCycle", SharedScope, "MONTHLY", "PER_USAGE", "DAILY", "WEEKLY", "BIWEEKLY", "QUARTERLY")
	ShowAddressesToManagers  = setting("businessAccounts.showAddressesToManagers", SharedScope, false, nil)
	RequireCostCenter        = setting("businessAccounts.requireCostCenter", SharedScope, false, nil)
	OperatorAcceptance       = setting("terms.operatorAcceptanceAllowed", SharedScope, false, nil)
	TermsAcceptanceRequired  = setting("terms.acceptanceRequired", SharedScope, true, nil)
	AcceptNeedsCheck         = setting("verification.acceptNeedsCheck", SharedScope, false, nil)
	MediaRetentionDays       = ofTenant(setting("verification.mediaRetentionDays", SharedScope, int64(90), between(1, 3650)))
	IDProvider               = choice("verification.idProvider", SharedScope, "NONE", "ONFIDO")
	LicenseProvider          = choice("verification.licenseProvider", SharedScope, "NONE", "VERIFF", "ONFIDO")
	UnpaidInvoiceBlocks      = setting("payment.unpaidInvoiceBlocks", SharedScope, true, nil)
	InvoicingAllowed         = setting("payment.invoicingAllowed", SharedScope, true, nil)
	SignupFeeRequired        = setting("signup.feeRequired", SharedScope, false, nil)
	SignupFee                = setting("signup.fee", SharedScope, "0", checkFee)
	RatingProvider           = choice("rating.provider", BackendScope, "NONE", "CRIF")
	RatingValidityDays       = setting("rating.validityDays", BackendScope, int64(365), between(1, 3650))
	RatingRefuseWhileActive  = setting("rating.refuseWhileActive", BackendScope, false, nil)
	IdentityCardsEnabled     = setting("identityCards.enabled", SharedScope, true, nil)
	IdentityCardsPerUser     = setting("identityCards.maxPerUser", SharedScope, int64(0), between(0, 1000))
	DrivingLogEnabled        = setting("drivingLog.enabled", SharedScope, true, nil)
	PaymentTermDays          = setting("billing.paymentTermDays", SharedScope, int64(14), between(0, 365))
	FreeCancellationMinutes  = setting("booking.freeCancellationMinutes", SharedScope, int64(60), between(0, 525_600))
	BookingGraceMinutes      = setting("booking.graceMinutes", SharedScope, int64(60), between(1, 10_080))
	ReservationMinutes       = setting("rental.reservationMinutes", SharedScope, int64(15), between(1, 10_080))
	AccessTokenMinutes       = setting("auth.accessTokenMinutes", BackendScope, int64(15), between(1, 1440))
	RefreshTokenDays         = setting("auth.refreshTokenDays", BackendScope, int64(30), between(1, 3650))
	OnfidoWorkflow           = ofTenant(setting("verification.onfido.workflowId", BackendScope, "", nil))
	CRIFUser                 = ofTenant(setting("rating.crif.user", BackendScope, "", nil))
	StripePublishableKey     = ofTenant(setting("payment.stripe.publishableKey", BackendScope, "", nil))
	DashboardSupportNotice   = setting("dashboard.supportNotice", DashboardScope, "", nil)
	DashboardDefaultPageSize = setting("dashboard.defaultPageSize", DashboardScope, int64(50), between(1, 5000))
)

func checkFee(fee string) error {
	if a, err := roster.ParseAmount(fee); err != nil || a < 0 {
		return errors.New("must be a decimal number of at least 0, as text")
	}
	return nil
}

var (
	branchSettingsOf = store.Q("branch_setting.of_name", `SELECT branch_id, value FROM branch_settings WHERE tenant = $1 AND name = $2`)
	branchSettingPut = store.Q("branch_setting.put", `INSERT INTO branch_settings (tenant, name, branch_id, value, revision) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (tenant, name, branch_id) DO UPDATE SET value = excluded.value, revision = excluded.revision`)
)

// In reads the setting's value at a branch of the tree; branch 0 is the tenant's own.
func (s BranchSetting[T]) In(tx *store.Tx, t *Tree, branch int64) (value T, err error) {
	said, err := settingValues(tx, s.Name)
	if err != nil {
		return value, err
	}
	return s.nearest(said, t, branch)
}

// settingValues are a setting's values by branch; 0 is the tenant's.
func settingValues(tx *store.Tx, name string) (map[int64]json.RawMessage, error) {
	said := map[int64]json.RawMessage{}
	err := tx.Each(branchSettingsOf, func(s store.Scanner) error {
		var branch int64
		var text string
		err := s.Scan(&branch, &text)
		said[branch] = json.RawMessage(text)
		return err
	}, name)
	return said, err
}

// checkPlace refuses to have a branch say what is the whole tenant's.
func (d *Definition) checkPlace(branch int64) error {
	if branch == 0 || !d.whole {
		return nil
	}
	return &roster.Error{
		Kind: roster.Invalid, Code: CodeBadSetting, Field: "branchId",
		Msg: d.Name + " is the whole tenant's: no branch has one of its own; leave the branch out",
	}
}

// PutBranchSetting sets a setting at a branch, or for the tenant (0), and reports
// whether that changed anything. NotFound with CodeNoSetting or CodeNoBranch,
// Invalid with CodeBadSetting.
func PutBranchSetting(tx *store.Tx, name string, branch int64, value json.RawMessage) (changed bool, err error) {
	d := Definitions[name]
	if d == nil {
		return false, roster.Errorf(roster.NotFound, CodeNoSetting, "there is no setting %q", name)
	}
	if d.secret {
		return false, errSetting(name, "is a secret, which is set while the server's secret key is at hand")
	}
	if err := d.Check(value); err != nil {
		return false, err
	}
	if err := d.checkPlace(branch); err != nil {
		return false, err
	}
	if branch != 0 {
		t, err := Branches(tx)
		if err != nil {
			return false, err
		}
		if t.Branch(branch) == nil {
			return false, errNoBranch()
		}
	}
	said, err := settingValues(tx, name)
	if err != nil || string(said[branch]) == string(value) {
		return false, err
	}
	if _, err := tx.Exec(branchSettingPut, name, branch, string(value), tx.Revision); err != nil {
		return false, err
	}
	c := roster.Change{Operation: "setting.put", SubjectType: "branch_setting", ObjectID: branch, After: map[string]any{"name": name, "value": value}}
	if before, ok := said[branch]; ok {
		c.Before = map[string]any{"name": name, "value": before}
	}
	tx.Record(c)
	return true, nil
}
