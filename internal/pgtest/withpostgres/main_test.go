//go:build unix

package main

import (
	"testing"

	"github.com/rosterhq/roster/internal/pgtest"
)

func TestRun(t *testing.T) {
	for _, c := range []struct {
		name   string
		url    string
		args   []string
		code   int
		failed bool
	}{
		{"hands over a server", "", []string{"sh", "-c", `test -S "$(expr "$` + pgtest.Env + `" : '.*host=\([^&]*\)')/.s.PGSQL.5432"`}, 0, false},
		{"ends with the command's code", "", []string{"sh", "-c", "exit 7"}, 7, false},
		{"keeps a server that is given", "postgres://elsewhere", []string{"sh", "-c", `test "$` + pgtest.Env + `" = postgres://elsewhere`}, 0, false},
		{"a command that does not exist", "postgres://elsewhere", []string{"/nowhere"}, 1, true},
		{"a command that is killed", "postgres://elsewhere", []string{"sh", "-c", "kill -9 $$"}, 1, true},
		{"no command", "", nil, 1, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Setenv(pgtest.Env, c.url)
			code, err := run(t.Context(), c.args)
			if code != c.code || (err != nil) != c.failed {
				t.Errorf("got %d, %v", code, err)
			}
		})
	}
}
