package opsapi

import (
	"context"

	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/wire"
	"github.com/rosterhq/roster/internal/wire/mobilitywire"
)

func (h handlers) exportRoutes(api *wire.API) {
	wire.Register(api, wire.Op{
		ID: "export-customer", Method: "GET", Path: "/customers/{id}/export", Tag: "Customers", Summary: "Get all that is stored of a customer",
		Description: "Whole, but for secrets: rows by section, with the changes of the log. Of one who is deleted, what is left. Each call is in the log.",
		Access:      wire.Needs("USER_EXPORT"), Extension: true,
	}, h.exportCustomer)
}

type exportOut struct {
	Body struct {
		CustomerID int64             `json:"customerId"`
		ExportedAt mobilitywire.Time `json:"exportedAt"`
		Data       any               `json:"data" doc:"Rows by section, such as customer, rentals or sessions."`
	}
}

type exportCustomer struct{ IDPath }

func (h handlers) exportCustomer(ctx context.Context, a roster.Actor, in *exportCustomer) (*exportOut, error) {
	all, err := h.care.ExportCustomer(ctx, a, in.ID)
	if err != nil {
		return nil, err
	}
	out := &exportOut{}
	out.Body.CustomerID, out.Body.ExportedAt, out.Body.Data = in.ID, mobilitywire.Time(all.At), all.Sections
	return out, nil
}
