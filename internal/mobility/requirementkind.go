package mobility

import (
	"encoding/json"
	"slices"

	"github.com/rosterhq/roster/internal/roster"
)

// kind is one row of the table of requirements (contract/mobility.md §6).
type kind struct {
	code, context, errorCode string
	// settable is asked where the requirement set asks it: by its code, or by a
	// bound. The others are asked always.
	settable bool
	bound    func(*StartRequirements) bool
	// when is a further condition under which it is asked; nil for none.
	when func(*facts) bool
	// expected is what is asked, where that is more than the code; nil for nothing.
	expected func(*facts) any
	// judge reports whether the requirement is fulfilled. It fills in what is actual,
	// and may say better what else the row holds.
	judge func(*facts, *Requirement) bool

	message          string // for the person, where it is not fulfilled
	hint             string // for an operator
	resolution, with string // what fulfills it, and who can do that
}

// kinds are all requirements, in the order in which they are told.
var kinds = slices.Concat(alwaysKinds, profileKinds, licenseKinds, standingKinds, paymentKinds, vehicleKinds, groupKinds)

// kindOf finds a kind by its code: the person's, where the group's has the same.
var kindOf = func() map[string]*kind {
	all := map[string]*kind{}
	for i := range kinds {
		if k := &kinds[i]; all[k.code] == nil {
			all[k.code] = k
		}
	}
	return all
}()

// asked reports whether the requirement is asked at all.
func (k *kind) asked(f *facts) bool {
	if k.context == aboutGroup && f.q.Account == nil || k.when != nil && !k.when(f) {
		return false
	}
	if !k.settable {
		return true
	}
	if k.context == aboutPerson && f.q.Account != nil && !f.q.Account.CheckRentalRequirements {
		return false
	}
	if k.bound != nil {
		return k.bound(f.start)
	}
	return slices.Contains(f.start.Require, k.code)
}

// asks reports whether a requirement of the code is asked.
func (f *facts) asks(code string) bool {
	for i := range kinds {
		if kinds[i].code == code && kinds[i].asked(f) {
			return true
		}
	}
	return false
}

// judge lists what is asked, and whether it is given.
func (f *facts) judge() (all []Requirement) {
	for i := range kinds {
		k := &kinds[i]
		if !k.asked(f) {
			continue
		}
		r := Requirement{
			Code: k.code, Context: k.context, ErrorCode: k.errorCode, Message: k.message, Hint: k.hint, Resolution: k.resolution, ResolvableBy: k.with,
		}
		if k.expected != nil {
			r.Expected = k.expected(f)
		}
		if f.customer != nil && k.judge(f, &r) {
			r = Requirement{Code: r.Code, Fulfilled: true, Context: r.Context, Actual: r.Actual, Expected: r.Expected}
		}
		all = append(all, r)
	}
	return all
}

// money spells an amount as a JSON number.
func money(a roster.Amount) json.RawMessage { return json.RawMessage(a.String()) }

// always expects one value.
func always(value any) func(*facts) any {
	return func(*facts) any { return value }
}

// told sets what is actual, if anything is, and returns whether that is good.
func (r *Requirement) told(actual string, good bool) bool {
	if actual != "" {
		r.Actual = actual
	}
	return good
}

// by sets what fulfills the requirement, and who can do that.
func (r *Requirement) by(resolution, with string) {
	r.Resolution, r.ResolvableBy = resolution, with
}
