package business

import (
	"errors"
	"maps"
	"slices"
	"strings"

	"github.com/rosterhq/roster/internal/graph"
	"github.com/rosterhq/roster/internal/identity"
	"github.com/rosterhq/roster/internal/store"
)

var (
	membersFormer = store.Q("member.former_codes", `SELECT person_id, member_code FROM member_properties
		WHERE tenant = $1 AND group_id = $2 AND person_id IN ($3)`).In()
	memberCodesTaken = store.Q("member.codes_taken", `SELECT member_code FROM member_properties
		WHERE tenant = $1 AND group_id = $2 AND member_code IN ($3)`).In()
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
	ids, members, rows := make([]int64, len(customers)), make([]*Member, len(customers)), make([]graph.Membership, len(customers))
	for i, c := range customers {
		in.UserID = c.ID
		m := in.member(tx, a)
		ids[i], members[i] = c.ID, m
		rows[i] = graph.Membership{MemberID: c.ID, MemberKind: graph.PersonSubject, Role: m.Role, State: m.State}
	}
	if err := checkMember(tx, a, nil, members[0]); err != nil {
		return err // they are alike
	}
	_, refused, err := graph.AddMembers(tx, a.ID, rows)
	if err := errors.Join(append(refused, err)...); err != nil {
		return err
	}
	if err := insertProperties(tx, a.ID, members, ids); err != nil {
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
func insertProperties(tx *store.Tx, account int64, members []*Member, ids []int64) error {
	former := map[int64]string{}
	err := tx.EachIn(membersFormer, ids, func(s store.Scanner) error {
		var person int64
		var code string
		err := s.Scan(&person, &code)
		former[person] = code
		return err
	}, account)
	if err != nil {
		return err
	}
	codes, err := newMemberCodes(tx, account, len(members)-len(former))
	if err != nil {
		return err
	}
	var rows [][]any
	for _, m := range members {
		if m.MemberCode = former[m.UserID]; m.MemberCode != "" {
			if err := m.update(tx); err != nil {
				return err
			}
			continue
		}
		m.MemberCode, codes = codes[0], codes[1:]
		rows = append(rows, m.row())
	}
	return tx.ExecMany(memberInsert, rows)
}

// newMemberCodes is newMemberCode for many.
func newMemberCodes(tx *store.Tx, account int64, n int) ([]string, error) {
	free := map[string]bool{}
	for range codeTries {
		var drawn []string
		for len(free) < n {
			code := drawCode()
			if !free[code] && !reservedCodes[strings.ToLower(code)] {
				free[code] = true
				drawn = append(drawn, code)
			}
		}
		err := store.EachOf(tx, memberCodesTaken, drawn, func(s store.Scanner) error {
			var code string
			err := s.Scan(&code)
			delete(free, code)
			return err
		}, account)
		if err != nil {
			return nil, err
		}
		if len(free) == n {
			return slices.Collect(maps.Keys(free)), nil
		}
	}
	return nil, errors.New("business: not as many codes are free")
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
