package orgapi

import (
	"context"

	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/spend"
	"github.com/rosterhq/roster/internal/wire"
)

// rule says whose agreement the spending of its groups' users needs.
type rule struct {
	UUID         string          `json:"uuid" format:"uuid"`
	Name         string          `json:"name"`
	Status       string          `json:"status" enum:"ACTIVE,INACTIVE"`
	Priority     int64           `json:"priority"`
	SpendTypes   []string        `json:"spendTypes"`
	MinAmount    nullable[money] `json:"minAmount"`
	MaxAmount    nullable[money] `json:"maxAmount"`
	Steps        []step          `json:"steps"`
	StatusReason *string         `json:"statusReason" doc:"GROUP_DELETED: no group carries it any more; APPROVER_GROUP_DELETED: a group that it named as approver is gone."`
	GroupUUIDs   []string        `json:"groupUuids"`
	CreatedAt    string          `json:"createdAt" format:"date-time"`
	UpdatedAt    string          `json:"updatedAt" format:"date-time"`
}

type step struct {
	Order     int64      `json:"order" minimum:"1"`
	Mode      string     `json:"mode" enum:"ANY,ALL"`
	Approvers []approver `json:"approvers"`
}

type approver struct {
	Type string  `json:"type" enum:"USER,GROUP,REQUESTER_MANAGER"`
	UUID *string `json:"uuid,omitempty" format:"uuid" doc:"The user, or a group of any API; absent with REQUESTER_MANAGER."`
}

func renderRule(r *spend.Rule) rule {
	t := &r.Terms
	out := rule{
		UUID: r.UUID.String(), Name: r.Name, Status: r.Status, Priority: t.Priority, SpendTypes: t.SpendTypes,
		MinAmount: nullableMoney(t.Min), MaxAmount: nullableMoney(t.Max), Steps: make([]step, len(t.Steps)),
		StatusReason: optional(r.StatusReason), GroupUUIDs: groupUUIDs(r.Groups), CreatedAt: clock(r.CreatedAt), UpdatedAt: clock(r.UpdatedAt),
	}
	for i, s := range t.Steps {
		out.Steps[i] = step{int64(s.Order), s.Mode, make([]approver, len(s.Approvers))}
		for n, a := range s.Approvers {
			out.Steps[i].Approvers[n].Type = a.Type
			if a.Type != spend.ManagerApprover {
				id := a.UUID.String()
				out.Steps[i].Approvers[n].UUID = &id
			}
		}
	}
	return out
}

// RuleFields are what may be absent of a rule, in POST and PATCH.
type RuleFields struct {
	Status     wire.Opt[string]   `json:"status,omitzero" enum:"ACTIVE,INACTIVE"`
	Priority   wire.Opt[int64]    `json:"priority,omitzero" doc:"The lowest wins; 0 for a new rule."`
	SpendTypes wire.Opt[[]string] `json:"spendTypes,omitzero" doc:"Such as CARD, REIMBURSEMENT; none: every type."`
	MinAmount  wire.Opt[money]    `json:"minAmount,omitzero" doc:"From this amount on."`
	MaxAmount  wire.Opt[money]    `json:"maxAmount,omitzero" doc:"Below this amount."`
}

func (f *RuleFields) apply(r *spend.Rule) {
	set(&r.Status, f.Status)
	set(&r.Terms.Priority, f.Priority)
	set(&r.Terms.SpendTypes, f.SpendTypes)
	setMoney(&r.Terms.Min, f.MinAmount)
	setMoney(&r.Terms.Max, f.MaxAmount)
}

func stepsOf(in []step) ([]spend.Step, error) {
	steps := make([]spend.Step, len(in))
	for i, s := range in {
		steps[i] = spend.Step{Order: int(s.Order), Mode: s.Mode, Approvers: make([]spend.Approver, len(s.Approvers))}
		for n, a := range s.Approvers {
			to := &steps[i].Approvers[n]
			to.Type = a.Type
			if a.UUID == nil {
				continue
			}
			var ok bool
			if to.UUID, ok = readUUID(*a.UUID); !ok {
				return nil, malformed("steps")
			}
		}
	}
	return steps, nil
}

type ruleOut struct {
	ETag     string `header:"ETag"`
	Location string `header:"Location"`
	Body     rule
}

func showRule(r *spend.Rule) *ruleOut {
	return &ruleOut{ETag: wire.ETag(r.Revision), Body: renderRule(r)}
}

type listRules struct {
	ResourceFilter

	Status string `query:"status" enum:"ACTIVE,INACTIVE"`
}

func (h handlers) listRules(ctx context.Context, a roster.Actor, in *listRules) (*listOut[rule], error) {
	f, err := in.filter(in.Status)
	if err != nil {
		return nil, err
	}
	return h.rulePage(ctx, a, &in.Paging, "/approval-rules", f)
}

func (h handlers) rulePage(ctx context.Context, a roster.Actor, p *Paging, path string, f spend.Filter) (*listOut[rule], error) {
	all, err := h.spend.Rules(ctx, a.Tenant.ID, f)
	if err != nil {
		return nil, err
	}
	page := slice(p.span(), all)
	rows := make([]rule, len(page))
	for i, r := range page {
		rows[i] = renderRule(r)
	}
	return answer(ctx, p, path, rows, len(all)), nil
}

type getRule struct{ ResourcePath }

func (h handlers) getRule(ctx context.Context, a roster.Actor, in *getRule) (*ruleOut, error) {
	id, err := parseUUID("Approval rule", in.UUID)
	if err != nil {
		return nil, err
	}
	r, err := h.spend.Rule(ctx, a.Tenant.ID, id)
	if err != nil {
		return nil, named(err, "Approval rule", in.UUID)
	}
	return showRule(r), nil
}

type createRule struct {
	Body struct {
		RuleFields

		Name  string `json:"name" maxLength:"255"`
		Steps []step `json:"steps" minItems:"1" doc:"One after the other, by order 1, 2, 3 and so on."`
	}
}

func (h handlers) createRule(ctx context.Context, a roster.Actor, in *createRule) (*ruleOut, error) {
	steps, err := stepsOf(in.Body.Steps)
	if err != nil {
		return nil, err
	}
	r := &spend.Rule{Name: in.Body.Name, Status: spend.Active, Terms: spend.RuleTerms{Steps: steps}}
	in.Body.apply(r)
	if r, err = h.spend.CreateRule(ctx, a, r); err != nil {
		return nil, err
	}
	out := showRule(r)
	out.Location = wire.Location(ctx, "/approval-rules/"+out.Body.UUID)
	return out, nil
}

type patchRule struct {
	ResourcePath
	wire.IfMatch

	Body struct {
		RuleFields

		Name  wire.Opt[string] `json:"name,omitzero" maxLength:"255"`
		Steps wire.Opt[[]step] `json:"steps,omitzero"`
	}
}

func (h handlers) patchRule(ctx context.Context, a roster.Actor, in *patchRule) (*ruleOut, error) {
	id, err := parseUUID("Approval rule", in.UUID)
	if err != nil {
		return nil, err
	}
	steps, err := stepsOf(in.Body.Steps.Value)
	if err != nil {
		return nil, err
	}
	r, err := h.spend.UpdateRule(ctx, a, id, in.Check, func(r *spend.Rule) error {
		set(&r.Name, in.Body.Name)
		if in.Body.Steps.Set {
			r.Terms.Steps = steps
		}
		in.Body.apply(r)
		return nil
	})
	if err != nil {
		return nil, named(err, "Approval rule", in.UUID)
	}
	return showRule(r), nil
}

func (h handlers) deleteRule(ctx context.Context, a roster.Actor, in *deleteResource) (*struct{}, error) {
	id, err := parseUUID("Approval rule", in.UUID)
	if err != nil {
		return nil, err
	}
	return nil, named(h.spend.DeleteRule(ctx, a, id, in.Check), "Approval rule", in.UUID)
}
