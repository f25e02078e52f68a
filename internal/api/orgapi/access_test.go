package orgapi_test

import (
	"net/http"
	"strings"
	"testing"
)

// Every route refuses who has no token, another API's token, or too small a role,
// before it looks at anything else.
func TestAccess(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		reads := map[string]bool{"list-groups": true, "get-group": true}
		calls := 0
		for _, r := range h.server.Routes() {
			path, ok := strings.CutPrefix(r.Path, base)
			if !ok || r.Operation == "issue-token" {
				continue
			}
			calls++
			for _, name := range []string{"{uuid}", "{user}", "{resource}"} {
				path = strings.ReplaceAll(path, name, unknown())
			}
			var body any
			if r.Method == http.MethodPost || r.Method == http.MethodPatch || r.Method == http.MethodPut {
				body = `{`
			}
			if r := h.stranger.Do(r.Method, path, body).Want(401); r.Header.Get("WWW-Authenticate") != "Bearer" {
				t.Errorf("%s: no WWW-Authenticate", path)
			}
			read := r.Method == http.MethodGet || r.Operation == "evaluate"
			office := h.manager.Do(r.Method, path, body).Status
			clerk := h.clerk.Do(r.Method, path, body).Status
			employee := h.employee.Do(r.Method, path, body).Status
			if want := !read; (office == 403) != want || (clerk == 403) != want {
				t.Errorf("%s: a manager gets %d, a bookkeeper %d", r.Operation, office, clerk)
			}
			if want := !reads[r.Operation]; (employee == 403) != want {
				t.Errorf("%s: an employee gets %d", r.Operation, employee)
			}
			if got := h.Do(r.Method, path, body).Status; got == 401 || got == 403 || got >= 500 {
				t.Errorf("%s: an owner gets %d", r.Operation, got)
			}
		}
		if calls < 40 {
			t.Errorf("only %d calls were tried", calls)
		}
		other := h.token2(t, "directory", "Administrator")
		h.stranger.As(other).Get("/groups").Want(403)
	})
}

// What is wrong in form comes before what is not there.
func TestOrderOfChecks(t *testing.T) {
	each(t, func(_ *testing.T, h *house) {
		h.employee.Patch("/groups/"+unknown(), `{`).Want(403)
		h.Patch("/groups/"+unknown(), `{`).Want(400)
		h.Patch("/groups/"+unknown(), object{"name": 7}).Want(400)
		h.Patch("/groups/"+unknown(), object{"name": "A"}).Want(404)
		h.Post("/budgets/"+unknown()+"/spend", object{}).Want(400)
	})
}
