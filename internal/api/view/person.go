package view

import "github.com/rosterhq/roster/internal/business"

// Person is somebody as others see them.
type Person struct {
	ID        int64  `json:"id"`
	FirstName string `json:"firstName,omitempty"`
	LastName  string `json:"lastName,omitempty"`
	Email     string `json:"email,omitempty"`
	Phone     string `json:"phone,omitempty" doc:"Masked, but for operators."`
}

// NewPerson shows a person as others of a group see them; nil for nobody.
func NewPerson(u *business.User) *Person {
	if u == nil {
		return nil
	}
	return &Person{u.ID, u.FirstName, u.LastName, u.Email, u.Phone}
}
