package care

import (
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/rosterhq/roster/internal/identity"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/store"
)

// Card is an identity card: a thing with a number, and perhaps a chip, that a
// customer carries. Times are µs UTC; 0 is none.
type Card struct {
	ID                int64
	Number            string
	RFIDUID, RFIDType string // both or neither
	State             string
	BranchID          int64
	PersonID          int64 // 0 unless it is assigned
	Comment           string
	AssignedAt        int64
	CreatedAt         int64
	UpdatedAt         int64
	Revision          int64
}

// RFIDTypes are the chips that a card may have.
var RFIDTypes = []string{"MIFARE_CLASSIC", "MIFARE_DESFIRE", "MIFARE_ULTRALIGHT", "NTAG", "LEGIC", "OTHER"}

const cardColumns = `id, card_number, rfid_uid, rfid_type, state, branch_id, person_id, comment, assigned_at, created_at, updated_at, revision`

var (
	cardByID     = store.Q("identity_card.by_id", `SELECT `+cardColumns+` FROM identity_cards WHERE tenant = $1 AND id = $2`)
	cardByNumber = store.Q("identity_card.by_number", `SELECT `+cardColumns+` FROM identity_cards WHERE tenant = $1 AND card_number = $2`)
	cardByRFID   = store.Q("identity_card.by_rfid", `SELECT `+cardColumns+` FROM identity_cards WHERE tenant = $1 AND rfid_uid = $2 AND rfid_type = $3 AND rfid_uid <> ''`)
	cardInsert   = store.Q("identity_card.insert", `INSERT INTO identity_cards (tenant, `+cardColumns+`)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)`).Many()
	cardUpdate = store.Q("identity_card.update", `UPDATE identity_cards SET card_number = $3, rfid_uid = $4, rfid_type = $5, state = $6, branch_id = $7, person_id = $8,
		comment = $9, assigned_at = $10, updated_at = $11, revision = $12 WHERE tenant = $1 AND id = $2`)
	cardsAssigned = store.Q("identity_card.assigned", `SELECT branch_id FROM identity_cards WHERE tenant = $1 AND person_id = $2 ORDER BY id`)
)

func scanCard(s store.Scanner) (*Card, error) {
	c := &Card{}
	var person *int64
	err := s.Scan(&c.ID, &c.Number, &c.RFIDUID, &c.RFIDType, &c.State, &c.BranchID, &person, &c.Comment, &c.AssignedAt, &c.CreatedAt, &c.UpdatedAt, &c.Revision)
	if person != nil {
		c.PersonID = *person
	}
	return c, err
}

func oneCard(tx *store.Tx, q *store.Query, args ...any) (c *Card, err error) {
	err = tx.Each(q, func(s store.Scanner) error {
		c, err = scanCard(s)
		return err
	}, args...)
	return c, err
}

// CardByNumber reads a card by its number. NotFound with CodeNoCard.
func CardByNumber(tx *store.Tx, number string) (*Card, error) {
	c, err := oneCard(tx, cardByNumber, number)
	if err == nil && c == nil {
		err = roster.Errorf(roster.NotFound, CodeNoCard, "there is no such identity card")
	}
	return c, err
}

// CardsOf lists the branches of the cards that are assigned to a customer.
func CardsOf(tx *store.Tx, person int64) ([]int64, error) {
	return store.All(tx, cardsAssigned, func(s store.Scanner) (branch int64, err error) {
		return branch, s.Scan(&branch)
	}, person)
}

// CardFields are the fields of a card as the change log spells them.
type CardFields struct {
	Number   string `json:"cardNumber"`
	RFIDUID  string `json:"rfidUid,omitempty"`
	RFIDType string `json:"rfidType,omitempty"`
	State    string `json:"state"`
	BranchID int64  `json:"branchId"`
	PersonID int64  `json:"userId,omitempty"`
	Comment  string `json:"comment,omitempty"`
}

func cardFields(c *Card) CardFields {
	return CardFields{c.Number, c.RFIDUID, c.RFIDType, c.State, c.BranchID, c.PersonID, c.Comment}
}

// PutCard has the card of c's number be as c says, and fills in what the server
// decides. One with a person is ASSIGNED; one that names neither person nor state
// keeps both, and is NEW at first. It reports whether that changed anything. NotFound for the branch or the customer,
// Conflict for a deleted customer, with CodeCardState, CodeCardLimit, or, Exists, with
// CodeRFIDTaken; Forbidden with CodeCardsDisabled, Invalid.
func PutCard(tx *store.Tx, c *Card) (changed bool, err error) {
	c.tidy()
	before, err := oneCard(tx, cardByNumber, c.Number)
	if err != nil {
		return false, err
	}
	c.settle(before)
	if before == nil {
		if err := checkCard(tx, c); err != nil {
			return false, err
		}
		if err := assignable(tx, c); err != nil {
			return false, err
		}
		return true, insertCards(tx, []*Card{c})
	}
	c.ID, c.AssignedAt, c.CreatedAt, c.UpdatedAt, c.Revision = before.ID, before.AssignedAt, before.CreatedAt, before.UpdatedAt, before.Revision
	if *c == *before {
		return false, nil
	}
	if c.State != before.State {
		if err := CardLife.Check(before.State, c.State, byOperator); err != nil {
			return false, err
		}
	}
	if err := checkCard(tx, c); err != nil {
		return false, err
	}
	if c.PersonID != before.PersonID {
		if err := assignable(tx, c); err != nil {
			return false, err
		}
		c.AssignedAt = 0
	}
	return true, updateCard(tx, "identity_card.update", before, c)
}

// tidy spells a card as it is kept.
func (c *Card) tidy() {
	c.Number, c.RFIDUID = strings.TrimSpace(c.Number), strings.ToUpper(c.RFIDUID)
}

// settle gives a card the state that follows from whose it is.
func (c *Card) settle(before *Card) {
	switch {
	case c.PersonID != 0:
		c.State = CardAssigned
	case c.State != "":
	case before == nil:
		c.State = CardNew
	default:
		c.State, c.PersonID = before.State, before.PersonID
	}
}

var rfidUID = regexp.MustCompile(`^[0-9A-F]{4,32}$`)

// Check judges a card by itself. Invalid.
func (c *Card) Check() error {
	number := strings.TrimSpace(c.Number)
	switch {
	case number == "" || utf8.RuneCountInString(number) > 64:
		return roster.FieldError("cardNumber", "must have 1 to 64 characters")
	case (c.RFIDUID == "") != (c.RFIDType == ""):
		return roster.FieldError("rfidUid", "goes with rfidType")
	case c.RFIDUID != "" && !rfidUID.MatchString(strings.ToUpper(c.RFIDUID)):
		return roster.FieldError("rfidUid", "must be 4 to 32 hexadecimal digits")
	case c.RFIDType != "" && !slices.Contains(RFIDTypes, c.RFIDType):
		return roster.FieldError("rfidType", "must be one of %s", strings.Join(RFIDTypes, ", "))
	case utf8.RuneCountInString(c.Comment) > 500:
		return roster.FieldError("comment", "must have at most 500 characters")
	}
	return nil
}

// checkCard judges a card as it is to be, beside the others.
func checkCard(tx *store.Tx, c *Card) error {
	if err := c.Check(); err != nil {
		return err
	}
	if !slices.Contains(CardLife.States(), c.State) || (c.State == CardAssigned) != (c.PersonID != 0) {
		return roster.FieldError("state", "must be one of %s, and ASSIGNED if and only if it is somebody's", strings.Join(CardLife.States(), ", "))
	}
	tree, err := identity.Branches(tx)
	if err != nil {
		return err
	}
	if _, err := tree.Find(c.BranchID); err != nil {
		return err
	}
	if c.PersonID != 0 {
		if _, err := livingCustomer(tx, c.PersonID); err != nil {
			return err
		}
	}
	return checkUnique(tx, c)
}

// checkUnique refuses the number and the chip of another card.
func checkUnique(tx *store.Tx, c *Card) error {
	other, err := oneCard(tx, cardByNumber, c.Number)
	if err == nil && other != nil && other.ID != c.ID {
		err = errCardTaken()
	}
	if err != nil || c.RFIDUID == "" {
		return err
	}
	other, err = oneCard(tx, cardByRFID, c.RFIDUID, c.RFIDType)
	if err == nil && other != nil && other.ID != c.ID {
		err = errRFIDTaken()
	}
	return err
}

func errCardTaken() error {
	return &roster.Error{Kind: roster.Exists, Code: CodeCardTaken, Field: "cardNumber", Msg: "another card has this number"}
}

func errRFIDTaken() error {
	return &roster.Error{Kind: roster.Exists, Code: CodeRFIDTaken, Field: "rfidUid", Msg: "another card has this chip"}
}

// insertCards makes cards that were judged, and fills in what the server decides.
func insertCards(tx *store.Tx, cards []*Card) (err error) {
	rows := make([][]any, len(cards))
	for i, c := range cards {
		if c.ID, err = tx.NextID(cardIDs); err != nil {
			return err
		}
		c.CreatedAt, c.UpdatedAt, c.Revision = tx.Now, tx.Now, tx.Revision
		if c.PersonID != 0 {
			c.AssignedAt = tx.Now
		}
		rows[i] = []any{
			c.ID, c.Number, c.RFIDUID, c.RFIDType, c.State, c.BranchID, nullable(c.PersonID), c.Comment, c.AssignedAt, c.CreatedAt, c.UpdatedAt, c.Revision,
		}
		tx.Record(roster.Change{Operation: "identity_card.create", SubjectType: "identity_card", SubjectID: c.ID, ObjectID: c.PersonID, After: cardFields(c)})
	}
	return tx.ExecMany(cardInsert, rows)
}

// updateCard has a card that was judged be as c says. The log names whose card it is,
// or was.
func updateCard(tx *store.Tx, operation string, before, c *Card) error {
	c.UpdatedAt, c.Revision = tx.Now, tx.Revision
	if c.PersonID != 0 && c.AssignedAt == 0 {
		c.AssignedAt = tx.Now
	}
	if _, err := tx.Exec(cardUpdate, c.ID, c.Number, c.RFIDUID, c.RFIDType, c.State, c.BranchID, nullable(c.PersonID), c.Comment, c.AssignedAt,
		c.UpdatedAt, c.Revision); err != nil {
		return err
	}
	whose := c.PersonID
	if whose == 0 {
		whose = before.PersonID
	}
	tx.Record(roster.Change{
		Operation: operation, SubjectType: "identity_card", SubjectID: c.ID, ObjectID: whose, Before: cardFields(before), After: cardFields(c),
	})
	return nil
}

func nullable(id int64) any {
	if id == 0 {
		return nil
	}
	return id
}
