package userapi

import (
	"context"

	"github.com/rosterhq/roster/internal/api/view"
	"github.com/rosterhq/roster/internal/business"
	"github.com/rosterhq/roster/internal/roster"
)

type addMembers struct {
	GroupPath

	Body struct {
		Members []invitee `json:"members,omitempty" doc:"1 to 100 with emails."`
		Emails  []string  `json:"emails,omitempty" doc:"The same with an address alone."`
	}
}

// invitee is somebody whom a manager wants in the group.
type invitee struct {
	Email               string `json:"email,omitempty" doc:"An address, or a userCode."`
	UserCode            string `json:"userCode,omitempty" doc:"The UUID of a customer."`
	Role                string `json:"role,omitempty" enum:"MEMBER,ADMIN,OWNER" doc:"MEMBER by default; nobody becomes OWNER."`
	DefaultCostCenterID int64  `json:"defaultCostCenterId,omitempty" minimum:"0"`
	SuperiorEmail       string `json:"superiorEmail,omitempty"`
	Message             string `json:"message,omitempty"`
}

type addMembersOut struct{ Body addedMembers }

// addedMembers say what became of each: nobody learns here whether an address is
// somebody's.
type addedMembers struct {
	Successful   []addedMember   `json:"successful"`
	Unsuccessful []refusedMember `json:"unsuccessful"`
}

type addedMember struct {
	Email      string      `json:"email,omitempty"`
	UserCode   string      `json:"userCode,omitempty"`
	RequestID  int64       `json:"requestId,omitempty"`
	Membership *membership `json:"membership,omitempty"`
}

type refusedMember struct {
	Email       string      `json:"email,omitempty"`
	UserCode    string      `json:"userCode,omitempty"`
	ErrorCode   string      `json:"errorCode"`
	UserMessage string      `json:"userMessage"`
	Details     *assignedTo `json:"details,omitempty"`
}

// assignedTo are the details of UG903 for a member of the group itself.
type assignedTo struct {
	UserGroupID int64 `json:"userGroupId"`
}

func (in *addMembers) invitees() []business.Invitee {
	all := view.Each(in.Body.Members, func(m invitee) business.Invitee { return business.Invitee(m) })
	for _, email := range in.Body.Emails {
		all = append(all, business.Invitee{Email: email})
	}
	return all
}

func (h handlers) addMembers(ctx context.Context, a roster.Actor, in *addMembers) (*addMembersOut, error) {
	done, err := h.business.Invite(ctx, a, in.UserGroupID, in.invitees())
	if err != nil {
		return nil, err
	}
	out := addedMembers{[]addedMember{}, []refusedMember{}}
	for _, d := range done {
		if d.Err != nil {
			e := speech.Error(d.Err)
			refused := refusedMember{Email: d.Email, UserCode: d.UserCode, ErrorCode: e.ErrorCode, UserMessage: e.UserMessage}
			if present, ok := roster.AsError(d.Err).Details.(business.Assigned); ok {
				refused.Details = &assignedTo{present.UserGroupID}
			}
			out.Unsuccessful = append(out.Unsuccessful, refused)
			continue
		}
		added := addedMember{Email: d.Email, UserCode: d.UserCode}
		if d.Request != nil {
			added.RequestID = d.Request.ID
		}
		if d.Member != nil {
			shown := renderMembership(d.Member)
			added.Membership = &shown
		}
		out.Successful = append(out.Successful, added)
	}
	return &addMembersOut{out}, nil
}
