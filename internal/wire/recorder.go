package wire

import (
	"bytes"
	"io"
	"net/http"

	"github.com/rosterhq/roster/internal/store"
)

// recorded is an answer that was not sent yet: the ResponseWriter of a call that
// runs inside a write.
type recorded struct {
	status   int
	header   http.Header
	body     []byte
	revision int64
}

// Header implements http.ResponseWriter.
func (a *recorded) Header() http.Header { return a.header }

// WriteHeader implements http.ResponseWriter.
func (a *recorded) WriteHeader(status int) { a.status = status }

// Write implements http.ResponseWriter.
func (a *recorded) Write(p []byte) (int, error) {
	a.body = append(a.body, p...)
	return len(p), nil
}

// lasting are the headers that a stored answer keeps; the others belong to the
// request that gets it.
func (a *recorded) lasting() http.Header {
	kept := http.Header{}
	for _, name := range []string{"Content-Type", "Content-Length", "Location", "Etag", "Link"} {
		if values, ok := a.header[name]; ok {
			kept[name] = values
		}
	}
	return kept
}

// inside runs the call in a transaction and returns its answer. A write may run
// its function again, so each run has a request and an answer of its own.
func (rq *request) inside(tx *store.Tx, body []byte) *recorded {
	a := &recorded{header: http.Header{}, body: []byte{}}
	r := rq.http.Clone(rq.Context)
	r.Body = io.NopCloser(bytes.NewReader(body))
	r.ContentLength = int64(len(body))
	in := &request{
		Context: store.WithTx(rq.Context, tx), http: r, rt: rq.rt, id: rq.id, start: rq.start,
		tenant: rq.tenant, actor: rq.actor, impersonates: rq.impersonates, within: true,
	}
	in.out = response{to: a, rq: in}
	in.w = &in.out
	func() {
		defer in.release()
		defer in.rescue()
		in.rt.run(in)
	}()
	in.out.send()
	return a
}
