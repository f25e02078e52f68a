package opsapi_test

import (
	"fmt"
	"testing"

	"github.com/rosterhq/roster/internal/graph"
	"github.com/rosterhq/roster/internal/identity"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/store"
)

var familyInsert = store.Q("test.session", `INSERT INTO token_families (tenant, id, api, type, person_id, client_id, method, user_agent, address,
	created_at, used_at, expires_at, revoked_at) VALUES ($1, $2, $3, $4, $5, '', $6, 'app/1', '192.0.2.7', $7, $7, $8, 0)`)

// session is a session of a person, as a sign-in opens one.
func (h *house) session(person int64, kind, method string) {
	h.T.Helper()
	api := roster.UserAPI
	if kind == identity.RoleOperator {
		api = roster.OperationsAPI
	}
	h.Write(func(tx *store.Tx) error {
		id, err := tx.NextID(store.Families)
		if err != nil {
			return err
		}
		tx.Record(roster.Change{Operation: "session.create", SubjectType: "session", SubjectID: id, ObjectID: person})
		_, err = tx.Exec(familyInsert, id, string(api), kind, person, method, tx.Now, tx.Now+3600e6)
		return err
	})
}

// operator is an operator's id.
func (h *house) operator(name string) (id int64) {
	h.T.Helper()
	h.Read(h.CLI, func(tx *store.Tx) error {
		p, err := graph.PersonByEmail(tx, name+"@example.org")
		if err == nil {
			id = p.ID
		}
		return err
	})
	return id
}

func TestAccessOfCustomer(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		mia := h.Person("mia")
		h.session(mia, identity.RoleUser, identity.EmailPassword)
		h.session(mia, identity.RoleUser, identity.EmailCode)
		g := h.golden(h.as("support"), "customer_access")
		g.Get(h.of("mia", "/refresh-tokens?sort=id,asc")).Want(200)
		g.Post(h.of("mia", "/password-reset-email"), nil).Want(202)
		g.Post(h.of("mia", "/password-reset-email"), object{"language": "de"}).Want(202)
		g.Post(h.of("ida", "/password-reset-email"), nil).Want(409)
		g.Note("By an address, it is not told whose it is.")
		g.Post("/customers/reset/mia%40example.org", nil).Want(202)
		g.Post("/customers/reset/gus%40example.org", nil).Want(202)
		g.Post("/customers/reset/nobody%40example.org", nil).Want(202)
		g.Post("/customers/reset/nobody", nil).Want(400)
		g.Note("Ways to sign in.")
		g.Post(h.of("ida", "/add-email-sign-in-method"), object{"email": "ida@example.org"}).Want(200)
		g.Post(h.of("ida", "/add-email-sign-in-method"), object{"email": "ida@example.org"}).Want(409)
		g.Post(h.of("ida", "/add-phone-sign-in-method"), object{"phone": "+436607654321"}).Want(200)
		g.Post(h.of("ida", "/add-phone-sign-in-method"), object{"phone": "12"}).Want(409)
		g.Post(h.of("ian", "/add-phone-sign-in-method"), object{"phone": "12"}).Want(400)
		g.Post(h.of("ian", "/add-phone-sign-in-method"), object{"phone": "+436607654321"}).Want(409)
		g.Post(h.of("ian", "/add-phone-sign-in-method"), object{}).Want(400)
		g.Post(h.of("ian", "/add-email-code-sign-in-method"), object{"email": "ian.new@example.org"}).Want(200)
		g.Post(h.of("uma", "/add-email-code-sign-in-method"), object{"email": "mia@example.org"}).Want(409)
		g.Note("The address they have, written in another way.")
		g.Post(h.of("ian.new", "/add-email-sign-in-method"), object{"email": "Ian.New@Example.org", "sendResetPasswordEmail": false}).Want(200)
		g.Post(h.of("mia", "/remove-sign-in-method"), object{"authenticationType": "PHONE_CODE"}).Want(409)
		g.Post(h.of("mia", "/remove-sign-in-method"), object{"authenticationType": "EMAIL_CODE"}).Want(200)
		g.Note("The session that was opened by it is over.")
		g.Get(h.of("mia", "/refresh-tokens?sort=id,asc")).Want(200)
		g.Post(h.of("mia", "/remove-sign-in-method"), object{"authenticationType": "EMAIL_PASSWORD"}).Want(409)
		g.Post(h.of("mia", "/remove-sign-in-method"), object{"authenticationType": "MAGIC"}).Want(400)
		g.Note("A way whose number is gone is none that is left.")
		h.as("admin").Patch(h.of("ida", ""), object{"phone": nil}).Want(200)
		g.Post(h.of("ida", "/remove-sign-in-method"), object{"authenticationType": "EMAIL_PASSWORD"}).Want(409)
		g.Post(h.of("ida", "/remove-sign-in-method"), object{"authenticationType": "PHONE_CODE"}).Want(200)
		g.Delete(h.of("mia", "/mfa")).Want(204)
		g.Patch(h.of("mia", "/logout"), nil).Want(200)
		g.Patch(h.of("mia", "/logout"), object{}).Want(200)
		g.Note("Elsewhere:")
		g.Get(h.of("gus", "/refresh-tokens")).Want(404)
		g.Patch(h.of("gus", "/logout"), nil).Want(404)
	})
}

// A block ends the sessions of the customer at once.
func TestBlockEndsSessions(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		h.session(h.Person("mia"), identity.RoleUser, identity.EmailPassword)
		h.as("support").Patch(h.of("mia", ""), object{"blockState": "BLOCKED", "blockReason": "rude"}).Want(200)
		if h.as("support").Get(h.of("mia", "/refresh-tokens")).Want(200).At("0.revokedAt") == nil {
			t.Error("the session goes on")
		}
	})
}

// Nobody who administers customers alone touches how an operator signs in.
func TestProtectedPerson(t *testing.T) {
	each(t, func(_ *testing.T, h *house) {
		made := h.as("admin").Post("/customers", object{"email": "none@example.org", "branchId": h.Branch("VIE")}).Want(201)
		path := fmt.Sprintf("/customers/%d", number(made, "id"))
		h.session(number(made, "id"), identity.RoleOperator, identity.EmailPassword)
		g := h.golden(h.as("admin"), "customer_protected")
		g.Post(path+"/add-email-sign-in-method", object{"email": "none@example.org"}).Want(403)
		g.Post(path+"/add-phone-sign-in-method", object{"phone": "+436607654321"}).Want(403)
		g.Post(path+"/add-email-code-sign-in-method", object{"email": "none@example.org"}).Want(403)
		g.Post(path+"/remove-sign-in-method", object{"authenticationType": "EMAIL_CODE"}).Want(403)
		g.Post(path+"/password-reset-email", nil).Want(403)
		g.Delete(path + "/mfa").Want(403)
		g.Patch(path+"/logout", nil).Want(403)
		g.Patch(path, object{"email": "mine@example.org"}).Want(403)
		g.Patch(path, object{"phone": "+436607654321"}).Want(403)
		g.Note("The customer is blocked, and the operator is not signed out.")
		g.Patch(path, object{"blockState": "BLOCKED"}).Want(200)
		g.Patch(fmt.Sprintf("/customers/logout?role=ADMIN&branchId=%d", h.Branch("AT")), nil).Want(200)
	})
}

func TestLogOutRole(t *testing.T) {
	each(t, func(_ *testing.T, h *house) {
		for _, name := range []string{"mia", "ida", "gus"} {
			h.session(h.Person(name), identity.RoleUser, identity.EmailPassword)
		}
		for _, name := range []string{"admin", "support", "branch-b"} {
			h.session(h.operator(name), identity.RoleOperator, identity.EmailPassword)
		}
		g := h.golden(h.as("admin"), "customers_logout")
		at, vie := h.Branch("AT"), h.Branch("VIE")
		g.Patch(fmt.Sprintf("/customers/logout?role=USER&branchId=%d&includeChildBranches=false", at), nil).Want(200)
		g.Patch("/customers/logout", object{"role": "USER", "branchId": vie}).Want(200)
		g.Patch("/customers/logout", object{"role": "Customer Support", "branchId": at}).Want(200)
		g.Note("Who calls stays signed in.")
		g.Patch("/customers/logout", object{"role": "ADMIN", "branchId": at}).Want(200)
		g.Patch("/customers/logout", object{"role": "BOSS", "branchId": at}).Want(400)
		g.Patch("/customers/logout", object{"role": "USER"}).Want(400)
		g.Patch("/customers/logout", object{"branchId": at}).Want(400)
		g.Patch("/customers/logout", nil).Want(400)
		g.Patch("/customers/logout", object{"role": "USER", "branchId": 99}).Want(404)
		g.As(h.tokens["admin-b"]).Patch("/customers/logout", object{"role": "USER", "branchId": vie}).Want(403)
	})
}
