package graph

import (
	"bytes"
	"errors"

	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/store"
)

// UpdateMembership changes role, state, times or properties of a membership as
// edit says. NotFound with CodeNoMembership, Precondition, Conflict with
// CodeSecondOwner, or an error of edit. What changes nothing writes nothing.
func UpdateMembership(tx *store.Tx, group, member int64, match Match, edit func(*Membership) error) (*Membership, error) {
	before, err := LiveMembership(tx, group, member)
	if err != nil {
		return nil, err
	}
	if err := match.check(before.Revision); err != nil {
		return nil, err
	}
	after := *before
	if err := edit(&after); err != nil {
		return nil, err
	}
	if after.ExpiresAt != 0 && after.ExpiresAt <= after.StartsAt {
		return nil, roster.FieldError("expires_at", "must be later than starts_at")
	}
	if sameMembership(before, &after) {
		return before, nil
	}
	if refused, err := checkOwner(tx, &after); refused != nil || err != nil {
		return nil, errors.Join(refused, err)
	}
	after.Revision = tx.Revision
	if err := closeMembershipRows(tx, group, []int64{member}); err != nil {
		return nil, err
	}
	if _, err := tx.Exec(membershipInsert, membershipRow(tx, &after)...); err != nil {
		return nil, err
	}
	recordMembership(tx, "membership.update", before, &after)
	return &after, nil
}

func sameMembership(a, b *Membership) bool {
	return a.Role == b.Role && a.State == b.State && a.StartsAt == b.StartsAt && a.ExpiresAt == b.ExpiresAt &&
		bytes.Equal(a.Properties, b.Properties)
}

// RemoveMember ends a membership. NotFound with CodeNoGroup or CodeNoMembership,
// Conflict with CodeLastGroup when a property would be left in no group.
func RemoveMember(tx *store.Tx, group, member int64) error {
	errs, err := RemoveMembers(tx, group, []int64{member})
	if err != nil {
		return err
	}
	return errs[0]
}

// RemoveMembers ends many memberships of a group in few statements; each has an
// error of its own, as RemoveMember gives, or nil.
func RemoveMembers(tx *store.Tx, groupID int64, members []int64) (errs []error, err error) {
	group, err := LiveGroup(tx, groupID)
	if err != nil {
		return nil, err
	}
	found, err := liveMemberships(tx, groupID, members)
	if err != nil {
		return nil, err
	}
	errs = make([]error, len(members))
	var gone []int64
	for i, member := range members {
		m := found[member]
		if m == nil || m.ended(tx.Now) {
			errs[i] = errNoMembership()
			continue
		}
		if Rules[group.Kind].Homes && m.MemberKind == PropertySubject {
			if errs[i], err = lastHome(tx, member); err != nil {
				return nil, err
			}
			if errs[i] != nil {
				continue
			}
		}
		delete(found, member)
		gone = append(gone, member)
		recordMembership(tx, "membership.remove", m, nil)
	}
	return errs, closeMembershipRows(tx, groupID, gone)
}

// lastHome refuses to take a property out of the only group that it is in.
func lastHome(tx *store.Tx, property int64) (refused, err error) {
	homes, err := store.All(tx, membershipHomes, scanID, property)
	if err == nil && len(homes) < 2 {
		return roster.Errorf(roster.Conflict, CodeLastGroup, "the property is in no other group; add it to one first"), nil
	}
	return nil, err
}

func scanID(s store.Scanner) (id int64, err error) {
	err = s.Scan(&id)
	return id, err
}

var (
	membershipsOfMember = store.Q("membership.of_member", `SELECT `+membershipColumns+` FROM memberships m
		WHERE m.tenant = $1 AND m.member_id = $2 AND m.recorded_to = `+live+` AND m.group_kind = $3`)
	membershipCloseOfKind = store.Q("membership.close_of_kind", `UPDATE memberships SET recorded_to = $4
		WHERE tenant = $1 AND member_id = $2 AND recorded_to = `+live+` AND group_kind = $3 AND recorded_from < $4`)
	membershipDropOfKind = store.Q("membership.drop_own_of_kind", `DELETE FROM memberships
		WHERE tenant = $1 AND member_id = $2 AND recorded_to = `+live+` AND group_kind = $3 AND recorded_from = $4`)
)

// MembershipsOf reads the live memberships of a subject in groups of one kind.
func MembershipsOf(tx *store.Tx, member int64, kind string) ([]Membership, error) {
	return store.All(tx, membershipsOfMember, scanMembership, member, kind)
}

// LeaveAll ends every membership of a person in groups of one kind.
func LeaveAll(tx *store.Tx, person int64, kind string) error {
	all, err := MembershipsOf(tx, person, kind)
	if err != nil {
		return err
	}
	for i := range all {
		recordMembership(tx, "membership.remove", &all[i], nil)
	}
	for _, q := range []*store.Query{membershipCloseOfKind, membershipDropOfKind} {
		if _, err := tx.Exec(q, person, kind, tx.Now); err != nil {
			return err
		}
	}
	return nil
}

// closeMembershipRows ends live rows of a group's members.
func closeMembershipRows(tx *store.Tx, group int64, members []int64) error {
	closed, err := tx.ExecIn(membershipClose, members, group, tx.Now)
	if err != nil || closed == int64(len(members)) {
		return err
	}
	_, err = tx.ExecIn(membershipDrop, members, group, tx.Now)
	return err
}

// closeMemberships ends every membership of and in a subject.
func closeMemberships(tx *store.Tx, id int64) error {
	for _, q := range []*store.Query{membershipCloseOfGroup, membershipDropOfGroup, membershipCloseOfMember, membershipDropOfMember} {
		if _, err := tx.Exec(q, id, tx.Now); err != nil {
			return err
		}
	}
	return nil
}
