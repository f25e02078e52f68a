package orgapi_test

import (
	"maps"
	"strings"
	"testing"
	"time"
)

func by(approvers ...object) []object {
	return []object{{"order": 1, "mode": "ANY", "approvers": approvers}}
}

func userApprover(id string) object  { return object{"type": "USER", "uuid": id} }
func groupApprover(id string) object { return object{"type": "GROUP", "uuid": id} }

var managerApprover = object{"type": "REQUESTER_MANAGER"}

func TestRules(t *testing.T) {
	each(t, func(_ *testing.T, h *house) {
		group, ann := h.group("Finance"), h.user("Ann", "MANAGER")
		g := h.Golden("approval_rules")
		made := g.Post("/approval-rules", object{
			"name": "Finance > 10k", "priority": 10, "spendTypes": []string{"CARD", "REIMBURSEMENT"}, "minAmount": mxn(1000000), "maxAmount": nil,
			"steps": []object{
				{"order": 2, "mode": "ALL", "approvers": []object{groupApprover(group)}},
				{"order": 1, "mode": "ANY", "approvers": []object{managerApprover, userApprover(ann)}},
			},
		}).Want(201)
		path := "/approval-rules/" + made.Text("uuid")
		g.Put("/groups/"+group+path, nil).Want(204)
		g.Get("/groups/" + group + "/approval-rules").Want(200)
		g.Get("/approval-rules?groupUuid=" + group).Want(200)
		g.Note("What GET gave can be sent back.")
		g.Patch(path, string(h.Get(path).Body)).Want(200)
		g.Patch(path, object{"priority": 5, "spendTypes": []string{}, "minAmount": mxn(5), "maxAmount": mxn(6), "steps": by(userApprover(ann))}).Want(200)
		g.Patch(path, object{"status": "INACTIVE"}).Want(200)
		g.Get("/approval-rules?status=ACTIVE").Want(200)
		g.Delete("/groups/" + group + path).Want(204)
		g.Delete(path).Want(204)
		g.Get(path).Want(404)
	})
}

func TestRuleErrors(t *testing.T) {
	each(t, func(_ *testing.T, h *house) {
		ann := h.user("Ann", "MANAGER")
		id := h.make("approval-rules", object{"name": "A", "steps": by(userApprover(ann))})
		g := h.Golden("approval_rule_errors")
		one := []object{userApprover(ann)}
		for _, body := range []object{
			{"name": "A"},
			{"name": "A", "steps": []object{}},
			{"name": " ", "steps": by(userApprover(ann))},
			{"name": "A", "steps": by()},
			{"name": "A", "steps": []object{{"order": 1, "mode": "SOME", "approvers": one}}},
			{"name": "A", "steps": []object{{"order": 2, "mode": "ANY", "approvers": one}}},
			{"name": "A", "steps": []object{{"order": 1, "mode": "ANY", "approvers": one}, {"order": 3, "mode": "ANY", "approvers": one}}},
			{"name": "A", "steps": []object{{"order": 1, "mode": "ANY", "approvers": one}, {"order": 1, "mode": "ANY", "approvers": one}}},
			{"name": "A", "steps": by(object{"type": "ROLE"})},
			{"name": "A", "steps": by(object{"type": "USER"})},
			{"name": "A", "steps": by(object{"type": "USER", "uuid": "ann"})},
			{"name": "A", "steps": by(object{"type": "REQUESTER_MANAGER", "uuid": ann})},
			{"name": "A", "steps": by(one...), "spendTypes": []string{"card"}},
			{"name": "A", "steps": by(one...), "minAmount": mxn(5), "maxAmount": mxn(5)},
			{"name": "A", "steps": by(one...), "minAmount": mxn(-5)},
		} {
			g.Post("/approval-rules", body).Want(400)
		}
		g.Post("/approval-rules", object{"name": "A", "steps": by(one...), "minAmount": mxn(5), "maxAmount": object{"amount": 6, "currency": "USD"}}).Want(422)
		g.Post("/approval-rules", object{"name": "A", "steps": by(userApprover(unknown()))}).Want(422)
		g.Post("/approval-rules", object{"name": "A", "steps": by(groupApprover(unknown()))}).Want(422)
		path := "/approval-rules/" + id
		g.Patch(path, object{"steps": nil}).Want(400)
		g.Patch(path, object{"name": ""}).Want(400)
		g.Set("If-Match", `"0"`).Patch(path, object{}).Want(412)
		g.Set("If-Match", `"0"`).Delete(path).Want(412)
		g.Patch("/approval-rules/"+unknown(), object{}).Want(404)
		g.Delete("/approval-rules/" + unknown()).Want(404)
		g.Get("/approval-rules/" + unknown()).Want(404)
		h.rival.Get(path).Want(404)
		h.rival.Post("/approval-rules", object{"name": "A", "steps": by(userApprover(ann))}).Want(422)
	})
}

// field is Ann's group with everything that evaluation looks at.
type field struct {
	*house

	group, ann, boss, olive string
}

func newField(h *house) *field {
	f := &field{house: h, group: h.group("Field"), boss: h.user("Boss", "MANAGER"), olive: h.user("Olive", "COMPANY_OWNER")}
	f.ann = h.user("Ann", "EMPLOYEE")
	h.Patch("/users/"+f.ann, object{"managerUuid": f.boss}).Want(200)
	h.member(f.group, f.ann)
	return f
}

// ask evaluates a spending of Ann's and returns decision, reasons and the first step's approvers.
func (f *field) ask(amount int64, more object) (decision, reasons, approvers string) {
	f.t.Helper()
	body := object{"userUuid": f.ann, "spendType": "CARD", "amount": mxn(amount)}
	maps.Copy(body, more)
	r := f.Post("/approval-rules/evaluate", body).Want(200)
	return r.Text("decision"), joined(r.At("reasons")), joined(r.At("chain.0.approverUuids"))
}

func joined(list any) string {
	var all []string
	for _, v := range listOf(list) {
		all = append(all, textOf(v))
	}
	return strings.Join(all, " ")
}

func (f *field) want(amount int64, more object, decision, reasons string) {
	f.t.Helper()
	if d, r, _ := f.ask(amount, more); d != decision || r != reasons {
		f.t.Errorf("%d: %s because of %q, want %s because of %q", amount, d, r, decision, reasons)
	}
}

func TestEvaluate(t *testing.T) {
	each(t, func(_ *testing.T, h *house) {
		f := newField(h)
		g := h.Golden("evaluate")
		ask := object{"userUuid": f.ann, "spendType": "CARD", "amount": mxn(500)}
		g.Note("Without policy or rule, all owners are asked.")
		g.Post("/approval-rules/evaluate", ask).Want(200)
		h.make("policies", object{"name": "Free", "approval": "NEVER", "perTransactionLimit": mxn(1000), "blockedMerchants": []string{"Casino"}}, f.group)
		g.Note("A policy lets it pass.")
		g.Post("/approval-rules/evaluate", ask).Want(200)
		g.Note("A budget without room blocks.")
		budget := h.make("budgets", pot("Small", 400, nil), f.group)
		g.Post("/approval-rules/evaluate", ask).Want(200)
		h.Delete("/budgets/" + budget).Want(204)
		g.Note("A rule that matches requires its chain, whatever the policy says.")
		h.make("approval-rules", object{"name": "Boss", "steps": by(managerApprover)}, f.group)
		g.Post("/approval-rules/evaluate", ask).Want(200)
		g.Note("What is blocked stays blocked.")
		g.Post("/approval-rules/evaluate", object{"userUuid": f.ann, "spendType": "CARD", "amount": mxn(5), "merchant": "CASINO"}).Want(200)
		g.Note("Refusals.")
		g.Post("/approval-rules/evaluate", object{"userUuid": unknown(), "spendType": "CARD", "amount": mxn(5)}).Want(422)
		g.Post("/approval-rules/evaluate", object{"userUuid": "ann", "spendType": "CARD", "amount": mxn(5)}).Want(400)
		g.Post("/approval-rules/evaluate", object{"userUuid": f.ann, "spendType": "card", "amount": mxn(5)}).Want(400)
		g.Post("/approval-rules/evaluate", object{"userUuid": f.ann, "amount": mxn(5)}).Want(400)
		h.rival.Post("/approval-rules/evaluate", ask).Want(422)
	})
}

func TestEvaluatePolicies(t *testing.T) {
	each(t, func(_ *testing.T, h *house) {
		f := newField(h)
		other := h.group("Other")
		free := h.make("policies", object{"name": "Free", "approval": "NEVER", "perTransactionLimit": mxn(1000)}, f.group)
		f.want(1000, nil, "AUTO_APPROVED", "")
		f.want(1001, nil, "BLOCKED", "TRANSACTION_LIMIT_EXCEEDED")
		f.want(5000, object{"amount": object{"amount": 5000, "currency": "USD"}}, "AUTO_APPROVED", "")
		tight := h.make("policies", object{"name": "Tight", "approval": "ABOVE_LIMIT", "perTransactionLimit": mxn(300), "allowedCategories": []string{"TRAVEL"}}, other)
		f.want(1000, nil, "AUTO_APPROVED", "")
		h.member(other, f.ann)
		f.want(300, object{"category": "travel"}, "AUTO_APPROVED", "")
		f.want(301, object{"category": "TRAVEL"}, "APPROVAL_REQUIRED", "TRANSACTION_LIMIT_EXCEEDED DEFAULT_APPROVERS")
		f.want(1, object{"category": "FOOD"}, "BLOCKED", "CATEGORY_NOT_ALLOWED")
		f.want(1, nil, "BLOCKED", "CATEGORY_NOT_ALLOWED")
		h.Patch("/policies/"+free, object{"allowedCategories": []string{"FOOD"}}).Want(200)
		f.want(1, object{"category": "TRAVEL"}, "BLOCKED", "CATEGORY_NOT_ALLOWED")
		f.want(1, object{"category": "FOOD"}, "BLOCKED", "CATEGORY_NOT_ALLOWED")
		h.Patch("/policies/"+tight, object{"status": "INACTIVE"}).Want(200)
		f.want(1, object{"category": "FOOD"}, "AUTO_APPROVED", "")
		h.Patch("/policies/"+free, object{"approval": "ALWAYS", "receiptRequiredAbove": mxn(10)}).Want(200)
		f.want(11, object{"category": "FOOD"}, "APPROVAL_REQUIRED", "RECEIPT_REQUIRED DEFAULT_APPROVERS")
		f.want(1001, object{"category": "FOOD"}, "BLOCKED", "RECEIPT_REQUIRED TRANSACTION_LIMIT_EXCEEDED")
		h.Patch("/users/"+f.ann, object{"status": "DISABLED"}).Want(200)
		f.want(1, object{"category": "FOOD"}, "BLOCKED", "USER_DISABLED")
	})
}

// A period's limit counts what the user spent from all budgets in its currency,
// in the current week, month, quarter or year of the calendar.
func TestEvaluatePeriodLimit(t *testing.T) {
	each(t, func(_ *testing.T, h *house) {
		f := newField(h)
		h.make("policies", object{"name": "Monthly", "approval": "ABOVE_LIMIT", "periodLimit": object{"amount": 100, "currency": "MXN", "period": "MONTHLY"}}, f.group)
		one, two := h.make("budgets", pot("One", 1000, nil), f.group), h.make("budgets", pot("Two", 1000, nil), f.group)
		h.Post("/budgets/"+one+"/spend", spent(f.ann, f.group, 30, "1")).Want(201)
		h.Post("/budgets/"+two+"/spend", spent(f.ann, f.group, 30, "1")).Want(201)
		f.want(40, nil, "AUTO_APPROVED", "")
		f.want(41, nil, "APPROVAL_REQUIRED", "PERIOD_LIMIT_EXCEEDED DEFAULT_APPROVERS")
		h.clock.set("2026-02-01T00:00:00Z")
		f.want(100, nil, "AUTO_APPROVED", "")
	})
}

func TestEvaluateRuleOrder(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		f := newField(h)
		rule := func(name string, more object) string {
			body := object{"name": name, "steps": by(userApprover(f.boss))}
			maps.Copy(body, more)
			h.clock.forward(time.Second)
			return h.make("approval-rules", body, f.group)
		}
		winner := func(amount int64, more object) any {
			body := object{"userUuid": f.ann, "spendType": "CARD", "amount": mxn(amount)}
			maps.Copy(body, more)
			return h.Post("/approval-rules/evaluate", body).Want(200).At("ruleUuid")
		}
		oldest := rule("Z oldest", object{"priority": 5})
		rule("A younger", object{"priority": 5})
		band := rule("Band", object{"priority": 1, "minAmount": mxn(100), "maxAmount": mxn(200)})
		dollars := rule("Dollars", object{"priority": 0, "minAmount": object{"amount": 0, "currency": "USD"}})
		rule("Other type", object{"priority": -1, "spendTypes": []string{"REIMBURSEMENT"}})
		for amount, want := range map[int64]string{99: oldest, 100: band, 199: band, 200: oldest} {
			if got := winner(amount, nil); got != want {
				t.Errorf("%d: rule %v wins, want %s", amount, got, want)
			}
		}
		if got := winner(0, object{"amount": object{"amount": 150, "currency": "USD"}}); got != dollars {
			t.Errorf("in dollars rule %v wins", got)
		}
	})
}

// Nobody approves for themself, and nothing passes because nobody is left.
func TestEvaluateApprovers(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		f := newField(h)
		deep := directoryGroup(t, h, "Deep")
		id := h.make("approval-rules", object{"name": "R", "steps": by(userApprover(f.ann))}, f.group)
		steps := func(approvers ...object) { h.Patch("/approval-rules/"+id, object{"steps": by(approvers...)}).Want(200) }
		want := func(reasons string, people ...string) {
			t.Helper()
			d, r, who := f.ask(5, nil)
			if d != "APPROVAL_REQUIRED" || r != reasons || who != strings.Join(people, " ") {
				t.Errorf("%s because of %q by %s, want %q by %q", d, r, who, reasons, people)
			}
		}
		want("RULE_MATCHED APPROVER_FALLBACK", f.olive)
		steps(managerApprover)
		want("RULE_MATCHED", f.boss)
		steps(groupApprover(f.group))
		want("RULE_MATCHED APPROVER_FALLBACK", f.olive)
		h.member(f.group, f.boss)
		want("RULE_MATCHED", f.boss)
		steps(groupApprover(deep))
		want("RULE_MATCHED APPROVER_FALLBACK", f.olive)
		nest(t, h, deep, f.group)
		want("RULE_MATCHED", f.boss)
		h.Patch("/users/"+f.boss, object{"status": "DISABLED"}).Want(200)
		want("RULE_MATCHED APPROVER_FALLBACK", f.olive)
		h.Patch("/users/"+f.olive, object{"status": "DISABLED"}).Want(200)
		want("RULE_MATCHED APPROVER_FALLBACK NO_APPROVER")
		h.Delete("/approval-rules/" + id).Want(204)
		want("DEFAULT_APPROVERS NO_APPROVER")
		h.Patch("/users/"+f.ann, object{"role": "COMPANY_OWNER"}).Want(200)
		want("DEFAULT_APPROVERS NO_APPROVER")
	})
}

// Only groups that the user is in at this instant count.
func TestEvaluateInTime(t *testing.T) {
	each(t, func(_ *testing.T, h *house) {
		f := newField(h)
		other := h.group("Visitors")
		h.make("policies", object{"name": "Free", "approval": "NEVER"}, other)
		h.Put("/groups/"+other+"/users/"+f.ann, object{"startsAt": h.clock.text(time.Hour), "expiresAt": h.clock.text(2 * time.Hour)}).Want(204)
		f.want(1, nil, "APPROVAL_REQUIRED", "DEFAULT_APPROVERS")
		h.clock.forward(time.Hour)
		f.want(1, nil, "AUTO_APPROVED", "")
		h.clock.forward(time.Hour)
		f.want(1, nil, "APPROVAL_REQUIRED", "DEFAULT_APPROVERS")
	})
}
