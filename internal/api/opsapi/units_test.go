package opsapi_test

import (
	"testing"

	"github.com/rosterhq/roster/internal/business"
	"github.com/rosterhq/roster/internal/store"
)

func TestUnits(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		g := h.golden(h.as("admin"), "units")
		g.Get("/business-units?sort=code,asc").Want(200)
		g.Get("/business-units?searchText=SPA").Want(200)
		made := g.Post("/business-units", object{
			"name": "Hungary", "code": "hu", "currency": "HUF", "taxPercentage": 27.5, "timezone": "Europe/Budapest", "invoicePrefix": "HU",
			"paymentConfiguration": object{"gateway": "MANUAL"},
		}).Want(201)
		path := "/business-units/" + text(number(made, "id"))
		g.Get(path).Want(200)
		g.Note("PUT replaces the whole: what is left out is as for a new one.")
		g.Put(path, object{"name": "Magyarország", "code": "hu", "currency": "EUR", "taxPercentage": 27}).Want(200)
		h.as("admin").Put(path, string(h.as("admin").Get(path).Body)).Want(200)
		g.Note("Refusals.")
		g.Post("/business-units", object{"name": "Other", "code": "HU", "currency": "EUR", "taxPercentage": 20}).Want(409)
		g.Post("/business-units", object{"name": "Other", "code": "x", "currency": "XXX", "taxPercentage": 20}).Want(400)
		g.Post("/business-units", object{"name": "Other", "code": "x", "currency": "EUR", "taxPercentage": 20.123}).Want(400)
		g.Post("/business-units", object{"name": "Other", "code": "x", "currency": "EUR", "taxPercentage": 101}).Want(400)
		g.Post("/business-units", object{"name": "Other", "code": "x", "currency": "EUR", "taxPercentage": "20"}).Want(400)
		g.Post("/business-units", object{"name": "Other", "code": "x"}).Want(400)
		g.Put(path, object{"name": "Other", "code": "at", "currency": "EUR", "taxPercentage": 20}).Want(409)
		g.Set("If-Match", `"1"`).Put(path, object{"name": "Other", "code": "hu", "currency": "EUR", "taxPercentage": 20}).Want(412)
		g.Note("One that a branch refers to keeps its currency, and stays.")
		at := "/business-units/" + text(h.unit("at"))
		g.Put(at, object{"name": "Austria", "code": "at", "currency": "CHF", "taxPercentage": 20, "timezone": "Europe/Vienna"}).Want(409)
		g.Put(at, object{"name": "Austria", "code": "at", "currency": "EUR", "taxPercentage": 20, "currencyScale": 0, "timezone": "Europe/Vienna"}).Want(409)
		g.Delete(at).Want(409)
		g.Note("Being referred to is a version of its own.")
		before := g.Get(path).Want(200)
		h.Write(func(tx *store.Tx) error { return business.ReferenceUnit(tx, number(made, "id")) })
		after := g.Get(path).Want(200)
		if before.Header.Get("ETag") == after.Header.Get("ETag") || after.At("referenced") != true {
			t.Errorf("%s %s", after.Header.Get("ETag"), after.Body)
		}
		g.Delete(path).Want(409)
		path = "/business-units/" + text(number(g.Post("/business-units", object{"name": "Nobody's", "code": "nobody", "currency": "EUR", "taxPercentage": 20}).Want(201), "id"))
		g.Delete(path).Want(204)
		g.Get(path).Want(404)
		g.Delete(path).Want(404)
	})
}

// A business unit shows to who holds the permission on a branch that it bills; one
// that bills none is the tenant's (decision 11).
func TestUnitScope(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		support := h.as("support")
		if a := support.Get("/business-units").Want(200); a.Len("") != 1 || a.Text("0.code") != "at" {
			t.Errorf("%s", a.Body)
		}
		support.Get("/business-units/" + text(h.unit("at"))).Want(200)
		support.Get("/business-units/" + text(h.unit("spare"))).Want(404)
		if a := h.as("admin-b").Post("/business-units", object{"name": "X", "code": "x", "currency": "EUR", "taxPercentage": 20}).Want(403); a.Text("errorCode") != "A190" {
			t.Errorf("%s", a.Body)
		}
		h.as("admin-b").Put("/business-units/"+text(h.unit("at")), object{"name": "Austria!", "code": "at", "currency": "EUR", "taxPercentage": 20, "timezone": "Europe/Vienna"}).Want(200)
	})
}
