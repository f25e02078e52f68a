package app

import (
	"encoding/json"
	"fmt"
	"os"
	"strconv"

	"github.com/rosterhq/roster/internal/admin"
	"github.com/rosterhq/roster/internal/roster"
)

type applyCmd struct {
	place
	secretFlags
	File   string `arg:"" help:"YAML or JSON: branches, business units, vehicles, tariffs, requirements, terms, vouchers, settings, roles, operators, API clients."`
	Tenant string `required:"" setting:"" help:"The tenant; roster tenant create makes one."`
	Plan   bool   `help:"Tell what would change, and change nothing."`
	JSON   bool   `name:"json" help:"Print JSON."`
}

func (p *applyCmd) Run(c *console) error {
	f, err := os.Open(p.File)
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }()
	p.key = &p.secretFlags
	return c.with(&p.place, rows, func(client *admin.Client) error {
		applied, err := client.Apply(c.ctx, p.Tenant, p.Plan, f)
		if roster.IsKind(err, roster.Invalid) {
			return fmt.Errorf("%s: nothing is changed:\n%s", p.File, message(err))
		}
		if err != nil {
			return err
		}
		if p.JSON {
			return printJSON(c.out, applied)
		}
		return p.print(c, &applied)
	})
}

// print tells what was done, and once the keys of the API clients that were made.
func (p *applyCmd) print(c *console, applied *admin.Applied) error {
	table := [][]string{{"", "CHANGED", "AS IT WAS"}}
	for _, n := range applied.Counts {
		table = append(table, []string{n.Noun, strconv.Itoa(n.Changed), strconv.Itoa(n.Same)})
	}
	if err := printTable(c.out, table); err != nil {
		return err
	}
	for _, made := range applied.Clients {
		if _, err := fmt.Fprintf(c.out, "API client %s is made. Its key, which is not kept: %s\n", made.ClientID, made.ClientKey); err != nil {
			return err
		}
	}
	for _, change := range applied.Changes {
		after, err := json.Marshal(change.After)
		if err != nil {
			return err
		}
		if _, err := fmt.Fprintf(c.out, "would %s %s\n", change.Operation, after); err != nil {
			return err
		}
	}
	return nil
}
