package business

import (
	"errors"

	"github.com/rosterhq/roster/internal/graph"
	"github.com/rosterhq/roster/internal/identity"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/store"
)

// Types of a request.
const (
	JoinRequest = "JOIN_REQUEST" // somebody wants in
	Invitation  = "INVITATION"   // somebody is wanted
)

// States of a request.
const (
	RequestPending   = "PENDING"
	RequestAccepted  = "ACCEPTED"
	RequestDeclined  = "DECLINED"
	RequestCancelled = "CANCELLED"
	RequestExpired   = "EXPIRED"
)

// Who takes a step of a request.
const (
	byRequester = "the person who asked"
	byInvitee   = "the person who is invited"
	byManager   = "a manager"
	byOperator  = "an operator"
	bySystem    = "the system"
)

// JoinRequestLife is the life of a request to join.
var JoinRequestLife = roster.NewLifecycle(roster.Lifecycle{
	Noun: "join request", Begins: []string{RequestPending}, NoStep: CodeNotPending, NotYours: CodeNotYours,
	Steps: []roster.Step{
		{From: []string{RequestPending}, To: RequestAccepted, By: []string{byManager}, When: "the person becomes a member"},
		{From: []string{RequestPending}, To: RequestDeclined, By: []string{byManager}, When: "the person does not"},
		{From: []string{RequestPending}, To: RequestCancelled, By: []string{byRequester, bySystem}, When: "they no longer want to, are in another account, or the account is deleted"},
		{From: []string{RequestPending}, To: RequestExpired, By: []string{bySystem}, When: "its time is over"},
	},
})

// InvitationLife is the life of an invitation.
var InvitationLife = roster.NewLifecycle(roster.Lifecycle{
	Noun: "invitation", Begins: []string{RequestPending}, NoStep: CodeNotPending, NotYours: CodeNotYours,
	Steps: []roster.Step{
		{From: []string{RequestPending}, To: RequestAccepted, By: []string{byInvitee}, When: "the person becomes a member"},
		{From: []string{RequestPending}, To: RequestDeclined, By: []string{byInvitee}, When: "the person does not want to"},
		{From: []string{RequestPending}, To: RequestCancelled, By: []string{byManager, byOperator, bySystem}, When: "it is taken back, the person is in another account, or the account is deleted"},
		{From: []string{RequestPending}, To: RequestExpired, By: []string{bySystem}, When: "its time is over"},
	},
})

// Request is a request to join an account, or an invitation into one
// (contract/mobility.md §4.4).
type Request struct {
	ID, GroupID          int64
	GroupCode, GroupName string
	Type                 string
	State                string // at the time of the transaction that read it
	// UserID is who asks or is invited; 0 while the address is nobody's, and to a
	// manager of an invitation to an address that is not accepted.
	UserID              int64
	Email               string // that is invited, as it was written
	User                *User  // of a request to join, for managers alone
	Role                string
	DefaultCostCenterID int64
	SuperiorEmail       string
	Message             string
	DeclineReason       string
	InitiatedBy         string // USER, MANAGER or OPERATOR
	CreatedBy           int64  // a person
	CreatedAt           int64
	ExpiresAt           int64
	DecidedAt           int64
	DecidedBy           int64 // a person
	Revision            int64 // the row's version
}

// life is what a request can do.
func (r *Request) life() *roster.Lifecycle {
	if r.Type == Invitation {
		return InvitationLife
	}
	return JoinRequestLife
}

// belongsTo reports whether a request is a customer's own: it names them, or nobody
// yet and the address that they have verified.
func (r *Request) belongsTo(c *identity.Customer) bool {
	return r.UserID == c.ID || r.UserID == 0 && verifiedKey(c) != "" && graph.Key(r.Email) == verifiedKey(c)
}

// verifiedKey is the customer's address, folded, if it is verified.
func verifiedKey(c *identity.Customer) string {
	if !c.EmailVerified {
		return ""
	}
	return graph.Key(c.Email)
}

const requestColumns = `r.id, r.group_id, a.code, a.name, r.type, r.state, r.person_id, r.email, r.role, coalesce(r.default_cost_center_id, 0), r.superior_email,
		r.message, r.decline_reason, r.initiated_by, r.created_by, r.created_at, r.expires_at, r.decided_at, r.decided_by, r.revision`

const fromRequests = ` FROM group_requests r JOIN business_accounts a ON a.tenant = r.tenant AND a.id = r.group_id `

var (
	requestByID    = store.Q("group_request.by_id", `SELECT `+requestColumns+fromRequests+`WHERE r.tenant = $1 AND r.id = $2`)
	requestsOf     = store.Q("group_request.of_account", `SELECT `+requestColumns+fromRequests+`WHERE r.tenant = $1 AND r.group_id = $2`)
	requestsOfUser = store.Q("group_request.of_person", `SELECT `+requestColumns+fromRequests+`
		WHERE r.tenant = $1 AND r.person_id = $2 AND r.person_id <> 0`)
	requestsToEmail = store.Q("group_request.to_email", `SELECT `+requestColumns+fromRequests+`
		WHERE r.tenant = $1 AND r.email_key = $2 AND r.email_key <> '' AND r.person_id = 0`)
	pendingOfUser = store.Q("group_request.pending_of_person", `SELECT `+requestColumns+fromRequests+`
		WHERE r.tenant = $1 AND r.person_id = $2 AND r.person_id <> 0 AND r.state = 'PENDING'`)
	pendingToEmail = store.Q("group_request.pending_to_email", `SELECT `+requestColumns+fromRequests+`
		WHERE r.tenant = $1 AND r.email_key = $2 AND r.email_key <> '' AND r.state = 'PENDING'`)
	pendingPast = store.Q("group_request.pending_past", `SELECT `+requestColumns+fromRequests+`
		WHERE r.tenant = $1 AND r.expires_at <= $2 AND r.state = 'PENDING' ORDER BY r.expires_at LIMIT 500`)
)

// scanRequest reads requests as they are at an instant.
func scanRequest(now int64) func(store.Scanner) (*Request, error) {
	return func(s store.Scanner) (*Request, error) {
		r := &Request{}
		err := s.Scan(&r.ID, &r.GroupID, &r.GroupCode, &r.GroupName, &r.Type, &r.State, &r.UserID, &r.Email, &r.Role, &r.DefaultCostCenterID, &r.SuperiorEmail,
			&r.Message, &r.DeclineReason, &r.InitiatedBy, &r.CreatedBy, &r.CreatedAt, &r.ExpiresAt, &r.DecidedAt, &r.DecidedBy, &r.Revision)
		if r.State == RequestPending && r.ExpiresAt <= now {
			r.State = RequestExpired
		}
		return r, err
	}
}

func readRequests(tx *store.Tx, q *store.Query, args ...any) ([]*Request, error) {
	return store.All(tx, q, scanRequest(tx.Now), args...)
}

// findRequest reads a request. NotFound with CodeNoResource.
func findRequest(tx *store.Tx, id int64) (*Request, error) {
	r, err := scanRequest(tx.Now)(tx.Row(requestByID, id))
	if errors.Is(err, store.ErrNoRows) {
		return nil, errNoResource("request")
	}
	return r, err
}

// requestsOwn reads all requests that are a customer's own.
func requestsOwn(tx *store.Tx, c *identity.Customer) ([]*Request, error) {
	own, err := readRequests(tx, requestsOfUser, c.ID)
	if err != nil || verifiedKey(c) == "" {
		return own, err
	}
	unbound, err := readRequests(tx, requestsToEmail, verifiedKey(c))
	return append(own, unbound...), err
}

// pendingOwn reads the requests that are a customer's own and whose row says that
// they wait, those past their time too.
func pendingOwn(tx *store.Tx, c *identity.Customer) ([]*Request, error) {
	own, err := readRequests(tx, pendingOfUser, c.ID)
	if err != nil || verifiedKey(c) == "" {
		return own, err
	}
	invited, err := readRequests(tx, pendingToEmail, verifiedKey(c))
	for _, r := range invited {
		if r.UserID == 0 {
			own = append(own, r)
		}
	}
	return own, err
}

// RequestFilter narrows a list of requests. No states is RequestPending, no types is
// all.
type RequestFilter struct{ States, Types []string }

func (f *RequestFilter) check() error {
	if err := checkWords("state", f.States, JoinRequestLife.States()...); err != nil {
		return err
	}
	if len(f.States) == 0 {
		f.States = []string{RequestPending}
	}
	return checkWords("type", f.Types, JoinRequest, Invitation)
}

var requestOrders = map[string]order[*Request]{
	"id":        ordering(func(r *Request) int64 { return r.ID }),
	"createdAt": ordering(func(r *Request) int64 { return r.CreatedAt }),
	"expiresAt": ordering(func(r *Request) int64 { return r.ExpiresAt }),
	"state":     ordering(func(r *Request) string { return r.State }),
	"type":      ordering(func(r *Request) string { return r.Type }),
}
