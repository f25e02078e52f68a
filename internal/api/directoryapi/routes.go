// Package directoryapi is the directory API: security and distribution groups,
// accounts, nested membership (seeds/004; contract/groups.md §3).
package directoryapi

import (
	"github.com/rosterhq/roster/internal/graph"
	"github.com/rosterhq/roster/internal/identity"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/wire"
)

// The roles of the directory. Writing needs Administrator.
const (
	Administrator = "Administrator"
	Reader        = "Reader"
)

type handlers struct {
	graph    *graph.Graph
	identity *identity.Identity
}

// New makes the API over a graph and its people.
func New(g *graph.Graph, i *identity.Identity) *wire.API {
	api := wire.NewAPI(wire.Spec{
		Name:         roster.DirectoryAPI,
		Title:        "Roster directory API",
		Description:  "Security and distribution groups, their accounts, and nested membership answered exactly.",
		Version:      "1",
		Bases:        []string{"/directory/api/v1"},
		Label:        "directory",
		HostBases:    []string{"/api/v1"},
		Dialect:      wire.Dialect{Body: errorBody{}, Render: renderError},
		RenderChange: renderPlanned,
	})
	h := handlers{g, i}
	h.groupRoutes(api)
	h.memberRoutes(api)
	h.checkRoutes(api)
	h.accountRoutes(api)
	h.logRoutes(api)
	return api
}

var (
	admin   = wire.Only(Administrator)
	anyRole = wire.Only(Administrator, Reader)
)

func (h handlers) groupRoutes(api *wire.API) {
	wire.Register(api, wire.Op{ID: "list-groups", Method: "GET", Path: "/groups", Tag: "Groups", Access: anyRole,
		Summary: "List groups"}, h.listGroups)
	wire.Register(api, wire.Op{ID: "get-group", Method: "GET", Path: "/groups/{id}", Tag: "Groups", Access: anyRole,
		Summary: "Get a group"}, h.getGroup)
	wire.Register(api, wire.Op{ID: "create-group", Method: "POST", Path: "/groups", Tag: "Groups", Access: admin, Status: 201,
		Summary: "Create a group", Fails: []roster.Kind{roster.Exists}}, h.createGroup)
	wire.Register(api, wire.Op{ID: "update-group", Method: "PUT", Path: "/groups/{id}", Tag: "Groups", Access: admin,
		Summary: "Update a group", Description: "Include only the fields to update.",
		Fails: []roster.Kind{roster.Conflict, roster.Precondition}}, h.updateGroup)
	wire.Register(api, wire.Op{ID: "delete-group", Method: "DELETE", Path: "/groups/{id}", Tag: "Groups", Access: admin,
		Summary: "Delete a group", Description: "Members, accounts and nested groups alike, stay.",
		Fails: []roster.Kind{roster.Precondition}}, h.deleteGroup)
	wire.Register(api, wire.Op{ID: "list-child-groups", Method: "GET", Path: "/groups/{id}/groups", Tag: "Nesting", Access: anyRole, Extension: true,
		Summary: "List the groups nested directly in a group"}, h.listChildren)
	wire.Register(api, wire.Op{ID: "list-parent-groups", Method: "GET", Path: "/groups/{id}/parents", Tag: "Nesting", Access: anyRole, Extension: true,
		Summary: "List the groups that a group is nested in directly"}, h.listParents)
}

func (h handlers) memberRoutes(api *wire.API) {
	wire.Register(api, wire.Op{ID: "list-members", Method: "GET", Path: "/groups/{id}/members", Tag: "Members", Access: anyRole,
		Summary: "List all members of a group, direct and indirect"}, h.listMembers)
	wire.Register(api, wire.Op{ID: "add-member", Method: "POST", Path: "/groups/{id}/members", Tag: "Members", Access: admin, Status: 201, Extension: true,
		Summary: "Add an account or a group to a group", Fails: []roster.Kind{roster.Conflict}}, h.addMember)
	wire.Register(api, wire.Op{ID: "update-member", Method: "PATCH", Path: "/groups/{id}/members/{member}", Tag: "Members", Access: admin, Extension: true,
		Summary: "Change when a membership starts and expires", Fails: []roster.Kind{roster.Precondition}}, h.updateMember)
	wire.Register(api, wire.Op{ID: "remove-member", Method: "DELETE", Path: "/groups/{id}/members/{member}", Tag: "Members", Access: admin, Extension: true,
		Summary: "Remove a direct member from a group", Fails: []roster.Kind{roster.Precondition}}, h.removeMember)
	wire.Register(api, wire.Op{ID: "batch-members", Method: "POST", Path: "/groups/{id}/members/batch", Tag: "Members", Access: admin, Extension: true, Bulk: true,
		Summary: "Add and remove up to 10,000 members", Fails: []roster.Kind{roster.Conflict}}, h.batchMembers)
}

func (h handlers) checkRoutes(api *wire.API) {
	wire.Register(api, wire.Op{ID: "check-member", Method: "GET", Path: "/groups/{id}/check", Tag: "Checks", Access: anyRole, Extension: true,
		Summary: "Is an account in a group, and by which path"}, h.check)
	wire.Register(api, wire.Op{ID: "check-members", Method: "POST", Path: "/groups/check", Tag: "Checks", Access: anyRole, Extension: true, Reads: true, Bulk: true,
		Summary: "Check up to 1,000 pairs of group and account"}, h.checkMany)
}

func (h handlers) accountRoutes(api *wire.API) {
	wire.Register(api, wire.Op{ID: "list-accounts", Method: "GET", Path: "/accounts", Tag: "Accounts", Access: anyRole,
		Summary: "List accounts"}, h.listAccounts)
	wire.Register(api, wire.Op{ID: "get-account", Method: "GET", Path: "/accounts/{id}", Tag: "Accounts", Access: anyRole,
		Summary: "Get an account"}, h.getAccount)
	wire.Register(api, wire.Op{ID: "create-account", Method: "POST", Path: "/accounts", Tag: "Accounts", Access: admin, Status: 201,
		Summary: "Create an account", Fails: []roster.Kind{roster.Exists}}, h.createAccount)
	wire.Register(api, wire.Op{ID: "update-account", Method: "PUT", Path: "/accounts/{id}", Tag: "Accounts", Access: admin,
		Summary: "Update an account", Description: "Include only the fields to update.",
		Fails: []roster.Kind{roster.Exists, roster.Precondition}}, h.updateAccount)
	wire.Register(api, wire.Op{ID: "delete-account", Method: "DELETE", Path: "/accounts/{id}", Tag: "Accounts", Access: admin,
		Summary: "Delete an account", Fails: []roster.Kind{roster.Precondition}}, h.deleteAccount)
	wire.Register(api, wire.Op{ID: "list-account-groups", Method: "GET", Path: "/accounts/{id}/groups", Tag: "Accounts", Access: anyRole, Extension: true,
		Summary: "List all groups that an account is in, directly and indirectly"}, h.listAccountGroups)
}

func (h handlers) logRoutes(api *wire.API) {
	wire.Register(api, wire.Op{ID: "group-history", Method: "GET", Path: "/groups/{id}/history", Tag: "History", Access: anyRole, Extension: true,
		Summary: "List the changes of a group and of its direct memberships"}, h.groupHistory)
	wire.Register(api, wire.Op{ID: "list-changes", Method: "GET", Path: "/changes", Tag: "History", Access: admin, Extension: true,
		Summary: "Follow all changes, in order and without a gap"}, h.listChanges)
}
