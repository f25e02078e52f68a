package opsapi_test

import (
	"cmp"
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/rosterhq/roster/internal/api/apitest"
	"github.com/rosterhq/roster/internal/business"
	"github.com/rosterhq/roster/internal/identity"
	"github.com/rosterhq/roster/internal/store"
	"github.com/rosterhq/roster/internal/store/storetest"
)

// unlogged are calls that change nothing that the log is about, in this house.
var unlogged = []string{
	"DELETE /customers/{ida}/mfa", "PATCH /customers/{ida}/logout", "PATCH /customers/logout?role=USER&branchId={vie}",
	"DELETE /settings-management/drivingLog.enabled?branchId={vie}", "POST /groups/{group}/billing-cycles/close",
	"POST /customers/{ida}/accept-terms-and-conditions?branchId={vie}",
}

// Every call that changes something is in the log, with who called, what permission
// let it through and on which branch (contract §2, issue 4 §5). The calls run inside a
// write that is taken back, which tells what it would have logged.
func TestEveryWriteIsLogged(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		last := slices.Clone(rows) // what a booking is made for
		slices.SortStableFunc(last, func(a, b row) int {
			return cmp.Compare(strings.Count(a.path, "{booking}"), strings.Count(b.path, "{booking}"))
		})
		walk := apitest.NewWalk(t, h.DB, h.server, h.CLI.Tenant, base)
		for i := range last {
			r := &last[i]
			sources := strings.Contains(r.path, "/payment-sources")
			if r.method == http.MethodGet && !sources {
				continue
			}
			name := r.method + " " + r.path
			token := []string{"admin", "client"}[i%2]
			actor, err := h.Authenticate(t.Context(), h.tokens[token])
			if err != nil {
				t.Fatal(err)
			}
			changes := walk.Plan(actor, r.method, h.fill(r.path), h.tokens[token], h.fill(r.body))
			if (len(changes) == 0) != slices.Contains(unlogged, name) {
				t.Errorf("%s logs %d changes", name, len(changes))
			}
			for _, c := range changes {
				if !slices.Contains(identity.Permissions, c.Permission) || c.BranchID == 0 && r.at != "AT" {
					t.Errorf("%s by %s: %s by permission %q on branch %d, want %s at %s", name, actor.ID, c.Operation, c.Permission, c.BranchID, r.permission, r.at)
				}
				if sources && (c.Operation != "payment_source.read" || c.Permission != "PAYMENT_SOURCE_READ") {
					t.Errorf("%s logs %s by %s", name, c.Operation, c.Permission)
				}
			}
		}
		walk.Complete()
	})
}

// The audit shows who did what to an account, newest first and page by page, and the
// values of those fields alone that may be shown.
func TestAudit(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		ida, began := h.Person("ida"), h.Clock.Now()
		h.Clock.Forward(time.Hour)
		path := fmt.Sprintf("/customers/%d", ida)
		h.as("support").Patch(path, object{"firstName": "Adele", "newsletter": true}).Want(200)
		h.Clock.Forward(time.Hour)
		h.ownSource(ida)
		h.as("client").Get(path + "/payment-sources").Want(200)
		h.Clock.Forward(time.Hour)

		from := "&from=" + began.Add(time.Minute).Format(time.RFC3339)
		g := h.golden(h.as("admin"), "audit")
		g.Hide(`"revision": ?(\d+)`, "revision")
		g.Hide(`"id": ?"(\d+-\d+)"`, "change")
		g.Hide(`"traceId": ?"([^"]+)"`, "trace")
		list := g.Get(fmt.Sprintf("/audit?accountId=%d", ida) + from).Want(200)
		var page struct {
			Content []struct {
				Revision  int64
				Operation string
				Actor     struct{ ID, Type string }
				Changes   []struct {
					Field         string
					Before, After any
				}
			}
		}
		// The list stands bare in the body.
		rows := &page.Content
		if err := json.Unmarshal([]byte(list.Body), rows); err != nil {
			t.Fatalf("%v: %s", err, list.Body)
		}
		var got []string
		for _, r := range *rows {
			got = append(got, fmt.Sprint(r.Operation, " ", r.Actor.Type, " ", r.Changes))
		}
		if len(got) < 3 || !strings.HasPrefix(got[0], "payment_source.read CLIENT") {
			t.Errorf("the audit of ida is %q", got)
		}
		if strings.Contains(string(list.Body), "Adele") || !strings.Contains(string(list.Body), "[redacted]") {
			t.Errorf("the audit shows a name: %s", list.Body)
		}

		// Every way to look finds the same changes.
		all := h.audit("admin", "size=5000")
		oldest := h.audit("admin", "size=5000&sort=id,asc")
		if slices.Reverse(oldest); !slices.Equal(oldest, all) {
			t.Errorf("from the oldest on: %v, want %v", oldest, all)
		}
		h.as("admin").Get("/audit?sort=operation").Want(400)
		for _, filter := range []string{fmt.Sprintf("accountId=%d", ida), "actorId=client:rst_acme_desk", fmt.Sprintf("actorId=%d", h.operator("support")), "operation=customer.", "operation=payment_source.read", "api=operations"} {
			found := h.audit("admin", "size=5000&"+filter)
			if len(found) == 0 || len(found) >= len(all) {
				t.Errorf("%s finds %d of %d", filter, len(found), len(all))
			}
			var paged []string
			for n := 0; n*2 < len(found); n++ {
				paged = append(paged, h.audit("admin", fmt.Sprintf("size=2&page=%d&%s", n, filter))...)
			}
			if !slices.Equal(paged, found) {
				t.Errorf("%s by pages: %v, want %v", filter, paged, found)
			}
			oldest := h.audit("admin", "size=5000&sort=id,asc&"+filter)
			if slices.Reverse(oldest); !slices.Equal(oldest, found) {
				t.Errorf("%s from the oldest on: %v, want %v", filter, oldest, found)
			}
			if first := slices.Index(all, found[0]); first < 0 {
				t.Errorf("%s finds %s, which is not among all", filter, found[0])
			}
		}
		if n := len(h.audit("admin", "from="+h.Clock.Now().Add(-time.Second).Format(time.RFC3339))); n != 0 {
			t.Errorf("%d changes in the last second", n)
		}
		h.as("admin").Get("/audit?to=2026-03-01").Want(400)

		// Who may read the log of a branch alone sees what a permission let through there.
		graz := h.audit("admin-b", "size=5000")
		h.as("admin-b").Patch(on(h.rexGroup, ""), object{"companyName": "Rex Ltd"}).Want(200)
		if after := h.audit("admin-b", "size=5000"); len(graz) != 0 || len(after) == 0 {
			t.Errorf("the log of GRZ has %d changes, then %d", len(graz), len(after))
		}
		if n := len(h.audit("admin-b", fmt.Sprintf("accountId=%d", ida))); n != 0 {
			t.Errorf("the log of GRZ tells %d changes of ida", n)
		}
	})
}

// audit lists the ids of changes.
func (h *house) audit(token, query string) (ids []string) {
	h.T.Helper()
	var rows []struct{ ID string }
	if err := json.Unmarshal([]byte(h.as(token).Get("/audit?"+query).Want(200).Body), &rows); err != nil {
		h.T.Fatal(err)
	}
	for _, r := range rows {
		ids = append(ids, r.ID)
	}
	return ids
}

// A type of subject that the audit does not know, or a value that could tell of
// somebody, is never shown, whatever the house logs.
func TestAuditShowsNoPersonalValue(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		for i := range rows {
			r := &rows[i]
			if r.method != http.MethodGet && r.method != http.MethodDelete && !strings.Contains(r.path, "{booking}") {
				h.as("admin").Do(r.method, h.fill(r.path), map[bool]any{true: h.fill(r.body)}[r.body != ""])
			}
		}
		body := string(h.as("admin").Get("/audit?size=5000").Want(200).Body)
		if found := regexp.MustCompile(`[\w.+-]+@[\w.-]+|\+43\d+`).FindString(body); found != "" {
			t.Errorf("the audit shows %s", found)
		}
		for _, name := range []string{`"firstName","after":"[^\[]`, `"(email|phone|street|lastName|birthdate|memberCode|cardNumber|rfidUid|reason|comment|tags)","(before|after)":"?[^"\[]`} {
			if found := regexp.MustCompile(name).FindString(body); found != "" {
				t.Errorf("the audit shows %s", found)
			}
		}
	})
}

// What has no id is told by its name, when its value alone differs, too; amounts are
// told as people write them.
func TestAuditIsReadable(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		for i, key := range []string{"rating.validityDays", "rating.validityDays", "billing.paymentTermDays"} {
			h.as("admin").Put("/settings-management/"+key, object{"value": 100 + i}).Want(200)
		}
		list := h.as("admin").Get("/audit?operation=setting.put&size=3").Want(200)
		for i, want := range []string{"billing.paymentTermDays", "rating.validityDays", "rating.validityDays"} {
			if got := list.Text(fmt.Sprintf("%d.subject.name", i)); got != want {
				t.Errorf("change %d is of %q, not of %s", i, got, want)
			}
		}
		h.Apply(h.CLI, gifts)
		h.tellsWhatChanged(h.of("ida", "/ratings"), object{"status": "APPROVED", "reason": "A good friend."}, "customer.update", "creditUntil")
		h.tellsWhatChanged(h.of("ida", "/ratings"), object{"status": "APPROVED", "reason": "A good friend."}, "customer.update", "creditUntil")
		h.tellsWhatChanged(h.of("ida", "/ratings/reject"), object{"reason": "Less so."}, "rating.decide", "decidedAt reason status")
		h.tellsWhatChanged(fmt.Sprintf("/bookings/%d/abort", h.booking()), object{"reason": "No car."}, "booking.abort", "declineReason state")
		if list := h.as("admin").Get("/audit?operation=voucherable.create&size=1").Want(200); !strings.Contains(string(list.Body), `"valueGross":"1.0000"`) {
			t.Errorf("amounts of a voucherable: %s", list.Body)
		}
	})
}

// tellsWhatChanged makes a call, and looks for fields in the newest change of an operation.
func (h *house) tellsWhatChanged(path string, body object, operation, fields string) {
	h.T.Helper()
	h.Clock.Forward(time.Minute)
	if a := h.as("admin").Post(path, body); a.Status >= 300 {
		h.T.Fatalf("%s: %d %s", path, a.Status, a.Body)
	}
	var page []struct{ Changes []struct{ Field string } }
	if err := json.Unmarshal(h.as("admin").Get("/audit?operation="+operation+"&size=1").Want(200).Body, &page); err != nil || len(page) != 1 {
		h.T.Fatalf("%s: %v, %d changes", operation, err, len(page))
	}
	var got []string
	for _, c := range page[0].Changes {
		got = append(got, c.Field)
	}
	for _, field := range strings.Fields(fields) {
		if !slices.Contains(got, field) {
			h.T.Errorf("%s tells of %v, not of %s", operation, got, field)
		}
	}
}

// Nobody is shown a payment source whose reading can't be logged.
func TestSourcesAreReadInTheLogOnly(t *testing.T) {
	storetest.Each(t, func(t *testing.T, database string) {
		h := newHouse(t, database)
		ida := h.Person("ida")
		h.ownSource(ida)
		path := fmt.Sprintf("/customers/%d/payment-sources", ida)
		let := refuseLog(t, database, "payment_source.read")
		if a := h.as("admin").Get(path).Want(500); strings.Contains(string(a.Body), "CREDIT_CARD") {
			t.Errorf("sources were shown without a log: %s", a.Body)
		}
		let()
		before := h.DB.Published(h.CLI.Tenant.ID)
		h.as("admin").Get(path).Want(200)
		if after := h.DB.Published(h.CLI.Tenant.ID); after != before+1 {
			t.Errorf("reading made %d revisions", after-before)
		}
	})
}

// refuseLog has the database refuse rows of the log of an operation until let is called.
func refuseLog(t *testing.T, database, operation string) (let func()) {
	t.Helper()
	refusing, letting := `CREATE TRIGGER no_log BEFORE INSERT ON changes WHEN NEW.operation = '`+operation+`' BEGIN INSERT INTO nowhere VALUES (1); END`, "DROP TRIGGER no_log"
	if store.IsPostgres(database) {
		refusing = `CREATE FUNCTION no_log() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'the disk is full'; END $$;
			CREATE TRIGGER no_log BEFORE INSERT ON changes FOR EACH ROW WHEN (NEW.operation = '` + operation + `') EXECUTE FUNCTION no_log()`
		letting += " ON changes"
	}
	raw := storetest.Raw(t, database)
	run := func(text string) {
		t.Helper()
		if _, err := raw.ExecContext(t.Context(), text); err != nil {
			t.Fatal(err)
		}
	}
	run(refusing)
	return func() { run(letting) }
}

// ownSource gives a customer something to pay with.
func (h *house) ownSource(person int64) {
	h.T.Helper()
	a := h.CLI
	a.PersonID = person
	if _, err := h.Business.AddPaymentSource(h.T.Context(), a, person, business.NewSource{Type: business.CreditCard, Label: "Card"}); err != nil {
		h.T.Fatal(err)
	}
}
