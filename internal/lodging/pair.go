package lodging

import (
	"encoding/binary"

	"github.com/google/uuid"

	"github.com/rosterhq/roster/internal/roster"
)

// A group user is a pair of a group and a person, and its id says which: a UUID of
// version 8 whose 122 free bits hold 16 of the tenant's number and 53 of each
// subject's. So every membership has an id, however it was made, without a table.
// A group user that began as an invitation keeps the invitation's id.
const (
	pairBits = 53
	pairMask = 1<<pairBits - 1
	midBits  = 12
	lowBits  = 9
)

func pairID(tenant roster.TenantID, group, person int64) uuid.UUID {
	t, g, p := uint64(tenant)&0xffff, uint64(group)&pairMask, uint64(person)&pairMask //nolint:gosec // ids are positive
	high := t<<48 | g>>(midBits+lowBits)<<16 | 8<<12 | g>>lowBits&(1<<midBits-1)
	low := 2<<62 | g&(1<<lowBits-1)<<pairBits | p
	var id uuid.UUID
	binary.BigEndian.PutUint64(id[:8], high)
	binary.BigEndian.PutUint64(id[8:], low)
	return id
}

// parsePair reads what pairID made for the tenant.
func parsePair(tenant roster.TenantID, id uuid.UUID) (group, person int64, ok bool) {
	high, low := binary.BigEndian.Uint64(id[:8]), binary.BigEndian.Uint64(id[8:])
	g := high>>16&(1<<32-1)<<(midBits+lowBits) | high&(1<<midBits-1)<<lowBits | low>>pairBits&(1<<lowBits-1)
	group, person = int64(g), int64(low&pairMask) //nolint:gosec // 53 bits each
	return group, person, pairID(tenant, group, person) == id
}
