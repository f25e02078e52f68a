package index

import "strings"

// Kind is what a subject is.
type Kind uint8

// The kinds of subject; NoKind is that of an id nobody has.
const (
	NoKind Kind = iota
	PersonKind
	GroupKind
	PropertyKind
)

// Group is a group's header: what getting and listing it shows. Times are
// microseconds UTC. A pointer to one that a View gave never changes.
type Group struct {
	ID   int64
	UUID [16]byte
	// Kind is the API it belongs to: "directory", "organization", "property" or
	// "business".
	Kind string
	// Type is "security" or "distribution" for the directory, else "".
	Type        string
	Name        string
	Description string
	ExternalID  string
	Privileged  bool
	// DefaultFor is the person whose default group it is; 0 for none.
	DefaultFor       int64
	Created, Updated int64
	// Revision is the version of the row, for ETags.
	Revision int64

	folded string
}

// Person is a person's header: what a list of members shows.
type Person struct {
	ID          int64
	UUID        [16]byte
	Name, Email string
	Disabled    bool
	// Account tells that the directory has an account for this person.
	Account bool
}

// Property is a property's header.
type Property struct {
	ID    int64
	UUID  [16]byte
	Title string
}

// Edge is a membership: Member, a subject of any kind, stands in Group. Times are
// microseconds UTC.
type Edge struct {
	Group, Member int64
	// Added is when the member was first added. The index keeps it to the second.
	Added int64
	// StartsAt and ExpiresAt bound when the edge counts; 0 for no bound.
	StartsAt, ExpiresAt int64
	Role, State         string
}

// Inactive is the state of an edge that is suspended: it is there, and does not count.
const Inactive = "INACTIVE"

// Active tells whether the edge counts at now: from StartsAt on, before ExpiresAt,
// unless it is suspended.
func (e *Edge) Active(now int64) bool {
	return e.State != Inactive && now >= e.StartsAt && (e.ExpiresAt == 0 || now < e.ExpiresAt)
}

// Terms are what only some edges have. A pointer to them never changes.
type Terms struct {
	StartsAt, ExpiresAt int64
	Role, State         string
}

// Fold brings a name or a search into the form in which they are compared.
func Fold(s string) string { return strings.ToLower(s) }

type op uint8

const (
	putGroup op = iota
	putPerson
	putProperty
	putEdge
	dropSubject
	dropEdge
)

// Delta is one step of a commit, made by PutGroup, PutPerson, PutProperty, Drop,
// PutEdge or DropEdge.
type Delta struct {
	op       op
	group    *Group
	person   *Person
	property *Property
	edge     Edge
}

// PutGroup adds a group, or replaces the header of the one with its id.
func PutGroup(g Group) Delta {
	g.folded = Fold(g.Name)
	return Delta{op: putGroup, group: &g}
}

// PutPerson adds a person, or replaces the header of the one with its id.
func PutPerson(p Person) Delta { return Delta{op: putPerson, person: &p} }

// PutProperty adds a property, or replaces the header of the one with its id.
func PutProperty(p Property) Delta { return Delta{op: putProperty, property: &p} }

// Drop removes a subject with all its edges. An id nobody has changes nothing.
func Drop(id int64) Delta { return Delta{op: dropSubject, edge: Edge{Member: id}} }

// PutEdge adds an edge, or replaces the one between the same two subjects. An
// edge of a subject that is not there changes nothing.
func PutEdge(e Edge) Delta { return Delta{op: putEdge, edge: e} }

// DropEdge removes the edge between the two. A missing one changes nothing.
func DropEdge(group, member int64) Delta {
	return Delta{op: dropEdge, edge: Edge{Group: group, Member: member}}
}
