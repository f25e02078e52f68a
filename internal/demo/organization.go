package demo

import (
	"github.com/rosterhq/roster/internal/graph"
	"github.com/rosterhq/roster/internal/identity"
	"github.com/rosterhq/roster/internal/roster"
)

// employee is a user of the demo's organization.
type employee struct {
	token, id string // their names in demo.json; "" for none
	name      string
	title     string
	role      string
	team      string
}

var company = []employee{
	{"org-owner", "organization_owner", "Olive Amari", "Founder", identity.CompanyOwner, "Leadership"},
	{"org-manager", "organization_manager", "Marco Silva", "Head of operations", identity.Manager, "Operations"},
	{"org-employee", "organization_user", "Emma Lind", "Field engineer", identity.Employee, "Operations"},
	{"", "organization_bookkeeper", "Bruno Keller", "Bookkeeper", identity.Bookkeeper, "Finance"},
	{"", "", "Noor Haddad", "Field engineer", identity.Employee, "Operations"},
	{"", "", "Sven Okafor", "Sales", identity.Employee, "Sales"},
}

func fillOrganization(m *maker) error {
	users, err := m.employ(company, "acme.example")
	if err != nil {
		return err
	}
	groups := map[string]*graph.Group{}
	for i, e := range company {
		g := groups[e.team]
		if g == nil {
			g = &graph.Group{Kind: graph.Organization, Name: e.team}
			if err := graph.CreateGroup(m.tx, g); err != nil {
				return err
			}
			groups[e.team] = g
		}
		if err := m.add(g.ID, graph.Membership{MemberID: users[i].ID}); err != nil {
			return err
		}
	}
	m.IDs["organization_group"] = uuidOf(groups["Operations"].UUID)
	return nil
}

// employ makes users, each with the first one who is no employee above, and tokens.
func (m *maker) employ(staff []employee, domain string) ([]*identity.User, error) {
	users := make([]*identity.User, len(staff))
	for i, e := range staff {
		u := &identity.User{Email: address(e.name, domain), FullName: e.name, JobTitle: text(e.title), Role: e.role}
		if e.role == identity.Employee && i > 0 {
			u.ManagerUUID = users[1].UUID
		}
		if err := identity.InsertUser(m.tx, u); err != nil {
			return nil, err
		}
		users[i] = u
		if e.id != "" {
			m.IDs[e.id] = uuidOf(u.UUID)
		}
		if e.token == "" {
			continue
		}
		if err := m.token(e.token, roster.OrganizationAPI, e.role, u.ID); err != nil {
			return nil, err
		}
	}
	return users, nil
}

func otherOrganization(m *maker) error {
	users, err := m.employ([]employee{
		{"other-org-owner", "other_organization_owner", "Iris Bloom", "Founder", identity.CompanyOwner, ""},
	}, "other.example")
	if err != nil {
		return err
	}
	g := &graph.Group{Kind: graph.Organization, Name: "Operations"}
	if err := graph.CreateGroup(m.tx, g); err != nil {
		return err
	}
	m.IDs["other_organization_group"] = uuidOf(g.UUID)
	return m.add(g.ID, graph.Membership{MemberID: users[0].ID})
}
