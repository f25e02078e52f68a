package app

import (
	"fmt"

	"github.com/rosterhq/roster/internal/admin"
)

type verifyCmd struct {
	place
	Tenant string `setting:"" help:"The tenant; all of them unless told."`
	Expect string `placeholder:"REVISION:HASH" help:"A place in the log that was noted before, as verify prints it: without one, a tail that was cut off shows nowhere."`
	JSON   bool   `name:"json" help:"Print JSON."`
}

func (v *verifyCmd) Run(c *console) error {
	if v.Expect != "" {
		if v.Tenant == "" {
			return usagef("--expect is about one tenant: give --tenant")
		}
		if _, err := admin.ParseExpected(v.Expect); err != nil {
			return usagef("%v", err)
		}
	}
	return c.with(&v.place, graphs, func(client *admin.Client) error {
		names := []string{v.Tenant}
		if v.Tenant == "" {
			tenants, err := client.Tenants(c.ctx)
			if err != nil {
				return err
			}
			names = names[:0]
			for _, t := range tenants {
				names = append(names, t.Name)
			}
		}
		return v.all(c, client, names)
	})
}

func (v *verifyCmd) all(c *console, client *admin.Client, names []string) error {
	progress := c.bar()
	defer progress.end()
	results := make([]admin.Verification, 0, len(names))
	for _, name := range names {
		result, err := client.Verify(c.ctx, name, v.Expect, func(stage string, done, total int64) {
			progress.at(name+", "+stage, done, total)
		})
		if err != nil {
			progress.end()
			return fmt.Errorf("tenant %s: %s", name, message(err))
		}
		results = append(results, result)
	}
	progress.end()
	if v.JSON {
		return printJSON(c.out, results)
	}
	for _, r := range results {
		_, err := fmt.Fprintf(c.out, "%s: the log is whole, and the index agrees with the rows (%d groups, %d memberships)\n  %d:%s\n",
			r.Tenant, r.Groups, r.Memberships, r.Revision, r.Hash)
		if err != nil {
			return err
		}
	}
	return nil
}
