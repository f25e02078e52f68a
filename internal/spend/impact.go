package spend

import (
	"bytes"
	"context"
	"slices"

	"github.com/google/uuid"

	"github.com/rosterhq/roster/internal/graph"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/store"
)

// What deleting a group does to something that refers to it.
const (
	Unlinked    = "UNLINKED"
	Deactivated = "DEACTIVATED"       // a rule that no group carries any more
	Fallback    = "APPROVER_FALLBACK" // a rule with a step that goes to the owners
)

// Reference is something that refers to a group. Effect is what happens to it when
// the group is deleted: Unlinked, Archived, Deactivated or Fallback.
type Reference struct {
	UUID   uuid.UUID `json:"uuid"`
	Name   string    `json:"name"`
	Effect string    `json:"effect,omitempty"`
}

// EndedRole is a role of a user in a group, which ends with it.
type EndedRole struct {
	User uuid.UUID `json:"user_uuid"`
	Role string    `json:"role"`
}

// Impact is what deleting a group would do. Lists are by UUID.
type Impact struct {
	Users    int         `json:"users"` // memberships that end, those yet to start included
	Roles    []EndedRole `json:"roles"`
	Policies []Reference `json:"policies"`
	Budgets  []Reference `json:"budgets"`
	Rules    []Reference `json:"approval_rules"`
	// NestedIn are groups of the directory that the group's users leave with it.
	NestedIn []Reference `json:"nested_in"`
	// RemainingNever are active policies with approval NEVER that still apply to
	// some of the users, through other groups.
	RemainingNever []Reference `json:"remaining_never_policies"`
}

// attached reports whether something more than members refers to the group.
func (i *Impact) attached() bool { return len(i.Policies)+len(i.Budgets)+len(i.Rules) > 0 }

var (
	membersOfGroup = store.Q("impact.members", `SELECT s.uuid, m.role FROM memberships m
		JOIN subjects s ON s.tenant = $1 AND s.id = m.member_id
		WHERE m.tenant = $1 AND m.group_id = $2 AND m.recorded_to = `+live+` AND (m.expires_at = 0 OR m.expires_at > $3)
		ORDER BY s.uuid`)
	groupsAround = store.Q("impact.nested_in", `SELECT s.uuid, g.name FROM memberships m
		JOIN groups g ON g.tenant = $1 AND g.id = m.group_id AND g.recorded_to = `+live+`
		JOIN subjects s ON s.tenant = $1 AND s.id = m.group_id
		WHERE m.tenant = $1 AND m.member_id = $2 AND m.recorded_to = `+live+` AND (m.expires_at = 0 OR m.expires_at > $3)
		ORDER BY s.uuid`)
	policiesBeside = store.Q("impact.policies_beside", `SELECT DISTINCT l.resource_id FROM memberships m
		JOIN memberships o ON o.tenant = $1 AND o.member_id = m.member_id AND o.recorded_to = `+live+`
			AND o.group_kind = 'organization' AND o.group_id <> $2 AND (o.expires_at = 0 OR o.expires_at > $3)
		JOIN group_resources l ON l.tenant = $1 AND l.group_id = o.group_id AND l.kind = 'policy'
		WHERE m.tenant = $1 AND m.group_id = $2 AND m.recorded_to = `+live+` AND (m.expires_at = 0 OR m.expires_at > $3)`)
	rulesNaming = store.Q("impact.rules_naming", `SELECT rule_id FROM approver_groups WHERE tenant = $1 AND group_id = $2`)
)

// Impact tells what deleting a group of the organization would do. NotFound.
func (s *Spend) Impact(ctx context.Context, tenant roster.TenantID, group int64) (i *Impact, err error) {
	err = s.db.Read(ctx, tenant, func(tx *store.Tx) error {
		if _, err := organizationGroup(tx, group); err != nil {
			return err
		}
		d, err := detaching(tx, group)
		if err == nil {
			i, err = d.impact(tx)
		}
		return err
	})
	return i, err
}

// DeleteGroup ends a group of the organization and detaches what it carries, as
// Impact tells, in one transaction. If refuse, a group that anything but members
// refers to is Conflict with CodeGroupInUse, and its *Impact as details. NotFound,
// Precondition.
func (s *Spend) DeleteGroup(ctx context.Context, a roster.Actor, group int64, refuse bool, match graph.Match) error {
	return s.db.Write(ctx, a, func(tx *store.Tx) error {
		g, err := organizationGroup(tx, group)
		if err != nil {
			return err
		}
		if err := verify(match, g.Revision); err != nil {
			return err
		}
		d, err := detaching(tx, group)
		if err != nil {
			return err
		}
		i, err := d.impact(tx)
		if err != nil {
			return err
		}
		if refuse && i.attached() {
			return &roster.Error{
				Kind: roster.Conflict, Code: CodeGroupInUse, Details: i, Msg: "policies, budgets or approval rules refer to the group",
			}
		}
		if err := d.apply(tx); err != nil {
			return err
		}
		tx.Record(roster.Change{Operation: "group.impact", SubjectType: "group_impact", SubjectID: group, Before: i})
		return graph.DeleteGroup(tx, group, nil)
	})
}

// detachment is everything that changes with the end of a group, before and after.
type detachment struct {
	group    int64
	policies []changed[PolicyTerms]
	budgets  []changed[BudgetTerms]
	rules    []changed[RuleTerms]
}

type changed[T any] struct {
	before, after *Resource[T]
	linked        bool
	effect        string
}

func (c *changed[T]) reference() Reference { return Reference{c.before.UUID, c.before.Name, c.effect} }

// detaching works out what the end of a group changes, and changes nothing.
func detaching(tx *store.Tx, group int64) (*detachment, error) {
	d := &detachment{group: group}
	ps, err := policies.ofGroups(tx, []int64{group})
	if err != nil {
		return nil, err
	}
	for _, p := range ps {
		after := *p
		d.policies = append(d.policies, changed[PolicyTerms]{p, &after, true, ""})
	}
	bs, err := budgets.ofGroups(tx, []int64{group})
	if err != nil {
		return nil, err
	}
	for _, b := range bs {
		d.budgets = append(d.budgets, withoutBudget(b, tx.Now))
	}
	rs, err := rulesAbout(tx, group)
	if err != nil {
		return nil, err
	}
	for _, r := range rs {
		d.rules = append(d.rules, withoutRule(r, group))
	}
	return d, nil
}

// withoutBudget ends a budget that no group is left to spend from.
func withoutBudget(b *Budget, now int64) changed[BudgetTerms] {
	after := *b
	c := changed[BudgetTerms]{b, &after, true, Unlinked}
	if len(b.Groups) == 1 && b.Status == Active {
		after.Status, c.effect = Archived, Archived
		archive(&after, now)
	}
	return c
}

// withoutRule drops a group from a rule's steps, and from its scope: a rule that is
// left without a scope governs nobody and says so.
func withoutRule(r *Rule, group int64) changed[RuleTerms] {
	after := *r
	c := changed[RuleTerms]{r, &after, slices.ContainsFunc(r.Groups, func(g GroupRef) bool { return g.ID == group }), Unlinked}
	named, emptied := false, false
	after.Terms.Steps = slices.Clone(r.Terms.Steps)
	for i := range after.Terms.Steps {
		step := &after.Terms.Steps[i]
		kept := slices.DeleteFunc(slices.Clone(step.Approvers), func(a Approver) bool { return a.Type == GroupApprover && a.ID == group })
		named = named || len(kept) < len(step.Approvers)
		emptied = emptied || len(kept) == 0 && len(step.Approvers) > 0
		step.Approvers = kept
	}
	if named && r.Status == Active {
		after.StatusReason = CodeApproverGone
	}
	if emptied {
		c.effect = Fallback
	}
	if c.linked && len(r.Groups) == 1 && r.Status == Active {
		after.Status, after.StatusReason, c.effect = Inactive, CodeGroupDeleted, Deactivated
	}
	return c
}

// rulesAbout reads the rules that a group carries or that name it as approver.
func rulesAbout(tx *store.Tx, group int64) ([]*Rule, error) {
	ids, err := store.All(tx, rulesNaming, scanNumber, group)
	if err != nil {
		return nil, err
	}
	named, err := rules.in(tx, ids)
	if err != nil {
		return nil, err
	}
	all, err := rules.ofGroups(tx, []int64{group})
	if err != nil {
		return nil, err
	}
	for _, r := range named {
		if !slices.ContainsFunc(all, func(o *Rule) bool { return o.ID == r.ID }) {
			all = append(all, r)
		}
	}
	slices.SortFunc(all, func(a, b *Rule) int { return bytes.Compare(a.UUID[:], b.UUID[:]) })
	return all, nil
}

func scanNumber(s store.Scanner) (n int64, err error) {
	err = s.Scan(&n)
	return n, err
}

func scanReference(s store.Scanner) (r Reference, err error) {
	var id []byte
	err = s.Scan(&id, &r.Name)
	copy(r.UUID[:], id)
	return r, err
}

// impact tells what apply does, and whom the end of the group touches besides.
func (d *detachment) impact(tx *store.Tx) (*Impact, error) {
	i := &Impact{Policies: referencesOf(d.policies), Budgets: referencesOf(d.budgets), Rules: referencesOf(d.rules), Roles: []EndedRole{}}
	members, err := store.All(tx, membersOfGroup, scanReference, d.group, tx.Now) // Name is the role
	if err != nil {
		return nil, err
	}
	i.Users = len(members)
	for _, m := range members {
		if m.Name != "" {
			i.Roles = append(i.Roles, EndedRole{m.UUID, m.Name})
		}
	}
	if i.NestedIn, err = store.All(tx, groupsAround, scanReference, d.group, tx.Now); err != nil {
		return nil, err
	}
	ids, err := store.All(tx, policiesBeside, scanNumber, d.group, tx.Now)
	if err != nil {
		return nil, err
	}
	beside, err := policies.in(tx, ids)
	i.RemainingNever = []Reference{}
	for _, p := range beside {
		if p.Status == Active && p.Terms.Approval == Never {
			i.RemainingNever = append(i.RemainingNever, Reference{UUID: p.UUID, Name: p.Name})
		}
	}
	return i, err
}

func referencesOf[T any](all []changed[T]) []Reference {
	refs := make([]Reference, len(all))
	for i := range all {
		refs[i] = all[i].reference()
	}
	return refs
}

// apply writes what detaching worked out.
func (d *detachment) apply(tx *store.Tx) error {
	for _, c := range d.policies {
		if err := policies.unlink(tx, d.group, c.before, c.after); err != nil {
			return err
		}
	}
	for _, c := range d.budgets {
		if err := budgets.unlink(tx, d.group, c.before, c.after); err != nil {
			return err
		}
	}
	for _, c := range d.rules {
		if err := rules.unlink(tx, d.group, c.before, c.after); err != nil {
			return err
		}
		if err := noteApprovers(tx, c.after); err != nil {
			return err
		}
	}
	return nil
}
