package orgapi

import (
	"github.com/google/uuid"

	"github.com/rosterhq/roster/internal/graph"
	"github.com/rosterhq/roster/internal/graph/index"
	"github.com/rosterhq/roster/internal/identity"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/spend"
	"github.com/rosterhq/roster/internal/wire"
)

// change is a change that a planned call would make, in the terms of this API.
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

type changeSubject struct {
	Type     string `json:"type"`
	UUID     string `json:"uuid,omitempty"`
	UserUUID string `json:"userUuid,omitempty"`
}

// The fields of a subject are those that getting it shows, less what is counted or
// kept elsewhere: times of groups and users, and what a budget's entries add up to.
type groupChange struct {
	UUID        string  `json:"uuid"`
	Name        string  `json:"name"`
	Description *string `json:"description"`
	Status      string  `json:"status"`
}

type userChange struct {
	UUID        string  `json:"uuid"`
	Email       string  `json:"email"`
	FullName    string  `json:"fullName"`
	Status      string  `json:"status"`
	Role        string  `json:"role"`
	PhoneNumber *string `json:"phoneNumber"`
	JobTitle    *string `json:"jobTitle"`
	Department  *string `json:"department"`
	ManagerUUID *string `json:"managerUuid"`
}

type membershipChange struct {
	Role      *string `json:"role"`
	StartsAt  *string `json:"startsAt"`
	ExpiresAt *string `json:"expiresAt"`
	AddedAt   string  `json:"addedAt"`
}

type budgetChange struct {
	UUID       string   `json:"uuid"`
	Name       string   `json:"name"`
	Status     string   `json:"status"`
	Limit      money    `json:"limit"`
	Period     string   `json:"period"`
	LimitType  string   `json:"limitType"`
	StartDate  string   `json:"startDate"`
	EndDate    *string  `json:"endDate"`
	OwnerUUIDs []string `json:"ownerUuids"`
	GroupUUIDs []string `json:"groupUuids"`
}

// renderChange shows a change of what the API can show: groups of the organization,
// their users, and what they carry. Office staff see all, others groups alone.
func (h handlers) renderChange(a roster.Actor, c wire.Changed) (any, bool) {
	out := change{
		Revision: c.Revision, Time: *exact(c.Time.UnixMicro()), Actor: a.ID, API: string(a.API), Operation: c.Operation,
		Before: h.fields(c.Before), After: h.fields(c.After),
	}
	out.Subject = changeSubject{Type: c.SubjectType, UUID: uuidOf(out.After)}
	if out.After == nil {
		out.Subject.UUID = uuidOf(out.Before)
	}
	switch c.SubjectType {
	case "membership":
		out.Subject = h.edge(a, c)
	case "group_impact":
		out.Subject = changeSubject{Type: "group", UUID: h.edge(a, c).UUID}
	}
	return out, out.Before != nil || out.After != nil
}

// fields translates what a change holds; nil is nothing that the API shows.
func (h handlers) fields(v any) any {
	switch f := v.(type) {
	case graph.GroupFields:
		if f.Kind != graph.Organization {
			return nil
		}
		return groupChange{f.UUID, f.Name, optional(f.Description), "ACTIVE"}
	case identity.UserFields:
		return userChange{
			f.UUID, f.Email, f.FullName, f.Status, f.Role, f.PhoneNumber, f.JobTitle, f.Department, optional(f.ManagerUUID),
		}
	case graph.MembershipFields:
		return membershipChange{optional(f.Role), exact(f.StartsAt), exact(f.ExpiresAt), clock(f.AddedAt)}
	case *spend.Policy:
		return renderPolicy(f)
	case *spend.Budget:
		b := renderBudget(&spend.BudgetUsage{Budget: f, Usage: spend.Usage{Status: f.Status}})
		return budgetChange{b.UUID, b.Name, b.Status, b.Limit, b.Period, b.LimitType, b.StartDate, b.EndDate, b.OwnerUUIDs, b.GroupUUIDs}
	case *spend.Rule:
		return renderRule(f)
	case *spend.Entry:
		return renderEntry(f)
	case *spend.Impact:
		return renderImpact(f)
	}
	return nil
}

func uuidOf(fields any) string {
	switch f := fields.(type) {
	case groupChange:
		return f.UUID
	case userChange:
		return f.UUID
	case policy:
		return f.UUID
	case budgetChange:
		return f.UUID
	case rule:
		return f.UUID
	case entry:
		return f.UUID
	}
	return ""
}

// edge names the group and the user of a membership, both of which were there
// before the call.
func (h handlers) edge(a roster.Actor, c wire.Changed) changeSubject {
	out := changeSubject{Type: c.SubjectType}
	h.graph.View(a.Tenant.ID, func(v *index.View) {
		if g := v.Group(c.SubjectID); g != nil {
			out.UUID = uuid.UUID(g.UUID).String()
		}
		if p := v.Person(c.ObjectID); p != nil {
			out.UserUUID = uuid.UUID(p.UUID).String()
		}
	})
	return out
}
