package store

import (
	"errors"

	"github.com/rosterhq/roster/internal/roster"
)

// Sequence names one sequence of a tenant.
type Sequence string

// The sequences. All subjects of a tenant draw from one.
const (
	Subjects       Sequence = "subject"
	Tokens         Sequence = "token"
	Jobs           Sequence = "job"
	Branches       Sequence = "branch"
	Units          Sequence = "unit"
	Charges        Sequence = "charge"
	Invoices       Sequence = "invoice"
	PaymentSources Sequence = "payment_source"
	Payments       Sequence = "payment"

	CostCenters   Sequence = "cost_center"
	GroupRequests Sequence = "group_request"

	VehicleCategories Sequence = "vehicle_category"
	Vehicles          Sequence = "vehicle"
	Tariffs           Sequence = "tariff"
	Rentals           Sequence = "rental" // and bookings: a charge's source is either

	Families    Sequence = "token_family"
	SignInCodes Sequence = "sign_in_code"
	SigningKeys Sequence = "signing_key"
)

// block is how many ids one round trip reserves. Gaps are allowed, and no order is
// read from ids; but of what is rarely made, and named by people, none is wasted.
func (s Sequence) block() int64 {
	switch s {
	case Subjects:
		return 1000
	case Jobs, Charges, Rentals, Families, SignInCodes:
		return 100
	default:
		return 1
	}
}

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
type idBlocks struct {
	blocks map[idKey]*[2]int64 // the next id, and the one behind the last
	// recent are the blocks that the transaction under way reserved, in order:
	// whatever rolls it back takes them back too.
	recent []idKey
}

func newIDBlocks() idBlocks { return idBlocks{blocks: map[idKey]*[2]int64{}} }

func (b *idBlocks) savepoint() int { return len(b.recent) }

func (b *idBlocks) commit() { b.recent = b.recent[:0] }

func (b *idBlocks) rollback(savepoint int) {
	for _, key := range b.recent[savepoint:] {
		delete(b.blocks, key)
	}
	b.recent = b.recent[:savepoint]
}

// NextID draws an id, never given before, from a sequence of the tenant.
func (tx *Tx) NextID(name Sequence) (int64, error) {
	if !tx.write {
		return 0, errors.New("store: an id is drawn in a read transaction")
	}
	key := idKey{tx.tenant, name}
	block := tx.ids.blocks[key]
	if block == nil || block[0] == block[1] {
		start, err := tx.reserve(name)
		if err != nil {
			return 0, err
		}
		block = &[2]int64{start, start + name.block()}
		tx.ids.blocks[key] = block
		tx.ids.recent = append(tx.ids.recent, key)
	}
	block[0]++
	return block[0] - 1, nil
}

func (tx *Tx) reserve(name Sequence) (int64, error) {
	touched := tx.touched
	defer func() { tx.touched = touched }() // a reservation alone changes nothing worth a revision
	var start int64
	err := tx.Row(sequenceReserve, string(name), name.block()).Scan(&start)
	if !errors.Is(err, ErrNoRows) {
		return start, err
	}
	_, err = tx.Exec(sequenceCreate, string(name), name.block()+1)
	return 1, err
}
