package graph

import (
	"math"
	"strings"

	"github.com/rosterhq/roster/internal/store"
)

// Place is a place in a list in the order of creation: behind the row made at
// Created (µs UTC) with that ID.
type Place struct{ Created, ID int64 }

// PeopleFilter narrows a list of people; a zero field does not.
type PeopleFilter struct {
	Profile      Profile
	Search       string // folded; a part of name or address
	Department   string
	DataSourceID string
	AsOf         int64 // µs UTC; 0 for now
}

var (
	personPast = store.Q("person.at", `SELECT `+personColumns+fromPeople+`
		WHERE p.tenant = $1 AND p.id = $2 AND p.recorded_from <= $3 AND p.recorded_to > $3`)
	peopleList = store.Q("person.list", `SELECT `+personColumns+fromPeople+`
		WHERE p.tenant = $1 AND p.recorded_to = `+live+` AND (p.created_at, p.id) > ($2, $3)
		ORDER BY p.created_at, p.id LIMIT $4`)
	peopleListPast = store.Q("person.list_past", `SELECT `+personColumns+fromPeople+`
		WHERE p.tenant = $1 AND p.recorded_from <= $2 AND p.recorded_to > $2 AND (p.created_at, p.id) > ($3, $4)
		ORDER BY p.created_at, p.id LIMIT $5`).Whole("a list of the past goes through all people")
)

// PersonAt reads a person who lives, or who lived at an instant (µs UTC; 0 for
// now). NotFound with CodeNoMember.
func PersonAt(tx *store.Tx, id, asOf int64) (*Person, error) {
	at := int64(math.MaxInt64 - 1)
	if asOf != 0 {
		at = min(asOf, tx.Now)
	}
	return onePerson(tx.Row(personPast, id, at))
}

// listChunk is how many rows a filtered list reads at a time.
const listChunk = 500

// ListPeople returns up to limit people behind a place in the order of their
// making, and whether more follow. Names are folded in Go, alike on both engines,
// so a filtered list reads on until its page is full.
func ListPeople(tx *store.Tx, f PeopleFilter, after Place, limit int) (page []*Person, more bool, err error) {
	chunk := listChunk
	if f == (PeopleFilter{Profile: f.Profile, AsOf: f.AsOf}) {
		chunk = limit + 1
	}
	for {
		people, err := f.read(tx, after, chunk)
		if err != nil {
			return nil, false, err
		}
		for _, p := range people {
			after = Place{p.CreatedAt, p.ID}
			if !f.takes(p) {
				continue
			}
			if len(page) == limit {
				return page, true, nil
			}
			page = append(page, p)
		}
		if len(people) < chunk {
			return page, false, nil
		}
	}
}

func (f *PeopleFilter) read(tx *store.Tx, after Place, n int) ([]*Person, error) {
	if f.AsOf == 0 {
		return store.All(tx, peopleList, ScanPerson, after.Created, after.ID, n)
	}
	return store.All(tx, peopleListPast, ScanPerson, min(f.AsOf, tx.Now), after.Created, after.ID, n)
}

func (f *PeopleFilter) takes(p *Person) bool {
	return (f.Profile == 0 || p.Has(f.Profile)) &&
		(f.Department == "" || p.Department != nil && *p.Department == f.Department) &&
		(f.DataSourceID == "" || p.DataSourceID == f.DataSourceID) &&
		(f.Search == "" || strings.Contains(strings.ToLower(p.Name), f.Search) || strings.Contains(strings.ToLower(p.Email), f.Search))
}
