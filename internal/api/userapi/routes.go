// Package userapi is the user API: business accounts for those who ride on them and
// for those who manage them (seeds/000; contract/mobility.md §5), and what an app for
// riders needs besides.
package userapi

import (
	"github.com/rosterhq/roster/internal/business"
	"github.com/rosterhq/roster/internal/care"
	"github.com/rosterhq/roster/internal/graph"
	"github.com/rosterhq/roster/internal/identity"
	"github.com/rosterhq/roster/internal/mobility"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/wire"
)

type handlers struct {
	graph    *graph.Graph
	identity *identity.Identity
	business *business.Business
	care     *care.Care
	mobility *mobility.Mobility
}

// New makes the API over the areas. Everything needs a person: a rider's own token,
// or an API client's that names a rider whom it made.
func New(g *graph.Graph, i *identity.Identity, b *business.Business, c *care.Care, m *mobility.Mobility) *wire.API {
	h := handlers{g, i, b, c, m}
	api := wire.NewAPI(wire.Spec{
		Name:               roster.UserAPI,
		Title:              "Roster user API",
		Description:        "Business accounts in a rider's app: memberships, requests, management, cost centers, business rentals and bookings, billing summary.",
		Version:            "1",
		Bases:              []string{"/v1/{tenant}/front"},
		Label:              "user",
		HostBases:          []string{""},
		TraceHeader:        "X-Trace-Id",
		KeyLimit:           128,
		ImpersonateHeaders: []string{"GoUrban-Impersonate", "X-Impersonate-User"},
		Dialect:            speech.Dialect(),
		RenderChange:       h.renderChange,
	})
	h.groupRoutes(api)
	h.managementRoutes(api)
	h.memberRoutes(api)
	h.costCenterRoutes(api)
	h.rentalRoutes(api)
	h.bookingRoutes(api)
	h.vehicleRoutes(api)
	h.meRoutes(api)
	h.moneyRoutes(api)
	h.verificationRoutes(api)
	return api
}

func (h handlers) groupRoutes(api *wire.API) {
	const tag = "Groups"
	wire.Register(api, wire.Op{
		ID: "list-groups", Method: "GET", Path: "/groups", Tag: tag, Summary: "List the groups that I belong to", Access: wire.Person,
	}, h.listGroups)
	wire.Register(api, wire.Op{
		ID: "list-own-requests", Method: "GET", Path: "/groups/requests", Tag: tag, Summary: "List my requests to join, and my invitations",
		Access: wire.Person,
	}, h.listOwnRequests)
	wire.Register(api, wire.Op{
		ID: "decide-own-request", Method: "PATCH", Path: "/groups/requests/{requestId}", Tag: tag,
		Summary: "Accept or decline an invitation, or take a request back", Access: wire.Person, Fails: []roster.Kind{roster.Conflict},
	}, h.decideOwnRequest)
	wire.Register(api, wire.Op{
		ID: "join-group", Method: "POST", Path: "/groups/{groupCode}/join", Tag: tag, Summary: "Join a group by its code",
		Description: "201 where I am a member now, 202 where the group decides first.", Status: 201, Also: []int{202},
		Access: wire.Person, Fails: []roster.Kind{roster.Conflict},
	}, h.joinGroup)
	wire.Register(api, wire.Op{
		ID: "leave-group", Method: "POST", Path: "/groups/{code}/leave", Tag: tag, Summary: "Leave a group",
		Access: wire.Person, Fails: []roster.Kind{roster.Conflict},
	}, h.leaveGroup)
}

func (h handlers) managementRoutes(api *wire.API) {
	const tag = "Group management"
	wire.Register(api, wire.Op{
		ID: "list-managed-groups", Method: "GET", Path: "/groups-management", Tag: tag, Summary: "List the groups that I own or manage",
		Access: wire.Person,
	}, h.listManaged)
	wire.Register(api, wire.Op{
		ID: "create-group", Method: "POST", Path: "/groups-management", Tag: tag, Summary: "Create a group, of which I am the owner",
		Status: 201, Access: wire.Person, Fails: []roster.Kind{roster.Conflict, roster.NotFound},
	}, h.createGroup)
	wire.Register(api, wire.Op{
		ID: "get-managed-group", Method: "GET", Path: "/groups-management/{userGroupId}", Tag: tag, Summary: "Get a group", Access: wire.Person,
	}, h.getManaged)
	wire.Register(api, wire.Op{
		ID: "patch-group", Method: "PATCH", Path: "/groups-management/{userGroupId}", Tag: tag, Summary: "Change a group",
		Access: wire.Person, Fails: []roster.Kind{roster.Conflict},
	}, h.patchGroup)
	wire.Register(api, wire.Op{
		ID: "delete-group", Method: "DELETE", Path: "/groups-management/{userGroupId}", Tag: tag, Summary: "Delete a group, as its owner",
		Access: wire.Person, Fails: []roster.Kind{roster.Conflict},
	}, h.deleteGroup)
	wire.Register(api, wire.Op{
		ID: "add-members", Method: "POST", Path: "/groups-management/{userGroupId}/add-members", Tag: tag, Summary: "Invite people into a group",
		Bulk: true, Access: wire.Person, Fails: []roster.Kind{roster.Conflict},
	}, h.addMembers)
	wire.Register(api, wire.Op{
		ID: "get-billing-summary", Method: "GET", Path: "/groups-management/{userGroupId}/billing-summary", Tag: tag,
		Summary: "Tell what a group was charged", Access: wire.Person,
	}, h.getSummary)
}

func (h handlers) memberRoutes(api *wire.API) {
	const tag = "Members and requests"
	wire.Register(api, wire.Op{
		ID: "list-members", Method: "GET", Path: "/groups-management/{userGroupId}/members", Tag: tag, Summary: "List the members of a group",
		Access: wire.Person,
	}, h.listMembers)
	wire.Register(api, wire.Op{
		ID: "patch-membership", Method: "PATCH", Path: "/groups-management/{userGroupId}/{memberCode}", Tag: tag,
		Summary: "Change a member's role, state and the like, by member code", Access: wire.Person,
	}, h.patchMembership)
	wire.Register(api, wire.Op{
		ID: "get-member", Method: "GET", Path: "/groups-management/{userGroupId}/members/{userId}", Tag: tag, Summary: "Get a member's properties",
		Access: wire.Person,
	}, h.getMember)
	wire.Register(api, wire.Op{
		ID: "patch-member", Method: "PATCH", Path: "/groups-management/{userGroupId}/members/{userId}", Tag: tag,
		Summary: "Change some of a member's properties", Access: wire.Person,
	}, h.patchMember)
	wire.Register(api, wire.Op{
		ID: "put-member", Method: "PUT", Path: "/groups-management/{userGroupId}/members/{userId}", Tag: tag,
		Summary: "Replace a member's properties", Access: wire.Person,
	}, h.putMember)
	wire.Register(api, wire.Op{
		ID: "list-group-requests", Method: "GET", Path: "/groups-management/{userGroupId}/requests", Tag: tag,
		Summary: "List a group's invitations, and the requests to join it", Access: wire.Person,
	}, h.listGroupRequests)
	wire.Register(api, wire.Op{
		ID: "decide-group-request", Method: "PATCH", Path: "/groups-management/{userGroupId}/requests/{requestId}", Tag: tag,
		Summary: "Accept or decline a request to join, or take an invitation back", Access: wire.Person, Fails: []roster.Kind{roster.Conflict},
	}, h.decideGroupRequest)
}

func (h handlers) costCenterRoutes(api *wire.API) {
	const tag = "Cost centers"
	wire.Register(api, wire.Op{
		ID: "list-cost-centers", Method: "GET", Path: "/cost-centers", Tag: tag, Summary: "List the cost centers that I see",
		Access: wire.Person, Fails: []roster.Kind{roster.NotFound},
	}, h.listCostCenters)
	wire.Register(api, wire.Op{
		ID: "create-cost-center", Method: "POST", Path: "/cost-centers", Tag: tag, Summary: "Create a cost center",
		Status: 201, Access: wire.Person, Fails: []roster.Kind{roster.Conflict, roster.NotFound},
	}, h.createCostCenter)
	wire.Register(api, wire.Op{
		ID: "get-cost-center", Method: "GET", Path: "/cost-centers/{costCenterId}", Tag: tag, Summary: "Get a cost center", Access: wire.Person,
	}, h.getCostCenter)
	wire.Register(api, wire.Op{
		ID: "patch-cost-center", Method: "PATCH", Path: "/cost-centers/{costCenterId}", Tag: tag, Summary: "Change a cost center",
		Access: wire.Person, Fails: []roster.Kind{roster.Conflict},
	}, h.patchCostCenter)
	wire.Register(api, wire.Op{
		ID: "delete-cost-center", Method: "DELETE", Path: "/cost-centers/{costCenterId}", Tag: tag,
		Summary: "Delete a cost center that nothing was booked to", Access: wire.Person, Fails: []roster.Kind{roster.Conflict},
	}, h.deleteCostCenter)
}

func (h handlers) rentalRoutes(api *wire.API) {
	const tag = "Rentals"
	wire.Register(api, wire.Op{
		ID: "list-group-rentals", Method: "GET", Path: "/rentals/user-group/{userGroupId}", Tag: tag, Summary: "List the rentals on a group",
		Access: wire.Person,
	}, h.listGroupRentals)
	wire.Register(api, wire.Op{
		ID: "get-requirements", Method: "GET", Path: "/rentals/requirements", Tag: tag, Summary: "Tell what a rental or booking asks of me",
		Description: "A requirement refuses creation if, and only if, it is not fulfilled here. That the vehicle is free is not asked: 400 R902, or S902 of a booking.", Access: wire.Person, Fails: []roster.Kind{roster.NotFound},
	}, h.getRequirements)
	wire.Register(api, wire.Op{
		ID: "create-rental", Method: "POST", Path: "/rentals", Tag: tag, Summary: "Reserve or start a vehicle",
		Status: 201, Access: wire.Person, Fails: []roster.Kind{roster.NotFound, roster.Conflict},
	}, h.createRental)
	wire.Register(api, wire.Op{
		ID: "list-rentals", Method: "GET", Path: "/rentals", Tag: tag, Summary: "List my rentals", Access: wire.Person, Extension: true,
	}, h.listRentals)
	wire.Register(api, wire.Op{
		ID: "get-rental", Method: "GET", Path: "/rentals/{id}", Tag: tag, Summary: "Get a rental of mine", Access: wire.Person, Extension: true,
	}, h.getRental)
	wire.Register(api, wire.Op{
		ID: "start-rental", Method: "POST", Path: "/rentals/{id}/start", Tag: tag, Summary: "Start the vehicle that I reserved",
		Access: wire.Person, Extension: true, Fails: []roster.Kind{roster.Conflict},
	}, h.startRental)
	wire.Register(api, wire.Op{
		ID: "end-rental", Method: "POST", Path: "/rentals/{id}/end", Tag: tag, Summary: "End my rental, which is charged",
		Access: wire.Person, Extension: true, Fails: []roster.Kind{roster.Conflict},
	}, h.endRental)
	wire.Register(api, wire.Op{
		ID: "cancel-rental", Method: "POST", Path: "/rentals/{id}/cancel", Tag: tag, Summary: "Give a reservation up",
		Access: wire.Person, Extension: true, Fails: []roster.Kind{roster.Conflict},
	}, h.cancelRental)
}

func (h handlers) bookingRoutes(api *wire.API) {
	const tag = "Bookings"
	wire.Register(api, wire.Op{
		ID: "list-group-bookings", Method: "GET", Path: "/bookings/user-group/{userGroupId}", Tag: tag, Summary: "List the bookings on a group",
		Access: wire.Person,
	}, h.listGroupBookings)
	wire.Register(api, wire.Op{
		ID: "create-booking", Method: "POST", Path: "/bookings", Tag: tag, Summary: "Book a vehicle of a category",
		Status: 201, Access: wire.Person, Fails: []roster.Kind{roster.NotFound, roster.Conflict},
	}, h.createBooking)
	wire.Register(api, wire.Op{
		ID: "list-bookings", Method: "GET", Path: "/bookings", Tag: tag, Summary: "List my bookings", Access: wire.Person, Extension: true,
	}, h.listBookings)
	wire.Register(api, wire.Op{
		ID: "get-booking", Method: "GET", Path: "/bookings/{id}", Tag: tag, Summary: "Get a booking of mine, or one that I decide on",
		Access: wire.Person, Extension: true,
	}, h.getBooking)
	wire.Register(api, wire.Op{
		ID: "cancel-booking", Method: "POST", Path: "/bookings/{id}/cancel", Tag: tag, Summary: "Give a booking of mine up",
		Access: wire.Person, Extension: true, Fails: []roster.Kind{roster.Conflict},
	}, h.cancelBooking)
	wire.Register(api, wire.Op{
		ID: "approve-booking", Method: "POST", Path: "/bookings/{id}/approve", Tag: tag, Summary: "Say yes to a booking that waits for me",
		Access: wire.Person, Extension: true, Fails: []roster.Kind{roster.Conflict},
	}, h.approveBooking)
	wire.Register(api, wire.Op{
		ID: "decline-booking", Method: "POST", Path: "/bookings/{id}/decline", Tag: tag, Summary: "Say no to a booking that waits for me",
		Access: wire.Person, Extension: true, Fails: []roster.Kind{roster.Conflict},
	}, h.declineBooking)
}

func (h handlers) vehicleRoutes(api *wire.API) {
	const tag = "Vehicles"
	wire.Register(api, wire.Op{
		ID: "list-vehicles", Method: "GET", Path: "/vehicles", Tag: tag, Summary: "List the vehicles that can be rented now, the nearest first",
		Access: wire.Person, Extension: true, Fails: []roster.Kind{roster.NotFound},
	}, h.listVehicles)
	wire.Register(api, wire.Op{
		ID: "list-tariffs", Method: "GET", Path: "/tariffs", Tag: tag, Summary: "List what vehicles cost in a branch",
		Access: wire.Person, Extension: true, Fails: []roster.Kind{roster.NotFound},
	}, h.listTariffs)
}

func (h handlers) meRoutes(api *wire.API) {
	const tag = "Me"
	wire.Register(api, wire.Op{
		ID: "get-me", Method: "GET", Path: "/me", Tag: tag, Summary: "Get myself", Access: wire.Person, Extension: true,
	}, h.getMe)
	wire.Register(api, wire.Op{
		ID: "patch-me", Method: "PATCH", Path: "/me", Tag: tag, Summary: "Change my profile", Access: wire.Person, Extension: true,
		Fails: []roster.Kind{roster.Conflict},
	}, h.patchMe)
	wire.Register(api, wire.Op{
		ID: "export-me", Method: "GET", Path: "/me/export", Tag: tag, Summary: "Get all that is stored of me",
		Description: "Whole, but for secrets: rows by section, with the changes of the log. Each call is in the log.", Access: wire.Person, Extension: true,
	}, h.exportMe)
	wire.Register(api, wire.Op{
		ID: "get-terms", Method: "GET", Path: "/me/terms-and-conditions", Tag: tag, Summary: "Get the terms that count at a branch",
		Access: wire.Person, Extension: true, Fails: []roster.Kind{roster.NotFound},
	}, h.getTerms)
	wire.Register(api, wire.Op{
		ID: "accept-terms", Method: "POST", Path: "/me/accept-terms-and-conditions", Tag: tag, Summary: "Accept the terms of a branch",
		Access: wire.Person, Extension: true, Fails: []roster.Kind{roster.NotFound},
	}, h.acceptTerms)
	wire.Register(api, wire.Op{
		ID: "buy-signup-package", Method: "POST", Path: "/me/signup-package", Tag: tag, Summary: "Buy the signup package",
		Description: "Asks the payment gateway, so it takes neither Idempotency-Key nor Roster-Plan; what is bought is not bought twice.",
		Access:      wire.Person, Extension: true, Secret: true, Fails: []roster.Kind{roster.NotFound},
	}, h.buySignup)
}

// asksGateway describes the calls that begin a payment source.
const asksGateway = "Asks the payment gateway, so it takes no Roster-Plan. What is PENDING goes on with what next says."

func (h handlers) moneyRoutes(api *wire.API) {
	const tag = "Payment sources, vouchers and invoices"
	wire.Register(api, wire.Op{
		ID: "list-payment-sources", Method: "GET", Path: "/me/payment-sources", Tag: tag, Summary: "List what I pay with",
		Access: wire.Person, Extension: true,
	}, h.listOwnSources)
	wire.Register(api, wire.Op{
		ID: "add-payment-source", Method: "POST", Path: "/me/payment-sources", Tag: tag, Summary: "Begin something to pay with", Description: asksGateway,
		Status: 201, Access: wire.Person, Extension: true, Secret: true, Fails: []roster.Kind{roster.NotFound, roster.Conflict},
	}, h.addOwnSource)
	wire.Register(api, wire.Op{
		ID: "remove-payment-source", Method: "DELETE", Path: "/me/payment-sources/{id}", Tag: tag, Summary: "Remove something I pay with",
		Access: wire.Person, Extension: true, Fails: []roster.Kind{roster.Conflict},
	}, h.removeOwnSource)
	wire.Register(api, wire.Op{
		ID: "list-group-payment-sources", Method: "GET", Path: "/groups-management/{userGroupId}/payment-sources", Tag: tag,
		Summary: "List what a group pays with", Access: wire.Person, Extension: true,
	}, h.listGroupSources)
	wire.Register(api, wire.Op{
		ID: "add-group-payment-source", Method: "POST", Path: "/groups-management/{userGroupId}/payment-sources", Tag: tag,
		Summary: "Begin something for a group to pay with", Description: asksGateway,
		Status: 201, Access: wire.Person, Extension: true, Secret: true, Fails: []roster.Kind{roster.Conflict},
	}, h.addGroupSource)
	wire.Register(api, wire.Op{
		ID: "remove-group-payment-source", Method: "DELETE", Path: "/groups-management/{userGroupId}/payment-sources/{id}", Tag: tag,
		Summary: "Remove something a group pays with", Access: wire.Person, Extension: true, Fails: []roster.Kind{roster.Conflict},
	}, h.removeGroupSource)
	wire.Register(api, wire.Op{
		ID: "list-vouchers", Method: "GET", Path: "/me/vouchers", Tag: tag, Summary: "List my vouchers", Access: wire.Person, Extension: true,
	}, h.listOwnVouchers)
	wire.Register(api, wire.Op{
		ID: "list-group-vouchers", Method: "GET", Path: "/groups-management/{userGroupId}/vouchers", Tag: tag, Summary: "List a group's vouchers",
		Access: wire.Person, Extension: true,
	}, h.listGroupVouchers)
	wire.Register(api, wire.Op{
		ID: "list-invoices", Method: "GET", Path: "/me/invoices", Tag: tag, Summary: "List my invoices", Access: wire.Person, Extension: true,
	}, h.listOwnInvoices)
	wire.Register(api, wire.Op{
		ID: "get-invoice", Method: "GET", Path: "/me/invoices/{id}", Tag: tag, Summary: "Get an invoice of mine with its lines", Access: wire.Person, Extension: true,
	}, h.getOwnInvoice)
	wire.Register(api, wire.Op{
		ID: "list-group-invoices", Method: "GET", Path: "/groups-management/{userGroupId}/invoices", Tag: tag, Summary: "List a group's invoices",
		Description: "For managers, and members with the billing role BILLING_CONTACT.", Access: wire.Person, Extension: true,
	}, h.listGroupInvoices)
	wire.Register(api, wire.Op{
		ID: "get-group-invoice", Method: "GET", Path: "/groups-management/{userGroupId}/invoices/{id}", Tag: tag, Summary: "Get an invoice of a group with its lines",
		Access: wire.Person, Extension: true,
	}, h.getGroupInvoice)
}
