package identity

import (
	"cmp"
	"context"
	"encoding/json"
	"net/mail"

	"github.com/rosterhq/roster/internal/graph"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/store"
)

// SignUp is what somebody says who wants to be a customer. It is kept for a day until
// the code that is mailed to the address is confirmed, and no longer.
type SignUp struct {
	Email     string `json:"email"`
	FirstName string `json:"firstName,omitempty"`
	LastName  string `json:"lastName,omitempty"`
	Language  string `json:"language,omitempty"`
	BranchID  int64  `json:"branchId,omitempty"` // of home; 0 for the tenant's first root
}

// RequestSignUp has a code for ConfirmSignUp be mailed, or word that there is an
// account already. Nothing is attached to anybody until then, and the answer is the
// same for all. NotFound with CodeNoBranch, Invalid for an address that is none. At
// most five an hour are sent to an address; beyond that nothing happens.
func (i *Identity) RequestSignUp(ctx context.Context, from From, in SignUp) error {
	if address, err := mail.ParseAddress(in.Email); err != nil || address.Address != in.Email || len(in.Email) > maxEmail {
		return roster.FieldError("email", "is no valid email address")
	}
	tenant, err := i.db.Tenant(ctx, from.Tenant)
	if err != nil {
		return err
	}
	return i.db.Write(ctx, from.actor(tenant, anonymous, 0), func(tx *store.Tx) error {
		t, err := Branches(tx)
		if err != nil {
			return err
		}
		if in.BranchID == 0 {
			in.BranchID = t.FirstRoot()
		}
		if _, err := t.Find(in.BranchID); err != nil {
			return err
		}
		return sendCode(tx, signUpPurpose, graph.Key(in.Email), 0, in)
	})
}

const maxEmail = 254

// FirstRoot is the first branch that lies below none; 0 where there are no branches.
func (t *Tree) FirstRoot() int64 {
	for _, id := range t.ids {
		if t.byID[id].ParentID == 0 {
			return id
		}
	}
	return 0
}

// ConfirmSignUp makes whoever brings the code of RequestSignUp a customer and signs
// them in: somebody new, or the person who has the address already. They sign in by
// the password from now on, or by codes that are mailed where it is "". A customer
// whom somebody else made, without a way to sign in, is theirs by that. It fails as
// SignInEmail, or is Invalid with CodeBadPassword.
func (i *Identity) ConfirmSignUp(ctx context.Context, from From, text, password string) (*Tokens, error) {
	from.Type = RoleUser
	s, err := i.begin(ctx, from)
	if err != nil {
		return nil, err
	}
	// A code that is not good costs no hashing.
	err = i.db.Read(ctx, s.tenant.ID, func(tx *store.Tx) error {
		c, err := i.findLong(tx, signUpPurpose, text)
		if err == nil && c == nil {
			err = errCredentials()
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	method, hash := EmailCode, PasswordHash("")
	if password != "" {
		method = EmailPassword
		if hash, err = hashNewPassword(ctx, password); err != nil {
			return nil, err
		}
	}
	return s.write(ctx, anonymous, 0, func(tx *store.Tx) error {
		c, err := i.findLong(tx, signUpPurpose, text)
		if err != nil || c == nil {
			return cmp.Or(err, errCredentials())
		}
		if err := c.end(tx); err != nil {
			return err
		}
		var in SignUp
		if err := json.Unmarshal([]byte(c.details), &in); err != nil {
			return err
		}
		return s.join(tx, in, method, hash)
	})
}

// join makes the owner of an address a customer with a way to sign in, and lets them in.
func (s *signIn) join(tx *store.Tx, in SignUp, method string, hash PasswordHash) error {
	person, err := signedUp(tx, in)
	if err != nil || person == 0 {
		s.failure = errCredentials()
		return err
	}
	if hash != "" {
		// Who had the password before had it by somebody else's word, perhaps.
		if _, err := RevokeSessions(tx, person); err != nil {
			return err
		}
		if err := PutPassword(tx, person, hash); err != nil {
			return err
		}
	}
	if _, err := AddSignInMethod(tx, person, method); err != nil {
		return err
	}
	w, err := findWho(tx, whoByID, method, person)
	if err != nil {
		return err
	}
	return s.open(tx, w, method)
}

// signedUp returns the customer that an address belongs to from now on; 0 where it
// has been theirs: a customer with a way to sign in.
func signedUp(tx *store.Tx, in SignUp) (person int64, err error) {
	w, err := findWho(tx, whoByEmail, "", graph.Key(in.Email))
	if err != nil {
		return 0, err
	}
	if w == nil || !isWho(RoleUser, w.profiles, w.block) {
		c := &Customer{
			Email: in.Email, EmailVerified: true, FirstName: in.FirstName, LastName: in.LastName, Language: in.Language, HomeBranchID: in.BranchID,
		}
		err := InsertCustomer(tx, c)
		return c.ID, err
	}
	if has, err := hasMethods(tx, w.id); err != nil || has {
		return 0, err
	}
	_, err = UpdateCustomer(tx, w.id, nil, func(c *Customer) error {
		// Whoever made the profile for somebody who was there before acts for them no more.
		c.EmailVerified, c.MadeByClient = true, ""
		return nil
	})
	return w.id, err
}

func hasMethods(tx *store.Tx, person int64) (bool, error) {
	methods, err := SignInMethods(tx, []int64{person})
	return len(methods[person]) > 0, err
}
