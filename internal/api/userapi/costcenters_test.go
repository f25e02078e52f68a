package userapi_test

import (
	"fmt"
	"testing"

	"github.com/rosterhq/roster/internal/business"
)

func TestCostCenters(t *testing.T) {
	each(t, func(_ *testing.T, h *house) {
		path := func(id int64) string { return fmt.Sprintf("/cost-centers/%d", id) }
		g := h.golden(h.olga, "cost_centers")
		g.Get("/cost-centers").Want(200)
		first := number(g.Post("/cost-centers", object{
			"userGroupId": h.group, "code": "MKT", "name": "Marketing", "description": "Fairs and ads", "externalReference": "4711",
			"validFrom": "2026-01-01T00:00:00Z", "validUntil": "2027-01-01T01:00:00+01:00",
		}).Want(201), "id")
		g.Note("The group that I manage is meant by default.")
		second := number(g.Post("/cost-centers", object{"code": "ops", "name": "Operations", "active": false}).Want(201), "id")
		g.Get("/cost-centers?sort=code,asc").Want(200)
		g.Get(fmt.Sprintf("/cost-centers?userGroupId=%d&active&searchText=mark", h.group)).Want(200)
		g.Get(path(first)).Want(200)
		g.Patch(path(first), object{"name": "Brand", "description": nil, "validUntil": nil, "userGroupId": h.group}).Want(200)
		g.Patch(path(second), object{"active": true}).Want(200)
		g.Patch(path(second), object{"colour": "red", "isDefault": true}).Want(200)

		g.Note("What is wrong with one:")
		g.Post("/cost-centers", object{"code": "X"}).Want(400)
		g.Post("/cost-centers", object{"code": "", "name": "X"}).Want(400)
		g.Post("/cost-centers", object{"code": "X", "name": "X", "validFrom": "soon"}).Want(400)
		g.Post("/cost-centers", object{"code": "X", "name": "X", "validFrom": "2026-02-01T00:00:00Z", "validUntil": "2026-01-01T00:00:00Z"}).Want(400)
		g.Post("/cost-centers", object{"code": "Mkt", "name": "Again"}).Want(409)
		g.Patch(path(second), object{"code": "MKT"}).Want(409)
		g.Patch(path(first), object{"name": nil}).Want(400)
		g.Patch(path(first), object{"active": nil}).Want(400)
		g.Patch(path(first), object{"userGroupId": h.rexGroup}).Want(403)
		g.Set("If-Match", `"1"`).Patch(path(first), object{"name": "Late"}).Want(412)
		g.Set("If-Match", `"1"`).Delete(path(first)).Want(412)

		g.Note("A plain member sees those that are active and theirs, and writes none.")
		h.editMember("mia", func(m *business.Member) { m.AccessMode, m.AccessIDs = business.AccessList, []int64{first} })
		m := h.as(g, "mia")
		m.Get("/cost-centers").Want(200)
		m.Get(path(first)).Want(200)
		m.Get(path(second)).Want(404)
		m.Patch(path(first), object{"name": "Mine"}).Want(403)
		m.Patch(path(second), object{"name": "Mine"}).Want(404)
		m.Delete(path(first)).Want(403)
		m.Post("/cost-centers", object{"code": "X", "name": "X"}).Want(403)
		g.Note("A stranger finds nothing.")
		i := h.as(g, "ida")
		i.Get("/cost-centers").Want(200)
		i.Get(fmt.Sprintf("/cost-centers?userGroupId=%d", h.group)).Want(404)
		i.Get(path(first)).Want(404)
		i.Post("/cost-centers", object{"userGroupId": h.group, "code": "X", "name": "X"}).Want(404)
		i.Post("/cost-centers", object{"code": "X", "name": "X"}).Want(403)

		g.Note("One that somebody needs stays.")
		g.Delete(path(first)).Want(409)
		g.Patch(h.managed(""), object{"defaultCostCenterId": second}).Want(200)
		g.Patch(path(second), object{"active": false}).Want(409)
		g.Delete(path(second)).Want(409)
		h.olga.Patch(h.managed(""), object{"defaultCostCenterId": nil}).Want(200)
		g.Delete(path(second)).Want(204)
		g.Get(path(second)).Want(404)
		g.Delete("/cost-centers/abc").Want(404)
	})
}
