package identity

import (
	"context"
	"encoding/json"
	"errors"
	"strings"

	"github.com/google/uuid"

	"github.com/rosterhq/roster/internal/graph"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/store"
)

// States of a customer's block (contract/mobility.md §4.6).
const (
	NotBlocked = "NONE"
	Blocked    = "BLOCKED"
	Deleted    = "DELETED"
)

// Customer is a person's profile in mobility (contract/mobility.md §4.6). Dates are
// YYYY-MM-DD; "" is none. Times are µs UTC; 0 is none.
type Customer struct {
	ID                  int64
	UUID                uuid.UUID
	Email               string
	EmailVerified       bool
	Phone               string // E.164
	PhoneVerified       bool
	FirstName, LastName string
	Birthdate           string
	Street, Postcode    string
	City, Country       string
	Language            string
	Newsletter          bool
	HomeBranchID        int64
	BlockState          string
	BlockReason         string
	PaymentState        string
	LicenseState        string
	LicenseExpires      string
	LicenseNumber       []byte // sealed
	LicenseCategories   []string
	IDState             string
	IDExpires           string
	IDDocumentType      string
	ManualState         string
	ExternalState       string
	CreditStatus        string // as of when it was read; it is care's to write
	CreditUntil         int64  // from when on it is CreditExpired; 0 for no end
	SignupSettled       bool
	SignupFailed        bool
	Balance             roster.Amount // in the currency of the home branch
	Tags                []string
	Annotations         json.RawMessage
	CustomProperties    map[string]string
	MadeByClient        string // the API client that may act for them
	LastSignInAt        int64
	CreatedAt           int64
	UpdatedAt           int64
	Revision            int64 // the later one of the profile's and the person's row
}

// Name is first and last name.
func (c *Customer) Name() string { return strings.TrimSpace(c.FirstName + " " + c.LastName) }

const customerColumns = `c.id, s.uuid, p.email, c.email_verified, c.phone, c.phone_verified, c.first_name, c.last_name, c.birthdate,
		c.street, c.postcode, c.city, c.country, c.language, c.newsletter, c.home_branch_id, c.block_state, c.block_reason, c.payment_state,
		c.license_state, c.license_expires, c.license_number, c.license_categories, c.id_state, c.id_expires, c.id_document_type,
		c.manual_state, c.external_state, c.credit_status, c.credit_until, c.signup_settled, c.signup_failed, c.balance, c.tags, c.annotations,
		c.custom_properties, c.made_by_client, c.last_sign_in_at, c.created_at, c.updated_at, c.revision, p.revision`

const fromCustomers = ` FROM customers c
		JOIN subjects s ON s.tenant = c.tenant AND s.id = c.id
		JOIN people p ON p.tenant = c.tenant AND p.id = c.id AND p.recorded_to = 9223372036854775807 `

var (
	customerByID = store.Q("customer.by_id", `SELECT `+customerColumns+fromCustomers+`WHERE c.tenant = $1 AND c.id IN ($2)`).In()
	// A deleted customer's person may be no more, and then has no address.
	anyCustomerByID = store.Q("customer.any_by_id", `SELECT `+strings.NewReplacer("p.email", "coalesce(p.email, '')", "p.revision", "coalesce(p.revision, 0)").Replace(customerColumns)+
		` FROM customers c JOIN subjects s ON s.tenant = c.tenant AND s.id = c.id
		LEFT JOIN people p ON p.tenant = c.tenant AND p.id = c.id AND p.recorded_to = 9223372036854775807
		WHERE c.tenant = $1 AND c.id IN ($2)`).In()
	customerByPhone = store.Q("customer.by_phone", `SELECT `+customerColumns+fromCustomers+`
		WHERE c.tenant = $1 AND c.phone = $2 AND c.phone <> '' AND c.block_state <> 'DELETED'`)
	customerInsert = store.Q("customer.insert", `INSERT INTO customers (tenant, id, email_verified, phone, phone_verified, first_name, last_name, birthdate,
		street, postcode, city, country, language, newsletter, home_branch_id, block_state, block_reason, payment_state,
		license_state, license_expires, license_number, license_categories, id_state, id_expires, id_document_type,
		manual_state, external_state, credit_status, credit_until, signup_settled, signup_failed, balance, tags, annotations,
		custom_properties, made_by_client, last_sign_in_at, created_at, updated_at, revision)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20,
		$21, $22, $23, $24, $25, $26, $27, $28, $29, $30, $31, $32, $33, $34, $35, $36, $37, $38, $39, $40)`)
	customerUpdate = store.Q("customer.update", `UPDATE customers SET email_verified = $3, phone = $4, phone_verified = $5, first_name = $6, last_name = $7,
		birthdate = $8, street = $9, postcode = $10, city = $11, country = $12, language = $13, newsletter = $14, home_branch_id = $15,
		block_state = $16, block_reason = $17, payment_state = $18, license_state = $19, license_expires = $20, license_number = $21,
		license_categories = $22, id_state = $23, id_expires = $24, id_document_type = $25, manual_state = $26, external_state = $27,
		credit_status = $28, credit_until = $29, signup_settled = $30, signup_failed = $31, balance = $32, tags = $33, annotations = $34,
		custom_properties = $35, made_by_client = $36, last_sign_in_at = $37, created_at = $38, updated_at = $39, revision = $40
		WHERE tenant = $1 AND id = $2`)
)

func scanCustomer(s store.Scanner) (*Customer, error) {
	c := &Customer{}
	var id []byte
	var categories, tags, annotations, custom string
	var personRevision int64
	err := s.Scan(&c.ID, &id, &c.Email, &c.EmailVerified, &c.Phone, &c.PhoneVerified, &c.FirstName, &c.LastName, &c.Birthdate,
		&c.Street, &c.Postcode, &c.City, &c.Country, &c.Language, &c.Newsletter, &c.HomeBranchID, &c.BlockState, &c.BlockReason, &c.PaymentState,
		&c.LicenseState, &c.LicenseExpires, &c.LicenseNumber, &categories, &c.IDState, &c.IDExpires, &c.IDDocumentType,
		&c.ManualState, &c.ExternalState, &c.CreditStatus, &c.CreditUntil, &c.SignupSettled, &c.SignupFailed, &c.Balance, &tags, &annotations,
		&custom, &c.MadeByClient, &c.LastSignInAt, &c.CreatedAt, &c.UpdatedAt, &c.Revision, &personRevision)
	if err != nil {
		return nil, err
	}
	copy(c.UUID[:], id)
	c.Revision = max(c.Revision, personRevision)
	c.LicenseCategories = splitList(categories)
	if annotations != "[]" {
		c.Annotations = json.RawMessage(annotations)
	}
	return c, errors.Join(json.Unmarshal([]byte(tags), &c.Tags), json.Unmarshal([]byte(custom), &c.CustomProperties))
}

// row is a customer's row from its id on; a nil list or map is an empty one.
func (c *Customer) row() []any {
	tags, custom, annotations := "[]", "{}", "[]"
	if len(c.Tags) > 0 {
		tags = mustJSON(c.Tags)
	}
	if len(c.CustomProperties) > 0 {
		custom = mustJSON(c.CustomProperties)
	}
	if len(c.Annotations) > 0 {
		annotations = string(c.Annotations)
	}
	number := c.LicenseNumber
	if number == nil {
		number = []byte{}
	}
	return []any{
		c.ID, c.EmailVerified, c.Phone, c.PhoneVerified, c.FirstName, c.LastName, c.Birthdate,
		c.Street, c.Postcode, c.City, c.Country, c.Language, c.Newsletter, c.HomeBranchID, c.BlockState, c.BlockReason, c.PaymentState,
		c.LicenseState, c.LicenseExpires, number, strings.Join(c.LicenseCategories, ","), c.IDState, c.IDExpires, c.IDDocumentType,
		c.ManualState, c.ExternalState, c.CreditStatus, c.CreditUntil, c.SignupSettled, c.SignupFailed, int64(c.Balance), tags, annotations,
		custom, c.MadeByClient, c.LastSignInAt, c.CreatedAt, c.UpdatedAt, c.Revision,
	}
}

// mustJSON spells a list of texts or a map of them.
func mustJSON(v any) string {
	text, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return string(text)
}

// LiveCustomer reads a customer whose person lives. NotFound with CodeNoCustomer.
func LiveCustomer(tx *store.Tx, id int64) (*Customer, error) {
	found, err := CustomersByID(tx, []int64{id})
	if err != nil {
		return nil, err
	}
	if c := found[id]; c != nil {
		return c, nil
	}
	return nil, errNoCustomer()
}

func errNoCustomer() error {
	return roster.Errorf(roster.NotFound, CodeNoCustomer, "there is no such customer")
}

// AnyCustomer reads a customer, a deleted one too: anonymised, in the block state
// Deleted. NotFound with CodeNoCustomer.
func AnyCustomer(tx *store.Tx, id int64) (*Customer, error) {
	found, err := AnyCustomersByID(tx, []int64{id})
	if err == nil && found[id] == nil {
		err = errNoCustomer()
	}
	return found[id], err
}

// AnyCustomersByID reads those of the customers that there are, deleted ones too, by id.
func AnyCustomersByID(tx *store.Tx, ids []int64) (map[int64]*Customer, error) {
	return customersBy(tx, anyCustomerByID, ids)
}

// CustomersByID reads those of the customers whose persons live, by id.
func CustomersByID(tx *store.Tx, ids []int64) (map[int64]*Customer, error) {
	return customersBy(tx, customerByID, ids)
}

func customersBy(tx *store.Tx, q *store.Query, ids []int64) (map[int64]*Customer, error) {
	found := map[int64]*Customer{}
	err := tx.EachIn(q, ids, func(s store.Scanner) error {
		c, err := scanCustomer(s)
		if err == nil {
			c.CreditStatus = c.CreditAt(tx.Now)
			found[c.ID] = c
		}
		return err
	})
	return found, err
}

// CustomerByPhone finds a customer by telephone number (E.164). NotFound with
// CodeNoCustomer.
func CustomerByPhone(tx *store.Tx, phone string) (*Customer, error) {
	c, err := scanCustomer(tx.Row(customerByPhone, phone))
	if errors.Is(err, store.ErrNoRows) {
		return nil, errNoCustomer()
	}
	if err == nil {
		c.CreditStatus = c.CreditAt(tx.Now)
	}
	return c, err
}

// CustomerByEmail finds a customer by address, however it is written. NotFound with
// CodeNoCustomer.
func CustomerByEmail(tx *store.Tx, email string) (*Customer, error) {
	p, err := graph.PersonByEmail(tx, email)
	if roster.IsKind(err, roster.NotFound) {
		return nil, errNoCustomer()
	}
	if err != nil {
		return nil, err
	}
	return LiveCustomer(tx, p.ID)
}

// GetCustomer reads a customer. NotFound with CodeNoCustomer.
func (i *Identity) GetCustomer(ctx context.Context, tenant roster.TenantID, id int64) (c *Customer, err error) {
	err = i.db.Read(ctx, tenant, func(tx *store.Tx) error {
		c, err = LiveCustomer(tx, id)
		return err
	})
	return c, err
}
