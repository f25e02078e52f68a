package opsapi_test

import (
	"strings"
	"testing"
)

// A customer gets all that is stored of them, but for secrets, and the log tells of it.
// What is left of one who is deleted tells of no person.
func TestExportCustomer(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		mia := h.of("mia", "")
		g := h.golden(h.as("admin"), "customer_export")
		g.Get(mia + "/export").Want(200)
		text := string(h.as("admin").Get(mia + "/export").Want(200).Body)
		for _, secret := range []string{"hash", "token\"", "secret", "sealed"} {
			if strings.Contains(strings.ToLower(text), secret) {
				t.Errorf("the export says %q", secret)
			}
		}
		if strings.Count(text, `"customer.export"`) != 1 {
			t.Errorf("the export before this one is not in the log: %s", text)
		}
		h.as("admin").Delete(mia).Want(204)
		text = string(h.as("admin").Get(mia + "/export").Want(200).Body)
		for _, personal := range []string{"mia", "example.org", "+43"} {
			if strings.Contains(strings.ToLower(text), personal) {
				t.Errorf("after the deletion the export says %q in %s", personal, text)
			}
		}
		g.Note("There is no such customer, or the caller does not see them; who sees them needs the permission.")
		g.Get("/customers/999999/export").Want(404)
		h.as("other").Get(h.of("ida", "/export")).Want(401)
		h.as("support").Get(h.of("ida", "/export")).Want(403)
	})
}
