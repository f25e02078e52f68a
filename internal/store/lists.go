package store

// EachOf runs a query prepared by In for all values, many a statement, and calls
// fn for each row: EachIn for lists of texts, or of anything that a column holds.
// A value that comes twice may give its rows twice.
func EachOf[T any](tx *Tx, q *Query, values []T, fn func(Scanner) error, args ...any) error {
	for len(values) > 0 {
		list, n := inList(q, len(values))
		all := append(make([]any, 0, len(args)+n), args...)
		for i := range n {
			all = append(all, values[min(i, len(values)-1)])
		}
		if err := tx.Each(list, fn, all...); err != nil {
			return err
		}
		values = values[min(n, len(values)):]
	}
	return nil
}
