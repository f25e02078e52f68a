package lodging

import (
	"context"
	"encoding/json"
	"errors"
	"unicode/utf8"

	"github.com/google/uuid"

	"github.com/rosterhq/roster/internal/graph"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/store"
)

const invitationColumns = `i.uuid, i.group_id, s.uuid, g.name, i.person_id, i.email, i.role, i.overrides, i.revision`

const fromInvitations = ` FROM group_invitations i
	JOIN groups g ON g.tenant = $1 AND g.id = i.group_id AND g.recorded_to = ` + live + `
	JOIN subjects s ON s.tenant = $1 AND s.id = i.group_id
	WHERE i.tenant = $1`

var (
	invitationByID = store.Q("lodging.invitation", `SELECT `+invitationColumns+fromInvitations+` AND i.uuid = $2`)
	invitationsOf  = store.Q("lodging.invitations_of_groups", `SELECT `+invitationColumns+fromInvitations+`
		AND i.person_id = 0 AND i.group_id IN ($2)`).In()
	invitationsTo = store.Q("lodging.invitations_to", `SELECT `+invitationColumns+fromInvitations+`
		AND i.person_id = 0 AND i.email_key IN ($2)`).In()
	invitationAny = store.Q("lodging.any_invitation", `SELECT 1 FROM group_invitations
		WHERE tenant = $1 AND person_id = 0 AND email_key > '' LIMIT 1`)
	invitationPending = store.Q("lodging.invitation_pending", `SELECT 1 FROM group_invitations
		WHERE tenant = $1 AND person_id = 0 AND email_key = $2 AND group_id = $3`)
	invitationInsert = store.Q("lodging.insert_invitation", `INSERT INTO group_invitations (tenant, uuid, group_id, person_id,
		email, email_key, role, overrides, created_at, revision) VALUES ($1, $2, $3, 0, $4, $5, $6, $7, $8, $9)`)
	invitationRole = store.Q("lodging.change_invitation", `UPDATE group_invitations SET role = $3, revision = $4
		WHERE tenant = $1 AND uuid = $2`)
	invitationBind = store.Q("lodging.bind_invitation", `UPDATE group_invitations
		SET person_id = $3, email = '', email_key = '', overrides = '', revision = $4 WHERE tenant = $1 AND uuid = $2`)
	invitationDrop      = store.Q("lodging.drop_invitation", `DELETE FROM group_invitations WHERE tenant = $1 AND uuid = $2`)
	invitationDropGroup = store.Q("lodging.drop_invitations_of_group", `DELETE FROM group_invitations WHERE tenant = $1 AND group_id = $2`)
)

func scanInvitation(s store.Scanner) (*GroupUser, error) {
	u := GroupUser{Group: &graph.Group{}, State: Invited}
	var id, group []byte
	var overrides string
	err := s.Scan(&id, &u.Group.ID, &group, &u.Group.Name, &u.PersonID, &u.Email, &u.Role, &overrides, &u.Revision)
	copy(u.ID[:], id)
	copy(u.Group.UUID[:], group)
	u.Overrides = rawOrNil(overrides)
	return &u, err
}

// Invitation is what a caller gives to bring somebody into a group.
type Invitation struct {
	Group uuid.UUID
	Email string
	Role  string
	// Overrides is a JSON object that is kept and shown; nil for none.
	Overrides json.RawMessage
}

const maxOverrides = 10_000

func (in *Invitation) check() error {
	problems := Problems{}
	if in.Group == uuid.Nil {
		problems.add("group_id", blank)
	}
	if problems.text("user_email", in.Email); problems["user_email"] == nil && !isAddress(in.Email) {
		problems.add("user_email", badFormat)
	}
	problems.role(in.Role)
	if utf8.RuneCount(in.Overrides) > maxOverrides {
		problems.add("overrides", "is too large")
	}
	return problems.err()
}

// Invite brings the person with an address into a group, or notes the invitation
// until the address is somebody's. Invalid with Problems (also for a group that the
// actor does not see), Forbidden, or Conflict with CodeInvited.
func (l *Lodging) Invite(ctx context.Context, a roster.Actor, in Invitation) (u *GroupUser, err error) {
	if err := in.check(); err != nil {
		return nil, err
	}
	err = l.db.Write(ctx, a, func(tx *store.Tx) error {
		group, err := homeFor(tx, a, in.Group)
		if err != nil {
			return err
		}
		p, err := graph.PersonByEmail(tx, in.Email)
		if roster.IsKind(err, roster.NotFound) {
			u, err = note(tx, group, in)
			return err
		}
		if err != nil {
			return err
		}
		_, err = graph.AddMember(tx, group.ID, graph.Membership{
			MemberID: p.ID, MemberKind: graph.PersonSubject, Role: in.Role, Properties: in.Overrides,
		})
		if roster.IsKind(err, roster.Exists) {
			return errInvited()
		}
		if err != nil {
			return err
		}
		u, err = findGroupUser(tx, a.Tenant.ID, pairID(a.Tenant.ID, group.ID, p.ID))
		return err
	})
	return u, err
}

func errInvited() error {
	return roster.Errorf(roster.Conflict, CodeInvited, "User already invited")
}

// note keeps an invitation to an address that is nobody's.
func note(tx *store.Tx, group *graph.Group, in Invitation) (*GroupUser, error) {
	pending, err := tx.Exists(invitationPending, graph.Key(in.Email), group.ID)
	if err != nil {
		return nil, err
	}
	if pending {
		return nil, errInvited()
	}
	u := &GroupUser{
		ID: uuid.Must(uuid.NewV7()), Group: group, Email: in.Email, Role: in.Role, State: Invited,
		Overrides: in.Overrides, Revision: tx.Revision,
	}
	if _, err := tx.Exec(invitationInsert, u.ID[:], group.ID, u.Email, graph.Key(u.Email), u.Role, string(u.Overrides), tx.Now, tx.Revision); err != nil {
		return nil, err
	}
	tx.Record(roster.Change{Operation: "group_user.invite", SubjectType: "group_user", SubjectID: group.ID, After: invitationFields(u)})
	return u, nil
}

// InvitationFields are the fields of an invitation as the change log spells them.
type InvitationFields struct {
	UUID  string `json:"uuid"`
	Email string `json:"email"`
	Role  string `json:"role"`
}

func invitationFields(u *GroupUser) InvitationFields {
	return InvitationFields{u.ID.String(), u.Email, u.Role}
}

func changeInvitation(tx *store.Tx, u *GroupUser, role string) error {
	before := invitationFields(u)
	u.Role, u.Revision = role, tx.Revision
	if _, err := tx.Exec(invitationRole, u.ID[:], role, tx.Revision); err != nil {
		return err
	}
	tx.Record(roster.Change{Operation: "group_user.update", SubjectType: "group_user", SubjectID: u.Group.ID, Before: before, After: invitationFields(u)})
	return nil
}

func withdraw(tx *store.Tx, u *GroupUser) error {
	if _, err := tx.Exec(invitationDrop, u.ID[:]); err != nil {
		return err
	}
	tx.Record(roster.Change{Operation: "group_user.remove", SubjectType: "group_user", SubjectID: u.Group.ID, Before: invitationFields(u)})
	return nil
}

// bind turns invitations to the addresses of people who have just come into
// memberships. Whoever made the person, or changed the address, vouches for it:
// an administrator today, a confirmed code where people sign up themselves.
func bind(tx *store.Tx, people []*graph.Person) error {
	if waiting, err := tx.Exists(invitationAny); err != nil || !waiting {
		return err
	}
	byKey := make(map[string]*graph.Person, len(people))
	keys := make([]string, len(people))
	for i, p := range people {
		keys[i] = graph.Key(p.Email)
		byKey[keys[i]] = p
	}
	var found []*GroupUser
	err := store.EachOf(tx, invitationsTo, keys, func(s store.Scanner) error {
		u, err := scanInvitation(s)
		found = append(found, u)
		return err
	})
	if err != nil {
		return err
	}
	for _, u := range found {
		if err := bindOne(tx, u, byKey[graph.Key(u.Email)]); err != nil {
			return err
		}
	}
	return nil
}

func bindOne(tx *store.Tx, u *GroupUser, p *graph.Person) error {
	_, err := graph.AddMember(tx, u.Group.ID, graph.Membership{
		MemberID: p.ID, MemberKind: graph.PersonSubject, Role: u.Role, Properties: u.Overrides,
	})
	if e := (*roster.Error)(nil); errors.As(err, &e) && e.Code == graph.CodeAlreadyMember {
		return withdraw(tx, u)
	}
	if err != nil {
		return err
	}
	_, err = tx.Exec(invitationBind, u.ID[:], p.ID, tx.Revision)
	return err
}
