//go:build unix

package admin

import (
	"net"
	"os"
)

// listenPrivate binds a socket that only its owner may connect to. The folder
// around it is closed to others, so nobody comes between bind and chmod.
func listenPrivate(path string) (net.Listener, error) {
	l, err := net.Listen("unix", path) //nolint:noctx // binding a file does not wait
	if err != nil {
		return nil, err
	}
	if err := os.Chmod(path, 0o600); err != nil {
		_ = l.Close()
		return nil, err
	}
	return l, nil
}
