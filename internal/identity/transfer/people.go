package transfer

import (
	"github.com/google/uuid"

	"github.com/rosterhq/roster/internal/graph"
	"github.com/rosterhq/roster/internal/identity"
	"github.com/rosterhq/roster/internal/store"
)

// accountName is what no two accounts share.
type accountName struct{ name, source string }

// people brings a chunk of people in.
func (im *importing) people(rows []Row) error {
	c, err := im.newPeople(rows)
	if err != nil {
		return err
	}
	for i := range rows {
		r := &rows[i]
		if old := c.match(r); old != nil {
			if err := c.update(r, old); err != nil {
				return err
			}
			continue
		}
		if owner, taken := c.emails[graph.Key(r.Email)]; taken && owner != 0 {
			if err := c.join(r); err != nil {
				return err
			}
			continue
		}
		if bad := c.taken(r); bad != nil {
			im.rejected(bad)
			continue
		}
		c.create(r)
	}
	return c.flush()
}

// peopleChunk is a chunk of people with everything that it is compared to. In the
// maps by text, 0 is the id of somebody whom this chunk makes.
type peopleChunk struct {
	*importing
	byRef  *finder
	living map[int64]*graph.Person
	emails map[string]int64
	names  map[accountName]int64
	fresh  map[string]bool // uuids and ids of those made here
	made   []*graph.Person
	from   []*Row // of each of them
}

func (im *importing) newPeople(rows []Row) (*peopleChunk, error) {
	c := &peopleChunk{
		importing: im, byRef: newFinder(Person), living: map[int64]*graph.Person{},
		names: map[accountName]int64{}, fresh: map[string]bool{},
	}
	emails, names := make([]string, len(rows)), make([]string, len(rows))
	for i := range rows {
		r := &rows[i]
		c.byRef.want(r.UUID)
		c.byRef.want(r.ID)
		emails[i], names[i] = graph.Key(r.Email), r.Name
	}
	if err := c.byRef.look(im.tx); err != nil {
		return nil, err
	}
	people, err := graph.LivePeople(im.tx, c.byRef.ids())
	if err != nil {
		return nil, err
	}
	for _, p := range people {
		c.living[p.ID] = p
	}
	if c.emails, err = byText(im.tx, peopleByEmail, emails); err != nil {
		return nil, err
	}
	err = store.EachOf(im.tx, accountsByName, names, func(s store.Scanner) error {
		var id int64
		var name accountName
		err := s.Scan(&id, &name.name, &name.source)
		c.names[name] = id
		return err
	})
	return c, err
}

func (c *peopleChunk) match(r *Row) *graph.Person {
	for _, ref := range []string{r.UUID, r.ID} {
		if ref == "" {
			continue
		}
		if p := c.living[c.byRef.found[ref]]; p != nil && !c.fresh[ref] {
			return p
		}
	}
	return nil
}

// taken judges whether a new person may be made of a row.
func (c *peopleChunk) taken(r *Row) *Rejection {
	for _, ref := range []string{r.UUID, r.ID} {
		if ref != "" && c.fresh[ref] {
			return r.reject(CodeRepeated, "another row has the same uuid or id")
		}
	}
	if _, taken := c.emails[graph.Key(r.Email)]; taken {
		return r.reject(graph.CodeEmailTaken, "email: another row has the same address")
	}
	if id, err := uuid.Parse(r.UUID); err == nil {
		if _, gone := c.byRef.found[id.String()]; gone {
			return r.reject(CodeInvalid, "uuid: it was that of a person who was deleted")
		}
	}
	if _, taken := c.names[accountName{r.Name, text(r.DataSourceID)}]; taken && r.profile()&graph.AccountProfile != 0 {
		return r.reject(graph.CodeAccountTaken, "name: another account of the same data source has this name")
	}
	return nil
}

func (c *peopleChunk) create(r *Row) {
	p := &graph.Person{Profiles: r.profile()}
	p.UUID, _ = uuid.Parse(r.UUID)
	r.person(p)
	c.made, c.from = append(c.made, p), append(c.from, r)
	c.count.Created++
	c.emails[graph.Key(r.Email)] = 0
	if p.Has(graph.AccountProfile) {
		c.names[accountName{p.Name, p.DataSourceID}] = 0
	}
	c.fresh[r.UUID], c.fresh[r.ID] = true, true
}

// person writes what a row says of a person.
func (r *Row) person(p *graph.Person) {
	p.Name, p.Email = r.Name, r.Email
	if r.ID != "" {
		p.ExternalID = r.ID
	}
	if r.DisplayName != nil {
		p.DisplayName = r.DisplayName
	}
	if r.Department != nil {
		p.Department = r.Department
	}
	if r.DataSourceID != nil {
		p.DataSourceID = *r.DataSourceID
	}
	if r.Status != "" {
		p.Status = r.Status
	}
}

func (c *peopleChunk) update(r *Row, old *graph.Person) error {
	if err := c.flush(); err != nil {
		return err
	}
	missing := r.profile() &^ old.Profiles
	after, err := graph.UpdatePerson(c.tx, old.ID, nil, func(p *graph.Person) error {
		p.Profiles |= missing
		r.person(p)
		return nil
	})
	if err != nil {
		return c.judge(r, err)
	}
	c.living[old.ID] = after
	changed, err := c.user(r, after)
	if changed || err != nil {
		c.count.Updated++
		return err
	}
	c.changed(old.Revision, after.Revision)
	return nil
}

// user brings in what a row says of an organization's user.
func (c *peopleChunk) user(r *Row, p *graph.Person) (changed bool, err error) {
	if r.User == nil {
		return false, nil
	}
	return identity.PutUser(c.tx, p, identity.User{
		FullName: r.User.FullName, PhoneNumber: r.User.PhoneNumber, JobTitle: r.User.JobTitle, Department: r.User.Department,
		Role: r.User.Role, Status: r.User.Status,
	})
}

// join adds the row's profiles to the person who has its address, unless that
// person has one of them: then the row means somebody else.
func (c *peopleChunk) join(r *Row) error {
	owner, err := graph.LivePerson(c.tx, c.emails[graph.Key(r.Email)])
	if err != nil {
		return err
	}
	if owner.Profiles&r.profile() != 0 || owner.ExternalID != "" && r.ID != "" {
		c.rejected(r.reject(graph.CodeEmailTaken, "email: somebody else has this address"))
		return nil
	}
	return c.update(r, owner)
}

// flush makes the people that wait.
func (c *peopleChunk) flush() error {
	made, from := c.made, c.from
	c.made, c.from = nil, nil
	if len(made) == 0 {
		return nil
	}
	if err := graph.CreatePeople(c.tx, made); err != nil {
		return err
	}
	for i, p := range made {
		if _, err := c.user(from[i], p); err != nil {
			return err
		}
	}
	return nil
}
