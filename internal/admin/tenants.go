package admin

import (
	"context"
	"net/http"

	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/store"
)

// Tenant is a tenant as commands print it.
type Tenant struct {
	Name     string `json:"name"`
	Revision int64  `json:"revision"`
}

func (s *Server) version(_ roster.Actor, w http.ResponseWriter, _ *http.Request) error {
	return reply(w, s.Version)
}

func (s *Server) listTenants(_ roster.Actor, w http.ResponseWriter, r *http.Request) error {
	tenants, err := s.DB.Tenants(r.Context())
	if err != nil {
		return err
	}
	all := make([]Tenant, len(tenants))
	for i, t := range tenants {
		if all[i], err = s.describe(r.Context(), t); err != nil {
			return err
		}
	}
	return reply(w, all)
}

func (s *Server) createTenant(a roster.Actor, w http.ResponseWriter, r *http.Request) error {
	var in Tenant
	if err := receive(r, &in); err != nil {
		return err
	}
	t, err := s.DB.CreateTenant(r.Context(), a, in.Name)
	if err != nil {
		return err
	}
	made, err := s.describe(r.Context(), t)
	if err != nil {
		return err
	}
	return reply(w, made)
}

func (s *Server) describe(ctx context.Context, t roster.Tenant) (Tenant, error) {
	out := Tenant{Name: t.Name}
	err := s.DB.Read(ctx, t.ID, func(tx *store.Tx) error {
		out.Revision = tx.Revision
		return nil
	})
	return out, err
}

// Tenants lists the tenants in the order of their making.
func (c *Client) Tenants(ctx context.Context) (all []Tenant, err error) {
	return all, c.call(ctx, http.MethodGet, "/tenants", nil, &all)
}

// CreateTenant makes a tenant. Exists, Invalid.
func (c *Client) CreateTenant(ctx context.Context, name string) (t Tenant, err error) {
	return t, c.call(ctx, http.MethodPost, "/tenants", Tenant{Name: name}, &t)
}
