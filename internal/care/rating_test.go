package care_test

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/rosterhq/roster/internal/business"
	"github.com/rosterhq/roster/internal/care"
	"github.com/rosterhq/roster/internal/identity"
	"github.com/rosterhq/roster/internal/jobs"
	"github.com/rosterhq/roster/internal/racetest"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/store"
	"github.com/rosterhq/roster/internal/store/storetest"
)

// bureau is a tenant with a provider of ratings, and an operator who may do all.
type bureau struct {
	t        testing.TB
	clock    atomic.Int64
	db       *store.DB
	care     *care.Care
	jobs     *jobs.Runner
	cli      roster.Actor
	operator roster.Actor
	branch   int64

	mu      sync.Mutex
	answer  func(care.RatingQuery) (care.RatingAnswer, error)
	queries []care.RatingQuery
}

// Rate implements care.Rater.
func (b *bureau) Rate(_ context.Context, q care.RatingQuery) (care.RatingAnswer, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.queries = append(b.queries, q)
	return b.answer(q)
}

func newBureau(t testing.TB, database string) *bureau {
	t.Helper()
	b := openBureau(t, database)
	b.care = care.New(b.db)
	b.care.AddRater("CRIF", b)
	b.settle()
	b.set(identity.RatingProvider.Name, `"CRIF"`)
	return b
}

// openBureau opens a bureau that lacks its care, and is yet to settle.
func openBureau(t testing.TB, database string) *bureau {
	t.Helper()
	b := &bureau{t: t}
	b.clock.Store(time.Date(2026, 3, 2, 10, 0, 0, 0, time.UTC).UnixMicro())
	b.db = storetest.Open(t, database, store.Options{Clock: func() time.Time { return time.UnixMicro(b.clock.Load()).UTC() }})
	return b
}

// settle makes the tenant.
func (b *bureau) settle() {
	b.t.Helper()
	b.jobs = jobs.New(b.db, jobs.Options{})
	b.care.RegisterJobs(b.jobs)
	b.cli = storetest.Tenant(b.t, b.db, "acme")
	b.write(func(tx *store.Tx) error {
		unit := business.Unit{Name: "Euro", Code: "EUR", Currency: "EUR", Tax: 2000, Timezone: "Europe/Vienna"}
		if _, err := business.PutUnit(tx, &unit); err != nil {
			return err
		}
		at := identity.Branch{Name: "AT", Code: "AT", BusinessUnitID: unit.ID}
		if _, err := identity.PutBranch(tx, &at); err != nil {
			return err
		}
		b.branch = at.ID
		if _, err := identity.PutRole(tx, identity.Role{Name: "ALL", Permissions: identity.Permissions}); err != nil {
			return err
		}
		boss, _, err := identity.PutOperator(tx, "boss@example.org", "Boss")
		if err != nil {
			return err
		}
		b.operator = roster.Actor{Tenant: b.cli.Tenant, ID: "operator:boss", API: roster.OperationsAPI, PersonID: boss.ID}
		_, err = identity.AssignRole(tx, identity.Assignee{PersonID: boss.ID}, "ALL", at.ID)
		return err
	})
}

func (b *bureau) write(fn func(tx *store.Tx) error) {
	b.t.Helper()
	if err := b.db.Write(context.Background(), b.cli, fn); err != nil {
		b.t.Fatal(err)
	}
}

func (b *bureau) set(setting, value string) {
	b.t.Helper()
	b.write(func(tx *store.Tx) error {
		_, err := identity.PutBranchSetting(tx, setting, 0, []byte(value))
		tx.Housekeeping()
		return err
	})
}

// customer makes one, and account a business account.
func (b *bureau) customer(name string) (id int64) {
	b.t.Helper()
	b.write(func(tx *store.Tx) error {
		c := identity.Customer{
			Email: name + "@example.org", FirstName: "Carla", LastName: "Free", Birthdate: "1990-02-01", HomeBranchID: b.branch,
			Street: "Hauptplatz 1", Postcode: "8010", City: "Graz", Country: "AT",
		}
		err := identity.InsertCustomer(tx, &c)
		id = c.ID
		return err
	})
	return id
}

func (b *bureau) account(name string) (id int64) {
	b.t.Helper()
	b.write(func(tx *store.Tx) error {
		a, err := business.NewAccount(tx, b.branch)
		if err != nil {
			return err
		}
		a.Name = name
		a.Contact = business.Contact{CompanyName: "Acme Ltd", VATID: "ATU12345678", BillingAddress: business.Address{Street: "Ring 2", Postcode: "1010", City: "Wien", Country: "AT"}}
		err = business.InsertAccount(tx, a)
		id = a.ID
		return err
	})
	return id
}

// credit is an account's credit status, and ratings are its ratings, the first one
// first.
func (b *bureau) credit(id int64) (status string) {
	b.t.Helper()
	err := b.db.Read(context.Background(), b.cli.Tenant.ID, func(tx *store.Tx) error {
		if c, err := identity.LiveCustomer(tx, id); err == nil {
			status = c.CreditStatus
			return nil
		}
		a, err := business.LiveAccount(tx, id)
		if err == nil {
			status = a.CreditStatus
		}
		return err
	})
	if err != nil {
		b.t.Fatal(err)
	}
	return status
}

func (b *bureau) ratings(id int64) []*care.Rating {
	b.t.Helper()
	all, total, err := b.care.Ratings(context.Background(), b.operator, id, roster.Page{Limit: 100, Sort: []roster.Sort{{Property: "id"}}})
	if err != nil || total != len(all) {
		b.t.Fatal(total, err)
	}
	return all
}

func code(err error) string {
	if err == nil {
		return ""
	}
	return roster.AsError(err).Code
}

// line is a rating as the naive oracle knows it: asked and decided are the steps at
// which it began and was decided.
type line struct {
	Type, Status   string
	Active         bool
	until          int64
	asked, decided int
}

// oracle is what ratings are, said once more and naively: a list of all.
type oracle struct {
	lines    []*line
	written  int64 // the time of the last change
	step     int
	attempts int
	refuse   bool
}

// seen is the list as it is read at a time.
func (o *oracle) seen(now int64) []line {
	all := []line{}
	for _, l := range o.lines {
		s := line{Type: l.Type, Status: l.Status, Active: l.Active}
		if l.until != 0 && l.until <= now && slices.Contains([]string{"PENDING", "APPROVED", "REJECTED"}, l.Status) {
			s.Status, s.Active = "EXPIRED", false
		}
		all = append(all, s)
	}
	return all
}

// active and queued are the lines of that state; nil for none.
func (o *oracle) active(now int64) *line {
	for i, l := range o.seen(now) {
		if l.Active {
			return o.lines[i]
		}
	}
	return nil
}

func (o *oracle) queued() *line {
	for _, l := range o.lines {
		if l.Status == "QUEUED" {
			return l
		}
	}
	return nil
}

func (o *oracle) put(l *line) {
	for _, other := range o.lines {
		other.Active = false
	}
	l.Active = true
	if !slices.Contains(o.lines, l) {
		o.lines = append(o.lines, l)
	}
}

func (o *oracle) create(status string, until int64) string {
	o.put(&line{Type: "MANUAL", Status: status, until: until, asked: o.step})
	return ""
}

func (o *oracle) decide(now int64, status string, until int64) string {
	a := o.active(now)
	switch {
	case a != nil && a.Status != status:
		a.Status, a.until, a.decided = status, until, o.step
	case a == nil && o.queued() != nil:
		return "CR902"
	case a == nil:
		return o.create(status, until)
	}
	return ""
}

func (o *oracle) queue(now int64, force bool) string {
	switch {
	case o.queued() != nil:
		return "CR903"
	case o.active(now) != nil && o.refuse && !force:
		return "CR906"
	}
	o.lines = append(o.lines, &line{Type: "AUTOMATED", Status: "QUEUED", asked: o.step})
	o.attempts = 0
	return ""
}

func (o *oracle) answer(now int64, status string, until int64) {
	q, a := o.queued(), o.active(now)
	if q == nil {
		return
	}
	q.Status, q.until = status, until
	if status != "FAILED" && (a == nil || max(a.asked, a.decided) < q.asked) {
		o.put(q)
	}
}

// credit is the credit status. What expires while another rating is queued reads EXPIRED
// until the answer; what is queued after that, PENDING.
func (o *oracle) credit(now int64) string {
	a, was := o.active(now), (*line)(nil)
	for _, l := range o.lines {
		if l.Active {
			was = l
		}
	}
	switch {
	case a != nil && a.Status != "PENDING":
		return a.Status
	case a != nil:
		return "PENDING"
	case o.queued() != nil && (was == nil || was.until <= o.written || was.Status == "PENDING"):
		return "PENDING"
	case was != nil:
		return "EXPIRED"
	}
	return "UNKNOWN"
}

// Whatever is done to an account's ratings, they and the credit status are what a naive
// oracle says, and refusals are its.
func TestRatingsModel(t *testing.T) {
	storetest.Each(t, func(t *testing.T, database string) {
		b := newBureau(t, database)
		const validity = 3 * 24 * int64(time.Hour/time.Microsecond)
		b.set(identity.RatingValidityDays.Name, "3")
		n := 0
		rapid.Check(t, func(t *rapid.T) {
			if n++; n > racetest.Scale(40) {
				return // they were enough
			}
			o := &oracle{}
			account := b.customer(fmt.Sprint("c", n))
			if rapid.Bool().Draw(t, "group") {
				account = b.account(fmt.Sprint("G", n))
			}
			o.refuse = rapid.Bool().Draw(t, "refuse")
			b.set(identity.RatingRefuseWhileActive.Name, fmt.Sprint(o.refuse))
			status := func(from ...string) string { return rapid.SampledFrom(from).Draw(t, "status") }
			until := func() int64 {
				if rapid.Bool().Draw(t, "until") {
					return b.clock.Load() + int64(rapid.IntRange(1, 5).Draw(t, "days"))*validity/6
				}
				return 0
			}
			// ends is when what is decided now expires.
			ends := func(status string, until int64) int64 {
				if until == 0 && status != "PENDING" {
					return b.clock.Load() + validity
				}
				return until
			}
			ctx := context.Background()
			var got, want string
			changed := false
			t.Repeat(map[string]func(*rapid.T){
				"create": func(*rapid.T) {
					s, u := status("PENDING", "APPROVED", "REJECTED"), until()
					_, err := b.care.CreateRating(ctx, b.operator, account, care.NewRating{Status: s, ValidUntil: u})
					got, want, changed = code(err), o.create(s, ends(s, u)), true
				},
				"decide": func(*rapid.T) {
					s, u := status("APPROVED", "REJECTED"), until()
					_, credit, err := b.care.DecideRating(ctx, b.operator, account, care.NewRating{Status: s, ValidUntil: u})
					got, want, changed = code(err), o.decide(b.clock.Load(), s, ends(s, u)), err == nil
					if err == nil && credit != s {
						t.Errorf("the credit status is %s after %s", credit, s)
					}
				},
				"queue": func(*rapid.T) {
					force := rapid.Bool().Draw(t, "force")
					active := o.active(b.clock.Load()) != nil
					_, warned, err := b.care.QueueRating(ctx, b.operator, account, "", force)
					got, want, changed = code(err), o.queue(b.clock.Load(), force), err == nil
					if err == nil && warned != active {
						t.Errorf("warned: %v", warned)
					}
				},
				"answer": func(*rapid.T) {
					s, u := status("PENDING", "APPROVED", "REJECTED", "FAILED"), until()
					b.answer = func(care.RatingQuery) (care.RatingAnswer, error) {
						if s == "FAILED" {
							return care.RatingAnswer{}, care.RatingRefused("no")
						}
						return care.RatingAnswer{Status: s, ValidUntil: u}, nil
					}
					_ = b.jobs.Drain(ctx)
					changed = o.queued() != nil
					o.answer(b.clock.Load(), s, ends(s, u))
				},
				"stumble": func(*rapid.T) {
					b.answer = func(care.RatingQuery) (care.RatingAnswer, error) { return care.RatingAnswer{}, errors.New("500") }
					_ = b.jobs.Drain(ctx)
					o.attempts++
					if changed = false; o.attempts == 8 && o.queued() != nil {
						o.answer(b.clock.Load(), "FAILED", 0)
						o.written = b.clock.Load()
					}
					b.clock.Add((127 * time.Minute).Microseconds()) // beyond the next try
				},
				"wait": func(*rapid.T) {
					changed = false
					b.clock.Add((1447 * time.Minute).Microseconds())
				},
				"": func(t *rapid.T) {
					if o.step++; changed {
						o.written = b.clock.Load()
					}
					if got != want {
						t.Fatalf("refused with %q, want %q", got, want)
					}
					seen := []line{}
					for _, r := range b.ratings(account) {
						seen = append(seen, line{Type: r.Type, Status: r.Status, Active: r.Active})
					}
					if diff := gocmp.Diff(o.seen(b.clock.Load()), seen, gocmp.AllowUnexported(line{})); diff != "" {
						t.Fatalf("ratings (-want +got):\n%s", diff)
					}
					if got, want := b.credit(account), o.credit(b.clock.Load()); got != want {
						t.Fatalf("the credit status is %s, want %s", got, want)
					}
				},
			})
			// What waits is not to be the next account's.
			b.answer = func(care.RatingQuery) (care.RatingAnswer, error) { return care.RatingAnswer{Status: "PENDING"}, nil }
			b.clock.Add((2 * time.Hour).Microseconds())
			if err := b.jobs.Drain(ctx); err != nil {
				t.Fatal(err)
			}
		})
	})
}

// The provider is asked for what is known of the account, by a key that stays; what an
// operator decided since counts.
func TestRatingQueries(t *testing.T) {
	storetest.Each(t, func(t *testing.T, database string) {
		b := newBureau(t, database)
		ctx := t.Context()
		person, group := b.customer("carla"), b.account("Acme")
		for _, id := range []int64{person, group} {
			if _, _, err := b.care.QueueRating(ctx, b.operator, id, "", false); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := b.care.CreateRating(ctx, b.operator, group, care.NewRating{Status: care.RatingRejected}); err != nil {
			t.Fatal(err)
		}
		failed := false
		b.answer = func(q care.RatingQuery) (care.RatingAnswer, error) {
			if q.AccountType == care.RatedCustomer && !failed {
				failed = true
				return care.RatingAnswer{}, errors.New("slow")
			}
			return care.RatingAnswer{Status: care.RatingApproved}, nil
		}
		_ = b.jobs.Drain(ctx)
		b.clock.Add(time.Hour.Microseconds())
		if err := b.jobs.Drain(ctx); err != nil {
			t.Fatal(err)
		}
		carla := care.RatingQuery{
			Key: "rating-acme-1", Tenant: b.cli.Tenant, AccountType: care.RatedCustomer, FirstName: "Carla", LastName: "Free", Birthdate: "1990-02-01",
			Street: "Hauptplatz 1", Postcode: "8010", City: "Graz", Country: "AT",
		}
		acme := care.RatingQuery{
			Key: "rating-acme-2", Tenant: b.cli.Tenant, AccountType: care.RatedGroup, CompanyName: "Acme Ltd", VATID: "ATU12345678",
			Street: "Ring 2", Postcode: "1010", City: "Wien", Country: "AT",
		}
		slices.SortFunc(b.queries, func(x, y care.RatingQuery) int { return cmp.Compare(x.Key, y.Key) })
		if diff := gocmp.Diff([]care.RatingQuery{carla, carla, acme}, b.queries); diff != "" {
			t.Errorf("queries (-want +got):\n%s", diff)
		}
		if b.credit(person) != "APPROVED" || b.credit(group) != "REJECTED" {
			t.Errorf("they are %s and %s", b.credit(person), b.credit(group))
		}
	})
}

// A rating whose account is deleted meanwhile fails, and nobody is asked.
func TestRatingOfTheDeleted(t *testing.T) {
	storetest.Each(t, func(t *testing.T, database string) {
		b := newBureau(t, database)
		person := b.customer("carla")
		if _, _, err := b.care.QueueRating(t.Context(), b.operator, person, "", false); err != nil {
			t.Fatal(err)
		}
		b.write(func(tx *store.Tx) error { return identity.EraseCustomer(tx, person) })
		if err := b.jobs.Drain(t.Context()); err != nil {
			t.Fatal(err)
		}
		if all := b.ratings(person); len(b.queries) != 0 || len(all) != 1 || all[0].Status != care.RatingFailed {
			t.Errorf("asked %d times: %+v", len(b.queries), all)
		}
		_, err := b.care.CreateRating(t.Context(), b.operator, person, care.NewRating{Status: care.RatingApproved})
		if code(err) != identity.CodeCustomerDeleted {
			t.Errorf("refused with %v", err)
		}
	})
}

// What a provider answers that is no answer is given up at once.
func TestRatingAnswersAreChecked(t *testing.T) {
	b := newBureau(t, storetest.SQLite(t))
	high := int64(1001)
	for i, answer := range []care.RatingAnswer{{Status: "GREEN"}, {Status: care.RatingQueued}, {}, {Status: care.RatingApproved, Score: &high}} {
		person := b.customer(fmt.Sprint("c", i))
		if _, _, err := b.care.QueueRating(t.Context(), b.operator, person, "", false); err != nil {
			t.Fatal(err)
		}
		b.answer = func(care.RatingQuery) (care.RatingAnswer, error) { return answer, nil }
		if err := b.jobs.Drain(t.Context()); err == nil {
			t.Errorf("%+v is an answer", answer)
		}
		if all := b.ratings(person); all[0].Status != care.RatingFailed || b.credit(person) != "UNKNOWN" {
			t.Errorf("%+v: %+v", answer, all[0])
		}
	}
}
