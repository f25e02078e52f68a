package orgapi_test

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/rosterhq/roster/internal/identity"
	"github.com/rosterhq/roster/internal/roster"
)

const form = "application/x-www-form-urlencoded"

func grant(id, secret string) string {
	return url.Values{"grant_type": {"client_credentials"}, "client_id": {id}, "client_secret": {secret}}.Encode()
}

func TestClientToken(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		client, secret, err := h.identity.CreateClient(t.Context(), h.actor, roster.OrganizationAPI, identity.Manager, identity.NewSecret())
		if err != nil {
			t.Fatal(err)
		}
		g := h.stranger.Golden("token").Set("Content-Type", form)
		g.Hide(`rst_(?:acme|rival)_[A-Za-z0-9_-]{16}`, "client")
		g.Hide(`client_secret=[A-Za-z0-9_-]{43}`, "secret")
		made := g.Post("/oauth/token", grant(client.ID, secret)).Want(200)
		token := h.stranger.As(made.Text("access_token"))
		token.Get("/policies").Want(200)
		token.Post("/groups", object{"name": "A"}).Want(403)
		g.Note("Refusals.")
		g.Post("/oauth/token", grant(client.ID, "wrong")).Want(401)
		g.Post("/oauth/token", grant("rst_nowhere_AAAAAAAAAAAAAAAA", secret)).Want(401)
		g.Post("/oauth/token", grant(strings.Replace(client.ID, "acme", "rival", 1), secret)).Want(401)
		g.Post("/oauth/token", grant("", "")).Want(401)
		g.Post("/oauth/token", "grant_type=password&client_id=a&client_secret=b").Want(400)
		g.Post("/oauth/token", "client_id=a&client_secret=b").Want(400)
		g.Post("/oauth/token", "grant_type=%zz").Want(400)
		g.Note("An id that carries no tenant needs one that is named.")
		g.Post("/oauth/token", grant("someone", "wrong")).Want(400)
		g.Set("Roster-Tenant", "acme").Post("/oauth/token", grant("someone", "wrong")).Want(401)
		h.stranger.Post("/oauth/token", `{"grant_type":"client_credentials"}`).Want(415)
		h.stranger.Set("Content-Type", form).Get("/oauth/token").Want(405)
		h.clock.forward(time.Hour - time.Microsecond)
		token.Get("/policies").Want(200)
		h.clock.forward(time.Microsecond)
		token.Get("/policies").Want(401)
		if err := h.identity.RevokeClient(t.Context(), h.actor, client.ID); err != nil {
			t.Fatal(err)
		}
		h.stranger.Set("Content-Type", form).Post("/oauth/token", grant(client.ID, secret)).Want(401)
	})
}

// The token endpoint lies beside the API's versions, and bare on its own host.
func TestClientTokenAddresses(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		client, secret, err := h.identity.CreateClient(t.Context(), h.actor, roster.OrganizationAPI, identity.CompanyOwner, identity.NewSecret())
		if err != nil {
			t.Fatal(err)
		}
		for _, at := range []struct{ host, path string }{
			{"localhost", "/organization/oauth/token"},
			{"localhost", "/organization/api/v2/oauth/token"},
			{"organization.example.com", "/oauth/token"},
			{"organization.acme.example.com", "/oauth/token"},
		} {
			r := h.raw(http.MethodPost, at.host, at.path, "", form, grant(client.ID, secret))
			var answer struct {
				Token   string `json:"access_token"`
				Expires int    `json:"expires_in"`
			}
			if err := json.Unmarshal(r.Body.Bytes(), &answer); err != nil || r.Code != 200 || answer.Expires != 3600 {
				t.Errorf("%s%s: %d %s", at.host, at.path, r.Code, r.Body)
				continue
			}
			h.stranger.As(answer.Token).Get("/groups").Want(200)
		}
		if r := h.raw(http.MethodPost, "organization.rival.example.com", "/oauth/token", "", form, grant(client.ID, secret)); r.Code != 401 {
			t.Errorf("at the host of another tenant: %d %s", r.Code, r.Body)
		}
		if r := h.raw(http.MethodGet, "localhost", "/organization/oauth/token", "", "", ""); r.Code != 405 || r.Header().Get("Allow") != "POST" {
			t.Errorf("GET: %d %s", r.Code, r.Body)
		}
	})
}

// The credentials may come as HTTP Basic, each part form-encoded.
func TestClientTokenBasic(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		client, secret, err := h.identity.CreateClient(t.Context(), h.actor, roster.OrganizationAPI, identity.Employee, identity.NewSecret())
		if err != nil {
			t.Fatal(err)
		}
		basic := "basic " + base64.StdEncoding.EncodeToString([]byte(url.QueryEscape(client.ID)+":"+url.QueryEscape(secret)))
		c := h.stranger.Set("Content-Type", form)
		c.Set("Authorization", basic).Post("/oauth/token", "grant_type=client_credentials").Want(200)
		for _, bad := range []string{"Basic !", "Basic " + base64.StdEncoding.EncodeToString([]byte("no colon")), "Bearer x"} {
			c.Set("Authorization", bad).Post("/oauth/token", "grant_type=client_credentials").Want(401)
		}
	})
}
