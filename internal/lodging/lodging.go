package lodging

import (
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/rosterhq/roster/internal/graph"
	"github.com/rosterhq/roster/internal/identity"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/store"
)

// Roles of a person in a property group.
const (
	Owner = "owner"
	User  = "user"
)

// Roles of a token: an admin sees and writes every group, a user those of the
// token's person.
const (
	AdminToken = "admin"
	UserToken  = "user"
)

// Codes of errors that this area adds to the graph's.
const (
	CodeNotYours = "NOT_YOURS"       // Unauthenticated: the group exists, and the caller is not in it
	CodeInvited  = "ALREADY_INVITED" // Conflict: the address is in the group, or invited to it
)

// Lodging knows the tenants' properties and property groups.
type Lodging struct {
	db       *store.DB
	graph    *graph.Graph
	identity *identity.Identity
}

// New makes the area over a database, its graph and its people.
func New(db *store.DB, g *graph.Graph, i *identity.Identity) *Lodging {
	return &Lodging{db: db, graph: g, identity: i}
}

func init() { graph.OnArrival(bind) } //nolint:gochecknoinits // whoever links this area has invitations bound

// Problems are what is wrong with an input, by field. They travel as Details of an
// error of kind Invalid.
type Problems map[string][]string

// Words for what is wrong with a field.
const (
	blank       = "can't be blank"
	invalid     = "is invalid"
	badFormat   = "has invalid format"
	tooLong     = "should be at most 255 character(s)"
	notExisting = "does not exist"
)

const maxText = 255

func (p Problems) add(field, problem string) { p[field] = append(p[field], problem) }

// text checks a required text of at most 255 characters.
func (p Problems) text(field, value string) {
	switch {
	case strings.TrimSpace(value) == "":
		p.add(field, blank)
	case utf8.RuneCountInString(value) > maxText:
		p.add(field, tooLong)
	case !utf8.ValidString(value) || strings.IndexByte(value, 0) >= 0:
		p.add(field, invalid)
	}
}

// err returns the problems as an error, or nil where there are none.
func (p Problems) err() error {
	if len(p) == 0 {
		return nil
	}
	fields := slices.Sorted(maps.Keys(p))
	return &roster.Error{Kind: roster.Invalid, Field: fields[0], Msg: fields[0] + " " + p[fields[0]][0], Details: p}
}

func problem(field, what string) error { return Problems{field: {what}}.err() }

func errForbidden() error {
	return roster.Errorf(roster.Forbidden, "", "this needs the role owner in the group")
}
