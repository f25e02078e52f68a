package opsapi

import (
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/wire"
)

func (h handlers) voucherRoutes(api *wire.API) {
	const tag = "Vouchers"
	const each = "One voucher for each benefit of the voucherable, all or none."
	const alike = each + " Answers with the first of them. Make the call apply-vouchers instead."
	fails := []roster.Kind{roster.Conflict}
	give := wire.Needs("VOUCHER_CUSTOMER_CARE_WRITE")
	wire.Register(api, wire.Op{
		ID: "apply-vouchers-to-customer", Method: "POST", Path: "/customers/{userId}/apply-vouchers", Tag: tag, Summary: "Give a customer vouchers",
		Description: each, Status: 201, Access: give, Fails: fails,
	}, h.applyToCustomer)
	wire.Register(api, wire.Op{
		ID: "apply-vouchers-to-group", Method: "POST", Path: "/groups/{groupId}/apply-vouchers", Tag: tag, Summary: "Give a business account vouchers",
		Description: each, Status: 201, Access: give, Fails: fails,
	}, h.applyToGroup)
	wire.Register(api, wire.Op{
		ID: "apply-voucher-to-customer", Method: "POST", Path: "/customers/{userId}/voucher", Tag: tag, Summary: "Give a customer vouchers, in the older form",
		Description: alike, Status: 201, Access: give, Fails: fails, Deprecated: true, Successor: "/customers/{userId}/apply-vouchers",
	}, h.applyOneToCustomer)
	wire.Register(api, wire.Op{
		ID: "apply-voucher-to-group", Method: "POST", Path: "/groups/{groupId}/voucher", Tag: tag, Summary: "Give a business account vouchers, in the older form",
		Description: alike, Status: 201, Access: give, Fails: fails, Deprecated: true, Successor: "/groups/{groupId}/apply-vouchers",
	}, h.applyOneToGroup)
	wire.Register(api, wire.Op{
		ID: "list-customer-vouchers", Method: "GET", Path: "/customers/{id}/vouchers", Tag: tag, Summary: "List the vouchers of a customer",
		Access: wire.Needs("USER_READ"), Extension: true,
	}, h.listCustomerVouchers)
	wire.Register(api, wire.Op{
		ID: "list-group-vouchers", Method: "GET", Path: "/groups/{id}/vouchers", Tag: tag, Summary: "List the vouchers of a business account",
		Access: wire.Needs("USER_GROUP_READ"), Extension: true,
	}, h.listGroupVouchers)
	wire.Register(api, wire.Op{
		ID: "revoke-voucher", Method: "POST", Path: "/vouchers/{id}/revoke", Tag: tag, Summary: "Take back what is left of a voucher",
		Description: "What of it was used stays used.", Access: give, Fails: fails, Extension: true,
	}, h.revokeVoucher)
}
