package propertyapi

import (
	"context"

	"github.com/rosterhq/roster/internal/identity"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/wire"
)

type signInIn struct {
	Tenant string `header:"Roster-Tenant" doc:"Extension. The tenant, where the host does not name it."`
	Body   struct {
		User signInFields `json:"user"`
	}
}

type signInFields struct {
	Email    string `json:"email" minLength:"1" maxLength:"255"`
	Password string `json:"password" minLength:"1" maxLength:"1024"`
}

// session is a sign-in that succeeded.
type session struct {
	Type          string               `json:"type" enum:"session"`
	Attributes    sessionAttributes    `json:"attributes"`
	Relationships sessionRelationships `json:"relationships"`
}

type sessionAttributes struct {
	Token string `json:"token" doc:"For Authorization: Bearer, or user-api-key."`
}

type sessionRelationships struct {
	User toUser `json:"user"`
}

type sessionOut struct{ Body oneSession }

type oneSession struct {
	Data session `json:"data"`
}

func (h handlers) signIn(ctx context.Context, _ roster.Actor, in *signInIn) (*sessionOut, error) {
	tenant, err := wire.TenantName(ctx)
	if err != nil {
		return nil, err
	}
	s, err := h.lodging.SignIn(ctx, identity.Credentials{
		Tenant: tenant, Email: in.Body.User.Email, Password: in.Body.User.Password,
		Address: wire.ClientAddress(ctx).String(), RequestID: wire.RequestID(ctx),
	})
	if err != nil {
		return nil, err
	}
	out := &sessionOut{}
	out.Body.Data.Type = sessionType
	out.Body.Data.Attributes.Token = s.Token
	out.Body.Data.Relationships.User.Data = newUser(s.Person.UUID, s.Person.Email, s.Person.Name)
	return out, nil
}
