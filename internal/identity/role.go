package identity

import (
	"regexp"
	"slices"
	"strings"

	"github.com/rosterhq/roster/internal/graph"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/store"
)

// Role is a set of permissions that operators may have on a branch. Roles are data:
// what a new tenant has is StandardRoles.
type Role struct {
	Name        string
	Permissions []string // sorted
}

// Permissions are all that an operator may be allowed (contract/mobility.md §3.2;
// decision 10).
var Permissions = []string{
	"AUDIT_READ", "BUSINESS_UNIT_READ", "BUSINESS_UNIT_WRITE", "IDENTITY_CARD_READ", "IDENTITY_CARD_WRITE", "PAYMENT_SOURCE_READ",
	"RATING_READ", "RATING_TRIGGER", "RATING_WRITE", "RENTAL_REQUIREMENT_READ", "SETTING_READ", "SETTING_WRITE", "TERMS_ACCEPT",
	"TERMS_READ", "TERMS_WRITE", "USER_ACCESS_WRITE", "USER_DELETE", "USER_EXPORT", "USER_GROUP_BILLING_READ", "USER_GROUP_BILLING_WRITE",
	"USER_GROUP_DELETE", "USER_GROUP_MEMBER_WRITE", "USER_GROUP_READ", "USER_GROUP_WRITE", "USER_LIST", "USER_LOGOUT_BULK", "USER_READ",
	"USER_WRITE", "VERIFICATION_MEDIA_READ", "VERIFICATION_READ", "VERIFICATION_WRITE", "VOUCHER_CUSTOMER_CARE_WRITE",
}

// StandardRoles are the roles that a tenant has unless it says otherwise
// (contract/mobility.md §3.2; decision 10).
var StandardRoles = []Role{
	{"ADMIN", Permissions},
	{"FLEET_MANAGER", []string{
		"BUSINESS_UNIT_READ", "IDENTITY_CARD_READ", "IDENTITY_CARD_WRITE", "RENTAL_REQUIREMENT_READ", "SETTING_READ", "TERMS_READ", "USER_LIST", "USER_READ",
	}},
	{"SERVICE_AGENT", []string{"IDENTITY_CARD_READ", "RENTAL_REQUIREMENT_READ", "SETTING_READ"}},
	{"ACCOUNTING", []string{
		"BUSINESS_UNIT_READ", "PAYMENT_SOURCE_READ", "RATING_READ", "RATING_WRITE", "SETTING_READ", "TERMS_READ",
		"USER_GROUP_BILLING_READ", "USER_GROUP_BILLING_WRITE", "USER_GROUP_READ", "USER_LIST", "USER_READ",
	}},
	{"MARKETING", []string{"SETTING_READ", "TERMS_READ", "USER_LIST", "USER_READ", "VOUCHER_CUSTOMER_CARE_WRITE"}},
	{"CUSTOMER_SUPPORT", []string{
		"BUSINESS_UNIT_READ", "IDENTITY_CARD_READ", "IDENTITY_CARD_WRITE", "PAYMENT_SOURCE_READ", "RATING_READ", "RENTAL_REQUIREMENT_READ",
		"SETTING_READ", "TERMS_ACCEPT", "TERMS_READ", "USER_ACCESS_WRITE", "USER_GROUP_MEMBER_WRITE", "USER_GROUP_READ", "USER_LIST", "USER_READ",
		"USER_WRITE", "VERIFICATION_READ", "VERIFICATION_WRITE", "VOUCHER_CUSTOMER_CARE_WRITE",
	}},
}

var (
	roleAll = store.Q("role.all", `SELECT name, permissions FROM operator_roles WHERE tenant = $1 ORDER BY name`).
		Whole("a tenant has few roles, and all are wanted")
	rolePut = store.Q("role.put", `INSERT INTO operator_roles (tenant, name, permissions, revision) VALUES ($1, $2, $3, $4)
		ON CONFLICT (tenant, name) DO UPDATE SET permissions = excluded.permissions, revision = excluded.revision`)
	assignmentFind = store.Q("role_assignment.find", `SELECT 1 FROM role_assignments
		WHERE tenant = $1 AND person_id = $2 AND client_id = $3 AND role = $4 AND branch_id = $5`)
	assignmentInsert = store.Q("role_assignment.insert", `INSERT INTO role_assignments (tenant, person_id, client_id, role, branch_id, created_at)
		VALUES ($1, $2, $3, $4, $5, $6)`)
)

// OperatorRoles reads the tenant's roles, by name.
func OperatorRoles(tx *store.Tx) ([]Role, error) {
	return store.All(tx, roleAll, func(s store.Scanner) (r Role, err error) {
		var permissions string
		err = s.Scan(&r.Name, &permissions)
		r.Permissions = splitList(permissions)
		return r, err
	})
}

var roleName = regexp.MustCompile(`^[A-Z][A-Z0-9_]{1,63}$`)

// PutRole has the role of that name hold those permissions, and reports whether
// that changed anything. Invalid for a name that is none or an unknown permission.
func PutRole(tx *store.Tx, r Role) (changed bool, err error) {
	if !roleName.MatchString(r.Name) {
		return false, roster.FieldError("name", "must be 2 to 64 capital letters, digits and underscores, the first a letter")
	}
	for _, p := range r.Permissions {
		if !slices.Contains(Permissions, p) {
			return false, roster.FieldError("permissions", "must be permissions that there are, not %q", p)
		}
	}
	r.Permissions = slices.Compact(slices.Sorted(slices.Values(r.Permissions)))
	all, err := OperatorRoles(tx)
	if err != nil {
		return false, err
	}
	c := roster.Change{Operation: "role.put", SubjectType: "role", After: map[string]any{"name": r.Name, "permissions": r.Permissions}}
	if i := slices.IndexFunc(all, func(o Role) bool { return o.Name == r.Name }); i >= 0 {
		if slices.Equal(all[i].Permissions, r.Permissions) {
			return false, nil
		}
		c.Before = map[string]any{"name": r.Name, "permissions": all[i].Permissions}
	}
	if _, err := tx.Exec(rolePut, r.Name, strings.Join(r.Permissions, ","), tx.Revision); err != nil {
		return false, err
	}
	tx.Record(c)
	return true, nil
}

// Assignee is who gets a role: an operator, or an API client.
type Assignee struct {
	PersonID int64
	ClientID string
}

// AssignRole gives an operator or a client a role on a branch and those below it,
// and reports whether that changed anything. NotFound for an unknown branch or a
// person who is no operator, Invalid for an unknown role.
func AssignRole(tx *store.Tx, to Assignee, role string, branch int64) (changed bool, err error) {
	if to.ClientID == "" {
		if _, err := WithProfile(tx, to.PersonID, graph.OperatorProfile); err != nil {
			return false, err
		}
	}
	t, err := Branches(tx)
	if err != nil {
		return false, err
	}
	if _, err := t.Find(branch); err != nil {
		return false, err
	}
	all, err := OperatorRoles(tx)
	if err != nil {
		return false, err
	}
	if !slices.ContainsFunc(all, func(r Role) bool { return r.Name == role }) {
		return false, roster.FieldError("role", "there is no role %q", role)
	}
	has, err := tx.Exists(assignmentFind, to.PersonID, to.ClientID, role, branch)
	if err != nil || has {
		return false, err
	}
	if _, err := tx.Exec(assignmentInsert, to.PersonID, to.ClientID, role, branch, tx.Now); err != nil {
		return false, err
	}
	tx.Record(roster.Change{Operation: "role.assign", SubjectType: "role_assignment", SubjectID: to.PersonID, ObjectID: branch, After: map[string]any{
		"role": role, "clientId": to.ClientID,
	}})
	return true, nil
}

// PutOperator gives the person with that address the profile of an operator, and
// makes the person where there is none; it adds no way to sign in. It reports
// whether that changed anything.
func PutOperator(tx *store.Tx, email, name string) (p *graph.Person, changed bool, err error) {
	p, err = graph.PersonByEmail(tx, email)
	if err == nil && p.Has(graph.OperatorProfile) {
		return p, false, nil
	}
	if err != nil && !roster.IsKind(err, roster.NotFound) {
		return nil, false, err
	}
	if err := checkCustomerEmail(tx, email, false); err != nil || email == "" {
		return nil, false, roster.FieldError("email", "is no valid email address")
	}
	p, err = AddProfile(tx, email, graph.OperatorProfile, func(p *graph.Person, fresh bool) {
		if fresh {
			p.Name = name
		}
	})
	return p, err == nil, err
}

// splitList reads a list that is stored separated by commas.
func splitList(list string) []string {
	if list == "" {
		return nil
	}
	return strings.Split(list, ",")
}
