package e2e

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
)

// person calls an API of the demo by token and base.
type person struct {
	t     *testing.T
	base  string
	token string
}

func (p person) do(want int, method, path, body string) map[string]any {
	p.t.Helper()
	r, err := http.NewRequest(method, p.base+path, strings.NewReader(body))
	if err != nil {
		p.t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	if p.token != "" {
		r.Header.Set("Authorization", "Bearer "+p.token)
	}
	res, err := client.Do(r)
	if err != nil {
		p.t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	text, _ := io.ReadAll(res.Body)
	if res.StatusCode != want {
		p.t.Fatalf("%s %s %s: %d %s, want %d", method, path, body, res.StatusCode, text, want)
	}
	var answer map[string]any
	_ = json.Unmarshal(text, &answer)
	return answer
}

// TestTakeovers plays how an administrator of one API might reach for a person that
// others administer too (contract/decisions.md 36): joining never gives access, and
// a new profile never widens a token.
func TestTakeovers(t *testing.T) {
	places(t, func(t *testing.T, p place) {
		_, demo := serveDemo(t, p)
		as := func(token string) person { return person{t, demo.APIs[apiOf(token)], demo.Tokens[token]} }
		directory, organization, property := as("directory-admin"), as("org-owner"), as("property-owner")
		const address = "mallory@example.org"
		account := directory.do(201, "POST", "/accounts", fmt.Sprintf(`{"name":"mallory","email":%q}`, address))["id"].(string)
		reader := directory
		reader.token = p.roster(t, "token", "create", "--tenant", "demo", "--api", "directory", "--role", "Reader", "--email", address)
		reader.do(200, "GET", "/accounts/"+account, "")

		// The organization makes its owner of the same person: the directory's token
		// stays what it was.
		user := organization.do(201, "POST", "/users", fmt.Sprintf(`{"fullName":"Mallory","email":%q,"role":"COMPANY_OWNER"}`, strings.ToUpper(address)))["uuid"].(string)
		reader.do(403, "POST", "/groups", `{"name":"mine"}`)
		foreign := person{t, demo.APIs["organization"], reader.token}
		foreign.do(403, "GET", "/groups", "")

		// A second profile of the same kind is that API's own conflict.
		directory.do(409, "POST", "/accounts", fmt.Sprintf(`{"name":"other","email":%q}`, address))

		// The address is not the directory's alone any more, and its end not either.
		directory.do(403, "PUT", "/accounts/"+account, `{"email":"evil@example.org"}`)
		organization.do(204, "PUT", "/groups/"+fmt.Sprint(demo.IDs["organization_group"])+"/users/"+user, "")
		directory.do(204, "DELETE", "/accounts/"+account, "")
		if got := organization.do(200, "GET", "/users/"+user, "")["status"]; got != "ACTIVE" {
			t.Errorf("the organization's user is %v after the directory's account went", got)
		}

		// An invitation to somebody known makes a membership, and no way to sign in.
		group := fmt.Sprint(demo.IDs["property_group"])
		property.do(201, "POST", "/group_users", fmt.Sprintf(`{"invite":{"group_id":%q,"user_email":%q,"role":"owner"}}`, group, address))
		person{t, demo.APIs["property"], reader.token}.do(403, "GET", "/groups/"+group, "")
		signIn := person{t, demo.APIs["property"], ""}
		signIn.do(401, "POST", "/sign_in", fmt.Sprintf(`{"user":{"email":%q,"password":"whatever-it-is"}}`, address))

		// A disabled user's own token ends at once.
		own := organization
		own.token = p.roster(t, "token", "create", "--tenant", "demo", "--api", "organization", "--role", "COMPANY_OWNER", "--email", address)
		own.do(200, "GET", "/groups", "")
		organization.do(200, "PATCH", "/users/"+user, `{"status":"DISABLED"}`)
		own.do(401, "GET", "/groups", "")
		organization.do(200, "PATCH", "/users/"+user, `{"status":"ACTIVE","role":"EMPLOYEE"}`)
		own.do(403, "POST", "/groups", `{"name":"mine"}`)
	})
}
