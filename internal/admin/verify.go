package admin

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/rosterhq/roster/internal/graph"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/store"
)

// Expected is a place in a tenant's log that was noted elsewhere.
type Expected struct {
	Revision int64
	Hash     string // lower-case hexadecimal
}

// ParseExpected reads REVISION:HASH.
func ParseExpected(text string) (e Expected, err error) {
	revision, hash, ok := strings.Cut(text, ":")
	e.Revision, err = strconv.ParseInt(revision, 10, 64)
	raw, herr := hex.DecodeString(hash)
	if !ok || err != nil || herr != nil || e.Revision < 0 || len(raw) != 32 {
		return e, roster.FieldError("expect", "%q is no REVISION:HASH, as verify prints it", text)
	}
	e.Hash = hex.EncodeToString(raw)
	return e, nil
}

// Verification is what was found about one tenant.
type Verification struct {
	Tenant   string `json:"tenant"`
	Revision int64  `json:"revision"`
	Hash     string `json:"hash"`
	graph.Verified
}

// event is a line of a verification on its way: how far it is, or its end.
type event struct {
	Stage  string        `json:"stage,omitempty"`
	Done   int64         `json:"done,omitempty"`
	Total  int64         `json:"total,omitempty"`
	Result *Verification `json:"result,omitempty"`
	Error  *failure      `json:"error,omitempty"`
}

// events sends progress now and then, so that most of the time goes to the work.
type events struct {
	out  *json.Encoder
	to   *http.ResponseController
	last time.Time
}

const eventPause = 100 * time.Millisecond

func (e *events) progress(stage string, done, total int64) {
	if now := time.Now(); now.Sub(e.last) >= eventPause {
		e.last = now
		e.send(event{Stage: stage, Done: done, Total: total})
	}
}

func (e *events) send(v event) {
	_ = e.out.Encode(v) // who went away is known by the context
	_ = e.to.Flush()
}

func (s *Server) verify(a roster.Actor, w http.ResponseWriter, r *http.Request) error {
	var expected *Expected
	if text := r.URL.Query().Get("expect"); text != "" {
		e, err := ParseExpected(text)
		if err != nil {
			return err
		}
		expected = &e
	}
	w.Header().Set("Content-Type", "application/jsonl")
	e := events{out: json.NewEncoder(w), to: http.NewResponseController(w)}
	result, err := s.verifyTenant(r.Context(), a.Tenant, expected, &e)
	if err != nil {
		f := failureOf(err)
		e.send(event{Error: &f})
		return nil
	}
	e.send(event{Result: &result})
	return nil
}

func (s *Server) verifyTenant(ctx context.Context, t roster.Tenant, expected *Expected, e *events) (v Verification, err error) {
	met := false
	total := s.DB.Published(t.ID)
	head, err := s.DB.Verify(ctx, t.ID, func(h store.Head) {
		met = met || expected != nil && h.Revision == expected.Revision && hex.EncodeToString(h.Hash[:]) == expected.Hash
		e.progress("change log", h.Revision, total)
	})
	if err != nil {
		return v, err
	}
	if expected != nil && !met && expected.Revision > 0 {
		return v, roster.Errorf(roster.Conflict, "LOG_BROKEN", "the change log does not hold revision %d with that hash: its tail was cut off, or it was rebuilt", expected.Revision)
	}
	v = Verification{Tenant: t.Name, Revision: head.Revision, Hash: hex.EncodeToString(head.Hash[:])}
	v.Verified, err = s.Graph.Verify(ctx, t.ID, func(done, total int) { e.progress("groups", int64(done), int64(total)) })
	return v, err
}

// Verify verifies a tenant. progress is called with what is being read and how
// far it is.
func (c *Client) Verify(ctx context.Context, tenant, expect string, progress func(stage string, done, total int64)) (v Verification, err error) {
	answer, err := c.send(ctx, http.MethodGet, below(tenant, "verify"+query("expect", expect)), nil)
	if err != nil {
		return v, err
	}
	defer func() { _ = answer.Body.Close() }()
	dec := json.NewDecoder(answer.Body)
	for {
		var e event
		switch err := dec.Decode(&e); {
		case errors.Is(err, io.EOF):
			return v, roster.Errorf(roster.Unavailable, "", "the verification breaks off")
		case err != nil:
			return v, err
		case e.Error != nil:
			return v, e.Error.err()
		case e.Result != nil:
			return *e.Result, nil
		}
		progress(e.Stage, e.Done, e.Total)
	}
}
