package authapi

import (
	"context"
	"encoding/base64"

	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/wire"
)

type enrolment struct {
	Secret string `json:"secret" doc:"Base32, for who types it."`
	URL    string `json:"url" doc:"otpauth://…, for a QR code."`
}

type enrolmentOut struct{ Body enrolment }

func (h handlers) enroll(ctx context.Context, a roster.Actor, _ *struct{}) (*enrolmentOut, error) {
	e, err := h.identity.EnrollSecondFactor(ctx, a)
	if err != nil {
		return nil, err
	}
	return &enrolmentOut{enrolment{e.Secret, e.URL}}, nil
}

type confirmIn struct {
	Device

	Body struct {
		Code string `json:"code" minLength:"1" maxLength:"64" example:"042917"`
	}
}

func (h handlers) confirm(ctx context.Context, a roster.Actor, in *confirmIn) (*void, error) {
	return done(h.identity.ConfirmSecondFactor(ctx, a, in.Body.Code, in.Device.device(ctx)))
}

// jwk is a public key (RFC 8037).
type jwk struct {
	KeyType   string `json:"kty" enum:"OKP"`
	Curve     string `json:"crv" enum:"Ed25519"`
	X         string `json:"x"`
	KID       string `json:"kid"`
	Algorithm string `json:"alg" enum:"EdDSA"`
	Use       string `json:"use" enum:"sig"`
}

type keySet struct {
	Keys []jwk `json:"keys"`
}

type keysOut struct{ Body keySet }

func (h handlers) getKeys(ctx context.Context, _ roster.Actor, _ *struct{}) (*keysOut, error) {
	tenant, err := wire.TenantName(ctx)
	if err != nil {
		return nil, err
	}
	all, err := h.identity.PublicKeys(ctx, tenant)
	if err != nil {
		return nil, err
	}
	out := &keysOut{}
	for _, k := range all {
		out.Body.Keys = append(out.Body.Keys, jwk{"OKP", "Ed25519", base64.RawURLEncoding.EncodeToString(k.Key), k.KID, "EdDSA", "sig"})
	}
	return out, nil
}
