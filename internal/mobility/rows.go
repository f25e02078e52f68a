package mobility

import (
	"errors"

	"github.com/rosterhq/roster/internal/store"
)

// one reads the row of a query that gives one at most; nil where it gives none.
func one[T any](tx *store.Tx, scan func(store.Scanner) (*T, error), q *store.Query, args ...any) (*T, error) {
	found, err := scan(tx.Row(q, args...))
	if errors.Is(err, store.ErrNoRows) {
		found, err = nil, nil
	}
	return found, err
}

// byID reads rows by their ids, in one query, and keys them.
func byID[T any](tx *store.Tx, scan func(store.Scanner) (*T, error), id func(*T) int64, q *store.Query, ids []int64) (map[int64]*T, error) {
	found := make(map[int64]*T, len(ids))
	err := tx.EachIn(q, ids, func(s store.Scanner) error {
		v, err := scan(s)
		if err == nil {
			found[id(v)] = v
		}
		return err
	})
	return found, err
}
