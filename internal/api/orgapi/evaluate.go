package orgapi

import (
	"context"

	"github.com/google/uuid"

	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/spend"
	"github.com/rosterhq/roster/internal/wire"
)

type evaluate struct {
	Body struct {
		UserUUID  string           `json:"userUuid" format:"uuid"`
		SpendType string           `json:"spendType" example:"CARD"`
		Amount    money            `json:"amount"`
		Category  wire.Opt[string] `json:"category,omitzero" maxLength:"255"`
		Merchant  wire.Opt[string] `json:"merchant,omitzero" maxLength:"255"`
	}
}

type decision struct {
	Decision    string      `json:"decision" enum:"APPROVAL_REQUIRED,AUTO_APPROVED,BLOCKED"`
	RuleUUID    *string     `json:"ruleUuid" format:"uuid"`
	PolicyUUIDs []string    `json:"policyUuids" doc:"The active policies of the user's groups."`
	BudgetUUIDs []string    `json:"budgetUuids" doc:"The open budgets of the user's groups in the currency."`
	Chain       []chainStep `json:"chain"`
	Reasons     []string    `json:"reasons"`
}

type chainStep struct {
	Order         int      `json:"order"`
	Mode          string   `json:"mode" enum:"ANY,ALL"`
	ApproverUUIDs []string `json:"approverUuids"`
	Fallback      bool     `json:"fallback" doc:"Nobody else was left, so it goes to the owners."`
}

type decisionOut struct{ Body decision }

func (h handlers) evaluate(ctx context.Context, a roster.Actor, in *evaluate) (*decisionOut, error) {
	id, ok := readUUID(in.Body.UserUUID)
	if !ok {
		return nil, malformed("userUuid")
	}
	d, err := h.spend.Evaluate(ctx, a.Tenant.ID, spend.Question{
		User: id, SpendType: in.Body.SpendType, Amount: in.Body.Amount.value(),
		Category: in.Body.Category.Value, Merchant: in.Body.Merchant.Value,
	})
	if err != nil {
		return nil, err
	}
	out := decision{
		Decision: d.Outcome, PolicyUUIDs: texts(d.Policies), BudgetUUIDs: texts(d.Budgets),
		Chain: make([]chainStep, len(d.Chain)), Reasons: d.Reasons,
	}
	if d.Rule != uuid.Nil {
		text := d.Rule.String()
		out.RuleUUID = &text
	}
	for i, s := range d.Chain {
		out.Chain[i] = chainStep{s.Order, s.Mode, texts(s.Approvers), s.Fallback}
	}
	return &decisionOut{out}, nil
}

func texts(ids []uuid.UUID) []string {
	all := make([]string, len(ids))
	for i, id := range ids {
		all[i] = id.String()
	}
	return all
}
