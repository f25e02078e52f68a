package orgapi

import (
	"context"

	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/spend"
	"github.com/rosterhq/roster/internal/wire"
)

// budget is one pot that all its groups spend from.
type budget struct {
	UUID        string   `json:"uuid" format:"uuid"`
	Name        string   `json:"name"`
	Status      string   `json:"status" enum:"ACTIVE,EXPIRED,ARCHIVED"`
	Limit       money    `json:"limit"`
	Period      string   `json:"period" enum:"WEEKLY,MONTHLY,QUARTERLY,YEARLY,ONE_TIME"`
	LimitType   string   `json:"limitType" enum:"HARD,SOFT"`
	StartDate   string   `json:"startDate" format:"date"`
	EndDate     *string  `json:"endDate" format:"date" doc:"The last day."`
	OwnerUUIDs  []string `json:"ownerUuids"`
	Spent       money    `json:"spent"`
	Remaining   money    `json:"remaining"`
	WindowStart string   `json:"windowStart" format:"date-time" doc:"When the window began that spent and remaining are about; remaining is 0 where more was spent."`
	WindowEnd   *string  `json:"windowEnd" format:"date-time" doc:"null for ONE_TIME."`
	GroupUUIDs  []string `json:"groupUuids"`
	CreatedAt   string   `json:"createdAt" format:"date-time"`
	UpdatedAt   string   `json:"updatedAt" format:"date-time"`
}

func renderBudget(u *spend.BudgetUsage) budget {
	b, t := u.Budget, &u.Terms
	out := budget{
		UUID: b.UUID.String(), Name: b.Name, Status: u.Usage.Status, Limit: moneyOf(t.Limit), Period: t.Period,
		LimitType: t.LimitType, StartDate: t.StartDate, EndDate: optional(t.EndDate), OwnerUUIDs: make([]string, len(t.Owners)),
		Spent: money{u.Spent, t.Limit.Currency}, Remaining: money{u.Remaining(b), t.Limit.Currency},
		WindowStart: u.Window.From.Format(seconds), GroupUUIDs: groupUUIDs(b.Groups),
		CreatedAt: clock(b.CreatedAt), UpdatedAt: clock(b.UpdatedAt),
	}
	for i, o := range t.Owners {
		out.OwnerUUIDs[i] = o.UUID.String()
	}
	if !u.Window.To.IsZero() {
		end := u.Window.To.Format(seconds)
		out.WindowEnd = &end
	}
	return out
}

// BudgetFields are what may be absent of a budget, in POST and PATCH.
type BudgetFields struct {
	LimitType  wire.Opt[string]   `json:"limitType,omitzero" enum:"HARD,SOFT" doc:"HARD for a new budget."`
	EndDate    wire.Opt[string]   `json:"endDate,omitzero" format:"date" doc:"The last day; null: none."`
	OwnerUUIDs wire.Opt[[]string] `json:"ownerUuids,omitzero"`
	Status     wire.Opt[string]   `json:"status,omitzero" enum:"ACTIVE,EXPIRED,ARCHIVED" doc:"ACTIVE or ARCHIVED; EXPIRED follows from endDate, and only an expired budget takes it back."`
}

func (f *BudgetFields) apply(b *spend.Budget) error {
	t := &b.Terms
	set(&t.LimitType, f.LimitType)
	set(&t.EndDate, f.EndDate)
	set(&b.Status, f.Status)
	if !f.OwnerUUIDs.Set {
		return nil
	}
	t.Owners = []spend.UserRef{}
	for _, text := range f.OwnerUUIDs.Value {
		id, ok := readUUID(text)
		if !ok {
			return malformed("ownerUuids")
		}
		t.Owners = append(t.Owners, spend.UserRef{UUID: id})
	}
	return nil
}

type budgetOut struct {
	ETag     string `header:"ETag"`
	Location string `header:"Location"`
	Body     budget
}

func showBudget(u *spend.BudgetUsage) *budgetOut {
	return &budgetOut{ETag: wire.ETag(u.Revision), Body: renderBudget(u)}
}

type listBudgets struct {
	ResourceFilter

	Status string `query:"status" enum:"ACTIVE,EXPIRED,ARCHIVED"`
}

func (h handlers) listBudgets(ctx context.Context, a roster.Actor, in *listBudgets) (*listOut[budget], error) {
	f, err := in.filter(in.Status)
	if err != nil {
		return nil, err
	}
	return h.budgetPage(ctx, a, &in.Paging, "/budgets", f)
}

func (h handlers) budgetPage(ctx context.Context, a roster.Actor, p *Paging, path string, f spend.Filter) (*listOut[budget], error) {
	s := p.span()
	page, total, err := h.spend.Budgets(ctx, a.Tenant.ID, f, s.offset(), s.limit())
	if err != nil {
		return nil, err
	}
	rows := make([]budget, len(page))
	for i := range page {
		rows[i] = renderBudget(&page[i])
	}
	return answer(ctx, p, path, rows, total), nil
}

type getBudget struct{ ResourcePath }

func (h handlers) getBudget(ctx context.Context, a roster.Actor, in *getBudget) (*budgetOut, error) {
	id, err := parseUUID("Budget", in.UUID)
	if err != nil {
		return nil, err
	}
	u, err := h.spend.Budget(ctx, a.Tenant.ID, id)
	if err != nil {
		return nil, named(err, "Budget", in.UUID)
	}
	return showBudget(u), nil
}

type createBudget struct {
	Body struct {
		BudgetFields

		Name      string `json:"name" maxLength:"255"`
		Limit     money  `json:"limit"`
		Period    string `json:"period" enum:"WEEKLY,MONTHLY,QUARTERLY,YEARLY,ONE_TIME"`
		StartDate string `json:"startDate" format:"date" doc:"The first day; windows begin on it."`
	}
}

func (h handlers) createBudget(ctx context.Context, a roster.Actor, in *createBudget) (*budgetOut, error) {
	b := &spend.Budget{Name: in.Body.Name, Status: spend.Active, Terms: spend.BudgetTerms{
		Limit: in.Body.Limit.value(), Period: in.Body.Period, StartDate: in.Body.StartDate, LimitType: spend.Hard,
	}}
	if err := in.Body.apply(b); err != nil {
		return nil, err
	}
	u, err := h.spend.CreateBudget(ctx, a, b)
	if err != nil {
		return nil, err
	}
	out := showBudget(u)
	out.Location = wire.Location(ctx, "/budgets/"+out.Body.UUID)
	return out, nil
}

type patchBudget struct {
	ResourcePath
	wire.IfMatch

	Body struct {
		BudgetFields

		Name      wire.Opt[string] `json:"name,omitzero" maxLength:"255"`
		Limit     wire.Opt[money]  `json:"limit,omitzero"`
		Period    wire.Opt[string] `json:"period,omitzero" enum:"WEEKLY,MONTHLY,QUARTERLY,YEARLY,ONE_TIME"`
		StartDate wire.Opt[string] `json:"startDate,omitzero" format:"date"`
	}
}

func (h handlers) patchBudget(ctx context.Context, a roster.Actor, in *patchBudget) (*budgetOut, error) {
	id, err := parseUUID("Budget", in.UUID)
	if err != nil {
		return nil, err
	}
	u, err := h.spend.UpdateBudget(ctx, a, id, in.Check, func(b *spend.Budget) error {
		set(&b.Name, in.Body.Name)
		if in.Body.Limit.Set {
			b.Terms.Limit = in.Body.Limit.Value.value()
		}
		set(&b.Terms.Period, in.Body.Period)
		set(&b.Terms.StartDate, in.Body.StartDate)
		return in.Body.apply(b)
	})
	if err != nil {
		return nil, named(err, "Budget", in.UUID)
	}
	return showBudget(u), nil
}

func (h handlers) deleteBudget(ctx context.Context, a roster.Actor, in *deleteResource) (*struct{}, error) {
	id, err := parseUUID("Budget", in.UUID)
	if err != nil {
		return nil, err
	}
	return nil, named(h.spend.DeleteBudget(ctx, a, id, in.Check), "Budget", in.UUID)
}
