package graph

import "github.com/rosterhq/roster/internal/store"

// InsertMembershipRow writes a row without asking any rule.
func InsertMembershipRow(tx *store.Tx, group, member int64, groupKind, memberKind, role string) error {
	_, err := tx.Exec(membershipInsert, membershipRow(tx, &Membership{
		GroupID: group, MemberID: member, GroupKind: groupKind, MemberKind: memberKind, Role: role,
	})...)
	return err
}
