package business_test

import (
	"fmt"
	"maps"
	"slices"
	"sort"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/rosterhq/roster/internal/business"
	"github.com/rosterhq/roster/internal/identity"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/store"
	"github.com/rosterhq/roster/internal/store/storetest"
)

// The model is what the contract says of memberships and requests, in maps and loops,
// knowing nothing of rows, indexes or binding queries.
type (
	modelUser struct {
		actor    roster.Actor
		email    string
		verified bool
		group    *modelGroup
		role     string
		state    string
	}
	modelGroup struct {
		id           int64
		code, policy string
		deleted      bool
		name         string
		ofMember     map[*modelUser]string // member codes, for ever
	}
	modelRequest struct {
		id      int64
		group   *modelGroup
		kind    string
		user    *modelUser
		email   string
		role    string
		state   string
		expires time.Duration
	}
	model struct {
		t        *rapid.T
		h        *house
		users    []*modelUser
		groups   []*modelGroup
		requests []*modelRequest
		now      time.Duration
		names    int
	}
)

func (r *modelRequest) stateAt(now time.Duration) string {
	if r.state == business.RequestPending && now >= r.expires {
		return business.RequestExpired
	}
	return r.state
}

func (r *modelRequest) of(u *modelUser) bool {
	return r.user == u || r.user == nil && u.verified && r.email == u.email
}

func (m *model) pending(r *modelRequest) bool { return r.stateAt(m.now) == business.RequestPending }

func (m *model) user(label string) *modelUser   { return rapid.SampledFrom(m.users).Draw(m.t, label) }
func (m *model) group(label string) *modelGroup { return rapid.SampledFrom(m.groups).Draw(m.t, label) }
func (m *model) request(label string) *modelRequest {
	if len(m.requests) == 0 {
		return nil
	}
	return rapid.SampledFrom(m.requests).Draw(m.t, label)
}

func (u *modelUser) manages(g *modelGroup) bool {
	return u.group == g && u.state == business.MemberActive && u.role != business.Simple
}

// barred is the answer of a verb of managers to whoever is none; "" to a manager.
func (u *modelUser) barred(g *modelGroup) string {
	switch {
	case g.deleted || u.group != g:
		return business.CodeNoAccount
	case !u.manages(g):
		return business.CodeNoPermission
	}
	return ""
}

func (m *model) wants(what string, err error, code string) {
	m.t.Helper()
	if got := codeOf(err); got != code {
		m.t.Fatalf("%s: %q, want %q (%v)", what, got, code, err)
	}
}

func (m *model) create() {
	u := m.user("creator")
	if len(m.groups) == 4 {
		return
	}
	m.names++
	name, want := fmt.Sprint("G", m.names), ""
	if u.group != nil {
		want = business.CodeAssigned
	}
	v, err := m.h.CreateAccount(m.t.Context(), u.actor, 0, business.AccountPatch{Name: &name})
	m.wants("create", err, want)
	if err == nil {
		g := &modelGroup{id: v.ID, code: v.Code, name: name, policy: business.JoinByApproval, ofMember: map[*modelUser]string{}}
		m.groups = append(m.groups, g)
		m.enter(u, g, business.Owner, nil)
	}
}

// enter makes somebody a member: what else of theirs waits is cancelled.
func (m *model) enter(u *modelUser, g *modelGroup, role string, accepted *modelRequest) {
	u.group, u.role, u.state = g, role, business.MemberActive
	for _, r := range m.requests {
		if r != accepted && m.pending(r) && r.of(u) {
			r.state = business.RequestCancelled
		}
	}
	if accepted != nil {
		accepted.state, accepted.user = business.RequestAccepted, u
	}
}

func (m *model) setPolicy() {
	u, g := m.user("manager"), m.group("account")
	policy := rapid.SampledFrom([]string{business.JoinByApproval, business.JoinAtOnce, business.JoinClosed}).Draw(m.t, "policy")
	_, err := m.h.UpdateAccount(m.t.Context(), u.actor, g.id, nil, business.AccountPatch{Settings: business.SettingsPatch{JoinPolicy: &policy}})
	m.wants("policy", err, u.barred(g))
	if err == nil {
		g.policy = policy
	}
}

func (m *model) deleteAccount() {
	u, g := m.user("deleter"), m.group("account")
	want := u.barred(g)
	if want == "" && u.role != business.Owner {
		want = business.CodeNoPermission
	}
	err := m.h.DeleteAccount(m.t.Context(), u.actor, g.id, nil)
	m.wants("delete", err, want)
	if err != nil {
		return
	}
	g.deleted = true
	for _, r := range m.requests {
		if r.group == g && m.pending(r) {
			r.state = business.RequestCancelled
		}
	}
	for _, member := range m.users {
		if member.group == g {
			member.group = nil
		}
	}
}

func (m *model) join() {
	u, g := m.user("joiner"), m.group("account")
	invited, asked := false, false
	for _, r := range m.requests {
		if r.group == g && m.pending(r) && r.of(u) {
			invited, asked = invited || r.kind == business.Invitation, asked || r.kind == business.JoinRequest
		}
	}
	want := ""
	switch {
	case g.deleted, !invited && g.policy == business.JoinClosed:
		want = business.CodeNoCode
	case u.group != nil:
		want = business.CodeAssigned
	case !invited && asked && g.policy == business.JoinByApproval:
		want = business.CodePending
	}
	out, err := m.h.Join(m.t.Context(), u.actor, g.code, business.Join{})
	m.wants("join", err, want)
	switch {
	case err != nil:
	case invited:
		r := m.byID(out.Request.ID)
		if r == nil || r.group != g || r.kind != business.Invitation || !m.pending(r) || !r.of(u) {
			m.t.Fatalf("joined by %+v", out.Request)
		}
		m.enter(u, g, r.role, r)
	case g.policy == business.JoinAtOnce:
		m.enter(u, g, business.Simple, nil)
	default:
		m.add(&modelRequest{id: out.Request.ID, group: g, kind: business.JoinRequest, user: u, role: business.Simple})
	}
}

func (m *model) add(r *modelRequest) {
	r.state, r.expires = business.RequestPending, m.now+14*day
	m.requests = append(m.requests, r)
}

func (m *model) byID(id int64) *modelRequest {
	i := slices.IndexFunc(m.requests, func(r *modelRequest) bool { return r.id == id })
	if i < 0 {
		return nil
	}
	return m.requests[i]
}

func (m *model) leave() {
	u, g := m.user("leaver"), m.group("account")
	want := ""
	switch {
	case g.deleted:
		want = business.CodeNoCode
	case u.group != g:
		want = business.CodeNoMember
	case u.role == business.Owner:
		want = business.CodeOwnerStays
	}
	_, err := m.h.Leave(m.t.Context(), u.actor, g.code, "")
	m.wants("leave", err, want)
	if err == nil {
		u.group = nil
	}
}

func (m *model) invite() {
	by, g := m.user("inviter"), m.group("account")
	address := rapid.SampledFrom(addresses).Draw(m.t, "address")
	role := rapid.SampledFrom([]string{business.Simple, business.Simple, business.Admin}).Draw(m.t, "role")
	whole := by.barred(g)
	if whole == "" && role == business.Admin && by.role != business.Owner {
		whole = business.CodeManagerLimit
	}
	done, err := m.h.Invite(m.t.Context(), by.actor, g.id, []business.Invitee{{Email: address, Role: role}})
	m.wants("invite", err, whole)
	if err != nil {
		return
	}
	var holder *modelUser // who has verified the address
	for _, u := range m.users {
		if u.verified && u.email == address {
			holder = u
		}
	}
	named, want := holder, ""
	for _, r := range m.requests {
		if r.group != g || !m.pending(r) {
			continue
		}
		switch {
		case r.kind == business.Invitation && r.email == address, holder != nil && r.kind == business.JoinRequest && r.user == holder:
			want = business.CodePending
		case holder != nil && r.user == holder:
			named = nil // the other invitation has the name
		}
	}
	m.wants("row", done[0].Err, want)
	if want == "" {
		m.add(&modelRequest{id: done[0].Request.ID, group: g, kind: business.Invitation, user: named, email: address, role: role})
	}
}

func (m *model) decideOwn() {
	u, r := m.user("decider"), m.request("request")
	if r == nil {
		return
	}
	to := rapid.SampledFrom(outcomes).Draw(m.t, "to")
	mine := (r.kind == business.Invitation) == (to != business.RequestCancelled)
	want := business.CodeNoResource
	if r.of(u) {
		want = m.verdict(r, u, to, mine)
	}
	_, _, err := m.h.DecideOwn(m.t.Context(), u.actor, r.id, decision(to))
	m.wants("decide own", err, want)
	if err == nil {
		m.decided(r, u, to)
	}
}

var outcomes = []string{business.RequestAccepted, business.RequestAccepted, business.RequestDeclined, business.RequestCancelled}

// verdict is the answer to a step of a request that the actor sees.
func (m *model) verdict(r *modelRequest, person *modelUser, to string, theirs bool) string {
	switch {
	case m.pending(r) && !theirs:
		return business.CodeNotYours
	case to == business.RequestAccepted && r.state != business.RequestAccepted && person.group != nil:
		return business.CodeAssigned
	case !m.pending(r):
		return business.CodeNotPending
	}
	return ""
}

func (m *model) decided(r *modelRequest, person *modelUser, to string) {
	if to == business.RequestAccepted {
		m.enter(person, r.group, r.role, r)
		return
	}
	r.state = to
}

func (m *model) decide() {
	by, g, r := m.user("manager"), m.group("account"), m.request("request")
	if r == nil {
		return
	}
	to := rapid.SampledFrom(outcomes).Draw(m.t, "to")
	theirs := (r.kind == business.JoinRequest) == (to != business.RequestCancelled)
	want := by.barred(g)
	switch {
	case want != "":
	case r.group != g:
		want = business.CodeNoResource
	case r.user == nil: // an invitation to nobody: nobody's membership counts
		want = m.verdict(r, &modelUser{}, to, theirs)
	default:
		want = m.verdict(r, r.user, to, theirs)
	}
	_, _, err := m.h.Decide(m.t.Context(), by.actor, g.id, r.id, decision(to))
	m.wants("decide", err, want)
	if err == nil {
		m.decided(r, r.user, to)
	}
}

func (m *model) changeMember() {
	by, target, g := m.user("manager"), m.user("target"), m.group("account")
	role := rapid.SampledFrom([]string{"", "", business.Owner, business.Admin, business.Simple}).Draw(m.t, "role")
	state := rapid.SampledFrom([]string{"", business.MemberActive, business.MemberInactive}).Draw(m.t, "state")
	in := business.MembershipPatch{}
	newRole, newState := target.role, target.state
	if role != "" {
		in.Role, newRole = &role, role
	}
	if state != "" {
		in.State, newState = &state, state
	}
	moves := newRole != target.role || newState != target.state
	want := by.barred(g)
	switch {
	case want != "":
	case target.group != g:
		want = business.CodeNoMember
	case by != target && by.role == business.Admin && target.role != business.Simple:
		want = business.CodeManagerLimit
	case newRole != target.role && newRole == business.Owner:
		want = business.CodeOwnerRole
	case newRole != target.role && newRole == business.Admin && by.role != business.Owner, moves && by == target:
		want = business.CodeManagerLimit
	}
	code := "NOSUCHCD"
	if target.group == g {
		code = g.ofMember[target]
	}
	_, err := m.h.UpdateMembership(m.t.Context(), by.actor, g.id, code, nil, in)
	m.wants("change", err, want)
	if err == nil {
		target.role, target.state = newRole, newState
	}
}

// move gives somebody another address that nobody has; verify has them prove theirs.
func (m *model) move() {
	u := m.user("mover")
	var free []string
	for _, address := range addresses {
		if !slices.ContainsFunc(m.users, func(o *modelUser) bool { return o.email == address }) {
			free = append(free, address)
		}
	}
	u.email, u.verified = rapid.SampledFrom(free).Draw(m.t, "address"), false
	m.h.edit(u.actor, func(c *identity.Customer) { c.Email, c.EmailVerified = u.email, false })
}

func (m *model) verify() {
	u := m.user("verifier")
	m.h.verify(u.actor)
	if u.verified {
		return
	}
	u.verified = true
	for _, r := range m.requests {
		named := slices.ContainsFunc(m.requests, func(o *modelRequest) bool { return o.group == r.group && o.user == u && m.pending(o) })
		if m.pending(r) && r.user == nil && r.email == u.email && !named {
			r.user = u
		}
	}
}

func (m *model) wait() {
	d := time.Duration(rapid.IntRange(1, 8).Draw(m.t, "days")) * day
	m.now += d
	m.h.pass(d)
}

var addresses = []string{"a@example.org", "b@example.org", "c@example.org", "d@example.org", "e@example.org", "f@example.org"}

// check compares all that people see with the model.
func (m *model) check() {
	states := business.JoinRequestLife.States()
	for _, u := range m.users {
		want := "none"
		if u.group != nil {
			want = fmt.Sprint(u.group.id, u.role, u.state)
		}
		got := "none"
		own, _, err := m.h.Groups(m.t.Context(), u.actor, roster.Page{})
		m.h.must(err)
		if len(own) == 1 {
			g := own[0]
			got = fmt.Sprint(g.ID, g.Member.Role, g.Member.State)
			m.code(u, g.Member.MemberCode)
		}
		if got != want {
			m.t.Fatalf("%s is in %s, want %s", u.email, got, want)
		}
		mine := m.line(func(r *modelRequest) bool { return r.of(u) })
		if got := sorted(m.h.own(u.actor, states...)); got != mine {
			m.t.Fatalf("%s sees the requests\n%s\nwant\n%s", u.email, got, mine)
		}
	}
	for _, g := range m.groups {
		for _, u := range m.users {
			if u.group == g && u.role == business.Owner {
				c := company{house: m.h, id: g.id}
				theirs := m.line(func(r *modelRequest) bool { return r.group == g })
				if got := sorted(c.asked(u.actor, business.RequestFilter{States: states})); got != theirs {
					m.t.Fatalf("the owner of %s sees the requests\n%s\nwant\n%s", g.name, got, theirs)
				}
			}
		}
	}
}

// code sees to it that a member code is one's own for ever, and nobody else's.
func (m *model) code(u *modelUser, code string) {
	for other, its := range u.group.ofMember {
		if (other == u) != (its == code) {
			m.t.Fatalf("%s has the member code %s in %v", u.email, code, u.group.ofMember)
		}
	}
	u.group.ofMember[u] = code
}

func (m *model) line(of func(*modelRequest) bool) string {
	var words []string
	for _, r := range m.requests {
		if of(r) {
			words = append(words, fmt.Sprint(r.id, " ", r.stateAt(m.now)))
		}
	}
	sort.Strings(words)
	return strings.Join(words, ", ")
}

func sorted(line string) string {
	words := strings.Split(line, ", ")
	sort.Strings(words)
	return strings.Join(words, ", ")
}

// steps is how many steps a check takes at most: the rules are the same code on both
// engines, and a step takes longer on a server.
func steps(database string) int {
	if store.IsPostgres(database) {
		return 10
	}
	return 40
}

// Whatever people do, in whatever order: each answer is the model's, and so is all
// that they see afterwards.
func TestModel(t *testing.T) {
	storetest.Each(t, func(t *testing.T, database string) {
		base, tenants := openHouse(t, database), 0
		rapid.Check(t, func(rt *rapid.T) {
			tenants++
			h := *base
			h.t = rt
			h.furnish(storetest.Tenant(t, h.db, fmt.Sprint("t-", tenants)))
			m := &model{t: rt, h: &h}
			for i := range 4 {
				u := &modelUser{email: addresses[i], verified: i%2 == 0}
				u.actor = h.customer(strings.TrimSuffix(u.email, "@example.org"), u.verified)
				m.users = append(m.users, u)
			}
			m.create()
			m.check()
			actions := map[string]func(){
				"create": m.create, "policy": m.setPolicy, "delete": m.deleteAccount, "join": m.join, "leave": m.leave, "invite": m.invite,
				"decide own": m.decideOwn, "decide": m.decide, "change": m.changeMember, "move": m.move, "verify": m.verify, "wait": m.wait,
			}
			names := slices.Sorted(maps.Keys(actions))
			// Some things are done more often, or little would come about.
			names = append(names, "join", "join", "invite", "invite", "invite", "decide own", "decide own", "decide")
			for range rapid.IntRange(5, steps(database)).Draw(rt, "steps") {
				actions[rapid.SampledFrom(names).Draw(rt, "action")]()
				m.check()
			}
		})
	})
}
