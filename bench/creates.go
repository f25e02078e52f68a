//go:build unix

package main

import (
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync/atomic"
	"time"

	"github.com/rosterhq/roster/internal/graph/graphgen"
)

const createsMethod = `POST /groups of the directory API on SQLite at synchronous=FULL, each acknowledged when it is on the disk, beside
single rows of the same name inserted into a table of one key column and one text column by the same driver (modernc.org/sqlite) from one
goroutine, each in a transaction of its own, on the same file system, in turns. A create that is alone in its transaction runs
seven statements: BEGIN IMMEDIATE, a SELECT of the tenant's head, INSERTs into subjects (two indexes), groups and
changes (two indexes), the UPDATE of the head, COMMIT. One that shares a transaction runs five: a savepoint and its release around
the three INSERTs. The last columns give the shares of the processors that the server and the client used.`

func (b *bench) creates() error {
	c := b.report.chapter("Durable creates over HTTP, SQLite", createsMethod)
	s, err := b.seed(filepath.Join(b.folder, "creates.db"), graphgen.Params{People: 1000, Groups: 100, Edges: 1000, Depth: 2, Seed: 1})
	if err != nil {
		return err
	}
	p, err := b.serve("--database", s.database)
	if err != nil {
		return err
	}
	raw, err := newRawCommits(filepath.Join(b.folder, "raw.db"))
	if err != nil {
		return err
	}
	for _, m := range []struct {
		clients int
		target  float64
		bound   string
	}{
		{1, 0.6, `one client waits for each commit, so every statement and the request itself add to the time that the disk needs.`},
		{connections, 1.5, `the committer runs one statement after the other: with the commit shared, statements and requests, on processors that the client shares, take the time.`},
	} {
		if err := b.measureCreates(c, s, p, raw, m.clients, m.target, m.bound); err != nil {
			return err
		}
	}
	return errors.Join(p.stop(), raw.db.Close())
}

func (b *bench) measureCreates(c *chapter, s *seeded, p *process, raw *rawCommits, clients int, target float64, bound string) error {
	t, err := newTarget(p.address, clients)
	if err != nil {
		return err
	}
	defer t.close()
	var made atomic.Int64
	create := func(int) func() []byte {
		return func() []byte {
			return caller{token: s.token}.request("POST", "/groups", `{"name":"`+groupName(made.Add(1))+`"}`)
		}
	}
	ours := contender{target: t, pid: p.pid()}
	var rates []float64
	for round := range b.rounds + 1 {
		if err := ours.round(create, b.period, round > 0); err != nil {
			return err
		}
		rate, err := raw.run(b.period)
		if err != nil {
			return err
		}
		if round > 0 {
			rates = append(rates, rate)
		}
	}
	other := contender{rates: rates}
	busy := float64(b.rounds) * b.period.Seconds() / 100
	c.add(ratio(fmt.Sprintf("%d clients", clients), fmt.Sprintf("%.0f/s beside %.0f/s (%s); server %.0f %% of a core, client %.0f %%",
		ours.rate(), other.rate(), spread(&ours, &other), ours.server.Seconds()/busy, ours.client.Seconds()/busy),
		ours.rate()/other.rate(), target, bound))
	return nil
}

func groupName(n int64) string { return fmt.Sprintf("Group %d of the bench at %d", n, os.Getpid()) }

// rawCommits inserts rows by the driver alone.
type rawCommits struct {
	db     *sql.DB
	insert *sql.Stmt
	made   int64
}

func newRawCommits(file string) (*rawCommits, error) {
	db, err := openRaw(file)
	if err != nil {
		return nil, err
	}
	if _, err := db.Exec(`CREATE TABLE rows (id integer NOT NULL PRIMARY KEY, name text NOT NULL) STRICT`); err != nil {
		return nil, err
	}
	insert, err := db.Prepare(`INSERT INTO rows (id, name) VALUES (?, ?)`)
	return &rawCommits{db: db, insert: insert}, err
}

func (r *rawCommits) run(period time.Duration) (perSecond float64, err error) {
	start, n := time.Now(), 0
	for ; time.Since(start) < period; n++ {
		r.made++
		if _, err := r.insert.Exec(r.made, groupName(r.made)); err != nil {
			return 0, err
		}
	}
	return float64(n) / time.Since(start).Seconds(), nil
}
