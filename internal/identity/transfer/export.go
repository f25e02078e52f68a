package transfer

import (
	"encoding/json"
	"math"
	"time"

	"github.com/google/uuid"

	"github.com/rosterhq/roster/internal/graph"
	"github.com/rosterhq/roster/internal/identity"
	"github.com/rosterhq/roster/internal/store"
)

// What was live at an instant, in the order of ids, so that an export of what an
// export was read into is the same, byte for byte.
var (
	exportPeople = store.Q("transfer.export_people", `SELECT s.uuid, p.profiles, p.name, p.email, p.display_name, p.department,
			p.data_source_id, p.status, coalesce(p.external_id, ''), u.full_name, u.phone_number, u.job_title, u.department, u.role, u.status
		FROM people p JOIN subjects s ON s.tenant = $1 AND s.id = p.id
		LEFT JOIN users u ON u.tenant = $1 AND u.id = p.id
		WHERE p.tenant = $1 AND p.recorded_from <= $2 AND p.recorded_to > $2 AND (p.profiles & 7) <> 0 ORDER BY p.id`).
		Whole("an export reads all people")
	exportManagers = store.Q("transfer.export_managers", `SELECT s.uuid, m.uuid FROM users u
		JOIN people p ON p.tenant = $1 AND p.id = u.id AND p.recorded_from <= $2 AND p.recorded_to > $2
		JOIN people b ON b.tenant = $1 AND b.id = u.manager_id AND b.recorded_from <= $2 AND b.recorded_to > $2
		JOIN subjects s ON s.tenant = $1 AND s.id = u.id
		JOIN subjects m ON m.tenant = $1 AND m.id = u.manager_id
		WHERE u.tenant = $1 AND u.manager_id <> 0 AND (p.profiles & 2) = 2 AND (b.profiles & 2) = 2 ORDER BY u.id`).
		Whole("an export reads all managers")
	exportGroups = store.Q("transfer.export_groups", `SELECT s.uuid, g.kind, g.type, g.name, g.description, g.is_privileged,
			coalesce(g.external_id, ''), d.uuid
		FROM groups g JOIN subjects s ON s.tenant = $1 AND s.id = g.id
		LEFT JOIN subjects d ON d.tenant = $1 AND d.id = g.default_for
		WHERE g.tenant = $1 AND g.recorded_from <= $2 AND g.recorded_to > $2 AND g.kind <> 'business' ORDER BY g.id`).
		Whole("an export reads all groups")
	exportProperties = store.Q("transfer.export_properties", `SELECT s.uuid, p.title, p.is_active, p.attributes
		FROM properties p JOIN subjects s ON s.tenant = $1 AND s.id = p.id
		WHERE p.tenant = $1 AND p.recorded_from <= $2 AND p.recorded_to > $2 ORDER BY p.id`).
		Whole("an export reads all properties")
	exportMemberships = store.Q("transfer.export_memberships", `SELECT g.uuid, s.uuid, m.role, m.state, m.properties, m.starts_at, m.expires_at
		FROM memberships m JOIN subjects g ON g.tenant = $1 AND g.id = m.group_id
		JOIN subjects s ON s.tenant = $1 AND s.id = m.member_id
		WHERE m.tenant = $1 AND m.recorded_from <= $2 AND m.recorded_to > $2 AND m.member_kind = $3
			AND (m.expires_at = 0 OR m.expires_at > $4) AND m.group_kind <> 'business'
			AND NOT EXISTS (SELECT 1 FROM groups b WHERE b.tenant = $1 AND b.id = m.member_id AND b.kind = 'business')
		ORDER BY m.group_id, m.member_id`).
		Whole("an export reads all memberships")
)

// Export yields what the tenant is at an instant (µs UTC; 0 for now) as rows that
// Import takes, in an order that it takes: people, groups, properties, memberships.
// Memberships that are over are not among them, and neither is mobility's: customers,
// operators and business accounts are more than rows of the graph. What the organization knows of its
// users has no past: it is as it is now.
func Export(tx *store.Tx, asOf int64, yield func(*Row) error) error {
	e := exporting{tx: tx, at: math.MaxInt64 - 1, now: tx.Now, yield: yield}
	if asOf != 0 && asOf < tx.Now {
		e.at, e.now = asOf, asOf
	}
	for _, part := range []func() error{e.people, e.groups, e.properties, e.memberships, e.managers} {
		if err := part(); err != nil {
			return err
		}
	}
	return nil
}

type exporting struct {
	tx      *store.Tx
	at, now int64
	yield   func(*Row) error
}

func spell(id []byte) string {
	if len(id) == 0 {
		return ""
	}
	return uuid.UUID(id).String()
}

func (e *exporting) people() error {
	return e.tx.Each(exportPeople, func(s store.Scanner) error {
		r := Row{Type: Person}
		var id []byte
		var has graph.Profile
		var source string
		var user User
		var name, role, status *string
		err := s.Scan(&id, &has, &r.Name, &r.Email, &r.DisplayName, &r.Department, &source, &r.Status, &r.ID,
			&name, &user.PhoneNumber, &user.JobTitle, &user.Department, &role, &status)
		if err != nil {
			return err
		}
		if has&graph.UserProfile != 0 {
			user.FullName, user.Role, user.Status = text(name), text(role), text(status)
			if name == nil { // a user of the past, of whom the organization knows no more
				user.FullName, user.Role, user.Status = r.Name, identity.Employee, identity.UserDisabled
			}
			r.User = &user
		}
		r.UUID = spell(id)
		if source != "" {
			r.DataSourceID = &source
		}
		for _, name := range []string{"account", "user", "property"} {
			if has&profiles[name] != 0 {
				r.Profiles = append(r.Profiles, name)
			}
		}
		return e.yield(&r)
	}, e.at)
}

func (e *exporting) managers() error {
	return e.tx.Each(exportManagers, func(s store.Scanner) error {
		var person, manager []byte
		if err := s.Scan(&person, &manager); err != nil {
			return err
		}
		return e.yield(&Row{Type: Manager, Person: spell(person), Manager: spell(manager)})
	}, e.at)
}

func (e *exporting) groups() error {
	return e.tx.Each(exportGroups, func(s store.Scanner) error {
		r := Row{Type: Group}
		var id, person []byte
		var description string
		var privileged bool
		err := s.Scan(&id, &r.Kind, &r.GroupType, &r.Name, &description, &privileged, &r.ID, &person)
		if err != nil {
			return err
		}
		r.UUID, r.DefaultFor = spell(id), spell(person)
		if description != "" {
			r.Description = &description
		}
		if privileged {
			r.Privileged = &privileged
		}
		return e.yield(&r)
	}, e.at)
}

func (e *exporting) properties() error {
	homes := map[string][]string{}
	err := e.edges(Property, func(group, member string, _ *Row) error {
		homes[member] = append(homes[member], group)
		return nil
	})
	if err != nil {
		return err
	}
	return e.tx.Each(exportProperties, func(s store.Scanner) error {
		r := Row{Type: Property}
		var id []byte
		var active bool
		var attributes string
		if err := s.Scan(&id, &r.Title, &active, &attributes); err != nil {
			return err
		}
		r.UUID, r.Active, r.Attributes = spell(id), &active, json.RawMessage(attributes)
		r.Groups = homes[r.UUID]
		return e.yield(&r)
	}, e.at)
}

func (e *exporting) memberships() error {
	err := e.edges(Person, func(group, member string, r *Row) error {
		r.Group, r.Person = group, member
		return e.yield(r)
	})
	if err != nil {
		return err
	}
	return e.edges(Group, func(group, member string, r *Row) error {
		r.Group, r.Child = group, member
		return e.yield(r)
	})
}

// edges yields the memberships of one kind of member, with their terms in a row.
func (e *exporting) edges(kind string, yield func(group, member string, r *Row) error) error {
	return e.tx.Each(exportMemberships, func(s store.Scanner) error {
		r := Row{Type: Membership}
		var group, member []byte
		var role, state, properties string
		var starts, expires int64
		if err := s.Scan(&group, &member, &role, &state, &properties, &starts, &expires); err != nil {
			return err
		}
		if role != "" {
			r.Role = &role
		}
		if state != "" {
			r.State = &state
		}
		if properties != "" {
			r.Properties = json.RawMessage(properties)
		}
		r.StartsAt, r.ExpiresAt = instant(starts), instant(expires)
		return yield(spell(group), spell(member), &r)
	}, e.at, kind, e.now)
}

func instant(micros int64) *time.Time {
	if micros == 0 {
		return nil
	}
	at := time.UnixMicro(micros).UTC()
	return &at
}
