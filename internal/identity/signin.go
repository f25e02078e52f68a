package identity

import (
	"context"
	"slices"

	"github.com/rosterhq/roster/internal/graph"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/store"
)

// Tokens are what a sign-in to mobility gives: an access token, which is a JWT, and a
// refresh token, which is good once.
type Tokens struct{ Access, Refresh string }

// From says in which tenant somebody signs in, as what, and from where.
type From struct {
	// Tenant is the tenant's name.
	Tenant string
	// Type is RoleUser or RoleOperator; "" is the one that the person is, and
	// RoleUser where both.
	Type   string
	Device Device
}

// actor is who writes.
func (f *From) actor(tenant roster.Tenant, id string, person int64) roster.Actor {
	return roster.Actor{Tenant: tenant, ID: id, API: roster.AuthAPI, PersonID: person, RequestID: f.Device.RequestID}
}

// signIn is a sign-in under way. Its function may run twice, so the fields that it
// sets are set anew.
type signIn struct {
	i       *Identity
	from    From
	tenant  roster.Tenant
	key     *signingKey
	refresh string

	opened  *opened
	failure error // told after the write is durable
}

// begin reads what every sign-in needs. NotFound for an unknown tenant.
func (i *Identity) begin(ctx context.Context, from From) (*signIn, error) {
	if from.Type != "" && !slices.Contains([]string{RoleUser, RoleOperator}, from.Type) {
		return nil, roster.FieldError("type", "must be %s or %s", RoleUser, RoleOperator)
	}
	if i.key == nil {
		return nil, errNoKey
	}
	tenant, err := i.db.Tenant(ctx, from.Tenant)
	if err != nil {
		return nil, err
	}
	// A key that another node replaced long ago would sign in vain.
	if err := i.db.Fresh(ctx, tenant.ID); err != nil {
		return nil, err
	}
	key, err := i.signer(ctx, tenant)
	if err != nil {
		return nil, err
	}
	return &signIn{i: i, from: from, tenant: tenant, key: key, refresh: newRefresh()}, nil
}

// write runs fn in a write of that actor and returns the tokens of the session that
// it opened, or why it opened none.
func (s *signIn) write(ctx context.Context, actor string, person int64, fn func(tx *store.Tx) error) (*Tokens, error) {
	err := s.i.db.Write(ctx, s.from.actor(s.tenant, actor, person), func(tx *store.Tx) error {
		s.opened, s.failure = nil, nil
		return fn(tx)
	})
	if err != nil {
		return nil, err
	}
	if s.failure != nil {
		return nil, s.failure
	}
	access, err := s.i.sign(s.tenant, s.key, &s.opened.claims)
	return &Tokens{access, s.opened.refresh}, err
}

// open opens a session for somebody who has shown who they are by a method, or has
// it wait for the second factor.
func (s *signIn) open(tx *store.Tx, w *who, method string) error {
	role := w.as(s.from.Type)
	switch {
	case role == "":
		s.failure = errCredentials()
		return nil
	case role == RoleUser && w.block == Blocked:
		s.failure = errBlocked()
		return nil
	case w.hasFactor:
		return s.await(tx, w, role, method)
	}
	return s.enter(tx, w, role, method)
}

// enter opens the session.
func (s *signIn) enter(tx *store.Tx, w *who, role, method string) (err error) {
	f := &Family{
		API: apiOf[role], Type: role, PersonID: w.id, Method: method, UserAgent: s.from.Device.agent(), Address: s.from.Device.Address,
	}
	s.opened, err = openFamily(tx, f, w, s.refresh)
	return err
}

var apiOf = map[string]roster.API{RoleUser: roster.UserAPI, RoleOperator: roster.OperationsAPI}

// waiting is what a sign-in that waits for the second factor goes on with.
type waiting struct {
	Role   string `json:"role"`
	Method string `json:"method"`
}

func (s *signIn) await(tx *store.Tx, w *who, role, method string) error {
	c, err := insertCode(tx, mfaPurpose, []byte{}, w.id, waiting{role, method})
	if err != nil {
		return err
	}
	tx.Housekeeping()
	s.failure = errSecondFactor(s.i.long(tx.Tenant(), c))
	return nil
}

// SignInEmail signs in whoever knows the password of an address. Unauthenticated with
// CodeBadCredentials otherwise, without telling, by the answer or the time that it
// takes, what was wrong; with CodeSecondFactor, and a SecondFactor as Details,
// where one is needed. Forbidden with CodeCustomerBlocked; TooMany, with a time.Duration as
// Details, after failures that are too many, for the right password too.
func (i *Identity) SignInEmail(ctx context.Context, from From, email, password string) (*Tokens, error) {
	s, err := i.begin(ctx, from)
	if err != nil {
		return nil, err
	}
	undo, err := i.countFailure(from, graph.Key(email))
	if err != nil {
		return nil, err
	}
	var w *who
	err = i.db.Read(ctx, s.tenant.ID, func(tx *store.Tx) error {
		w, err = findWho(tx, whoByEmail, EmailPassword, graph.Key(email))
		return err
	})
	if err != nil {
		undo()
		return nil, err
	}
	var hash PasswordHash
	if w.may() {
		hash = w.hash
	}
	same, err := hash.matches(ctx, password)
	if err != nil {
		undo()
		return nil, err
	}
	if !same {
		return nil, errCredentials()
	}
	undo()
	return s.write(ctx, actorID(w.id, ""), w.id, func(tx *store.Tx) error {
		// The password may have been replaced since it was compared.
		now, err := findWho(tx, whoByID, EmailPassword, w.id)
		if err != nil {
			return err
		}
		if !now.may() || now.hash != hash {
			s.failure = errCredentials()
			return nil
		}
		return s.open(tx, now, EmailPassword)
	})
}

// SignInEmailCode signs in whoever got the code that RequestEmailCode mailed, and has
// the address be verified. It fails as SignInEmail.
func (i *Identity) SignInEmailCode(ctx context.Context, from From, email, text string) (*Tokens, error) {
	return i.signInByCode(ctx, from, emailPurpose, graph.Key(email), text)
}

// SignInPhone signs in whoever got the code that RequestPhoneCode sent, and has the
// number be verified. It fails as SignInEmail; Invalid for a number that is none.
func (i *Identity) SignInPhone(ctx context.Context, from From, phone, text string) (*Tokens, error) {
	phone, err := ParsePhone(phone)
	if err != nil {
		return nil, err
	}
	return i.signInByCode(ctx, from, phonePurpose, phone, text)
}

// methodOf is the way to sign in that a code belongs to.
var methodOf = map[purpose]string{emailPurpose: EmailCode, phonePurpose: PhoneCode, resetPurpose: EmailPassword}

func (i *Identity) signInByCode(ctx context.Context, from From, p purpose, to, text string) (*Tokens, error) {
	s, err := i.begin(ctx, from)
	if err != nil {
		return nil, err
	}
	undo, err := i.countFailure(from, to)
	if err != nil {
		return nil, err
	}
	tokens, err := s.write(ctx, anonymous, 0, func(tx *store.Tx) error {
		tx.Housekeeping()
		s.failure = errCredentials()
		c, err := scanCode(tx.Row(codeByTarget, string(p), targetOf(to), tx.Now))
		if err != nil {
			return err
		}
		good, err := i.tryDigits(tx, c, text)
		if err != nil || !good || c.person == 0 {
			return err
		}
		return s.redeem(tx, c, to)
	})
	if !isBadCredentials(err) {
		undo()
	}
	return tokens, err
}

// redeem lets somebody in who brought the right code.
func (s *signIn) redeem(tx *store.Tx, c *code, to string) error {
	if err := c.end(tx); err != nil {
		return err
	}
	w, err := findWho(tx, whoByID, methodOf[c.purpose], c.person)
	if err != nil || !w.may() || w.reached(c.purpose) != to {
		return err // with s.failure as it is
	}
	if err := verified(tx, w, c.purpose); err != nil {
		return err
	}
	s.failure = nil
	return s.open(tx, w, methodOf[c.purpose])
}

// reached is where a code of that purpose reaches the person.
func (w *who) reached(p purpose) string {
	if p.byPhone() {
		return w.phone
	}
	return graph.Key(w.email)
}

// verified notes that a customer has the address, or the number, that a code went to.
func verified(tx *store.Tx, w *who, p purpose) error {
	if !isWho(RoleUser, w.profiles, w.block) || p.byPhone() && w.phoneVerified || !p.byPhone() && w.emailVerified {
		return nil
	}
	_, err := UpdateCustomer(tx, w.id, nil, func(c *Customer) error {
		c.PhoneVerified = c.PhoneVerified || p.byPhone()
		c.EmailVerified = c.EmailVerified || !p.byPhone()
		return nil
	})
	return err
}

func isBadCredentials(err error) bool {
	return err != nil && roster.AsError(err).Code == CodeBadCredentials
}

// anonymous is how the change log names who has not shown yet who they are.
const anonymous = "anonymous"

// SignInClient signs in a program by its client's id and secret; api is the API that
// the session is for, "" the client's own. It fails as SignInEmail.
func (i *Identity) SignInClient(ctx context.Context, from From, id, secret string, api roster.API) (*Tokens, error) {
	if api != "" && api != roster.UserAPI && api != roster.OperationsAPI {
		return nil, roster.FieldError("api", "must be %s or %s", roster.UserAPI, roster.OperationsAPI)
	}
	s, err := i.begin(ctx, From{Tenant: from.Tenant, Device: from.Device})
	if err != nil {
		return nil, err
	}
	undo, err := i.countFailure(from, "")
	if err != nil {
		return nil, err
	}
	var client Client
	err = i.db.Read(ctx, s.tenant.ID, func(tx *store.Tx) error {
		client, err = judgeClient(tx, id, secret)
		return err
	})
	if err == nil && client.Role != RoleAPIClient {
		err = errClient()
	}
	if roster.IsKind(err, roster.Unauthenticated) {
		return nil, errCredentials()
	}
	undo()
	if err != nil {
		return nil, err
	}
	if api == "" {
		api = client.API
	}
	return s.write(ctx, actorID(0, id), 0, func(tx *store.Tx) error {
		if _, err := judgeClient(tx, id, secret); err != nil {
			return errCredentials()
		}
		f := &Family{API: api, Type: RoleAPIClient, ClientID: id, Method: RoleAPIClient, UserAgent: from.Device.agent(), Address: from.Device.Address}
		s.opened, err = openFamily(tx, f, nil, s.refresh)
		return err
	})
}
