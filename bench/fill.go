//go:build unix

package main

import (
	"cmp"
	"context"
	"database/sql"
	"encoding/binary"
	"errors"
	"math"
	"slices"
	"time"

	"github.com/rosterhq/roster/internal/graph/graphgen"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/store"
)

// fillRaw makes a database with a large graph by the driver alone: rows in the
// order of keys, indexes afterwards, no change log, which a start does not read.
func (b *bench) fillRaw(file string, p graphgen.Params) (took time.Duration, err error) {
	began := time.Now()
	if err := makeEmpty(b.ctx, file); err != nil {
		return 0, err
	}
	db, err := openRaw(file, "journal_mode(OFF)", "synchronous(OFF)", "cache_size(-262144)")
	if err != nil {
		return 0, err
	}
	err = withoutIndexes(db, func() error {
		tx, err := db.Begin()
		if err != nil {
			return err
		}
		return errors.Join(fillGraph(tx, p), tx.Commit())
	})
	return time.Since(began), errors.Join(err, db.Close())
}

// makeEmpty makes a database with the schema and one tenant.
func makeEmpty(ctx context.Context, file string) error {
	db, err := store.Open(ctx, store.Options{Database: file})
	if err != nil {
		return err
	}
	_, err = db.CreateTenant(ctx, roster.Actor{ID: "bench", API: roster.CLI}, tenantName)
	return errors.Join(err, db.Close())
}

// withoutIndexes drops the secondary indexes while fn runs.
func withoutIndexes(db *sql.DB, fn func() error) error {
	rows, err := db.Query(`SELECT name, sql FROM sqlite_schema WHERE type = 'index' AND sql IS NOT NULL`)
	if err != nil {
		return err
	}
	var drop, create []string
	for rows.Next() {
		var name, text string
		if err := rows.Scan(&name, &text); err != nil {
			return err
		}
		drop, create = append(drop, "DROP INDEX "+name), append(create, text)
	}
	if err := errors.Join(rows.Err(), rows.Close()); err != nil {
		return err
	}
	if err := executeAll(db, drop); err != nil {
		return err
	}
	if err := fn(); err != nil {
		return err
	}
	return executeAll(db, create)
}

func executeAll(db *sql.DB, statements []string) error {
	for _, text := range statements {
		if _, err := db.Exec(text); err != nil {
			return err
		}
	}
	return nil
}

const liveRow = math.MaxInt64 // recorded_to of what is live

func fillGraph(tx *sql.Tx, p graphgen.Params) error {
	const tenant, created = 1, int64(1_700_000_000_000_000)
	subjects := inserter{tx: tx, table: "subjects"}
	groups := inserter{tx: tx, table: "groups"}
	people := inserter{tx: tx, table: "people"}
	for i := range p.Groups {
		id, name := p.GroupID(i), graphgen.GroupName(i)
		subjects.add(tenant, id, "group", uuidOf(id), created)
		groups.add(tenant, id, created, liveRow, 1, "directory", "security", name, name, "", false, nil, nil, created)
	}
	for i := range p.People {
		id, name, email := p.PersonID(i), graphgen.PersonName(i), graphgen.Email(i)
		subjects.add(tenant, id, "person", uuidOf(id), created)
		people.add(tenant, id, created, liveRow, 1, 1, name, email, email, nil, nil, "", "active", nil, created)
	}
	edges := make([]edge, 0, p.Edges)
	p.EachEdge(func(group, member int64) { edges = append(edges, edge{group, member}) })
	slices.SortFunc(edges, func(a, b edge) int { return cmp.Or(cmp.Compare(a.group, b.group), cmp.Compare(a.member, b.member)) })
	memberships := inserter{tx: tx, table: "memberships"}
	for _, e := range edges {
		kind := "person"
		if e.member <= int64(p.Groups) {
			kind = "group"
		}
		memberships.add(tenant, e.group, e.member, created, liveRow, 1, "directory", kind, "", "", "", 0, 0, created)
	}
	return errors.Join(subjects.end(), groups.end(), people.end(), memberships.end())
}

func uuidOf(id int64) []byte {
	return binary.BigEndian.AppendUint64(make([]byte, 8, 16), uint64(id))
}

// inserter collects rows of a table and inserts many at a time. The first error stays.
type inserter struct {
	tx     *sql.Tx
	table  string
	many   *sql.Stmt
	values []any
	width  int
	err    error
}

const rowsAtOnce = 64

func (i *inserter) add(row ...any) {
	if i.err != nil {
		return
	}
	if i.many == nil {
		i.width = len(row)
		if i.many, i.err = i.tx.Prepare(insertRows(i.table, i.width, rowsAtOnce)); i.err != nil {
			return
		}
	}
	if i.values = append(i.values, row...); len(i.values) == rowsAtOnce*i.width {
		_, i.err = i.many.Exec(i.values...)
		i.values = i.values[:0]
	}
}

// end inserts what is left and returns the first error.
func (i *inserter) end() error {
	if i.err != nil || len(i.values) == 0 {
		return i.err
	}
	_, err := i.tx.Exec(insertRows(i.table, i.width, len(i.values)/i.width), i.values...)
	i.values = nil
	return err
}
