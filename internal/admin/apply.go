package admin

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"

	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/setup"
	"github.com/rosterhq/roster/internal/store"
)

// Applied is what applying a tenant's file did, or would do.
type Applied struct {
	setup.Report

	// Changes are those that it would make, of a plan.
	Changes []PlannedChange `json:"changes,omitempty"`
}

// PlannedChange is a change that applying a file would make.
type PlannedChange struct {
	Operation string `json:"operation"`
	Before    any    `json:"before,omitempty"`
	After     any    `json:"after,omitempty"`
}

// apply has the tenant be as the file in the body says. With plan=true it tells
// what it would change, and takes everything back.
func (s *Server) apply(a roster.Actor, w http.ResponseWriter, r *http.Request) error {
	d, err := setup.Parse(r.Body)
	if err != nil {
		return err
	}
	application := setup.New(d).Sealing(s.Identity)
	var out Applied
	fill := func(tx *store.Tx) error {
		report, err := application.Apply(tx)
		if err == nil {
			out.Report = *report
		}
		return err
	}
	if plan, _ := strconv.ParseBool(r.URL.Query().Get("plan")); plan {
		planned, err := s.DB.Plan(r.Context(), a, fill)
		if err != nil {
			return err
		}
		out.Clients = nil // their keys are drawn anew when the file is applied
		for _, c := range planned.Changes {
			out.Changes = append(out.Changes, PlannedChange{c.Operation, c.Before, c.After})
		}
		return reply(w, out)
	}
	if err := s.DB.Write(r.Context(), a, fill); err != nil {
		return err
	}
	return reply(w, out)
}

// Apply has a tenant be as a file says, or with plan tells what that would change.
// NotFound, Invalid with every problem of the file on a line of its own.
func (c *Client) Apply(ctx context.Context, tenant string, plan bool, file io.Reader) (out Applied, err error) {
	answer, err := c.send(ctx, http.MethodPost, below(tenant, "apply?plan="+strconv.FormatBool(plan)), file)
	if err != nil {
		return out, err
	}
	defer func() { _ = answer.Body.Close() }()
	if err := json.NewDecoder(answer.Body).Decode(&out); err != nil {
		return out, fmt.Errorf("the server's answer breaks off: %w", err)
	}
	return out, nil
}
