package app

import (
	"context"

	"github.com/rosterhq/roster/internal/identity"
	"github.com/rosterhq/roster/internal/outbound"
	"github.com/rosterhq/roster/internal/provider/crif"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/store"
)

// addCRIF has CRIF, at a URL, rate credit for tenants that have a contract with it.
func (n *node) addCRIF(out *outbound.Client, url string) {
	n.care.AddRater(crif.Name, crif.New(out.Provider("crif"), url, n.crifCredentials))
}

// crifCredentials are a tenant's own, whatever its branches say.
func (n *node) crifCredentials(ctx context.Context, tenant roster.Tenant) (user, password string, err error) {
	err = n.db.Read(ctx, tenant.ID, func(tx *store.Tx) error {
		tree, err := identity.Branches(tx)
		if err != nil {
			return err
		}
		if user, err = identity.CRIFUser.In(tx, tree, 0); err != nil {
			return err
		}
		password, err = n.identity.Secret(tx, identity.CRIFPassword.Name)
		return err
	})
	return user, password, err
}
