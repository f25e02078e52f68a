package wire

import (
	"context"
	"log/slog"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/store"
	"github.com/rosterhq/roster/internal/store/storetest"
)

var keyCount = store.Global("wiretest.keys", `SELECT count(*) FROM idempotency_keys`, "the test counts")

// ledger is an area with one verb, which records one change a call.
type ledger struct {
	db    *store.DB
	mu    sync.Mutex
	calls int
	// enter and leave, where set, are met by each call while it runs.
	enter, leave chan struct{}
}

type entryIn struct {
	Body struct {
		Name string `json:"name"`
	}
}

type entryOut struct {
	Location string `header:"Location"`
	ETag     string `header:"ETag"`
	Other    string `header:"X-Other"`
	Body     struct {
		Name string `json:"name"`
		Call int    `json:"call"`
	}
}

func (l *ledger) add(ctx context.Context, a roster.Actor, in *entryIn) (*entryOut, error) {
	l.mu.Lock()
	l.calls++
	out := &entryOut{Location: Location(ctx, "/entries/"+in.Body.Name), ETag: ETag(1), Other: "passing"}
	out.Body.Name, out.Body.Call = in.Body.Name, l.calls
	l.mu.Unlock()
	if l.enter != nil {
		l.enter <- struct{}{}
		<-l.leave
	}
	err := l.db.Write(ctx, a, func(tx *store.Tx) error {
		if in.Body.Name == "same" {
			return nil
		}
		tx.Record(roster.Change{Operation: "entry.add", SubjectType: "entry", SubjectID: 7, After: map[string]any{"name": in.Body.Name}})
		switch in.Body.Name {
		case "refused":
			return roster.FieldError("name", "is refused")
		case "panic":
			panic("secret")
		}
		return nil
	})
	return out, err
}

func (l *ledger) api(name roster.API, base string, d Dialect) *API {
	api := NewAPI(Spec{
		Name: name, Bases: []string{base}, Dialect: d, ImpersonateHeaders: []string{"As-User"},
		RenderChange: func(a roster.Actor, c Changed) (any, bool) {
			return map[string]any{"revision": c.Revision, "operation": c.Operation, "actor": a.ID, "after": c.After}, c.SubjectType == "entry"
		},
	})
	Register(api, Op{ID: "add", Method: "POST", Path: "/entries", Status: 201}, l.add)
	Register(api, Op{ID: "put", Method: "PUT", Path: "/entries"}, l.add)
	Register(api, Op{ID: "secret", Method: "POST", Path: "/secret", Secret: true}, l.add)
	Register(api, Op{ID: "reads", Method: "POST", Path: "/reads", Reads: true}, l.add)
	return api
}

// keyed is a server on a fresh database.
type keyed struct {
	*ledger
	*Server
	tenant roster.TenantID
	now    time.Time
}

const (
	entries   = "/directory/entries"
	pEntries  = "/property/entries"
	aBody     = `{"name":"a"}`
	entryOne  = `{"name":"a","call":1}`
	entryName = `{"error":{"code":"VALIDATION_ERROR","message":"is refused","details":{"name":["is refused"]}}}`
)

func newKeyed(t *testing.T, database string) *keyed {
	k := &keyed{now: time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC)}
	db := storetest.Open(t, database, store.Options{Clock: func() time.Time { return k.now }})
	tenant := storetest.Tenant(t, db, "demo").Tenant
	who := tokens{
		"admin":  {Tenant: tenant, ID: "token:2", API: roster.DirectoryAPI},
		"reader": {Tenant: tenant, ID: "token:3", API: roster.DirectoryAPI},
		"client": {Tenant: tenant, ID: "token:4", API: roster.DirectoryAPI, Role: "API_CLIENT"},
		"owner":  {Tenant: tenant, ID: "token:1", API: roster.PropertyAPI},
	}
	k.ledger, k.tenant = &ledger{db: db}, tenant.ID
	who["rider"] = roster.Actor{Tenant: tenant, ID: "token:5", API: roster.UserAPI, PersonID: 11}
	k.Server = NewServer(
		Options{
			Auth: who, Limits: unlimited, Keys: NewKeys(db), Revision: db.Published, Logger: slog.New(slog.DiscardHandler),
			Impersonate: impersonateFake, KnownTenant: func(name string) bool { return name == tenant.Name },
		},
		k.api(roster.DirectoryAPI, "/directory", Dialect{Body: directoryError{}, Render: renderDirectory}),
		k.api(roster.PropertyAPI, "/property", Dialect{Body: propertyError{}, Render: renderProperty}),
		k.api(roster.UserAPI, "/v1/{tenant}/front", Dialect{Body: traceError{}, Render: renderTrace}),
	)
	return k
}

func post(key, body string, status int, want string) call {
	return call{
		method: "POST", path: entries, token: "admin", body: body, status: status, want: want,
		header: map[string]string{"Idempotency-Key": key},
	}
}

func (k *keyed) revision() int64 { return k.db.Published(k.tenant) }

func sameAnswer(t *testing.T, first, again *httptest.ResponseRecorder) {
	t.Helper()
	if first.Body.String() != again.Body.String() || first.Code != again.Code {
		t.Errorf("first %d %s, again %d %s", first.Code, first.Body, again.Code, again.Body)
	}
	for _, name := range []string{"Location", "Etag", "Content-Type", "Content-Length", "Roster-Revision", "X-Other"} {
		if a, b := first.Header().Get(name), again.Header().Get(name); a != b {
			t.Errorf("%s was %q, is %q", name, a, b)
		}
	}
}

func TestKeyIsAnsweredOnce(t *testing.T) {
	storetest.Each(t, func(t *testing.T, database string) {
		k := newKeyed(t, database)
		first := post("k", aBody, 201, entryOne).run(t, k)
		rev := k.revision()
		if got := first.Header().Get("Roster-Revision"); got != strconv.FormatInt(rev, 10) {
			t.Errorf("the revision is %s, want %d", got, rev)
		}
		if first.Header().Get("Location") != "/directory/entries/a" || first.Header().Get("Etag") != `"1"` {
			t.Errorf("headers: %v", first.Header())
		}
		post("other", aBody, 201, `{"name":"a","call":2}`).run(t, k)
		sameAnswer(t, first, post("k", aBody, 201, entryOne).run(t, k))
		if k.calls != 2 || k.revision() != rev+1 {
			t.Errorf("%d calls, revision %d, want 2 and %d", k.calls, k.revision(), rev+1)
		}
	})
}

func TestKeyWithAnotherRequest(t *testing.T) {
	k := newKeyed(t, storetest.SQLite(t))
	post("k", aBody, 201, "").run(t, k)
	post("k", `{"name":"b"}`, 409, `{"error":{"code":"IDEMPOTENCY_KEY_REUSED","message":"this Idempotency-Key came with another request before"}}`).run(t, k)
	c := post("k", aBody, 409, "")
	c.path += "?x=1"
	c.run(t, k)
	c = post("k", aBody, 201, `{"name":"a","call":2}`) // another actor's key is another key
	c.token = "reader"
	c.run(t, k)
	c.path, c.token, c.want = pEntries, "owner", `{"name":"a","call":3}`
	c.run(t, k)
	c.body, c.status, c.want = `{"name":"b"}`, 422, ""
	c.run(t, k)
}

// Two persons that one client acts for share no key, and the plan of a call is made
// for the person, too.
func TestKeysOfImpersonatedPersons(t *testing.T) {
	k := newKeyed(t, storetest.SQLite(t))
	as := func(user, want string) call {
		c := post("k", aBody, 201, want)
		c.token, c.header["As-User"] = "client", user
		return c
	}
	as("", entryOne).run(t, k)
	as("u-21", `{"name":"a","call":2}`).run(t, k)
	as("u-22", `{"name":"a","call":3}`).run(t, k)
	for user, want := range map[string]string{"": entryOne, "u-21": `{"name":"a","call":2}`, "u-22": `{"name":"a","call":3}`} {
		as(user, want).run(t, k)
	}
	plan := as("u-21", "")
	plan.header["Roster-Plan"], plan.status = "true", 200
	if w := plan.run(t, k); !strings.Contains(w.Body.String(), `"actor":"token:4"`) {
		t.Errorf("the plan is %s", w.Body)
	}
	c := as("u-23", "")
	c.status = 404
	c.run(t, k)
}

// A keyed call and a plan run on a request of their own, which knows its tenant too.
func TestKeysBelowATenant(t *testing.T) {
	k := newKeyed(t, storetest.SQLite(t))
	c := post("k", aBody, 201, entryOne)
	c.path, c.token, c.wantHeader = front+"/entries", "rider", map[string]string{"Location": front + "/entries/a"}
	sameAnswer(t, c.run(t, k), c.run(t, k))
	c.body, c.status, c.want, c.wantHeader = `{"name":"b"}`, 409, "", nil
	c.header["X-Request-Id"] = "t-1"
	if w := c.run(t, k); !strings.Contains(w.Body.String(), `{"code":"IDEMPOTENCY_KEY_REUSED","trace":"t-1"`) {
		t.Errorf("%s", w.Body)
	}
	c.path = "/v1/nope/front/entries"
	c.status = 404
	c.run(t, k)
}

func TestRefusalsAreNotStored(t *testing.T) {
	k := newKeyed(t, storetest.SQLite(t))
	before := k.revision()
	post("k", `{"name":"refused"}`, 400, entryName).run(t, k)
	post("k", `{"name":"panic"}`, 500, `{"error":{"code":"INTERNAL_ERROR","message":"internal error"}}`).run(t, k)
	post("k", `{"name":7}`, 400, "").run(t, k)
	post("k", `{`, 400, "").run(t, k)
	if k.revision() != before {
		t.Fatalf("a refused call left revision %d, was %d", k.revision(), before)
	}
	post("k", aBody, 201, `{"name":"a","call":3}`).run(t, k)
}

func TestCallThatChangesNothing(t *testing.T) {
	k := newKeyed(t, storetest.SQLite(t))
	before := k.revision()
	first := post("k", `{"name":"same"}`, 201, "").run(t, k)
	if got := first.Header().Get("Roster-Revision"); got != strconv.FormatInt(before, 10) {
		t.Errorf("the revision is %s, want %d", got, before)
	}
	sameAnswer(t, first, post("k", `{"name":"same"}`, 201, "").run(t, k))
}

func TestKeyEndsAfterADay(t *testing.T) {
	k := newKeyed(t, storetest.SQLite(t))
	for _, key := range []string{"k", "l", "m"} {
		post(key, aBody, 201, "").run(t, k)
	}
	k.now = k.now.Add(keyLife + time.Minute)
	post("k", `{"name":"b"}`, 201, `{"name":"b","call":4}`).run(t, k)
	post("k", `{"name":"b"}`, 201, `{"name":"b","call":4}`).run(t, k)
	post("n", aBody, 201, "").run(t, k)
	var left int
	if err := k.db.Read(t.Context(), k.tenant, func(tx *store.Tx) error { return tx.Row(keyCount).Scan(&left) }); err != nil {
		t.Fatal(err)
	}
	if left != 2 {
		t.Errorf("%d keys are left, want the 2 of today", left)
	}
}

func TestPlan(t *testing.T) {
	storetest.Each(t, func(t *testing.T, database string) {
		k := newKeyed(t, database)
		before := k.revision()
		want := `{"plan":{"revision":` + strconv.FormatInt(before+1, 10) +
			`,"changes":[{"revision":` + strconv.FormatInt(before+1, 10) + `,"operation":"entry.add","actor":"token:2","after":{"name":"a"}}]}}`
		for _, method := range []string{"POST", "PUT"} {
			c := post("k", aBody, 200, want)
			c.method, c.header["Roster-Plan"] = method, "true"
			c.wantHeader = map[string]string{"Location": "", "Roster-Revision": strconv.FormatInt(before, 10)}
			c.run(t, k)
			c.body, c.status, c.want = `{"name":"refused"}`, 400, entryName
			c.run(t, k)
		}
		if k.revision() != before {
			t.Errorf("a plan left revision %d, was %d", k.revision(), before)
		}
		post("k", aBody, 201, "").run(t, k) // the plan left no answer under the key
	})
}

func TestHeadersOfKeys(t *testing.T) {
	k := newKeyed(t, storetest.SQLite(t))
	before := k.revision()
	c := post("k", aBody, 400, "")
	c.header["Roster-Plan"] = "yes"
	c.run(t, k)
	post("a\x7f", aBody, 400, "").run(t, k)
	post(strings.Repeat("k", 256), aBody, 400, "").run(t, k)
	post("k", `{"name":"`+string(make([]byte, bodyLimit))+`"}`, 413, "").run(t, k)
	c = post("k", aBody, 401, "")
	c.token = ""
	c.run(t, k)
	if k.calls != 0 || k.revision() != before {
		t.Fatalf("%d calls, revision %d", k.calls, k.revision())
	}
	for i, path := range []string{"/directory/secret", "/directory/reads"} {
		for again := range 2 {
			c := post("k", aBody, 200, `{"name":"a","call":`+strconv.Itoa(2*i+again+1)+`}`)
			c.path, c.header["Roster-Plan"] = path, "true"
			c.run(t, k)
		}
	}
	if k.revision() != before+4 {
		t.Errorf("revision %d, want %d", k.revision(), before+4)
	}
	post(strings.Repeat("k", 255), aBody, 201, "").run(t, k)
}

func TestKeysAtOnce(t *testing.T) {
	storetest.Each(t, func(t *testing.T, database string) {
		k := newKeyed(t, database)
		answers := make([]*httptest.ResponseRecorder, 8)
		var wg sync.WaitGroup
		for i := range answers {
			wg.Go(func() {
				answers[i] = httptest.NewRecorder()
				k.ServeHTTP(answers[i], post("k", aBody, 0, "").request())
			})
		}
		wg.Wait()
		if k.calls != 1 {
			t.Errorf("%d calls, want 1", k.calls)
		}
		for _, again := range answers {
			sameAnswer(t, answers[0], again)
		}
	})
}

func TestKeyInUse(t *testing.T) {
	k := newKeyed(t, storetest.SQLite(t))
	k.enter, k.leave = make(chan struct{}), make(chan struct{})
	k.keys.wait = time.Nanosecond
	first := httptest.NewRecorder()
	done := make(chan struct{})
	go func() {
		defer close(done)
		k.ServeHTTP(first, post("k", aBody, 0, "").request())
	}()
	<-k.enter
	post("k", aBody, 409, `{"error":{"code":"IDEMPOTENCY_KEY_IN_USE","message":"the first call with this Idempotency-Key still runs"}}`).run(t, k)
	close(k.leave)
	<-done
	if first.Code != 201 {
		t.Errorf("the first call got %d", first.Code)
	}
	k.enter = nil
	sameAnswer(t, first, post("k", aBody, 201, "").run(t, k))
	if len(k.keys.running) != 0 {
		t.Errorf("%d keys are still held", len(k.keys.running))
	}
}
