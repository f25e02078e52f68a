package identity

import (
	"context"
	"slices"

	"github.com/rosterhq/roster/internal/graph"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/store"
)

// Profile holds what customers may change of themselves; nil leaves a field as it
// is, "" clears it.
type Profile struct {
	FirstName, LastName, Birthdate  *string
	Email, Phone                    *string
	Street, Postcode, City, Country *string
	Language                        *string
	Newsletter                      *bool
	CustomProperties                map[string]*string // merged by key; nil clears one
}

// UpdateProfile changes the actor's own profile of a customer. A new address or
// telephone number is not verified. Forbidden with CodeNotYours for name or date of
// birth while a verified document says them; Conflict with CodeLastMethod where
// nothing would be left to sign in with; else as UpdateCustomer.
func (i *Identity) UpdateProfile(ctx context.Context, a roster.Actor, match graph.Match, in Profile) (c *Customer, err error) {
	err = i.db.Write(ctx, a, func(tx *store.Tx) error {
		c, err = UpdateCustomer(tx, a.PersonID, match, func(c *Customer) error {
			before := *c
			in.apply(c)
			documented := c.LicenseState == "VERIFIED" || c.IDState == "VERIFIED"
			if documented && (c.FirstName != before.FirstName || c.LastName != before.LastName || c.Birthdate != before.Birthdate) {
				return roster.Errorf(roster.Forbidden, CodeNotYours, "name and date of birth are those of a verified document; ask the support to change them")
			}
			if err := KeepsSignIn(tx, &before, c); err != nil {
				return err
			}
			return CheckCustomProperties(c.CustomProperties)
		})
		return err
	})
	return c, err
}

// KeepsSignIn refuses to clear the address or number that the person's last way to sign
// in goes by. Conflict with CodeLastMethod.
func KeepsSignIn(tx *store.Tx, before, after *Customer) error {
	if (before.Email == "") == (after.Email == "") && (before.Phone == "") == (after.Phone == "") {
		return nil
	}
	has, err := SignInMethods(tx, []int64{after.ID})
	if err != nil {
		return err
	}
	if before.signsInBy(has[after.ID]) && !after.signsInBy(has[after.ID]) {
		return roster.Errorf(roster.Conflict, CodeLastMethod, "there is no other way to sign in")
	}
	return nil
}

// signsInBy reports whether one of the methods works: whether there is the address or the
// number that it goes by.
func (c *Customer) signsInBy(methods []string) bool {
	return slices.ContainsFunc(methods, func(method string) bool {
		return method == PhoneCode && c.Phone != "" || method != PhoneCode && c.Email != ""
	})
}

func (in *Profile) apply(c *Customer) {
	for _, f := range []struct {
		to   *string
		from *string
	}{
		{&c.FirstName, in.FirstName}, {&c.LastName, in.LastName}, {&c.Birthdate, in.Birthdate}, {&c.Street, in.Street}, {&c.Postcode, in.Postcode},
		{&c.City, in.City}, {&c.Country, in.Country}, {&c.Language, in.Language},
	} {
		if f.from != nil {
			*f.to = *f.from
		}
	}
	if in.Email != nil {
		c.SetEmail(*in.Email)
	}
	if in.Phone != nil && *in.Phone != c.Phone {
		c.Phone, c.PhoneVerified = *in.Phone, false
	}
	if in.Newsletter != nil {
		c.Newsletter = *in.Newsletter
	}
	for key, value := range in.CustomProperties {
		if value == nil {
			delete(c.CustomProperties, key)
			continue
		}
		if c.CustomProperties == nil {
			c.CustomProperties = map[string]string{}
		}
		c.CustomProperties[key] = *value
	}
}

// Bounds of custom properties (contract/mobility.md §4.1).
const (
	maxCustomProperties = 32
	maxCustomKey        = 64
	maxCustomValue      = 512
)

// CheckCustomProperties judges what somebody keeps with a customer, a business account
// or a member. Invalid with Field customProperties.
func CheckCustomProperties(all map[string]string) error {
	if len(all) > maxCustomProperties {
		return roster.FieldError("customProperties", "must have at most %d keys", maxCustomProperties)
	}
	for key, value := range all {
		if key == "" || len([]rune(key)) > maxCustomKey || len([]rune(value)) > maxCustomValue {
			return roster.FieldError("customProperties", "keys have 1 to %d characters, values %d at most", maxCustomKey, maxCustomValue)
		}
	}
	return nil
}
