package app

import (
	"fmt"

	"github.com/rosterhq/roster/internal/admin"
)

type signingKeyCmd struct {
	Rotate signingKeyRotate `cmd:"" help:"Sign access tokens by a new key from now on. Nobody is signed out: the key before is published until the last token that it signed has ended."`
}

type signingKeyRotate struct {
	place
	secretFlags
	Tenant string `required:"" setting:"" help:"The tenant."`
	JSON   bool   `name:"json" help:"Print JSON."`
}

func (k *signingKeyRotate) Run(c *console) error {
	k.key = &k.secretFlags
	return c.with(&k.place, rows, func(client *admin.Client) error {
		made, err := client.RotateSigningKey(c.ctx, k.Tenant)
		if err != nil {
			return err
		}
		if k.JSON {
			return printJSON(c.out, made)
		}
		_, err = fmt.Fprintf(c.out, "The key %s signs for %s from now on. %d keys verify.\n", made.KID, k.Tenant, len(made.Verify))
		return err
	})
}
