package business

import (
	"strings"

	"github.com/rosterhq/roster/internal/store"
)

// Who is in which account, whatever their state there: for lists of people.

var (
	peopleOfAccount = store.Q("business_member.people", `SELECT member_id, group_id FROM memberships
		WHERE tenant = $1 AND group_id = $2 AND group_kind = 'business' AND recorded_to = 9223372036854775807`)
	peopleOfAll = store.Q("business_member.all_people", `SELECT member_id, group_id FROM memberships
		WHERE tenant = $1 AND group_kind = 'business' AND recorded_to = 9223372036854775807 ORDER BY group_id, member_id`).
		Whole("a list of those in no account asks for all who are in one")
	accountsOfPeople = store.Q("business_member.accounts", `SELECT member_id, group_id FROM memberships
		WHERE tenant = $1 AND group_kind = 'business' AND recorded_to = 9223372036854775807 AND member_id IN ($2)`).In()
)

func inAccounts(of map[int64]int64) func(store.Scanner) error {
	return func(s store.Scanner) error {
		var person, account int64
		err := s.Scan(&person, &account)
		of[person] = account
		return err
	}
}

func people(of map[int64]int64) map[int64]bool {
	all := make(map[int64]bool, len(of))
	for person := range of {
		all[person] = true
	}
	return all
}

// PeopleOf reads who is in an account; nobody for one that there is not.
func PeopleOf(tx *store.Tx, account int64) (map[int64]bool, error) {
	of := map[int64]int64{}
	err := tx.Each(peopleOfAccount, inAccounts(of), account)
	return people(of), err
}

// AllMembers reads who is in any account.
func AllMembers(tx *store.Tx) (map[int64]bool, error) {
	of := map[int64]int64{}
	err := tx.Each(peopleOfAll, inAccounts(of))
	return people(of), err
}

// GroupsOf reads in which account people are; those in none are left out.
func GroupsOf(tx *store.Tx, ids []int64) (map[int64]int64, error) {
	of := map[int64]int64{}
	return of, tx.EachIn(accountsOfPeople, ids, inAccounts(of))
}

var formerOfPerson = store.Q("member.former_of_person", `SELECT `+
	strings.Replace(memberColumns, "m.role, m.state", "coalesce(m.role, 'MEMBER'), coalesce(m.state, 'ACTIVE')", 1)+fromFormer+`
	WHERE p.tenant = $1 AND p.person_id = $2 AND p.left_at <> 0 ORDER BY p.left_at, p.group_id`)

// MembershipsOf reads in which account somebody is, and, with former, was.
func MembershipsOf(tx *store.Tx, person int64, former bool) (members []*Member, err error) {
	if former {
		if members, err = store.All(tx, formerOfPerson, scanMember, person); err != nil {
			return nil, err
		}
	}
	_, m, err := AccountOf(tx, person)
	if m != nil {
		members = append(members, m)
	}
	return members, err
}
