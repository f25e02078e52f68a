package demo

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"fmt"

	"github.com/rosterhq/roster/internal/graph"
	"github.com/rosterhq/roster/internal/identity"
	"github.com/rosterhq/roster/internal/identity/transfer"
	"github.com/rosterhq/roster/internal/lodging"
	"github.com/rosterhq/roster/internal/roster"
)

// hotels is an excerpt of properties.csv; data/PROPERTIES-SOURCE.md says where it
// is from, and credits OpenStreetMap's contributors.
//
//go:embed data/properties.csv
var hotels []byte

// city is a group of the demo's properties.
var currencies = map[string]string{"Paris": "EUR", "Singapore": "SGD", "Washington": "USD"}

func fillProperties(m *maker) error {
	owner, err := m.guest("property-owner", "Paula Ward", "hotels.example")
	if err != nil {
		return err
	}
	if err := identity.PutPassword(m.tx, owner.ID, m.hashes["property-owner"]); err != nil {
		return err
	}
	m.Logins["property-owner"] = owner.Email
	user, err := m.guest("property-user", "Umar Stone", "hotels.example")
	if err != nil {
		return err
	}
	if _, err := m.guest("property-stranger", "Selma Quist", "elsewhere.example"); err != nil {
		return err
	}
	groups := map[string]*graph.Group{}
	for _, city := range []string{"Paris", "Singapore", "Washington", "Openings"} {
		if groups[city], err = m.hotelGroup(city, owner); err != nil {
			return err
		}
	}
	if err := m.add(groups["Paris"].ID, graph.Membership{MemberID: user.ID, Role: lodging.User}); err != nil {
		return err
	}
	m.IDs["property_group"] = uuidOf(groups["Paris"].UUID)
	m.IDs["property_group_2"] = uuidOf(groups["Singapore"].UUID)
	m.IDs["property_group_empty"] = uuidOf(groups["Openings"].UUID)
	m.IDs["property_owner"], m.IDs["property_user"] = uuidOf(owner.UUID), uuidOf(user.UUID)
	return m.hotels(groups)
}

// guest makes a user of the property API, with a token of that name.
func (m *maker) guest(token, name, domain string) (*graph.Person, error) {
	p, err := identity.AddProfile(m.tx, address(name, domain), graph.PropertyProfile, func(p *graph.Person, fresh bool) {
		if fresh {
			p.Name = name
		}
	})
	if err != nil {
		return nil, err
	}
	return p, m.token(token, roster.PropertyAPI, lodging.UserToken, p.ID)
}

func (m *maker) hotelGroup(name string, owner *graph.Person) (*graph.Group, error) {
	g := &graph.Group{Kind: graph.Property, Name: name}
	if err := graph.CreateGroup(m.tx, g); err != nil {
		return nil, err
	}
	return g, m.add(g.ID, graph.Membership{MemberID: owner.ID, Role: lodging.Owner})
}

// hotels puts the hotels into the group of their city.
func (m *maker) hotels(groups map[string]*graph.Group) error {
	var rows []transfer.Row
	err := transfer.Read(bytes.NewReader(hotels), transfer.CSV, "", func(r *transfer.Row, bad *transfer.Rejection) error {
		if bad != nil {
			return fmt.Errorf("line %d: %s", bad.Line, bad.Message)
		}
		var at struct {
			City     string `json:"city"`
			Country  string `json:"country"`
			Currency string `json:"currency"`
		}
		if err := json.Unmarshal(r.Attributes, &at); err != nil {
			return err
		}
		at.Currency = currencies[at.City]
		r.Groups = []string{uuidOf(groups[at.City].UUID)}
		r.Attributes, _ = json.Marshal(at)
		rows = append(rows, *r)
		return nil
	})
	if err != nil {
		return err
	}
	m.IDs["property"], m.IDs["property_2"] = rows[0].UUID, rows[1].UUID
	result, err := transfer.Import(m.tx, rows)
	if err == nil && len(result.Rejected) > 0 {
		return fmt.Errorf("the demo's properties: line %d: %s", result.Rejected[0].Line, result.Rejected[0].Message)
	}
	return err
}

func otherProperties(m *maker) error {
	owner, err := m.guest("other-property-owner", "Petra Nowak", "other.example")
	if err != nil {
		return err
	}
	g, err := m.hotelGroup("Paris", owner)
	if err != nil {
		return err
	}
	m.IDs["other_property_group"] = uuidOf(g.UUID)
	p := &graph.PropertyHeader{Title: "Hotel of the others", Active: true, Attributes: json.RawMessage(`{"currency":"EUR"}`)}
	if err := graph.CreateProperty(m.tx, p); err != nil {
		return err
	}
	m.IDs["other_property"] = uuidOf(p.UUID)
	return m.add(g.ID, graph.Membership{MemberID: p.ID})
}
