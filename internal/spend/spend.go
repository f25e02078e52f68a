package spend

import (
	"errors"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/google/uuid"

	"github.com/rosterhq/roster/internal/graph"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/store"
)

// Spend knows what the tenants' groups carry.
type Spend struct{ db *store.DB }

// New makes the spend of db's tenants.
func New(db *store.DB) *Spend { return &Spend{db} }

// numbers is the sequence of the ids of resources and entries.
const numbers store.Sequence = "spend"

const live = "9223372036854775807"

// Statuses. A budget past its end shows as Expired; it is stored as Active.
const (
	Active   = "ACTIVE"
	Inactive = "INACTIVE"
	Archived = "ARCHIVED"
	Expired  = "EXPIRED"
)

// Codes of errors that the rules give.
const (
	CodeCurrency     = "CURRENCY_MISMATCH"
	CodeExceeded     = "BUDGET_EXCEEDED"
	CodeNotActive    = "BUDGET_NOT_ACTIVE"
	CodeNotAttached  = "GROUP_NOT_ATTACHED"
	CodeNotInGroup   = "USER_NOT_IN_GROUP"
	CodeReference    = "REFERENCE_TAKEN"
	CodeOverflow     = "AMOUNT_OVERFLOW"
	CodeGroupInUse   = "GROUP_IN_USE"
	CodeNoUser       = "USER_NOT_FOUND"
	CodeNoGroup      = "GROUP_NOT_FOUND"
	CodeNoApprover   = "APPROVER_NOT_FOUND"
	CodeGroupDeleted = "GROUP_DELETED"          // reason of a status
	CodeApproverGone = "APPROVER_GROUP_DELETED" // reason of a status
)

var (
	userIDByUUID = store.Q("spend.user_by_uuid", `SELECT u.id, u.status FROM subjects s
		JOIN users u ON u.tenant = $1 AND u.id = s.id WHERE s.tenant = $1 AND s.uuid = $2`)
	groupIDByUUID = store.Q("spend.group_by_uuid", `SELECT g.id, g.kind FROM subjects s
		JOIN groups g ON g.tenant = $1 AND g.id = s.id AND g.recorded_to = `+live+` WHERE s.tenant = $1 AND s.uuid = $2`)
)

// unknown says that a field names something that is not there.
func unknown(code, field, noun string) error {
	return &roster.Error{Kind: roster.Conflict, Code: code, Field: field, Msg: "there is no such " + noun}
}

// userID finds a user that a field names; Conflict with code.
func userID(tx *store.Tx, id uuid.UUID, code, field string) (number int64, status string, err error) {
	err = tx.Row(userIDByUUID, id[:]).Scan(&number, &status)
	if errors.Is(err, store.ErrNoRows) {
		return 0, "", unknown(code, field, "user")
	}
	return number, status, err
}

// groupID finds a living group of any kind that a field names; Conflict with code.
func groupID(tx *store.Tx, id uuid.UUID, code, field string) (number int64, err error) {
	var kind string
	err = tx.Row(groupIDByUUID, id[:]).Scan(&number, &kind)
	if errors.Is(err, store.ErrNoRows) {
		return 0, unknown(code, field, "group")
	}
	return number, err
}

// organizationGroup reads a living group of the organization; NotFound with
// graph.CodeNoGroup.
func organizationGroup(tx *store.Tx, id int64) (*graph.Group, error) {
	g, err := graph.LiveGroup(tx, id)
	if err == nil && g.Kind != graph.Organization {
		return nil, roster.Errorf(roster.NotFound, graph.CodeNoGroup, "there is no such group")
	}
	return g, err
}

func checkName(name string) error {
	if strings.TrimSpace(name) == "" {
		return roster.FieldError("name", "must not be blank")
	}
	return checkLength("name", name, 255)
}

func checkLength(field, text string, most int) error {
	if utf8.RuneCountInString(text) > most {
		return roster.FieldError(field, "must have at most %d characters", most)
	}
	return nil
}

// checkWord refuses a value that is none of the words; "" is none, too.
func checkWord(field, value string, words ...string) error {
	if slices.Contains(words, value) {
		return nil
	}
	return roster.FieldError(field, "must be one of %s", strings.Join(words, ", "))
}

func verify(match graph.Match, version int64) error {
	if match == nil {
		return nil
	}
	return match(version)
}
