package identity

import (
	"github.com/rosterhq/roster/internal/graph"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/store"
)

// EraseCustomer deletes a customer: nothing that tells who it was is left in their row,
// address and number are free, and nobody signs in by it any more. The person ends
// with the last profile. What the customer did stays by their id. No row, change of the
// log or stored answer keeps a personal value; messages that are kept go by a job. The
// caller has made sure that nothing is under way.
func EraseCustomer(tx *store.Tx, id int64) error {
	before, err := LiveCustomer(tx, id)
	if err != nil {
		return err
	}
	e, err := beginErasure(tx, before)
	if err != nil {
		return err
	}
	if err := e.areas(tx); err != nil {
		return err
	}
	if err := e.codes(tx); err != nil {
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
	if err := e.own(tx); err != nil {
		return err
	}
	tx.Record(roster.Change{Operation: "customer.delete", SubjectType: "customer", SubjectID: id, After: customerFields(after)})
	return e.end(tx)
}
