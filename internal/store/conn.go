package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
)

// conn is one connection with the statements that it has prepared.
type conn struct {
	raw    *sql.Conn
	engine Engine
	stmts  map[*Query]*sql.Stmt
}

func (c *conn) stmt(ctx context.Context, q *Query) (*sql.Stmt, error) {
	if st := c.stmts[q]; st != nil {
		return st, nil
	}
	st, err := c.raw.PrepareContext(ctx, q.text[c.engine])
	if err != nil {
		return nil, err
	}
	c.stmts[q] = st
	return st, nil
}

// control runs a statement that steers the transaction.
func (c *conn) control(ctx context.Context, q *Query) error {
	st, err := c.stmt(ctx, q)
	if err == nil {
		_, err = st.ExecContext(ctx)
	}
	if err != nil {
		return classify(c.engine, q.Name, err)
	}
	return nil
}

// close ends the connection for good, so that a broken one is never pooled again.
func (c *conn) close() {
	for _, st := range c.stmts {
		_ = st.Close()
	}
	_ = c.raw.Raw(func(any) error { return driver.ErrBadConn })
	_ = c.raw.Close()
}

// pool hands out connections that keep their prepared statements.
type pool struct {
	db      *sql.DB
	engine  Engine
	free    chan *conn // a nil stands for one that is yet to be opened
	closing chan struct{}
}

func newPool(db *sql.DB, engine Engine, size int) *pool {
	db.SetMaxOpenConns(size)
	db.SetMaxIdleConns(size)
	p := &pool{db: db, engine: engine, free: make(chan *conn, size), closing: make(chan struct{})}
	for range size {
		p.free <- nil
	}
	return p
}

func (p *pool) get(ctx context.Context) (*conn, error) {
	select {
	case c := <-p.free:
		if c != nil {
			return c, nil
		}
	case <-ctx.Done():
		return nil, classify(p.engine, "control.connect", ctx.Err())
	case <-p.closing:
		return nil, errClosed()
	}
	raw, err := p.db.Conn(ctx)
	if err != nil {
		p.free <- nil
		return nil, classify(p.engine, "control.connect", err)
	}
	return &conn{raw: raw, engine: p.engine, stmts: map[*Query]*sql.Stmt{}}, nil
}

// begin takes a connection and starts a transaction on it. PostgreSQL's
// connections break while nobody uses them: those are replaced.
func (p *pool) begin(ctx context.Context, q *Query) (*conn, error) {
	for {
		c, err := p.get(ctx)
		if err != nil {
			return nil, err
		}
		used := len(c.stmts) > 0
		if err = c.control(ctx, q); err == nil {
			return c, nil
		}
		p.put(c, true)
		if !used || p.engine == SQLite || ctx.Err() != nil {
			return nil, err
		}
	}
}

// put gives a connection back; a broken one is closed and replaced when needed.
func (p *pool) put(c *conn, broken bool) {
	if broken {
		c.close()
		c = nil
	}
	p.free <- c
}

// close waits for the connections that are in use.
func (p *pool) close() error {
	close(p.closing)
	for range cap(p.free) {
		if c := <-p.free; c != nil {
			c.close()
		}
	}
	return p.db.Close()
}
