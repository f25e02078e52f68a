package store_test

import (
	"fmt"
	"sync"
	"testing"

	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/store"
	"github.com/rosterhq/roster/internal/store/storetest"
)

// Two nodes that make tenants at once: each name once, each number once.
func TestTenantsAreMadeOnce(t *testing.T) {
	storetest.Each(t, func(t *testing.T, database string) {
		nodes := []*store.DB{open(t, database), nil}
		if nodes[1] = nodes[0]; store.IsPostgres(database) {
			nodes[1] = open(t, database)
		}
		actor := roster.Actor{ID: "test", API: roster.CLI}
		const names, rivals = 6, 4
		made := make([][rivals]roster.Tenant, names)
		var wg sync.WaitGroup
		for n := range names {
			for r := range rivals {
				wg.Go(func() {
					tenant, err := nodes[r%2].CreateTenant(t.Context(), actor, fmt.Sprintf("tenant-%d", n))
					switch {
					case err == nil:
						made[n][r] = tenant
					case !roster.IsKind(err, roster.Exists):
						t.Errorf("tenant-%d: %v", n, err)
					}
				})
			}
		}
		wg.Wait()
		all, err := nodes[0].Tenants(t.Context())
		if err != nil || len(all) != names {
			t.Fatalf("%v: %v", all, err)
		}
		numbers := map[roster.TenantID]bool{}
		for n := range names {
			var winner roster.Tenant
			for _, tenant := range made[n] {
				if tenant.ID != 0 && winner.ID != 0 {
					t.Errorf("tenant-%d was made twice", n)
				}
				if tenant.ID != 0 {
					winner = tenant
				}
			}
			for i, db := range nodes {
				if found, err := db.Tenant(t.Context(), fmt.Sprintf("tenant-%d", n)); err != nil || found != winner {
					t.Errorf("node %d finds %v for %v: %v", i, found, winner, err)
				}
			}
			if numbers[winner.ID] {
				t.Errorf("two tenants have number %d", winner.ID)
			}
			numbers[winner.ID] = true
			if r := revision(t, nodes[0], roster.Actor{Tenant: winner}); r != 1 {
				t.Errorf("a new tenant is at revision %d", r)
			}
		}
	})
}

func TestTenantsByName(t *testing.T) {
	storetest.Each(t, func(t *testing.T, database string) {
		db := open(t, database)
		a, b := storetest.Tenant(t, db, "a"), storetest.Tenant(t, db, "b")
		for range 2 { // the second time from memory
			if got, err := db.Tenant(t.Context(), "b"); err != nil || got != b.Tenant {
				t.Errorf("b is %v: %v", got, err)
			}
		}
		for _, name := range []string{"c", "", "A", "a'", "../a"} {
			if _, err := db.Tenant(t.Context(), name); !roster.IsKind(err, roster.NotFound) {
				t.Errorf("tenant %q: %v", name, err)
			}
		}
		for _, name := range []string{"", "A", "1a", "a b", "a_b", "ü", string(make([]byte, 64))} {
			if _, err := db.CreateTenant(t.Context(), a, name); !roster.IsKind(err, roster.Invalid) {
				t.Errorf("a tenant named %q: %v", name, err)
			}
		}
		// Neither sees the other's rows, nor moves its log.
		write(t, db, a, create(1))
		write(t, db, b, create(1))
		write(t, db, b, create(2))
		for _, c := range []struct {
			actor roster.Actor
			rows  int
		}{{a, 1}, {b, 2}} {
			if n, r := things(t, db, c.actor), revision(t, db, c.actor); n != c.rows || r != int64(1+c.rows) {
				t.Errorf("%s: %d rows, revision %d", c.actor.Tenant.Name, n, r)
			}
		}
		nobody := roster.Actor{Tenant: roster.Tenant{ID: 99}}
		if err := db.Write(t.Context(), nobody, create(1)); !roster.IsKind(err, roster.NotFound) {
			t.Errorf("a write of no tenant: %v", err)
		}
		if err := db.Read(t.Context(), 99, func(*store.Tx) error { return nil }); !roster.IsKind(err, roster.NotFound) {
			t.Errorf("a read of no tenant: %v", err)
		}
	})
}
