package authapi

import (
	"context"

	"github.com/rosterhq/roster/internal/roster"
)

type channel struct {
	Channel string `json:"channel" enum:"EMAIL,PHONE"`
}

type requestVerificationIn struct{ Body channel }

func (h handlers) requestVerification(ctx context.Context, a roster.Actor, in *requestVerificationIn) (*void, error) {
	return done(h.identity.RequestOwnCode(ctx, a, in.Body.Channel))
}

type verifyIn struct {
	Device

	Body struct {
		channel

		Code string `json:"code" minLength:"1" maxLength:"64" example:"042917"`
	}
}

func (h handlers) verify(ctx context.Context, a roster.Actor, in *verifyIn) (*void, error) {
	return done(h.identity.VerifyOwn(ctx, a, in.Body.Channel, in.Body.Code, in.Device.device(ctx)))
}
