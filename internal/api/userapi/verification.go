package userapi

import (
	"context"

	"github.com/rosterhq/roster/internal/api/view"
	"github.com/rosterhq/roster/internal/care"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/wire"
	"github.com/rosterhq/roster/internal/wire/mobilitywire"
)

func (h handlers) verificationRoutes(api *wire.API) {
	const tag = "Verification"
	wire.Register(api, wire.Op{
		ID: "list-verifications", Method: "GET", Path: "/me/verifications", Tag: tag, Summary: "List my verifications", Access: wire.Person, Extension: true,
	}, h.listVerifications)
	wire.Register(api, wire.Op{
		ID: "get-own-verification-media", Method: "GET", Path: "/me/verifications/media/{fileUuid}", Tag: tag, Summary: "Get a photograph or a film of mine",
		Description: "Which there are, the export says. That it was read is logged before it is served.",
		Access:      wire.Person, Extension: true, Secret: true, Media: care.MediaTypes, Fails: []roster.Kind{roster.NotFound},
	}, h.getMedia)
	wire.Register(api, wire.Op{
		ID: "begin-verification", Method: "POST", Path: "/me/verifications", Tag: tag, Summary: "Begin a check of my license or identity document",
		Description: "Asks the operator's provider, so it takes neither Idempotency-Key nor Roster-Plan. What next says leads on to the provider.",
		Status:      201, Access: wire.Person, Extension: true, Secret: true, Fails: []roster.Kind{roster.Conflict, roster.Unavailable},
	}, h.beginVerification)
}

type getMedia struct {
	FileUUID string `path:"fileUuid" maxLength:"200" doc:"As the export names it."`
}

func (h handlers) getMedia(ctx context.Context, a roster.Actor, in *getMedia) (*view.File, error) {
	return view.NewFile(h.care.OwnMedia(ctx, a, in.FileUUID))
}

type listVerifications struct{ mobilitywire.Paging }

func (h handlers) listVerifications(ctx context.Context, a roster.Actor, in *listVerifications) (*mobilitywire.List[view.Verification], error) {
	page, err := in.Page(0)
	if err != nil {
		return nil, err
	}
	rows, total, err := h.care.OwnVerifications(ctx, a, page)
	return view.PageOf(page, rows, total, func(v *care.Verification) view.Verification { return view.NewVerification(v, false) }), err
}

type beginVerification struct {
	Unplanned

	Body struct {
		Kind string `json:"kind" enum:"LICENSE,ID"`
	}
}

type begunVerification struct {
	Location string `header:"Location" doc:"Where my verifications are listed."`
	Body     view.Verification
}

func (h handlers) beginVerification(ctx context.Context, a roster.Actor, in *beginVerification) (*begunVerification, error) {
	if err := in.check(); err != nil {
		return nil, err
	}
	v, err := h.care.BeginVerification(ctx, a, in.Body.Kind)
	if err != nil {
		return nil, err
	}
	return &begunVerification{wire.Location(ctx, "/me/verifications"), view.NewVerification(v, false)}, nil
}
