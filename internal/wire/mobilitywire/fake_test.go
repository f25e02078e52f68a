package mobilitywire_test

import (
	"context"
	"log/slog"
	"slices"
	"testing"
	"time"

	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/wire"
	"github.com/rosterhq/roster/internal/wire/mobilitywire"
	"github.com/rosterhq/roster/internal/wire/wiretest"
)

// A small user API, as its writers make one.

const codeOther = "OTHER_ACCOUNT"

var speech = mobilitywire.Speech{
	Words: map[string]string{codeOther: "UG903"},
	Details: func(details any) any {
		if s, ok := details.(string); ok {
			return map[string]string{"says": s}
		}
		return nil
	},
}

type thing struct {
	ID        int64              `json:"id"`
	Price     mobilitywire.Price `json:"price"`
	CreatedAt mobilitywire.Time  `json:"createdAt"`
	EndedAt   mobilitywire.Time  `json:"endedAt,omitzero"`
	Day       mobilitywire.Date  `json:"day,omitempty"`
}

type listIn struct {
	mobilitywire.Paging
	mobilitywire.Period

	States []string          `query:"state,explode" enum:"ENDED,ACTIVE"`
	IDs    []int64           `query:"id,explode" minimum:"1"`
	Branch wire.Param[int64] `query:"branchId" minimum:"1"`
	Simple mobilitywire.Flag `query:"simple" doc:"Fewer fields."`
	Below  mobilitywire.Flag `query:"includeBelow"`
	Error  mobilitywire.Flag `query:"error"`
}

// asked is what the last list was asked for.
type asked struct {
	page   roster.Page
	in     listIn
	actor  roster.Actor
	tenant string
}

type fake struct{ asked asked }

const rows = 7

func (f *fake) list(_ context.Context, a roster.Actor, in *listIn) (*mobilitywire.List[thing], error) {
	page, err := in.Page(5, "name", "createdAt")
	if err != nil {
		return nil, err
	}
	f.asked = asked{page: page, in: *in, actor: a}
	var all []thing
	for i := page.Offset; i < min(page.Offset+page.Limit, rows); i++ {
		all = append(all, thing{ID: int64(rows - i), Price: mobilitywire.NewPrice(roster.Price{Net: 10_000, Tax: 1_900, Gross: 11_900})})
	}
	return mobilitywire.NewList(page, all, rows), nil
}

type thingIn struct {
	ID   int64 `path:"id" minimum:"1"`
	Body struct {
		Name   wire.Opt[string]             `json:"name,omitzero" minLength:"1" maxLength:"5" pattern:"^[a-z]*$"`
		Count  wire.Opt[int64]              `json:"count,omitzero" minimum:"1" maximum:"9"`
		State  wire.Opt[string]             `json:"state,omitzero" enum:"ACTIVE,INACTIVE"`
		Tags   []string                     `json:"tags,omitempty" uniqueItems:"true"`
		Day    wire.Opt[mobilitywire.Date]  `json:"day,omitzero"`
		At     wire.Opt[mobilitywire.Time]  `json:"at,omitzero"`
		Limit  wire.Opt[mobilitywire.Money] `json:"limit,omitzero"`
		Limits []spending                   `json:"limits,omitempty"`
	}
}

type spending struct {
	Amount mobilitywire.Money `json:"amount"`
}

type echoOut struct {
	Location string `header:"Location"`
	Body     struct {
		Day    mobilitywire.Date  `json:"day,omitempty"`
		At     mobilitywire.Time  `json:"at,omitzero"`
		Limit  mobilitywire.Money `json:"limit,omitzero"`
		Limits []spending         `json:"limits,omitempty"`
	}
}

func (f *fake) patch(ctx context.Context, _ roster.Actor, in *thingIn) (*echoOut, error) {
	out := &echoOut{Location: wire.Location(ctx, "/things/5")}
	out.Body.Day, out.Body.At, out.Body.Limit = in.Body.Day.Value, in.Body.At.Value, in.Body.Limit.Value
	out.Body.Limits = in.Body.Limits
	return out, nil
}

// failures are what the call /failures/{name} fails with.
var failures = map[string]error{
	"word":     roster.Errorf(roster.Conflict, codeOther, "is in another account"),
	"code":     &roster.Error{Kind: roster.Conflict, Code: "UG908", Msg: "it is not pending"},
	"suffix":   &roster.Error{Kind: roster.Invalid, Code: "R102.1", Msg: "there is an active rental", Details: "why"},
	"hidden":   &roster.Error{Kind: roster.Invalid, Code: "R102.1", Msg: "there is an active rental", Details: 7},
	"noCode":   roster.Errorf(roster.Exists, "NAME_TAKEN", "the name is taken"),
	"field":    roster.FieldError("name", "must not be blank"),
	"denied":   &roster.Error{Kind: roster.Forbidden, Code: "U120", Field: "billingCycle", Msg: "it is not yours to change"},
	"taken":    &roster.Error{Kind: roster.Exists, Code: "UG913", Field: "name", Msg: "the name is taken"},
	"mfa":      &roster.Error{Kind: roster.Unauthenticated, Code: "AUTH904", Msg: "a second factor is needed", Details: "token"},
	"wait":     &roster.Error{Kind: roster.TooMany, Msg: "too many codes", Details: 90 * time.Second},
	"internal": &roster.Error{Kind: roster.Internal, Code: "X100", Msg: "secret", Details: "secret", Field: "secret"},
	"provider": &roster.Error{Kind: roster.Unavailable, Msg: "the provider does not answer", Details: "secret"},
	"panic":    nil,
}

func (f *fake) fail(_ context.Context, _ roster.Actor, in *struct {
	Name string `path:"name"`
}) (*struct{}, error) {
	if err := failures[in.Name]; err != nil {
		return nil, err
	}
	panic("secret")
}

func (f *fake) api() *wire.API {
	api := wire.NewAPI(wire.Spec{
		Name: roster.UserAPI, Title: "User", Version: "1", Bases: []string{"/v1/{tenant}/front"},
		Label: "user", HostBases: []string{""}, TraceHeader: "X-Trace-Id",
		ImpersonateHeaders: []string{"GoUrban-Impersonate", "X-Impersonate-User"},
		Dialect:            speech.Dialect(),
	})
	wire.Register(api, wire.Op{ID: "list-things", Method: "GET", Path: "/things", Access: wire.Person}, f.list)
	wire.Register(api, wire.Op{ID: "update-thing", Method: "PATCH", Path: "/things/{id}", Extension: true}, f.patch)
	wire.Register(api, wire.Op{
		ID: "fail", Method: "GET", Path: "/failures/{name}", Errors: []int{409},
	}, f.fail)
	return api
}

type tokens map[string]roster.Actor

func (t tokens) Authenticate(_ context.Context, token string) (roster.Actor, error) {
	if a, ok := t[token]; ok {
		return a, nil
	}
	return roster.Actor{}, roster.Errorf(roster.Unauthenticated, "", "unknown")
}

var acme = roster.Tenant{ID: 1, Name: "acme"}

var actors = tokens{
	"rider":    {Tenant: acme, ID: "token:1", API: roster.UserAPI, Role: "USER", PersonID: 11},
	"operator": {Tenant: acme, ID: "token:3", API: roster.OperationsAPI, Role: "ADMIN", PersonID: 12},
	"client":   {Tenant: acme, ID: "token:2", API: roster.UserAPI, Role: "API_CLIENT"},
}

func newFake(t *testing.T) (*fake, *wiretest.Client) {
	f := &fake{}
	server := wire.NewServer(wire.Options{
		Auth: actors, Logger: slog.New(slog.DiscardHandler), Limits: wire.Limits{PerToken: -1, PerAddress: -1},
		KnownTenant: func(name string) bool { return slices.Contains([]string{"acme", "rival"}, name) },
	}, f.api())
	return f, wiretest.New(t, server, "/v1/acme/front", "$.body.details.**").As("rider")
}
