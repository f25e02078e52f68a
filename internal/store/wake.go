package store

// Wake says that this write leaves work behind: once it is durable, those who asked
// by OnWake hear of it. A write that fails or is only planned wakes nobody.
func (tx *Tx) Wake() { tx.wakes = true }

// OnWake makes fn hear of this node's writes that left work behind. fn returns at
// once, and may be called while other writes wait.
func (db *DB) OnWake(fn func()) {
	db.mu.Lock()
	defer db.mu.Unlock()
	db.wakers = append(db.wakers, fn)
}

func (db *DB) wake() {
	db.mu.Lock()
	wakers := db.wakers
	db.mu.Unlock()
	for _, fn := range wakers {
		fn()
	}
}
