package e2e

import (
	"bytes"
	"database/sql"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/rosterhq/roster/internal/pgtest"
	"github.com/rosterhq/roster/internal/store/storetest"
)

// canaryTown is the operator of a customer who is to be deleted.
const canaryTown = `
operators:
- {email: ada@example.org, name: Ada Admin, assignments: [{role: ADMIN, branch: AT}]}
vehicles:
- {code: V-1, branch: VIE, category: bike}
- {code: V-2, branch: VIE, category: bike}
voucherables:
- {code: SORRY, name: Sorry, branch: AT, businessUnit: at, benefits: [{voucherType: CASHBACK, valueGross: 5}]}
customers:
- {email: owner@example.org, emailIsVerified: true, firstName: Olga, lastName: Owner, birthdate: 1980-01-01, homeBranch: VIE, acceptedTermsOf: [VIE]}
- {email: other@example.org, emailIsVerified: true, firstName: Otto, lastName: Other, birthdate: 1980-01-01, homeBranch: VIE, acceptedTermsOf: [VIE]}
`

// canaries are texts that stand nowhere else, by what they are told as.
type canaries map[string]string

// text returns the canary of a name: letters that no word has, and what JSON escapes.
func (c canaries) text(name string) string {
	if c[name] == "" {
		c[name] = "Qx" + strings.ToUpper(name[:1]) + name[1:] + "zvb"
	}
	return c[name]
}

// mail returns an address with a canary in it.
func (c canaries) mail(name string) string { return c.text(name) + "@Example.org" }

// spellings are the ways in which a canary may lie somewhere.
func spellings(canary string) map[string][]byte {
	all := map[string][]byte{
		"raw": []byte(canary), "folded": []byte(strings.ToLower(canary)), "raised": []byte(strings.ToUpper(canary)),
		"hex": []byte(hex.EncodeToString([]byte(canary))), "folded hex": []byte(hex.EncodeToString([]byte(strings.ToLower(canary)))),
	}
	for shift := range 3 { // what lies around it shifts what base64 makes of it
		text := base64.StdEncoding.EncodeToString(append(bytes.Repeat([]byte{' '}, shift), canary...))
		all[fmt.Sprintf("base64 %d", shift)] = []byte(strings.TrimRight(text, "=")[4 : len(text)-4])
	}
	return all
}

// life is a customer's, from the sign-up to the deletion.
type life struct {
	t     *testing.T
	p     place
	s     *server
	log   *journal
	mark  canaries
	admin string
	owner string
	keys  int
}

// journal is all that a server logged.
type journal struct {
	mu  sync.Mutex
	all bytes.Buffer
}

func (j *journal) Write(p []byte) (int, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.all.Write(p)
}

func (j *journal) Bytes() []byte {
	j.mu.Lock()
	defer j.mu.Unlock()
	return bytes.Clone(j.all.Bytes())
}

// do makes a call that answers with that status, and reads its answer. A POST has an
// Idempotency-Key, so that its answer is stored.
func (l *life) do(want int, token, method, path string, body, into any) {
	l.t.Helper()
	var text []byte
	if body != nil {
		text, _ = json.Marshal(body)
	}
	q, err := http.NewRequestWithContext(l.t.Context(), method, l.s.base+"/v1/acme"+path, bytes.NewReader(text))
	if err != nil {
		l.t.Fatal(err)
	}
	q.Header.Set("User-Agent", l.mark.text("userAgent"))
	if token != "" {
		q.Header.Set("Authorization", "Bearer "+token)
	}
	if body != nil {
		q.Header.Set("Content-Type", "application/json")
	}
	if method == http.MethodPost && !strings.HasPrefix(path, "/auth") {
		l.keys++
		q.Header.Set("Idempotency-Key", fmt.Sprint("key-", l.keys))
	}
	res, err := client.Do(q)
	if err != nil {
		l.t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	answer, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode != want {
		l.t.Fatalf("%s %s %s: %d %s %v, want %d\n%s", method, path, text, res.StatusCode, answer, err, want, l.s.log)
	}
	if into != nil {
		if err := json.Unmarshal(answer, into); err != nil {
			l.t.Fatalf("%s %s: %v in %s", method, path, err, answer)
		}
	}
}

// code waits for a message to somebody, and reads the code in it.
func (l *life) code(to, pattern string) string {
	l.t.Helper()
	for range 200 {
		files, _ := filepath.Glob(filepath.Join(l.p.data, "outbox", "*.txt"))
		for _, file := range slices.Backward(files) {
			text, _ := os.ReadFile(file)
			head, rest, _ := strings.Cut(string(text), "\n")
			if found := regexp.MustCompile(pattern).FindStringSubmatch(rest); strings.EqualFold(head, "To: "+to) && found != nil {
				return found[1]
			}
		}
		time.Sleep(50 * time.Millisecond)
	}
	l.t.Fatalf("no code for %s came", to)
	return ""
}

type object map[string]any

// live plays the life and returns the customer's id and token.
func (l *life) live() (id int64, token string) {
	c := l.mark
	first, second := c.mail("firstAddress"), c.mail("address")
	var group struct {
		ID   int64
		Code string
	}
	l.do(201, l.owner, "POST", "/front/groups-management", object{"name": "Couriers"}, &group)
	managed := fmt.Sprintf("/front/groups-management/%d", group.ID)
	l.do(200, l.owner, "PATCH", managed, object{"settings": object{"requireBookingApproval": true, "joinPolicy": "APPROVAL", "requireMemberApproval": true}}, nil)
	l.do(201, l.owner, "POST", managed+"/payment-sources", object{"type": "SEPA"}, nil)
	// They are invited before they are anybody.
	l.do(200, l.owner, "POST", managed+"/add-members", object{"members": []object{{"email": first, "message": c.text("invitation"), "superiorEmail": c.mail("invitedBy")}}}, nil)
	l.code(first, `writes:\n\n> (\S+)`)

	l.do(202, "", "POST", "/auth/sign-up", object{"email": first, "firstName": c.text("signUpFirst"), "lastName": c.text("signUpLast"), "language": "de"}, nil)
	var session struct{ AccessToken string }
	l.do(200, "", "POST", "/auth/sign-up/confirm", object{"code": l.code(first, `within a day:\n\n\s+(\S+)`), "password": "a long password"}, &session)
	token = session.AccessToken
	var me struct{ ID int64 }
	l.do(200, token, "GET", "/front/me", nil, &me)
	id = me.ID
	one := fmt.Sprintf("/ops-api/customers/%d", id)

	var requests []struct{ ID int64 }
	l.do(200, token, "GET", "/front/groups/requests", nil, &requests)
	if len(requests) != 1 {
		l.t.Fatalf("the invitations are %v", requests)
	}
	l.do(200, token, "PATCH", fmt.Sprintf("/front/groups/requests/%d", requests[0].ID), object{"state": "DECLINED", "reason": c.text("decline")}, nil)

	c["phone"] = "+4366091827364"
	l.do(200, token, "PATCH", "/front/me", object{
		"firstName": c.text("first"), "lastName": c.text("last"), "street": c.text("street"), "postcode": c.text("postcode"), "city": c.text("city"),
		"birthdate": "1991-02-03", "country": "AT", "phone": c["phone"], "email": second, "customProperties": object{c.text("propertyKey"): c.text("property")},
	}, nil)
	l.do(202, token, "POST", "/auth/request-verification", object{"channel": "EMAIL"}, nil)
	l.do(200, token, "POST", "/auth/verify", object{"channel": "EMAIL", "code": l.code(second, `(?s)confirm this address.*?(\d{6})`)}, nil)
	l.do(202, token, "POST", "/auth/request-verification", object{"channel": "PHONE"}, nil)
	l.code(c["phone"], `(\d{6})`)
	l.do(200, token, "POST", "/front/me/accept-terms-and-conditions", object{"branchId": l.branch("VIE")}, nil)
	l.do(201, token, "POST", "/front/me/payment-sources", object{"type": "SEPA", "label": c.text("sourceLabel")}, nil)

	// They join, and the owner writes things down.
	l.do(202, token, "POST", "/front/groups/"+group.Code+"/join", object{"message": c.text("joinMessage")}, nil)
	l.do(200, l.owner, "GET", managed+"/requests?state=PENDING", nil, &requests)
	l.do(200, l.owner, "PATCH", fmt.Sprintf("%s/requests/%d", managed, requests[0].ID), object{"state": "ACCEPTED"}, nil)
	member := fmt.Sprintf("%s/members/%d", managed, id)
	l.do(200, l.owner, "PATCH", member, object{
		"superiorEmail": c.mail("superior"), "employeeNumber": c.text("employeeNumber"), "customProperties": object{"desk": c.text("desk")},
		"approval": object{"state": "APPROVED", "comment": c.text("approvalComment")},
	}, nil)
	l.do(200, l.owner, "POST", managed+"/add-members", object{"members": []object{{"email": "other@example.org", "superiorEmail": second}}}, nil)
	l.do(200, l.owner, "PATCH", managed, object{"billingEmail": second, "phone": c["phone"]}, nil)

	// They ride and book.
	var ride struct{ ID int64 }
	business := object{"vehicleCode": "V-1", "startRentalState": "ACTIVE", "userGroupId": group.ID, "businessReason": c.text("businessReason")}
	l.do(201, token, "POST", "/front/rentals", business, &ride)
	l.do(200, token, "POST", fmt.Sprintf("/front/rentals/%d/end", ride.ID), object{
		"endKilometers": 12, "drivingLog": object{"purpose": c.text("purpose"), "note": c.text("note")},
	}, nil)
	begin := time.Now().Add(24 * time.Hour)
	var booking struct{ ID int64 }
	l.do(201, token, "POST", "/front/bookings", object{
		"branchId": l.branch("VIE"), "vehicleCategoryId": l.id("vehicle_categories", "bike"), "startTime": begin.Format(time.RFC3339),
		"endTime": begin.Add(time.Hour).Format(time.RFC3339), "userGroupId": group.ID, "businessReason": c.text("bookingReason"),
	}, &booking)
	l.code("owner@example.org", `(?s)waits for your approval.*Reason: (\S+)`)
	l.do(200, l.owner, "POST", fmt.Sprintf("/front/bookings/%d/decline", booking.ID), object{"reason": c.text("bookingDecline")}, nil)

	// The back office writes things down, too.
	l.do(200, l.admin, "PATCH", one, object{
		"blockState": "BLOCKED", "blockReason": c.text("blockReason"), "annotations": []string{c.text("annotation")}, "licenseNumber": c.text("licenseNumber"),
		"customProperties": object{"ops": c.text("opsProperty")},
	}, nil)
	l.do(200, l.admin, "PATCH", one, object{"blockState": "NONE", "blockReason": nil}, nil)
	l.do(200, l.admin, "PUT", fmt.Sprintf("%s/tags?branchId=%d", one, l.branch("AT")), []string{c.text("tag")}, nil)
	l.office(id, one)

	// At the end there are a session, a code that is mailed and an unused sign-up.
	l.do(200, "", "POST", "/auth/sign-in-email", object{"email": second, "password": "a long password"}, &session)
	l.do(202, "", "POST", "/auth/request-password-reset", object{"email": second}, nil)
	l.code(second, `(?s)Set a new password.*?\n\n\s+(\S+)`)
	l.do(202, "", "POST", "/auth/sign-up", object{"email": second, "firstName": c.text("againFirst"), "lastName": c.text("againLast")}, nil)
	return id, session.AccessToken
}

// office is what only the back office's own calls tell of a customer.
func (l *life) office(id int64, one string) {
	c := l.mark
	l.do(201, l.admin, "POST", one+"/apply-vouchers", object{"voucherableCode": "SORRY", "reason": c.text("voucherReason")}, nil)
	var vouchers []struct{ ID int64 }
	l.do(200, l.admin, "GET", one+"/vouchers", nil, &vouchers)
	l.do(200, l.admin, "POST", fmt.Sprintf("/ops-api/vouchers/%d/revoke", vouchers[0].ID), object{"reason": c.text("revokeReason")}, nil)
	l.do(201, l.admin, "POST", one+"/ratings", object{"status": "APPROVED", "reason": c.text("ratingReason")}, nil)
	var card struct{ ID int64 }
	l.do(201, l.admin, "POST", "/ops-api/customer-identity-cards", object{"cardNumber": "C-1", "branchId": l.branch("VIE"), "comment": c.text("cardComment")}, &card)
	l.do(200, l.admin, "POST", fmt.Sprintf("/ops-api/customer-identity-cards/%d/assign", card.ID), object{"userId": id}, nil)
}

func (l *life) branch(code string) int64 { return l.id("branches", code) }

// id looks a code's id up in the database, behind the program's back.
func (l *life) id(table, code string) (id int64) {
	l.t.Helper()
	rows := l.open()
	defer func() { _ = rows.Close() }()
	if err := rows.QueryRowContext(l.t.Context(), "SELECT id FROM "+table+" WHERE code = '"+code+"'").Scan(&id); err != nil {
		l.t.Fatal(err)
	}
	return id
}

func (l *life) open() *sql.DB {
	database := l.p.database
	if database == "" {
		database = filepath.Join(l.p.data, "roster.db")
	}
	return storetest.Raw(l.t, database)
}

// seen are the canaries that lie in the data folder (database, its log of pages,
// outbox and blobs among it), in the tables of a PostgreSQL, or in the server's log,
// each with where and how.
func (l *life) seen() map[string]string {
	l.t.Helper()
	hay := map[string][]byte{"log": l.log.Bytes()}
	err := filepath.WalkDir(l.p.data, func(path string, d os.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return nil //nolint:nilerr // a message that is gone by now
		}
		if text, err := os.ReadFile(path); err == nil { //nolint:gosec // the test's own folder
			hay[path] = text
		}
		return nil
	})
	if err != nil {
		l.t.Fatal(err)
	}
	if l.p.database != "" {
		l.dump(hay)
	}
	found := map[string]string{}
	for name, canary := range l.mark {
		for how, text := range spellings(canary) {
			for where, stack := range hay {
				if bytes.Contains(stack, text) {
					found[name] += fmt.Sprintf(" %s in %s;", how, where)
				}
			}
		}
	}
	return found
}

// dump reads all rows of a PostgreSQL as text.
func (l *life) dump(hay map[string][]byte) {
	l.t.Helper()
	rows := l.open()
	defer func() { _ = rows.Close() }()
	read := func(query string) (all []string) {
		r, err := rows.QueryContext(l.t.Context(), query)
		if err != nil {
			l.t.Fatal(err)
		}
		defer func() { _ = r.Close() }()
		for r.Next() {
			var text string
			if err := r.Scan(&text); err != nil {
				l.t.Fatal(err)
			}
			all = append(all, text)
		}
		return all
	}
	for _, table := range read(`SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'`) {
		hay["table "+table] = []byte(strings.Join(read(`SELECT CAST(t AS text) FROM "`+table+`" t`), "\n"))
	}
}

// unseen are canaries that lie nowhere even before the deletion, and are exported: what
// is sealed.
var unseen = []string{"licenseNumber"}

// notTheirs are canaries that are no part of the export: what is written down under
// others, and of addresses that nobody has confirmed.
var notTheirs = []string{"againFirst", "againLast"}

// exported has the person, and an operator, be given all that is stored.
func (l *life) exported(id int64, token string) {
	l.t.Helper()
	for path, token := range map[string]string{"/front/me/export": token, fmt.Sprintf("/ops-api/customers/%d/export", id): l.admin} {
		var all any
		l.do(200, token, "GET", path, nil, &all)
		text, _ := json.Marshal(all)
		for name, canary := range l.mark {
			// Addresses are kept in lower case.
			if !bytes.Contains(text, []byte(canary)) && !bytes.Contains(text, []byte(strings.ToLower(canary))) && !slices.Contains(notTheirs, name) {
				l.t.Errorf("GET %s lacks %s", path, name)
			}
		}
	}
}

// A customer who has used everything is deleted, and no personal value is left: in no
// table, no page, no message, and no log; and the log of changes verifies.
func TestDeletionLeavesNoPersonalValue(t *testing.T) {
	t.Run("sqlite", func(t *testing.T) { deletion(t, place{data: t.TempDir()}) })
	t.Run("postgres", func(t *testing.T) { deletion(t, place{data: t.TempDir(), database: pgtest.Database(t)}) })
}

func deletion(t *testing.T, p place) {
	l := &life{t: t, p: p, mark: canaries{}, log: &journal{}}
	l.p.log = l.log
	file := filepath.Join(t.TempDir(), "town.yaml")
	if err := os.WriteFile(file, []byte(town+canaryTown), 0o600); err != nil {
		t.Fatal(err)
	}
	l.p.roster(t, "tenant", "create", "acme")
	l.p.roster(t, "apply", "--tenant", "acme", file)
	l.admin = l.p.roster(t, "token", "create", "--tenant", "acme", "--api", "operations", "--role", "OPERATOR", "--email", "ada@example.org")
	l.owner = l.p.roster(t, "token", "create", "--tenant", "acme", "--api", "user", "--role", "USER", "--email", "owner@example.org")
	l.s = l.p.serve(t, "--log-level", "DEBUG")
	id, token := l.live()

	before := l.seen()
	for _, name := range slices.Sorted(maps.Keys(l.mark)) {
		switch {
		case slices.Contains(unseen, name) == (before[name] != ""):
			t.Errorf("%s: before the deletion it lies in%s", name, before[name])
		case strings.Contains(before[name], " in log;"):
			t.Errorf("%s is logged:%s", name, before[name])
		}
	}
	if t.Failed() {
		return
	}
	l.exported(id, token)
	l.do(204, l.admin, "DELETE", fmt.Sprintf("/ops-api/customers/%d", id), nil, nil)
	var left map[string]string
	for range 100 { // what lies outside the tables goes by a job
		if left = l.seen(); len(left) == 0 {
			break
		}
		time.Sleep(100 * time.Millisecond)
	}
	for _, name := range slices.Sorted(maps.Keys(left)) {
		t.Errorf("%s is left:%s", name, left[name])
	}
	l.do(401, token, "GET", "/front/me", nil, nil)
	l.do(200, l.admin, "GET", fmt.Sprintf("/ops-api/customers/%d", id), nil, nil)
	if said := l.p.roster(t, "verify"); !strings.Contains(said, "acme") {
		t.Errorf("roster verify says %q", said)
	}
}
