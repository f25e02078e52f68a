//go:build unix

package pgtest

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"syscall"
)

// debianPrograms is where Debian keeps the server's programs, which it leaves out of
// PATH because several versions may be there.
const debianPrograms = "/usr/lib/postgresql/*/bin"

var errMissing = errors.New(`PostgreSQL is not installed, and tests are never skipped. Install it by
	apt-get update && apt-get install -y postgresql
or set ` + Env + ` to the URL of a database whose user may create databases`)

// programs says where PostgreSQL's programs are and as whom they run.
type programs struct {
	dir string
	// credential is the user postgres where the tests run as root, which PostgreSQL
	// refuses to do; else nil.
	credential *syscall.Credential
}

// findPrograms looks in PATH, then takes the newest version that pattern matches.
func findPrograms(pattern string) (programs, error) {
	var p programs
	if initdb, err := exec.LookPath("initdb"); err == nil {
		p.dir = filepath.Dir(initdb)
	} else {
		p.dir = newest(pattern)
	}
	if p.dir == "" {
		return p, errMissing
	}
	if os.Geteuid() != 0 {
		return p, nil
	}
	var err error
	p.credential, err = lookUp("postgres")
	return p, err
}

// newest returns the match of .../<version>/bin with the highest version, else "".
func newest(pattern string) string {
	matches, _ := filepath.Glob(filepath.Join(pattern, "initdb"))
	var dir string
	highest := -1
	for _, initdb := range matches {
		bin := filepath.Dir(initdb)
		if version, _ := strconv.Atoi(filepath.Base(filepath.Dir(bin))); version > highest {
			dir, highest = bin, version
		}
	}
	return dir
}

func lookUp(name string) (*syscall.Credential, error) {
	u, err := user.Lookup(name)
	if err != nil {
		return nil, fmt.Errorf("PostgreSQL refuses to run as root: %w", err)
	}
	uid, uidErr := strconv.ParseUint(u.Uid, 10, 32)
	gid, gidErr := strconv.ParseUint(u.Gid, 10, 32)
	return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}, errors.Join(uidErr, gidErr)
}

func (p programs) path(name string) string { return filepath.Join(p.dir, name) }

// command prepares a program to run as PostgreSQL's user, in a session of its own:
// an interrupt at the terminal is for the tests, which then end the server.
func (p programs) command(name string, args ...string) *exec.Cmd {
	cmd := exec.Command(name, args...)
	cmd.Dir = "/" // the working directory may be closed to that user, or vanish
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Credential: p.credential}
	return cmd
}
