package store

import "github.com/rosterhq/roster/internal/roster"

// Sequence names one sequence of a tenant.
type Sequence string

// The sequences. All subjects of a tenant draw from one.
const (
	Subjects Sequence = "subject"
	Tokens   Sequence = "token"
)

// idBlock is how many ids one round trip reserves. Gaps are allowed, and no
// order is read from ids.
const idBlock = 1000

var (
	sequenceReserve = Q("sequence.reserve", `UPDATE sequences SET next = next + $3
		WHERE tenant = $1 AND name = $2 RETURNING next - $3`)
	sequenceCreate = Q("sequence.create", `INSERT INTO sequences (tenant, name, next) VALUES ($1, $2, $3)`)
)

type idKey struct {
	tenant roster.TenantID
	name   Sequence
}

// idBlocks are the reserved ids of one committer.
type idBlocks struct{ blocks map[idKey]*[2]int64 }

// forget drops what a rolled back transaction may have reserved.
func (b *idBlocks) forget(tenant roster.TenantID) {
	for key := range b.blocks {
		if key.tenant == tenant {
			delete(b.blocks, key)
		}
	}
}

// NextID draws an id, never given before, from a sequence of the tenant.
func (tx *Tx) NextID(name Sequence) (int64, error) {
	key := idKey{tx.tenant, name}
	block := tx.ids.blocks[key]
	if block == nil || block[0] == block[1] {
		start, err := tx.reserve(name)
		if err != nil {
			return 0, err
		}
		block = &[2]int64{start, start + idBlock}
		tx.ids.blocks[key] = block
	}
	block[0]++
	return block[0] - 1, nil
}

func (tx *Tx) reserve(name Sequence) (int64, error) {
	touched := tx.touched
	defer func() { tx.touched = touched }() // a reservation alone changes nothing worth a revision
	var start int64
	err := tx.Row(sequenceReserve, string(name), idBlock).Scan(&start)
	if err != ErrNoRows { //nolint:errorlint // Scan returns it bare
		return start, err
	}
	_, err = tx.Exec(sequenceCreate, string(name), idBlock+1)
	return 1, err
}
