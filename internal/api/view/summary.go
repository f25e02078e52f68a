package view

import (
	"github.com/rosterhq/roster/internal/business"
	"github.com/rosterhq/roster/internal/wire/mobilitywire"
)

// Summary tells what a group was charged in a period (contract/mobility.md §7).
type Summary struct {
	UserGroupID     int64              `json:"userGroupId"`
	Currency        string             `json:"currency,omitempty" doc:"The business unit's; what was charged in others stands in otherCurrencies alone."`
	BillingCycle    string             `json:"billingCycle" enum:"PER_USAGE,DAILY,WEEKLY,BIWEEKLY,MONTHLY,QUARTERLY"`
	PaymentState    string             `json:"paymentState" enum:"NONE,PUSH_INITIATED,PUSH_COMPLETED,SOURCE_ADDED,INVOICING"`
	From            mobilitywire.Time  `json:"from"`
	To              mobilitywire.Time  `json:"to" doc:"Itself left out."`
	Total           mobilitywire.Price `json:"total"`
	Rentals         Counted            `json:"rentals"`
	Bookings        Counted            `json:"bookings"`
	Rebates         Priced             `json:"rebates"`
	Unbilled        Priced             `json:"unbilled"`
	Invoiced        Counted            `json:"invoiced"`
	Paid            Priced             `json:"paid"`
	Unpaid          Counted            `json:"unpaid"`
	ByCostCenter    []CostCenterSum    `json:"byCostCenter"`
	ByMember        []MemberSum        `json:"byMember"`
	ByBusinessUnit  []UnitSum          `json:"byBusinessUnit"`
	OtherCurrencies []CurrencySum      `json:"otherCurrencies"`
	OpenInvoices    []OpenInvoice      `json:"openInvoices"`
	NextBillingDate mobilitywire.Date  `json:"nextBillingDate,omitempty"`
	GeneratedAt     mobilitywire.Time  `json:"generatedAt"`
}

// Priced is what something comes to.
type Priced struct {
	Price mobilitywire.Price `json:"price"`
}

// Counted is what a number of things come to.
type Counted struct {
	Count int64              `json:"count"`
	Price mobilitywire.Price `json:"price"`
}

// CostCenterSum is a cost center's part.
type CostCenterSum struct {
	CostCenterID int64              `json:"costCenterId,omitempty"`
	Code         string             `json:"code,omitempty"`
	Name         string             `json:"name" doc:"UNASSIGNED of what has no cost center."`
	Rentals      int64              `json:"rentals"`
	Bookings     int64              `json:"bookings"`
	Price        mobilitywire.Price `json:"price"`
}

// MemberSum is a member's part.
type MemberSum struct {
	UserID     int64              `json:"userId"`
	MemberCode string             `json:"memberCode,omitempty"`
	FirstName  string             `json:"firstName,omitempty"`
	LastName   string             `json:"lastName,omitempty"`
	Rentals    int64              `json:"rentals"`
	Bookings   int64              `json:"bookings"`
	Price      mobilitywire.Price `json:"price"`
}

// UnitSum is a business unit's part.
type UnitSum struct {
	BusinessUnitID int64              `json:"businessUnitId"`
	Code           string             `json:"code"`
	Name           string             `json:"name"`
	Rentals        int64              `json:"rentals"`
	Bookings       int64              `json:"bookings"`
	Price          mobilitywire.Price `json:"price"`
}

// CurrencySum is what was charged in another currency.
type CurrencySum struct {
	Currency string             `json:"currency"`
	Price    mobilitywire.Price `json:"price"`
}

// OpenInvoice is an invoice that is not paid.
type OpenInvoice struct {
	ID          int64              `json:"id"`
	InvoiceID   string             `json:"invoiceId"`
	InvoiceDate mobilitywire.Time  `json:"invoiceDate"`
	DueDate     mobilitywire.Time  `json:"dueDate"`
	GrossPrice  mobilitywire.Money `json:"grossPrice"`
	Currency    string             `json:"currency"`
	State       string             `json:"state" enum:"OPEN,FAILED"`
}

func newCounted(c business.Counted) Counted {
	return Counted{c.Count, mobilitywire.NewPrice(c.Price)}
}

// NewSummary shows a billing summary.
func NewSummary(s *business.Summary) Summary {
	return Summary{
		s.AccountID, s.Currency, s.BillingCycle, s.PaymentState, mobilitywire.Time(s.From), mobilitywire.Time(s.To),
		mobilitywire.NewPrice(s.Total), newCounted(s.Rentals), newCounted(s.Bookings), Priced{mobilitywire.NewPrice(s.Rebates)},
		Priced{mobilitywire.NewPrice(s.Unbilled)}, newCounted(s.Invoiced), Priced{mobilitywire.NewPrice(s.Paid)}, newCounted(s.Unpaid),
		Each(s.ByCostCenter, func(p business.CostCenterSum) CostCenterSum {
			return CostCenterSum{p.ID, p.Code, p.Name, p.Rentals, p.Bookings, mobilitywire.NewPrice(p.Price)}
		}),
		Each(s.ByMember, func(p business.MemberSum) MemberSum {
			return MemberSum{p.ID, p.MemberCode, p.FirstName, p.LastName, p.Rentals, p.Bookings, mobilitywire.NewPrice(p.Price)}
		}),
		Each(s.ByBusinessUnit, func(p business.UnitSum) UnitSum {
			return UnitSum{p.ID, p.Code, p.Name, p.Rentals, p.Bookings, mobilitywire.NewPrice(p.Price)}
		}),
		Each(s.OtherCurrencies, func(p business.CurrencySum) CurrencySum {
			return CurrencySum{p.Currency, mobilitywire.NewPrice(p.Price)}
		}),
		Each(s.OpenInvoices, func(i *business.Invoice) OpenInvoice {
			return OpenInvoice{
				i.ID, i.Number, mobilitywire.Time(i.CreatedAt), mobilitywire.Time(i.DueAt), mobilitywire.Money(i.Price.Gross), i.Currency, i.State,
			}
		}),
		mobilitywire.Date(s.NextBillingDate), mobilitywire.Time(s.GeneratedAt),
	}
}
