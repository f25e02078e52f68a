package graph

import (
	"github.com/rosterhq/roster/internal/graph/index"
	"github.com/rosterhq/roster/internal/roster"
)

// The kinds of group, by the API that they belong to.
const (
	Directory    = "directory"
	Organization = "organization"
	Property     = "property"
	Business     = "business"
)

// The kinds of subject.
const (
	PersonSubject   = "person"
	GroupSubject    = "group"
	PropertySubject = "property"
)

// Rule is what the memberships of one kind of group keep. Each rule that SQL can
// say stands in the schema as well.
type Rule struct {
	// Members are the kinds of subject that the group takes.
	Members []string
	// UniqueName: no two live groups of the kind have one name, folded and trimmed.
	UniqueName bool
	// OneGroupEach: a person is in at most one group of the kind.
	OneGroupEach bool
	// OneOwner: at most one member has the role OWNER.
	OneOwner bool
	// Homes: a property is always in at least one group, and a group that holds
	// one cannot be deleted.
	Homes bool
}

// Rules are the rules of each kind of group. That nested groups form no cycle
// holds for all of them.
var Rules = map[string]Rule{
	Directory:    {Members: []string{PersonSubject, GroupSubject}},
	Organization: {Members: []string{PersonSubject}, UniqueName: true},
	Property:     {Members: []string{PersonSubject, PropertySubject}, Homes: true},
	Business:     {Members: []string{PersonSubject}, OneGroupEach: true, OneOwner: true},
}

// Inactive is the state of a membership that is suspended: it is there, keeps its
// rules, and does not make its member one of the group's effective people.
const Inactive = index.Inactive

// Codes of errors that the graph's rules give.
const (
	CodeAlreadyMember = "ALREADY_MEMBER"
	CodeCycle         = "CYCLE_DETECTED"
	CodeMemberKind    = "MEMBER_KIND"
	CodeNameTaken     = "GROUP_NAME_TAKEN"
	CodeIDTaken       = "EXTERNAL_ID_TAKEN"
	CodeEmailTaken    = "EMAIL_TAKEN"
	CodeAccountTaken  = "ACCOUNT_NAME_TAKEN"
	CodeLastGroup     = "LAST_GROUP"
	CodeNotEmpty      = "GROUP_NOT_EMPTY"
	CodeOtherAccount  = "IN_ANOTHER_BUSINESS_ACCOUNT"
	CodeSecondOwner   = "SECOND_OWNER"
	CodeBatch         = "BATCH_REFUSED"
	CodeNoGroup       = "NO_SUCH_GROUP"
	CodeNoMember      = "NO_SUCH_MEMBER"
	CodeNoMembership  = "NO_SUCH_MEMBERSHIP"
)

// Cycle is the detail of a CodeCycle error: subject ids from a group back to itself.
type Cycle []int64

func errNoGroup() error { return roster.Errorf(roster.NotFound, CodeNoGroup, "there is no such group") }

// Match judges a row's version before it is changed, with an error of kind
// Precondition when it is not the one that the caller has seen; nil takes any.
type Match func(version int64) error

func (m Match) check(version int64) error {
	if m == nil {
		return nil
	}
	return m(version)
}
