package business

import (
	"errors"
	"slices"
	"strings"

	"github.com/rosterhq/roster/internal/graph"
	"github.com/rosterhq/roster/internal/identity"
	"github.com/rosterhq/roster/internal/store"
)

var (
	memberCodesOf = store.Q("member.codes", `SELECT person_id, member_code FROM member_properties
		WHERE tenant = $1 AND person_id IN ($3) AND group_id + 0 = $2`).In()
	pendingOfUsers = store.Q("group_request.pending_of_people", `SELECT `+requestColumns+fromRequests+`
		WHERE r.tenant = $1 AND r.state = 'PENDING' AND r.person_id <> 0 AND r.person_id IN ($2)`).In()
	pendingToEmails = store.Q("group_request.pending_to_emails", `SELECT `+requestColumns+fromRequests+`
		WHERE r.tenant = $1 AND r.state = 'PENDING' AND r.email_key <> '' AND r.email_key IN ($2)`).In()
)

// insertMembers is InsertMember for many customers in few statements. Each is there
// once and in no account, and the account is active: the caller has seen to that.
func insertMembers(tx *store.Tx, a *Account, customers []*identity.Customer, in NewMember) error {
	if len(customers) == 0 {
		return nil
	}
	members, rows := make([]*Member, len(customers)), make([]graph.Membership, len(customers))
	for i, c := range customers {
		in.UserID = c.ID
		m := in.member(tx, a)
		members[i] = m
		rows[i] = graph.Membership{MemberID: c.ID, MemberKind: graph.PersonSubject, Role: m.Role, State: m.State}
	}
	if err := checkMember(tx, a, nil, members[0]); err != nil {
		return err // they are alike
	}
	_, refused, err := graph.AddMembers(tx, a.ID, rows)
	if err := errors.Join(append(refused, err)...); err != nil {
		return err
	}
	if err := insertProperties(tx, a.ID, members...); err != nil {
		return err
	}
	for _, m := range members {
		recordMember(tx, "member.add", nil, m)
	}
	pending, err := pendingOwnOf(tx, customers)
	if err != nil {
		return err
	}
	return cancel(tx, pending, 0)
}

// insertProperties writes the properties of people who come in, or come back, and gives
// them their codes.
func insertProperties(tx *store.Tx, account int64, members ...*Member) error {
	former, err := memberCodes(tx, account, members)
	if err != nil {
		return err
	}
	var fresh []*Member
	for _, m := range members {
		if m.MemberCode = former[m.UserID]; m.MemberCode == "" {
			fresh = append(fresh, m)
		} else if err := m.update(tx); err != nil {
			return err
		}
	}
	return insertFresh(tx, account, fresh, drawCode)
}

// insertFresh writes the properties of people who were never in the account. Each gets a
// code that nobody in it has or had, and that is no word of a path.
func insertFresh(tx *store.Tx, account int64, fresh []*Member, draw func() string) error {
	for range codeTries {
		if len(fresh) == 0 {
			return nil
		}
		var rows [][]any
		for _, m := range fresh {
			if m.MemberCode = draw(); !reservedCodes[strings.ToLower(m.MemberCode)] {
				rows = append(rows, m.row())
			}
		}
		if err := tx.ExecMany(memberInsert, rows); err != nil {
			return err
		}
		given, err := memberCodes(tx, account, fresh)
		if err != nil {
			return err
		}
		fresh = slices.DeleteFunc(fresh, func(m *Member) bool { return given[m.UserID] != "" })
	}
	return errors.New("business: no code is free")
}

// memberCodes are the codes, by person, of those who are or were in the account.
func memberCodes(tx *store.Tx, account int64, members []*Member) (map[int64]string, error) {
	ids := make([]int64, len(members))
	for i, m := range members {
		ids[i] = m.UserID
	}
	codes := map[int64]string{}
	return codes, tx.EachIn(memberCodesOf, ids, func(s store.Scanner) error {
		var person int64
		var code string
		err := s.Scan(&person, &code)
		codes[person] = code
		return err
	}, account)
}

// pendingOwnOf is pendingOwn for many.
func pendingOwnOf(tx *store.Tx, customers []*identity.Customer) (all []*Request, err error) {
	var ids []int64
	var keys []string
	for _, c := range customers {
		ids = append(ids, c.ID)
		if key := verifiedKey(c); key != "" {
			keys = append(keys, key)
		}
	}
	scan := scanRequest(tx.Now)
	err = tx.EachIn(pendingOfUsers, ids, func(s store.Scanner) error {
		r, err := scan(s)
		all = append(all, r)
		return err
	})
	if err != nil {
		return nil, err
	}
	err = store.EachOf(tx, pendingToEmails, keys, func(s store.Scanner) error {
		r, err := scan(s)
		if err == nil && r.UserID == 0 {
			all = append(all, r)
		}
		return err
	})
	return all, err
}
