package wire

import (
	"context"
	"testing"

	"github.com/rosterhq/roster/internal/roster"
)

type textOut struct {
	Body struct {
		Text string `json:"text"`
	}
}

func says(text string) Handler[struct {
	Page int64 `query:"page" minimum:"1"`
}, textOut] {
	return func(_ context.Context, _ roster.Actor, _ *struct {
		Page int64 `query:"page" minimum:"1"`
	}) (*textOut, error) {
		out := &textOut{}
		out.Body.Text = text
		return out, nil
	}
}

// newShop has calls that need permissions, and one whose literal part another's
// parameter matches.
func newShop() *API {
	api := NewAPI(Spec{
		Name: roster.DirectoryAPI, Title: "Shop", Version: "1", Bases: []string{"/shop"}, Label: "shop", HostBases: []string{""},
		Dialect: Dialect{Body: directoryError{}, Render: renderDirectory},
		Permits: func(_ context.Context, a roster.Actor, permission string) error {
			if a.Role == "Administrator" || permission == "READ" {
				return nil
			}
			return roster.Errorf(roster.Forbidden, "", "this needs the permission %s", permission)
		},
	})
	Register(api, Op{ID: "reset", Method: "POST", Path: "/customers/reset/{email}", First: true}, says("reset"))
	Register(api, Op{ID: "logout", Method: "POST", Path: "/customers/{id}/logout", Access: Needs("READ", "WRITE")}, says("logout"))
	Register(api, Op{ID: "get", Method: "GET", Path: "/customers/{id}/{part}", Access: Needs("READ")}, says("get"))
	return api
}

// What a caller may nowhere is refused before the input is looked at.
func TestPermissions(t *testing.T) {
	server := NewServer(Options{Auth: actors, Limits: unlimited}, newShop())
	refused := `{"error":{"code":"FORBIDDEN","message":"this needs the permission WRITE"}}`
	for _, c := range []call{
		{method: "POST", path: "/shop/customers/7/logout", token: "admin", status: 200, want: `{"text":"logout"}`},
		{method: "POST", path: "/shop/customers/7/logout?page=0", token: "admin", status: 400},
		{method: "POST", path: "/shop/customers/7/logout?page=0", token: "reader", status: 403, want: refused},
		{method: "POST", path: "/shop/customers/7/logout?page=0", status: 401},
		{method: "GET", path: "/shop/customers/7/x", token: "reader", status: 200, want: `{"text":"get"}`},
	} {
		c.run(t, server)
	}
	if got := Needs("READ", "WRITE").String(); got != "READ and WRITE" {
		t.Errorf("the access reads %q", got)
	}
}

// A call that is First wins over one whose parameters match its literals, on every
// host, and its method is among those that its address takes.
func TestFirst(t *testing.T) {
	server := NewServer(Options{Auth: actors, Limits: unlimited}, newShop())
	for _, host := range []struct{ name, base string }{{"example.org", "/shop"}, {"shop.example.org", "/shop"}, {"shop.example.org", ""}} {
		for _, c := range []call{
			{method: "POST", path: "/customers/reset/logout", status: 200, want: `{"text":"reset"}`},
			{method: "POST", path: "/customers/reset/a%40b", status: 200, want: `{"text":"reset"}`},
			{method: "POST", path: "/customers/7/logout", status: 200, want: `{"text":"logout"}`},
			{method: "GET", path: "/customers/reset/logout", status: 200, want: `{"text":"get"}`},
			{method: "PUT", path: "/customers/reset/x", status: 405, wantHeader: map[string]string{"Allow": "GET, HEAD, POST"}},
			{method: "POST", path: "/customers/8/x", status: 405, wantHeader: map[string]string{"Allow": "GET, HEAD"}},
			{method: "POST", path: "/customers/reset", status: 404},
		} {
			c.token, c.host, c.path = "admin", host.name, host.base+c.path
			c.run(t, server)
		}
	}
}
