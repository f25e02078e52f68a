package userapi

import (
	"context"

	"github.com/rosterhq/roster/internal/business"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/wire"
	"github.com/rosterhq/roster/internal/wire/mobilitywire"
)

// summary tells what a group was charged in a period (contract/mobility.md §7).
type summary struct {
	UserGroupID     int64              `json:"userGroupId"`
	Currency        string             `json:"currency,omitempty" doc:"The business unit's; what was charged in others stands in otherCurrencies alone."`
	BillingCycle    string             `json:"billingCycle" enum:"PER_USAGE,DAILY,WEEKLY,BIWEEKLY,MONTHLY,QUARTERLY"`
	PaymentState    string             `json:"paymentState" enum:"NONE,PUSH_INITIATED,PUSH_COMPLETED,SOURCE_ADDED,INVOICING"`
	From            mobilitywire.Time  `json:"from"`
	To              mobilitywire.Time  `json:"to" doc:"Itself left out."`
	Total           mobilitywire.Price `json:"total"`
	Rentals         counted            `json:"rentals"`
	Bookings        counted            `json:"bookings"`
	Rebates         priced             `json:"rebates"`
	Unbilled        priced             `json:"unbilled"`
	Invoiced        counted            `json:"invoiced"`
	Paid            priced             `json:"paid"`
	Unpaid          counted            `json:"unpaid"`
	ByCostCenter    []costCenterSum    `json:"byCostCenter"`
	ByMember        []memberSum        `json:"byMember"`
	ByBusinessUnit  []unitSum          `json:"byBusinessUnit"`
	OtherCurrencies []currencySum      `json:"otherCurrencies"`
	OpenInvoices    []openInvoice      `json:"openInvoices"`
	NextBillingDate mobilitywire.Date  `json:"nextBillingDate,omitempty"`
	GeneratedAt     mobilitywire.Time  `json:"generatedAt"`
}

type priced struct {
	Price mobilitywire.Price `json:"price"`
}

type counted struct {
	Count int64              `json:"count"`
	Price mobilitywire.Price `json:"price"`
}

type costCenterSum struct {
	CostCenterID int64              `json:"costCenterId,omitempty"`
	Code         string             `json:"code,omitempty"`
	Name         string             `json:"name" doc:"UNASSIGNED of what has no cost center."`
	Rentals      int64              `json:"rentals"`
	Bookings     int64              `json:"bookings"`
	Price        mobilitywire.Price `json:"price"`
}

type memberSum struct {
	UserID     int64              `json:"userId"`
	MemberCode string             `json:"memberCode,omitempty"`
	FirstName  string             `json:"firstName,omitempty"`
	LastName   string             `json:"lastName,omitempty"`
	Rentals    int64              `json:"rentals"`
	Bookings   int64              `json:"bookings"`
	Price      mobilitywire.Price `json:"price"`
}

type unitSum struct {
	BusinessUnitID int64              `json:"businessUnitId"`
	Code           string             `json:"code"`
	Name           string             `json:"name"`
	Rentals        int64              `json:"rentals"`
	Bookings       int64              `json:"bookings"`
	Price          mobilitywire.Price `json:"price"`
}

type currencySum struct {
	Currency string             `json:"currency"`
	Price    mobilitywire.Price `json:"price"`
}

type openInvoice struct {
	ID          int64              `json:"id"`
	InvoiceID   string             `json:"invoiceId"`
	InvoiceDate mobilitywire.Time  `json:"invoiceDate"`
	DueDate     mobilitywire.Time  `json:"dueDate"`
	GrossPrice  mobilitywire.Money `json:"grossPrice"`
	Currency    string             `json:"currency"`
	State       string             `json:"state" enum:"OPEN,FAILED"`
}

func renderCounted(c business.Counted) counted {
	return counted{c.Count, mobilitywire.NewPrice(c.Price)}
}

func renderSummary(s *business.Summary) summary {
	return summary{
		s.AccountID, s.Currency, s.BillingCycle, s.PaymentState, mobilitywire.Time(s.From), mobilitywire.Time(s.To),
		mobilitywire.NewPrice(s.Total), renderCounted(s.Rentals), renderCounted(s.Bookings), priced{mobilitywire.NewPrice(s.Rebates)},
		priced{mobilitywire.NewPrice(s.Unbilled)}, renderCounted(s.Invoiced), priced{mobilitywire.NewPrice(s.Paid)}, renderCounted(s.Unpaid),
		each(s.ByCostCenter, func(p business.CostCenterSum) costCenterSum {
			return costCenterSum{p.ID, p.Code, p.Name, p.Rentals, p.Bookings, mobilitywire.NewPrice(p.Price)}
		}),
		each(s.ByMember, func(p business.MemberSum) memberSum {
			return memberSum{p.ID, p.MemberCode, p.FirstName, p.LastName, p.Rentals, p.Bookings, mobilitywire.NewPrice(p.Price)}
		}),
		each(s.ByBusinessUnit, func(p business.UnitSum) unitSum {
			return unitSum{p.ID, p.Code, p.Name, p.Rentals, p.Bookings, mobilitywire.NewPrice(p.Price)}
		}),
		each(s.OtherCurrencies, func(p business.CurrencySum) currencySum {
			return currencySum{p.Currency, mobilitywire.NewPrice(p.Price)}
		}),
		each(s.OpenInvoices, func(i *business.Invoice) openInvoice {
			return openInvoice{
				i.ID, i.Number, mobilitywire.Time(i.CreatedAt), mobilitywire.Time(i.DueAt), mobilitywire.Money(i.Price.Gross), i.Currency, i.State,
			}
		}),
		mobilitywire.Date(s.NextBillingDate), mobilitywire.Time(s.GeneratedAt),
	}
}

type getSummary struct {
	GroupPath
	mobilitywire.Period

	CostCenterID wire.Param[int64] `query:"costCenterId" minimum:"1" doc:"The whole summary is then this cost center's."`
}

type summaryOut struct{ Body summary }

func (h handlers) getSummary(ctx context.Context, a roster.Actor, in *getSummary) (*summaryOut, error) {
	s, err := h.business.BillingSummary(ctx, a, business.SummaryQuery{
		AccountID: in.UserGroupID, From: in.From.Moment, To: in.To.Moment, CostCenterID: number(in.CostCenterID),
	})
	if err != nil {
		return nil, err
	}
	return &summaryOut{renderSummary(s)}, nil
}
