package admin

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"

	"github.com/rosterhq/roster/internal/roster"
)

const (
	socketName = "admin.sock"
	// pathName is the file that names the socket where it lies elsewhere.
	pathName = "admin.path"
	// longest is how long a socket's path may be on every system, with some room.
	longest = 100
)

// Listen opens the socket of a data folder, whose lock the caller holds, so that a
// socket that is there is a dead server's. The listener's Close removes it.
func Listen(folder string) (net.Listener, error) {
	path := filepath.Join(folder, socketName)
	if err := forget(folder); err != nil {
		return nil, err
	}
	elsewhere := ""
	if len(path) > longest {
		var err error
		if elsewhere, err = os.MkdirTemp("", "roster-"); err != nil { // 0700
			return nil, err
		}
		path = filepath.Join(elsewhere, socketName)
		if err := os.WriteFile(filepath.Join(folder, pathName), []byte(path+"\n"), 0o600); err != nil {
			return nil, errors.Join(err, os.RemoveAll(elsewhere))
		}
	}
	l, err := listenPrivate(path)
	if err != nil {
		return nil, fmt.Errorf("the administration socket: %w", err)
	}
	return &socket{Listener: l, folder: folder, elsewhere: elsewhere}, nil
}

// forget removes the socket that a dead server left.
func forget(folder string) error {
	if path, err := os.ReadFile(filepath.Join(folder, pathName)); err == nil {
		stale := strings.TrimSpace(string(path))
		if dir := filepath.Dir(stale); strings.HasPrefix(filepath.Base(dir), "roster-") && filepath.Base(stale) == socketName {
			_ = os.Remove(stale)
			_ = os.Remove(dir)
		}
	}
	for _, name := range []string{socketName, pathName} {
		if err := os.Remove(filepath.Join(folder, name)); err != nil && !errors.Is(err, os.ErrNotExist) {
			return err
		}
	}
	return nil
}

// socket accepts connections of the node's own user, and of root.
type socket struct {
	net.Listener
	folder, elsewhere string
}

// Accept implements net.Listener.
func (s *socket) Accept() (net.Conn, error) {
	for {
		c, err := s.Listener.Accept()
		if err != nil {
			return nil, err
		}
		uid, err := peerOf(c)
		if err == nil && (uid == os.Getuid() || uid == 0) {
			return known{c, uid}, nil
		}
		_ = c.Close()
	}
}

// Close implements net.Listener.
func (s *socket) Close() error {
	err := s.Listener.Close()
	if s.elsewhere != "" {
		err = errors.Join(err, os.RemoveAll(s.elsewhere), os.Remove(filepath.Join(s.folder, pathName)))
	}
	return err
}

// known is a connection whose other end is known.
type known struct {
	net.Conn
	uid int
}

func (k known) peer() int { return k.uid }

// Dial returns a client of the server that runs on a data folder. Unavailable when
// none answers.
func Dial(ctx context.Context, folder string) (*Client, error) {
	path := filepath.Join(folder, socketName)
	if named, err := os.ReadFile(filepath.Join(folder, pathName)); err == nil {
		path = strings.TrimSpace(string(named))
	}
	dial := func(ctx context.Context) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, "unix", path)
	}
	c, err := dial(ctx)
	if err != nil {
		return nil, &roster.Error{Kind: roster.Unavailable, Msg: "no server answers on " + path, Err: err}
	}
	_ = c.Close()
	return newClient(dial), nil
}
