package userapi

import (
	"context"

	"github.com/rosterhq/roster/internal/api/view"
	"github.com/rosterhq/roster/internal/business"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/wire/mobilitywire"
)

type listGroupRequests struct {
	GroupPath
	mobilitywire.Paging
	RequestFilter
}

func (h handlers) listGroupRequests(ctx context.Context, a roster.Actor, in *listGroupRequests) (*mobilitywire.List[request], error) {
	page, err := in.Page(0, requestOrders...)
	if err != nil {
		return nil, err
	}
	rows, total, err := h.business.Requests(ctx, a, in.UserGroupID, in.filter(), page)
	return view.PageOf(page, rows, total, renderRequest), err
}

type decideGroupRequest struct {
	GroupPath

	RequestID int64 `path:"requestId" minimum:"1"`
	Body      struct {
		State               string `json:"state" enum:"ACCEPTED,DECLINED,CANCELLED" doc:"ACCEPTED or DECLINED for a request to join, CANCELLED for an invitation."`
		Role                string `json:"role,omitempty" enum:"MEMBER,ADMIN,OWNER" doc:"That the person gets; nobody becomes OWNER."`
		DefaultCostCenterID int64  `json:"defaultCostCenterId,omitempty" minimum:"0"`
		Reason              string `json:"reason,omitempty" maxLength:"500"`
	}
}

func (h handlers) decideGroupRequest(ctx context.Context, a roster.Actor, in *decideGroupRequest) (*decidedOut, error) {
	b := &in.Body
	r, m, err := h.business.Decide(ctx, a, in.UserGroupID, in.RequestID, business.Decision{
		State: b.State, Reason: b.Reason, Role: b.Role, DefaultCostCenterID: b.DefaultCostCenterID,
	})
	if err != nil {
		return nil, err
	}
	return &decidedOut{renderDecided(r, m)}, nil
}
