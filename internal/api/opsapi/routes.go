// Package opsapi is the operations API: the operator's back office over customers and
// business accounts (seeds/001; contract/mobility.md §8). Who may make a call follows
// from the roles that an operator, or an API client, has on branches; none of it is in
// the token.
package opsapi

import (
	"context"
	"strings"

	"github.com/rosterhq/roster/internal/business"
	"github.com/rosterhq/roster/internal/care"
	"github.com/rosterhq/roster/internal/identity"
	"github.com/rosterhq/roster/internal/mobility"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/wire"
)

type handlers struct {
	identity *identity.Identity
	business *business.Business
	office   business.Office
	care     *care.Care
	mobility *mobility.Mobility
}

// New makes the API over the areas.
func New(i *identity.Identity, b *business.Business, c *care.Care, m *mobility.Mobility) *wire.API {
	h := handlers{i, b, b.Office(i), c, m}
	api := wire.NewAPI(wire.Spec{
		Name:         roster.OperationsAPI,
		Title:        "Roster operations API",
		Description:  "The operator's back office: customers, how they sign in and what they may rent, terms and conditions, identity cards, vouchers, business accounts and their members, business units, roles and settings.",
		Version:      "1",
		Bases:        []string{"/v1/{tenant}/ops-api"},
		Label:        "operations",
		HostBases:    []string{""},
		TraceHeader:  "X-Trace-Id",
		KeyLimit:     128,
		Dialect:      speech.Dialect(),
		Permits:      h.permits,
		RenderChange: renderChange,
	})
	h.groupRoutes(api)
	h.memberRoutes(api)
	h.unitRoutes(api)
	h.settingRoutes(api)
	h.invoiceRoutes(api)
	h.bookingRoutes(api)
	h.customerRoutes(api)
	h.exportRoutes(api)
	h.accessRoutes(api)
	h.eligibilityRoutes(api)
	h.cardRoutes(api)
	h.voucherRoutes(api)
	h.ratingRoutes(api)
	h.verificationRoutes(api)
	h.auditRoutes(api)
	return api
}

// or stands between permissions of which one is enough.
const or = " or "

// permits refuses a permission that the caller holds nowhere.
func (h handlers) permits(ctx context.Context, a roster.Actor, permission string) error {
	p, err := h.identity.PowersOf(ctx, a)
	if err != nil {
		return err
	}
	first, others, _ := strings.Cut(permission, or)
	for other := range strings.SplitSeq(others, or) {
		if p.Anywhere(other) {
			return nil
		}
	}
	return p.Need(first)
}

func (h handlers) groupRoutes(api *wire.API) {
	const tag = "Groups"
	wire.Register(api, wire.Op{
		ID: "list-groups", Method: "GET", Path: "/groups", Tag: tag, Summary: "List the business accounts of a branch",
		Access: wire.Needs("USER_GROUP_READ"), Fails: []roster.Kind{roster.NotFound},
	}, h.listGroups)
	wire.Register(api, wire.Op{
		ID: "create-group", Method: "POST", Path: "/groups", Tag: tag, Summary: "Create a business account",
		Status: 201, Access: wire.Needs("USER_GROUP_WRITE"), Fails: []roster.Kind{roster.Conflict, roster.NotFound},
	}, h.createGroup)
	wire.Register(api, wire.Op{
		ID: "get-group", Method: "GET", Path: "/groups/{userGroupId}", Tag: tag, Summary: "Get a business account", Access: wire.Needs("USER_GROUP_READ"),
	}, h.getGroup)
	wire.Register(api, wire.Op{
		ID: "patch-group", Method: "PATCH", Path: "/groups/{userGroupId}", Tag: tag, Summary: "Change a business account, its owner too",
		Description: "paymentState and billingCycle need USER_GROUP_BILLING_WRITE, all else USER_GROUP_WRITE.",
		Access:      wire.Needs("USER_GROUP_WRITE" + or + "USER_GROUP_BILLING_WRITE"), Fails: []roster.Kind{roster.Conflict},
	}, h.patchGroup)
	wire.Register(api, wire.Op{
		ID: "delete-group", Method: "DELETE", Path: "/groups/{userGroupId}", Tag: tag, Summary: "Delete a business account that nothing is open of",
		Access: wire.Needs("USER_GROUP_DELETE"), Fails: []roster.Kind{roster.Conflict},
	}, h.deleteGroup)
	wire.Register(api, wire.Op{
		ID: "list-group-payment-sources", Method: "GET", Path: "/groups/{id}/payment-sources", Tag: tag,
		Summary: "List what a business account pays with, as far as the caller sees it", Access: wire.Needs("PAYMENT_SOURCE_READ"),
	}, h.listGroupSources)
	wire.Register(api, wire.Op{
		ID: "get-group-billing-summary", Method: "GET", Path: "/groups/{id}/billing-summary", Tag: tag,
		Summary: "Tell what a business account was charged", Access: wire.Needs("USER_GROUP_BILLING_READ"),
	}, h.getSummary)
	wire.Register(api, wire.Op{
		ID: "put-group-tags", Method: "PUT", Path: "/groups/{id}/tags", Tag: tag, Summary: "Replace the tags of a business account",
		Access: wire.Needs("USER_GROUP_WRITE"),
	}, h.putGroupTags)
}

func (h handlers) memberRoutes(api *wire.API) {
	const tag = "Group members"
	wire.Register(api, wire.Op{
		ID: "list-group-members", Method: "GET", Path: "/groups/{id}/members", Tag: tag, Summary: "List the members of a business account",
		Access: wire.Needs("USER_GROUP_READ"),
	}, h.listMembers)
	wire.Register(api, wire.Op{
		ID: "add-group-member", Method: "POST", Path: "/groups/{userGroupId}/add-member", Tag: tag, Summary: "Add a customer at once",
		Status: 201, Access: wire.Needs("USER_GROUP_MEMBER_WRITE"), Fails: []roster.Kind{roster.Conflict},
	}, h.addMember)
	wire.Register(api, wire.Op{
		ID: "add-group-members", Method: "POST", Path: "/groups/{userGroupId}/add-members", Tag: tag, Summary: "Add customers at once, each for itself",
		Bulk: true, Access: wire.Needs("USER_GROUP_MEMBER_WRITE"), Fails: []roster.Kind{roster.Conflict},
	}, h.addMembers)
	wire.Register(api, wire.Op{
		ID: "create-join-requests", Method: "POST", Path: "/groups/{userGroupId}/create-join-requests", Tag: tag,
		Summary: "Invite customers, who decide themselves", Bulk: true, Access: wire.Needs("USER_GROUP_MEMBER_WRITE"), Fails: []roster.Kind{roster.Conflict},
	}, h.createRequests)
	wire.Register(api, wire.Op{
		ID: "remove-group-members", Method: "POST", Path: "/groups/{userGroupId}/remove-members", Tag: tag, Summary: "Remove members, each for itself",
		Bulk: true, Access: wire.Needs("USER_GROUP_MEMBER_WRITE"),
	}, h.removeMembers)
	wire.Register(api, wire.Op{
		ID: "get-group-member", Method: "GET", Path: "/groups/{userGroupId}/members/{userId}", Tag: tag, Summary: "Get a member with their properties",
		Access: wire.Needs("USER_GROUP_READ"),
	}, h.getMember)
	wire.Register(api, wire.Op{
		ID: "put-group-member", Method: "PUT", Path: "/groups/{userGroupId}/members/{userId}", Tag: tag, Summary: "Replace role, state and the like of a member",
		Access: wire.Needs("USER_GROUP_MEMBER_WRITE"),
	}, h.putMember)
}

func (h handlers) unitRoutes(api *wire.API) {
	const tag = "Business units"
	wire.Register(api, wire.Op{
		ID: "list-business-units", Method: "GET", Path: "/business-units", Tag: tag, Summary: "List business units", Access: wire.Needs("BUSINESS_UNIT_READ"),
	}, h.listUnits)
	wire.Register(api, wire.Op{
		ID: "create-business-unit", Method: "POST", Path: "/business-units", Tag: tag, Summary: "Create a business unit",
		Status: 201, Access: wire.Needs("BUSINESS_UNIT_WRITE"), Fails: []roster.Kind{roster.Conflict},
	}, h.createUnit)
	wire.Register(api, wire.Op{
		ID: "get-business-unit", Method: "GET", Path: "/business-units/{id}", Tag: tag, Summary: "Get a business unit", Access: wire.Needs("BUSINESS_UNIT_READ"),
	}, h.getUnit)
	wire.Register(api, wire.Op{
		ID: "put-business-unit", Method: "PUT", Path: "/business-units/{id}", Tag: tag, Summary: "Replace a business unit",
		Access: wire.Needs("BUSINESS_UNIT_WRITE"), Fails: []roster.Kind{roster.Conflict},
	}, h.putUnit)
	wire.Register(api, wire.Op{
		ID: "delete-business-unit", Method: "DELETE", Path: "/business-units/{id}", Tag: tag, Summary: "Delete a business unit that nothing ever referred to",
		Access: wire.Needs("BUSINESS_UNIT_WRITE"), Fails: []roster.Kind{roster.Conflict},
	}, h.deleteUnit)
}

func (h handlers) settingRoutes(api *wire.API) {
	const roles, settings = "Roles", "Settings"
	wire.Register(api, wire.Op{
		ID: "assignment-exists", Method: "GET", Path: "/roles/assignments/exists", Tag: roles,
		Summary: "Tell whether I hold a permission or a role", Fails: []roster.Kind{roster.NotFound},
	}, h.assignmentExists)
	wire.Register(api, wire.Op{
		ID: "get-settings", Method: "GET", Path: "/settings", Tag: settings, Summary: "Get settings whose keys are known",
		Access: wire.Needs("SETTING_READ"), Fails: []roster.Kind{roster.NotFound},
	}, h.getSettings)
	wire.Register(api, wire.Op{
		ID: "list-settings", Method: "GET", Path: "/settings-management", Tag: settings, Summary: "List all settings", Access: wire.Needs("SETTING_WRITE"),
		Fails: []roster.Kind{roster.NotFound},
	}, h.listSettings)
	wire.Register(api, wire.Op{
		ID: "get-setting", Method: "GET", Path: "/settings-management/{key}", Tag: settings, Summary: "Get a setting", Access: wire.Needs("SETTING_WRITE"),
	}, h.getSetting)
	wire.Register(api, wire.Op{
		ID: "put-setting", Method: "PUT", Path: "/settings-management/{key}", Tag: settings, Summary: "Set a setting at a branch, or for the tenant",
		Access: wire.Needs("SETTING_WRITE"),
	}, h.putSetting)
	wire.Register(api, wire.Op{
		ID: "delete-setting", Method: "DELETE", Path: "/settings-management/{key}", Tag: settings, Summary: "Have a branch say nothing of a setting",
		Access: wire.Needs("SETTING_WRITE"),
	}, h.deleteSetting)
}
