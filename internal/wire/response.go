package wire

import (
	"net/http"
	"strconv"
	"time"

	"github.com/danielgtaylor/huma/v2"
)

// response holds an answer's status back until its first byte, so that a panic
// can still become an answer, the length is known where the body comes in one
// piece, and the revision is read when the work is done.
type response struct {
	to     http.ResponseWriter
	rq     *request
	status int
	size   int64
	sent   bool
}

// Header implements http.ResponseWriter.
func (w *response) Header() http.Header { return w.to.Header() }

// WriteHeader implements http.ResponseWriter; the last status before the body counts.
func (w *response) WriteHeader(status int) {
	if !w.sent {
		w.status = status
	}
}

// Write implements http.ResponseWriter.
func (w *response) Write(p []byte) (int, error) {
	w.send()
	n, err := w.to.Write(p)
	w.size += int64(n)
	return n, err
}

// writeAll writes the whole body at once.
func (w *response) writeAll(p []byte) {
	if !w.sent {
		w.rq.set(w.to.Header(), "Content-Length", lengthValue, strconv.Itoa(len(p)))
	}
	_, _ = w.Write(p)
}

// SetReadDeadline lets huma bound the time that a body may take.
func (w *response) SetReadDeadline(t time.Time) error { return huma.SetReadDeadline(w.to, t) }

// send sends status and headers, once.
func (w *response) send() {
	if w.sent {
		return
	}
	w.sent = true
	if w.status == 0 {
		w.status = http.StatusOK
	}
	if rev, ok := w.rq.currentRevision(); ok {
		w.rq.set(w.to.Header(), "Roster-Revision", revisionValue, strconv.FormatInt(rev, 10))
	}
	w.to.WriteHeader(w.status)
}

// Values of headers that every answer carries, made once.
var (
	jsonMedia = []string{"application/json"}
	nosniff   = []string{"nosniff"}
	noStore   = []string{"no-store"}
	bearer    = []string{"Bearer"}
)
