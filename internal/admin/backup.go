package admin

import (
	"context"
	"errors"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strconv"

	"github.com/rosterhq/roster/internal/roster"
)

// backup sends a copy of the database as it is at one moment. The copy lies in the
// node's own folder until it is sent.
func (s *Server) backup(_ roster.Actor, w http.ResponseWriter, r *http.Request) (err error) {
	folder, err := os.MkdirTemp(s.Folder, ".backup-") // 0700
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(folder) }()
	path := filepath.Join(folder, "roster.db")
	if err := s.DB.Backup(r.Context(), path, nil); err != nil {
		return err
	}
	file, err := os.Open(path) //nolint:gosec // it was made above
	if err != nil {
		return err
	}
	defer func() { _ = file.Close() }()
	info, err := file.Stat()
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/vnd.sqlite3")
	w.Header().Set("Content-Length", strconv.FormatInt(info.Size(), 10))
	_, _ = io.Copy(w, file) // a reader who misses a part knows by the length
	return nil
}

// Backup writes a copy of the database to out. progress hears of bytes.
func (c *Client) Backup(ctx context.Context, out io.Writer, progress func(done, total int64)) (size int64, err error) {
	answer, err := c.send(ctx, http.MethodGet, "/backup", nil)
	if err != nil {
		return 0, err
	}
	defer func() { _ = answer.Body.Close() }()
	size, err = io.Copy(out, &counting{Reader: answer.Body, total: answer.ContentLength, tell: progress})
	if errors.Is(err, io.ErrUnexpectedEOF) {
		err = roster.Errorf(roster.Unavailable, "", "the backup breaks off behind %d of %d bytes", size, answer.ContentLength)
	}
	return size, err
}

type counting struct {
	io.Reader
	done, total int64
	tell        func(done, total int64)
}

// Read implements io.Reader.
func (c *counting) Read(p []byte) (int, error) {
	n, err := c.Reader.Read(p)
	c.done += int64(n)
	c.tell(c.done, c.total)
	return n, err
}
