package identity

import (
	"github.com/rosterhq/roster/internal/graph"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/store"
)

// EraseCustomer deletes a customer: nothing that tells who it was is left in their row,
// address and number are free, and nobody signs in by it any more. The person ends
// with the last profile. What the customer did stays by their id. The caller has made
// sure that nothing is under way.
func EraseCustomer(tx *store.Tx, id int64) error {
	before, err := LiveCustomer(tx, id)
	if err != nil {
		return err
	}
	if _, err := RevokeCustomerSessions(tx, id); err != nil {
		return err
	}
	if err := DropProfile(tx, id, graph.CustomerProfile, nil); err != nil {
		return err
	}
	after := &Customer{
		ID: id, UUID: before.UUID, HomeBranchID: before.HomeBranchID, BlockState: Deleted, SignupSettled: before.SignupSettled,
		CreatedAt: before.CreatedAt, UpdatedAt: tx.Now, Revision: tx.Revision,
	}
	after.defaults()
	if _, err := tx.Exec(customerUpdate, after.row()...); err != nil {
		return err
	}
	emitCustomer(tx, after)
	tx.Record(roster.Change{Operation: "customer.delete", SubjectType: "customer", SubjectID: id, Before: customerFields(before), After: customerFields(after)})
	return nil
}
