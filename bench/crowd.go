//go:build unix

package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/rosterhq/roster/internal/business"
	"github.com/rosterhq/roster/internal/graph"
	"github.com/rosterhq/roster/internal/identity"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/setup"
	"github.com/rosterhq/roster/internal/store"
)

// crowd is a database with an operator's office, very many customers and many
// business accounts. Ids follow one another: customers from first on, then accounts.
type crowd struct {
	database  string
	postgres  bool
	customers int
	groups    int
	first     int64 // customer
	group     int64 // the first account
	root      int64 // branch
	admin     caller
}

const (
	crowdBranches = 20
	membersOfEach = 10 // of an account, the owner among them
)

// crowdFile is what the office has, but for branches: two customers, after whom all
// others are made.
const crowdFile = `
businessUnits:
- {code: at, name: Austria, currency: EUR, taxPercentage: 20, timezone: Europe/Vienna}
terms:
- {branch: AT, termsAndConditionsText: Be kind., termsAndConditionsUrl: "https://example.org/terms"}
operators:
- {email: admin@example.org, name: Ada, assignments: [{role: ADMIN, branch: AT}]}
customers:
- {email: owner@example.org, emailIsVerified: true, firstName: Olga, lastName: Owner, birthdate: 1990-05-01, homeBranch: B0, acceptedTermsOf: [B0]}
- {email: member@example.org, emailIsVerified: true, firstName: Mia, lastName: Member, birthdate: 1990-05-01, homeBranch: B0, acceptedTermsOf: [B0]}
branches:
- {code: AT, name: Austria, businessUnit: at}
`

func (b *bench) buildCrowd(database string, postgres bool, customers, groups int) (*crowd, error) {
	db, err := store.Open(b.ctx, store.Options{Database: database})
	if err != nil {
		return nil, err
	}
	t := &crowd{database: database, postgres: postgres, customers: customers, groups: groups, admin: caller{base: officeBase}}
	models, err := t.found(b.ctx, db)
	if err := errors.Join(err, db.Close()); err != nil {
		return nil, err
	}
	return t, t.multiply(b.ctx, models)
}

const officeBase = "/v1/" + tenantName + "/ops-api"

// models are the rows after which others are made.
type models struct{ account, owner, member, branch int64 }

// found makes the office and the models by the verbs that the APIs and the command
// line call.
func (t *crowd) found(ctx context.Context, db *store.DB) (m models, err error) {
	actor := roster.Actor{ID: "bench", API: roster.CLI}
	if actor.Tenant, err = db.CreateTenant(ctx, actor, tenantName); err != nil {
		return m, err
	}
	graph.New(db) // follows
	var text strings.Builder
	text.WriteString(crowdFile)
	for i := range crowdBranches {
		fmt.Fprintf(&text, "- {code: B%d, name: District %d, parent: AT}\n", i, i)
	}
	document, err := setup.Parse(strings.NewReader(text.String()))
	if err != nil {
		return m, err
	}
	application := setup.New(document)
	err = db.Write(ctx, actor, func(tx *store.Tx) error {
		if _, err := application.Apply(tx); err != nil {
			return err
		}
		tree, err := identity.Branches(tx)
		if err != nil {
			return err
		}
		t.root, m.branch = tree.ByCode("AT").ID, tree.ByCode("B0").ID
		if err := t.signInAdmin(tx); err != nil {
			return err
		}
		return m.found(tx)
	})
	return m, err
}

func (t *crowd) signInAdmin(tx *store.Tx) error {
	admin, err := graph.PersonByEmail(tx, "admin@example.org")
	if err != nil {
		return err
	}
	token, secret := identity.Token{API: roster.OperationsAPI, Role: identity.RoleOperator, PersonID: admin.ID, ExpiresAt: time.Now().AddDate(1, 0, 0)}, identity.NewSecret()
	t.admin.token = identity.TokenText(tenantName, secret)
	return identity.InsertToken(tx, &token, secret)
}

func (m *models) found(tx *store.Tx) error {
	account, err := business.NewAccount(tx, m.branch)
	if err != nil {
		return err
	}
	account.Name, account.PaymentState = "Model", business.Invoicing
	if err := business.InsertAccount(tx, account); err != nil {
		return err
	}
	m.account = account.ID
	for _, who := range []struct {
		address, role string
		id            *int64
	}{{"owner@example.org", business.Owner, &m.owner}, {"member@example.org", business.Simple, &m.member}} {
		c, err := identity.CustomerByEmail(tx, who.address)
		if err != nil {
			return err
		}
		if _, err := identity.AddSignInMethod(tx, c.ID, identity.EmailPassword); err != nil {
			return err
		}
		if _, err := business.InsertMember(tx, account, business.NewMember{UserID: c.ID, Role: who.role, CreatedBy: business.ByOperator}); err != nil {
			return err
		}
		*who.id = c.ID
	}
	return nil
}

// multiply makes customers and accounts after the models, without a change log, which
// a start does not read.
func (t *crowd) multiply(ctx context.Context, m models) error {
	db, err := t.open()
	if err != nil {
		return err
	}
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return errors.Join(err, db.Close())
	}
	c := &cloner{tx: tx, postgres: t.postgres}
	err = errors.Join(t.clone(c, m), c.err)
	if err == nil {
		err = tx.Commit()
	}
	if err == nil && t.postgres {
		_, err = db.ExecContext(ctx, "ANALYZE") // as PostgreSQL does itself a minute later
	}
	return errors.Join(err, db.Close())
}

func (t *crowd) open() (*sql.DB, error) {
	if t.postgres {
		return sql.Open("pgx", t.database)
	}
	return openRaw(t.database, "synchronous(OFF)", "cache_size(-262144)")
}

func (t *crowd) clone(c *cloner, m models) error {
	err := c.tx.QueryRow(`UPDATE sequences SET next = next + ` + fmt.Sprint(t.customers+t.groups) + ` WHERE tenant = 1 AND name = 'subject' RETURNING next`).Scan(&t.group)
	if err != nil {
		return err
	}
	t.group -= int64(t.groups)
	t.first = t.group - int64(t.customers)
	id, name := t.idOf("i"), sqlName("i")
	email, home := "lower("+sqlMail("i")+")", fmt.Sprintf("%d + i %% %d", m.branch, crowdBranches)
	c.clone("subjects", "id", m.member, t.customers, values{"id": id, "uuid": c.uuid()})
	c.clone("people", "id", m.member, t.customers, values{"id": id, "name": name, "email": email, "email_key": email})
	c.clone("customers", "id", m.member, t.customers, values{
		"id": id, "first_name": sqlFirst("i"), "last_name": sqlLast("i"), "phone": sqlPhone("i"), "home_branch_id": home,
	})
	c.clone("terms_acceptances", "person_id", m.member, t.customers, values{"person_id": id, "branch_id": home})
	c.clone("sign_in_methods", "person_id", m.member, t.customers, values{"person_id": id})

	group := fmt.Sprintf("%d + i", t.group)
	company := "'Company ' || CAST(i AS text)"
	c.clone("subjects", "id", m.account, t.groups, values{"id": group, "uuid": c.uuid()})
	c.clone("groups", "id", m.account, t.groups, values{"id": group, "name": company, "name_key": "lower(" + company + ")"})
	c.clone("business_accounts", "id", m.account, t.groups, values{
		"id": group, "code": "'B' || CAST(1000000 + i AS text)", "name": company, "name_key": "lower(" + company + ")",
		"branch_id": fmt.Sprintf("%d + i %% %d", m.branch, crowdBranches),
	})
	for _, who := range []struct {
		model       int64
		each, after int
	}{{m.owner, 1, 0}, {m.member, membersOfEach - 1, 1}} {
		of := fmt.Sprintf("%d + i / %d", t.group, who.each)
		person := t.idOf(fmt.Sprintf("(i / %d * %d + %d + i %% %d)", who.each, membersOfEach, who.after, who.each))
		c.clone("memberships", "member_id", who.model, t.groups*who.each, values{"group_id": of, "member_id": person})
		c.clone("member_properties", "person_id", who.model, t.groups*who.each, values{"group_id": of, "person_id": person, "member_code": "'M' || CAST(" + person + " AS text)"})
	}
	return nil
}

func (t *crowd) idOf(i string) string { return fmt.Sprintf("%d + %s", t.first, i) }

// values are expressions of columns that differ from the model's, where i is the
// number of the row.
type values map[string]string

// cloner makes many rows after one. Its first error stays.
type cloner struct {
	tx       *sql.Tx
	postgres bool
	err      error
}

func (c *cloner) uuid() string {
	if c.postgres {
		return "uuid_send(gen_random_uuid())"
	}
	return "randomblob(16)"
}

// clone makes n rows of a table after the one whose key has an id.
func (c *cloner) clone(table, key string, id int64, n int, different values) {
	if c.err != nil {
		return
	}
	rows, err := c.tx.Query("SELECT * FROM " + table + " WHERE tenant = -1")
	if err != nil {
		c.err = err
		return
	}
	columns, err := rows.Columns()
	if c.err = errors.Join(err, rows.Close()); c.err != nil {
		return
	}
	taken := make([]string, len(columns))
	for i, name := range columns {
		if taken[i] = different[name]; taken[i] == "" {
			taken[i] = "t." + name
		}
	}
	for name := range maps.Keys(different) {
		if !slices.Contains(columns, name) {
			c.err = fmt.Errorf("%s has no column %s", table, name)
			return
		}
	}
	_, c.err = c.tx.Exec(fmt.Sprintf(`WITH RECURSIVE n (i) AS (SELECT CAST(0 AS bigint) UNION ALL SELECT i + 1 FROM n WHERE i < %d)
		INSERT INTO %s (%s) SELECT %s FROM n CROSS JOIN %s t WHERE t.tenant = 1 AND t.%s = %d`,
		n-1, table, strings.Join(columns, ", "), strings.Join(taken, ", "), table, key, id))
}
