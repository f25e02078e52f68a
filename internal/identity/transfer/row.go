package transfer

import (
	"encoding/json"
	"fmt"
	"net/mail"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"

	"github.com/rosterhq/roster/internal/graph"
	"github.com/rosterhq/roster/internal/identity"
	"github.com/rosterhq/roster/internal/roster"
)

// The types of a Row.
const (
	Person     = "person"
	Group      = "group"
	Property   = "property"
	Membership = "membership"
	Manager    = "manager" // of an organization's user
)

// Row is one line of a file. Type says which of the fields count.
type Row struct {
	// Line is where the row stands in its file; it is for reports alone.
	Line int64  `json:"line,omitempty"`
	Type string `json:"type"`

	// UUID is the subject's own; ID the one that the file's source gave.
	UUID string `json:"uuid,omitempty"`
	ID   string `json:"id,omitempty"`

	Name         string   `json:"name,omitempty"` // of a person or a group
	Email        string   `json:"email,omitempty"`
	DisplayName  *string  `json:"display_name,omitempty"`
	Department   *string  `json:"department,omitempty"`
	DataSourceID *string  `json:"data_source_id,omitempty"`
	Status       string   `json:"status,omitempty"`   // active, disabled
	Profiles     []string `json:"profiles,omitempty"` // account, user, property; account unless told
	User         *User    `json:"user,omitempty"`     // with the profile user alone

	Kind        string  `json:"kind,omitempty"`       // of a group; directory unless told
	GroupType   string  `json:"group_type,omitempty"` // security, distribution
	Description *string `json:"description,omitempty"`
	Privileged  *bool   `json:"is_privileged,omitempty"`
	DefaultFor  string  `json:"default_for,omitempty"` // the person whose default group it is

	Title      string          `json:"title,omitempty"` // of a property
	Active     *bool           `json:"is_active,omitempty"`
	Attributes json.RawMessage `json:"attributes,omitempty"`
	Groups     []string        `json:"groups,omitempty"` // in which a property stands: one or more

	Group      string          `json:"group,omitempty"`   // of a membership, with one of the next two
	Person     string          `json:"person,omitempty"`  // also that of a manager's row
	Manager    string          `json:"manager,omitempty"` // whom the person reports to
	Child      string          `json:"child,omitempty"`   // a nested group
	Role       *string         `json:"role,omitempty"`
	State      *string         `json:"state,omitempty"`
	Properties json.RawMessage `json:"properties,omitempty"`
	StartsAt   *time.Time      `json:"starts_at,omitempty"`
	ExpiresAt  *time.Time      `json:"expires_at,omitempty"`
}

// User is what an organization knows of a person.
type User struct {
	FullName    string  `json:"full_name"`
	PhoneNumber *string `json:"phone_number,omitempty"`
	JobTitle    *string `json:"job_title,omitempty"`
	Department  *string `json:"department,omitempty"`
	Role        string  `json:"role"`
	Status      string  `json:"status"`
}

// Rejection is a row that was not taken, and why.
type Rejection struct {
	Line    int64  `json:"line"`
	Code    string `json:"code"`
	Message string `json:"message"`
}

// Codes of rejections that are about a row's form. Others are those of the graph.
const (
	CodeMalformed = "MALFORMED"
	CodeInvalid   = "INVALID"
	CodeRepeated  = "REPEATED"
)

func (r *Row) reject(code, format string, args ...any) *Rejection {
	return &Rejection{r.Line, code, fmt.Sprintf(format, args...)}
}

// longest is how many characters a name, an id or another short text may have.
const longest = 255

// Check judges the row by itself; nil when its form is sound.
func (r *Row) Check() *Rejection {
	if bad := r.checkTexts(); bad != nil {
		return bad
	}
	if r.UUID != "" && uuid.Validate(r.UUID) != nil {
		return r.reject(CodeInvalid, "uuid: %q is none", r.UUID)
	}
	switch r.Type {
	case Person:
		return r.checkPerson()
	case Group:
		return r.checkGroup()
	case Property:
		return r.checkProperty()
	case Membership:
		return r.checkMembership()
	case Manager:
		if r.Person == "" || r.Manager == "" {
			return r.reject(CodeInvalid, "a manager's row names a person and a manager")
		}
		return nil
	}
	return r.reject(CodeInvalid, "type: must be person, group, property, membership or manager")
}

func (r *Row) checkTexts() *Rejection {
	texts := map[string]string{
		"id": r.ID, "name": r.Name, "email": r.Email, "title": r.Title, "role": text(r.Role), "state": text(r.State),
		"display_name": text(r.DisplayName), "department": text(r.Department), "data_source_id": text(r.DataSourceID),
	}
	for field, s := range texts {
		if n := utf8.RuneCountInString(s); n > longest {
			return r.reject(CodeInvalid, "%s: has %d characters, and %d are the limit", field, n, longest)
		}
		if !sound(s) {
			return r.reject(CodeInvalid, "%s: is no valid text", field)
		}
	}
	if d := text(r.Description); !sound(d) || utf8.RuneCountInString(d) > 1024 {
		return r.reject(CodeInvalid, "description: must be a text of at most 1024 characters")
	}
	return nil
}

func text(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

// sound reports whether both databases take a text.
func sound(s string) bool { return utf8.ValidString(s) && !strings.ContainsRune(s, 0) }

func blank(s string) bool { return strings.TrimSpace(s) == "" }

var profiles = map[string]graph.Profile{
	"account": graph.AccountProfile, "user": graph.UserProfile, "property": graph.PropertyProfile,
}

func (r *Row) checkPerson() *Rejection {
	if blank(r.Name) {
		return r.reject(CodeInvalid, "name: must not be blank")
	}
	if address, err := mail.ParseAddress(r.Email); err != nil || address.Address != r.Email {
		return r.reject(CodeInvalid, "email: %q is no address", r.Email)
	}
	if r.Status != "" && r.Status != graph.Active && r.Status != graph.Disabled {
		return r.reject(CodeInvalid, "status: must be active or disabled")
	}
	for _, p := range r.Profiles {
		if profiles[p] == 0 {
			return r.reject(CodeInvalid, "profiles: must be account, user or property")
		}
	}
	return r.checkUser()
}

func (r *Row) checkUser() *Rejection {
	u := r.User
	if (u != nil) != (r.profile()&graph.UserProfile != 0) {
		return r.reject(CodeInvalid, "user: goes with the profile user, and that with it")
	}
	if u == nil {
		return nil
	}
	if blank(u.FullName) {
		return r.reject(CodeInvalid, "user.full_name: must not be blank")
	}
	for _, s := range []string{u.FullName, text(u.PhoneNumber), text(u.JobTitle), text(u.Department)} {
		if !sound(s) || utf8.RuneCountInString(s) > longest {
			return r.reject(CodeInvalid, "user: its texts have at most %d characters", longest)
		}
	}
	if !slices.Contains(identity.Roles[roster.OrganizationAPI], u.Role) {
		return r.reject(CodeInvalid, "user.role: must be one of %s", strings.Join(identity.Roles[roster.OrganizationAPI], ", "))
	}
	if u.Status != identity.UserActive && u.Status != identity.UserDisabled {
		return r.reject(CodeInvalid, "user.status: must be ACTIVE or DISABLED")
	}
	return nil
}

// profile is the set of profiles that a person's row asks for.
func (r *Row) profile() (set graph.Profile) {
	for _, p := range r.Profiles {
		set |= profiles[p]
	}
	if set == 0 {
		return graph.AccountProfile
	}
	return set
}

func (r *Row) checkGroup() *Rejection {
	if blank(r.Name) {
		return r.reject(CodeInvalid, "name: must not be blank")
	}
	if _, known := graph.Rules[r.kind()]; !known || r.kind() == graph.Business {
		return r.reject(CodeInvalid, "kind: must be directory, organization or property")
	}
	if r.GroupType != "" && r.GroupType != "security" && r.GroupType != "distribution" {
		return r.reject(CodeInvalid, "group_type: must be security or distribution")
	}
	return nil
}

func (r *Row) kind() string {
	if r.Kind == "" {
		return graph.Directory
	}
	return r.Kind
}

func (r *Row) checkProperty() *Rejection {
	if blank(r.Title) {
		return r.reject(CodeInvalid, "title: must not be blank")
	}
	if r.UUID == "" {
		return r.reject(CodeInvalid, "uuid: a property needs one")
	}
	if len(r.Groups) == 0 {
		return r.reject(CodeInvalid, "groups: a property stands in one or more groups")
	}
	if len(r.Attributes) > 0 && (!json.Valid(r.Attributes) || r.Attributes[0] != '{') {
		return r.reject(CodeInvalid, "attributes: must be an object")
	}
	return nil
}

func (r *Row) checkMembership() *Rejection {
	if r.Group == "" || (r.Person == "") == (r.Child == "") {
		return r.reject(CodeInvalid, "a membership names its group, and a person or a child")
	}
	if len(r.Properties) > 0 && (!json.Valid(r.Properties) || r.Properties[0] != '{') {
		return r.reject(CodeInvalid, "properties: must be an object")
	}
	for _, at := range []*time.Time{r.StartsAt, r.ExpiresAt} {
		if at != nil && (at.Year() < 1970 || at.Year() > 9999) {
			return r.reject(CodeInvalid, "starts_at, expires_at: must lie between 1970 and 9999")
		}
	}
	return nil
}
