package app

import (
	"github.com/rosterhq/roster/internal/api/authapi"
	"github.com/rosterhq/roster/internal/api/directoryapi"
	"github.com/rosterhq/roster/internal/api/hookapi"
	"github.com/rosterhq/roster/internal/api/metaapi"
	"github.com/rosterhq/roster/internal/api/opsapi"
	"github.com/rosterhq/roster/internal/api/orgapi"
	"github.com/rosterhq/roster/internal/api/propertyapi"
	"github.com/rosterhq/roster/internal/api/userapi"
	"github.com/rosterhq/roster/internal/wire"
)

// mounted is a documented API with what the landing page and the demo say of it.
type mounted struct {
	metaapi.API
	name string // as demo.json names it
	try  try
	api  *wire.API
}

// try is a call that shows something in the demo: a path below the base, in which
// {name} stands for an id of demo.json; the name of the token, "" for a call that
// is open to all; and what it shows.
type try struct{ path, token, shows string }

// apis are the documented APIs that this program serves.
func (n *node) apis() []mounted {
	return []mounted{
		{
			metaapi.API{
				Title: "Property", Base: "/property/api/v1",
				About: "Groups of properties, and the people who may see and change each.",
			},
			"property", try{"/groups", "property-owner", "the groups of a property owner"},
			propertyapi.New(n.lodging),
		},
		{
			metaapi.API{
				Title: "Organization", Base: "/organization/api/v2",
				About: "User-defined groups of an organization, and the policies, budgets and approval rules that they carry.",
			},
			"organization", try{"/groups/{organization_group}/impact", "org-owner", "what hangs on a team"},
			orgapi.New(n.graph, n.identity, n.spend),
		},
		{
			metaapi.API{
				Title: "Directory", Base: "/directory/api/v1",
				About: "Security and distribution groups, accounts, and nested membership answered exactly.",
			},
			"directory", try{"/groups/{directory_group}/check?account_id={directory_account}", "directory-reader", "whether an account is in a group, by whatever path"},
			directoryapi.New(n.graph, n.identity),
		},
		{
			metaapi.API{
				Title: "User", Base: "/v1/{tenant}/front",
				About: "Business accounts in a rider's hands: members, cost centers, business rentals and bookings, and what they cost.",
			},
			"user", try{"/groups-management/{business_group}/billing-summary", "business-owner", "what an account spent this month"},
			userapi.New(n.graph, n.identity, n.business, n.care, n.mobility),
		},
		{
			metaapi.API{
				Title: "Operations", Base: "/v1/{tenant}/ops-api",
				About: "The operator's back office over the same accounts: permissions by branch, customers, business accounts, settings.",
			},
			"operations", try{"/rental-requirements/start?customerId={customers.customer-unverified}&branchId={branch_a}&vehicleCategoryId={vehicle_category}", "ops-support", "why a customer may not rent"},
			opsapi.New(n.identity, n.business, n.care, n.mobility),
		},
		{
			metaapi.API{
				Title: "Auth", Base: "/v1/{tenant}/auth",
				About: "Sign-in for the mobility APIs: passwords, codes, a second factor, API clients.",
			},
			"auth", try{"/.well-known/jwks.json", "", "the keys of access tokens"},
			authapi.New(n.identity),
		},
		{
			metaapi.API{
				Title: "Webhooks", Base: "/v1/{tenant}/hooks",
				About: "Where providers of identity checks and payments tell of what they have decided.",
			},
			"hooks", try{"/openapi.json", "", "what providers may tell"},
			hookapi.New(n.identity, n.db.Clock(), n.hooks...),
		},
	}
}
