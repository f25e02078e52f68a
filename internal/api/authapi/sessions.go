package authapi

import (
	"context"

	"github.com/rosterhq/roster/internal/roster"
)

type refreshIn struct {
	Device

	Body struct {
		RefreshToken string `json:"refreshToken" minLength:"1" maxLength:"255"`
	}
}

func (h handlers) refresh(ctx context.Context, _ roster.Actor, in *refreshIn) (*tokensOut, error) {
	from, err := in.from(ctx, kind{})
	if err != nil {
		return nil, err
	}
	return give(h.identity.Refresh(ctx, from, in.Body.RefreshToken))
}

func (h handlers) logOut(ctx context.Context, _ roster.Actor, in *refreshIn) (*void, error) {
	from, err := in.from(ctx, kind{})
	if err != nil {
		return nil, err
	}
	return done(h.identity.LogOut(ctx, from, in.Body.RefreshToken))
}

func (h handlers) requestPasswordReset(ctx context.Context, _ roster.Actor, in *emailIn) (*void, error) {
	from, err := in.from(ctx, kind{})
	if err != nil {
		return nil, err
	}
	return done(h.identity.RequestPasswordReset(ctx, from, in.Body.Email))
}

type setPasswordIn struct {
	Device

	Code string `path:"code"`
	Body struct {
		Password string `json:"password" doc:"8 to 1024 bytes; else 400 U101."`
	}
}

func (h handlers) setPassword(ctx context.Context, _ roster.Actor, in *setPasswordIn) (*void, error) {
	from, err := in.from(ctx, kind{})
	if err != nil {
		return nil, err
	}
	return done(h.identity.SetPassword(ctx, from, in.Code, in.Body.Password))
}
