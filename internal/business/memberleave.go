package business

import (
	"github.com/rosterhq/roster/internal/graph"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/store"
)

// end takes a member out of an account; what is known of them stays. Conflict with
// CodeOwnerStays, or CodeOpen while a rental or booking of theirs is under way.
func (b *Business) end(tx *store.Tx, m *Member, reason string) error {
	if m.Role == Owner {
		return roster.Errorf(roster.Conflict, CodeOwnerStays, "the owner stays as long as the business account has no other")
	}
	open, err := b.guard.openOfMember(tx, m.GroupID, m.UserID)
	if err != nil {
		return err
	}
	if open {
		return roster.Errorf(roster.Conflict, CodeOpen, "a rental or booking on the business account is not over")
	}
	if err := graph.RemoveMember(tx, m.GroupID, m.UserID); err != nil {
		return err
	}
	if _, err := tx.Exec(memberLeft, m.GroupID, m.UserID, tx.Now, tx.Revision); err != nil {
		return err
	}
	after := memberFields(m)
	after.LeftAt, after.LeaveReason = tx.Now, reason
	tx.Record(roster.Change{
		Operation: "member.remove", SubjectType: memberSubject, SubjectID: m.GroupID, ObjectID: m.UserID, Before: memberFields(m), After: after,
	})
	return nil
}
