package userapi

import (
	"context"
	"net/http"

	"github.com/rosterhq/roster/internal/api/view"
	"github.com/rosterhq/roster/internal/business"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/wire"
	"github.com/rosterhq/roster/internal/wire/mobilitywire"
)

type listGroups struct{ mobilitywire.Paging }

func (h handlers) listGroups(ctx context.Context, a roster.Actor, in *listGroups) (*mobilitywire.List[memberGroup], error) {
	page, err := in.Page(0, "name", "code", "createdAt")
	if err != nil {
		return nil, err
	}
	rows, total, err := h.business.Groups(ctx, a, page)
	return view.PageOf(page, rows, total, renderMemberGroup), err
}

type joinGroup struct {
	GroupCode string `path:"groupCode" maxLength:"64"`
	Body      *struct {
		Message       string `json:"message,omitempty" maxLength:"500"`
		SuperiorEmail string `json:"superiorEmail,omitempty" maxLength:"254"`
		CostCenterID  int64  `json:"costCenterId,omitempty" minimum:"0" doc:"To be the default; counts where the group takes people at once."`
	}
}

func (in *joinGroup) join() business.Join {
	if in.Body == nil {
		return business.Join{}
	}
	return business.Join{Message: in.Body.Message, SuperiorEmail: in.Body.SuperiorEmail, CostCenterID: in.Body.CostCenterID}
}

type joinOut struct {
	Status   int
	Location string `header:"Location" doc:"Where my groups are listed, or my requests."`
	Body     joined
}

// joined says what became of joining a group.
type joined struct {
	Status     string      `json:"status" enum:"REQUESTED,JOINED"`
	Request    *request    `json:"request,omitempty"`
	Membership *membership `json:"membership,omitempty"`
}

func (h handlers) joinGroup(ctx context.Context, a roster.Actor, in *joinGroup) (*joinOut, error) {
	done, err := h.business.Join(ctx, a, in.GroupCode, in.join())
	if err != nil {
		return nil, renamed(err, "defaultCostCenterId", "costCenterId")
	}
	out := &joinOut{http.StatusAccepted, wire.Location(ctx, "/groups/requests"), joined{Status: "REQUESTED"}}
	if done.Request != nil {
		shown := renderRequest(done.Request)
		out.Body.Request = &shown
	}
	if done.Member != nil {
		shown := renderMembership(done.Member)
		out.Status, out.Location, out.Body.Status, out.Body.Membership = http.StatusCreated, wire.Location(ctx, "/groups"), "JOINED", &shown
	}
	return out, nil
}

type leaveGroup struct {
	Code string `path:"code" maxLength:"64" doc:"The group's code, or the caller's own member code."`
	Body *struct {
		Reason string `json:"reason,omitempty" maxLength:"500"`
	}
}

type leaveOut struct{ Body left }

type left struct {
	Status string            `json:"status" enum:"LEFT"`
	LeftAt mobilitywire.Time `json:"leftAt"`
}

func (h handlers) leaveGroup(ctx context.Context, a roster.Actor, in *leaveGroup) (*leaveOut, error) {
	reason := ""
	if in.Body != nil {
		reason = in.Body.Reason
	}
	at, err := h.business.Leave(ctx, a, in.Code, reason)
	if err != nil {
		return nil, err
	}
	return &leaveOut{left{"LEFT", mobilitywire.Time(at)}}, nil
}

type listOwnRequests struct {
	mobilitywire.Paging
	RequestFilter
}

// RequestFilter narrows a list of requests.
type RequestFilter struct {
	State []string `query:"state,explode" enum:"PENDING,ACCEPTED,DECLINED,CANCELLED,EXPIRED" doc:"PENDING by default."`
	Type  []string `query:"type,explode" enum:"JOIN_REQUEST,INVITATION"`
}

func (f RequestFilter) filter() business.RequestFilter {
	return business.RequestFilter{States: f.State, Types: f.Type}
}

// requestOrders are what lists of requests are sorted by.
var requestOrders = []string{"createdAt", "expiresAt", "state", "type"}

func (h handlers) listOwnRequests(ctx context.Context, a roster.Actor, in *listOwnRequests) (*mobilitywire.List[request], error) {
	page, err := in.Page(0, requestOrders...)
	if err != nil {
		return nil, err
	}
	rows, total, err := h.business.OwnRequests(ctx, a, in.filter(), page)
	return view.PageOf(page, rows, total, renderRequest), err
}

type decideOwnRequest struct {
	RequestID int64 `path:"requestId" minimum:"1"`
	Body      struct {
		State  string `json:"state" enum:"ACCEPTED,DECLINED,CANCELLED" doc:"ACCEPTED or DECLINED for an invitation, CANCELLED for a request of one's own."`
		Reason string `json:"reason,omitempty" maxLength:"500"`
	}
}

type decidedOut struct{ Body request }

func (h handlers) decideOwnRequest(ctx context.Context, a roster.Actor, in *decideOwnRequest) (*decidedOut, error) {
	r, m, err := h.business.DecideOwn(ctx, a, in.RequestID, business.Decision{State: in.Body.State, Reason: in.Body.Reason})
	if err != nil {
		return nil, err
	}
	return &decidedOut{renderDecided(r, m)}, nil
}
