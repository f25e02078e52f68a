package directoryapi

import (
	"context"

	"github.com/rosterhq/roster/internal/graph"
	"github.com/rosterhq/roster/internal/graph/index"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/wire"
)

type checkIn struct {
	GroupPath
	AsOf
	AccountID string `query:"account_id" required:"true" example:"acc-123"`
}

// Verdict is the answer to one check.
type Verdict struct {
	Member         bool     `json:"member"`
	MembershipType string   `json:"membership_type,omitempty" enum:"direct,indirect"`
	Path           []string `json:"path,omitempty" doc:"Ids from the group to the account, both included: what makes it a member."`

	path []int64 // what Path is written from
}

// AppendJSON writes the verdict without reflection: checks are what is asked most.
func (c Verdict) AppendJSON(b []byte) []byte {
	return append(c.appendFields(append(b, '{')), '}')
}

func (c *Verdict) appendFields(b []byte) []byte {
	b = wire.AppendBool(append(b, `"member":`...), c.Member)
	if !c.Member {
		return b
	}
	b = wire.AppendString(append(b, `,"membership_type":`...), c.MembershipType)
	b = append(b, `,"path":[`...)
	last := len(c.path) - 1
	for _, id := range c.path[:last] {
		b = wire.AppendInt(append(b, `"`+groupPrefix...), id)
		b = append(b, `",`...)
	}
	b = wire.AppendInt(append(b, `"`+accountPrefix...), c.path[last])
	return append(b, `"]`...)
}

type checkOut struct{ Body Verdict }

func (h handlers) check(ctx context.Context, a roster.Actor, in *checkIn) (*checkOut, error) {
	group, err := parseGroup(in.ID)
	if err != nil {
		return nil, err
	}
	account, err := parseAccount(in.AccountID)
	if err != nil {
		return nil, err
	}
	asOf, err := in.micros()
	if err != nil {
		return nil, err
	}
	out := &checkOut{}
	scope := graph.Scope{AsOf: asOf, Below: []int64{group}, Above: []int64{account}}
	if readErr := h.graph.Read(ctx, a.Tenant.ID, scope, func(v *index.View) {
		switch {
		case v.Group(group) == nil:
			err = noGroup(in.ID)
		case v.Person(account) == nil:
			err = noAccount(in.AccountID)
		default:
			out.Body = judge(v, group, account)
		}
	}); readErr != nil {
		return nil, readErr
	}
	return out, err
}

func judge(v *index.View, group, account int64) Verdict {
	path, ok := v.Check(group, account)
	if !ok {
		return Verdict{}
	}
	return Verdict{Member: true, MembershipType: membershipType(len(path) == 2), path: path}
}

type Pair struct {
	GroupID   string `json:"group_id" example:"grp-123"`
	AccountID string `json:"account_id" example:"acc-123"`
}

type checkManyIn struct {
	Body struct {
		Checks []Pair           `json:"checks" minItems:"1" maxItems:"1000"`
		AsOf   wire.Opt[string] `json:"asOf,omitzero" format:"date-time"`
	}
}

type pairVerdict struct {
	Pair
	Verdict
}

type verdicts struct {
	Results []pairVerdict `json:"results"`
}

// AppendJSON writes the verdicts without reflection.
func (l verdicts) AppendJSON(b []byte) []byte {
	b = append(b, `{"results":[`...)
	for i := range l.Results {
		if i > 0 {
			b = append(b, ',')
		}
		r := &l.Results[i]
		b = wire.AppendString(append(b, `{"group_id":`...), r.GroupID)
		b = wire.AppendString(append(b, `,"account_id":`...), r.AccountID)
		b = append(r.appendFields(append(b, ',')), '}')
	}
	return append(b, `]}`...)
}

type checkManyOut struct{ Body verdicts }

// checkMany answers pairs in their order; an unknown id is no member.
func (h handlers) checkMany(ctx context.Context, a roster.Actor, in *checkManyIn) (*checkManyOut, error) {
	asOf, err := instant(wire.InBody, "asOf", in.Body.AsOf.Value)
	if err != nil {
		return nil, err
	}
	out := verdicts{Results: make([]pairVerdict, len(in.Body.Checks))}
	scope := graph.Scope{AsOf: asOf}
	ids := make([][2]int64, len(in.Body.Checks))
	for i, p := range in.Body.Checks {
		group, isGroup := parseID(groupPrefix, p.GroupID)
		account, isAccount := parseID(accountPrefix, p.AccountID)
		if isGroup && isAccount {
			ids[i] = [2]int64{group, account}
			scope.Above = append(scope.Above, account)
		}
	}
	err = h.graph.Read(ctx, a.Tenant.ID, scope, func(v *index.View) {
		for i, p := range in.Body.Checks {
			out.Results[i] = pairVerdict{p, judge(v, ids[i][0], ids[i][1])}
		}
	})
	return &checkManyOut{out}, err
}
