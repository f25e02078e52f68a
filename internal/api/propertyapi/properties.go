package propertyapi

import (
	"context"
	"encoding/json"
	"strconv"

	"github.com/google/uuid"

	"github.com/rosterhq/roster/internal/lodging"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/wire"
)

// property is a property as the API shows it.
type property struct {
	ID            string                `json:"id" format:"uuid"`
	Type          string                `json:"type" enum:"property"`
	Attributes    propertyAttributes    `json:"attributes"`
	Relationships propertyRelationships `json:"relationships"`
}

type propertyRelationships struct {
	Groups many `json:"groups"`
}

type propertyAttributes struct {
	TitledAttributes
	lodging.Details

	Active bool `json:"is_active"`
}

func renderProperty(p lodging.Property) property {
	id := p.UUID.String()
	out := property{ID: id, Type: propertyType, Attributes: propertyAttributes{TitledAttributes{id, p.Title}, p.Details, p.Active}}
	out.Relationships.Groups = groupsOf(p.Groups)
	return out
}

type propertyOut struct {
	Location string `header:"Location"`
	ETag     string `header:"ETag"`
	Body     oneProperty
}

type oneProperty struct {
	Data property `json:"data"`
}

func newPropertyOut(p lodging.Property, err error) (*propertyOut, error) {
	if err != nil {
		return nil, err
	}
	out := &propertyOut{ETag: wire.ETag(p.Revision)}
	out.Body.Data = renderProperty(p)
	return out, nil
}

var propertyForm = listForm{
	first:   "title",
	filters: map[string]fieldType{"id": idField, "title": textField, "is_active": flagField},
	orders:  []string{"title", "id"},
}

func listedField(p lodging.Listed, field string) string {
	switch field {
	case "id":
		return uuid.UUID(p.UUID).String()
	case "is_active":
		return strconv.FormatBool(p.Active)
	default:
		return p.Title
	}
}

type listPropertiesIn struct {
	Paging
	TitledParams

	FilterActive string `query:"filter[is_active]" doc:"true or false."`
}

type listPropertiesOut struct{ Body propertyList }

type propertyList struct {
	Data []property `json:"data"`
	Meta *meta      `json:"meta"`
}

func (h handlers) listProperties(ctx context.Context, a roster.Actor, _ *listPropertiesIn) (*listPropertiesOut, error) {
	l, err := parseList(wire.Query(ctx), propertyForm)
	if err != nil {
		return nil, err
	}
	l.paged = true
	out := &listPropertiesOut{}
	properties, err := h.lodging.Properties(ctx, a, l.wants("is_active"), func(all []lodging.Listed) (page []lodging.Listed) {
		page, out.Body.Meta = pick(&l, all, listedField)
		return page
	})
	if err != nil {
		return nil, err
	}
	out.Body.Data = make([]property, len(properties))
	for i, p := range properties {
		out.Body.Data[i] = renderProperty(p)
	}
	return out, nil
}

func (h handlers) listPropertyOptions(_ context.Context, a roster.Actor, _ *struct{}) (*optionsOut, error) {
	all, _ := pick(&list{by: "title"}, h.lodging.PropertyTitles(a), listedField)
	out := &optionsOut{}
	out.Body.Data = make([]Titled, len(all))
	for i, p := range all {
		out.Body.Data[i] = newTitled(propertyType, p.UUID, p.Title)
	}
	return out, nil
}

// PropertyPath is embedded where the path names a property.
type PropertyPath struct {
	ID string `path:"id" example:"716305c4-561a-4561-a187-7f5b8aeb5920"`
}

type getPropertyIn struct{ PropertyPath }

func (h handlers) getProperty(ctx context.Context, a roster.Actor, in *getPropertyIn) (*propertyOut, error) {
	id, err := parseID(in.ID)
	if err != nil {
		return nil, err
	}
	return newPropertyOut(h.lodging.Property(ctx, a, id))
}

// PropertyFields are what a body may say of a property besides title and currency.
type PropertyFields struct {
	Email        wire.Opt[string]  `json:"email,omitzero" maxLength:"254"`
	Phone        wire.Opt[string]  `json:"phone,omitzero" maxLength:"255"`
	ZipCode      wire.Opt[string]  `json:"zip_code,omitzero" maxLength:"255"`
	Country      wire.Opt[string]  `json:"country,omitzero" maxLength:"255"`
	State        wire.Opt[string]  `json:"state,omitzero" maxLength:"255"`
	City         wire.Opt[string]  `json:"city,omitzero" maxLength:"255"`
	Address      wire.Opt[string]  `json:"address,omitzero" maxLength:"255"`
	Longitude    wire.Opt[float64] `json:"longitude,omitzero" minimum:"-180" maximum:"180"`
	Latitude     wire.Opt[float64] `json:"latitude,omitzero" minimum:"-90" maximum:"90"`
	Timezone     wire.Opt[string]  `json:"timezone,omitzero" maxLength:"255" example:"Europe/Paris"`
	Website      wire.Opt[string]  `json:"website,omitzero" maxLength:"255"`
	PropertyType wire.Opt[string]  `json:"property_type,omitzero" maxLength:"255"`
}

type newProperty struct {
	PropertyFields

	Title    wire.Opt[string] `json:"title" maxLength:"255"`
	Currency wire.Opt[string] `json:"currency" example:"EUR" doc:"A code of ISO 4217."`
	Active   wire.Opt[bool]   `json:"is_active,omitzero" doc:"true by default."`
	GroupID  wire.Opt[string] `json:"group_id,omitzero" doc:"The group that it goes to; your default group by default."`
}

type changedProperty struct {
	PropertyFields

	Title    wire.Opt[string] `json:"title,omitzero" maxLength:"255"`
	Currency wire.Opt[string] `json:"currency,omitzero" example:"EUR" doc:"A code of ISO 4217."`
	Active   wire.Opt[bool]   `json:"is_active,omitzero"`
}

// change translates a body.
func (p *changedProperty) change() (lodging.PropertyChange, error) {
	c := lodging.PropertyChange{Active: p.Active.Ptr()}
	if p.Title.Set {
		title := p.Title.Or("")
		c.Title = &title
	}
	sent, err := json.Marshal(struct {
		PropertyFields

		Currency wire.Opt[string] `json:"currency,omitzero"`
	}{p.PropertyFields, p.Currency})
	if err != nil {
		return c, err
	}
	return c, json.Unmarshal(sent, &c.Details)
}

type createPropertyIn struct {
	Body struct {
		Property newProperty `json:"property"`
	}
}

func (h handlers) createProperty(ctx context.Context, a roster.Actor, in *createPropertyIn) (*propertyOut, error) {
	sent := &in.Body.Property
	group, err := bodyID("group_id", sent.GroupID)
	if err != nil {
		return nil, err
	}
	change, err := (&changedProperty{sent.PropertyFields, sent.Title, sent.Currency, sent.Active}).change()
	if err != nil {
		return nil, err
	}
	p, err := h.lodging.CreateProperty(ctx, a, change, group)
	out, err := newPropertyOut(p, err)
	if err == nil {
		out.Location = wire.Location(ctx, "/properties/"+out.Body.Data.ID)
	}
	return out, err
}

type updatePropertyIn struct {
	PropertyPath
	wire.IfMatch

	Body struct {
		Property changedProperty `json:"property"`
	}
}

func (h handlers) updateProperty(ctx context.Context, a roster.Actor, in *updatePropertyIn) (*propertyOut, error) {
	id, err := parseID(in.ID)
	if err != nil {
		return nil, err
	}
	change, err := in.Body.Property.change()
	if err != nil {
		return nil, err
	}
	return newPropertyOut(h.lodging.UpdateProperty(ctx, a, id, change, in.Check))
}

type deletePropertyIn struct {
	PropertyPath
	wire.IfMatch
}

func (h handlers) deleteProperty(ctx context.Context, a roster.Actor, in *deletePropertyIn) (*successOut, error) {
	id, err := parseID(in.ID)
	if err != nil {
		return nil, err
	}
	return done(h.lodging.DeleteProperty(ctx, a, id, in.Check))
}
