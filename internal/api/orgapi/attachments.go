package orgapi

import (
	"context"

	"github.com/google/uuid"

	"github.com/rosterhq/roster/internal/graph"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/spend"
	"github.com/rosterhq/roster/internal/wire"
)

// attachment is the path of what a group carries.
type attachment struct {
	GroupPath
	wire.IfMatch

	Resource string `path:"resource" doc:"The UUID of the policy, budget or approval rule."`
}

// attached makes the handler of PUT or DELETE of what a group carries; noun is how
// people call the kind.
func (h handlers) attached(kind spend.Kind, noun string,
	verb func(context.Context, roster.Actor, int64, spend.Kind, uuid.UUID, graph.Match) (int64, error),
) wire.Handler[attachment, versionOut] {
	return func(ctx context.Context, a roster.Actor, in *attachment) (*versionOut, error) {
		g, err := h.find(ctx, a, in.UUID, 0)
		if err != nil {
			return nil, err
		}
		id, err := parseUUID(noun, in.Resource)
		if err != nil {
			return nil, err
		}
		version, err := verb(ctx, a, g.ID, kind, id, in.Check)
		if roster.IsKind(err, roster.NotFound) && roster.AsError(err).Code == graph.CodeNoGroup {
			return nil, noSuch("Group", in.UUID)
		}
		if err != nil {
			return nil, named(err, noun, in.Resource)
		}
		return &versionOut{wire.ETag(version)}, nil
	}
}

type listAttached struct {
	GroupPath
	Paging
}

// carried reads the group of a list of what it carries.
func (h handlers) carried(ctx context.Context, a roster.Actor, in *listAttached) (spend.Filter, error) {
	g, err := h.find(ctx, a, in.UUID, 0)
	if err != nil {
		return spend.Filter{}, err
	}
	return spend.Filter{Group: g.UUID}, nil
}

func (h handlers) groupPolicies(ctx context.Context, a roster.Actor, in *listAttached) (*listOut[policy], error) {
	f, err := h.carried(ctx, a, in)
	if err != nil {
		return nil, err
	}
	return h.policyPage(ctx, a, &in.Paging, "/groups/"+in.UUID+"/policies", f)
}

func (h handlers) groupBudgets(ctx context.Context, a roster.Actor, in *listAttached) (*listOut[budget], error) {
	f, err := h.carried(ctx, a, in)
	if err != nil {
		return nil, err
	}
	return h.budgetPage(ctx, a, &in.Paging, "/groups/"+in.UUID+"/budgets", f)
}

func (h handlers) groupRules(ctx context.Context, a roster.Actor, in *listAttached) (*listOut[rule], error) {
	f, err := h.carried(ctx, a, in)
	if err != nil {
		return nil, err
	}
	return h.rulePage(ctx, a, &in.Paging, "/groups/"+in.UUID+"/approval-rules", f)
}
