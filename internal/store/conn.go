package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
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

func (c *conn) control(ctx context.Context, q *Query) error {
	st, err := c.stmt(ctx, q)
	if err != nil {
		return err
	}
	_, err = st.ExecContext(ctx)
	return err
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
	db     *sql.DB
	engine Engine
	free   chan *conn // a nil stands for one that is yet to be opened
}

func newPool(db *sql.DB, engine Engine, size int) *pool {
	db.SetMaxOpenConns(size)
	db.SetMaxIdleConns(size)
	p := &pool{db: db, engine: engine, free: make(chan *conn, size)}
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
		return nil, ctx.Err()
	}
	raw, err := p.db.Conn(ctx)
	if err != nil {
		p.free <- nil
		return nil, err
	}
	return &conn{raw: raw, engine: p.engine, stmts: map[*Query]*sql.Stmt{}}, nil
}

// put gives a connection back; a broken one is closed and replaced when needed.
func (p *pool) put(c *conn, broken bool) {
	if broken {
		c.close()
		c = nil
	}
	p.free <- c
}

func (p *pool) close() error {
	var errs []error
	for range cap(p.free) {
		if c := <-p.free; c != nil {
			c.close()
		}
	}
	return errors.Join(append(errs, p.db.Close())...)
}
