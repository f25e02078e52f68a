package opsapi

import (
	"bytes"
	"encoding/json"
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/rosterhq/roster/internal/wire/mobilitywire"
)

// redacted stands for a value that the log keeps and the audit does not show.
const redacted = "[redacted]"

// auditShows are the fields whose values are shown, by type of subject: numbers of
// things, states, times and amounts, names of what is not a person. All else is
// redacted, a field that is added tomorrow too.
var auditShows = map[string]string{
	"approval_rule":  "created_at name status terms.min_amount.amount terms.min_amount.currency terms.priority updated_at uuid",
	"booking":        "rentalType state userGroupId costCenterId branchId vehicleCategoryId startTime endTime rentalId decidedBy grossPrice currency",
	"branch":         "businessUnitId code name parentId state",
	"branch_setting": "name value set",
	"budget":         "created_at name status terms.limit.amount terms.limit.currency terms.limit_type terms.period terms.start_date updated_at uuid",
	"business_account": "code name branchId state blockState billingCycle paymentState creditStatus creditUntil defaultCostCenterId defaultBusinessUnitId " +
		"checkRentalRequirements allowedBranchIds allowedVehicleCategoryIds settings.joinPolicy settings.requireBookingApproval " +
		"settings.requireBusinessReason settings.requireCostCenter settings.requireDrivingLog settings.requireMemberApproval " +
		"settings.shouldIgnoreBCategoryRentalRequirement from to invoices",
	"business_member": "role state approval.state approval.decidedBy approval.decidedAt billingRole costCenterAccess.mode " +
		"costCenterAccess.costCenterIds defaultCostCenterId spendingLimit.amount spendingLimit.currency spendingLimit.period joinedAt leftAt createdBy",
	"client":      "api client_id role",
	"cost_center": "userGroupId active code name isDefault",
	"credential":  "method",
	"customer": "emailIsVerified phoneIsVerified language newsletter homeBranchId blockState paymentState licenseVerificationState " +
		"idVerificationState manualVerificationState customExternalVerificationState creditStatus creditUntil signupSettled signupFailed",
	"group":            "kind type is_privileged uuid",
	"group_impact":     "users",
	"group_request":    "userGroupId type state userId role defaultCostCenterId initiatedBy createdAt expiresAt decidedAt decidedBy",
	"group_user":       "role state",
	"identity_card":    "rfidType state branchId userId",
	"invoice":          "invoiceId accountId currency grossPrice items state invoiceState dueAt",
	"ledger":           "charges firstId gross",
	"membership":       "role state starts_at expires_at added_at member_kind",
	"payment_source":   "accountId type state isDefault gateway",
	"payment_sources":  "ids",
	"person":           "profiles status uuid",
	"policy":           "created_at name status terms.approval terms.per_transaction_limit.amount terms.per_transaction_limit.currency updated_at uuid",
	"property":         "is_active uuid",
	"rating":           "accountId accountType type status active provider score validFrom validUntil decidedBy decidedAt",
	"rental":           "type state userGroupId costCenterId vehicleId branchId bookingId startTime endTime grossPrice currency",
	"requirement_set":  "name branchIds vehicleCategoryIds start.minimumAge start.maximumAge start.rentalMaximumDistance start.require",
	"role":             "name permissions",
	"role_assignment":  "role clientId",
	"session":          "api method type",
	"setting":          "name",
	"signing_key":      "kid",
	"spend_entry":      "uuid budget_uuid user_uuid group_uuid over_budget created_at",
	"tariff":           "bookingPrice businessUnitId currency pricePerKilometer pricePerMinute tax unlockPrice vehicleCategoryId",
	"tenant":           "name",
	"terms":            "branchId version validFrom termsAndConditionsText termsAndConditionsUrl privacyGuidelinesText privacyGuidelinesUrl",
	"terms_acceptance": "acceptedBy branchId tacId version",
	"token":            "api role name person_id expires_at",
	"unit":             "code name currency currencyScale gateway invoicePrefix referenced charged taxPercentage timezone",
	"user":             "role status uuid manager_uuid",
	"vehicle":          "branchId code name state vehicleCategoryId odometer",
	"vehicle_category": "code name",
	"verification":     "kind provider state files",
	"voucher":          "voucherableId accountId voucherType valueGross remainingValueGross currency revoked rentalId bookingId",
	"voucherable":      "code type name description branchId businessUnitId active validFrom validUntil maxPerAccount signup benefits",
}

// auditTimes are fields that hold µs UTC.
var auditTimes = strings.Fields("creditUntil startTime endTime joinedAt leftAt createdAt expiresAt decidedAt dueAt validFrom validUntil from to " +
	"starts_at expires_at added_at created_at updated_at")

// shownFields are auditShows as sets.
var shownFields = func() map[string]map[string]bool {
	all := map[string]map[string]bool{}
	for kind, names := range auditShows {
		all[kind] = map[string]bool{}
		for _, name := range strings.Fields(names) {
			all[kind][name] = true
		}
	}
	return all
}()

// auditFields are the fields of a subject that differ, by their path.
func auditFields(subjectType string, before, after json.RawMessage) []auditField {
	was, is := map[string]any{}, map[string]any{}
	flatten(was, "", decode(before))
	flatten(is, "", decode(after))
	names := slices.Sorted(maps.Keys(was))
	for name := range is {
		if _, there := was[name]; !there {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	changes := []auditField{}
	for _, name := range names {
		if reflect.DeepEqual(was[name], is[name]) {
			continue
		}
		show := shownFields[subjectType][name]
		changes = append(changes, auditField{name, shownValue(name, was[name], show), shownValue(name, is[name], show)})
	}
	return changes
}

// auditNames are the fields that name the subjects that have no id.
var auditNames = map[string]string{"branch_setting": "name", "client": "client_id", "role": "name", "setting": "name"}

// subjectName is the name of a subject that has no id: a change leaves it as it is, so
// that no field tells it.
func subjectName(subjectType string, before, after json.RawMessage) string {
	field := auditNames[subjectType]
	if field == "" {
		return ""
	}
	for _, text := range []json.RawMessage{after, before} {
		fields, _ := decode(text).(map[string]any)
		if name, ok := fields[field].(string); ok {
			return name
		}
	}
	return ""
}

func shownValue(name string, v any, show bool) any {
	switch {
	case v == nil:
		return nil
	case !show:
		return redacted
	}
	number, isNumber := v.(json.Number)
	if isNumber && slices.Contains(auditTimes, name[strings.LastIndex(name, ".")+1:]) {
		if micros, err := number.Int64(); err == nil {
			return mobilitywire.Time(micros)
		}
	}
	return v
}

func decode(text json.RawMessage) (v any) {
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	_ = d.Decode(&v) // nothing, where it was erased
	return v
}

// flatten names the fields of an object by their path. What is no object, at the top, is
// the field value. Null is what is not there.
func flatten(into map[string]any, path string, v any) {
	object, isObject := v.(map[string]any)
	switch {
	case v == nil:
	case isObject:
		for name, inner := range object {
			if path != "" {
				name = path + "." + name
			}
			flatten(into, name, inner)
		}
	case path == "":
		into["value"] = v
	default:
		into[path] = v
	}
}
