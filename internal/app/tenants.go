package app

import (
	"errors"
	"fmt"
	"strconv"

	"github.com/rosterhq/roster/internal/admin"
)

type tenantCmd struct {
	Create tenantCreate `cmd:"" help:"Make a tenant."`
	List   tenantList   `cmd:"" help:"List the tenants."`
}

// with runs fn with a client of the administration.
func (c *console) with(p *place, needs needs, fn func(*admin.Client) error) error {
	client, done, err := c.connect(p, needs)
	if err != nil {
		return err
	}
	return errors.Join(fn(client), done())
}

type tenantCreate struct {
	place
	Name string `arg:"" help:"1 to 63 lower-case letters, digits and hyphens, the first a letter."`
	JSON bool   `name:"json" help:"Print JSON."`
}

func (t *tenantCreate) Run(c *console) error {
	return c.with(&t.place, nothing, func(client *admin.Client) error {
		made, err := client.CreateTenant(c.ctx, t.Name)
		if err != nil {
			return err
		}
		if t.JSON {
			return printJSON(c.out, made)
		}
		_, err = fmt.Fprintf(c.out, "Tenant %s is made. A token for it: roster token create --tenant %s --api directory --role Administrator\n", made.Name, made.Name)
		return err
	})
}

type tenantList struct {
	place
	JSON bool `name:"json" help:"Print JSON."`
}

func (t *tenantList) Run(c *console) error {
	return c.with(&t.place, rows, func(client *admin.Client) error {
		all, err := client.Tenants(c.ctx)
		if err != nil {
			return err
		}
		if t.JSON {
			return printJSON(c.out, all)
		}
		rows := [][]string{{"NAME", "REVISION"}}
		for _, t := range all {
			rows = append(rows, []string{t.Name, strconv.FormatInt(t.Revision, 10)})
		}
		return printTable(c.out, rows)
	})
}
