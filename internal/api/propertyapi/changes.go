package propertyapi

import (
	"time"

	"github.com/google/uuid"

	"github.com/rosterhq/roster/internal/graph"
	"github.com/rosterhq/roster/internal/lodging"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/wire"
)

// change is what a planned call would change, in the terms of this API.
type change struct {
	Revision  int64         `json:"revision"`
	Time      string        `json:"time"`
	Actor     string        `json:"actor"`
	API       string        `json:"api"`
	Operation string        `json:"operation"`
	Subject   changeSubject `json:"subject"`
	Before    any           `json:"before"`
	After     any           `json:"after"`
}

// changeSubject says what changes. GroupID and PropertyID are those of an
// association, or the group of a group user; one that the plan itself makes stands
// in the change that makes it.
type changeSubject struct {
	Type       string `json:"type"`
	ID         string `json:"id,omitempty"`
	GroupID    string `json:"group_id,omitempty"`
	PropertyID string `json:"property_id,omitempty"`
}

type (
	groupChange struct {
		Title string `json:"title"`
	}
	propertyChange struct {
		lodging.Details

		Title  string `json:"title"`
		Active bool   `json:"is_active"`
	}
	groupUserChange struct {
		Role  string `json:"role"`
		Email string `json:"email,omitempty"`
		State string `json:"state"`
	}
)

// renderPlanned shows a change of a property group, a property, an association or
// a group user; false for anything else.
func (h handlers) renderPlanned(a roster.Actor, c wire.Changed) (any, bool) {
	out := change{
		Revision: c.Revision, Time: c.Time.Format(time.RFC3339Nano), Actor: a.ID, API: string(a.API), Operation: c.Operation,
	}
	ok := false
	switch c.SubjectType {
	case graph.GroupSubject:
		ok = out.group(c.Change)
	case graph.PropertySubject:
		out.property(c.Change)
		ok = true
	case "membership":
		ok = h.membership(&out, a, c.Change)
	case "group_user":
		out.Subject = changeSubject{Type: groupUserType, GroupID: h.id(a, c.SubjectID)}
		out.Before, out.After = invitationChange(&out, c.Before), invitationChange(&out, c.After)
		ok = true
	}
	return out, ok
}

// id spells the id of a subject; "" for one that only the plan knows.
func (h handlers) id(a roster.Actor, subject int64) string {
	if id := h.lodging.UUID(a.Tenant.ID, subject); id != uuid.Nil {
		return id.String()
	}
	return ""
}

func (out *change) group(c roster.Change) bool {
	show := func(v any) any {
		f, ok := v.(graph.GroupFields)
		if !ok || f.Kind != graph.Property {
			return nil
		}
		out.Subject = changeSubject{Type: groupType, ID: f.UUID}
		return groupChange{f.Name}
	}
	out.Before, out.After = show(c.Before), show(c.After)
	return out.Subject.ID != ""
}

func (out *change) property(c roster.Change) {
	show := func(v any) any {
		f, ok := v.(graph.PropertyFields)
		if !ok {
			return nil
		}
		out.Subject = changeSubject{Type: propertyType, ID: f.UUID}
		return propertyChange{lodging.DetailsOf(f.Attributes), f.Title, f.Active}
	}
	out.Before, out.After = show(c.Before), show(c.After)
}

func (h handlers) membership(out *change, a roster.Actor, c roster.Change) bool {
	var kind string
	show := func(v any) any {
		f, ok := v.(graph.MembershipFields)
		if !ok {
			return nil
		}
		if kind = f.MemberKind; kind == graph.PropertySubject {
			return map[string]string{}
		}
		return groupUserChange{Role: f.Role, State: lodging.Active}
	}
	out.Before, out.After = show(c.Before), show(c.After)
	out.Subject = changeSubject{Type: "association", GroupID: h.id(a, c.SubjectID)}
	if kind == graph.PropertySubject {
		out.Subject.PropertyID = h.id(a, c.ObjectID)
		return true
	}
	out.Subject.Type = groupUserType
	out.Subject.ID = lodging.GroupUserID(a.Tenant.ID, c.SubjectID, c.ObjectID).String()
	return kind == graph.PersonSubject
}

func invitationChange(out *change, v any) any {
	f, ok := v.(lodging.InvitationFields)
	if !ok {
		return nil
	}
	out.Subject.ID = f.UUID
	return groupUserChange{f.Role, f.Email, lodging.Invited}
}
