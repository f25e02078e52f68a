// Package orgapi is the organization API: groups, their users, and what is
// attached to them: policies, budgets and approval rules (seeds/003;
// contract/groups.md §2).
package orgapi

import (
	"github.com/rosterhq/roster/internal/graph"
	"github.com/rosterhq/roster/internal/identity"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/spend"
	"github.com/rosterhq/roster/internal/wire"
)

// Who may what: everybody reads groups, office reads all the rest, owner writes.
var (
	owner  = wire.Only(identity.CompanyOwner)
	office = wire.Only(identity.CompanyOwner, identity.Manager, identity.Bookkeeper)
)

type handlers struct {
	graph    *graph.Graph
	identity *identity.Identity
	spend    *spend.Spend
}

// New makes the API over a graph, its people, and what they may spend.
func New(g *graph.Graph, i *identity.Identity, s *spend.Spend) *wire.API {
	h := handlers{g, i, s}
	api := wire.NewAPI(wire.Spec{
		Name:         roster.OrganizationAPI,
		Title:        "Roster organization API",
		Description:  "User-defined groups of an organization, and the policies, budgets and approval rules that they carry.",
		Version:      "2",
		Bases:        []string{"/organization/api/v2", "/organization/v2"},
		Label:        "organization",
		HostBases:    []string{"/api/v2", "/v2"},
		Root:         "/organization",
		Dialect:      wire.Dialect{Body: errorBody{}, Render: renderError},
		RenderChange: h.renderChange,
	})
	h.groupRoutes(api)
	h.userRoutes(api)
	h.policyRoutes(api)
	h.budgetRoutes(api)
	h.ruleRoutes(api)
	wire.Register(api, wire.Op{
		ID: "issue-token", Method: "POST", Path: "/oauth/token", Tag: "Tokens", Summary: "Get a token for a client's credentials",
		Description: "OAuth 2.0, grant client_credentials. Also beside the API's versions: POST /organization/oauth/token, and /oauth/token on the API's own host.",
		Access:      wire.Public, AtRoot: true, Extension: true, Fails: []roster.Kind{roster.Unauthenticated},
	}, h.issueToken)
	return api
}

func (h handlers) groupRoutes(api *wire.API) {
	const tag = "Groups"
	wire.Register(api, wire.Op{
		ID: "list-groups", Method: "GET", Path: "/groups", Tag: tag, Summary: "Find all groups",
	}, h.listGroups)
	wire.Register(api, wire.Op{
		ID: "get-group", Method: "GET", Path: "/groups/{uuid}", Tag: tag, Summary: "Find a group by its UUID",
	}, h.getGroup)
	wire.Register(api, wire.Op{
		ID: "create-group", Method: "POST", Path: "/groups", Tag: tag, Summary: "Create a group",
		Status: 201, Access: owner, Fails: []roster.Kind{roster.Exists},
	}, h.createGroup)
	wire.Register(api, wire.Op{
		ID: "patch-group", Method: "PATCH", Path: "/groups/{uuid}", Tag: tag, Summary: "Change a group's name or description",
		Access: owner, Fails: []roster.Kind{roster.Exists},
	}, h.patchGroup)
	wire.Register(api, wire.Op{
		ID: "put-groups", Method: "PUT", Path: "/groups", Tag: tag, Summary: "Replace the group that the body names",
		Access: owner, Fails: []roster.Kind{roster.Exists, roster.NotFound},
	}, h.putGroups)
	wire.Register(api, wire.Op{
		ID: "put-group", Method: "PUT", Path: "/groups/{uuid}", Tag: tag, Summary: "Replace a group",
		Access: owner, Fails: []roster.Kind{roster.Exists}, Extension: true,
	}, h.putGroup)
	wire.Register(api, wire.Op{
		ID: "delete-group", Method: "DELETE", Path: "/groups/{uuid}", Tag: tag, Summary: "Delete a group",
		Description: "Its users stay. What the group carries is detached from it: see GET /groups/{uuid}/impact.",
		Access:      owner, Fails: []roster.Kind{roster.Conflict},
	}, h.deleteGroup)
	wire.Register(api, wire.Op{
		ID: "get-group-impact", Method: "GET", Path: "/groups/{uuid}/impact", Tag: tag, Summary: "Tell what deleting a group would do",
		Access: office, Extension: true,
	}, h.groupImpact)
}

func (h handlers) userRoutes(api *wire.API) {
	const tag = "Users"
	wire.Register(api, wire.Op{
		ID: "list-users", Method: "GET", Path: "/users", Tag: tag, Summary: "Find all users", Access: office, Extension: true,
	}, h.listUsers)
	wire.Register(api, wire.Op{
		ID: "get-user", Method: "GET", Path: "/users/{uuid}", Tag: tag, Summary: "Find a user by their UUID", Access: office, Extension: true,
	}, h.getUser)
	wire.Register(api, wire.Op{
		ID: "create-user", Method: "POST", Path: "/users", Tag: tag, Summary: "Create a user",
		Status: 201, Access: owner, Extension: true, Fails: []roster.Kind{roster.Exists, roster.Conflict},
	}, h.createUser)
	wire.Register(api, wire.Op{
		ID: "patch-user", Method: "PATCH", Path: "/users/{uuid}", Tag: tag, Summary: "Change a user",
		Access: owner, Extension: true, Fails: []roster.Kind{roster.Exists, roster.Conflict},
	}, h.patchUser)
	wire.Register(api, wire.Op{
		ID: "list-user-groups", Method: "GET", Path: "/users/{uuid}/groups", Tag: tag, Summary: "List the groups that a user is in",
		Access: office, Extension: true,
	}, h.userGroups)
	wire.Register(api, wire.Op{
		ID: "list-group-users", Method: "GET", Path: "/groups/{uuid}/users", Tag: tag, Summary: "List the users in a group",
		Access: office, Extension: true,
	}, h.listGroupUsers)
	wire.Register(api, wire.Op{
		ID: "put-group-user", Method: "PUT", Path: "/groups/{uuid}/users/{user}", Tag: tag, Summary: "Put a user into a group",
		Description: "A user who is in it stays, with what the body changes.", Access: owner, Extension: true,
	}, h.putGroupUser)
	wire.Register(api, wire.Op{
		ID: "delete-group-user", Method: "DELETE", Path: "/groups/{uuid}/users/{user}", Tag: tag, Summary: "Take a user out of a group",
		Access: owner, Extension: true,
	}, h.deleteGroupUser)
}

func (h handlers) policyRoutes(api *wire.API) {
	const tag = "Policies"
	wire.Register(api, wire.Op{
		ID: "list-policies", Method: "GET", Path: "/policies", Tag: tag, Summary: "Find all policies", Access: office, Extension: true,
	}, h.listPolicies)
	wire.Register(api, wire.Op{
		ID: "get-policy", Method: "GET", Path: "/policies/{uuid}", Tag: tag, Summary: "Find a policy by its UUID", Access: office, Extension: true,
	}, h.getPolicy)
	wire.Register(api, wire.Op{
		ID: "create-policy", Method: "POST", Path: "/policies", Tag: tag, Summary: "Create a policy", Status: 201, Access: owner, Extension: true,
	}, h.createPolicy)
	wire.Register(api, wire.Op{
		ID: "patch-policy", Method: "PATCH", Path: "/policies/{uuid}", Tag: tag, Summary: "Change a policy", Access: owner, Extension: true,
	}, h.patchPolicy)
	wire.Register(api, wire.Op{
		ID: "delete-policy", Method: "DELETE", Path: "/policies/{uuid}", Tag: tag, Summary: "Delete a policy", Access: owner, Extension: true,
	}, h.deletePolicy)
	wire.Register(api, wire.Op{
		ID: "list-group-policies", Method: "GET", Path: "/groups/{uuid}/policies", Tag: tag, Summary: "List the policies of a group",
		Access: office, Extension: true,
	}, h.groupPolicies)
	h.attachmentRoutes(api, tag, "policies", spend.PolicyKind, "Policy")
}

func (h handlers) budgetRoutes(api *wire.API) {
	const tag = "Budgets"
	wire.Register(api, wire.Op{
		ID: "list-budgets", Method: "GET", Path: "/budgets", Tag: tag, Summary: "Find all budgets", Access: office, Extension: true,
	}, h.listBudgets)
	wire.Register(api, wire.Op{
		ID: "get-budget", Method: "GET", Path: "/budgets/{uuid}", Tag: tag, Summary: "Find a budget by its UUID", Access: office, Extension: true,
	}, h.getBudget)
	wire.Register(api, wire.Op{
		ID: "create-budget", Method: "POST", Path: "/budgets", Tag: tag, Summary: "Create a budget",
		Status: 201, Access: owner, Extension: true, Fails: []roster.Kind{roster.Conflict},
	}, h.createBudget)
	wire.Register(api, wire.Op{
		ID: "patch-budget", Method: "PATCH", Path: "/budgets/{uuid}", Tag: tag, Summary: "Change a budget",
		Access: owner, Extension: true, Fails: []roster.Kind{roster.Conflict},
	}, h.patchBudget)
	wire.Register(api, wire.Op{
		ID: "delete-budget", Method: "DELETE", Path: "/budgets/{uuid}", Tag: tag, Summary: "Delete a budget",
		Description: "One from which something was spent is archived instead.", Access: owner, Extension: true,
	}, h.deleteBudget)
	wire.Register(api, wire.Op{
		ID: "create-spend", Method: "POST", Path: "/budgets/{uuid}/spend", Tag: tag, Summary: "Enter what was spent from a budget",
		Status: 201, Access: owner, Extension: true, Fails: []roster.Kind{roster.Conflict},
	}, h.createSpend)
	wire.Register(api, wire.Op{
		ID: "list-spend", Method: "GET", Path: "/budgets/{uuid}/spend", Tag: tag, Summary: "List what was spent from a budget, the latest first",
		Access: office, Extension: true,
	}, h.listSpend)
	wire.Register(api, wire.Op{
		ID: "list-group-budgets", Method: "GET", Path: "/groups/{uuid}/budgets", Tag: tag, Summary: "List the budgets of a group",
		Access: office, Extension: true,
	}, h.groupBudgets)
	h.attachmentRoutes(api, tag, "budgets", spend.BudgetKind, "Budget")
}

func (h handlers) ruleRoutes(api *wire.API) {
	const tag = "Approval rules"
	wire.Register(api, wire.Op{
		ID: "list-approval-rules", Method: "GET", Path: "/approval-rules", Tag: tag, Summary: "Find all approval rules", Access: office, Extension: true,
	}, h.listRules)
	wire.Register(api, wire.Op{
		ID: "get-approval-rule", Method: "GET", Path: "/approval-rules/{uuid}", Tag: tag, Summary: "Find an approval rule by its UUID",
		Access: office, Extension: true,
	}, h.getRule)
	wire.Register(api, wire.Op{
		ID: "create-approval-rule", Method: "POST", Path: "/approval-rules", Tag: tag, Summary: "Create an approval rule",
		Status: 201, Access: owner, Extension: true, Fails: []roster.Kind{roster.Conflict},
	}, h.createRule)
	wire.Register(api, wire.Op{
		ID: "patch-approval-rule", Method: "PATCH", Path: "/approval-rules/{uuid}", Tag: tag, Summary: "Change an approval rule",
		Access: owner, Extension: true, Fails: []roster.Kind{roster.Conflict},
	}, h.patchRule)
	wire.Register(api, wire.Op{
		ID: "delete-approval-rule", Method: "DELETE", Path: "/approval-rules/{uuid}", Tag: tag, Summary: "Delete an approval rule",
		Access: owner, Extension: true,
	}, h.deleteRule)
	wire.Register(api, wire.Op{
		ID: "evaluate", Method: "POST", Path: "/approval-rules/evaluate", Tag: tag, Summary: "Tell what a spending would need",
		Access: office, Extension: true, Reads: true, Fails: []roster.Kind{roster.Conflict},
	}, h.evaluate)
	wire.Register(api, wire.Op{
		ID: "list-group-approval-rules", Method: "GET", Path: "/groups/{uuid}/approval-rules", Tag: tag, Summary: "List the approval rules of a group",
		Access: office, Extension: true,
	}, h.groupRules)
	h.attachmentRoutes(api, tag, "approval-rules", spend.RuleKind, "Approval rule")
}

func (h handlers) attachmentRoutes(api *wire.API, tag, path string, kind spend.Kind, noun string) {
	wire.Register(api, wire.Op{
		ID: "attach-" + path, Method: "PUT", Path: "/groups/{uuid}/" + path + "/{resource}", Tag: tag,
		Summary: noun + ": have a group carry it", Access: owner, Extension: true,
	}, h.attached(kind, noun, h.spend.Attach))
	wire.Register(api, wire.Op{
		ID: "detach-" + path, Method: "DELETE", Path: "/groups/{uuid}/" + path + "/{resource}", Tag: tag,
		Summary: noun + ": have a group carry it no more", Access: owner, Extension: true,
	}, h.attached(kind, noun, h.spend.Detach))
}
