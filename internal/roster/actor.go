package roster

import (
	"strings"
	"time"
)

// TenantID numbers a tenant inside one database. It never leaves the server;
// outside, a tenant is its name.
type TenantID int64

// Tenant is a tenant's number and name.
type Tenant struct {
	ID   TenantID
	Name string
}

// API names one of the documented APIs, as tokens and the change log spell it.
type API string

// The APIs. CLI stands for the command line and the administration socket,
// Background for what the server does by itself.
const (
	PropertyAPI     API = "property"
	OrganizationAPI API = "organization"
	DirectoryAPI    API = "directory"
	UserAPI         API = "user"
	OperationsAPI   API = "operations"
	AuthAPI         API = "auth"
	HooksAPI        API = "hooks"
	CLI             API = "cli"
	Background      API = "background"
)

// Actor is who makes a request: the result of authentication, passed as an argument.
type Actor struct {
	Tenant Tenant
	// ID is how the change log names the actor, such as "token:12", "cli:0".
	ID  string
	API API
	// Role is the actor's role in that API, such as "Administrator".
	Role string
	// PersonID is the subject id of the person that acts; 0 for a service.
	PersonID int64
	// Impersonated is the subject id of the person for whom an API client acts, who
	// stands in PersonID as well; 0 where nobody is.
	Impersonated int64
	// RequestID is the id of the request, for the change log.
	RequestID string
}

// Clock tells the time. Tests move their own.
type Clock func() time.Time

// Change is one entry of the change log.
type Change struct {
	// Operation is noun.verb, such as "group.create".
	Operation string
	// SubjectType is the noun of what changed, such as "group"; SubjectID its id
	// in the tenant. For a membership the subject is the group.
	SubjectType string
	SubjectID   int64
	// ObjectID is the second subject of a change that ties two, such as the
	// member of a membership; 0 when there is none.
	ObjectID int64
	// Before and After hold the fields of the subject by name, as JSON; nil when
	// there was, or is, nothing.
	Before, After any

	// Permission is what let the change be made, where one was asked for, and BranchID
	// the branch on which it held, 0 for every root. The store fills them in from
	// what was judged (store.Tx.Permitted).
	Permission string
	BranchID   int64
}

// Reads reports whether the change is none, but a read that is in the log all the same
// (noun.read): nobody's memory of the noun is stale by it.
func (c *Change) Reads() bool { return strings.HasSuffix(c.Operation, ".read") }
