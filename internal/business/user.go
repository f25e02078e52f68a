package business

import (
	"strings"

	"github.com/rosterhq/roster/internal/identity"
	"github.com/rosterhq/roster/internal/store"
)

// User is a person as other people of an account see one.
type User struct {
	ID                  int64
	FirstName, LastName string
	Email               string
	Phone               string // masked for managers, whole for operators
}

func userOf(c *identity.Customer) *User {
	return &User{c.ID, c.FirstName, c.LastName, c.Email, c.Phone}
}

// phoneShown is how many of a telephone number's characters managers see at either end.
const phoneShown = 3

// masked returns the user as managers see one.
func (u *User) masked() *User {
	shown := *u
	if n := len(u.Phone); n > 2*phoneShown {
		shown.Phone = u.Phone[:phoneShown] + strings.Repeat("*", n-2*phoneShown) + u.Phone[n-phoneShown:]
	}
	return &shown
}

// usersByID reads people as managers see them, those who live, by id.
func usersByID(tx *store.Tx, ids []int64) (map[int64]*User, error) {
	users, err := wholeUsersByID(tx, ids)
	for id, u := range users {
		users[id] = u.masked()
	}
	return users, err
}

// wholeUsersByID reads people as operators see them, those who live, by id.
func wholeUsersByID(tx *store.Tx, ids []int64) (map[int64]*User, error) {
	customers, err := identity.CustomersByID(tx, ids)
	users := make(map[int64]*User, len(customers))
	for id, c := range customers {
		users[id] = userOf(c)
	}
	return users, err
}
