package opsapi

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
		ID: "list-verifications", Method: "GET", Path: "/verification", Tag: tag, Summary: "List the verifications of a customer",
		Description: "The newest first.", Access: wire.Needs("VERIFICATION_READ"), Fails: []roster.Kind{roster.NotFound},
	}, h.listVerifications)
	wire.Register(api, wire.Op{
		ID: "get-verification", Method: "GET", Path: "/verification/{verificationId}", Tag: tag, Summary: "Get a verification, with all attempts or one",
		Access: wire.Needs("VERIFICATION_READ"),
	}, h.getVerification)
	wire.Register(api, wire.Op{
		ID: "get-verification-media", Method: "GET", Path: "/verification/media/{fileUuid}", Tag: tag, Summary: "Get a photograph or a film of an attempt",
		Description: "Who reads it is logged before anything is served.", Access: wire.Needs("VERIFICATION_MEDIA_READ"), Secret: true, Media: care.MediaTypes,
	}, h.getMedia)
}

type listVerifications struct {
	mobilitywire.Paging

	GuserID        wire.Param[int64] `query:"guserId" minimum:"1" doc:"The customer; customerId and userId mean the same."`
	CustomerID     wire.Param[int64] `query:"customerId" minimum:"1"`
	UserID         wire.Param[int64] `query:"userId" minimum:"1"`
	IncludeDetails mobilitywire.Flag `query:"includeDetails" doc:"true by default; false leaves out what is on documents, and media."`
}

func (h handlers) listVerifications(ctx context.Context, a roster.Actor, in *listVerifications) (*mobilitywire.List[view.Verification], error) {
	page, err := in.Page(0)
	if err != nil {
		return nil, err
	}
	customer := in.GuserID.Or(in.CustomerID.Or(in.UserID.Or(0)))
	if customer == 0 {
		return nil, roster.FieldError("guserId", "must be given")
	}
	rows, total, err := h.care.Verifications(ctx, a, customer, page)
	details := in.IncludeDetails.Or(true)
	return view.PageOf(page, rows, total, func(v *care.Verification) view.Verification { return view.NewVerification(v, details) }), err
}

type getVerification struct {
	VerificationID int64  `path:"verificationId" minimum:"1"`
	AttemptUUID    string `query:"attemptUuid" maxLength:"100"`
}

type verificationOut struct {
	ETag string `header:"ETag"`
	Body view.Verification
}

func (h handlers) getVerification(ctx context.Context, a roster.Actor, in *getVerification) (*verificationOut, error) {
	v, err := h.care.Verification(ctx, a, in.VerificationID, in.AttemptUUID)
	if err != nil {
		return nil, err
	}
	return &verificationOut{wire.ETag(v.Revision), view.NewVerification(v, true)}, nil
}

type getMedia struct {
	FileUUID string `path:"fileUuid" maxLength:"200"`
}

func (h handlers) getMedia(ctx context.Context, a roster.Actor, in *getMedia) (*view.File, error) {
	return view.NewFile(h.care.ReadMedia(ctx, a, in.FileUUID))
}
