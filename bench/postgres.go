//go:build unix

package main

import (
	"errors"

	"github.com/rosterhq/roster/internal/pgtest"
)

const postgresMethod = `As above, on a PostgreSQL of its own that syncs its files, on the same machine; the bare handler asks it one
SELECT 1 for each request, with a prepared statement on one of 16 connections, before it returns the bytes. Before it answers, a node
asks PostgreSQL whether it is at the head of the change log, one question for all requests that wait at that moment: that is why it can
do more than one question for each. The graph: %d people, %d groups, %d edges, and %d lines as above.`

func (b *bench) postgres() error {
	cluster, err := pgtest.New(pgtest.Durable)
	if err != nil {
		return err
	}
	defer cluster.Close()
	s, err := b.seed(cluster.URL(), b.small)
	if err != nil {
		return err
	}
	p, err := b.serve("--database", s.database)
	if err != nil {
		return err
	}
	c := b.report.chapter("Reads over HTTP, PostgreSQL", s.describe(postgresMethod))
	return errors.Join(b.measureReads(c, s, p, s.database), p.stop())
}
