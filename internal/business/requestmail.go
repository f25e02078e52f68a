package business

import (
	"context"
	"fmt"
	"strings"

	"github.com/rosterhq/roster/internal/identity"
	"github.com/rosterhq/roster/internal/jobs"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/store"
)

// requestMail says which request a mail is about, and whom it goes to: 0 for the
// address that is invited.
type requestMail struct {
	Request int64 `json:"request"`
	To      int64 `json:"to,omitempty"`
}

// The mails about requests.
var (
	invitationMail = jobs.Kind[requestMail]{Name: "business.mail_invitation"}
	joinMail       = jobs.Kind[requestMail]{Name: "business.mail_join_request"} // to a manager
	decisionMail   = jobs.Kind[requestMail]{Name: "business.mail_decision"}     // to who asked
)

var managersOf = store.Q("member.managers", `SELECT p.person_id`+fromMembers+`
	WHERE p.tenant = $1 AND p.group_id = $2 AND p.left_at = 0 AND m.role IN ('OWNER', 'ADMIN') AND m.state = 'ACTIVE'`)

// mailManagers tells the managers of an account that somebody asks to join.
func mailManagers(tx *store.Tx, r *Request) error {
	managers, err := store.All(tx, managersOf, func(s store.Scanner) (id int64, err error) {
		err = s.Scan(&id)
		return id, err
	}, r.GroupID)
	if err != nil {
		return err
	}
	mails := make([]jobs.Job, len(managers))
	for i, id := range managers {
		mails[i] = joinMail.Job(requestMail{r.ID, id})
	}
	return jobs.Enqueue(tx, mails...)
}

// mailDecision tells who asked to join what became of it.
func mailDecision(tx *store.Tx, r *Request) error {
	if r.Type != JoinRequest {
		return nil
	}
	return jobs.Enqueue(tx, decisionMail.Job(requestMail{r.ID, r.UserID}))
}

// registerRequests has r run what requests need later.
func (b *Business) registerRequests(r *jobs.Runner, t jobs.Transport) {
	handle := func(kind jobs.Kind[requestMail], wanted func(*Request) bool, write func(*Request, *User) jobs.Message) {
		kind.Handle(r, func(ctx context.Context, tenant roster.Tenant, args requestMail) error {
			m, err := b.requestMessage(ctx, tenant, args, wanted, write)
			if err != nil || m.To == "" {
				return err
			}
			return t.Mail(ctx, m)
		})
	}
	pending := func(r *Request) bool { return r.State == RequestPending }
	handle(invitationMail, pending, invitationText)
	handle(joinMail, pending, joinText)
	handle(decisionMail, func(r *Request) bool { return r.State == RequestAccepted || r.State == RequestDeclined }, decisionText)
	r.Every("business.expire_requests", expireEvery, func(ctx context.Context, _ roster.Tenant) error { return b.sweepRequests(ctx) })
}

// requestMessage writes a mail, or none where there is nothing to tell any more, or
// nobody with an address.
func (b *Business) requestMessage(ctx context.Context, tenant roster.Tenant, args requestMail, wanted func(*Request) bool, write func(*Request, *User) jobs.Message) (m jobs.Message, err error) {
	err = b.db.Read(ctx, tenant.ID, func(tx *store.Tx) error {
		r, err := findRequest(tx, args.Request)
		if roster.IsKind(err, roster.NotFound) || err == nil && !wanted(r) {
			return nil
		}
		if err != nil {
			return err
		}
		people, err := identity.CustomersByID(tx, []int64{r.UserID, args.To})
		if err != nil {
			return err
		}
		to, person := r.Email, &User{}
		if c := people[args.To]; c != nil {
			to = c.Email
		}
		if c := people[r.UserID]; c != nil {
			person = userOf(c)
		}
		if to != "" {
			m = write(r, person)
			m.To, m.About = to, r.refs(tenant.ID, args.To)
		}
		return nil
	})
	return m, err
}

// requestRef is what mails about a request tell of (jobs.Ref).
const requestRef = "request"

// refs are what a mail about the request tells of: who gets it, who asked, or is asked,
// and, while that is nobody, the request.
func (r *Request) refs(tenant roster.TenantID, to int64) []string {
	refs := []string{jobs.Ref(tenant, requestRef, r.ID)}
	for _, id := range []int64{to, r.UserID, r.CreatedBy} {
		if id != 0 {
			refs = append(refs, jobs.Ref(tenant, identity.PersonRef, id))
		}
	}
	return refs
}

func invitationText(r *Request, _ *User) jobs.Message {
	m := jobs.Message{Subject: fmt.Sprintf("You are invited to ride with %s", r.GroupName)}
	m.Text = fmt.Sprintf("You are invited to the business account %s.\n\nSign in with this address and you find the invitation among your requests; "+
		"or join with the code %s.\nIf you did not expect this, you need not do anything.\n", r.GroupName, r.GroupCode)
	if r.Message != "" {
		m.Text += "\nThe inviter writes:\n\n" + quoted(r.Message)
	}
	return m
}

func joinText(r *Request, person *User) jobs.Message {
	m := jobs.Message{Subject: fmt.Sprintf("Somebody asks to join %s", r.GroupName)}
	m.Text = fmt.Sprintf("%s %s (%s) asks to join the business account %s.\n\nAccept or decline it among the requests of the business account.\n",
		person.FirstName, person.LastName, person.Email, r.GroupName)
	if r.Message != "" {
		m.Text += "\nThey write:\n\n" + quoted(r.Message)
	}
	return m
}

func decisionText(r *Request, _ *User) jobs.Message {
	if r.State == RequestAccepted {
		return jobs.Message{
			Subject: fmt.Sprintf("You are in %s now", r.GroupName),
			Text:    fmt.Sprintf("Your request to join the business account %s was accepted.\n", r.GroupName),
		}
	}
	m := jobs.Message{
		Subject: fmt.Sprintf("Your request to join %s", r.GroupName),
		Text:    fmt.Sprintf("Your request to join the business account %s was declined.\n", r.GroupName),
	}
	if r.DeclineReason != "" {
		m.Text += "\nThe reason given:\n\n" + quoted(r.DeclineReason)
	}
	return m
}

// quoted marks what somebody wrote as theirs.
func quoted(s string) string {
	return "> " + strings.ReplaceAll(strings.TrimSpace(s), "\n", "\n> ") + "\n"
}
