package directoryapi

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"reflect"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"github.com/rosterhq/roster/internal/graph"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/wire"
)

// change is one entry of the change log, in the terms of this API.
type change struct {
	Revision  int64         `json:"revision"`
	Time      string        `json:"time" format:"date-time"`
	Actor     string        `json:"actor"`
	API       string        `json:"api"`
	Operation string        `json:"operation" example:"membership.add"`
	Subject   changeSubject `json:"subject"`
	Before    changeFields  `json:"before" doc:"The fields as they were; null when there was nothing."`
	After     changeFields  `json:"after" doc:"The fields as they are since; null when there is nothing."`
}

// changeFields are a groupChange, an accountChange, a membershipChange or nil.
type changeFields struct{ of any }

// MarshalJSON writes the fields alone.
func (f changeFields) MarshalJSON() ([]byte, error) { return json.Marshal(f.of) }

// Schema describes whichever there are.
func (changeFields) Schema(r huma.Registry) *huma.Schema {
	return &huma.Schema{AnyOf: []*huma.Schema{
		r.Schema(reflect.TypeFor[groupChange](), true, "GroupChange"),
		r.Schema(reflect.TypeFor[accountChange](), true, "AccountChange"),
		r.Schema(reflect.TypeFor[membershipChange](), true, "MembershipChange"),
		{Type: "null"},
	}}
}

type changeSubject struct {
	Type   string `json:"type" enum:"group,account,membership"`
	ID     string `json:"id" doc:"The group or account; of a membership the group."`
	Member string `json:"member_id,omitempty" doc:"Of a membership: the account or the nested group."`
}

// The fields of a subject are those that getting it shows, less what is counted.
type groupChange struct {
	Name        string `json:"name"`
	Description string `json:"description"`
	GroupType   string `json:"group_type"`
	Privileged  bool   `json:"is_privileged"`
	ExternalID  string `json:"external_id,omitempty"`
	Kind        string `json:"kind,omitempty"`
}

type accountChange struct {
	Name         string  `json:"name"`
	Email        string  `json:"email"`
	DisplayName  *string `json:"display_name"`
	Department   *string `json:"department"`
	DataSourceID *string `json:"data_source_id"`
	Status       string  `json:"status"`
	ExternalID   string  `json:"external_id,omitempty"`
}

type membershipChange struct {
	AddedDate string `json:"added_date"`
	StartsAt  string `json:"starts_at,omitempty"`
	ExpiresAt string `json:"expires_at,omitempty"`
}

// renderChange shows a change of a group, a person or a membership of either;
// ok is false for what the directory does not show.
func renderChange(c *graph.LoggedChange) (out change, ok bool) {
	out = change{
		Revision: c.Revision, Time: exact(c.Time), Actor: c.Actor, API: string(c.API), Operation: c.Operation,
	}
	switch c.SubjectType {
	case graph.GroupSubject:
		out.Subject = changeSubject{Type: "group", ID: groupID(c.SubjectID)}
		out.Before, out.After = translate(c.Before, groupOf), translate(c.After, groupOf)
	case graph.PersonSubject:
		out.Subject = changeSubject{Type: "account", ID: accountID(c.SubjectID)}
		out.Before, out.After = translate(c.Before, accountOf), translate(c.After, accountOf)
	case "membership":
		return renderMembership(c, out)
	default:
		return out, false
	}
	return out, true
}

func renderMembership(c *graph.LoggedChange, out change) (change, bool) {
	fields := firstOf(c.After, c.Before)
	switch fields.MemberKind {
	case graph.PersonSubject:
		out.Subject = changeSubject{"membership", groupID(c.SubjectID), accountID(c.ObjectID)}
	case graph.GroupSubject:
		out.Subject = changeSubject{"membership", groupID(c.SubjectID), groupID(c.ObjectID)}
	default:
		return out, false
	}
	out.Before, out.After = translate(c.Before, membershipOf), translate(c.After, membershipOf)
	return out, true
}

func firstOf(values ...json.RawMessage) (fields graph.MembershipFields) {
	for _, v := range values {
		if v != nil && json.Unmarshal(v, &fields) == nil {
			break
		}
	}
	return fields
}

// translate reads logged fields and shows them as this API does; null stays null.
func translate[From, To any](logged json.RawMessage, show func(From) To) (f changeFields) {
	var from From
	if logged != nil && json.Unmarshal(logged, &from) == nil {
		f.of = show(from)
	}
	return f
}

func groupOf(f graph.GroupFields) groupChange {
	out := groupChange{f.Name, f.Description, f.Type, f.Privileged, f.ExternalID, f.Kind}
	if f.Kind == graph.Directory {
		out.Kind = ""
	}
	return out
}

func accountOf(f graph.PersonFields) accountChange {
	out := accountChange{f.Name, f.Email, f.DisplayName, f.Department, nil, f.Status, f.ExternalID}
	if f.DataSourceID != "" {
		out.DataSourceID = &f.DataSourceID
	}
	return out
}

func membershipOf(f graph.MembershipFields) membershipChange {
	out := membershipChange{AddedDate: clock(f.AddedAt)}
	if f.StartsAt != 0 {
		out.StartsAt = exact(f.StartsAt)
	}
	if f.ExpiresAt != 0 {
		out.ExpiresAt = exact(f.ExpiresAt)
	}
	return out
}

// renderPlanned shows a change that a planned request would make.
func renderPlanned(a roster.Actor, c wire.Changed) (any, bool) {
	logged := graph.LoggedChange{
		Revision: c.Revision, Time: c.Time.UnixMicro(), Actor: a.ID, API: a.API, Operation: c.Operation,
		SubjectType: c.SubjectType, SubjectID: c.SubjectID, ObjectID: c.ObjectID,
		Before: rawOf(c.Before), After: rawOf(c.After),
	}
	return renderChange(&logged)
}

func rawOf(v any) json.RawMessage {
	if v == nil {
		return nil
	}
	raw, err := json.Marshal(v)
	if err != nil {
		return nil
	}
	return raw
}

func visible(c *graph.LoggedChange) bool {
	_, ok := renderChange(c)
	return ok
}

type changeList struct {
	Changes  []change `json:"changes"`
	PageInfo pageInfo `json:"pageInfo"`
	Through  int64    `json:"through" doc:"Every visible change up to this revision was given."`
}

type changesOut struct{ Body changeList }

func renderPage(p graph.ChangePage) *changesOut {
	out := changeList{Changes: make([]change, len(p.Changes)), PageInfo: pageInfo{HasNextPage: p.More}, Through: p.Through}
	for i := range p.Changes {
		out.Changes[i], _ = renderChange(&p.Changes[i])
	}
	if n := len(p.Changes); n > 0 {
		end := fmt.Sprintf("%d.%d", p.Changes[n-1].Revision, p.Changes[n-1].Seq)
		out.PageInfo.EndCursor = &end
	}
	return &changesOut{out}
}

// placeOf reads the place behind which a page of changes begins: a revision, or
// the endCursor of a page before.
func placeOf(after string) (graph.LogPlace, error) {
	revision, seq, isCursor := strings.Cut(after, ".")
	p := graph.LogPlace{Seq: math.MaxInt64}
	var err, seqErr error
	if after != "" {
		p.Revision, err = strconv.ParseInt(revision, 10, 64)
	}
	if isCursor {
		p.Seq, seqErr = strconv.ParseInt(seq, 10, 64)
	}
	if err != nil || seqErr != nil || p.Revision < 0 || p.Seq < 0 {
		return p, wire.InvalidFields(wire.Field{
			In: wire.InQuery, Name: "after", Rule: wire.RuleFormat, Limit: "cursor", Message: "must be a revision, or the endCursor of a page",
		})
	}
	return p, nil
}

type groupHistoryIn struct {
	GroupPath
	Page
}

func (h handlers) groupHistory(ctx context.Context, a roster.Actor, in *groupHistoryIn) (*changesOut, error) {
	id, err := parseGroup(in.ID)
	if err != nil {
		return nil, err
	}
	after, err := placeOf(in.After)
	if err != nil {
		return nil, err
	}
	p, err := h.graph.History(ctx, a.Tenant.ID, id, after, in.limit(), visible)
	if err != nil {
		return nil, err
	}
	if len(p.Changes) == 0 {
		begin, err := h.graph.History(ctx, a.Tenant.ID, id, graph.LogPlace{}, 1, visible)
		if err != nil {
			return nil, err
		}
		if len(begin.Changes) == 0 {
			return nil, noGroup(in.ID)
		}
	}
	return renderPage(p), nil
}

type listChangesIn struct{ Page }

func (h handlers) listChanges(ctx context.Context, a roster.Actor, in *listChangesIn) (*changesOut, error) {
	after, err := placeOf(in.After)
	if err != nil {
		return nil, err
	}
	p, err := h.graph.Changes(ctx, a.Tenant.ID, after, in.limit(), visible)
	if err != nil {
		return nil, err
	}
	return renderPage(p), nil
}
