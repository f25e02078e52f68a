package opsapi

import (
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/wire"
)

func (h handlers) customerRoutes(api *wire.API) {
	const tag = "Customers"
	wire.Register(api, wire.Op{
		ID: "list-customers", Method: "GET", Path: "/customers", Tag: tag, Summary: "Search customers",
		Description: "By accepted terms in a branch; with ?simple in few fields, and by the branch of home, too.",
		Access:      wire.Needs("USER_LIST"), Fails: []roster.Kind{roster.NotFound},
	}, h.listCustomers)
	wire.Register(api, wire.Op{
		ID: "create-customer", Method: "POST", Path: "/customers", Tag: tag, Summary: "Create a customer",
		Status: 201, Access: wire.Needs("USER_WRITE"), Fails: []roster.Kind{roster.Conflict, roster.NotFound},
	}, h.createCustomer)
	wire.Register(api, wire.Op{
		ID: "get-customer", Method: "GET", Path: "/customers/{id}", Tag: tag, Summary: "Get a customer", Access: wire.Needs("USER_READ"),
	}, h.getCustomer)
	wire.Register(api, wire.Op{
		ID: "get-customer-details", Method: "GET", Path: "/customers/{id}/details", Tag: tag, Summary: "Get what explains why a customer may not rent at a branch",
		Description: "branchId is the home branch by default.", Access: wire.Needs("USER_READ"),
	}, h.getDetails)
	wire.Register(api, wire.Op{
		ID: "list-customer-groups", Method: "GET", Path: "/customers/{id}/groups", Tag: tag, Summary: "List the business accounts of a customer",
		Access: wire.Needs("USER_READ", "USER_GROUP_READ"),
	}, h.listCustomerGroups)
	wire.Register(api, wire.Op{
		ID: "list-customer-payment-sources", Method: "GET", Path: "/customers/{id}/payment-sources", Tag: tag,
		Summary: "List what a customer pays with, as far as the caller sees it", Access: wire.Needs("PAYMENT_SOURCE_READ"),
	}, h.listCustomerSources)
	wire.Register(api, wire.Op{
		ID: "patch-customer", Method: "PATCH", Path: "/customers/{id}", Tag: tag, Summary: "Change a customer",
		Description: "paymentState needs USER_GROUP_BILLING_WRITE, verifications VERIFICATION_WRITE, all else USER_WRITE.",
		Access:      wire.Needs("USER_WRITE" + or + "USER_GROUP_BILLING_WRITE"), Fails: []roster.Kind{roster.Conflict},
	}, h.patchCustomer)
	wire.Register(api, wire.Op{
		ID: "delete-customer", Method: "DELETE", Path: "/customers/{id}", Tag: tag, Summary: "Delete a customer of whom nothing is open",
		Description: "The customer is anonymised, history and charges are kept.", Access: wire.Needs("USER_DELETE"), Fails: []roster.Kind{roster.Conflict},
	}, h.deleteCustomer)
	wire.Register(api, wire.Op{
		ID: "put-customer-tags", Method: "PUT", Path: "/customers/{userId}/tags", Tag: tag, Summary: "Replace the tags of a customer",
		Access: wire.Needs("USER_WRITE"), Fails: []roster.Kind{roster.Conflict},
	}, h.putCustomerTags)
}

func (h handlers) accessRoutes(api *wire.API) {
	const tag = "Customer access"
	access := wire.Needs("USER_ACCESS_WRITE")
	wire.Register(api, wire.Op{
		ID: "list-refresh-tokens", Method: "GET", Path: "/customers/{id}/refresh-tokens", Tag: tag, Summary: "List the sessions of a customer, without their tokens",
		Access: access,
	}, h.listSessions)
	wire.Register(api, wire.Op{
		ID: "reset-password", Method: "POST", Path: "/customers/{id}/password-reset-email", Tag: tag, Summary: "Mail a customer a code to set a new password",
		Status: 202, Access: access, Fails: []roster.Kind{roster.Conflict},
	}, h.resetPassword)
	wire.Register(api, wire.Op{
		ID: "reset-password-of-address", Method: "POST", Path: "/customers/reset/{email}", Tag: tag, Summary: "The same, by an address",
		Description: "202 whoever's it is.", Status: 202, Access: access, First: true,
	}, h.resetPasswordOf)
	for _, op := range []struct{ id, path, summary string }{
		{"add-email-sign-in", "add-email-sign-in-method", "Have a customer sign in by email and password"},
		{"add-phone-sign-in", "add-phone-sign-in-method", "Have a customer sign in by codes to a phone"},
		{"add-email-code-sign-in", "add-email-code-sign-in-method", "Have a customer sign in by codes that are mailed"},
	} {
		o := wire.Op{
			ID: op.id, Method: "POST", Path: "/customers/{id}/" + op.path, Tag: tag, Summary: op.summary, Access: access, Fails: []roster.Kind{roster.Conflict},
		}
		switch op.id {
		case "add-email-sign-in":
			wire.Register(api, o, h.addEmailSignIn)
		case "add-phone-sign-in":
			wire.Register(api, o, h.addPhoneSignIn)
		default:
			wire.Register(api, o, h.addCodeSignIn)
		}
	}
	wire.Register(api, wire.Op{
		ID: "remove-sign-in", Method: "POST", Path: "/customers/{customerId}/remove-sign-in-method", Tag: tag,
		Summary: "Take a way to sign in from a customer, with the sessions that were opened by it", Access: access, Fails: []roster.Kind{roster.Conflict},
	}, h.removeSignIn)
	wire.Register(api, wire.Op{
		ID: "reset-mfa", Method: "DELETE", Path: "/customers/{id}/mfa", Tag: tag, Summary: "Take a customer's second factor away, and sign them out",
		Access: access, Fails: []roster.Kind{roster.Conflict},
	}, h.resetFactor)
	wire.Register(api, wire.Op{
		ID: "log-out-customer", Method: "PATCH", Path: "/customers/{id}/logout", Tag: tag, Summary: "Sign a customer out everywhere, at once",
		Access: access, Fails: []roster.Kind{roster.Conflict},
	}, h.logOutCustomer)
	wire.Register(api, wire.Op{
		ID: "log-out-role", Method: "PATCH", Path: "/customers/logout", Tag: tag, Summary: "Sign out all who have a role in a branch",
		Description: "For USER the customers who are seen there, for a role of operators those to whom it is assigned there; the caller stays signed in.",
		Access:      wire.Needs("USER_LOGOUT_BULK"), Fails: []roster.Kind{roster.NotFound},
	}, h.logOutMany)
}

func (h handlers) eligibilityRoutes(api *wire.API) {
	const eligibility, tag = "Eligibility", "Terms and conditions"
	wire.Register(api, wire.Op{
		ID: "get-start-requirements", Method: "GET", Path: "/rental-requirements/start", Tag: eligibility, Summary: "Tell what a rental or booking asks of a customer",
		Description: "The same as the customer's app is told: creation is refused if, and only if, this is not fulfilled.",
		Access:      wire.Needs("RENTAL_REQUIREMENT_READ", "USER_READ"), Fails: []roster.Kind{roster.NotFound},
	}, h.startRequirements)
	wire.Register(api, wire.Op{
		ID: "accept-terms", Method: "POST", Path: "/customers/{id}/accept-terms-and-conditions", Tag: eligibility,
		Summary: "Accept the terms of a branch for a customer, where operators may", Access: wire.Needs("TERMS_ACCEPT"), Fails: []roster.Kind{roster.Conflict},
	}, h.acceptTerms)
	wire.Register(api, wire.Op{
		ID: "list-terms", Method: "GET", Path: "/terms-and-conditions", Tag: tag, Summary: "List versions of terms", Access: wire.Needs("TERMS_READ"),
		Fails: []roster.Kind{roster.NotFound},
	}, h.listTerms)
	wire.Register(api, wire.Op{
		ID: "create-terms", Method: "POST", Path: "/terms-and-conditions", Tag: tag, Summary: "Make the next version of a branch's terms",
		Status: 201, Access: wire.Needs("TERMS_WRITE"), Fails: []roster.Kind{roster.NotFound},
	}, h.createTerms)
	wire.Register(api, wire.Op{
		ID: "get-terms", Method: "GET", Path: "/terms-and-conditions/{id}", Tag: tag, Summary: "Get a version of terms", Access: wire.Needs("TERMS_READ"),
	}, h.getTerms)
	wire.Register(api, wire.Op{
		ID: "put-terms", Method: "PUT", Path: "/terms-and-conditions/{id}", Tag: tag, Summary: "Change a version of terms, for which nobody is asked again",
		Access: wire.Needs("TERMS_WRITE"), Fails: []roster.Kind{roster.Conflict},
	}, h.putTerms)
	wire.Register(api, wire.Op{
		ID: "delete-terms", Method: "DELETE", Path: "/terms-and-conditions/{id}", Tag: tag, Summary: "Delete a version of terms that nobody accepted",
		Access: wire.Needs("TERMS_WRITE"), Fails: []roster.Kind{roster.Conflict},
	}, h.deleteTerms)
}
