package admin

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/rosterhq/roster/internal/graph"
	"github.com/rosterhq/roster/internal/graph/index"
	"github.com/rosterhq/roster/internal/identity/transfer"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/store"
)

// Step is a subject on the way from a group to somebody in it.
type Step struct {
	ID         string `json:"id"`
	UUID       string `json:"uuid"`
	ExternalID string `json:"external_id,omitempty"`
	Name       string `json:"name"`
}

// Answer is whether somebody is in a group, and by which way: from the group to
// the account, both included.
type Answer struct {
	Member         bool   `json:"member"`
	MembershipType string `json:"membership_type,omitempty"`
	Path           []Step `json:"path,omitempty"`
}

// instant reads the parameter asOf, in µs UTC; 0 for now.
func instant(r *http.Request) (int64, error) {
	text := r.URL.Query().Get("asOf")
	if text == "" {
		return 0, nil
	}
	at, err := time.Parse(time.RFC3339Nano, text)
	if err != nil {
		return 0, roster.FieldError("as-of", "%q is no time like 2026-01-31T12:00:00Z", text)
	}
	return at.UnixMicro(), nil
}

func query(name, value string) string {
	if value == "" {
		return ""
	}
	return "?" + url.Values{name: {value}}.Encode()
}

func (s *Server) check(a roster.Actor, w http.ResponseWriter, r *http.Request) error {
	asOf, err := instant(r)
	if err != nil {
		return err
	}
	q := r.URL.Query()
	var group, person int64
	err = s.DB.Read(r.Context(), a.Tenant.ID, func(tx *store.Tx) (err error) {
		if group, err = refer(tx, transfer.Group, "grp-", q.Get("group")); err != nil {
			return err
		}
		person, err = refer(tx, transfer.Person, "acc-", q.Get("account"))
		return err
	})
	if err != nil {
		return err
	}
	var out Answer
	found := error(nil)
	err = s.Graph.Read(r.Context(), a.Tenant.ID, graph.Scope{AsOf: asOf, Below: []int64{group}, Above: []int64{person}}, func(v *index.View) {
		switch {
		case v.Group(group) == nil:
			found = roster.Errorf(roster.NotFound, graph.CodeNoGroup, "there is no group %q", q.Get("group"))
		case v.Person(person) == nil:
			found = roster.Errorf(roster.NotFound, graph.CodeNoMember, "there is no account %q", q.Get("account"))
		default:
			out = answerOf(v, group, person)
		}
	})
	if err != nil || found != nil {
		return roster.AsError(first(err, found))
	}
	return reply(w, out)
}

func first(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

func answerOf(v *index.View, group, person int64) (out Answer) {
	path, member := v.Check(group, person)
	out.Member = member
	for _, id := range path {
		out.Path = append(out.Path, step(v, id))
	}
	if member {
		out.MembershipType = "indirect"
		if len(path) == 2 {
			out.MembershipType = "direct"
		}
	}
	return out
}

func step(v *index.View, id int64) Step {
	if g := v.Group(id); g != nil {
		return Step{"grp-" + strconv.FormatInt(id, 10), uuid.UUID(g.UUID).String(), g.ExternalID, g.Name}
	}
	p := v.Person(id)
	return Step{ID: "acc-" + strconv.FormatInt(id, 10), UUID: uuid.UUID(p.UUID).String(), Name: p.Name}
}

// refer finds the subject that a person at the command line means: by its id in
// the directory, its UUID, or the id that it was imported with.
func refer(tx *store.Tx, typ, prefix, ref string) (int64, error) {
	if number, ok := strings.CutPrefix(ref, prefix); ok {
		if id, err := strconv.ParseInt(number, 10, 64); err == nil && id > 0 {
			return id, nil
		}
	}
	found, err := transfer.Find(tx, typ, ref)
	if err != nil {
		return 0, err
	}
	if found[ref] == 0 {
		return 0, roster.Errorf(roster.NotFound, graph.CodeNoMember, "there is no %s %q", typ, ref)
	}
	return found[ref], nil
}

// Check asks whether an account is in a group at an instant (RFC 3339; "" for now).
func (c *Client) Check(ctx context.Context, tenant, group, account, asOf string) (out Answer, err error) {
	q := url.Values{"group": {group}, "account": {account}}
	if asOf != "" {
		q.Set("asOf", asOf)
	}
	return out, c.call(ctx, http.MethodGet, below(tenant, "check?"+q.Encode()), nil, &out)
}
