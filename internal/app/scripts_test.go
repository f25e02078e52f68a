package app_test

import (
	"errors"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/rosterhq/roster/internal/pgtest"
)

// TestScripts runs the commands as a person does, each script on both databases.
func TestScripts(t *testing.T) {
	for name, database := range map[string]func(*testing.T, *testscript.Env) string{
		"sqlite":   func(_ *testing.T, e *testscript.Env) string { return filepath.Join(e.WorkDir, "data", "roster.db") },
		"postgres": func(t *testing.T, _ *testscript.Env) string { return pgtest.Database(t) },
	} {
		t.Run(name, func(t *testing.T) {
			testscript.Run(t, testscript.Params{
				Dir: "testdata/script",
				Setup: func(e *testscript.Env) error {
					e.Setenv("ROSTER_DATABASE", database(t, e))
					e.Setenv("ENGINE", name)
					return nil
				},
				Cmds:      map[string]func(*testscript.TestScript, bool, []string){"status": status},
				Condition: func(condition string) (bool, error) { return condition == name, nil },
			})
		})
	}
}

// status runs a program that is to end with a status of its own: status 3 roster …
func status(ts *testscript.TestScript, neg bool, args []string) {
	want, err := strconv.Atoi(args[0])
	if err != nil || neg {
		ts.Fatalf("usage: status NUMBER PROGRAM ARGS…")
	}
	got := 0
	var ended *exec.ExitError
	if err := ts.Exec(args[1], args[2:]...); errors.As(err, &ended) {
		got = ended.ExitCode()
	} else if err != nil {
		ts.Fatalf("%v", err)
	}
	if got != want {
		ts.Fatalf("exit status %d, want %d", got, want)
	}
}
