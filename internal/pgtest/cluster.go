//go:build unix

package pgtest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"
)

// Setting is one of PostgreSQL's settings, as name=value.
type Setting string

// Durable makes a cluster sync its files, as a real one does. Without it commits cost
// no disk, and survive Kill but not the loss of power.
const Durable Setting = "fsync=on"

// defaults come before the settings of a test; the last of a name counts.
var defaults = []Setting{
	"listen_addresses=",
	"fsync=off",
	"max_connections=300", // all packages share it, and some tests run several nodes
	"shared_buffers=64MB",
}

// limit bounds each wait for the server: its start, recovery included, and its end.
const limit = time.Minute

// Cluster is a PostgreSQL server with its own data. Its methods are not for
// concurrent use.
type Cluster struct {
	dir      string // holds the data, the log and the socket
	programs programs
	settings []Setting

	postmaster *exec.Cmd // nil while the server is down
	// alive reads EOF once the postmaster and every child of it has let go of memory
	// and files: they, and nobody else, hold the other end.
	alive *os.File

	keeper *exec.Cmd
	leash  *os.File
}

// New starts a cluster. The caller closes it; a test rather calls Start.
func New(settings ...Setting) (*Cluster, error) {
	programs, err := findPrograms(debianPrograms)
	if err != nil {
		return nil, err
	}
	// Not under TMPDIR: a socket's path has at most 107 bytes.
	dir, err := os.MkdirTemp("/tmp", "roster-pg")
	if err != nil {
		return nil, err
	}
	c := &Cluster{dir: dir, programs: programs, settings: settings}
	if err := c.keep(); err != nil {
		return nil, errors.Join(err, os.RemoveAll(dir))
	}
	if err := errors.Join(c.initialize(), c.Restart()); err != nil {
		c.Close()
		return nil, err
	}
	return c, nil
}

// URL is the URL of the cluster's own database, for administration.
func (c *Cluster) URL() string {
	return "postgres:///postgres?host=" + c.dir + "&port=5432&user=roster"
}

// keeper ends what a cluster left when its owner closes the leash or ends in any
// other way, be it a panic or SIGKILL: the kernel then closes the leash.
const keeper = `cat >/dev/null
"$1/pg_ctl" stop --pgdata="$2/data" --mode=immediate
rm -rf "$2"`

func (c *Cluster) keep() error {
	if id := c.programs.credential; id != nil {
		if err := os.Chown(c.dir, int(id.Uid), int(id.Gid)); err != nil {
			return err
		}
	}
	end, leash, err := os.Pipe()
	if err != nil {
		return err
	}
	defer end.Close()
	cmd := c.programs.command("/bin/sh", "-c", keeper, "keeper", c.programs.dir, c.dir)
	cmd.Stdin = end
	if err := cmd.Start(); err != nil {
		return errors.Join(err, leash.Close())
	}
	c.keeper, c.leash = cmd, leash
	return nil
}

func (c *Cluster) initialize() error {
	out, err := c.programs.command(c.programs.path("initdb"), "--pgdata="+c.data(), "--username=roster",
		"--auth=trust", "--encoding=UTF8", "--locale=C", "--locale-provider=icu", "--icu-locale=en-US",
		"--no-sync").CombinedOutput()
	if err != nil {
		return fmt.Errorf("initdb: %w\n%s", err, out)
	}
	return nil
}

// Restart starts the server after Stop or Kill, on the same data and under the same
// URLs, and returns when it takes connections.
func (c *Cluster) Restart() error {
	if c.postmaster != nil {
		return errors.New("pgtest: the server runs already")
	}
	log, err := os.OpenFile(c.log(), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer log.Close()
	alive, held, err := os.Pipe()
	if err != nil {
		return err
	}
	defer held.Close()

	cmd := c.programs.command(c.programs.path("postgres"), "-D", c.data(), "-k", c.dir)
	for _, s := range slices.Concat(defaults, c.settings) {
		cmd.Args = append(cmd.Args, "-c", string(s))
	}
	cmd.Stdout, cmd.Stderr = log, log
	cmd.ExtraFiles = []*os.File{held}
	if err := cmd.Start(); err != nil {
		return errors.Join(err, alive.Close())
	}
	c.postmaster, c.alive = cmd, alive
	held.Close()
	return c.ready()
}

// ready waits until the server takes connections, or has ended.
func (c *Cluster) ready() error {
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	for {
		switch gone, err := c.gone(20 * time.Millisecond); {
		case err != nil:
			return err
		case gone:
			log, _ := os.ReadFile(c.log())
			return errors.Join(fmt.Errorf("pgtest: postgres ended at its start:\n%s", log), c.reap())
		}
		conn, err := pgx.Connect(ctx, c.URL())
		if err == nil {
			return conn.Close(ctx)
		}
		if ctx.Err() != nil {
			return fmt.Errorf("pgtest: no connection within %s: %w", limit, err)
		}
	}
}

// gone waits a while for the end of all of the server's processes, and reports it.
func (c *Cluster) gone(wait time.Duration) (bool, error) {
	if err := c.alive.SetReadDeadline(time.Now().Add(wait)); err != nil {
		return false, err
	}
	switch _, err := c.alive.Read(make([]byte, 1)); {
	case errors.Is(err, os.ErrDeadlineExceeded):
		return false, nil
	case errors.Is(err, io.EOF):
		return true, nil
	default:
		return false, err
	}
}

// Stop shuts the server down in good order and keeps its data; Restart brings it back.
func (c *Cluster) Stop() error {
	if c.postmaster == nil {
		return nil
	}
	// SIGINT is PostgreSQL's fast shutdown: it ends the sessions and does not wait for them.
	if err := c.postmaster.Process.Signal(syscall.SIGINT); err != nil {
		return err
	}
	return c.reap()
}

// Kill ends the postmaster and all its children by SIGKILL, as a crash does, and
// returns when they are gone; Restart recovers.
func (c *Cluster) Kill() error {
	if c.postmaster == nil {
		return errors.New("pgtest: the server does not run")
	}
	pid := c.postmaster.Process.Pid
	// A stopped postmaster cannot tend its children's deaths before its own. One that
	// it forks in between notices that it is alone, and reap waits for it.
	if err := syscall.Kill(pid, syscall.SIGSTOP); err != nil {
		return err
	}
	for _, child := range children(pid) {
		_ = syscall.Kill(child, syscall.SIGKILL)
	}
	if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
		return err
	}
	return c.reap()
}

// reap waits for the server's last process and takes its exit status, which a
// zombie would keep, and with it the lock on the data.
func (c *Cluster) reap() error {
	switch gone, err := c.gone(limit); {
	case err != nil:
		return err
	case !gone:
		return fmt.Errorf("pgtest: the server still runs after %s", limit)
	}
	_ = c.postmaster.Wait() // it tells how the server was ended, which the caller chose
	err := c.alive.Close()
	c.postmaster, c.alive = nil, nil
	return err
}

// Close ends the server and removes its files.
func (c *Cluster) Close() {
	c.leash.Close()
	_ = c.keeper.Wait()
	if c.postmaster != nil {
		_ = c.reap()
	}
}

func (c *Cluster) data() string { return filepath.Join(c.dir, "data") }
func (c *Cluster) log() string  { return filepath.Join(c.dir, "log") }

// children lists the processes of a parent from /proc; where there is none, nothing.
func children(parent int) []int {
	stats, _ := filepath.Glob("/proc/[0-9]*/stat")
	var pids []int
	for _, stat := range stats {
		text, err := os.ReadFile(stat)
		if err != nil {
			continue // it has ended since
		}
		// pid (name) state parent …, and a name may hold spaces and parentheses.
		fields := strings.Fields(string(text[bytes.LastIndexByte(text, ')')+1:]))
		if len(fields) < 2 || fields[1] != strconv.Itoa(parent) {
			continue
		}
		if pid, err := strconv.Atoi(filepath.Base(filepath.Dir(stat))); err == nil {
			pids = append(pids, pid)
		}
	}
	return pids
}
