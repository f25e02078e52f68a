package wire

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/danielgtaylor/huma/v2"
)

// checkSuccessor panics where a call's Successor cannot be spelled from its Path.
func (op *Op) checkSuccessor() {
	if op.Successor != "" && !op.Deprecated {
		panic("wire: " + op.ID + " has a successor and is not deprecated")
	}
	own := strings.Split(op.Path, "/")
	for part := range strings.SplitSeq(op.Successor, "/") {
		if strings.HasPrefix(part, "{") && !slices.Contains(own, part) {
			panic("wire: " + op.ID + " does not know " + part + " of its successor")
		}
	}
}

// announceSuccessor says that the call is deprecated, and where the one is that is to
// be made instead.
func (rq *request) announceSuccessor(h http.Header) {
	h["Deprecation"] = []string{"true"}
	if rq.rt.op.Successor == "" {
		return
	}
	parts := strings.Split(rq.rt.op.Successor, "/")
	for i, part := range parts {
		if name, ok := strings.CutPrefix(part, "{"); ok {
			parts[i] = url.PathEscape(rq.http.PathValue(strings.TrimSuffix(name, "}")))
		}
	}
	h["Link"] = []string{"<" + under(rq.rt.base, rq.tenant) + strings.Join(parts, "/") + `>; rel="successor-version"`}
}

// documentSuccessor adds these headers to all answers of a deprecated call.
func (ep *endpoint) documentSuccessor() {
	if !ep.op.Deprecated {
		return
	}
	text := &huma.Schema{Type: huma.TypeString}
	for _, answer := range ep.operation.Responses {
		if answer.Headers == nil {
			answer.Headers = map[string]*huma.Header{}
		}
		answer.Headers["Deprecation"] = &huma.Header{Schema: text, Description: "true: another call is to be made instead."}
		if ep.op.Successor != "" {
			answer.Headers["Link"] = &huma.Header{Schema: text, Description: "That call, as the successor-version (RFC 8288)."}
		}
	}
}
