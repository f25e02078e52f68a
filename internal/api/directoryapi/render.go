package directoryapi

import (
	"time"

	"github.com/rosterhq/roster/internal/graph"
	"github.com/rosterhq/roster/internal/wire"
)

// Group is a group as lists show it: exactly the seven documented fields.
type Group struct {
	ID          string `json:"id" example:"grp-123"`
	Name        string `json:"name"`
	Description string `json:"description"`
	GroupType   string `json:"group_type" enum:"security,distribution"`
	Privileged  bool   `json:"is_privileged"`
	MemberCount int    `json:"member_count" doc:"Accounts in the group, direct and indirect."`
	CreatedAt   string `json:"created_at" format:"date-time"`
	Kind        string `json:"kind,omitempty" doc:"The API that the group belongs to, where it is not the directory."`
}

func renderGroup(g *graph.Group, members int) Group {
	out := Group{groupID(g.ID), g.Name, g.Description, g.Type, g.Privileged, members, clock(g.Created), ""}
	if g.Kind != graph.Directory {
		out.Kind = g.Kind
	}
	return out
}

// AppendJSON writes the group without reflection: lists of groups are read often.
func (g Group) AppendJSON(b []byte) []byte {
	return append(g.appendFields(append(b, '{')), '}')
}

func (g *Group) appendFields(b []byte) []byte {
	b = wire.AppendString(append(b, `"id":`...), g.ID)
	b = wire.AppendString(append(b, `,"name":`...), g.Name)
	b = wire.AppendString(append(b, `,"description":`...), g.Description)
	b = wire.AppendString(append(b, `,"group_type":`...), g.GroupType)
	b = wire.AppendBool(append(b, `,"is_privileged":`...), g.Privileged)
	b = wire.AppendInt(append(b, `,"member_count":`...), int64(g.MemberCount))
	b = wire.AppendString(append(b, `,"created_at":`...), g.CreatedAt)
	if g.Kind != "" {
		b = wire.AppendString(append(b, `,"kind":`...), g.Kind)
	}
	return b
}

// groupDetail is a group with all its fields.
type groupDetail struct {
	Group
	UpdatedAt         string `json:"updated_at" format:"date-time"`
	DirectMemberCount int    `json:"direct_member_count" doc:"Accounts with a membership of their own."`
	NestedGroupCount  int    `json:"nested_group_count" doc:"Groups nested directly."`
	ExternalID        string `json:"external_id,omitempty" doc:"The group's id in the system that it was imported from."`
}

// AppendJSON writes the group without reflection.
func (g groupDetail) AppendJSON(b []byte) []byte {
	b = g.appendFields(append(b, '{'))
	b = wire.AppendString(append(b, `,"updated_at":`...), g.UpdatedAt)
	b = wire.AppendInt(append(b, `,"direct_member_count":`...), int64(g.DirectMemberCount))
	b = wire.AppendInt(append(b, `,"nested_group_count":`...), int64(g.NestedGroupCount))
	if g.ExternalID != "" {
		b = wire.AppendString(append(b, `,"external_id":`...), g.ExternalID)
	}
	return append(b, '}')
}

type pageInfo struct {
	HasNextPage bool    `json:"hasNextPage"`
	EndCursor   *string `json:"endCursor" doc:"Where the next page goes on; null for an empty page."`
}

func (p pageInfo) appendJSON(b []byte) []byte {
	b = wire.AppendBool(append(b, `{"hasNextPage":`...), p.HasNextPage)
	b = append(b, `,"endCursor":`...)
	if p.EndCursor == nil {
		return append(b, `null}`...)
	}
	return append(wire.AppendString(b, *p.EndCursor), '}')
}

type groupList struct {
	Groups   []Group  `json:"groups"`
	PageInfo pageInfo `json:"pageInfo"`
}

// AppendJSON writes the list without reflection.
func (l groupList) AppendJSON(b []byte) []byte {
	b = append(b, `{"groups":[`...)
	for i := range l.Groups {
		if i > 0 {
			b = append(b, ',')
		}
		b = l.Groups[i].AppendJSON(b)
	}
	b = append(b, `],"pageInfo":`...)
	return append(l.PageInfo.appendJSON(b), '}')
}

// member is an account in a group.
type member struct {
	ID             string   `json:"id" example:"acc-123"`
	Name           string   `json:"name"`
	Email          string   `json:"email"`
	MembershipType string   `json:"membership_type" enum:"direct,indirect"`
	AddedDate      string   `json:"added_date" format:"date-time" doc:"When it became a member: by its own membership, else by the oldest path."`
	Status         string   `json:"status" enum:"active,disabled"`
	StartsAt       string   `json:"starts_at,omitempty" format:"date-time"`
	ExpiresAt      string   `json:"expires_at,omitempty" format:"date-time"`
	Via            []string `json:"via,omitempty" doc:"For an indirect member asked for with via=true: the groups nested directly that lead to it."`
}

// memberList holds what a list of members shows; it is written straight from the
// index, since a group may have very many.
type memberList struct {
	Members []member `json:"members"`
	Count   int      `json:"count"`

	rows []memberRow
}

type memberRow struct {
	id                int64
	name, email       string
	direct, disabled  bool
	added             int64 // µs UTC
	startsAt, expires int64 // µs UTC; 0 for none
	via               []int64
}

// AppendJSON writes the list without reflection and without a copy of each row.
func (l memberList) AppendJSON(b []byte) []byte {
	b = append(b, `{"members":[`...)
	for i := range l.rows {
		if i > 0 {
			b = append(b, ',')
		}
		b = l.rows[i].appendJSON(b)
	}
	b = wire.AppendInt(append(b, `],"count":`...), int64(len(l.rows)))
	return append(b, '}')
}

func (m *memberRow) appendJSON(b []byte) []byte {
	b = wire.AppendInt(append(b, `{"id":"acc-`...), m.id)
	b = wire.AppendString(append(b, `","name":`...), m.name)
	b = wire.AppendString(append(b, `,"email":`...), m.email)
	b = append(b, `,"membership_type":"`...)
	b = append(b, membershipType(m.direct)...)
	b = append(b, `","added_date":"`...)
	b = appendClock(b, m.added)
	b = append(b, `","status":"`...)
	b = append(append(b, status(m.disabled)...), '"')
	if m.startsAt != 0 {
		b = wire.AppendString(append(b, `,"starts_at":`...), exact(m.startsAt))
	}
	if m.expires != 0 {
		b = wire.AppendString(append(b, `,"expires_at":`...), exact(m.expires))
	}
	for i, id := range m.via {
		b = append(b, []string{`,"via":["grp-`, `,"grp-`}[min(i, 1)]...)
		b = append(wire.AppendInt(b, id), '"')
	}
	if len(m.via) > 0 {
		b = append(b, ']')
	}
	return append(b, '}')
}

func appendClock(b []byte, micros int64) []byte {
	return time.UnixMicro(micros).UTC().AppendFormat(b, "2006-01-02T15:04:05Z")
}

func membershipType(direct bool) string {
	if direct {
		return "direct"
	}
	return "indirect"
}

func status(disabled bool) string {
	if disabled {
		return graph.Disabled
	}
	return graph.Active
}
