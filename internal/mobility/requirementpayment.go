package mobility

import (
	"github.com/rosterhq/roster/internal/business"
	"github.com/rosterhq/roster/internal/roster"
)

// paymentKinds are what a set may ask of how a person pays. They are not asked where
// a group does.
var paymentKinds = []kind{
	{
		code: "PAYMENT_SOURCE", context: aboutPerson, errorCode: business.CodeNoPaymentSource, settable: true, when: paysPersonally,
		judge: func(f *facts, _ *Requirement) bool {
			return f.source("") || f.customer.PaymentState == business.Invoicing
		},
		message: "you have no payment method", hint: "the customer has no active payment source", resolution: addPaymentSource, with: byCustomer,
	},
	{
		code: "CREDIT_CARD", context: aboutPerson, errorCode: business.CodeNoPaymentSource, settable: true, when: paysPersonally,
		judge: func(f *facts, _ *Requirement) bool {
			return f.source(business.CreditCard) || f.customer.PaymentState == business.Invoicing
		},
		message: "you have no credit card", hint: "the customer has no active credit card", resolution: addPaymentSource, with: byCustomer,
	},
	{
		code: "MINIMUM_BALANCE", context: aboutPerson, errorCode: codeBalance, settable: true,
		bound: func(s *StartRequirements) bool {
			return s.MinimumBalanceWithSource != nil || s.MinimumBalanceWithout != nil
		},
		when: func(f *facts) bool { return paysPersonally(f) && (f.q.Person == 0 || f.minimumBalance() != nil) },
		expected: func(f *facts) any {
			if least := f.minimumBalance(); least != nil {
				return money(*least)
			}
			return nil
		},
		judge: func(f *facts, r *Requirement) bool {
			r.Actual = money(f.customer.Balance)
			return f.customer.Balance >= *f.minimumBalance()
		},
		message: "your balance is too low", hint: "the customer's balance is below what the set asks", resolution: topUpBalance, with: byCustomer,
	},
}

func paysPersonally(f *facts) bool { return f.q.Account == nil }

// minimumBalance is what is asked of the person's balance; nil for nothing.
func (f *facts) minimumBalance() *roster.Amount {
	if f.source("") {
		return f.start.MinimumBalanceWithSource
	}
	return f.start.MinimumBalanceWithout
}

// vehicleKinds are what a set may ask of where the vehicle is. Where that, or where
// the person is, is not known, they are not asked.
var vehicleKinds = []kind{
	{
		code: "RESERVATION_MAX_DISTANCE", context: aboutVehicle, errorCode: CodeTooFar, settable: true,
		bound:    func(s *StartRequirements) bool { return s.ReservationMaximumDistance > 0 },
		when:     func(f *facts) bool { return f.q.Start == Reservation && f.placed() },
		expected: func(f *facts) any { return f.start.ReservationMaximumDistance },
		judge:    func(f *facts, r *Requirement) bool { return f.within(r, f.start.ReservationMaximumDistance) },
		message:  "you are too far from the vehicle", hint: "the customer is too far from the vehicle to reserve it", resolution: moveCloser, with: byCustomer,
	},
	{
		code: "RENTAL_MAX_DISTANCE", context: aboutVehicle, errorCode: CodeTooFar, settable: true,
		bound:    func(s *StartRequirements) bool { return s.RentalMaximumDistance > 0 },
		when:     func(f *facts) bool { return f.q.Start == Active && f.placed() },
		expected: func(f *facts) any { return f.start.RentalMaximumDistance },
		judge:    func(f *facts, r *Requirement) bool { return f.within(r, f.start.RentalMaximumDistance) },
		message:  "you are too far from the vehicle", hint: "the customer is too far from the vehicle to rent it", resolution: moveCloser, with: byCustomer,
	},
}

// placed reports whether a distance can be told, or nobody is asked for one.
func (f *facts) placed() bool {
	return f.q.Person == 0 || f.q.Position != nil && f.q.Vehicle != nil && f.q.Vehicle.Position != nil
}

func (f *facts) within(r *Requirement, meters int64) bool {
	distance := f.q.Position.Distance(*f.q.Vehicle.Position)
	r.Actual = distance
	return distance <= meters
}
