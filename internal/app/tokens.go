package app

import (
	"fmt"
	"strconv"
	"time"

	"github.com/rosterhq/roster/internal/admin"
	"github.com/rosterhq/roster/internal/roster"
)

type tokenCmd struct {
	Create tokenCreate `cmd:"" help:"Make an API token and print it; it is not kept and can't be shown again."`
	List   tokenList   `cmd:"" help:"List a tenant's tokens, without their secrets."`
	Revoke tokenRevoke `cmd:"" help:"End a token at once."`
}

type tokenCreate struct {
	place
	Tenant string `required:"" setting:"" help:"The tenant."`
	API    string `name:"api" required:"" help:"property, organization, directory, user or operations."`
	Role   string `required:"" help:"The role in that API: directory Administrator or Reader; organization COMPANY_OWNER, MANAGER, BOOKKEEPER or EMPLOYEE; property admin or user; user USER; operations OPERATOR."`
	Email  string `help:"Address of the person whose token it is; made where there is none. Without it the token is a service's, which the user and operations APIs take none of: programs sign in there as API clients."`
	Person string `help:"Name of the person, where the address is new."`
	Name   string `help:"What it is for, as the list shows it."`
	Days   int    `default:"365" help:"How many days it is good."`
	JSON   bool   `name:"json" help:"Print JSON."`
}

const day = 24 * 60 * 60

func (t *tokenCreate) Run(c *console) error {
	if t.Days < 1 || t.Days > 3650 {
		return usagef("--days: a token is good for 1 to 3650 days")
	}
	return c.with(&t.place, rows, func(client *admin.Client) error {
		made, err := client.CreateToken(c.ctx, t.Tenant, admin.NewToken{
			API: roster.API(t.API), Role: t.Role, Name: t.Name, Email: t.Email, Person: t.Person, Seconds: int64(t.Days) * day,
		})
		if err != nil {
			return err
		}
		if t.JSON {
			return printJSON(c.out, made)
		}
		_, err = fmt.Fprintln(c.out, made.Text)
		return err
	})
}

type tokenList struct {
	place
	Tenant string `required:"" setting:"" help:"The tenant."`
	JSON   bool   `name:"json" help:"Print JSON."`
}

func (t *tokenList) Run(c *console) error {
	return c.with(&t.place, rows, func(client *admin.Client) error {
		all, err := client.Tokens(c.ctx, t.Tenant)
		if err != nil {
			return err
		}
		if t.JSON {
			return printJSON(c.out, all)
		}
		rows := [][]string{{"ID", "API", "ROLE", "NAME", "CREATED", "EXPIRES", "STATE"}}
		for i := range all {
			t := &all[i]
			rows = append(rows, []string{
				strconv.FormatInt(t.ID, 10), string(t.API), t.Role, t.Name,
				t.CreatedAt.Format(time.DateOnly), t.ExpiresAt.Format(time.DateOnly), state(t, time.Now()),
			})
		}
		return printTable(c.out, rows)
	})
}

func state(t *admin.Token, now time.Time) string {
	switch {
	case !t.RevokedAt.IsZero():
		return "revoked"
	case !now.Before(t.ExpiresAt):
		return "expired"
	}
	return "good"
}

type tokenRevoke struct {
	place
	Tenant string `required:"" setting:"" help:"The tenant."`
	ID     int64  `arg:"" help:"The token's number, as token list shows it."`
}

func (t *tokenRevoke) Run(c *console) error {
	return c.with(&t.place, rows, func(client *admin.Client) error {
		if err := client.RevokeToken(c.ctx, t.Tenant, t.ID); err != nil {
			return err
		}
		_, err := fmt.Fprintf(c.out, "Token %d is revoked.\n", t.ID)
		return err
	})
}
