package opsapi_test

import (
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/rosterhq/roster/internal/api/apitest"
	"github.com/rosterhq/roster/internal/business"
	"github.com/rosterhq/roster/internal/care"
	"github.com/rosterhq/roster/internal/identity"
	"github.com/rosterhq/roster/internal/mobility"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/store/storetest"
)

// guide is every call that the guide names (seeds/001), by the rows of contract §8. Row 2
// is row 1 with ?simple.
var guide = strings.Fields(`
	GET /customers
	GET /customers/{id}
	GET /customers/{id}/details
	GET /customers/{id}/groups
	GET /customers/{id}/payment-sources
	GET /customers/{id}/refresh-tokens
	POST /customers
	PATCH /customers/{id}
	DELETE /customers/{id}
	POST /customers/{id}/password-reset-email
	POST /customers/reset/{email}
	POST /customers/{id}/add-email-sign-in-method
	POST /customers/{id}/add-phone-sign-in-method
	POST /customers/{id}/add-email-code-sign-in-method
	POST /customers/{customerId}/remove-sign-in-method
	DELETE /customers/{id}/mfa
	PATCH /customers/{id}/logout
	PATCH /customers/logout
	GET /rental-requirements/start
	POST /customers/{id}/accept-terms-and-conditions
	PUT /customers/{userId}/tags
	GET /terms-and-conditions
	POST /terms-and-conditions
	GET /terms-and-conditions/{id}
	PUT /terms-and-conditions/{id}
	DELETE /terms-and-conditions/{id}
	GET /verification
	GET /verification/{verificationId}
	GET /verification/media/{fileUuid}
	GET /groups
	POST /groups
	GET /groups/{userGroupId}
	PATCH /groups/{userGroupId}
	DELETE /groups/{userGroupId}
	GET /groups/{id}/payment-sources
	GET /groups/{id}/billing-summary
	PUT /groups/{id}/tags
	GET /groups/{id}/members
	POST /groups/{userGroupId}/add-member
	POST /groups/{userGroupId}/add-members
	POST /groups/{userGroupId}/create-join-requests
	POST /groups/{userGroupId}/remove-members
	GET /groups/{userGroupId}/members/{userId}
	PUT /groups/{userGroupId}/members/{userId}
	GET /business-units
	POST /business-units
	GET /business-units/{id}
	PUT /business-units/{id}
	DELETE /business-units/{id}
	GET /customer-identity-cards
	POST /customer-identity-cards
	PATCH /customer-identity-cards
	GET /customer-identity-cards/{cardId}
	PATCH /customer-identity-cards/{cardId}
	POST /customer-identity-cards/{cardId}/assign
	POST /customer-identity-cards/{cardId}/unassign
	POST /customers/{userId}/apply-vouchers
	POST /groups/{groupId}/apply-vouchers
	POST /customers/{userId}/voucher
	POST /groups/{groupId}/voucher
	GET /customers/{accountId}/ratings
	POST /customers/{accountId}/ratings
	POST /customers/{accountId}/ratings/approve
	POST /customers/{accountId}/ratings/reject
	POST /customers/{accountId}/ratings/queue
	GET /roles/assignments/exists
	GET /settings
	GET /settings-management
	GET /settings-management/{key}
	PUT /settings-management/{key}
	DELETE /settings-management/{key}
`)

// The calls of the guide are there under its names, and what is more is marked.
func TestGuideCalls(t *testing.T) {
	h := newHouse(t, storetest.SQLite(t))
	var calls []string
	for pair := range slices.Chunk(guide, 2) {
		calls = append(calls, strings.Join(pair, " "))
	}
	apitest.GuideCalls(t, h.server, h.nobody, "/v1/{tenant}/ops-api", calls)
}

// lives are the lifecycles that operators meet.
var lives = []struct {
	name string
	life *roster.Lifecycle
}{
	{"Request to join", business.JoinRequestLife},
	{"Invitation", business.InvitationLife},
	{"Rental", mobility.RentalLife},
	{"Booking", mobility.BookingLife},
	{"Invoice", business.InvoiceLife},
	{"Payment source", business.SourceLife},
	{"Identity card", care.CardLife},
	{"Voucher", care.VoucherLife},
	{"Payment state of an account", business.PaymentLife},
	{"Credit rating", care.RatingLife},
	{"Verification of a driving license", care.LicenseLife},
	{"Verification of an identity document", care.IDLife},
	{"Verification by hand", care.ManualLife},
}

// tables is the page of the tables that the program itself goes by.
func tables(h *house) string {
	var b strings.Builder
	b.WriteString("# Tables of the operations API\n\nRendered from the tables that the program goes by; see [the page about it](operations.md).\n")
	b.WriteString("\n## Roles and their permissions\n\nWhat a tenant has unless its file says otherwise.\n\n| permission |")
	for _, r := range identity.StandardRoles {
		fmt.Fprintf(&b, " %s |", r.Name)
	}
	fmt.Fprintf(&b, "\n|---|%s\n", strings.Repeat("---|", len(identity.StandardRoles)))
	for _, permission := range identity.Permissions {
		fmt.Fprintf(&b, "| %s |", permission)
		for _, r := range identity.StandardRoles {
			mark := ""
			if slices.Contains(r.Permissions, permission) {
				mark = "yes"
			}
			fmt.Fprintf(&b, " %s |", mark)
		}
		b.WriteString("\n")
	}
	b.WriteString("\n## Calls and what they need\n\n\"A or B\" is either one; which one counts where is in the page about the API. An extension is not in the guide.\n\n| call | needs | |\n|---|---|---|\n")
	for _, r := range h.server.Routes() {
		if path, ok := strings.CutPrefix(r.Path, "/v1/{tenant}/ops-api"); ok {
			extension := ""
			if r.Extension {
				extension = "extension"
			}
			fmt.Fprintf(&b, "| %s %s | %s | %s |\n", r.Method, path, r.Access, extension)
		}
	}
	b.WriteString("\n## Lives\n\nWhat is not in a table does not happen.\n")
	for _, l := range lives {
		fmt.Fprintf(&b, "\n### %s\n\n%s", l.name, l.life.Markdown())
	}
	return b.String()
}

// The page of tables is the tables.
func TestTables(t *testing.T) {
	const page = "../../../docs/operations-tables.md"
	want := tables(newHouse(t, storetest.SQLite(t)))
	if flag.Lookup("update").Value.String() == "true" {
		if err := os.WriteFile(page, []byte(want), 0o644); err != nil { //nolint:gosec // a page that all may read
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, string(got)); diff != "" {
		t.Errorf("the page (-tables +page; go test -run TestTables -update writes it):\n%s", diff)
	}
}
