package store_test

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"strings"
	"testing"

	"github.com/rosterhq/roster/internal/racetest"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/store"
	"github.com/rosterhq/roster/internal/store/storetest"
)

var (
	insertAnswer = store.Q("test.insert_answer", `INSERT INTO idempotency_keys (tenant, key_hash, body_hash, status, headers, body, revision, created_at, person_id, changed)
		VALUES ($1, $2, $2, 200, '{}', $2, $3, $4, $5, $6)`)
	answersLeft = store.Q("test.answers_left", `SELECT key_hash, status, body FROM idempotency_keys WHERE tenant = $1 AND key_hash >= $2 ORDER BY key_hash`)
	putText     = store.Q("test.put_text", `INSERT INTO settings (tenant, name, value) VALUES ($1, $2, $3)
		ON CONFLICT (tenant, name) DO UPDATE SET value = excluded.value`)
	dropText = store.Q("test.drop_text", `DELETE FROM settings WHERE tenant = $1 AND name = $2`)
)

// said records a change that says something of a person.
func said(subjectType string, subject, object int64, words string) func(*store.Tx) error {
	return func(tx *store.Tx) error {
		tx.Record(roster.Change{
			Operation: subjectType + ".say", SubjectType: subjectType, SubjectID: subject, ObjectID: object, After: map[string]string{"says": words},
		})
		return nil
	}
}

// An erasure takes what is said of somebody, by subject, by object and by mention, of
// earlier writes, of those that share its transaction and of its own; the rest stays,
// and the log verifies.
func TestErase(t *testing.T) {
	storetest.Each(t, func(t *testing.T, database string) {
		db := open(t, database)
		actor, other := storetest.Tenant(t, db, "acme"), storetest.Tenant(t, db, "other")
		keep := func(words string) string { return "keep " + words }
		for i, change := range []func(*store.Tx) error{
			said("person", 7, 0, "mine"), said("person", 8, 0, keep("8")), said("ride", 1, 7, "mine"), said("ride", 7, 8, keep("ride 7")),
			said("group", 7, 0, keep("group 7")), said("group", 5, 0, `lists "ann@example.org"`), said("group", 5, 0, keep("5")), said("group", 7, 7, keep("both")),
		} {
			write(t, db, actor, func(tx *store.Tx) error {
				if err := change(tx); err != nil {
					return err
				}
				key := []byte(fmt.Sprint("answer ", i))
				_, err := tx.Exec(insertAnswer, key, tx.Revision, tx.Now, 0, true)
				return err
			})
		}
		write(t, db, actor, func(tx *store.Tx) error {
			tx.Housekeeping()
			_, err := tx.Exec(insertAnswer, []byte("idle"), tx.Revision-1, tx.Now, 0, false)
			if err == nil {
				_, err = tx.Exec(insertAnswer, []byte("own"), tx.Revision-1, tx.Now, 7, true)
			}
			return err
		})
		write(t, db, other, said("person", 7, 0, keep("another tenant's")))
		write(t, db, actor, func(tx *store.Tx) error {
			_ = said("person", 7, 0, "mine")(tx)
			_ = said("group", 5, 0, `lists "ann@example.org"`)(tx)
			e := tx.Erase()
			mentions := func(values string) bool { return strings.Contains(values, "ann@example.org") }
			return errors.Join(e.Subjects("person", 7), e.Objects("ride", 7), e.Subjects("ride"), e.Mentions("group", []int64{5}, mentions),
				said("person", 7, 0, keep("that it was"))(tx), e.Answers(7))
		})

		kept := 0
		for _, tenant := range []roster.Actor{actor, other} {
			revision(t, db, tenant)
			err := db.Read(t.Context(), tenant.Tenant.ID, func(tx *store.Tx) error {
				all, err := tx.Feed(store.FeedCursor{}, 100)
				for _, c := range all {
					switch {
					case bytes.Contains(c.After, []byte("keep")):
						kept++
					case c.Operation != "tenant.create" && (c.Before != nil || c.After != nil):
						t.Errorf("%s of %d still says %s", c.Operation, c.SubjectID, c.After)
					}
				}
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		if kept != 7 {
			t.Errorf("%d changes were kept, want 7", kept)
		}
		var got []string
		err := db.Read(t.Context(), actor.Tenant.ID, func(tx *store.Tx) error {
			return tx.Each(answersLeft, func(s store.Scanner) error {
				var key, body []byte
				var status int
				err := s.Scan(&key, &status, &body)
				got = append(got, fmt.Sprintf("%s=%d%s", key, status, body))
				return err
			}, []byte{})
		})
		if err != nil {
			t.Fatal(err)
		}
		want := "answer 0=0 answer 1=200answer 1 answer 2=0 answer 3=200answer 3 answer 4=200answer 4 answer 5=0 answer 6=200answer 6 answer 7=200answer 7 own=0"
		if strings.Join(got, " ") != want {
			t.Errorf("the answers are\n%s, want\n%s", strings.Join(got, " "), want)
		}
	})
}

// What was deleted or overwritten is in no page of SQLite's files any more once they
// are scrubbed, however the pages were split and merged before.
func TestScrub(t *testing.T) {
	database := storetest.SQLite(t)
	db := open(t, database)
	actor := storetest.Tenant(t, db, "acme")
	rows := racetest.Scale(3000)
	name := func(i int) string { return fmt.Sprint("row ", i*7919%rows) }
	text := func(i int) string {
		if i%3 != 0 {
			return strings.Repeat("other ", rand.IntN(60))
		}
		return "canary " + strings.Repeat("x", rand.IntN(300)) + " canary" + strings.Repeat("y", i%600/597*9000) // some in pages of their own
	}
	write(t, db, actor, func(tx *store.Tx) error {
		tx.Housekeeping()
		for i := range rows {
			if _, err := tx.Exec(putText, name(i), text(i)); err != nil {
				return err
			}
		}
		return nil
	})
	for range 3 {
		write(t, db, actor, func(tx *store.Tx) error {
			tx.Housekeeping()
			for range rows {
				i := rand.IntN(rows)
				if i%3 != 0 && rand.IntN(3) == 0 {
					if _, err := tx.Exec(dropText, name(i)); err != nil {
						return err
					}
				} else if _, err := tx.Exec(putText, name(i), text(i)); err != nil {
					return err
				}
			}
			return nil
		})
	}
	if !bytes.Contains(files(t, database), []byte("canary")) {
		t.Fatal("there is no canary to begin with")
	}
	write(t, db, actor, func(tx *store.Tx) error {
		tx.Housekeeping()
		for i := 0; i < rows; i += 3 {
			q, args := dropText, []any{name(i)}
			if i%2 == 0 {
				q, args = putText, []any{name(i), "gone"}
			}
			if _, err := tx.Exec(q, args...); err != nil {
				return err
			}
		}
		return nil
	})
	if err := db.Scrub(t.Context()); err != nil {
		t.Fatal(err)
	}
	if n := bytes.Count(files(t, database), []byte("canary")); n > 0 {
		t.Errorf("%d canaries are left", n)
	}
	var verdict string
	if err := storetest.Raw(t, database).QueryRowContext(t.Context(), `PRAGMA integrity_check`).Scan(&verdict); err != nil || verdict != "ok" {
		t.Errorf("the database is %s %v", verdict, err)
	}
}

// files are the bytes of a SQLite database and of its log of pages.
func files(t *testing.T, database string) (all []byte) {
	t.Helper()
	for _, name := range []string{database, database + "-wal"} {
		text, err := os.ReadFile(name) //nolint:gosec // the test's own
		if err != nil && !errors.Is(err, os.ErrNotExist) {
			t.Fatal(err)
		}
		all = append(all, text...)
	}
	return all
}

// While a reader needs the log of pages a scrub says so, and is tried again.
func TestScrubWaitsForReaders(t *testing.T) {
	database := storetest.SQLite(t)
	db := open(t, database)
	actor := storetest.Tenant(t, db, "acme")
	err := db.Read(t.Context(), actor.Tenant.ID, func(*store.Tx) error {
		write(t, db, actor, create(1))
		if err := db.Scrub(t.Context()); !roster.IsKind(err, roster.Unavailable) {
			t.Errorf("a scrub under a reader: %v", err)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := db.Scrub(t.Context()); err != nil {
		t.Error(err)
	}
}
