package identity

import (
	"context"
	"strings"

	"github.com/rosterhq/roster/internal/graph"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/store"
)

// Account is what a caller gives to make an account of the directory.
type Account struct {
	Name, Email  string
	DisplayName  *string
	Department   *string
	DataSourceID string
	ExternalID   string
	Status       string // "" is active
}

// CreateAccount makes an account, on the person with that address if there is one.
// Exists with graph.CodeAccountTaken, graph.CodeIDTaken or CodeProfileTaken.
func (i *Identity) CreateAccount(ctx context.Context, a roster.Actor, in Account) (p *graph.Person, err error) {
	err = i.db.Write(ctx, a, func(tx *store.Tx) error {
		p, err = AddProfile(tx, in.Email, graph.AccountProfile, func(p *graph.Person, _ bool) {
			p.Name, p.DisplayName, p.Department, p.DataSourceID, p.ExternalID = in.Name, in.DisplayName, in.Department, in.DataSourceID, in.ExternalID
			p.Status = in.Status
			if p.Status == "" {
				p.Status = graph.Active
			}
		})
		return err
	})
	return p, err
}

// UpdateAccount changes an account as edit says; as graph.UpdatePerson. The address
// of a person who has other profiles too is Forbidden to change: it is not the
// directory's alone.
func (i *Identity) UpdateAccount(ctx context.Context, a roster.Actor, id int64, match graph.Match, edit func(*graph.Person) error) (after *graph.Person, err error) {
	err = i.db.Write(ctx, a, func(tx *store.Tx) error {
		before, err := WithProfile(tx, id, graph.AccountProfile)
		if err != nil {
			return err
		}
		after, err = graph.UpdatePerson(tx, id, match, edit)
		if err != nil {
			return err
		}
		if after.Email != before.Email && before.Profiles != graph.AccountProfile {
			return &roster.Error{Kind: roster.Forbidden, Field: "email", Msg: "this person has other profiles, so the email is not the directory's to change"}
		}
		return nil
	})
	return after, err
}

// DeleteAccount ends an account and its memberships in directory groups.
func (i *Identity) DeleteAccount(ctx context.Context, a roster.Actor, id int64, match graph.Match) error {
	return i.db.Write(ctx, a, func(tx *store.Tx) error {
		return DropProfile(tx, id, graph.AccountProfile, match)
	})
}

// AccountFilter narrows a list of accounts; "" does not.
type AccountFilter struct {
	Search       string // a part of name or address, in any case
	Department   string
	DataSourceID string
	AsOf         int64 // µs UTC; 0 for now
}

// GetAccount returns a person as the directory sees one, now or at an instant
// (µs UTC). NotFound.
func (i *Identity) GetAccount(ctx context.Context, tenant roster.TenantID, id, asOf int64) (p *graph.Person, err error) {
	err = i.db.Read(ctx, tenant, func(tx *store.Tx) error {
		p, err = graph.PersonAt(tx, id, asOf)
		return err
	})
	return p, err
}

// Accounts lists up to limit accounts behind a place in the order of their making,
// and whether more follow.
func (i *Identity) Accounts(ctx context.Context, tenant roster.TenantID, f AccountFilter, after graph.Place, limit int) (page []*graph.Person, more bool, err error) {
	err = i.db.Read(ctx, tenant, func(tx *store.Tx) error {
		page, more, err = graph.ListPeople(tx, graph.PeopleFilter{
			Profile: graph.AccountProfile, Search: strings.ToLower(f.Search), Department: f.Department,
			DataSourceID: f.DataSourceID, AsOf: f.AsOf,
		}, after, limit)
		return err
	})
	return page, more, err
}
