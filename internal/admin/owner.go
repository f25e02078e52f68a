package admin

import (
	"cmp"
	"context"
	"net/mail"
	"slices"

	"github.com/rosterhq/roster/internal/graph"
	"github.com/rosterhq/roster/internal/identity"
	"github.com/rosterhq/roster/internal/lodging"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/store"
)

// owner finds the person with an address whose token is made, and gives them the
// profile of the token's API where they lack it. An organization's user has a role
// of their own, which is to be the token's.
func owner(tx *store.Tx, in *NewToken) (person int64, err error) {
	profile := map[roster.API]graph.Profile{
		roster.DirectoryAPI: graph.AccountProfile, roster.OrganizationAPI: graph.UserProfile, roster.PropertyAPI: graph.PropertyProfile,
	}[in.API]
	if !slices.Contains(identity.Roles[in.API], in.Role) {
		return 0, nil // which the token's own check tells
	}
	switch in.API {
	case roster.UserAPI:
		return customer(tx, in)
	case roster.OperationsAPI:
		return operator(tx, in)
	}
	if address, err := mail.ParseAddress(in.Email); err != nil || address.Address != in.Email {
		return 0, roster.FieldError("email", "%q is no address", in.Email)
	}
	p, err := graph.PersonByEmail(tx, in.Email)
	switch {
	case err != nil && !roster.IsKind(err, roster.NotFound):
		return 0, err
	case err == nil && p.Has(profile) && in.API == roster.OrganizationAPI:
		return p.ID, sameRole(tx, p, in.Role)
	case err == nil && p.Has(profile):
		return p.ID, nil
	}
	name := in.Person
	if name == "" {
		name = in.Email
	}
	if in.API == roster.OrganizationAPI {
		u := &identity.User{Email: in.Email, FullName: name, Role: in.Role}
		err := identity.InsertUser(tx, u)
		return u.ID, err
	}
	p, err = identity.AddProfile(tx, in.Email, profile, func(p *graph.Person, fresh bool) {
		if fresh || in.Person != "" && profile == graph.AccountProfile {
			p.Name = name
		}
	})
	if err != nil {
		return 0, err
	}
	return p.ID, nil
}

// customer finds the customer with an address, or makes one, at home at the tenant's
// first root.
func customer(tx *store.Tx, in *NewToken) (int64, error) {
	c, err := identity.CustomerByEmail(tx, in.Email)
	if err == nil || !roster.IsKind(err, roster.NotFound) {
		return idOf(c), err
	}
	t, err := identity.Branches(tx)
	if err != nil {
		return 0, err
	}
	c = &identity.Customer{Email: in.Email, FirstName: in.Person, HomeBranchID: t.FirstRoot()}
	if c.HomeBranchID == 0 {
		return 0, roster.FieldError("email", "a new customer has a branch of home, and there is none yet: roster apply makes branches")
	}
	err = identity.InsertCustomer(tx, c)
	return c.ID, err
}

func idOf(c *identity.Customer) int64 {
	if c == nil {
		return 0
	}
	return c.ID
}

// operator finds the operator with an address, or makes one, without a role.
func operator(tx *store.Tx, in *NewToken) (int64, error) {
	p, _, err := identity.PutOperator(tx, in.Email, cmp.Or(in.Person, in.Email))
	if err != nil {
		return 0, err
	}
	return p.ID, nil
}

func sameRole(tx *store.Tx, p *graph.Person, role string) error {
	u, err := identity.UserByUUID(tx, p.UUID)
	if err == nil && u.Role != role {
		return roster.FieldError("role", "this user is %s in the organization: a token of theirs has that role", u.Role)
	}
	return err
}

// insertToken makes a token, and its owner where there is to be one.
func (s *Server) insertToken(ctx context.Context, a roster.Actor, in *NewToken, t *identity.Token, secret []byte) error {
	if in.Email == "" && in.API == roster.PropertyAPI && in.Role == lodging.UserToken {
		return roster.FieldError("email", "a property token of the role user is a person's: give --email")
	}
	if in.Role == identity.RoleAPIClient {
		return roster.FieldError("role", "programs sign in as API clients: roster apply makes them")
	}
	return s.DB.Write(ctx, a, func(tx *store.Tx) (err error) {
		if in.Email != "" {
			if t.PersonID, err = owner(tx, in); err != nil {
				return err
			}
		}
		return identity.InsertToken(tx, t, secret)
	})
}
