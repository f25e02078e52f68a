package orgapi

import (
	"context"

	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/spend"
)

// entry is what a user spent from a budget.
type entry struct {
	UUID       string `json:"uuid" format:"uuid"`
	BudgetUUID string `json:"budgetUuid" format:"uuid"`
	UserUUID   string `json:"userUuid" format:"uuid"`
	GroupUUID  string `json:"groupUuid" format:"uuid"`
	Amount     money  `json:"amount"`
	Reference  string `json:"reference"`
	OverBudget bool   `json:"overBudget"`
	CreatedAt  string `json:"createdAt" format:"date-time"`
}

func renderEntry(e *spend.Entry) entry {
	return entry{
		UUID: e.UUID.String(), BudgetUUID: e.BudgetUUID.String(), UserUUID: e.UserUUID.String(), GroupUUID: e.GroupUUID.String(),
		Amount: moneyOf(e.Amount), Reference: e.Reference, OverBudget: e.OverBudget, CreatedAt: clock(e.CreatedAt),
	}
}

type createSpend struct {
	ResourcePath

	Body struct {
		UserUUID  string `json:"userUuid" format:"uuid"`
		GroupUUID string `json:"groupUuid" format:"uuid" doc:"A group that the user is in and that carries the budget."`
		Amount    money  `json:"amount"`
		Reference string `json:"reference" minLength:"1" maxLength:"255" doc:"Unique in the budget: the same spend again answers the entry that is there."`
	}
}

type entryOut struct{ Body entry }

func (h handlers) createSpend(ctx context.Context, a roster.Actor, in *createSpend) (*entryOut, error) {
	e := spend.Entry{Amount: in.Body.Amount.value(), Reference: in.Body.Reference}
	var ok bool
	if e.UserUUID, ok = readUUID(in.Body.UserUUID); !ok {
		return nil, malformed("userUuid")
	}
	if e.GroupUUID, ok = readUUID(in.Body.GroupUUID); !ok {
		return nil, malformed("groupUuid")
	}
	id, err := parseUUID("Budget", in.UUID)
	if err != nil {
		return nil, err
	}
	made, err := h.spend.Spend(ctx, a, id, e)
	if err != nil {
		return nil, named(err, "Budget", in.UUID)
	}
	return &entryOut{renderEntry(made)}, nil
}

type listSpend struct {
	ResourcePath
	Paging
}

func (h handlers) listSpend(ctx context.Context, a roster.Actor, in *listSpend) (*listOut[entry], error) {
	id, err := parseUUID("Budget", in.UUID)
	if err != nil {
		return nil, err
	}
	s := in.span()
	page, total, err := h.spend.Entries(ctx, a.Tenant.ID, id, s.offset(), s.limit())
	if err != nil {
		return nil, named(err, "Budget", in.UUID)
	}
	rows := make([]entry, len(page))
	for i, e := range page {
		rows[i] = renderEntry(e)
	}
	return answer(ctx, &in.Paging, "/budgets/"+in.UUID+"/spend", rows, total), nil
}
