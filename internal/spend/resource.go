package spend

import (
	"bytes"
	"encoding/json"
	"errors"
	"reflect"
	"slices"

	"github.com/google/uuid"

	"github.com/rosterhq/roster/internal/graph"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/store"
)

// Resource is a policy, a budget or an approval rule: what groups carry. Times are
// µs UTC. Its JSON is how the change log spells it.
type Resource[T any] struct {
	ID           int64      `json:"-"`
	UUID         uuid.UUID  `json:"uuid"`
	Name         string     `json:"name"`
	Status       string     `json:"status"`
	StatusReason string     `json:"status_reason,omitempty"`
	Terms        T          `json:"terms"`
	Groups       []GroupRef `json:"groups"` // those that carry it, by UUID
	CreatedAt    int64      `json:"created_at"`
	UpdatedAt    int64      `json:"updated_at"`
	Revision     int64      `json:"-"` // the row's version
}

// GroupRef is a group that carries a resource.
type GroupRef struct {
	ID   int64     `json:"-"`
	UUID uuid.UUID `json:"uuid"`
}

// kind is one of the three kinds of resource.
type kind[T any] struct {
	name Kind   // as the database and the change log spell it
	noun string // as people do
	// check judges a resource before it is written, and resolves whom it names;
	// before is nil for a new one.
	check func(tx *store.Tx, before, after *Resource[T]) error
	// wrote writes what goes with a resource's terms; nil does not.
	wrote func(tx *store.Tx, r *Resource[T]) error
}

const resourceColumns = `r.id, r.uuid, r.name, r.status, r.status_reason, r.terms, r.created_at, r.updated_at, r.revision`

var (
	resourceByUUID = store.Q("resource.by_uuid", `SELECT `+resourceColumns+` FROM spend_resources r
		WHERE r.tenant = $1 AND r.uuid = $2 AND r.kind = $3`)
	resourceOfKind = store.Q("resource.of_kind", `SELECT `+resourceColumns+` FROM spend_resources r
		WHERE r.tenant = $1 AND r.kind = $2 ORDER BY r.name_key, r.uuid`)
	resourceOfGroups = store.Q("resource.of_groups", `SELECT `+resourceColumns+` FROM group_resources l
		JOIN spend_resources r ON r.tenant = $1 AND r.id = l.resource_id
		WHERE l.tenant = $1 AND l.kind = $2 AND l.group_id IN ($3)`).In()
	resourceIn = store.Q("resource.in", `SELECT `+resourceColumns+` FROM spend_resources r
		WHERE r.tenant = $1 AND r.id IN ($2)`).In()
	resourceGroups = store.Q("resource.groups", `SELECT l.resource_id, l.group_id, s.uuid FROM group_resources l
		JOIN subjects s ON s.tenant = $1 AND s.id = l.group_id WHERE l.tenant = $1 AND l.resource_id IN ($2)`).In()
	resourceInsert = store.Q("resource.insert", `INSERT INTO spend_resources (tenant, id, kind, uuid, name, name_key, status,
		status_reason, terms, created_at, updated_at, revision) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`)
	resourceUpdate = store.Q("resource.update", `UPDATE spend_resources SET name = $3, name_key = $4, status = $5,
		status_reason = $6, terms = $7, updated_at = $8, revision = $9 WHERE tenant = $1 AND id = $2`)
	resourceDelete = store.Q("resource.delete", `DELETE FROM spend_resources WHERE tenant = $1 AND id = $2`)
	linksDelete    = store.Q("resource.unlink_all", `DELETE FROM group_resources WHERE tenant = $1 AND resource_id = $2`)
)

func (k *kind[T]) missing() error {
	return roster.Errorf(roster.NotFound, "", "there is no such %s", k.noun)
}

func (k *kind[T]) scan(s store.Scanner) (*Resource[T], error) {
	var r Resource[T]
	var id []byte
	var terms string
	if err := s.Scan(&r.ID, &id, &r.Name, &r.Status, &r.StatusReason, &terms, &r.CreatedAt, &r.UpdatedAt, &r.Revision); err != nil {
		return nil, err
	}
	copy(r.UUID[:], id)
	return &r, json.Unmarshal([]byte(terms), &r.Terms)
}

// byUUID reads one; NotFound.
func (k *kind[T]) byUUID(tx *store.Tx, id uuid.UUID) (*Resource[T], error) {
	r, err := k.scan(tx.Row(resourceByUUID, id[:], string(k.name)))
	if errors.Is(err, store.ErrNoRows) {
		return nil, k.missing()
	}
	if err != nil {
		return nil, err
	}
	return r, k.addGroups(tx, []*Resource[T]{r})
}

// matching reads one of the version that the caller has seen; NotFound, Precondition.
func (k *kind[T]) matching(tx *store.Tx, id uuid.UUID, match graph.Match) (*Resource[T], error) {
	r, err := k.byUUID(tx, id)
	if err != nil {
		return nil, err
	}
	return r, verify(match, r.Revision)
}

// all reads all of the kind by folded name and UUID, without their groups.
func (k *kind[T]) all(tx *store.Tx) ([]*Resource[T], error) {
	return store.All(tx, resourceOfKind, k.scan, string(k.name))
}

// ofGroups reads those that any of the groups carries, each once, by UUID.
func (k *kind[T]) ofGroups(tx *store.Tx, groups []int64) ([]*Resource[T], error) {
	return k.distinct(tx, resourceOfGroups, groups, string(k.name))
}

// in reads those with these ids, by UUID.
func (k *kind[T]) in(tx *store.Tx, ids []int64) ([]*Resource[T], error) {
	return k.distinct(tx, resourceIn, ids)
}

func (k *kind[T]) distinct(tx *store.Tx, q *store.Query, ids []int64, args ...any) (found []*Resource[T], err error) {
	seen := map[int64]bool{}
	err = tx.EachIn(q, ids, func(s store.Scanner) error {
		r, err := k.scan(s)
		if err == nil && !seen[r.ID] {
			seen[r.ID] = true
			found = append(found, r)
		}
		return err
	}, args...)
	if err != nil {
		return nil, err
	}
	slices.SortFunc(found, func(a, b *Resource[T]) int { return bytes.Compare(a.UUID[:], b.UUID[:]) })
	return found, k.addGroups(tx, found)
}

// addGroups reads the groups that carry the resources.
func (k *kind[T]) addGroups(tx *store.Tx, rs []*Resource[T]) error {
	byID := map[int64]*Resource[T]{}
	ids := make([]int64, len(rs))
	for i, r := range rs {
		ids[i], byID[r.ID], r.Groups = r.ID, r, nil
	}
	err := tx.EachIn(resourceGroups, ids, func(s store.Scanner) error {
		var resource int64
		var g GroupRef
		var id []byte
		err := s.Scan(&resource, &g.ID, &id)
		copy(g.UUID[:], id)
		if err == nil {
			byID[resource].Groups = append(byID[resource].Groups, g)
		}
		return err
	})
	for _, r := range rs {
		sortGroups(r.Groups)
	}
	return err
}

func sortGroups(groups []GroupRef) {
	slices.SortFunc(groups, func(a, b GroupRef) int { return bytes.Compare(a.UUID[:], b.UUID[:]) })
}

// insert makes a resource and fills in what the server decides.
func (k *kind[T]) insert(tx *store.Tx, r *Resource[T]) error {
	if err := k.check(tx, nil, r); err != nil {
		return err
	}
	id, err := tx.NextID(numbers)
	if err != nil {
		return err
	}
	r.ID, r.UUID, r.Groups = id, uuid.Must(uuid.NewV7()), nil
	r.CreatedAt, r.UpdatedAt, r.Revision = tx.Now, tx.Now, tx.Revision
	terms, err := json.Marshal(r.Terms)
	if err != nil {
		return err
	}
	if _, err := tx.Exec(resourceInsert, r.ID, string(k.name), r.UUID[:], r.Name, []byte(graph.Key(r.Name)), r.Status, r.StatusReason,
		string(terms), r.CreatedAt, r.UpdatedAt, r.Revision); err != nil {
		return err
	}
	k.record(tx, "create", nil, r)
	return k.also(tx, r)
}

func (k *kind[T]) also(tx *store.Tx, r *Resource[T]) error {
	if k.wrote == nil {
		return nil
	}
	return k.wrote(tx, r)
}

// edit changes a resource as change says; NotFound, Precondition, an error of
// change or of the kind's check. What changes nothing writes nothing.
func (k *kind[T]) edit(tx *store.Tx, id uuid.UUID, match graph.Match, change func(*Resource[T]) error) (*Resource[T], error) {
	before, err := k.matching(tx, id, match)
	if err != nil {
		return nil, err
	}
	after := *before
	if err := change(&after); err != nil {
		return nil, err
	}
	if err := k.check(tx, before, &after); err != nil {
		return nil, err
	}
	if reflect.DeepEqual(before, &after) {
		return before, nil
	}
	if err := k.save(tx, "update", before, &after); err != nil {
		return nil, err
	}
	return &after, k.also(tx, &after)
}

// save writes a changed resource, whose links the caller has written.
func (k *kind[T]) save(tx *store.Tx, verb string, before, after *Resource[T]) error {
	after.UpdatedAt, after.Revision = tx.Now, tx.Revision
	terms, err := json.Marshal(after.Terms)
	if err != nil {
		return err
	}
	if _, err := tx.Exec(resourceUpdate, after.ID, after.Name, []byte(graph.Key(after.Name)), after.Status, after.StatusReason,
		string(terms), after.UpdatedAt, after.Revision); err != nil {
		return err
	}
	k.record(tx, verb, before, after)
	return nil
}

// remove deletes a resource and its links.
func (k *kind[T]) remove(tx *store.Tx, r *Resource[T]) error {
	for _, q := range []*store.Query{linksDelete, resourceDelete} {
		if _, err := tx.Exec(q, r.ID); err != nil {
			return err
		}
	}
	k.record(tx, "delete", r, nil)
	return nil
}

// record logs a change; of nil there is nothing.
func (k *kind[T]) record(tx *store.Tx, verb string, before, after *Resource[T]) {
	c := roster.Change{Operation: string(k.name) + "." + verb, SubjectType: string(k.name)}
	if before != nil {
		c.SubjectID, c.Before = before.ID, before
	}
	if after != nil {
		c.SubjectID, c.After = after.ID, after
	}
	tx.Record(c)
}
