package identity

import (
	"bytes"
	"encoding/json"
	"maps"
	"net/mail"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/nyaruka/phonenumbers"

	"github.com/rosterhq/roster/internal/graph"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/store"
)

// CustomerFields are the fields of a customer as the change log spells them.
type CustomerFields struct {
	FirstName         string            `json:"firstName,omitempty"`
	LastName          string            `json:"lastName,omitempty"`
	Birthdate         string            `json:"birthdate,omitempty"`
	Email             string            `json:"email,omitempty"`
	EmailVerified     bool              `json:"emailIsVerified"`
	Phone             string            `json:"phone,omitempty"`
	PhoneVerified     bool              `json:"phoneIsVerified"`
	Street            string            `json:"street,omitempty"`
	Postcode          string            `json:"postcode,omitempty"`
	City              string            `json:"city,omitempty"`
	Country           string            `json:"country,omitempty"`
	Language          string            `json:"language,omitempty"`
	Newsletter        bool              `json:"newsletter"`
	HomeBranchID      int64             `json:"homeBranchId"`
	BlockState        string            `json:"blockState"`
	BlockReason       string            `json:"blockReason,omitempty"`
	PaymentState      string            `json:"paymentState"`
	LicenseState      string            `json:"licenseVerificationState"`
	LicenseExpires    string            `json:"licenseExpirationDate,omitempty"`
	LicenseCategories []string          `json:"drivingLicenseCategories,omitempty"`
	IDState           string            `json:"idVerificationState"`
	IDExpires         string            `json:"idExpirationDate,omitempty"`
	IDDocumentType    string            `json:"idDocumentType,omitempty"`
	ManualState       string            `json:"manualVerificationState"`
	ExternalState     string            `json:"customExternalVerificationState"`
	CreditStatus      string            `json:"creditStatus"`
	CreditUntil       int64             `json:"creditUntil,omitempty"`
	SignupSettled     bool              `json:"signupSettled"`
	SignupFailed      bool              `json:"signupFailed,omitempty"`
	Tags              []string          `json:"tags,omitempty"`
	Annotations       json.RawMessage   `json:"annotations,omitempty"`
	CustomProperties  map[string]string `json:"customProperties,omitempty"`
}

func customerFields(c *Customer) CustomerFields {
	return CustomerFields{
		c.FirstName, c.LastName, c.Birthdate, c.Email, c.EmailVerified, c.Phone, c.PhoneVerified, c.Street, c.Postcode, c.City, c.Country,
		c.Language, c.Newsletter, c.HomeBranchID, c.BlockState, c.BlockReason, c.PaymentState, c.LicenseState, c.LicenseExpires,
		c.LicenseCategories, c.IDState, c.IDExpires, c.IDDocumentType, c.ManualState, c.ExternalState, c.CreditStatus, c.CreditUntil, c.SignupSettled,
		c.SignupFailed, c.Tags, c.Annotations, c.CustomProperties,
	}
}

// defaults fills in the states that a new customer has.
func (c *Customer) defaults() {
	for field, standard := range map[*string]string{
		&c.BlockState: NotBlocked, &c.PaymentState: "NONE", &c.LicenseState: "UNVERIFIED", &c.IDState: "UNVERIFIED",
		&c.ManualState: "UNVERIFIED", &c.ExternalState: "UNVERIFIED", &c.CreditStatus: CreditUnknown, &c.Language: "en",
	} {
		if *field == "" {
			*field = standard
		}
	}
}

// HasEmail reports whether an address is the customer's, however it is written.
func (c *Customer) HasEmail(email string) bool { return graph.Key(email) == graph.Key(c.Email) }

// SetEmail gives a customer another address, in lower case and not verified. The one
// they have, however it is written, stays as it is.
func (c *Customer) SetEmail(email string) {
	if !c.HasEmail(email) {
		c.Email, c.EmailVerified = strings.ToLower(email), false
	}
}

// InsertCustomer gives a person the profile of a customer, the person with c's
// address if there is one, and fills in what the server decides. An address is kept
// in lower case, an existing person's as it stands. Exists with CodeEmailTaken where that
// person is a customer, or CodePhoneTaken; NotFound with CodeNoBranch; Invalid.
func InsertCustomer(tx *store.Tx, c *Customer) error {
	c.defaults()
	c.Email = strings.ToLower(c.Email)
	if err := checkCustomer(tx, c, nil); err != nil {
		return err
	}
	p, err := customerPerson(tx, c)
	if err != nil {
		return err
	}
	c.ID, c.UUID, c.Email, c.CreatedAt, c.UpdatedAt, c.Revision = p.ID, p.UUID, p.Email, tx.Now, tx.Now, tx.Revision
	// Whoever was a customer before, and lives on by another profile, has a row.
	left, err := AnyCustomersByID(tx, []int64{c.ID})
	if err != nil {
		return err
	}
	put := customerInsert
	if left[c.ID] != nil {
		put = customerUpdate
	}
	if _, err := tx.Exec(put, c.row()...); err != nil {
		return err
	}
	emitCustomer(tx, c)
	tx.Record(roster.Change{Operation: "customer.create", SubjectType: "customer", SubjectID: c.ID, After: customerFields(c)})
	return arrivedCustomer(tx, nil, c)
}

func customerPerson(tx *store.Tx, c *Customer) (*graph.Person, error) {
	if c.Email == "" {
		p := &graph.Person{Profiles: graph.CustomerProfile, Name: c.Name()}
		return p, graph.CreatePerson(tx, p)
	}
	p, err := AddProfile(tx, c.Email, graph.CustomerProfile, func(p *graph.Person, fresh bool) {
		if fresh {
			p.Name = c.Name()
		}
	})
	if e := roster.AsError(err); err != nil && e.Code == CodeProfileTaken {
		return nil, &roster.Error{Kind: roster.Exists, Code: CodeEmailTaken, Field: "email", Msg: "another customer has this email"}
	}
	return p, err
}

// UpdateCustomer changes a customer as edit says. NotFound, Precondition, an error
// of InsertCustomer or of edit. The address of a person who has other profiles too
// is Forbidden to change, with CodeNotYours. What changes nothing writes nothing.
func UpdateCustomer(tx *store.Tx, id int64, match graph.Match, edit func(*Customer) error) (*Customer, error) {
	before, err := LiveCustomer(tx, id)
	if err != nil {
		return nil, err
	}
	if match != nil {
		if err := match(before.Revision); err != nil {
			return nil, err
		}
	}
	after := *before
	after.CustomProperties = maps.Clone(before.CustomProperties)
	if err := edit(&after); err != nil {
		return nil, err
	}
	if sameCustomer(before, &after) {
		return before, nil
	}
	if err := checkCustomer(tx, &after, before); err != nil {
		return nil, err
	}
	if err := updateCustomerPerson(tx, before, &after); err != nil {
		return nil, err
	}
	after.UpdatedAt, after.Revision = tx.Now, tx.Revision
	if _, err := tx.Exec(customerUpdate, after.row()...); err != nil {
		return nil, err
	}
	emitCustomer(tx, &after)
	tx.Record(roster.Change{Operation: "customer.update", SubjectType: "customer", SubjectID: id, Before: customerFields(before), After: customerFields(&after)})
	return &after, arrivedCustomer(tx, before, &after)
}

func sameCustomer(a, b *Customer) bool {
	return slices.EqualFunc(a.row(), b.row(), func(x, y any) bool {
		if bx, ok := x.([]byte); ok {
			return bytes.Equal(bx, y.([]byte))
		}
		return x == y
	}) && a.Email == b.Email
}

func updateCustomerPerson(tx *store.Tx, before, after *Customer) error {
	if before.Email == after.Email && before.Name() == after.Name() {
		return nil
	}
	_, err := graph.UpdatePerson(tx, after.ID, nil, func(p *graph.Person) error {
		if before.Email != after.Email && p.Profiles != graph.CustomerProfile {
			return &roster.Error{Kind: roster.Forbidden, Code: CodeNotYours, Field: "email", Msg: "this person has other profiles, so the email is not mobility's to change"}
		}
		p.Email = after.Email
		if p.Profiles == graph.CustomerProfile {
			p.Name = after.Name()
		}
		return nil
	})
	return err
}

var language = regexp.MustCompile(`^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8}){0,4}$`)

// checkTexts judges what is free in a customer but for its length.
func (c *Customer) checkTexts() error {
	for _, t := range []struct {
		field, value string
		most         int
	}{
		{"firstName", c.FirstName, 100}, {"lastName", c.LastName, 100}, {"street", c.Street, 200}, {"postcode", c.Postcode, 32}, {"city", c.City, 100},
		{"blockReason", c.BlockReason, 500},
	} {
		if utf8.RuneCountInString(t.value) > t.most {
			return roster.FieldError(t.field, "must have at most %d characters", t.most)
		}
	}
	if c.Language != "" && !language.MatchString(c.Language) {
		return roster.FieldError("language", "must be a BCP 47 tag like de-AT")
	}
	return nil
}

// checkCustomer judges what changed of a customer.
func checkCustomer(tx *store.Tx, c, before *Customer) error {
	if before == nil || before.Email != c.Email {
		if err := checkCustomerEmail(tx, c.Email, before != nil); err != nil {
			return err
		}
	}
	if before == nil || before.Phone != c.Phone {
		if err := checkPhone(tx, c); err != nil {
			return err
		}
	}
	if err := c.checkTexts(); err != nil {
		return err
	}
	if c.Country != "" && !roster.IsCountry(c.Country) {
		return roster.FieldError("country", "must be a country of ISO 3166-1, such as AT")
	}
	for field, date := range map[string]string{"birthdate": c.Birthdate, "licenseExpirationDate": c.LicenseExpires, "idExpirationDate": c.IDExpires} {
		if _, err := time.Parse(time.DateOnly, date); date != "" && err != nil {
			return roster.FieldError(field, "must be a date like 1990-12-31")
		}
	}
	if c.Birthdate != "" && (c.Birthdate < "1900-01-01" || c.Birthdate > time.UnixMicro(tx.Now).UTC().Format(time.DateOnly)) {
		return roster.FieldError("birthdate", "must lie between 1900 and today")
	}
	if before == nil || before.HomeBranchID != c.HomeBranchID {
		t, err := Branches(tx)
		if err != nil {
			return err
		}
		if _, err := t.Find(c.HomeBranchID); err != nil {
			return err
		}
	}
	return nil
}

// checkCustomerEmail judges an address; one of somebody else is taken, unless the
// customer is new and may be that somebody.
func checkCustomerEmail(tx *store.Tx, email string, exists bool) error {
	if email == "" {
		return nil
	}
	if address, err := mail.ParseAddress(email); err != nil || address.Address != email || len(email) > 254 {
		return roster.FieldError("email", "is no valid email address")
	}
	if !exists {
		return nil
	}
	_, err := graph.PersonByEmail(tx, email)
	if roster.IsKind(err, roster.NotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	return &roster.Error{Kind: roster.Exists, Code: CodeEmailTaken + ".2", Field: "email", Msg: "somebody else has this email"}
}

func checkPhone(tx *store.Tx, c *Customer) error {
	if c.Phone == "" {
		return nil
	}
	if phone, err := ParsePhone(c.Phone); err != nil || phone != c.Phone {
		return roster.FieldError("phone", "must be a telephone number like +4366012345678")
	}
	other, err := CustomerByPhone(tx, c.Phone)
	if roster.IsKind(err, roster.NotFound) || err == nil && other.ID == c.ID {
		return nil
	}
	if err != nil {
		return err
	}
	return &roster.Error{Kind: roster.Exists, Code: CodePhoneTaken, Field: "phone", Msg: "another customer has this phone"}
}

// ParsePhone reads an international telephone number and returns it as E.164.
// Invalid with Field phone.
func ParsePhone(s string) (string, error) {
	n, err := phonenumbers.Parse(s, "ZZ")
	if err != nil || !phonenumbers.IsPossibleNumber(n) {
		return "", roster.FieldError("phone", "must be a telephone number like +4366012345678")
	}
	return phonenumbers.Format(n, phonenumbers.E164), nil
}

// customerArrivals are what areas do, in the same transaction, when an address is
// verified to be a customer's.
var customerArrivals []func(tx *store.Tx, c *Customer) error

// OnVerifiedEmail has fn called inside the transaction after which a customer has
// an address that is verified, for what waited for that address. Called by areas
// when the program starts, and never later.
func OnVerifiedEmail(fn func(tx *store.Tx, c *Customer) error) {
	customerArrivals = append(customerArrivals, fn)
}

func arrivedCustomer(tx *store.Tx, before, after *Customer) error {
	if !after.EmailVerified || before != nil && before.EmailVerified && before.Email == after.Email {
		return nil
	}
	for _, fn := range customerArrivals {
		if err := fn(tx, after); err != nil {
			return err
		}
	}
	return nil
}
