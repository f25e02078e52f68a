package identity

import (
	"context"
	"fmt"
	"slices"

	"github.com/rosterhq/roster/internal/graph"
	"github.com/rosterhq/roster/internal/jobs"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/store"
)

// How operators help customers to sign in. Who may, and whom they see, the caller has
// made sure of.

// CodeLastMethod says that somebody would have no way to sign in any more.
const CodeLastMethod = "U942"

// OnlyCustomer refuses to touch how somebody signs in who is more than a customer:
// that is not for those to change who administer customers alone (decision 36).
// Forbidden with CodeNoPermission.
func OnlyCustomer(tx *store.Tx, person int64) error {
	p, err := WithProfile(tx, person, graph.CustomerProfile)
	if roster.IsKind(err, roster.NotFound) {
		return errNoCustomer()
	}
	if err == nil && p.Profiles != graph.CustomerProfile {
		err = roster.Errorf(roster.Forbidden, CodeNoPermission, "this person is more than a customer, so how they sign in is not yours to change")
	}
	return err
}

// SendPasswordReset has a code for SetPassword be mailed to a customer who signs in by
// password. Conflict with CodeMethodPresence for one who does not. At most five an
// hour are sent; beyond that nothing happens.
func SendPasswordReset(tx *store.Tx, person int64) error {
	w, err := findWho(tx, whoByID, EmailPassword, person)
	if err != nil {
		return err
	}
	if w == nil || !w.hasMethod || w.email == "" {
		return roster.Errorf(roster.Conflict, CodeMethodPresence, "the customer does not sign in by email and password")
	}
	return sendCode(tx, resetPurpose, graph.Key(w.email), w.id, struct{}{})
}

// SendPasswordResetTo does the same by an address, if it is that of a customer who
// signs in by password, and takes passes; the rest is the same whoever it is of.
func SendPasswordResetTo(tx *store.Tx, email string, takes func(person int64) (bool, error)) error {
	w, err := findWho(tx, whoByEmail, EmailPassword, graph.Key(email))
	if err != nil {
		return err
	}
	person := int64(0)
	if w.may() && isWho(RoleUser, w.profiles, w.block) {
		ok, err := takes(w.id)
		if err != nil {
			return err
		}
		if ok {
			person = w.id
		}
	}
	return sendCode(tx, resetPurpose, graph.Key(email), person, struct{}{})
}

// SendOwnCode has a code be sent to a customer's address, or number, by which they
// verify it.
func SendOwnCode(tx *store.Tx, person int64, channel string) error {
	p, err := ownPurpose(channel)
	if err != nil {
		return err
	}
	w, err := findWho(tx, whoByID, "", person)
	if err != nil || w == nil || w.reached(p) == "" {
		return err
	}
	return sendCode(tx, p, w.reached(p), w.id, struct{}{})
}

var (
	methodRemove = store.Q("sign_in_method.remove", `DELETE FROM sign_in_methods WHERE tenant = $1 AND person_id = $2 AND method = $3`)
	familiesBy   = store.Q("token_family.user_of", `SELECT `+familyColumns+` FROM token_families f
		WHERE f.tenant = $1 AND f.person_id = $2 AND f.person_id <> 0 AND f.type = 'USER' AND f.revoked_at = 0 ORDER BY f.id`)
)

// GiveSignInMethod gives a customer a way to sign in. Conflict with CodeMethodPresence
// where they have it.
func GiveSignInMethod(tx *store.Tx, person int64, method string) error {
	changed, err := AddSignInMethod(tx, person, method)
	if err == nil && !changed {
		err = roster.Errorf(roster.Conflict, CodeMethodPresence, "the customer signs in by %s already", method)
	}
	return err
}

// RemoveSignInMethod takes a way to sign in from a customer, and ends the sessions that
// were opened by it. Conflict with CodeMethodPresence where they don't have it, with
// CodeLastMethod where they have no other that works; NotFound; Invalid.
func RemoveSignInMethod(tx *store.Tx, person int64, method string) error {
	if method != EmailPassword && method != EmailCode && method != PhoneCode {
		return roster.FieldError("authenticationType", "must be one of %s, %s, %s", EmailPassword, EmailCode, PhoneCode)
	}
	c, err := LiveCustomer(tx, person)
	if err != nil {
		return err
	}
	has, err := SignInMethods(tx, []int64{person})
	if err != nil {
		return err
	}
	others := slices.DeleteFunc(slices.Clone(has[person]), func(m string) bool { return m == method })
	switch {
	case len(others) == len(has[person]):
		return roster.Errorf(roster.Conflict, CodeMethodPresence, "the customer does not sign in by %s", method)
	case len(others) == 0, c.signsInBy(has[person]) && !c.signsInBy(others):
		return roster.Errorf(roster.Conflict, CodeLastMethod, "the customer has no other way to sign in")
	}
	if _, err := tx.Exec(methodRemove, person, method); err != nil {
		return err
	}
	if method == EmailPassword {
		if _, err := tx.Exec(credentialDrop, person); err != nil {
			return err
		}
	}
	tx.Record(roster.Change{Operation: "sign_in_method.remove", SubjectType: "credential", SubjectID: person, Before: map[string]any{"method": method}})
	families, err := store.All(tx, familiesBy, scanFamily, person)
	if err != nil {
		return err
	}
	for i := range families {
		if families[i].Method != method {
			continue
		}
		if _, err := RevokeFamily(tx, &families[i]); err != nil {
			return err
		}
	}
	return nil
}

func scanFamily(s store.Scanner) (f Family, err error) { return f, s.Scan(f.places()...) }

// RevokeCustomerSessions ends the sessions of a customer, as such, at once, and returns
// how many there were. An operator's of the same person go on.
func RevokeCustomerSessions(tx *store.Tx, person int64) (n int, err error) {
	families, err := store.All(tx, familiesBy, scanFamily, person)
	if err != nil {
		return 0, err
	}
	for i := range families {
		ended, err := RevokeFamily(tx, &families[i])
		if err != nil {
			return 0, err
		}
		if ended && families[i].ExpiresAt > tx.Now {
			n++
		}
	}
	return n, nil
}

// What customers are told of by mail.
const (
	addressChanged = "ADDRESS"
	factorReset    = "FACTOR"
)

// noticeArgs name a customer, and of what they are told; At is when an address was
// theirs for the last time, µs UTC.
type noticeArgs struct {
	PersonID int64  `json:"personId"`
	What     string `json:"what"`
	At       int64  `json:"at,omitempty"`
}

var noticeJob = jobs.Kind[noticeArgs]{Name: "customer.notice", Attempts: 6}

var addressBefore = store.Q("person.address_before", `SELECT email FROM people WHERE tenant = $1 AND id = $2 AND recorded_to = $3`)

// NoticeAddressChange has the address that a customer had until this write be told
// that it is no longer theirs.
func NoticeAddressChange(tx *store.Tx, person int64) error {
	return jobs.Enqueue(tx, noticeJob.Job(noticeArgs{person, addressChanged, tx.Now}))
}

// NoticeFactorReset has a customer be told that their second factor was taken away.
func NoticeFactorReset(tx *store.Tx, person int64) error {
	return jobs.Enqueue(tx, noticeJob.Job(noticeArgs{PersonID: person, What: factorReset}))
}

func (i *Identity) notice(ctx context.Context, tenant roster.Tenant, args noticeArgs) (m *jobs.Message, err error) {
	err = i.db.Read(ctx, tenant.ID, func(tx *store.Tx) error {
		if args.What == addressChanged {
			to := ""
			if err := tx.Each(addressBefore, func(s store.Scanner) error { return s.Scan(&to) }, args.PersonID, args.At); err != nil || to == "" {
				return err
			}
			m = &jobs.Message{
				About: []string{jobs.Ref(tenant.ID, PersonRef, args.PersonID)}, To: to, Subject: "Your address was changed",
				Text: fmt.Sprintf("This address is no longer the one of your account at %s. If you did not want that, write to our support.\n", tenant.Name),
			}
			return nil
		}
		w, err := findWho(tx, whoByID, "", args.PersonID)
		if err != nil || w == nil || w.email == "" {
			return err
		}
		m = &jobs.Message{
			About: []string{jobs.Ref(tenant.ID, PersonRef, args.PersonID)}, To: w.email, Subject: "Your second factor was reset",
			Text: fmt.Sprintf("The support of %s has taken away the second factor of your account, and signed you out everywhere. If you did not want that, write to our support.\n", tenant.Name),
		}
		return nil
	})
	return m, err
}

// Apply has c say what the profile says.
func (in *Profile) Apply(c *Customer) { in.apply(c) }
