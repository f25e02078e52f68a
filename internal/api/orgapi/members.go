package orgapi

import (
	"context"

	"github.com/google/uuid"

	"github.com/rosterhq/roster/internal/graph"
	"github.com/rosterhq/roster/internal/identity"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/wire"
)

// groupUser is a user with the terms on which they are in a group.
type groupUser struct {
	User

	Membership membership `json:"membership"`
}

type membership struct {
	Role      *string `json:"role" doc:"The user's role in the group."`
	StartsAt  *string `json:"startsAt" format:"date-time"`
	ExpiresAt *string `json:"expiresAt" format:"date-time"`
	AddedAt   string  `json:"addedAt" format:"date-time"`
}

func renderGroupUser(g *identity.GroupUser) groupUser {
	return groupUser{renderUser(g.User), membership{
		Role: optional(g.GroupRole), StartsAt: exact(g.StartsAt), ExpiresAt: exact(g.ExpiresAt), AddedAt: clock(g.AddedAt),
	}}
}

type listGroupUsers struct {
	GroupPath
	Paging
	AsOf

	Scheduled bool `query:"scheduled" doc:"Extension. true: also users whose time in the group is yet to come."`
}

func (h handlers) listGroupUsers(ctx context.Context, a roster.Actor, in *listGroupUsers) (*listOut[groupUser], error) {
	at, err := in.micros()
	if err != nil {
		return nil, err
	}
	g, err := h.find(ctx, a, in.UUID, at)
	if err != nil {
		return nil, err
	}
	s := in.span()
	filter := identity.GroupUserFilter{AsOf: at, Scheduled: in.Scheduled}
	page, total, err := h.identity.GroupUsers(ctx, a.Tenant.ID, g.ID, filter, s.offset(), s.limit())
	if err != nil {
		return nil, err
	}
	rows := make([]groupUser, len(page))
	for i := range page {
		rows[i] = renderGroupUser(&page[i])
	}
	return answer(ctx, &in.Paging, "/groups/"+in.UUID+"/users", rows, total), nil
}

// GroupAndUser is the path of a user in a group.
type GroupAndUser struct {
	GroupPath

	User string `path:"user" doc:"The user's UUID."`
}

func (h handlers) both(ctx context.Context, a roster.Actor, in *GroupAndUser) (group int64, user uuid.UUID, err error) {
	g, err := h.find(ctx, a, in.UUID, 0)
	if err != nil {
		return 0, uuid.Nil, err
	}
	user, err = parseUUID("User", in.User)
	return g.ID, user, err
}

// absent says which of the two a verb did not find.
func (in *GroupAndUser) absent(err error) error {
	if roster.IsKind(err, roster.NotFound) && roster.AsError(err).Code == graph.CodeNoGroup {
		return noSuch("Group", in.UUID)
	}
	return named(err, "User", in.User)
}

type putGroupUser struct {
	GroupAndUser
	wire.IfMatch

	Body *struct {
		Role      wire.Opt[string] `json:"role,omitzero" maxLength:"255" doc:"Extension. A role in the group; null: none."`
		StartsAt  wire.Opt[string] `json:"startsAt,omitzero" format:"date-time" doc:"Extension. From when on the user counts as in the group; null: at once."`
		ExpiresAt wire.Opt[string] `json:"expiresAt,omitzero" format:"date-time" doc:"Extension. Until before when; null: without end."`
	}
}

type versionOut struct {
	ETag string `header:"ETag"`
}

func (h handlers) putGroupUser(ctx context.Context, a roster.Actor, in *putGroupUser) (*versionOut, error) {
	starts, expires, err := in.times()
	if err != nil {
		return nil, err
	}
	group, user, err := h.both(ctx, a, &in.GroupAndUser)
	if err != nil {
		return nil, err
	}
	m, err := h.identity.PutGroupUser(ctx, a, group, user, in.Check, func(m *graph.Membership) {
		if in.Body == nil {
			return
		}
		if in.Body.Role.Set {
			m.Role = in.Body.Role.Value
		}
		if in.Body.StartsAt.Set {
			m.StartsAt = starts
		}
		if in.Body.ExpiresAt.Set {
			m.ExpiresAt = expires
		}
	})
	if e := roster.AsError(err); err != nil && e.Kind == roster.Invalid && e.Field == "expires_at" {
		return nil, wire.InvalidFields(wire.Field{In: wire.InBody, Name: "expiresAt", Rule: wire.RuleOther, Message: "must be later than startsAt"})
	}
	if err != nil {
		return nil, in.absent(err)
	}
	return &versionOut{wire.ETag(m.Revision)}, nil
}

// times reads the times that a body brings, µs UTC.
func (in *putGroupUser) times() (starts, expires int64, err error) {
	if in.Body == nil {
		return 0, 0, nil
	}
	if starts, err = instant(wire.InBody, "startsAt", in.Body.StartsAt.Value); err != nil {
		return 0, 0, err
	}
	expires, err = instant(wire.InBody, "expiresAt", in.Body.ExpiresAt.Value)
	return starts, expires, err
}

type deleteGroupUser struct {
	GroupAndUser
	wire.IfMatch
}

func (h handlers) deleteGroupUser(ctx context.Context, a roster.Actor, in *deleteGroupUser) (*struct{}, error) {
	group, user, err := h.both(ctx, a, &in.GroupAndUser)
	if err != nil {
		return nil, err
	}
	return nil, in.absent(h.identity.RemoveGroupUser(ctx, a, group, user, in.Check))
}
