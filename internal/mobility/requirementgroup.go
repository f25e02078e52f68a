package mobility

import (
	"slices"

	"github.com/rosterhq/roster/internal/business"
	"github.com/rosterhq/roster/internal/identity"
)

// groupKinds are asked where a business account pays.
var groupKinds = []kind{
	{
		code: "GROUP_MEMBERSHIP_ACTIVE", context: aboutGroup, errorCode: business.CodeInactiveMember,
		expected: always(business.MemberActive),
		judge:    (*facts).judgeMembership,
		message:  "your membership in the business account is not active", hint: "a manager has suspended the membership, or there is none",
		resolution: contactSupport, with: byManager,
	},
	{
		code: "GROUP_MEMBER_APPROVED", context: aboutGroup, errorCode: business.CodeNotApproved, when: memberKnown,
		expected: always([]string{business.Approved, business.ApprovalNotRequired}),
		judge: func(f *facts, r *Requirement) bool {
			state := f.member.Approval.State
			if !f.q.Account.Settings.RequireMemberApproval {
				state = business.ApprovalNotRequired // whatever was decided before
			}
			if state == business.ApprovalPending {
				r.by(wait, byManager)
			}
			return r.told(state, state == business.Approved || state == business.ApprovalNotRequired)
		},
		message: "the business account has not approved you", hint: "a manager of the account has yet to approve the member", resolution: requestApproval, with: byManager,
	},
	{
		code: "GROUP_PAYMENT_CONFIGURED", context: aboutGroup, errorCode: business.CodeNoPayment,
		expected: always([]string{business.SourceAdded, business.Invoicing}),
		judge: func(f *facts, r *Requirement) bool {
			state := f.q.Account.PaymentState
			return r.told(state, state == business.SourceAdded || state == business.Invoicing)
		},
		message: "the business account has no way to pay", hint: "the account has no payment source, and is not invoiced", resolution: addPaymentSource, with: byManager,
	},
	{
		code: "GROUP_NO_UNPAID_INVOICES", context: aboutGroup, errorCode: business.CodeUnpaid,
		judge:   func(f *facts, _ *Requirement) bool { return !f.unpaid(f.group.blockedFrom) },
		message: "the business account has unpaid invoices", hint: "an invoice of the account is overdue", resolution: payInvoices, with: byManager,
	},
	{
		code: "GROUP_BRANCH_CATEGORY_PERMITTED", context: aboutGroup, errorCode: business.CodeNotPermitted,
		judge:   func(f *facts, _ *Requirement) bool { return f.permitted() },
		message: "the business account is not for this branch or kind of vehicle", hint: "the account's allowed branches or vehicle categories leave this out",
		resolution: contactSupport, with: byOperator,
	},
	{
		code: "CREDIT_STATUS_APPROVED", context: aboutGroup, errorCode: codeCredit, settable: true,
		when:     func(f *facts) bool { return f.said.creditProvider },
		expected: always(identity.CreditApproved),
		judge:    func(f *facts, r *Requirement) bool { return r.credit(f.q.Account.CreditAt(f.now)) },
		message:  "the credit of the business account is not approved", hint: "the account has no approved credit rating", resolution: contactSupport, with: byOperator,
	},
	{
		code: "COST_CENTER_SELECTED", context: aboutGroup, errorCode: business.CodeNoCostCenter,
		when:     func(f *facts) bool { return memberKnown(f) && (f.costCenterRequired() || f.q.CostCenterID != 0) },
		expected: func(f *facts) any { return f.availableIDs() },
		judge:    (*facts).judgeCostCenter,
		message:  "a cost center is missing", hint: "the member has to choose a cost center", resolution: selectCostCenter, with: byCustomer,
	},
	{
		code: "BUSINESS_REASON_GIVEN", context: aboutGroup, errorCode: business.CodeNoReason,
		when: func(f *facts) bool {
			s := &f.q.Account.Settings
			return s.RequireBusinessReason || f.q.BusinessReason != "" && len(s.BusinessReasons) > 0
		},
		expected: func(f *facts) any {
			if reasons := f.q.Account.Settings.BusinessReasons; len(reasons) > 0 {
				return reasons
			}
			return nil
		},
		judge: func(f *facts, r *Requirement) bool {
			reasons, reason := f.q.Account.Settings.BusinessReasons, f.q.BusinessReason
			if reason != "" {
				r.Message = "the business account knows no such reason"
			}
			return r.told(reason, reason != "" && (len(reasons) == 0 || slices.Contains(reasons, reason)))
		},
		message: "a reason is missing", hint: "the member has to say what for", resolution: enterReason, with: byCustomer,
	},
	{
		code: "MEMBER_PROPERTY", context: aboutGroup, errorCode: codeMemberProperty,
		when:     func(f *facts) bool { return memberKnown(f) && len(f.q.Account.Settings.RequiredMemberProperties) > 0 },
		expected: func(f *facts) any { return f.q.Account.Settings.RequiredMemberProperties },
		judge: func(f *facts, r *Requirement) bool {
			given := slices.DeleteFunc(slices.Clone(f.q.Account.Settings.RequiredMemberProperties), func(name string) bool { return f.memberProperty(name) == "" })
			if len(given) > 0 {
				r.Actual = given
			}
			return len(given) == len(f.q.Account.Settings.RequiredMemberProperties)
		},
		message: "the business account has yet to say more about you", hint: "the account asks properties of its members that this one lacks",
		resolution: completeProfile, with: byManager,
	},
	{
		code: "SPENDING_LIMIT", context: aboutGroup, errorCode: business.CodeSpendingLimit,
		when: func(f *facts) bool { return f.member != nil && f.member.Limit.Currency != "" },
		expected: func(f *facts) any {
			return map[string]any{"amount": money(f.member.Limit.Amount), "currency": f.member.Limit.Currency, "period": f.member.Limit.Period}
		},
		judge: func(f *facts, r *Requirement) bool {
			r.Actual = money(f.spent)
			return f.spent < f.member.Limit.Amount
		},
		message: "you have reached your spending limit", hint: "the member has spent what the account allows in the period", resolution: contactSupport, with: byManager,
	},
}

// memberKnown reports whether it can be told what the group says of the person as its
// member, or nobody is asked.
func memberKnown(f *facts) bool { return f.member != nil || f.q.Person == 0 }

func (f *facts) judgeMembership(r *Requirement) bool {
	switch a := f.q.Account; {
	case a.State != business.AccountActive:
		r.Message, r.Hint = "the business account is not active", "the account is not active"
		r.by(contactSupport, byOperator)
		return r.told(a.State, false)
	case a.BlockState != business.NotBlocked:
		r.Message, r.Hint = "the business account is blocked", "the account is blocked"
		r.by(contactSupport, byOperator)
		return r.told(a.BlockState, false)
	case f.member == nil:
		r.Message, r.Hint = "you are not in the business account", "the customer is no member of the account"
		return r.told("NONE", false)
	default:
		return r.told(f.member.State, f.member.State == business.MemberActive)
	}
}

// permitted reports whether the group may be used for the branch, or one above it,
// and for the category.
func (f *facts) permitted() bool {
	branches, categories := f.q.Account.AllowedBranchIDs, f.q.Account.AllowedCategoryIDs
	in := func(id int64) bool { return slices.Contains(branches, id) }
	return (len(branches) == 0 || slices.ContainsFunc(f.rules.tree.Chain(f.q.BranchID), in)) &&
		(len(categories) == 0 || slices.Contains(categories, f.q.CategoryID))
}

// memberProperty is what the group says of the member under a name; "" for nothing.
func (f *facts) memberProperty(name string) string {
	switch name {
	case "superiorEmail":
		return f.member.SuperiorEmail
	case "employeeNumber":
		return f.member.EmployeeNumber
	default:
		return f.member.CustomProperties[name]
	}
}

func (f *facts) costCenterRequired() bool {
	return f.q.Account.Settings.RequireCostCenter || f.said.costCenter
}

// costCenter is the cost center that is booked to: the one that was chosen, else the
// member's default, else the group's; 0 where that is not available, or there is none.
func (f *facts) costCenter() int64 {
	if f.member == nil {
		return 0
	}
	if f.q.CostCenterID != 0 {
		if slices.Contains(f.available, f.q.CostCenterID) {
			return f.q.CostCenterID
		}
		return 0
	}
	for _, id := range []int64{f.member.DefaultCostCenterID, f.q.Account.DefaultCostCenterID} {
		if slices.Contains(f.available, id) {
			return id
		}
	}
	return 0
}

func (f *facts) judgeCostCenter(r *Requirement) bool {
	id := f.costCenter()
	switch {
	case id != 0:
		r.Actual = id
		return true
	case f.q.CostCenterID != 0:
		r.Actual, r.ErrorCode = f.q.CostCenterID, business.CodeCostCenter
		r.Message = "this cost center is not available to you"
	case len(f.available) == 0:
		r.Message, r.Hint = "no cost center is available to you", "the account asks for a cost center, and none is available to the member"
		r.by(contactSupport, byManager)
	}
	return false
}

// availableIDs are the cost centers to choose from; none where nobody is asked.
func (f *facts) availableIDs() any {
	if f.q.Person == 0 {
		return nil
	}
	return append([]int64{}, f.available...)
}
