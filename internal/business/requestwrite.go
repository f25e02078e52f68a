package business

import (
	"slices"

	"github.com/rosterhq/roster/internal/graph"
	"github.com/rosterhq/roster/internal/identity"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/store"
)

// Who began a request.
const (
	InitiatedByUser     = "USER"
	InitiatedByManager  = "MANAGER"
	InitiatedByOperator = "OPERATOR"
)

var (
	requestInsert = store.Q("group_request.insert", `INSERT INTO group_requests (tenant, id, group_id, type, state, person_id, email, email_key, role,
		default_cost_center_id, superior_email, message, decline_reason, initiated_by, created_by, created_at, expires_at, decided_at, decided_by, revision)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, '', $13, $14, $15, $16, 0, 0, $17)`)
	requestUpdate = store.Q("group_request.update", `UPDATE group_requests SET state = $3, person_id = $4, role = $5, default_cost_center_id = $6,
		superior_email = $7, decline_reason = $8, decided_at = $9, decided_by = $10, revision = $11 WHERE tenant = $1 AND id = $2`)
)

// RequestFields are the fields of a request as the change log spells them. Times are
// µs UTC.
type RequestFields struct {
	GroupID             int64  `json:"userGroupId"`
	Type                string `json:"type"`
	State               string `json:"state"`
	UserID              int64  `json:"userId,omitempty"`
	Email               string `json:"email,omitempty"`
	Role                string `json:"role"`
	DefaultCostCenterID int64  `json:"defaultCostCenterId,omitempty"`
	SuperiorEmail       string `json:"superiorEmail,omitempty"`
	Message             string `json:"message,omitempty"`
	DeclineReason       string `json:"declineReason,omitempty"`
	InitiatedBy         string `json:"initiatedBy"`
	CreatedAt           int64  `json:"createdAt"`
	ExpiresAt           int64  `json:"expiresAt"`
	DecidedAt           int64  `json:"decidedAt,omitempty"`
	DecidedBy           int64  `json:"decidedBy,omitempty"`
}

func requestFields(r *Request) RequestFields {
	return RequestFields{
		r.GroupID, r.Type, r.State, r.UserID, r.Email, r.Role, r.DefaultCostCenterID, r.SuperiorEmail, r.Message, r.DeclineReason, r.InitiatedBy,
		r.CreatedAt, r.ExpiresAt, r.DecidedAt, r.DecidedBy,
	}
}

// insertRequest makes a request that waits, and fills in what the server decides. It
// has ended those in its way whose time is over. Conflict with CodePending; Invalid
// (CodeCostCenter). It has written nothing of its own when it refuses.
func insertRequest(tx *store.Tx, a *Account, r *Request) (err error) {
	if r.Role == "" {
		r.Role = Simple
	}
	if err := checkRequest(tx, a, r); err != nil {
		return err
	}
	if err := clearWay(tx, a, r); err != nil {
		return err
	}
	if r.ExpiresAt, err = expiry(tx, a); err != nil {
		return err
	}
	if r.ID, err = tx.NextID(store.GroupRequests); err != nil {
		return err
	}
	r.GroupID, r.GroupCode, r.GroupName, r.State = a.ID, a.Code, a.Name, RequestPending
	r.CreatedBy, r.CreatedAt, r.Revision = tx.Actor().PersonID, tx.Now, tx.Revision
	_, err = tx.Exec(requestInsert, r.ID, r.GroupID, r.Type, r.State, r.UserID, r.Email, graph.Key(r.Email), r.Role, nullableID(r.DefaultCostCenterID),
		r.SuperiorEmail, r.Message, r.InitiatedBy, r.CreatedBy, r.CreatedAt, r.ExpiresAt, r.Revision)
	if err != nil {
		return err
	}
	tx.Record(roster.Change{Operation: "request.create", SubjectType: requestSubject, SubjectID: r.ID, ObjectID: a.ID, After: requestFields(r)})
	return nil
}

func checkRequest(tx *store.Tx, a *Account, r *Request) error {
	for _, err := range []error{
		checkWord("role", r.Role, Admin, Simple),
		checkEmail("email", r.Email), checkEmail("superiorEmail", r.SuperiorEmail),
		checkTexts(text{"message", r.Message, maxText}),
	} {
		if err != nil {
			return err
		}
	}
	if r.DefaultCostCenterID == 0 {
		return nil
	}
	return checkCostCenter(tx, "defaultCostCenterId", a.ID, r.DefaultCostCenterID)
}

// clearWay ends requests past their time that a new one would stand beside, and
// refuses it beside one that waits, where whoever invites can see that one: nobody
// learns by a refusal whose an address is. So of two invitations of one person, by
// two addresses or by address and code, the one by address is left without its
// person, who finds it by the address.
func clearWay(tx *store.Tx, a *Account, r *Request) error {
	there, err := besides(tx, a, r)
	if err != nil {
		return err
	}
	for _, old := range there {
		invitations := r.Type == Invitation && old.Type == Invitation
		switch {
		case old.State == RequestExpired:
			err = old.expire(tx)
		case invitations && r.Email == "" && old.Email != "":
			err = old.bind(tx, 0)
		case invitations && graph.Key(old.Email) != graph.Key(r.Email):
			r.UserID = 0
		default:
			err = errPending()
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// besides reads the requests of the account to the same person or address whose row
// says that they wait, each once.
func besides(tx *store.Tx, a *Account, r *Request) (there []*Request, err error) {
	ofPerson, err := readRequests(tx, pendingOfUser, r.UserID)
	if err != nil {
		return nil, err
	}
	toEmail, err := readRequests(tx, pendingToEmail, graph.Key(r.Email))
	for _, old := range append(ofPerson, toEmail...) {
		known := slices.ContainsFunc(there, func(t *Request) bool { return t.ID == old.ID })
		if old.GroupID == a.ID && !known {
			there = append(there, old)
		}
	}
	return there, err
}

// expiry is until when a request waits that is made now.
func expiry(tx *store.Tx, a *Account) (int64, error) {
	tree, err := identity.Branches(tx)
	if err != nil {
		return 0, err
	}
	days, err := identity.InvitationValidityDays.In(tx, tree, a.BranchID)
	const day = 24 * 3600 * 1_000_000
	return tx.Now + days*day, err
}

// move takes a request to another state. Conflict with CodeNotPending, Forbidden with
// CodeNotYours.
func (r *Request) move(tx *store.Tx, to, by, reason string) error {
	if err := r.life().Check(r.State, to, by); err != nil {
		return err
	}
	before := *r
	r.State, r.DecidedAt, r.DecidedBy, r.DeclineReason = to, tx.Now, tx.Actor().PersonID, reason
	if by == bySystem {
		r.DecidedBy = 0
	}
	return r.save(tx, &before)
}

// expire writes down that a request's time is over, as every answer said already.
func (r *Request) expire(tx *store.Tx) error {
	before := *r
	before.State, r.State = RequestPending, RequestExpired
	return r.save(tx, &before)
}

// bind has a request name its person; 0 leaves it to whoever has the address.
func (r *Request) bind(tx *store.Tx, person int64) error {
	before := *r
	r.UserID = person
	return r.save(tx, &before)
}

func (r *Request) save(tx *store.Tx, before *Request) error {
	r.Revision = tx.Revision
	_, err := tx.Exec(requestUpdate, r.ID, r.State, r.UserID, r.Role, nullableID(r.DefaultCostCenterID), r.SuperiorEmail, r.DeclineReason,
		r.DecidedAt, r.DecidedBy, r.Revision)
	if err != nil {
		return err
	}
	tx.Record(roster.Change{
		Operation: "request.update", SubjectType: requestSubject, SubjectID: r.ID, ObjectID: r.GroupID, Before: requestFields(before), After: requestFields(r),
	})
	return nil
}

func errPending() error {
	return roster.Errorf(roster.Conflict, CodePending, "a request waits already")
}
