package business

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/rosterhq/roster/internal/identity"
	"github.com/rosterhq/roster/internal/jobs"
	"github.com/rosterhq/roster/internal/store"
)

func init() { identity.OnErase(erase) } //nolint:gochecknoinits // whoever links this area has its rows erased

var (
	membersErase = store.Q("member.erase", `UPDATE member_properties SET member_code = 'erased-' || CAST(person_id AS text), approval_comment = '',
		superior_email = '', employee_number = '', custom_properties = '{}' WHERE tenant = $1 AND person_id = $2`)
	groupsOfMember = store.Q("member.erasing_groups_of", `SELECT group_id FROM member_properties WHERE tenant = $1 AND person_id = $2`)
	superiors      = store.Q("member.erasing_superiors", `SELECT group_id, person_id, superior_email FROM member_properties
		WHERE tenant = $1 AND superior_email <> ''`).Whole("an address may be written in many ways, and few people are deleted")
	superiorErase = store.Q("member.erase_superior", `UPDATE member_properties SET superior_email = '' WHERE tenant = $1 AND group_id = $2 AND person_id = $3`)
	contactErase  = store.Q("business_account.erase_contact", `UPDATE business_accounts SET contact = $3 WHERE tenant = $1 AND id = $2`)

	requestsOfPerson  = store.Q("group_request.erasing_of_person", `SELECT id FROM group_requests WHERE tenant = $1 AND person_id = $2 AND person_id <> 0`)
	requestsToAddress = store.Q("group_request.erasing_to_addresses", `SELECT id FROM group_requests WHERE tenant = $1 AND email_key IN ($2)`).In()
	requestsErase     = store.Q("group_request.erase", `UPDATE group_requests SET state = CASE state WHEN 'PENDING' THEN 'CANCELLED' ELSE state END,
		email = '', email_key = '', superior_email = '', message = '', decline_reason = '' WHERE tenant = $1 AND id IN ($2)`).In()
	requestsMadeBy    = store.Q("group_request.erasing_made_by", `SELECT id FROM group_requests WHERE tenant = $1 AND created_by = $2 AND created_by <> 0`)
	requestsDecidedBy = store.Q("group_request.erasing_decided_by", `SELECT id FROM group_requests WHERE tenant = $1 AND decided_by = $2 AND decided_by <> 0`)
	messageErase      = store.Q("group_request.erase_message", `UPDATE group_requests SET message = '' WHERE tenant = $1 AND id IN ($2)`).In()
	reasonErase       = store.Q("group_request.erase_reason", `UPDATE group_requests SET decline_reason = '' WHERE tenant = $1 AND id IN ($2)`).In()
	requestSuperiors  = store.Q("group_request.erasing_superiors", `SELECT id, superior_email FROM group_requests
		WHERE tenant = $1 AND superior_email <> ''`).Whole("an address may be written in many ways, and few people are deleted")
	requestSuperiorErase = store.Q("group_request.erase_superior", `UPDATE group_requests SET superior_email = '' WHERE tenant = $1 AND id IN ($2)`).In()

	// A gateway's reference stays until the gateway has forgotten the source.
	sourcesErase = store.Q("payment_source.erase", `UPDATE payment_sources SET label = '', brand = '', last4 = '', expiry_month = 0, expiry_year = 0,
		reference = CASE gateway WHEN 'MANUAL' THEN 'removed-' || CAST(id AS text) ELSE reference END WHERE tenant = $1 AND account_id = $2`)
)

func scanID(s store.Scanner) (id int64, err error) { return id, s.Scan(&id) }

// erase takes a customer who is deleted out of what business knows. What an account
// was charged stays, by the ids of its members.
func erase(tx *store.Tx, e *identity.Erasure) error {
	for _, part := range []func(*store.Tx, *identity.Erasure) error{eraseMember, eraseRequests, eraseSuperior} {
		if err := part(tx, e); err != nil {
			return err
		}
	}
	if _, err := tx.Exec(sourcesErase, e.ID); err != nil {
		return err
	}
	if err := e.Objects(sourceSubject, e.ID); err != nil {
		return err
	}
	return e.Objects(memberSubject, e.ID)
}

// eraseMember erases what accounts know of a member, and their contact where it is
// they.
func eraseMember(tx *store.Tx, e *identity.Erasure) error {
	groups, err := store.All(tx, groupsOfMember, scanID, e.ID)
	if err != nil || len(groups) == 0 {
		return err
	}
	if _, err := tx.Exec(membersErase, e.ID); err != nil {
		return err
	}
	accounts, err := AccountsByID(tx, groups)
	if err != nil {
		return err
	}
	for _, a := range accounts {
		left := a.Contact
		if e.Had(left.BillingEmail) {
			left.BillingEmail = ""
		}
		if left.Phone == e.Phone {
			left.Phone = ""
		}
		if left == a.Contact {
			continue
		}
		text, err := json.Marshal(left)
		if err != nil {
			return err
		}
		if _, err := tx.Exec(contactErase, a.ID, string(text)); err != nil {
			return err
		}
	}
	if err := e.Mentions(accountSubject, groups, says(e)); err != nil {
		return err
	}
	return e.Mentions(memberSubject, groups, says(e))
}

// says reports whether logged values hold an address of the person, or their number.
func says(e *identity.Erasure) func(string) bool {
	return func(values string) bool {
		return e.Said(values) || e.Phone != "" && strings.Contains(values, `"`+e.Phone+`"`)
	}
}

// eraseRequests erases requests of the person, and what they wrote to those of others.
func eraseRequests(tx *store.Tx, e *identity.Erasure) error {
	own, err := store.All(tx, requestsOfPerson, scanID, e.ID)
	if err != nil {
		return err
	}
	err = store.EachOf(tx, requestsToAddress, e.Addresses, func(s store.Scanner) error {
		id, err := scanID(s)
		own = append(own, id)
		return err
	})
	if err != nil {
		return err
	}
	for _, id := range own {
		e.Refs = append(e.Refs, jobs.Ref(tx.Tenant(), requestRef, id))
	}
	if _, err := tx.ExecIn(requestsErase, own); err != nil {
		return err
	}
	for _, written := range []struct{ find, erase *store.Query }{{requestsMadeBy, messageErase}, {requestsDecidedBy, reasonErase}} {
		ids, err := store.All(tx, written.find, scanID, e.ID)
		if err != nil {
			return err
		}
		if _, err := tx.ExecIn(written.erase, ids); err != nil {
			return err
		}
		own = append(own, ids...)
	}
	slices.Sort(own)
	return e.Subjects(requestSubject, slices.Compact(own)...)
}

// eraseSuperior erases the person's address where it is that of somebody's superior.
func eraseSuperior(tx *store.Tx, e *identity.Erasure) error {
	type place struct{ group, person int64 }
	var of []place
	var groups, requests []int64
	err := tx.Each(superiors, func(s store.Scanner) error {
		var p place
		var address string
		err := s.Scan(&p.group, &p.person, &address)
		if e.Had(address) {
			of, groups = append(of, p), append(groups, p.group)
		}
		return err
	})
	if err != nil {
		return err
	}
	for _, p := range of {
		if _, err := tx.Exec(superiorErase, p.group, p.person); err != nil {
			return err
		}
	}
	err = tx.Each(requestSuperiors, func(s store.Scanner) error {
		var id int64
		var address string
		err := s.Scan(&id, &address)
		if e.Had(address) {
			requests = append(requests, id)
		}
		return err
	})
	if err != nil {
		return err
	}
	if _, err := tx.ExecIn(requestSuperiorErase, requests); err != nil {
		return err
	}
	slices.Sort(groups)
	if err := e.Mentions(memberSubject, slices.Compact(groups), says(e)); err != nil {
		return err
	}
	return e.Mentions(requestSubject, requests, says(e))
}
