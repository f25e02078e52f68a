package admin

import (
	"context"
	"net/http"

	"github.com/rosterhq/roster/internal/roster"
)

// SigningKeys are the ids of the keys of a tenant's access tokens: of the one that
// signs, and of all that verify, the newest first.
type SigningKeys struct {
	KID    string   `json:"kid"`
	Verify []string `json:"verify"`
}

func (s *Server) rotateSigningKey(a roster.Actor, w http.ResponseWriter, r *http.Request) error {
	if err := s.Identity.RotateSigningKey(r.Context(), a); err != nil {
		return err
	}
	keys, err := s.Identity.PublicKeys(r.Context(), a.Tenant.Name)
	if err != nil {
		return err
	}
	out := SigningKeys{KID: keys[0].KID}
	for _, k := range keys {
		out.Verify = append(out.Verify, k.KID)
	}
	return reply(w, out)
}

// RotateSigningKey has a new key sign a tenant's access tokens from now on. What the
// others signed stays good until it ends. NotFound.
func (c *Client) RotateSigningKey(ctx context.Context, tenant string) (keys SigningKeys, err error) {
	return keys, c.call(ctx, http.MethodPost, below(tenant, "signing-key"), nil, &keys)
}
