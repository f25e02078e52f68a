package admin

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/rosterhq/roster/internal/identity"
	"github.com/rosterhq/roster/internal/roster"
)

// Token is a token as commands print it. Text is there only when it was just made.
type Token struct {
	ID        int64      `json:"id"`
	API       roster.API `json:"api"`
	Role      string     `json:"role"`
	Name      string     `json:"name,omitempty"`
	PersonID  int64      `json:"person_id,omitempty"`
	CreatedAt time.Time  `json:"created_at"`
	ExpiresAt time.Time  `json:"expires_at"`
	RevokedAt time.Time  `json:"revoked_at,omitzero"`
	Text      string     `json:"token,omitempty"`
}

// NewToken says which token to make.
type NewToken struct {
	API  roster.API `json:"api"`
	Role string     `json:"role"`
	Name string     `json:"name"`
	// Email is the address of the person whose token it is; "" is a service.
	Email string `json:"email,omitempty"`
	// Person is the person's name, where the address is new.
	Person string `json:"person,omitempty"`
	// Seconds is how long it is good.
	Seconds int64 `json:"seconds"`
}

func spell(t identity.Token, text string) Token {
	return Token{t.ID, t.API, t.Role, t.Name, t.PersonID, t.CreatedAt, t.ExpiresAt, t.RevokedAt, text}
}

func (s *Server) listTokens(a roster.Actor, w http.ResponseWriter, r *http.Request) error {
	tokens, err := s.Identity.Tokens(r.Context(), a.Tenant.ID)
	if err != nil {
		return err
	}
	all := make([]Token, len(tokens))
	for i, t := range tokens {
		all[i] = spell(t, "")
	}
	return reply(w, all)
}

func (s *Server) createToken(a roster.Actor, w http.ResponseWriter, r *http.Request) error {
	var in NewToken
	if err := receive(r, &in); err != nil {
		return err
	}
	t := identity.Token{
		API: in.API, Role: in.Role, Name: in.Name,
		ExpiresAt: s.DB.Clock()().Add(time.Duration(in.Seconds) * time.Second),
	}
	secret := identity.NewSecret()
	if err := s.insertToken(r.Context(), a, &in, &t, secret); err != nil {
		return err
	}
	return reply(w, spell(t, identity.TokenText(a.Tenant.Name, secret)))
}

func (s *Server) revokeToken(a roster.Actor, w http.ResponseWriter, r *http.Request) error {
	id, err := strconv.ParseInt(r.PathValue("id"), 10, 64)
	if err != nil {
		return roster.FieldError("id", "a token's id is a number, as token list shows it")
	}
	return s.Identity.RevokeToken(r.Context(), a, id)
}

// Tokens lists a tenant's tokens in the order of their making.
func (c *Client) Tokens(ctx context.Context, tenant string) (all []Token, err error) {
	return all, c.call(ctx, http.MethodGet, below(tenant, "tokens"), nil, &all)
}

// CreateToken makes a token; its Text is not kept anywhere.
func (c *Client) CreateToken(ctx context.Context, tenant string, in NewToken) (t Token, err error) {
	return t, c.call(ctx, http.MethodPost, below(tenant, "tokens"), in, &t)
}

// RevokeToken ends a token. NotFound.
func (c *Client) RevokeToken(ctx context.Context, tenant string, id int64) error {
	return c.call(ctx, http.MethodDelete, below(tenant, "tokens/"+strconv.FormatInt(id, 10)), nil, nil)
}

// below spells the path of something in a tenant.
func below(tenant, path string) string { return "/tenants/" + url.PathEscape(tenant) + "/" + path }
