// Package wire is the HTTP kit: every documented API is an API value, given its
// calls by Register and mounted by a Server.
//
// An API's folder has a function that makes the API:
//
//	func New(groups *graph.Groups) *wire.API {
//		api := wire.NewAPI(wire.Spec{
//			Name:      roster.DirectoryAPI,
//			Title:     "Directory API",
//			Version:   "1",
//			Bases:     []string{"/directory/api/v1"},
//			Label:     "directory", // directory.example.com/api/v1/groups
//			HostBases: []string{"/api/v1"},
//			Dialect:   wire.Dialect{Body: errorBody{}, Render: render},
//			RenderChange: renderChange,
//		})
//		h := handlers{groups}
//		wire.Register(api, wire.Op{
//			ID: "update-group", Method: "PUT", Path: "/groups/{id}", Tag: "Groups",
//			Summary: "Change a group",
//			Access:  wire.Only("Administrator"), // or wire.Public; nothing is any token
//			Fails:   []roster.Kind{roster.Exists},
//		}, h.updateGroup)
//		return api
//	}
//
// A handler translates, calls the area, translates back. Its error is the
// area's roster.Error as it came; the API's Dialect gives it status and body:
//
//	type updateGroup struct {
//		ID string `path:"id"`
//		wire.IfMatch
//		Body struct {
//			Name        wire.Opt[string] `json:"name,omitzero" maxLength:"255"`
//			Description wire.Opt[string] `json:"description,omitzero"`
//		}
//	}
//
//	type groupOut struct {
//		ETag string `header:"ETag"`
//		Body group  // has AppendJSON where speed counts
//	}
//
//	func (h handlers) updateGroup(ctx context.Context, a roster.Actor, in *updateGroup) (*groupOut, error) {
//		id, err := groupID(in.ID) // a malformed id is roster.NotFound
//		if err != nil {
//			return nil, err
//		}
//		g, err := h.groups.Update(ctx, a, id, graph.GroupChange{Name: in.Body.Name.Ptr()}, in.Check)
//		if err != nil {
//			return nil, err
//		}
//		return &groupOut{ETag: wire.ETag(g.Version), Body: render(g)}, nil
//	}
//
// What is wrong with an input's form comes before the handler as one Invalid
// error with all its Fields in Details. An error of an area names its Field.
// FieldsOf gives both the same way, so a Dialect needs one branch:
//
//	func render(e *roster.Error, of wire.Failed) (int, any) {
//		switch e.Kind {
//		case roster.Invalid:
//			if fields := wire.FieldsOf(e); fields != nil {
//				return 400, fail("VALIDATION_ERROR", e.Msg, fields.Messages())
//			}
//			return 400, fail("VALIDATION_ERROR", e.Msg, nil) // wire.CodeBadJSON among them
//		…
//
// Input is checked in the order of the contract: 401, 403 for a role, the body's
// size and type, its form, then the handler. A path parameter that is no valid
// text is 404. Of two kinds of number: int64 in the input is a strict integer
// ("12abc" and "1.5" are refused with the field), Param[int64] tells besides
// whether it was sent. Parameters with huma's tags minimum, maximum, enum,
// maxLength and default are documented and checked.
//
// A POST that only reads has Op.Reads; one whose answer is a secret has Op.Secret;
// both ignore Idempotency-Key and Roster-Plan. Under either header a handler runs
// inside a write, on the writer's goroutine and perhaps twice: its verb joins by
// db.Write with the handler's ctx, and it has no effect outside of that.
//
// An API whose base names the tenant, "/v1/{tenant}/front", is nothing (404) below
// the name of an unknown one, whoever asks, and refuses (401) another tenant's
// token. Location spells the tenant's own address. A client, which has no person,
// acts for the one that it names in a header of Spec.ImpersonateHeaders: the handler
// gets an Actor with the client's ID and that person, and Access.Person refuses a
// client that names none. Package mobilitywire has what these APIs share.
//
// A type of an input that reads itself returns Misfit for what it does not take, and
// its SelfChecked schema keeps huma from judging the value before.
//
// Everything else is the Server's: request ids, recovery, logs, metrics, rate
// limits, time limits, security headers, Roster-Revision, 404 and 405 in the API's
// words, keyed and planned calls, openapi.json and docs:
//
//	handler := wire.NewServer(wire.Options{
//		Auth: tokens, Revision: db.Published, Keys: wire.NewKeys(db), KnownTenant: known,
//		Meter: prom.New(registry), Extra: pages,
//	}, directoryapi.New(groups), propertyapi.New(properties))
package wire
