//go:build unix

package main

import (
	"database/sql"
	"encoding/gob"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"

	_ "github.com/jackc/pgx/v5/stdlib" // the driver "pgx"
)

// canned is an answer that was captured from Roster.
type canned struct {
	Header http.Header
	Body   []byte
}

// serveBare is the child that Roster is measured beside: net/http and nothing else
// between a request and the bytes that Roster answered it with. Given a database,
// it asks it SELECT 1 first.
func serveBare(file, database string) error {
	answers := map[string]canned{}
	f, err := os.Open(file)
	if err != nil {
		return err
	}
	if err := errors.Join(gob.NewDecoder(f).Decode(&answers), f.Close()); err != nil {
		return err
	}
	handler := http.Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		a, ok := answers[r.RequestURI]
		if !ok {
			w.WriteHeader(http.StatusNotFound)
			return
		}
		h := w.Header()
		for name, values := range a.Header {
			h[name] = values
		}
		_, _ = w.Write(a.Body)
	}))
	if database != "" {
		if handler, err = askingFirst(database, handler); err != nil {
			return err
		}
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin) // until the parent ends
		os.Exit(0)
	}()
	fmt.Println("serves", listener.Addr())
	return http.Serve(listener, handler) //nolint:gosec // for this machine, for a minute
}

func askingFirst(database string, next http.Handler) (http.Handler, error) {
	db, err := sql.Open("pgx", database)
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(connections)
	db.SetMaxIdleConns(connections)
	question, err := db.Prepare("SELECT 1")
	if err != nil {
		return nil, err
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var one int
		if err := question.QueryRowContext(r.Context()).Scan(&one); err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		next.ServeHTTP(w, r)
	}), nil
}
