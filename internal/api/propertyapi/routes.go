// Package propertyapi is the property API: properties, the groups that hold them,
// and the users of those groups (seeds/002; contract/groups.md §1).
package propertyapi

import (
	"github.com/rosterhq/roster/internal/lodging"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/wire"
)

type handlers struct{ lodging *lodging.Lodging }

// New makes the API over the properties.
func New(l *lodging.Lodging) *wire.API {
	h := handlers{l}
	api := wire.NewAPI(wire.Spec{
		Name:         roster.PropertyAPI,
		Title:        "Roster property API",
		Description:  "Properties, the groups that combine them, and who may see and change those groups.",
		Version:      "1",
		Bases:        []string{"/property/api/v1"},
		Label:        "property",
		HostBases:    []string{"/api/v1"},
		AnyMediaType: true,
		KeyHeader:    "user-api-key",
		Dialect:      wire.Dialect{Body: errorBody{}, Render: renderError, Phrase: phrase},
		RenderChange: h.renderPlanned,
	})
	h.groupRoutes(api)
	h.propertyRoutes(api)
	h.groupUserRoutes(api)
	wire.Register(api, wire.Op{
		ID: "sign-in", Method: "POST", Path: "/sign_in", Tag: "Sign-in", Access: wire.Public,
		Summary: "Get a token by e-mail address and password", Description: "The token is good for 24 hours.",
		Fails: []roster.Kind{roster.Unauthenticated},
	}, h.signIn)
	return api
}

// badRequest is the status of rules that the API's documents answer with 400.
var badRequest = []int{400}

func (h handlers) groupRoutes(api *wire.API) {
	const tag = "Groups"
	wire.Register(api, wire.Op{
		ID: "list-groups", Method: "GET", Path: "/groups", Tag: tag,
		Summary:     "List the groups that you are associated with",
		Description: "All of them, without meta, unless a pagination parameter asks for a page. " + filters,
	}, h.listGroups)
	wire.Register(api, wire.Op{
		ID: "list-group-options", Method: "GET", Path: "/groups/options", Tag: tag,
		Summary: "List the ids and titles of your groups",
	}, h.listGroupOptions)
	wire.Register(api, wire.Op{
		ID: "get-group", Method: "GET", Path: "/groups/{id}", Tag: tag,
		Summary: "Get a group",
	}, h.getGroup)
	wire.Register(api, wire.Op{
		ID: "create-group", Method: "POST", Path: "/groups", Tag: tag, Status: 201,
		Summary: "Create a group", Description: "You become its owner.",
	}, h.createGroup)
	wire.Register(api, wire.Op{
		ID: "update-group", Method: "PUT", Path: "/groups/{id}", Tag: tag,
		Summary: "Update a group",
	}, h.updateGroup)
	wire.Register(api, wire.Op{
		ID: "delete-group", Method: "DELETE", Path: "/groups/{id}", Tag: tag,
		Summary: "Remove a group", Description: "One that holds a property is refused with 400.", Errors: badRequest,
	}, h.deleteGroup)
	wire.Register(api, wire.Op{
		ID: "associate-property", Method: "POST", Path: "/groups/{id}/properties/{property_id}", Tag: tag,
		Summary: "Associate a property with a group", Description: "You must own the group and one of the property's groups.",
		Fails: []roster.Kind{roster.Exists},
	}, h.associate)
	wire.Register(api, wire.Op{
		ID: "dissociate-property", Method: "DELETE", Path: "/groups/{id}/properties/{property_id}", Tag: tag,
		Summary: "Remove a property from a group", Description: "From the only group that it is in: 400.", Errors: badRequest,
	}, h.dissociate)
}

func (h handlers) propertyRoutes(api *wire.API) {
	const tag = "Properties"
	wire.Register(api, wire.Op{
		ID: "list-properties", Method: "GET", Path: "/properties", Tag: tag,
		Summary: "List the properties of your groups", Description: "Ten on a page unless told otherwise. " + filters,
	}, h.listProperties)
	wire.Register(api, wire.Op{
		ID: "list-property-options", Method: "GET", Path: "/properties/options", Tag: tag,
		Summary: "List the ids and titles of the properties of your groups",
	}, h.listPropertyOptions)
	wire.Register(api, wire.Op{
		ID: "get-property", Method: "GET", Path: "/properties/{id}", Tag: tag,
		Summary: "Get a property",
	}, h.getProperty)
	wire.Register(api, wire.Op{
		ID: "create-property", Method: "POST", Path: "/properties", Tag: tag, Status: 201,
		Summary: "Create a property", Description: "Without group_id it goes to your default group.",
	}, h.createProperty)
	wire.Register(api, wire.Op{
		ID: "update-property", Method: "PUT", Path: "/properties/{id}", Tag: tag,
		Summary: "Update a property", Description: "What is absent stays as it is; null clears.",
	}, h.updateProperty)
	wire.Register(api, wire.Op{
		ID: "delete-property", Method: "DELETE", Path: "/properties/{id}", Tag: tag,
		Summary: "Remove a property",
	}, h.deleteProperty)
}

func (h handlers) groupUserRoutes(api *wire.API) {
	const tag = "Group users"
	wire.Register(api, wire.Op{
		ID: "list-group-users", Method: "GET", Path: "/group_users", Tag: tag,
		Summary:     "List the users of your groups, and who is invited",
		Description: "All of them, without meta, unless a pagination parameter asks for a page. " + filters,
	}, h.listGroupUsers)
	wire.Register(api, wire.Op{
		ID: "get-group-user", Method: "GET", Path: "/group_users/{id}", Tag: tag, Extension: true,
		Summary: "Get a group user",
	}, h.getGroupUser)
	wire.Register(api, wire.Op{
		ID: "invite-group-user", Method: "POST", Path: "/group_users", Tag: tag, Status: 201,
		Summary:     "Invite somebody to a group",
		Description: "Whoever has an account is in the group at once; for an address that nobody has the invitation waits.",
	}, h.invite)
	wire.Register(api, wire.Op{
		ID: "update-group-user", Method: "PUT", Path: "/group_users/{id}", Tag: tag,
		Summary: "Give a group user another role",
	}, h.updateGroupUser)
	wire.Register(api, wire.Op{
		ID: "delete-group-user", Method: "DELETE", Path: "/group_users/{id}", Tag: tag,
		Summary: "Take somebody out of a group, or an invitation back",
	}, h.deleteGroupUser)
}
