package graph

import "github.com/rosterhq/roster/internal/store"

// arrivals are what areas do, in the same transaction, when an address becomes
// somebody's.
var arrivals []func(tx *store.Tx, people []*Person) error

// OnArrival has fn called inside the transaction that makes people, or gives one
// another address: for what waited for that address. Called by areas when the
// program starts, and never later.
func OnArrival(fn func(tx *store.Tx, people []*Person) error) { arrivals = append(arrivals, fn) }

func arrived(tx *store.Tx, people []*Person) error {
	for _, fn := range arrivals {
		if err := fn(tx, people); err != nil {
			return err
		}
	}
	return nil
}
