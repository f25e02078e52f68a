package authapi

import (
	"context"

	"github.com/rosterhq/roster/internal/identity"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/wire"
)

// Device is the part of a request that tells from where it comes.
type Device struct {
	UserAgent string `header:"User-Agent" hidden:"true"`
}

// kind is what somebody signs in as.
type kind struct {
	Type string `json:"type,omitempty" enum:"USER,OPERATOR" doc:"Extension. As what, for who is both; a customer then, where absent."`
}

// from says where somebody signs in, and from where.
func (d Device) from(ctx context.Context, k kind) (identity.From, error) {
	tenant, err := wire.TenantName(ctx)
	return identity.From{Tenant: tenant, Type: k.Type, Device: d.device(ctx)}, err
}

func (d Device) device(ctx context.Context) identity.Device {
	return identity.Device{UserAgent: d.UserAgent, Address: wire.ClientAddress(ctx).String(), RequestID: wire.RequestID(ctx)}
}

// tokens are the answer to every sign-in.
type tokens struct {
	AccessToken  string `json:"accessToken" doc:"A JWT, for Authorization: Bearer."`
	RefreshToken string `json:"refreshToken" doc:"Good once, at /refresh-token."`
}

type tokensOut struct{ Body tokens }

// give answers with the tokens of a sign-in.
func give(t *identity.Tokens, err error) (*tokensOut, error) {
	if err != nil {
		return nil, err
	}
	return &tokensOut{tokens{t.Access, t.Refresh}}, nil
}

// void is an answer that says nothing.
type void struct{ Body struct{} }

func done(err error) (*void, error) {
	if err != nil {
		return nil, err
	}
	return &void{}, nil
}

type signInEmailIn struct {
	Device

	Body struct {
		kind

		Email    string `json:"email" minLength:"1" maxLength:"254"`
		Password string `json:"password" minLength:"1" maxLength:"1024"`
	}
}

func (h handlers) signInEmail(ctx context.Context, _ roster.Actor, in *signInEmailIn) (*tokensOut, error) {
	from, err := in.from(ctx, in.Body.kind)
	if err != nil {
		return nil, err
	}
	return give(h.identity.SignInEmail(ctx, from, in.Body.Email, in.Body.Password))
}

type signInEmailCodeIn struct {
	Device

	Body struct {
		kind

		Email string `json:"email" minLength:"1" maxLength:"254"`
		Code  string `json:"code" minLength:"1" maxLength:"64" example:"042917"`
	}
}

func (h handlers) signInEmailCode(ctx context.Context, _ roster.Actor, in *signInEmailCodeIn) (*tokensOut, error) {
	from, err := in.from(ctx, in.Body.kind)
	if err != nil {
		return nil, err
	}
	return give(h.identity.SignInEmailCode(ctx, from, in.Body.Email, in.Body.Code))
}

type signInPhoneIn struct {
	Device

	Body struct {
		kind

		Phone string `json:"phone" minLength:"1" maxLength:"32" example:"+4366012345678"`
		Code  string `json:"code" minLength:"1" maxLength:"64" example:"042917"`
	}
}

func (h handlers) signInPhone(ctx context.Context, _ roster.Actor, in *signInPhoneIn) (*tokensOut, error) {
	from, err := in.from(ctx, in.Body.kind)
	if err != nil {
		return nil, err
	}
	return give(h.identity.SignInPhone(ctx, from, in.Body.Phone, in.Body.Code))
}

type signInClientIn struct {
	Device

	Body struct {
		ClientID  string     `json:"clientId" minLength:"1" maxLength:"255"`
		ClientKey string     `json:"clientKey" minLength:"1" maxLength:"255"`
		API       roster.API `json:"api,omitempty" enum:"user,operations" doc:"Extension. The API that the tokens are for; the client's own, where absent."`
	}
}

func (h handlers) signInClient(ctx context.Context, _ roster.Actor, in *signInClientIn) (*tokensOut, error) {
	from, err := in.from(ctx, kind{})
	if err != nil {
		return nil, err
	}
	return give(h.identity.SignInClient(ctx, from, in.Body.ClientID, in.Body.ClientKey, in.Body.API))
}

type signInSecondFactorIn struct {
	Device

	Body struct {
		Token string `json:"mfaToken" minLength:"1" maxLength:"255"`
		Code  string `json:"code" minLength:"1" maxLength:"64" example:"042917"`
	}
}

func (h handlers) signInSecondFactor(ctx context.Context, _ roster.Actor, in *signInSecondFactorIn) (*tokensOut, error) {
	from, err := in.from(ctx, kind{})
	if err != nil {
		return nil, err
	}
	return give(h.identity.SignInSecondFactor(ctx, from, in.Body.Token, in.Body.Code))
}

type emailIn struct {
	Device

	Body struct {
		Email string `json:"email" minLength:"1" maxLength:"254"`
	}
}

func (h handlers) requestEmailCode(ctx context.Context, _ roster.Actor, in *emailIn) (*void, error) {
	from, err := in.from(ctx, kind{})
	if err != nil {
		return nil, err
	}
	return done(h.identity.RequestEmailCode(ctx, from, in.Body.Email))
}

type phoneIn struct {
	Device

	Body struct {
		Phone string `json:"phone" minLength:"1" maxLength:"32" example:"+4366012345678"`
	}
}

func (h handlers) requestPhoneCode(ctx context.Context, _ roster.Actor, in *phoneIn) (*void, error) {
	from, err := in.from(ctx, kind{})
	if err != nil {
		return nil, err
	}
	return done(h.identity.RequestPhoneCode(ctx, from, in.Body.Phone))
}
