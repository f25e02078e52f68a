//go:build unix

package main

import (
	"bufio"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"github.com/rosterhq/roster/internal/graph/graphgen"
)

const importMethod = `roster import of one JSON document with %d people, %d groups and %d edges into an empty tenant, reading the file and starting
the command included, beside the same rows of the same tables (subjects, people, groups, memberships, and the change log with its
hashes), held ready in memory, inserted by the driver alone: 64 rows a statement, 5,000 rows a transaction, as many as the import's, with
the same indexes, constraints and settings, in the order of their keys. In turns, each into a new file.`

func (b *bench) imports() error {
	p := b.small
	c := b.report.chapter("Import, SQLite", fmt.Sprintf(importMethod, p.People, p.Groups, p.Edges))
	file := filepath.Join(b.folder, "graph.json")
	if err := writeDocument(file, p); err != nil {
		return err
	}
	var ours, other []float64
	var rows int
	for round := range min(b.rounds, 3) {
		database := filepath.Join(b.folder, fmt.Sprintf("import%d.db", round))
		took, err := b.importOnce(file, database)
		if err != nil {
			return err
		}
		tables, err := readTables(database)
		if err != nil {
			return err
		}
		raw, err := b.insertTables(filepath.Join(b.folder, fmt.Sprintf("raw%d.db", round)), tables)
		if err != nil {
			return err
		}
		rows = 0
		for _, t := range tables {
			rows += len(t.rows)
		}
		ours, other = append(ours, float64(rows)/took.Seconds()), append(other, float64(rows)/raw.Seconds())
	}
	c.add(ratio("rows a second", fmt.Sprintf("%.0f beside %.0f; %d rows", median(ours), median(other), rows), median(ours)/median(other), 0.6,
		`the file is read several times, the rows are checked, found again by their ids and sent as JSON from the command to the writer, and each change is spelled as JSON and hashed.`))
	return nil
}

func (b *bench) importOnce(file, database string) (time.Duration, error) {
	if err := makeEmpty(b.ctx, database); err != nil {
		return 0, err
	}
	cmd := exec.CommandContext(b.ctx, b.program, "import", file, "--tenant", tenantName, "--database", database)
	cmd.Stderr = os.Stderr
	began := time.Now()
	err := cmd.Run()
	return time.Since(began), err
}

// writeDocument writes a graph in the form of a document with people and groups.
func writeDocument(file string, p graphgen.Params) error {
	type person struct {
		ID    string `json:"id"`
		Name  string `json:"name"`
		Email string `json:"email"`
	}
	type group struct {
		ID          string   `json:"id"`
		Name        string   `json:"name"`
		Description string   `json:"description"`
		Kind        string   `json:"kind"`
		Members     []string `json:"members"`
		Subgroups   []string `json:"subgroups"`
	}
	document := struct {
		People []person `json:"people"`
		Groups []group  `json:"groups"`
	}{make([]person, p.People), make([]group, p.Groups)}
	for i := range document.People {
		document.People[i] = person{fmt.Sprintf("p-%d", i), graphgen.PersonName(i), graphgen.Email(i)}
	}
	for i := range document.Groups {
		document.Groups[i] = group{ID: fmt.Sprintf("g-%d", i), Name: graphgen.GroupName(i), Kind: "security"}
	}
	p.EachEdge(func(id, member int64) {
		g := &document.Groups[id-p.GroupID(0)]
		if member < p.PersonID(0) {
			g.Subgroups = append(g.Subgroups, document.Groups[member-p.GroupID(0)].ID)
		} else {
			g.Members = append(g.Members, document.People[member-p.PersonID(0)].ID)
		}
	})
	f, err := os.Create(file)
	if err != nil {
		return err
	}
	w := bufio.NewWriter(f)
	return errors.Join(json.NewEncoder(w).Encode(document), w.Flush(), f.Close())
}

// table is the content of a table.
type table struct {
	name string
	rows [][]any
}

func readTables(database string) (tables []table, err error) {
	db, err := openRaw(database)
	if err != nil {
		return nil, err
	}
	for _, name := range []string{"subjects", "people", "groups", "memberships", "changes"} {
		rows, err := readTable(db, name)
		if err != nil {
			return nil, err
		}
		tables = append(tables, table{name, rows})
	}
	return tables, db.Close()
}

func readTable(db *sql.DB, name string) (all [][]any, err error) {
	rows, err := db.Query("SELECT * FROM " + name)
	if err != nil {
		return nil, err
	}
	columns, err := rows.Columns()
	if err != nil {
		return nil, err
	}
	for rows.Next() {
		row := make([]any, len(columns))
		places := make([]any, len(columns))
		for i := range row {
			places[i] = &row[i]
		}
		if err := rows.Scan(places...); err != nil {
			return nil, err
		}
		all = append(all, row)
	}
	return all, errors.Join(rows.Err(), rows.Close())
}

const rowsOfTransaction = 5000

// insertTables inserts rows into a new database by the driver alone.
func (b *bench) insertTables(file string, tables []table) (took time.Duration, err error) {
	if err := makeEmpty(b.ctx, file); err != nil {
		return 0, err
	}
	db, err := openRaw(file, "foreign_keys(ON)", "temp_store(MEMORY)")
	if err != nil {
		return 0, err
	}
	if _, err := db.Exec(`DELETE FROM changes`); err != nil {
		return 0, err
	}
	began := time.Now()
	for _, t := range tables {
		for len(t.rows) > 0 {
			n := min(rowsOfTransaction, len(t.rows))
			if err := insertPart(db, t.name, t.rows[:n]); err != nil {
				return 0, err
			}
			t.rows = t.rows[n:]
		}
	}
	return time.Since(began), db.Close()
}

func insertPart(db *sql.DB, name string, rows [][]any) error {
	tx, err := db.Begin()
	if err != nil {
		return err
	}
	in := inserter{tx: tx, table: name}
	for _, row := range rows {
		in.add(row...)
	}
	return errors.Join(in.end(), tx.Commit())
}
