//go:build unix

package pgtest

import (
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// TestCommitsSurvive shows that a commit outlives each way in which a server ends,
// and that its sessions do not.
func TestCommitsSurvive(t *testing.T) {
	c := Start(t, Durable)
	url := c.Database(t)
	if got := ask(t, url, "SHOW fsync"); got != "on" {
		t.Errorf("fsync is %s", got)
	}
	if _, err := connect(t, url).Exec(t.Context(), "CREATE TABLE mark (id text)"); err != nil {
		t.Fatal(err)
	}
	for _, end := range []struct {
		name string
		call func() error
	}{{"kill", c.Kill}, {"stop", c.Stop}, {"kill again", c.Kill}} {
		conn := connect(t, url)
		if _, err := conn.Exec(t.Context(), "INSERT INTO mark VALUES ($1)", end.name); err != nil {
			t.Fatal(err)
		}
		if err := end.call(); err != nil {
			t.Fatalf("%s: %v", end.name, err)
		}
		if err := conn.Ping(t.Context()); err == nil {
			t.Errorf("%s: the session lives on", end.name)
		}
		if _, err := pgx.Connect(t.Context(), url); err == nil {
			t.Errorf("%s: the server takes connections", end.name)
		}
		if err := c.Restart(); err != nil {
			t.Fatalf("restart after %s: %v", end.name, err)
		}
		if got := ask(t, url, "SELECT count(*)::text FROM mark WHERE id = $1", end.name); got != "1" {
			t.Errorf("%s: %s rows of the commit", end.name, got)
		}
	}
}

func TestKillEndsTheChildren(t *testing.T) {
	c := Start(t)
	ask(t, c.URL(), "SELECT 'a session'")
	before := children(c.postmaster.Process.Pid)
	if len(before) == 0 {
		t.Fatal("a server without children")
	}
	if err := c.Kill(); err != nil {
		t.Fatal(err)
	}
	for _, pid := range before {
		eventually(t, "a child ends", func() bool { return hasEnded(pid) })
	}
	if err := c.Kill(); err == nil {
		t.Error("a second Kill found a server")
	}
}

func TestSettingThatIsRefused(t *testing.T) {
	_, err := New("max_connections=none")
	if err == nil || !strings.Contains(err.Error(), "max_connections") {
		t.Errorf("got %v", err)
	}
}

// helperEnv makes TestHelper, in a process of its own, start a cluster and end badly.
const helperEnv = "ROSTER_PGTEST_HELPER"

func TestHelper(t *testing.T) {
	end := os.Getenv(helperEnv)
	if end == "" {
		return // this is the suite, not the process that TestNothingStaysBehind starts
	}
	t.Setenv(Env, "")
	Database(t)
	fmt.Println(sharedCluster.dir, sharedCluster.postmaster.Process.Pid)
	if end == "panic" {
		panic("on purpose")
	}
	select {} // until it is killed
}

func TestNothingStaysBehind(t *testing.T) {
	for _, end := range []string{"panic", "kill"} {
		t.Run(end, func(t *testing.T) {
			t.Parallel()
			cmd := exec.Command(os.Args[0], "-test.run=^TestHelper$")
			cmd.Env = append(os.Environ(), helperEnv+"="+end)
			out, err := cmd.StdoutPipe()
			if err != nil {
				t.Fatal(err)
			}
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			var dir string
			var pid int
			_, scanErr := fmt.Fscan(out, &dir, &pid)
			if end == "kill" {
				cmd.Process.Kill()
			}
			if err := cmd.Wait(); err == nil || scanErr != nil {
				t.Fatalf("the helper ended with %v and told %v", err, scanErr)
			}
			eventually(t, "the folder is removed", func() bool {
				_, err := os.Stat(dir)
				return os.IsNotExist(err)
			})
			eventually(t, "the postmaster ends", func() bool { return hasEnded(pid) })
		})
	}
}

// hasEnded reports whether a process is gone, or a zombie that nobody collects.
func hasEnded(pid int) bool {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return true
	}
	_, rest, _ := strings.Cut(string(stat), ") ")
	return rest[0] == 'Z'
}

// eventually waits for what another process does, which no channel can tell.
func eventually(t *testing.T, what string, done func() bool) {
	t.Helper()
	for deadline := time.Now().Add(limit); !done(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("not within %s: %s", limit, what)
		}
	}
}
