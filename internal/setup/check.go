package setup

import (
	"fmt"

	"github.com/rosterhq/roster/internal/graph"
)

// check finds what is missing or stands twice. Whether a reference names something
// is judged when the file is applied: it may be in the tenant already.
func (d *Document) check() error {
	var p problems
	list(&p, "businessUnits", d.BusinessUnits, func(u *BusinessUnit) (string, []field) {
		return u.Code, []field{{"code", u.Code}, {"name", u.Name}, {"currency", u.Currency}}
	})
	list(&p, "branches", d.Branches, func(b *Branch) (string, []field) {
		return b.Code, []field{{"code", b.Code}, {"name", b.Name}}
	})
	list(&p, "settings", d.Settings, func(s *Setting) (string, []field) {
		return s.Key + " " + s.Branch, []field{{"key", s.Key}}
	})
	list(&p, "vehicleCategories", d.VehicleCategories, func(c *Category) (string, []field) {
		return c.Code, []field{{"code", c.Code}, {"name", c.Name}}
	})
	list(&p, "vehicles", d.Vehicles, func(v *Vehicle) (string, []field) {
		return v.Code, []field{{"code", v.Code}, {"branch", v.Branch}, {"category", v.Category}}
	})
	list(&p, "tariffs", d.Tariffs, func(t *Tariff) (string, []field) {
		return t.Category + " " + t.BusinessUnit, []field{{"category", t.Category}, {"businessUnit", t.BusinessUnit}}
	})
	list(&p, "requirementSets", d.RequirementSets, func(r *RequirementSet) (string, []field) {
		return r.Name, []field{{"name", r.Name}}
	})
	list(&p, "terms", d.Terms, func(t *Terms) (string, []field) {
		return t.Branch, []field{{"branch", t.Branch}, {"termsAndConditionsText", t.Text}, {"termsAndConditionsUrl", t.URL}}
	})
	list(&p, "voucherables", d.Voucherables, func(v *Voucherable) (string, []field) {
		return v.Code, []field{{"code", v.Code}, {"name", v.Name}, {"businessUnit", v.BusinessUnit}}
	})
	list(&p, "roles", d.Roles, func(r *Role) (string, []field) {
		return r.Name, []field{{"name", r.Name}}
	})
	list(&p, "operators", d.Operators, func(o *Operator) (string, []field) {
		return o.Email, []field{{"email", o.Email}, {"name", o.Name}}
	})
	list(&p, "customers", d.Customers, func(c *Customer) (string, []field) {
		return c.Email + " " + c.Phone, []field{{"email or phone", c.Email + c.Phone}, {"homeBranch", c.HomeBranch}}
	})
	list(&p, "identityCards", d.IdentityCards, func(c *IdentityCard) (string, []field) {
		return c.CardNumber, []field{{"cardNumber", c.CardNumber}, {"branch", c.Branch}}
	})
	list(&p, "apiClients", d.APIClients, func(c *APIClient) (string, []field) {
		return c.Name, []field{{"name", c.Name}, {"api", c.API}}
	})
	list(&p, "organizationUsers", d.Organization, func(e *Employee) (string, []field) {
		return e.Email, []field{{"email", e.Email}, {"name", e.Name}, {"role", e.Role}}
	})
	return p.err()
}

// field is a field that must be there.
type field struct{ name, value string }

// list checks the things of one list: their key, which is theirs alone, and the
// fields that each must have.
func list[T any](p *problems, name string, all []T, describe func(*T) (key string, required []field)) {
	seen := map[string]int{}
	for i := range all {
		place := at(name, i)
		key, required := describe(&all[i])
		complete := true
		for _, f := range required {
			if f.value == "" {
				p.add(place, "%s is missing", f.name)
				complete = false
			}
		}
		if first, twice := seen[graph.Key(key)]; twice && complete {
			p.add(place, "stands at %s already", at(name, first))
		} else if !twice {
			seen[graph.Key(key)] = i
		}
	}
}

func at(list string, i int) string { return fmt.Sprintf("%s[%d]", list, i) }
