package wire

import (
	"fmt"
	"log/slog"
	"net/http"
	"runtime/debug"

	"github.com/rosterhq/roster/internal/roster"
)

// ServeHTTP takes one request through: who is it, may they, then the call.
func (rt *route) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	rq := &request{Context: r.Context(), http: r, rt: rt, start: rt.srv.clock(), id: r.Header.Get("X-Request-Id")}
	if !saneID(rq.id) {
		rq.id = newID()
	}
	if rt.ofTenant {
		rq.tenant = rt.tenantIn(r)
	}
	rq.out = response{to: w, rq: rq}
	rq.w = &rq.out
	h := w.Header()
	rq.set(h, "X-Request-Id", idValue, rq.id)
	if rt.api.traceHeader != "" {
		rq.set(h, rt.api.traceHeader, idValue, rq.id)
	}
	h["X-Content-Type-Options"] = nosniff
	h["Cache-Control"] = noStore
	if rt.op.Deprecated {
		rq.announceSuccessor(h)
	}
	defer rq.end()
	defer rq.rescue()
	if err := rq.admit(); err != nil {
		rq.fail(err)
		return
	}
	if rt.srv.keys != nil && rt.op.takesKey() && rt.srv.keys.serve(rq) {
		return
	}
	rt.run(rq)
}

// rescue answers for a handler that panicked; what it said is for the log alone.
// Where part of an answer is out already, the connection is cut.
func (rq *request) rescue() {
	fault := recover()
	if fault == nil {
		return
	}
	if fault == http.ErrAbortHandler || rq.out.sent {
		panic(http.ErrAbortHandler)
	}
	rq.rt.srv.log.LogAttrs(rq, slog.LevelError, "panic", slog.String("request", rq.id),
		slog.String("operation", rq.rt.op.ID), slog.Any("panic", fault), slog.String("stack", string(debug.Stack())))
	rq.w = &rq.out
	rq.fail(&roster.Error{Kind: roster.Internal, Msg: "internal error", Err: fmt.Errorf("panic: %v", fault)})
}

// end sends what is still held back, counts the request and logs it.
func (rq *request) end() {
	rq.out.send()
	rq.release()
	took := rq.rt.srv.clock().Sub(rq.start)
	rq.rt.count(rq.out.status, took)
	level := slog.LevelDebug
	switch {
	case rq.out.status >= 500:
		level = slog.LevelError
	case rq.rt.op.mutates():
		level = slog.LevelInfo
	}
	if log := rq.rt.srv.log; log.Enabled(rq, level) {
		log.LogAttrs(rq, level, "request", slog.String("request", rq.id), slog.String("api", string(rq.rt.api.name)),
			slog.String("operation", rq.rt.op.ID), slog.Int("status", rq.out.status), slog.Int64("bytes", rq.out.size),
			slog.Duration("took", took), slog.String("tenant", rq.actor.Tenant.Name), slog.String("actor", rq.actor.ID))
	}
}
