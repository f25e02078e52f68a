package care

import (
	"slices"
	"strings"

	"github.com/google/uuid"

	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/seal"
	"github.com/rosterhq/roster/internal/store"
)

// Verification is a check of a customer's documents, or what an operator decided by
// hand. Times are µs UTC; 0 is none.
type Verification struct {
	ID        int64
	PersonID  int64
	Kind      string
	Provider  string
	Reference string // the provider's own
	State     string
	DecidedAt int64
	CreatedAt int64
	UpdatedAt int64
	Revision  int64

	Attempts []*Attempt // in order; read by those who show it
	// Next is what the client needs to go on with a check that was just begun.
	Next map[string]string
}

// Attempt is one time that a customer showed documents.
type Attempt struct {
	ID              int64
	VerificationID  int64
	UUID            string
	State           string
	ReasonCode      string
	DocumentType    string
	DocumentCountry string
	DocumentNumber  string // all but its end is hidden
	Expires         string
	Categories      []string
	CreatedAt       int64
	DecidedAt       int64
	Media           []*Media

	number []byte // sealed
}

// Media is what was photographed or filmed in an attempt.
type Media struct {
	ID          int64
	FileUUID    string
	AttemptID   int64
	Kind        string // FRONT, BACK, FACE, VIDEO
	ContentType string
	Size        int64
	Reference   string // the provider's own
	CreatedAt   int64
	PurgedAt    int64
}

const (
	verificationColumns = `id, person_id, kind, provider, reference, state, decided_at, created_at, updated_at, revision`
	attemptColumns      = `id, verification_id, attempt_uuid, state, reason_code, document_type, document_country, document_number, expiration_date, categories, created_at, decided_at`
	mediaColumns        = `id, file_uuid, attempt_id, kind, content_type, size, reference, created_at, purged_at`
)

var (
	verificationByID   = store.Q("verification.by_id", `SELECT `+verificationColumns+` FROM verifications WHERE tenant = $1 AND id = $2`)
	verificationsOf    = store.Q("verification.of_person", `SELECT `+verificationColumns+` FROM verifications WHERE tenant = $1 AND person_id = $2 ORDER BY id DESC`)
	verificationByRef  = store.Q("verification.by_reference", `SELECT `+verificationColumns+` FROM verifications WHERE tenant = $1 AND provider = $2 AND reference = $3 AND reference <> ''`)
	verificationInsert = store.Q("verification.insert", `INSERT INTO verifications (tenant, `+verificationColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`)
	verificationUpdate = store.Q("verification.update", `UPDATE verifications SET state = $3, decided_at = $4, updated_at = $5, revision = $6 WHERE tenant = $1 AND id = $2`)
	attemptsOf         = store.Q("verification_attempt.of", `SELECT `+attemptColumns+` FROM verification_attempts WHERE tenant = $1 AND verification_id IN ($2)`).In()
	attemptByID        = store.Q("verification_attempt.by_id", `SELECT `+attemptColumns+` FROM verification_attempts WHERE tenant = $1 AND id = $2`)
	attemptInsert      = store.Q("verification_attempt.insert", `INSERT INTO verification_attempts (tenant, `+attemptColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)`)
	attemptUpdate      = store.Q("verification_attempt.update", `UPDATE verification_attempts SET state = $3, reason_code = $4, document_type = $5, document_country = $6, document_number = $7,
		expiration_date = $8, categories = $9, decided_at = $10 WHERE tenant = $1 AND id = $2`)
	mediaOf     = store.Q("verification_media.of", `SELECT `+mediaColumns+` FROM verification_media WHERE tenant = $1 AND attempt_id IN ($2)`).In()
	mediaInsert = store.Q("verification_media.insert", `INSERT INTO verification_media (tenant, `+mediaColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`)
)

func scanVerification(s store.Scanner) (*Verification, error) {
	v := &Verification{}
	return v, s.Scan(&v.ID, &v.PersonID, &v.Kind, &v.Provider, &v.Reference, &v.State, &v.DecidedAt, &v.CreatedAt, &v.UpdatedAt, &v.Revision)
}

func scanAttempt(s store.Scanner) (*Attempt, error) {
	a := &Attempt{}
	var categories string
	err := s.Scan(&a.ID, &a.VerificationID, &a.UUID, &a.State, &a.ReasonCode, &a.DocumentType, &a.DocumentCountry, &a.number, &a.Expires, &categories, &a.CreatedAt, &a.DecidedAt)
	if categories != "" {
		a.Categories = strings.Split(categories, ",")
	}
	return a, err
}

func scanMedia(s store.Scanner) (*Media, error) {
	m := &Media{}
	return m, s.Scan(&m.ID, &m.FileUUID, &m.AttemptID, &m.Kind, &m.ContentType, &m.Size, &m.Reference, &m.CreatedAt, &m.PurgedAt)
}

func oneVerification(tx *store.Tx, q *store.Query, args ...any) (*Verification, error) {
	all, err := store.All(tx, q, scanVerification, args...)
	if err != nil || len(all) == 0 {
		return nil, err
	}
	return all[0], nil
}

func errNoVerification() error {
	return roster.Errorf(roster.NotFound, CodeNoVerification, "there is no such verification")
}

// verificationFields are the fields of a verification as the change log spells them:
// nothing of the documents is among them.
type verificationFields struct {
	Kind     string `json:"kind"`
	Provider string `json:"provider"`
	State    string `json:"state"`
}

func fieldsOfVerification(v *Verification) verificationFields {
	return verificationFields{v.Kind, v.Provider, v.State}
}

func (v *Verification) insert(tx *store.Tx) (err error) {
	if v.ID, err = tx.NextID(checkIDs); err != nil {
		return err
	}
	if v.CreatedAt == 0 {
		v.CreatedAt = tx.Now
	}
	v.UpdatedAt, v.Revision = tx.Now, tx.Revision
	if _, err := tx.Exec(verificationInsert, v.ID, v.PersonID, v.Kind, v.Provider, v.Reference, v.State, v.DecidedAt, v.CreatedAt, v.UpdatedAt, v.Revision); err != nil {
		return err
	}
	tx.Record(roster.Change{Operation: "verification.create", SubjectType: "verification", SubjectID: v.ID, ObjectID: v.PersonID, After: fieldsOfVerification(v)})
	return nil
}

// move takes a verification to a state, and the customer's field with it where it is
// the newest of its kind.
func (v *Verification) move(tx *store.Tx, state string, decidedAt int64) error {
	before := fieldsOfVerification(v)
	v.State, v.DecidedAt, v.UpdatedAt, v.Revision = state, decidedAt, tx.Now, tx.Revision
	if _, err := tx.Exec(verificationUpdate, v.ID, v.State, v.DecidedAt, v.UpdatedAt, v.Revision); err != nil {
		return err
	}
	tx.Record(roster.Change{
		Operation: "verification.update", SubjectType: "verification", SubjectID: v.ID, ObjectID: v.PersonID, Before: before, After: fieldsOfVerification(v),
	})
	return nil
}

// isNewest reports whether the customer was not verified anew since.
func (v *Verification) isNewest(tx *store.Tx) (bool, error) {
	all, err := store.All(tx, verificationsOf, scanVerification, v.PersonID)
	i := slices.IndexFunc(all, func(o *Verification) bool { return o.Kind == v.Kind })
	return i >= 0 && all[i].ID == v.ID, err
}

func (a *Attempt) insert(tx *store.Tx) (err error) {
	if a.ID, err = tx.NextID(checkIDs); err != nil {
		return err
	}
	if a.UUID == "" {
		a.UUID = uuid.NewString()
	}
	if a.CreatedAt == 0 {
		a.CreatedAt = tx.Now
	}
	_, err = tx.Exec(attemptInsert, a.ID, a.VerificationID, a.UUID, a.State, a.ReasonCode, a.DocumentType, a.DocumentCountry, a.number, a.Expires,
		strings.Join(a.Categories, ","), a.CreatedAt, a.DecidedAt)
	return err
}

func (a *Attempt) update(tx *store.Tx) error {
	_, err := tx.Exec(attemptUpdate, a.ID, a.State, a.ReasonCode, a.DocumentType, a.DocumentCountry, a.number, a.Expires, strings.Join(a.Categories, ","), a.DecidedAt)
	return err
}

// fill reads the attempts of verifications, and their media, in two statements.
func (c *Care) fill(tx *store.Tx, all ...*Verification) error {
	of, ids := map[int64]*Verification{}, []int64{}
	for _, v := range all {
		of[v.ID] = v
		ids = append(ids, v.ID)
	}
	attempts, attemptIDs := map[int64]*Attempt{}, []int64{}
	err := tx.EachIn(attemptsOf, ids, func(s store.Scanner) error {
		a, err := scanAttempt(s)
		if err == nil {
			a.DocumentNumber, err = c.masked(tx, a.number, attemptNumber, a.ID)
			of[a.VerificationID].Attempts = append(of[a.VerificationID].Attempts, a)
			attempts[a.ID] = a
			attemptIDs = append(attemptIDs, a.ID)
		}
		return err
	})
	if err != nil {
		return err
	}
	for _, v := range all {
		slices.SortFunc(v.Attempts, func(a, b *Attempt) int { return int(a.ID - b.ID) })
	}
	return tx.EachIn(mediaOf, attemptIDs, func(s store.Scanner) error {
		m, err := scanMedia(s)
		if err == nil && m.PurgedAt == 0 {
			attempts[m.AttemptID].Media = append(attempts[m.AttemptID].Media, m)
		}
		return err
	})
}

// What numbers of documents are sealed for.
const (
	attemptNumber = "verification_attempt.document_number"
	licenseNumber = "customer.license_number"
)

// sealNumber seals a number of a document; nil for none, and where there is no key.
func (c *Care) sealNumber(tx *store.Tx, number, purpose string, id int64) []byte {
	if number == "" || c.key == nil {
		return nil
	}
	return c.key.Seal([]byte(number), seal.Context{Tenant: tx.Tenant(), Purpose: purpose, ID: id})
}

// masked is a sealed number with all but its end hidden.
func (c *Care) masked(tx *store.Tx, sealed []byte, purpose string, id int64) (string, error) {
	if len(sealed) == 0 || c.key == nil {
		return "", nil
	}
	number, err := c.key.Open(sealed, seal.Context{Tenant: tx.Tenant(), Purpose: purpose, ID: id})
	return mask(string(number)), err
}

// shownOfNumber is how much of a document's number is shown.
const shownOfNumber = 3

func mask(number string) string {
	runes := []rune(number)
	hidden := max(len(runes)-shownOfNumber, min(len(runes), shownOfNumber))
	for i := range hidden {
		runes[i] = '*'
	}
	return string(runes)
}
