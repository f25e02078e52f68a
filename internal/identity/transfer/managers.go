package transfer

import (
	"github.com/rosterhq/roster/internal/graph"
	"github.com/rosterhq/roster/internal/identity"
)

// managers brings in whom an organization's users report to.
func (im *importing) managers(rows []Row) error {
	people := newFinder(Person)
	for i := range rows {
		people.want(rows[i].Person)
		people.want(rows[i].Manager)
	}
	if err := people.look(im.tx); err != nil {
		return err
	}
	for i := range rows {
		r := &rows[i]
		if bad := r.unknown(people, r.Person, r.Manager); bad != nil {
			im.rejected(bad)
			continue
		}
		changed, err := identity.PutManager(im.tx, people.found[r.Person], people.found[r.Manager])
		switch {
		case err != nil:
			if err := im.judge(r, err); err != nil {
				return err
			}
		case changed:
			im.count.Updated++
		default:
			im.count.Unchanged++
		}
	}
	return nil
}

// unknown rejects a row that names somebody who is not there.
func (r *Row) unknown(people *finder, refs ...string) *Rejection {
	for _, ref := range refs {
		if people.found[ref] == 0 {
			return r.reject(graph.CodeNoMember, "there is no person %q", ref)
		}
	}
	return nil
}
