package store

import (
	"context"
	"database/sql/driver"
	"errors"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"github.com/rosterhq/roster/internal/roster"
)

// classify turns a driver's error into one of ours by its code, never its text.
func classify(e Engine, query string, err error) error {
	kind := roster.Internal
	var lite *sqlite.Error
	var pg *pgconn.PgError
	switch {
	case errors.As(err, &lite):
		kind = sqliteKind(lite.Code())
	case errors.As(err, &pg):
		kind = postgresKind(pg.Code)
	case errors.Is(err, driver.ErrBadConn), errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled):
		kind = roster.Unavailable
	case e == Postgres:
		kind = roster.Unavailable // what pgx says without a server's code is about the connection
	}
	return &roster.Error{Kind: kind, Msg: publicMessage(kind), Err: errors.Join(errors.New("query "+query), err)}
}

func publicMessage(kind roster.Kind) string {
	switch kind {
	case roster.Exists:
		return "it exists already"
	case roster.Conflict:
		return "it refers to something that is not there, or breaks a rule"
	case roster.Unavailable:
		return "the database is busy or not reachable; try again"
	default:
		return "internal error"
	}
}

func sqliteKind(code int) roster.Kind {
	switch code {
	case sqlite3.SQLITE_CONSTRAINT_UNIQUE, sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY:
		return roster.Exists
	case sqlite3.SQLITE_CONSTRAINT_FOREIGNKEY, sqlite3.SQLITE_CONSTRAINT_CHECK, sqlite3.SQLITE_CONSTRAINT_TRIGGER:
		return roster.Conflict
	}
	switch code & 0xff {
	case sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_INTERRUPT, sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR:
		return roster.Unavailable
	}
	return roster.Internal
}

func postgresKind(code string) roster.Kind {
	switch {
	case code == "23505":
		return roster.Exists
	case code == "23503", code == "23514", code == "23P01":
		return roster.Conflict
	case strings.HasPrefix(code, "08"), strings.HasPrefix(code, "53"), strings.HasPrefix(code, "57"),
		strings.HasPrefix(code, "40"), strings.HasPrefix(code, "55"):
		return roster.Unavailable
	}
	return roster.Internal
}
