package authapi

import (
	"context"

	"github.com/rosterhq/roster/internal/identity"
	"github.com/rosterhq/roster/internal/roster"
)

type signUpIn struct {
	Device

	Body struct {
		Email     string `json:"email" minLength:"1" maxLength:"254"`
		FirstName string `json:"firstName,omitempty" maxLength:"100"`
		LastName  string `json:"lastName,omitempty" maxLength:"100"`
		Language  string `json:"language,omitempty" pattern:"^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8}){0,4}$" patternDescription:"a BCP 47 tag" example:"de-AT"`
		BranchID  int64  `json:"branchId,omitempty" minimum:"1" doc:"The branch of home; the tenant's first root, where absent."`
	}
}

func (h handlers) signUp(ctx context.Context, _ roster.Actor, in *signUpIn) (*void, error) {
	from, err := in.from(ctx, kind{})
	if err != nil {
		return nil, err
	}
	return done(h.identity.RequestSignUp(ctx, from, identity.SignUp(in.Body)))
}

type confirmSignUpIn struct {
	Device

	Body struct {
		Code     string `json:"code" minLength:"1" maxLength:"255"`
		Password string `json:"password,omitempty" doc:"8 to 1024 bytes; else 400 U101."`
	}
}

func (h handlers) confirmSignUp(ctx context.Context, _ roster.Actor, in *confirmSignUpIn) (*tokensOut, error) {
	from, err := in.from(ctx, kind{})
	if err != nil {
		return nil, err
	}
	return give(h.identity.ConfirmSignUp(ctx, from, in.Body.Code, in.Body.Password))
}
