package store_test

import (
	"strings"
	"testing"

	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/store"
	"github.com/rosterhq/roster/internal/store/storetest"
)

// Every way to change what the log says is found; erasing values is none.
func TestVerify(t *testing.T) {
	cases := []struct {
		name string
		sql  []string // $1 is the tenant
		want string   // in the error; "" when it verifies
	}{
		{"untouched", nil, ""},
		{"value", []string{`UPDATE changes SET after = '{"id":9}' WHERE tenant = $1 AND revision = 3`}, "values of revision 3"},
		{"value-dropped", []string{`UPDATE changes SET after = NULL WHERE tenant = $1 AND revision = 3`}, "values of revision 3"},
		{"value-salt", []string{`UPDATE changes SET after = '{"id":9}', salt = NULL WHERE tenant = $1 AND revision = 3`}, "values of revision 3"},
		{"commitment", []string{`UPDATE changes SET before = NULL, after = NULL, salt = NULL, commitment = head WHERE tenant = $1 AND revision = 3`}, "revision 3 was altered"},
		{"actor", []string{`UPDATE changes SET actor = 'other' WHERE tenant = $1 AND revision = 3`}, "revision 3 was altered"},
		{"second-actor", []string{`UPDATE changes SET actor = 'other' WHERE tenant = $1 AND revision = 4 AND seq = 1`}, "change 1 of revision 4"},
		{"second-time", []string{`UPDATE changes SET time = time + 1 WHERE tenant = $1 AND revision = 4 AND seq = 1`}, "change 1 of revision 4"},
		{"api", []string{`UPDATE changes SET api = 'property' WHERE tenant = $1 AND revision = 3`}, "revision 3 was altered"},
		{"request", []string{`UPDATE changes SET request_id = 'other' WHERE tenant = $1 AND revision = 3`}, "revision 3 was altered"},
		{"time", []string{`UPDATE changes SET time = time + 1 WHERE tenant = $1 AND revision = 3`}, "revision 3 was altered"},
		{"operation", []string{`UPDATE changes SET operation = 'thing.drop' WHERE tenant = $1 AND revision = 3`}, "revision 3 was altered"},
		{"subject", []string{`UPDATE changes SET subject_id = 9 WHERE tenant = $1 AND revision = 3`}, "revision 3 was altered"},
		{"object", []string{`UPDATE changes SET object_id = 9 WHERE tenant = $1 AND revision = 3`}, "revision 3 was altered"},
		{"permission", []string{`UPDATE changes SET permission = 'OTHER' WHERE tenant = $1 AND revision = 5`}, "revision 5 was altered"},
		{"no-permission", []string{`UPDATE changes SET permission = '', branch_id = 0 WHERE tenant = $1 AND revision = 5`}, "revision 5 was altered"},
		{"new-permission", []string{`UPDATE changes SET permission = 'THING_WRITE' WHERE tenant = $1 AND revision = 3`}, "revision 3 was altered"},
		{"branch", []string{`UPDATE changes SET branch_id = 8 WHERE tenant = $1 AND revision = 5`}, "revision 5 was altered"},
		{"person", []string{`UPDATE changes SET person_id = 8 WHERE tenant = $1 AND revision = 6`}, "revision 6 was altered"},
		{"impersonated", []string{`UPDATE changes SET impersonated = 0, person_id = 21 WHERE tenant = $1 AND revision = 6`}, "revision 6 was altered"},
		{"hash", []string{`UPDATE changes SET head = commitment WHERE tenant = $1 AND revision = 3`}, "revision 3 was altered"},
		{"no-hash", []string{`UPDATE changes SET head = NULL WHERE tenant = $1 AND revision = 3`}, "revision 3 was altered"},
		{"change-first", []string{`DELETE FROM changes WHERE tenant = $1 AND revision = 4 AND seq = 0`}, "lacks its change 0"},
		{"change-last", []string{`DELETE FROM changes WHERE tenant = $1 AND revision = 4 AND seq = 1`}, "revision 4 was altered"},
		{"revision", []string{`DELETE FROM changes WHERE tenant = $1 AND revision = 3`}, "revision 4 follows revision 2"},
		{"beginning", []string{`DELETE FROM changes WHERE tenant = $1 AND revision = 1`}, "revision 2 follows revision 0"},
		{"tail", []string{`DELETE FROM changes WHERE tenant = $1 AND revision = 6`}, "ends at revision 5"},
		{"reordered", []string{
			`UPDATE changes SET revision = 99 WHERE tenant = $1 AND revision = 3`,
			`UPDATE changes SET revision = 3 WHERE tenant = $1 AND revision = 5`,
			`UPDATE changes SET revision = 5 WHERE tenant = $1 AND revision = 99`,
		}, "revision 3 was altered"},
		{"changes-swapped", []string{
			`UPDATE changes SET seq = 9 WHERE tenant = $1 AND revision = 4 AND seq = 0`,
			`UPDATE changes SET seq = 0 WHERE tenant = $1 AND revision = 4 AND seq = 1`,
			`UPDATE changes SET seq = 1 WHERE tenant = $1 AND revision = 4 AND seq = 9`,
		}, "revision 4 was altered"},
		{"head", []string{`UPDATE tenants SET head = (SELECT head FROM changes WHERE tenant = $1 AND revision = 5) WHERE tenant = $1`}, "head names revision 6"},
		{"head-revision", []string{`UPDATE tenants SET revision = 7 WHERE tenant = $1`}, "head names revision 7"},
		{"head-time", []string{`UPDATE tenants SET changed_at = 0 WHERE tenant = $1`}, "head names revision 6"},
		{"erased", []string{`UPDATE changes SET before = NULL, after = NULL, salt = NULL WHERE tenant = $1 AND revision > 1`}, ""},
	}
	storetest.Each(t, func(t *testing.T, database string) {
		db, raw := open(t, database), storetest.Raw(t, database)
		for _, c := range cases {
			actor := storetest.Tenant(t, db, c.name)
			for i := range int64(5) {
				actor := actor
				if i == 4 {
					actor.PersonID, actor.Impersonated = 21, 21
				}
				write(t, db, actor, func(tx *store.Tx) error {
					if i == 2 {
						tx.Record(roster.Change{Operation: "thing.update", SubjectType: "thing", SubjectID: i, Before: "one", After: "two"})
					}
					if i == 3 {
						tx.Permitted("THING_WRITE", 7)
					}
					return create(i)(tx)
				})
			}
			for _, text := range c.sql {
				if _, err := raw.ExecContext(t.Context(), text, actor.Tenant.ID); err != nil {
					t.Fatalf("%s: %v", c.name, err)
				}
			}
			seen := 0
			head, err := db.Verify(t.Context(), actor.Tenant.ID, func(store.Head) { seen++ })
			switch {
			case c.want == "" && (err != nil || head.Revision != 6 || seen != 6):
				t.Errorf("%s: %d revisions seen, ends at %d: %v", c.name, seen, head.Revision, err)
			case c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)):
				t.Errorf("%s: %v, want %q", c.name, err, c.want)
			}
		}
	})
}
