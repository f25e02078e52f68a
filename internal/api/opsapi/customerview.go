package opsapi

import (
	"github.com/rosterhq/roster/internal/api/view"
	"github.com/rosterhq/roster/internal/business"
	"github.com/rosterhq/roster/internal/care"
	"github.com/rosterhq/roster/internal/mobility"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/wire/mobilitywire"
)

// customerRow is a customer of a list; what stands below BlockState is in the full
// list alone, but for UserGroupID.
type customerRow struct {
	ID                       int64             `json:"id"`
	FirstName                string            `json:"firstName,omitempty"`
	LastName                 string            `json:"lastName,omitempty"`
	Email                    string            `json:"email,omitempty"`
	Phone                    string            `json:"phone,omitempty"`
	BlockState               string            `json:"blockState" enum:"NONE,BLOCKED,DELETED"`
	UserGroupID              int64             `json:"userGroupId,omitempty"`
	UUID                     string            `json:"uuid,omitempty" format:"uuid"`
	PaymentState             string            `json:"paymentState,omitempty" enum:"NONE,PUSH_INITIATED,PUSH_COMPLETED,SOURCE_ADDED,INVOICING"`
	SignupSettled            *bool             `json:"signupSettled,omitempty"`
	LicenseVerificationState string            `json:"licenseVerificationState,omitempty"`
	Tags                     *[]string         `json:"tags,omitempty"`
	CreatedAt                mobilitywire.Time `json:"createdAt,omitzero"`
}

func simpleRow(c care.FoundCustomer) customerRow {
	return customerRow{
		ID: c.ID, FirstName: c.FirstName, LastName: c.LastName, Email: c.Email, Phone: c.Phone, BlockState: c.BlockState, UserGroupID: c.GroupID,
	}
}

func fullRow(c care.FoundCustomer) customerRow {
	row, tags := simpleRow(c), view.List(c.Tags)
	row.UUID, row.PaymentState, row.SignupSettled = c.UUID.String(), c.PaymentState, &c.SignupSettled
	row.LicenseVerificationState, row.Tags, row.CreatedAt = c.LicenseState, &tags, mobilitywire.Time(c.CreatedAt)
	return row
}

// Customer is a customer as operators see one (contract/mobility.md §4.6).
type Customer struct {
	view.Customer

	BlockReason  string       `json:"blockReason,omitempty"`
	Annotations  []annotation `json:"annotations"`
	Tags         []string     `json:"tags"`
	Impersonated bool         `json:"impersonated" doc:"Made by an API client, which acts for them."`
	IsOperator   bool         `json:"isOperator"`
}

// annotation is an operator's note.
type annotation struct {
	ID        int64             `json:"id"`
	Text      string            `json:"text"`
	CreatedAt mobilitywire.Time `json:"createdAt"`
	CreatedBy int64             `json:"createdBy,omitempty"`
}

func renderAnnotation(n care.Annotation) annotation {
	return annotation{n.ID, n.Text, mobilitywire.Time(n.CreatedAt), n.CreatedBy}
}

// renderCustomer shows a customer to an operator.
func (h handlers) renderCustomer(a roster.Actor, r *care.Rider) Customer {
	c := r.Customer
	return Customer{
		Customer: view.NewCustomer(r, h.care.LicenseNumber(a.Tenant.ID, c)), BlockReason: c.BlockReason,
		Annotations: view.Each(care.Annotations(c), renderAnnotation), Tags: view.List(c.Tags), Impersonated: c.MadeByClient != "", IsOperator: r.Operator,
	}
}

// customerDetails explain, besides, why a customer may not rent at a branch.
type customerDetails struct {
	Customer

	TermsState     string           `json:"termsAndConditionsAcceptanceState" enum:"ACCEPTED,OUTDATED,NOT_ACCEPTED,NOT_REQUIRED"`
	AcceptedTerms  *acceptedTerms   `json:"acceptedTerms,omitempty"`
	CurrentTerms   *termsVersion    `json:"currentTerms,omitempty"`
	IdentityCards  []customerCard   `json:"identityCards"`
	UnpaidInvoices unpaidInvoices   `json:"unpaidInvoices"`
	Statistics     statistics       `json:"statistics"`
	Balances       []currencyAmount `json:"balances"`
	UserGroup      *customerGroup   `json:"userGroup,omitempty"`
}

type termsVersion struct {
	TacID   int64 `json:"tacId"`
	Version int64 `json:"version"`
}

type acceptedTerms struct {
	TacID      int64             `json:"tacId"`
	Version    int64             `json:"version"`
	BranchID   int64             `json:"branchId"`
	AcceptedAt mobilitywire.Time `json:"acceptedAt"`
}

// customerCard is a card that is assigned to a customer.
type customerCard struct {
	ID         int64             `json:"id"`
	CardNumber string            `json:"cardNumber"`
	State      string            `json:"state" enum:"ASSIGNED"`
	BranchID   int64             `json:"branchId"`
	AssignedAt mobilitywire.Time `json:"assignedAt,omitzero"`
}

type unpaidInvoices struct {
	Count           int                `json:"count" doc:"In all currencies."`
	GrossPrice      mobilitywire.Money `json:"grossPrice"`
	Currency        string             `json:"currency,omitempty"`
	OtherCurrencies []currencyAmount   `json:"otherCurrencies,omitempty"`
}

type currencyAmount struct {
	Currency string             `json:"currency,omitempty"`
	Amount   mobilitywire.Money `json:"amount"`
}

type statistics struct {
	Rides           int               `json:"rides"`
	RidesKilometers float64           `json:"ridesKilometers"`
	CO2SavedInG     int64             `json:"co2SavedInG" doc:"Against a private car, by 143 g a kilometer."`
	LastRentalAt    mobilitywire.Time `json:"lastRentalAt,omitzero"`
}

// customerGroup is the business account that somebody is in; of one that the caller
// does not see, id and name alone.
type customerGroup struct {
	ID    int64  `json:"id"`
	Name  string `json:"name"`
	Code  string `json:"code,omitempty"`
	Role  string `json:"role,omitempty" enum:"OWNER,ADMIN,MEMBER"`
	State string `json:"state,omitempty" enum:"ACTIVE,INACTIVE"`
}

func renderCustomerGroup(g *business.Account, m *business.Member, visible bool) *customerGroup {
	if g == nil || m == nil {
		return nil
	}
	out := &customerGroup{ID: g.ID, Name: g.Name}
	if visible {
		out.Code, out.Role, out.State = g.Code, m.Role, m.State
	}
	return out
}

func (h handlers) renderDetails(a roster.Actor, d *mobility.CustomerDetails) customerDetails {
	out := customerDetails{
		Customer: h.renderCustomer(a, d.Rider), TermsState: d.TermsAt, UserGroup: renderCustomerGroup(d.Account, d.Member, d.GroupIsInView),
		IdentityCards: view.Each(d.Cards, func(c *care.Card) customerCard {
			return customerCard{c.ID, c.Number, c.State, c.BranchID, mobilitywire.Time(c.AssignedAt)}
		}),
		UnpaidInvoices: unpaidInvoices{Currency: d.Currency},
		Statistics: statistics{
			d.Rides, float64(d.Meters) / 1000, d.CarbonSaved(), mobilitywire.Time(d.LastRentalAt),
		},
		Balances: []currencyAmount{{d.Currency, mobilitywire.Money(d.Balance)}},
	}
	if t := d.CurrentAt; t != nil {
		out.CurrentTerms = &termsVersion{t.ID, t.Version}
	}
	if a := d.AcceptedAt; a != nil {
		out.AcceptedTerms = &acceptedTerms{a.TermsID, a.Version, a.BranchID, mobilitywire.Time(a.AcceptedAt)}
	}
	for i, debt := range d.Debts {
		u := &out.UnpaidInvoices
		u.Count += debt.Count
		if i == 0 {
			u.Currency, u.GrossPrice = debt.Currency, mobilitywire.Money(debt.Gross)
			continue
		}
		u.OtherCurrencies = append(u.OtherCurrencies, currencyAmount{debt.Currency, mobilitywire.Money(debt.Gross)})
	}
	return out
}
