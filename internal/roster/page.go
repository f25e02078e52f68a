package roster

// Page asks for a part of a list.
type Page struct {
	// Offset is how many rows are left out before the first, Limit how many are
	// wanted at most.
	Offset, Limit int
	// Sort is the order, by the first property, then the next. An API always ends
	// it with the rows' id, so that it leaves nothing open.
	Sort []Sort
}

// Sort is one property that a list is ordered by, by the name that the list gives it.
type Sort struct {
	Property string
	Desc     bool
}

// Order is how two rows stand to each other that compare so by the property.
func (s Sort) Order(compared int) int {
	if s.Desc {
		return -compared
	}
	return compared
}
