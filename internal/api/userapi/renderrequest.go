package userapi

import (
	"github.com/rosterhq/roster/internal/api/view"
	"github.com/rosterhq/roster/internal/business"
	"github.com/rosterhq/roster/internal/wire/mobilitywire"
)

// request is a request to join a group, or an invitation into one (contract/mobility.md §4.4).
type request struct {
	ID                  int64             `json:"id"`
	UserGroupID         int64             `json:"userGroupId"`
	GroupCode           string            `json:"groupCode"`
	GroupName           string            `json:"groupName"`
	Type                string            `json:"type" enum:"JOIN_REQUEST,INVITATION"`
	State               string            `json:"state" enum:"PENDING,ACCEPTED,DECLINED,CANCELLED,EXPIRED"`
	UserID              int64             `json:"userId,omitempty"`
	Email               string            `json:"email,omitempty" doc:"That is invited."`
	User                *view.Person      `json:"user,omitempty"`
	Role                string            `json:"role" enum:"ADMIN,MEMBER"`
	DefaultCostCenterID int64             `json:"defaultCostCenterId,omitempty"`
	SuperiorEmail       string            `json:"superiorEmail,omitempty"`
	Message             string            `json:"message,omitempty"`
	DeclineReason       string            `json:"declineReason,omitempty"`
	InitiatedBy         string            `json:"initiatedBy" enum:"USER,MANAGER,OPERATOR"`
	CreatedAt           mobilitywire.Time `json:"createdAt"`
	ExpiresAt           mobilitywire.Time `json:"expiresAt"`
	DecidedAt           mobilitywire.Time `json:"decidedAt,omitzero"`
	DecidedBy           int64             `json:"decidedBy,omitempty"`
	Membership          *membership       `json:"membership,omitempty"`
	Version             int64             `json:"version"`
}

func renderRequest(r *business.Request) request {
	return request{
		ID: r.ID, UserGroupID: r.GroupID, GroupCode: r.GroupCode, GroupName: r.GroupName, Type: r.Type, State: r.State, UserID: r.UserID, Email: r.Email,
		User: view.NewPerson(r.User), Role: r.Role, DefaultCostCenterID: r.DefaultCostCenterID, SuperiorEmail: r.SuperiorEmail, Message: r.Message,
		DeclineReason: r.DeclineReason, InitiatedBy: r.InitiatedBy, CreatedAt: mobilitywire.Time(r.CreatedAt), ExpiresAt: mobilitywire.Time(r.ExpiresAt),
		DecidedAt: mobilitywire.Time(r.DecidedAt), DecidedBy: r.DecidedBy, Version: r.Revision,
	}
}

// renderDecided shows a request and, where it was accepted, what became of it.
func renderDecided(r *business.Request, m *business.Member) request {
	out := renderRequest(r)
	if m != nil {
		shown := renderMembership(m)
		out.Membership = &shown
	}
	return out
}
