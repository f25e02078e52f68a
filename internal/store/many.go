package store

// ExecMany runs an INSERT prepared by Many once for each row of arguments, many
// rows a statement.
func (tx *Tx) ExecMany(q *Query, rows [][]any) error {
	for size, many := range q.many() {
		for n := manyRows[size]; len(rows) >= n; rows = rows[n:] {
			args := make([]any, 0, n*len(rows[0]))
			for _, row := range rows[:n] {
				args = append(args, row...)
			}
			if _, err := tx.Exec(many, args...); err != nil {
				return err
			}
		}
	}
	for _, row := range rows {
		if _, err := tx.Exec(q, row...); err != nil {
			return err
		}
	}
	return nil
}

// EachIn runs a query prepared by In for all ids, many a statement, and calls fn
// for each row. The ids come last among the query's parameters.
func (tx *Tx) EachIn(q *Query, ids []int64, fn func(Scanner) error, args ...any) error {
	for len(ids) > 0 {
		list, n := inList(q, len(ids))
		all := append(append(make([]any, 0, len(args)+n), args...), padded(ids, n)...)
		if err := tx.Each(list, fn, all...); err != nil {
			return err
		}
		ids = ids[min(n, len(ids)):]
	}
	return nil
}

// ExecIn runs a statement prepared by In for all ids and returns how many rows it
// changed.
func (tx *Tx) ExecIn(q *Query, ids []int64, args ...any) (int64, error) {
	var changed int64
	for len(ids) > 0 {
		list, n := inList(q, len(ids))
		all := append(append(make([]any, 0, len(args)+n), args...), padded(ids, n)...)
		rows, err := tx.Exec(list, all...)
		if err != nil {
			return changed, err
		}
		changed += rows
		ids = ids[min(n, len(ids)):]
	}
	return changed, nil
}

// inList is the query for a list of n values, or for as many of them as one takes.
func inList(q *Query, n int) (*Query, int) {
	for i, size := range inSizes {
		if n <= size {
			return q.lists()[i], size
		}
	}
	last := len(inSizes) - 1
	return q.lists()[last], inSizes[last]
}

// padded repeats the last id to the length of the list: IN does not mind.
func padded(ids []int64, n int) []any {
	all := make([]any, n)
	for i := range all {
		all[i] = ids[min(i, len(ids)-1)]
	}
	return all
}
