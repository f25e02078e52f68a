package identity

import (
	"github.com/rosterhq/roster/internal/graph"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/store"
)

// CodeProfileTaken says that the person with this address has the profile already.
const CodeProfileTaken = "EMAIL_TAKEN"

// kindOf is the kind of group in which a profile's memberships stand; an operator
// has none.
var kindOf = map[graph.Profile]string{
	graph.AccountProfile:  graph.Directory,
	graph.UserProfile:     graph.Organization,
	graph.PropertyProfile: graph.Property,
	graph.CustomerProfile: graph.Business,
}

// AddProfile gives the person with that address the profile, and makes the person
// where there is none. fill sets the person's fields; fresh tells it whether the
// person is new, since an existing person's fields belong to other profiles too.
// Exists with CodeProfileTaken when the person has the profile.
func AddProfile(tx *store.Tx, email string, profile graph.Profile, fill func(p *graph.Person, fresh bool)) (*graph.Person, error) {
	old, err := graph.PersonByEmail(tx, email)
	if roster.IsKind(err, roster.NotFound) {
		p := &graph.Person{Email: email, Profiles: profile}
		fill(p, true)
		return p, graph.CreatePerson(tx, p)
	}
	if err != nil {
		return nil, err
	}
	if old.Has(profile) {
		return nil, &roster.Error{Kind: roster.Exists, Code: CodeProfileTaken, Field: "email", Msg: "somebody else has this email"}
	}
	return graph.UpdatePerson(tx, old.ID, nil, func(p *graph.Person) error {
		p.Profiles |= profile
		fill(p, false)
		return nil
	})
}

// DropProfile takes a profile and its memberships from a person, and ends the
// person with the last one. A person without the profile is NotFound.
func DropProfile(tx *store.Tx, person int64, profile graph.Profile, match graph.Match) error {
	p, err := WithProfile(tx, person, profile)
	if err != nil {
		return err
	}
	if err := dropSignIn(tx, person, p.Profiles&^profile); err != nil {
		return err
	}
	if p.Profiles == profile {
		return graph.DeletePerson(tx, person, match)
	}
	if kind := kindOf[profile]; kind != "" {
		if err := graph.LeaveAll(tx, person, kind); err != nil {
			return err
		}
	}
	_, err = graph.UpdatePerson(tx, person, match, func(p *graph.Person) error {
		p.Profiles &^= profile
		if profile == graph.AccountProfile {
			p.DisplayName, p.Department, p.DataSourceID, p.ExternalID, p.Status = nil, nil, "", "", graph.Active
		}
		return nil
	})
	return err
}

// WithProfile reads a living person who has the profile; NotFound.
func WithProfile(tx *store.Tx, person int64, profile graph.Profile) (*graph.Person, error) {
	p, err := graph.LivePerson(tx, person)
	if err == nil && !p.Has(profile) {
		return nil, roster.Errorf(roster.NotFound, graph.CodeNoMember, "there is no such person")
	}
	return p, err
}
