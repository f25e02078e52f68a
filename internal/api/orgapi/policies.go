package orgapi

import (
	"context"

	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/spend"
	"github.com/rosterhq/roster/internal/wire"
)

// policy says what the users of its groups may spend.
type policy struct {
	UUID                 string                `json:"uuid" format:"uuid"`
	Name                 string                `json:"name"`
	Description          *string               `json:"description"`
	Status               string                `json:"status" enum:"ACTIVE,INACTIVE"`
	PerTransactionLimit  nullable[money]       `json:"perTransactionLimit"`
	PeriodLimit          nullable[periodLimit] `json:"periodLimit"`
	AllowedCategories    []string              `json:"allowedCategories"`
	BlockedCategories    []string              `json:"blockedCategories"`
	BlockedMerchants     []string              `json:"blockedMerchants"`
	ReceiptRequiredAbove nullable[money]       `json:"receiptRequiredAbove"`
	Approval             string                `json:"approval" enum:"ALWAYS,ABOVE_LIMIT,NEVER"`
	GroupUUIDs           []string              `json:"groupUuids"`
	CreatedAt            string                `json:"createdAt" format:"date-time"`
	UpdatedAt            string                `json:"updatedAt" format:"date-time"`
}

type periodLimit struct {
	Amount   int64  `json:"amount" minimum:"0" doc:"Minor units, such as cents."`
	Currency string `json:"currency" minLength:"3" maxLength:"3" doc:"A currency of ISO 4217."`
	Period   string `json:"period" enum:"WEEKLY,MONTHLY,QUARTERLY,YEARLY" doc:"Of the calendar, in UTC; weeks begin on Monday."`
}

func renderPolicy(p *spend.Policy) policy {
	t := &p.Terms
	out := policy{
		UUID: p.UUID.String(), Name: p.Name, Description: optional(t.Description), Status: p.Status,
		PerTransactionLimit: nullableMoney(t.TransactionLimit), ReceiptRequiredAbove: nullableMoney(t.ReceiptAbove),
		AllowedCategories: t.AllowedCategories, BlockedCategories: t.BlockedCategories, BlockedMerchants: t.BlockedMerchants,
		Approval: t.Approval, GroupUUIDs: groupUUIDs(p.Groups), CreatedAt: clock(p.CreatedAt), UpdatedAt: clock(p.UpdatedAt),
	}
	if l := t.PeriodLimit; l != nil {
		out.PeriodLimit.value = &periodLimit{l.Amount, l.Currency, l.Period}
	}
	return out
}

func groupUUIDs(groups []spend.GroupRef) []string {
	ids := make([]string, len(groups))
	for i, g := range groups {
		ids[i] = g.UUID.String()
	}
	return ids
}

// PolicyFields are what may be absent of a policy, in POST and PATCH.
type PolicyFields struct {
	Description          wire.Opt[string]      `json:"description,omitzero" maxLength:"1000"`
	Status               wire.Opt[string]      `json:"status,omitzero" enum:"ACTIVE,INACTIVE"`
	PerTransactionLimit  wire.Opt[money]       `json:"perTransactionLimit,omitzero"`
	PeriodLimit          wire.Opt[periodLimit] `json:"periodLimit,omitzero"`
	AllowedCategories    wire.Opt[[]string]    `json:"allowedCategories,omitzero" doc:"None: every category."`
	BlockedCategories    wire.Opt[[]string]    `json:"blockedCategories,omitzero"`
	BlockedMerchants     wire.Opt[[]string]    `json:"blockedMerchants,omitzero"`
	ReceiptRequiredAbove wire.Opt[money]       `json:"receiptRequiredAbove,omitzero"`
	Approval             wire.Opt[string]      `json:"approval,omitzero" enum:"ALWAYS,ABOVE_LIMIT,NEVER" doc:"ALWAYS for a new policy."`
}

func (f *PolicyFields) apply(p *spend.Policy) {
	t := &p.Terms
	set(&t.Description, f.Description)
	set(&p.Status, f.Status)
	setMoney(&t.TransactionLimit, f.PerTransactionLimit)
	if f.PeriodLimit.Set {
		t.PeriodLimit = nil
	}
	if l, ok := f.PeriodLimit.Get(); ok {
		t.PeriodLimit = &spend.PeriodLimit{Money: spend.Money{Amount: l.Amount, Currency: l.Currency}, Period: l.Period}
	}
	set(&t.AllowedCategories, f.AllowedCategories)
	set(&t.BlockedCategories, f.BlockedCategories)
	set(&t.BlockedMerchants, f.BlockedMerchants)
	setMoney(&t.ReceiptAbove, f.ReceiptRequiredAbove)
	set(&t.Approval, f.Approval)
}

// ResourcePath is the path of a policy, a budget or a rule.
type ResourcePath struct {
	UUID string `path:"uuid"`
}

// ResourceFilter narrows a list of them.
type ResourceFilter struct {
	Paging

	GroupUUID string `query:"groupUuid" format:"uuid" doc:"Those that this group carries."`
}

func (f *ResourceFilter) filter(status string) (spend.Filter, error) {
	id, err := queryUUID("groupUuid", f.GroupUUID)
	return spend.Filter{Group: id, Status: status}, err
}

type policyOut struct {
	ETag     string `header:"ETag"`
	Location string `header:"Location"`
	Body     policy
}

func showPolicy(p *spend.Policy) *policyOut {
	return &policyOut{ETag: wire.ETag(p.Revision), Body: renderPolicy(p)}
}

type listPolicies struct {
	ResourceFilter

	Status string `query:"status" enum:"ACTIVE,INACTIVE"`
}

func (h handlers) listPolicies(ctx context.Context, a roster.Actor, in *listPolicies) (*listOut[policy], error) {
	f, err := in.filter(in.Status)
	if err != nil {
		return nil, err
	}
	return h.policyPage(ctx, a, &in.Paging, "/policies", f)
}

func (h handlers) policyPage(ctx context.Context, a roster.Actor, p *Paging, path string, f spend.Filter) (*listOut[policy], error) {
	all, err := h.spend.Policies(ctx, a.Tenant.ID, f)
	if err != nil {
		return nil, err
	}
	page := slice(p.span(), all)
	rows := make([]policy, len(page))
	for i, r := range page {
		rows[i] = renderPolicy(r)
	}
	return answer(ctx, p, path, rows, len(all)), nil
}

type getPolicy struct{ ResourcePath }

func (h handlers) getPolicy(ctx context.Context, a roster.Actor, in *getPolicy) (*policyOut, error) {
	id, err := parseUUID("Policy", in.UUID)
	if err != nil {
		return nil, err
	}
	p, err := h.spend.Policy(ctx, a.Tenant.ID, id)
	if err != nil {
		return nil, named(err, "Policy", in.UUID)
	}
	return showPolicy(p), nil
}

type createPolicy struct {
	Body struct {
		PolicyFields

		Name string `json:"name" maxLength:"255"`
	}
}

func (h handlers) createPolicy(ctx context.Context, a roster.Actor, in *createPolicy) (*policyOut, error) {
	p := &spend.Policy{Name: in.Body.Name, Status: spend.Active, Terms: spend.PolicyTerms{Approval: spend.Always}}
	in.Body.apply(p)
	p, err := h.spend.CreatePolicy(ctx, a, p)
	if err != nil {
		return nil, err
	}
	out := showPolicy(p)
	out.Location = wire.Location(ctx, "/policies/"+out.Body.UUID)
	return out, nil
}

type patchPolicy struct {
	ResourcePath
	wire.IfMatch

	Body struct {
		PolicyFields

		Name wire.Opt[string] `json:"name,omitzero" maxLength:"255"`
	}
}

func (h handlers) patchPolicy(ctx context.Context, a roster.Actor, in *patchPolicy) (*policyOut, error) {
	id, err := parseUUID("Policy", in.UUID)
	if err != nil {
		return nil, err
	}
	p, err := h.spend.UpdatePolicy(ctx, a, id, in.Check, func(p *spend.Policy) error {
		set(&p.Name, in.Body.Name)
		in.Body.apply(p)
		return nil
	})
	if err != nil {
		return nil, named(err, "Policy", in.UUID)
	}
	return showPolicy(p), nil
}

type deleteResource struct {
	ResourcePath
	wire.IfMatch
}

func (h handlers) deletePolicy(ctx context.Context, a roster.Actor, in *deleteResource) (*struct{}, error) {
	id, err := parseUUID("Policy", in.UUID)
	if err != nil {
		return nil, err
	}
	return nil, named(h.spend.DeletePolicy(ctx, a, id, in.Check), "Policy", in.UUID)
}
