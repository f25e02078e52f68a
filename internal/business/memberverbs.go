package business

import (
	"context"
	"errors"

	"github.com/rosterhq/roster/internal/graph"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/store"
)

var memberByCode = store.Q("member.by_code", `SELECT p.person_id`+fromMembers+`
	WHERE p.tenant = $1 AND p.group_id = $2 AND p.member_code = $3 AND p.left_at = 0`)

// liveMemberByCode reads the member of an account with a code. NotFound with
// CodeNoMember.
func liveMemberByCode(tx *store.Tx, account int64, code string) (*Member, error) {
	var person int64
	err := tx.Row(memberByCode, account, codeKey(code)).Scan(&person)
	if errors.Is(err, store.ErrNoRows) {
		return nil, errNoMember()
	}
	if err != nil {
		return nil, err
	}
	return LiveMember(tx, account, person)
}

// GetMember reads a member of an account that the caller manages, or themselves: then
// without the comment on their approval. NotFound with CodeNoAccount or CodeNoMember,
// Forbidden with CodeNoPermission.
func (b *Business) GetMember(ctx context.Context, a roster.Actor, account, person int64) (v *MemberView, err error) {
	err = b.db.Read(ctx, a.Tenant.ID, func(tx *store.Tx) error {
		_, own, err := memberOf(tx, a, account)
		if err != nil {
			return err
		}
		if !own.IsManager() && person != own.UserID {
			return errNoPermission()
		}
		m, err := LiveMember(tx, account, person)
		if err != nil {
			return err
		}
		if !own.IsManager() {
			m.Approval.Comment = ""
		}
		v, err = viewMember(tx, m)
		return err
	})
	return v, err
}

// UpdateMembership changes role, state and the like of a member of an account that
// the caller manages, by member code. NotFound with CodeNoAccount or CodeNoMember;
// Forbidden with CodeNoPermission, CodeNotWritable or CodeManagerLimit; Precondition;
// Invalid (CodeOwnerRole, CodeCostCenter).
func (b *Business) UpdateMembership(ctx context.Context, a roster.Actor, account int64, code string, match graph.Match, in MembershipPatch) (v *MemberView, err error) {
	return b.change(ctx, a, account, match, func(tx *store.Tx) (*Member, error) { return liveMemberByCode(tx, account, code) },
		func(_ *store.Tx, _ *Account, manager, m *Member) error {
			if in.NotYours != "" {
				return errNotWritable(in.NotYours)
			}
			before := *m
			in.apply(m)
			return manager.mayMove(&before, m)
		})
}

// mayMove refuses a change of role or state that is not a manager's to make.
func (m *Member) mayMove(before, after *Member) error {
	if before.Role == after.Role && before.State == after.State {
		return nil
	}
	if before.Role != after.Role {
		if err := m.mayGrant(after.Role); err != nil {
			return err
		}
	}
	if before.UserID == m.UserID {
		return errManagerLimit("nobody changes their own role or state")
	}
	return nil
}

// PatchMember changes properties of a member of an account that the caller manages.
// As UpdateMembership; role and state are CodeNotWritable here.
func (b *Business) PatchMember(ctx context.Context, a roster.Actor, account, person int64, match graph.Match, in MemberPatch) (v *MemberView, err error) {
	return b.change(ctx, a, account, match, func(tx *store.Tx) (*Member, error) { return LiveMember(tx, account, person) },
		func(tx *store.Tx, acc *Account, manager, m *Member) error {
			switch {
			case in.Role != nil && *in.Role != m.Role:
				return errNotWritable("role")
			case in.State != nil && *in.State != m.State:
				return errNotWritable("state")
			case in.NotYours != "":
				return errNotWritable(in.NotYours)
			}
			before := *m
			if err := in.apply(m); err != nil {
				return err
			}
			return m.decide(acc, manager, &before, tx.Now)
		})
}

// ReplaceMember replaces the properties of a member of an account that the caller
// manages: what is left out is as with a new member. As UpdateMembership; role and
// state that differ are Invalid here.
func (b *Business) ReplaceMember(ctx context.Context, a roster.Actor, account, person int64, match graph.Match, in MemberProperties) (v *MemberView, err error) {
	return b.change(ctx, a, account, match, func(tx *store.Tx) (*Member, error) { return LiveMember(tx, account, person) },
		func(tx *store.Tx, acc *Account, manager, m *Member) error {
			if in.Role != nil && *in.Role != m.Role {
				return roster.FieldError("role", "must be as it is; change it by the member code")
			}
			if in.State != nil && *in.State != m.State {
				return roster.FieldError("state", "must be as it is; change it by the member code")
			}
			before := *m
			if err := in.apply(acc, manager, m); err != nil {
				return err
			}
			return m.decide(acc, manager, &before, tx.Now)
		})
}

// change has a manager change a member whom find finds, as edit says.
func (b *Business) change(ctx context.Context, a roster.Actor, account int64, match graph.Match, find func(*store.Tx) (*Member, error),
	edit func(tx *store.Tx, acc *Account, manager, m *Member) error,
) (v *MemberView, err error) {
	err = b.db.Write(ctx, a, func(tx *store.Tx) error {
		acc, manager, err := managerOf(tx, a, account)
		if err != nil {
			return err
		}
		target, err := find(tx)
		if err != nil {
			return err
		}
		if err := manager.mayChange(target); err != nil {
			return err
		}
		m, err := EditMember(tx, acc, target, match, func(m *Member) error { return edit(tx, acc, manager, m) })
		if err != nil {
			return err
		}
		v, err = viewMember(tx, m)
		return err
	})
	return v, err
}
