package identity

import (
	"encoding/json"

	"github.com/rosterhq/roster/internal/store"
)

// Listed is what lists of customers are searched and filtered by.
type Listed struct {
	ID, HomeBranchID    int64
	FirstName, LastName string
	Email, Phone        string
	BlockState          string
	LicenseState        string
	LicenseExpires      string // YYYY-MM-DD; "" where it is not known
	SignupSettled       bool
	Impersonated        bool // made by an API client, which acts for them
	Tags                []string
}

// CustomerPut is the effect of every write of a customer, for those who keep in memory
// what lists need.
type CustomerPut struct{ Listed }

func emitCustomer(tx *store.Tx, c *Customer) {
	tx.Emit(CustomerPut{Listed{
		c.ID, c.HomeBranchID, c.FirstName, c.LastName, c.Email, c.Phone, c.BlockState, c.LicenseState, c.LicenseExpires, c.SignupSettled, c.MadeByClient != "", c.Tags,
	}})
}

const listedColumns = `c.id, c.home_branch_id, c.first_name, c.last_name, coalesce(p.email, ''), c.phone, c.block_state, c.license_state, c.license_expires, c.signup_settled,
		c.made_by_client <> '', c.tags`

// A deleted customer's person may be no more.
const fromAnyCustomers = ` FROM customers c
		LEFT JOIN people p ON p.tenant = c.tenant AND p.id = c.id AND p.recorded_to = 9223372036854775807 `

var (
	listedAll = store.Q("customer.listed_all", `SELECT `+listedColumns+fromAnyCustomers+`WHERE c.tenant = $1 ORDER BY c.id`).
			Whole("the search of customers is built from all at start")
	listedByID = store.Q("customer.listed_by_id", `SELECT `+listedColumns+fromAnyCustomers+`WHERE c.tenant = $1 AND c.id IN ($2)`).In()
	operators  = store.Q("person.operators", `SELECT id FROM people
		WHERE tenant = $1 AND (profiles & 16) = 16 AND recorded_to = 9223372036854775807`).
		Whole("operators are few, and an index has them alone")
)

func eachListed(fn func(Listed)) func(store.Scanner) error {
	return func(s store.Scanner) error {
		var l Listed
		var tags string
		err := s.Scan(&l.ID, &l.HomeBranchID, &l.FirstName, &l.LastName, &l.Email, &l.Phone, &l.BlockState, &l.LicenseState, &l.LicenseExpires, &l.SignupSettled, &l.Impersonated, &tags)
		if err == nil && tags != "[]" {
			err = json.Unmarshal([]byte(tags), &l.Tags)
		}
		if err == nil {
			fn(l)
		}
		return err
	}
}

// EachListed reads all customers, deleted ones too, by id.
func EachListed(tx *store.Tx, fn func(Listed)) error { return tx.Each(listedAll, eachListed(fn)) }

// EachListedOf reads those of the customers that there are, in no order.
func EachListedOf(tx *store.Tx, ids []int64, fn func(Listed)) error {
	return tx.EachIn(listedByID, ids, eachListed(fn))
}

// Operators reads who has the profile of an operator.
func Operators(tx *store.Tx) (map[int64]bool, error) {
	ids := map[int64]bool{}
	err := tx.Each(operators, func(s store.Scanner) error {
		var id int64
		err := s.Scan(&id)
		ids[id] = true
		return err
	})
	return ids, err
}
