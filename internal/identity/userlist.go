package identity

import (
	"context"

	"github.com/google/uuid"

	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/store"
)

var (
	userList = store.Q("user.list", `SELECT `+userColumns+`
		FROM users u
		JOIN subjects s ON s.tenant = $1 AND s.id = u.id
		JOIN people p ON p.tenant = $1 AND p.id = u.id AND p.recorded_to = 9223372036854775807
		LEFT JOIN subjects ms ON ms.tenant = $1 AND ms.id = u.manager_id
		WHERE u.tenant = $1
			AND ($2 = '' OR u.status = $2) AND ($3 = '' OR u.role = $3) AND (CAST($4 AS bigint) = 0 OR u.manager_id = $4)
		ORDER BY u.name_key, s.uuid LIMIT $5 OFFSET $6`).Whole("a page by number counts the users before it")
	userCount = store.Q("user.count", `SELECT count(*) FROM users WHERE tenant = $1
			AND ($2 = '' OR status = $2) AND ($3 = '' OR role = $3) AND (CAST($4 AS bigint) = 0 OR manager_id = $4)`).
		Whole("a page by number tells how many users there are")
	usersOfGroup = store.Q("user.of_group", `SELECT `+userColumns+`, m.role, m.starts_at, m.expires_at, m.added_at
		FROM memberships m
		JOIN users u ON u.tenant = $1 AND u.id = m.member_id
		JOIN subjects s ON s.tenant = $1 AND s.id = u.id
		JOIN people p ON p.tenant = $1 AND p.id = u.id AND p.recorded_to = 9223372036854775807
		LEFT JOIN subjects ms ON ms.tenant = $1 AND ms.id = u.manager_id
		WHERE m.tenant = $1 AND m.group_id = $2 AND m.recorded_from <= $3 AND m.recorded_to > $3
			AND (m.starts_at <= $3 OR $4 = 1) AND (m.expires_at = 0 OR m.expires_at > $3)
		ORDER BY u.name_key, s.uuid LIMIT $5 OFFSET $6`)
	usersOfGroupCount = store.Q("user.count_of_group", `SELECT count(*) FROM memberships m
		JOIN users u ON u.tenant = $1 AND u.id = m.member_id
		WHERE m.tenant = $1 AND m.group_id = $2 AND m.recorded_from <= $3 AND m.recorded_to > $3
			AND (m.starts_at <= $3 OR $4 = 1) AND (m.expires_at = 0 OR m.expires_at > $3)`)
)

// UserFilter narrows a list of users; "" and uuid.Nil do not.
type UserFilter struct {
	Status, Role string
	Manager      uuid.UUID
}

// Users lists up to limit users behind the first offset, by folded name and UUID,
// and how many the filter takes.
func (i *Identity) Users(ctx context.Context, tenant roster.TenantID, f UserFilter, offset, limit int) (page []*User, total int, err error) {
	err = i.db.Read(ctx, tenant, func(tx *store.Tx) error {
		var manager int64
		if f.Manager != uuid.Nil {
			m, err := UserByUUID(tx, f.Manager)
			if roster.IsKind(err, roster.NotFound) {
				return nil
			}
			if err != nil {
				return err
			}
			manager = m.ID
		}
		if err := tx.Row(userCount, f.Status, f.Role, manager).Scan(&total); err != nil {
			return err
		}
		page, err = store.All(tx, userList, plainUser, f.Status, f.Role, manager, limit, offset)
		return err
	})
	return page, total, err
}

func plainUser(s store.Scanner) (*User, error) { return scanUser(s) }

// GroupUser is a user in a group, with the terms of the membership (µs UTC; 0 for none).
type GroupUser struct {
	*User

	GroupRole           string
	StartsAt, ExpiresAt int64
	AddedAt             int64
}

// GroupUserFilter says which users of a group are listed.
type GroupUserFilter struct {
	AsOf      int64 // µs UTC; 0 for now
	Scheduled bool  // also those whose time is yet to come
}

// GroupUsers lists up to limit users in a group behind the first offset, by folded
// name and UUID, and how many the filter takes.
func (i *Identity) GroupUsers(ctx context.Context, tenant roster.TenantID, group int64, f GroupUserFilter, offset, limit int) (page []GroupUser, total int, err error) {
	err = i.db.Read(ctx, tenant, func(tx *store.Tx) error {
		at, also := tx.Now, 0
		if f.AsOf != 0 {
			at = min(f.AsOf, at)
		}
		if f.Scheduled {
			also = 1
		}
		if err := tx.Row(usersOfGroupCount, group, at, also).Scan(&total); err != nil {
			return err
		}
		page, err = store.All(tx, usersOfGroup, func(s store.Scanner) (g GroupUser, err error) {
			g.User, err = scanUser(s, &g.GroupRole, &g.StartsAt, &g.ExpiresAt, &g.AddedAt)
			return g, err
		}, group, at, also, limit, offset)
		return err
	})
	return page, total, err
}
