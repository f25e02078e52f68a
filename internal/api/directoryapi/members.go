package directoryapi

import (
	"cmp"
	"context"

	"github.com/rosterhq/roster/internal/graph"
	"github.com/rosterhq/roster/internal/graph/index"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/wire"
)

type listMembersIn struct {
	GroupPath
	AsOf
	Type string `query:"membership_type" enum:"direct,indirect" doc:"Extension: only members of this type; count counts them."`
	Via  bool   `query:"via" doc:"Extension: show by which nested groups an indirect member is one."`
}

type listMembersOut struct{ Body memberList }

func (h handlers) listMembers(ctx context.Context, a roster.Actor, in *listMembersIn) (*listMembersOut, error) {
	id, err := parseGroup(in.ID)
	if err != nil {
		return nil, err
	}
	asOf, err := in.micros()
	if err != nil {
		return nil, err
	}
	query := index.MemberQuery{Via: in.Via}
	switch in.Type {
	case "direct":
		query.Only = index.DirectOnly
	case "indirect":
		query.Only = index.IndirectOnly
	}
	var members []index.Member
	found := false
	err = h.graph.Read(ctx, a.Tenant.ID, graph.Scope{AsOf: asOf, Below: []int64{id}}, func(v *index.View) {
		found = v.Group(id) != nil
		members = v.Members(id, query)
	})
	if err == nil && !found {
		err = noGroup(in.ID)
	}
	if err != nil {
		return nil, err
	}
	out := memberList{rows: make([]memberRow, len(members))}
	for i := range members {
		out.rows[i] = rowOf(&members[i])
	}
	return &listMembersOut{out}, nil
}

func rowOf(m *index.Member) memberRow {
	row := memberRow{
		id: m.Person.ID, name: m.Person.Name, email: m.Person.Email,
		direct: m.Direct, disabled: m.Person.Disabled, added: m.Added,
	}
	if !m.Direct {
		row.via = m.Via
	}
	if m.Terms != nil {
		row.startsAt, row.expires = m.Terms.StartsAt, m.Terms.ExpiresAt
	}
	return row
}

// Terms are when a membership counts.
type Terms struct {
	StartsAt  wire.Opt[string] `json:"starts_at,omitzero" format:"date-time" doc:"From when on the membership counts."`
	ExpiresAt wire.Opt[string] `json:"expires_at,omitzero" format:"date-time" doc:"The instant at which the membership is over."`
}

// apply sets the times that were given; null takes one away.
func (t *Terms) apply(m *graph.Membership) (err error) {
	if t.StartsAt.Set {
		if m.StartsAt, err = instant(wire.InBody, "starts_at", t.StartsAt.Value); err != nil {
			return err
		}
	}
	if t.ExpiresAt.Set {
		m.ExpiresAt, err = instant(wire.InBody, "expires_at", t.ExpiresAt.Value)
	}
	return err
}

// MemberRef names an account or a group, not both.
type MemberRef struct {
	AccountID wire.Opt[string] `json:"account_id,omitzero" example:"acc-123"`
	GroupID   wire.Opt[string] `json:"group_id,omitzero" example:"grp-123"`
}

// id is the subject that is meant, and how the caller wrote it.
func (r *MemberRef) id() (id int64, text string, err error) {
	account, isAccount := r.AccountID.Get()
	nested, isGroup := r.GroupID.Get()
	switch {
	case isAccount == isGroup:
		return 0, "", wrong("account_id", wire.RuleRequired, "must be given, or else group_id: one of the two")
	case isAccount:
		id, err = parseAccount(account)
		return id, account, err
	default:
		id, err = parseGroup(nested)
		return id, nested, err
	}
}

type addMemberIn struct {
	GroupPath
	Body struct {
		MemberRef
		Terms
	}
}

// edge is a membership as it was made or changed: of an account with all that a
// list of members shows, of a group with what a nested group has.
type edge struct {
	ID             string  `json:"id"`
	Name           string  `json:"name"`
	Email          *string `json:"email,omitempty" doc:"Of an account."`
	MembershipType string  `json:"membership_type" enum:"direct"`
	AddedDate      string  `json:"added_date" format:"date-time"`
	Status         string  `json:"status,omitempty" enum:"active,disabled" doc:"Of an account."`
	StartsAt       string  `json:"starts_at,omitempty" format:"date-time"`
	ExpiresAt      string  `json:"expires_at,omitempty" format:"date-time"`
}

type edgeOut struct {
	Location string `header:"Location"`
	ETag     string `header:"ETag"`
	Body     edge
}

func (h handlers) addMember(ctx context.Context, a roster.Actor, in *addMemberIn) (*edgeOut, error) {
	memberID, text, err := in.Body.id()
	if roster.IsKind(err, roster.Invalid) {
		return nil, err
	}
	id, groupErr := h.ownGroup(a, in.ID)
	if err = cmp.Or(groupErr, err); err != nil {
		return nil, err
	}
	m := graph.Membership{MemberID: memberID, MemberKind: memberKindOf(text)}
	if err := in.Body.apply(&m); err != nil {
		return nil, err
	}
	h.graph.View(a.Tenant.ID, func(v *index.View) { err = joinable(v, &m) })
	if err != nil {
		return nil, nameMember(err, text)
	}
	m, err = h.graph.Add(ctx, a, graph.Directory, id, m)
	if err != nil {
		return nil, nameGroup(nameMember(err, text), in.ID)
	}
	out := h.showEdge(a, &m)
	out.Location = wire.Location(ctx, "/groups/"+groupID(id)+"/members/"+text)
	return out, nil
}

// joinable refuses a person without an account: the directory has none to add.
func joinable(v *index.View, m *graph.Membership) error {
	if m.MemberKind == graph.PersonSubject && !hasAccount(v, m.MemberID) {
		return roster.Errorf(roster.NotFound, graph.CodeNoMember, "there is no such account")
	}
	return nil
}

// memberKindOf is the kind of subject that an id's prefix says.
func memberKindOf(text string) string {
	if _, ok := parseID(accountPrefix, text); ok {
		return graph.PersonSubject
	}
	return graph.GroupSubject
}

// nameMember says which member was not found, or was there already.
func nameMember(err error, text string) error {
	if err == nil {
		return nil
	}
	e := roster.AsError(err)
	switch e.Code {
	case graph.CodeNoMember:
		return roster.Errorf(roster.NotFound, "", "there is no account or group %q", text)
	case graph.CodeNoMembership:
		return roster.Errorf(roster.NotFound, "", "%q is not a direct member of this group", text)
	case graph.CodeAlreadyMember:
		return roster.Errorf(roster.Exists, "", "%q is a direct member of this group already", text)
	}
	return err
}

// showEdge renders a membership with the header of its member, which this very
// request did not change.
func (h handlers) showEdge(a roster.Actor, m *graph.Membership) *edgeOut {
	out := edge{MembershipType: "direct", AddedDate: clock(m.AddedAt)}
	h.graph.View(a.Tenant.ID, func(v *index.View) {
		if p := v.Person(m.MemberID); p != nil {
			out.ID, out.Name, out.Email, out.Status = accountID(p.ID), p.Name, &p.Email, status(p.Disabled)
		}
		if g := v.Group(m.MemberID); g != nil {
			out.ID, out.Name = groupID(g.ID), g.Name
		}
	})
	if m.StartsAt != 0 {
		out.StartsAt = exact(m.StartsAt)
	}
	if m.ExpiresAt != 0 {
		out.ExpiresAt = exact(m.ExpiresAt)
	}
	return &edgeOut{ETag: wire.ETag(m.Revision), Body: out}
}

type MemberPath struct {
	GroupPath
	Member string `path:"member" example:"acc-123"`
}

// ids reads group and member; a malformed one is not found.
func (h handlers) ids(a roster.Actor, in *MemberPath) (groupID, memberID int64, err error) {
	if groupID, err = h.ownGroup(a, in.ID); err != nil {
		return 0, 0, err
	}
	memberID, ok := h.parseMember(a, in.Member)
	if !ok {
		return 0, 0, roster.Errorf(roster.NotFound, "", "%q is not a direct member of this group", in.Member)
	}
	return groupID, memberID, nil
}

// parseMember reads an id of either prefix; the prefix must be that of the subject.
func (h handlers) parseMember(a roster.Actor, text string) (id int64, ok bool) {
	want, prefix := index.PersonKind, accountPrefix
	if memberKindOf(text) == graph.GroupSubject {
		want, prefix = index.GroupKind, groupPrefix
	}
	if id, ok = parseID(prefix, text); ok {
		h.graph.View(a.Tenant.ID, func(v *index.View) { ok = v.SubjectKind(id) == want })
	}
	return id, ok
}

type updateMemberIn struct {
	MemberPath
	wire.IfMatch
	Body Terms
}

func (h handlers) updateMember(ctx context.Context, a roster.Actor, in *updateMemberIn) (*edgeOut, error) {
	group, member, err := h.ids(a, &in.MemberPath)
	if err != nil {
		return nil, err
	}
	m, err := h.graph.Change(ctx, a, graph.Directory, group, member, in.Check, in.Body.apply)
	if err != nil {
		return nil, nameGroup(nameMember(err, in.Member), in.ID)
	}
	return h.showEdge(a, m), nil
}

type removeMemberIn struct {
	MemberPath
	wire.IfMatch
}

func (h handlers) removeMember(ctx context.Context, a roster.Actor, in *removeMemberIn) (*struct{}, error) {
	group, member, err := h.ids(a, &in.MemberPath)
	if err != nil {
		return nil, err
	}
	err = h.graph.Remove(ctx, a, graph.Directory, group, member, in.Check)
	return nil, nameGroup(nameMember(err, in.Member), in.ID)
}
