package identity

import "github.com/rosterhq/roster/internal/store"

var (
	customersAtHome = store.Q("customer.at_home", `SELECT id FROM customers WHERE tenant = $1 AND home_branch_id IN ($2)`).In()
	assignedAt      = store.Q("role_assignment.people_at", `SELECT person_id FROM role_assignments
		WHERE tenant = $1 AND person_id <> 0 AND role = $2 AND branch_id IN ($3)`).In()
	familiesOpen = store.Q("token_family.open", `SELECT `+familyColumns+` FROM token_families f
		WHERE f.tenant = $1 AND f.expires_at > $2 AND f.revoked_at = 0 AND f.type = $3 AND f.person_id <> 0 ORDER BY f.expires_at, f.id`)
)

func peopleIn(people map[int64]bool) func(store.Scanner) error {
	return func(s store.Scanner) error {
		var id int64
		err := s.Scan(&id)
		people[id] = true
		return err
	}
}

// AtHome reads the customers who are at home in one of the branches.
func AtHome(tx *store.Tx, branches []int64) (map[int64]bool, error) {
	people := map[int64]bool{}
	return people, tx.EachIn(customersAtHome, branches, peopleIn(people))
}

// AssignedTo reads the operators to whom a role is assigned on one of the branches.
func AssignedTo(tx *store.Tx, role string, branches []int64) (map[int64]bool, error) {
	people := map[int64]bool{}
	return people, tx.EachIn(assignedAt, branches, peopleIn(people), role)
}

// OpenFamilies reads the sessions of all who signed in as that, customers or
// operators, which are not over.
func OpenFamilies(tx *store.Tx, kind string) ([]Family, error) {
	return store.All(tx, familiesOpen, scanFamily, tx.Now, kind)
}
