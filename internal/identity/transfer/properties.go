package transfer

import (
	"bytes"
	"encoding/json"

	"github.com/google/uuid"

	"github.com/rosterhq/roster/internal/graph"
)

// properties brings a chunk of properties in, each with its place in its groups.
func (im *importing) properties(rows []Row) error {
	own, groups := newFinder(Property), newFinder(Group)
	for i := range rows {
		own.want(rows[i].UUID)
		for _, group := range rows[i].Groups {
			groups.want(group)
		}
	}
	if err := own.look(im.tx); err != nil {
		return err
	}
	if err := groups.look(im.tx); err != nil {
		return err
	}
	found, err := graph.LiveProperties(im.tx, own.ids())
	if err != nil {
		return err
	}
	living := make(map[int64]*graph.PropertyHeader, len(found))
	for _, p := range found {
		living[p.ID] = p
	}
	homes, err := graph.LiveGroups(im.tx, groups.ids())
	if err != nil {
		return err
	}
	fresh := map[string]bool{}
	for i := range rows {
		r := &rows[i]
		in, bad := r.homes(groups, homes)
		old := living[own.found[r.UUID]]
		switch {
		case bad != nil:
			im.rejected(bad)
		case fresh[r.UUID]:
			im.rejected(r.reject(CodeRepeated, "another row has the same uuid"))
		case old == nil && own.found[r.UUID] != 0:
			im.rejected(r.reject(CodeInvalid, "uuid: it was that of a property that was deleted"))
		default:
			fresh[r.UUID] = true
			if err := im.property(r, old, in); err != nil {
				return err
			}
		}
	}
	return nil
}

// homes finds the groups that a property's row names.
func (r *Row) homes(groups *finder, living map[int64]*graph.Group) ([]int64, *Rejection) {
	in := make([]int64, len(r.Groups))
	for i, ref := range r.Groups {
		g := living[groups.found[ref]]
		if g == nil {
			return nil, r.reject(graph.CodeNoGroup, "groups: there is no group %q", ref)
		}
		if g.Kind != graph.Property {
			return nil, r.reject(graph.CodeMemberKind, "groups: %q takes no properties", ref)
		}
		in[i] = g.ID
	}
	return in, nil
}

// property makes one property, or changes it, and puts it into groups.
func (im *importing) property(r *Row, old *graph.PropertyHeader, in []int64) error {
	p, err := im.saveProperty(r, old)
	if err != nil {
		return im.judge(r, err)
	}
	before, joined := int64(0), 0
	if old != nil {
		before = old.Revision
	}
	for _, group := range in {
		live, err := graph.LiveMemberships(im.tx, group, []int64{p.ID})
		if err != nil {
			return err
		}
		if live[p.ID] != nil {
			continue
		}
		if _, err := graph.AddMember(im.tx, group, graph.Membership{MemberID: p.ID}); err != nil {
			return err
		}
		joined++
	}
	switch {
	case old == nil:
		im.count.Created++
	case joined > 0 || p.Revision != before:
		im.count.Updated++
	default:
		im.count.Unchanged++
	}
	return nil
}

func (im *importing) saveProperty(r *Row, old *graph.PropertyHeader) (*graph.PropertyHeader, error) {
	if old != nil {
		return graph.UpdateProperty(im.tx, old.ID, nil, func(p *graph.PropertyHeader) error {
			r.property(p)
			return nil
		})
	}
	p := &graph.PropertyHeader{Active: true, Attributes: json.RawMessage("{}")}
	p.UUID, _ = uuid.Parse(r.UUID)
	r.property(p)
	return p, graph.CreateProperty(im.tx, p)
}

// property writes what a row says of a property.
func (r *Row) property(p *graph.PropertyHeader) {
	p.Title = r.Title
	if r.Active != nil {
		p.Active = *r.Active
	}
	if len(r.Attributes) > 0 {
		p.Attributes = compact(r.Attributes)
	}
}

// compact spells JSON as the tables hold it: without white space.
func compact(text json.RawMessage) json.RawMessage {
	var b bytes.Buffer
	if json.Compact(&b, text) != nil {
		return text
	}
	return b.Bytes()
}
