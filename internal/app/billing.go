package app

import (
	"fmt"
	"strconv"
	"time"

	"github.com/rosterhq/roster/internal/admin"
)

type billingCmd struct {
	Close billingClose `cmd:"" help:"Bill what a business account owes: what lies before the account was made, too."`
}

type billingClose struct {
	place
	Tenant string `required:"" setting:"" help:"The tenant."`
	Group  string `required:"" help:"The business account's code."`
	Until  string `required:"" help:"Bill what was charged before: a date, at midnight in the business unit's time zone, or a time like 2026-11-30T23:00:00Z."`
	JSON   bool   `name:"json" help:"Print JSON."`
}

func (b *billingClose) Run(c *console) error {
	return c.with(&b.place, graphs, func(client *admin.Client) error {
		made, err := client.CloseBilling(c.ctx, b.Tenant, admin.CloseBilling{Group: b.Group, Until: b.Until})
		if err != nil {
			return err
		}
		if b.JSON {
			return printJSON(c.out, made)
		}
		if len(made) == 0 {
			_, err := fmt.Fprintln(c.out, "There is nothing to bill.")
			return err
		}
		table := [][]string{{"INVOICE", "ITEMS", "NET", "TAX", "GROSS", "", "DUE"}}
		for _, v := range made {
			table = append(table, []string{v.Number, strconv.FormatInt(v.Items, 10), v.Net, v.Tax, v.Gross, v.Currency, v.Due.Format(time.DateOnly)})
		}
		return printTable(c.out, table)
	})
}
