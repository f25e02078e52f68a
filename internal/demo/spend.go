package demo

import (
	"context"
	"time"

	"github.com/google/uuid"

	"github.com/rosterhq/roster/internal/identity"
	"github.com/rosterhq/roster/internal/identity/transfer"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/spend"
	"github.com/rosterhq/roster/internal/store"
)

// clientName is the name of the organization's client among the credentials.
const clientName = "org_client"

func makeClient(ctx context.Context, w *worker) error {
	client, _, err := w.Identity.CreateClient(ctx, w.actor, roster.OrganizationAPI, identity.CompanyOwner, w.derive(clientName))
	w.Clients[clientName] = client.ID
	return err
}

// makeSpend gives the operations group a policy, a budget and an approval rule.
func makeSpend(ctx context.Context, w *worker) error {
	group, err := w.find(ctx, w.IDs["organization_group"])
	if err != nil {
		return err
	}
	policy, err := w.Spend.CreatePolicy(ctx, w.actor, &spend.Policy{Name: "Field travel", Status: spend.Active, Terms: spend.PolicyTerms{
		Description:       "Trips to customers",
		TransactionLimit:  pesos(5_000),
		PeriodLimit:       &spend.PeriodLimit{Money: *pesos(20_000), Period: spend.Monthly},
		BlockedCategories: []string{"GAMBLING"},
		ReceiptAbove:      pesos(200),
		Approval:          spend.AboveLimit,
	}})
	if err != nil {
		return err
	}
	year := w.DB.Clock()().UTC().Year()
	budget, err := w.Spend.CreateBudget(ctx, w.actor, &spend.Budget{Name: "Operations", Status: spend.Active, Terms: spend.BudgetTerms{
		Limit: *pesos(300_000), Period: spend.Quarterly, LimitType: spend.Hard,
		StartDate: time.Date(year, time.January, 1, 0, 0, 0, 0, time.UTC).Format(time.DateOnly),
		Owners:    []spend.UserRef{{UUID: uuid.MustParse(w.IDs["organization_manager"])}},
	}})
	if err != nil {
		return err
	}
	rule, err := w.Spend.CreateRule(ctx, w.actor, &spend.Rule{Name: "Managers above 5,000", Status: spend.Active, Terms: spend.RuleTerms{
		Priority: 10, Min: pesos(5_000), SpendTypes: []string{"CARD", "REIMBURSEMENT"},
		Steps: []spend.Step{{Order: 1, Mode: spend.Any, Approvers: []spend.Approver{{Type: spend.ManagerApprover}}}},
	}})
	if err != nil {
		return err
	}
	for _, part := range []struct {
		name string
		kind spend.Kind
		id   uuid.UUID
	}{
		{"organization_policy", spend.PolicyKind, policy.UUID},
		{"organization_budget", spend.BudgetKind, budget.UUID},
		{"organization_approval_rule", spend.RuleKind, rule.UUID},
	} {
		if _, err := w.Spend.Attach(ctx, w.actor, group, part.kind, part.id, nil); err != nil {
			return err
		}
		w.IDs[part.name] = part.id.String()
	}
	return nil
}

func pesos(n int64) *spend.Money { return &spend.Money{Amount: n * 100, Currency: "MXN"} }

// find finds a group by its UUID.
func (w *worker) find(ctx context.Context, id string) (group int64, err error) {
	err = w.DB.Read(ctx, w.actor.Tenant.ID, func(tx *store.Tx) error {
		found, err := transfer.Find(tx, transfer.Group, id)
		group = found[id]
		return err
	})
	return group, err
}
