package app_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/rosterhq/roster/internal/app"
	"github.com/rosterhq/roster/internal/store/storetest"
)

func verified(t *testing.T, where []string) string {
	t.Helper()
	out, _ := command(t, app.Done, append([]string{"verify", "--json", "--tenant", "acme"}, where...)...)
	var all []struct {
		Revision int64
		Hash     string
	}
	if err := json.Unmarshal([]byte(out), &all); err != nil || len(all) != 1 {
		t.Fatalf("%v: %s", err, out)
	}
	return fmt.Sprintf("%d:%s", all[0].Revision, all[0].Hash)
}

func TestVerifyFindsWhatWasAltered(t *testing.T) {
	storetest.Each(t, func(t *testing.T, database string) {
		where := place(t, database)
		command(t, app.Done, append([]string{"tenant", "create", "acme"}, where...)...)
		command(t, app.Done, append([]string{"import", ossGroups(t), "--tenant", "acme"}, where...)...)
		noted := verified(t, where)
		command(t, app.Done, append([]string{"token", "create", "--tenant", "acme", "--api", "directory", "--role", "Reader"}, where...)...)
		fails := func(says string, more ...string) {
			t.Helper()
			_, stderr := command(t, app.Failed, append(append([]string{"verify", "--tenant", "acme"}, more...), where...)...)
			if !strings.Contains(stderr, says) {
				t.Errorf("verify says %q, and not %q", stderr, says)
			}
		}
		command(t, app.Done, append([]string{"verify", "--tenant", "acme", "--expect", noted}, where...)...)
		fails("does not hold revision", "--expect", "2:"+strings.Repeat("00", 32))
		fails("does not hold revision", "--expect", "99"+noted)
		raw := storetest.Raw(t, database)
		alter := func(statement string) {
			t.Helper()
			if _, err := raw.ExecContext(t.Context(), statement); err != nil {
				t.Fatal(err)
			}
		}
		alter(`UPDATE changes SET operation = 'token.revoke' WHERE operation = 'token.create'`)
		fails("was altered")
		alter(`UPDATE changes SET operation = 'token.create' WHERE operation = 'token.revoke'`)
		verified(t, where)
		alter(`UPDATE changes SET after = replace(after, 'Reader', 'Administrator') WHERE operation = 'token.create'`)
		fails("were altered")
	})
}

// TestVerifyComparesTheIndexInUse takes a row away behind the back of a server.
func TestVerifyComparesTheIndexInUse(t *testing.T) {
	database := storetest.SQLite(t)
	where := place(t, database)
	command(t, app.Done, append([]string{"tenant", "create", "acme"}, where...)...)
	command(t, app.Done, append([]string{"import", ossGroups(t), "--tenant", "acme"}, where...)...)
	serve(t, where...)
	verified(t, where)
	_, err := storetest.Raw(t, database).ExecContext(t.Context(), `DELETE FROM memberships WHERE member_id = (SELECT max(member_id)
		FROM memberships WHERE member_kind = 'person')`)
	if err != nil {
		t.Fatal(err)
	}
	_, stderr := command(t, app.Failed, append([]string{"verify"}, where...)...)
	if !strings.Contains(stderr, "the index differs from the rows") {
		t.Errorf("verify says %q", stderr)
	}
}
