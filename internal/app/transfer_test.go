package app_test

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/rosterhq/roster/internal/admin"
	"github.com/rosterhq/roster/internal/app"
	"github.com/rosterhq/roster/internal/store/storetest"
)

// imported is what an import prints with --json.
type imported struct {
	People, Groups, Properties, Memberships, Managers struct{ Created, Updated, Unchanged, Rejected int }
	Plan                                              bool
	RejectedRows                                      int `json:"rejected_rows"`
}

func importJSON(t *testing.T, want int, args ...string) (r imported) {
	t.Helper()
	out, _ := command(t, want, append([]string{"import", "--json"}, args...)...)
	if err := json.Unmarshal([]byte(out), &r); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return r
}

func TestSecondImportChangesNothing(t *testing.T) {
	storetest.Each(t, func(t *testing.T, database string) {
		where := place(t, database)
		command(t, app.Done, append([]string{"tenant", "create", "acme"}, where...)...)
		args := append([]string{ossGroups(t), "--tenant", "acme"}, where...)
		plan := importJSON(t, app.Done, append(args, "--plan")...)
		if empty, _ := command(t, app.Done, append([]string{"export", "--tenant", "acme"}, where...)...); empty != "" {
			t.Errorf("the plan changed something:\n%.300s", empty)
		}
		first := importJSON(t, app.Done, args...)
		if plan.Plan = false; plan != first {
			t.Errorf("the plan says %+v, the import did %+v", plan, first)
		}
		if n := first.People.Created; n != 1509 {
			t.Errorf("%d people", n)
		}
		before, _ := command(t, app.Done, append([]string{"tenant", "list"}, where...)...)
		second := importJSON(t, app.Done, args...)
		if second.People.Unchanged != 1509 || second.Groups.Unchanged != 774 || second.Memberships.Unchanged != first.Memberships.Created {
			t.Errorf("the second import did %+v", second)
		}
		if after, _ := command(t, app.Done, append([]string{"tenant", "list"}, where...)...); after != before {
			t.Errorf("the second import moved the revision: %s%s", before, after)
		}
	})
}

func TestExportReadsBackAsItWas(t *testing.T) {
	storetest.Each(t, func(t *testing.T, database string) {
		where := place(t, database)
		serve(t, append([]string{"--demo"}, where...)...).stop()
		first := filepath.Join(t.TempDir(), "first.jsonl")
		command(t, app.Done, append([]string{"export", "--tenant", "demo", "-o", first}, where...)...)
		command(t, app.Done, append([]string{"tenant", "create", "copy"}, where...)...)
		command(t, app.Done, append([]string{"import", first, "--tenant", "copy"}, where...)...)
		second, _ := command(t, app.Done, append([]string{"export", "--tenant", "copy"}, where...)...)
		text, err := os.ReadFile(first)
		if err != nil {
			t.Fatal(err)
		}
		if string(text) != second {
			t.Errorf("the export of the copy differs: %d bytes, and %d before", len(second), len(text))
		}
		if lines := strings.Count(second, "\n"); lines < 9000 {
			t.Errorf("the export has %d lines", lines)
		}
		command(t, app.Done, append([]string{"verify"}, where...)...)
	})
}

func TestExportShowsThePast(t *testing.T) {
	storetest.Each(t, func(t *testing.T, database string) {
		where := append([]string{"--tenant", "acme"}, place(t, database)...)
		export := func(more ...string) string {
			out, _ := command(t, app.Done, append(append([]string{"export"}, more...), where...)...)
			return out
		}
		load := func(lines string) {
			file := filepath.Join(t.TempDir(), "rows.jsonl")
			if err := os.WriteFile(file, []byte(lines), 0o600); err != nil {
				t.Fatal(err)
			}
			command(t, app.Done, append([]string{"import", file}, where...)...)
		}
		command(t, app.Done, append([]string{"tenant", "create", "acme"}, where[2:]...)...)
		load(`{"type":"person","id":"a","name":"Ada","email":"a@b.example"}
{"type":"person","id":"c","name":"Cyd","email":"c@b.example","profiles":["user"],"user":{"full_name":"Cyd Ives","role":"MANAGER","status":"ACTIVE"}}
{"type":"group","id":"g","name":"G"}
{"type":"membership","group":"g","person":"a"}`)
		before, at := export(), time.Now()
		load(`{"type":"person","id":"a","name":"Ada Byron","email":"a@b.example","profiles":["account","user"],"user":{"full_name":"Ada","role":"EMPLOYEE","status":"ACTIVE"}}
{"type":"manager","person":"a","manager":"c"}
{"type":"group","id":"g","name":"Renamed"}
{"type":"group","id":"h","name":"H"}
{"type":"membership","group":"g","child":"h"}
{"type":"membership","group":"g","person":"a","role":"chair","expires_at":"2099-01-01T00:00:00Z"}`)
		after := export()
		if past := export("--as-of", at.Format(time.RFC3339Nano)); past != before {
			t.Errorf("the export as of then is\n%s\nand was\n%s", past, before)
		}
		for _, part := range []string{"Ada Byron", "Renamed", `"child"`, `"role":"chair"`, `"type":"manager"`, "2099"} {
			if strings.Contains(before, part) || !strings.Contains(after, part) {
				t.Errorf("%s belongs to the present alone:\n%s%s", part, before, after)
			}
		}
		if early := export("--as-of", "2001-01-01T00:00:00Z"); early != "" {
			t.Errorf("before everything there was\n%s", early)
		}
	})
}

// manyRows writes a file of n people in one group.
func manyRows(t *testing.T, n int) string {
	t.Helper()
	var b strings.Builder
	b.WriteString(`{"type":"group","id":"all","name":"All"}` + "\n")
	for i := range n {
		fmt.Fprintf(&b, `{"type":"person","id":"x%d","name":"Person %d","email":"x%d@example.org"}`+"\n", i, i, i)
		fmt.Fprintf(&b, `{"type":"membership","group":"all","person":"x%d"}`+"\n", i)
	}
	path := filepath.Join(t.TempDir(), "many.jsonl")
	if err := os.WriteFile(path, []byte(b.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestKilledImportGoesOn kills the command in the middle, and runs it again: what
// was acknowledged is there, each row whole, and the rest comes in.
func TestKilledImportGoesOn(t *testing.T) {
	const people = 12_000
	data, file := t.TempDir(), manyRows(t, people)
	command(t, app.Done, "tenant", "create", "acme", "--data", data)
	s := serve(t, "--data", data)
	program, err := exec.LookPath("roster") // this program, by TestMain
	if err != nil {
		t.Fatal(err)
	}
	cut := exec.CommandContext(t.Context(), program, "import", file, "--tenant", "acme", "--data", data)
	if err := cut.Start(); err != nil {
		t.Fatal(err)
	}
	awaitRevision(t, data, 2)
	if err := cut.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = cut.Wait()
	command(t, app.Done, "verify", "--data", data)
	r := importJSON(t, app.Done, file, "--tenant", "acme", "--data", data)
	switch {
	case r.People.Created+r.People.Unchanged != people || r.Memberships.Created+r.Memberships.Unchanged != people:
		t.Errorf("the second run did %+v", r)
	case r.People.Unchanged == 0 || r.Memberships.Created == 0:
		t.Errorf("the first run was not cut off in its middle: %+v", r)
	}
	s.stop()
	out, _ := command(t, app.Done, "verify", "--data", data)
	if !strings.Contains(out, fmt.Sprintf("%d memberships", people)) {
		t.Errorf("verify says %s", out)
	}
}

// awaitRevision waits until the tenant is beyond a revision.
func awaitRevision(t *testing.T, data string, revision int64) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	client, err := admin.Dial(ctx, data)
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	for {
		tenants, err := client.Tenants(ctx)
		if err != nil {
			t.Fatal(err)
		}
		if tenants[0].Revision > revision {
			return
		}
	}
}
