package opsapi

import (
	"context"
	"fmt"

	"github.com/rosterhq/roster/internal/api/view"
	"github.com/rosterhq/roster/internal/care"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/wire"
	"github.com/rosterhq/roster/internal/wire/mobilitywire"
)

func (h handlers) ratingRoutes(api *wire.API) {
	const tag = "Credit ratings"
	wire.Register(api, wire.Op{
		ID: "list-ratings", Method: "GET", Path: "/customers/{accountId}/ratings", Tag: tag,
		Summary: "List the credit ratings of a customer or a business account", Description: "The newest first.", Access: wire.Needs("RATING_READ"),
	}, h.listRatings)
	wire.Register(api, wire.Op{
		ID: "create-rating", Method: "POST", Path: "/customers/{accountId}/ratings", Tag: tag, Summary: "Rate a customer or a business account by hand",
		Description: "The rating takes the place of the active one.",
		Status:      201, Access: wire.Needs("RATING_WRITE"), Fails: []roster.Kind{roster.Conflict},
	}, h.createRating)
	wire.Register(api, wire.Op{
		ID: "approve-rating", Method: "POST", Path: "/customers/{accountId}/ratings/approve", Tag: tag, Summary: "Approve the active rating",
		Description: "Where none is active, one is made by hand; what is approved already stays as it is.",
		Access:      wire.Needs("RATING_WRITE"), Fails: []roster.Kind{roster.Conflict},
	}, h.approveRating)
	wire.Register(api, wire.Op{
		ID: "reject-rating", Method: "POST", Path: "/customers/{accountId}/ratings/reject", Tag: tag, Summary: "Reject the active rating",
		Description: "As approve.", Access: wire.Needs("RATING_WRITE"), Fails: []roster.Kind{roster.Conflict},
	}, h.rejectRating)
	wire.Register(api, wire.Op{
		ID: "queue-rating", Method: "POST", Path: "/customers/{accountId}/ratings/queue", Tag: tag, Summary: "Have the provider asked for a rating",
		Description: "This may cost something, even while another rating is active, which counts until the provider answers.",
		Status:      202, Access: wire.Needs("RATING_TRIGGER"), Fails: []roster.Kind{roster.Conflict},
	}, h.queueRating)
}

// AccountPath names a customer or a business account.
type AccountPath struct {
	AccountID int64 `path:"accountId" minimum:"1" doc:"Of a customer, or of a business account."`
}

// rating is how the credit of an account was judged.
type rating struct {
	ID          int64             `json:"id"`
	AccountID   int64             `json:"accountId"`
	AccountType string            `json:"accountType" enum:"CUSTOMER,USER_GROUP"`
	Type        string            `json:"type" enum:"MANUAL,AUTOMATED"`
	Status      string            `json:"status" enum:"QUEUED,PENDING,APPROVED,REJECTED,EXPIRED,FAILED"`
	Provider    string            `json:"provider" enum:"NONE,CRIF"`
	Score       *int64            `json:"score,omitempty" minimum:"0" maximum:"1000" doc:"The higher the better."`
	Reason      string            `json:"reason,omitempty"`
	ValidFrom   mobilitywire.Time `json:"validFrom,omitzero"`
	ValidUntil  mobilitywire.Time `json:"validUntil,omitzero"`
	Active      bool              `json:"active" doc:"It is the one that the account's creditStatus follows from."`
	CreatedBy   int64             `json:"createdBy,omitempty" doc:"An operator."`
	CreatedAt   mobilitywire.Time `json:"createdAt"`
	DecidedBy   int64             `json:"decidedBy,omitempty" doc:"An operator."`
	DecidedAt   mobilitywire.Time `json:"decidedAt,omitzero"`
}

func renderRating(r *care.Rating) rating {
	return rating{
		r.ID, r.AccountID, r.AccountType, r.Type, r.Status, r.Provider, r.Score, r.Reason, mobilitywire.Time(r.ValidFrom), mobilitywire.Time(r.ValidUntil),
		r.Active, r.CreatedBy, mobilitywire.Time(r.CreatedAt), r.DecidedBy, mobilitywire.Time(r.DecidedAt),
	}
}

type listRatings struct {
	AccountPath
	mobilitywire.Paging
}

func (h handlers) listRatings(ctx context.Context, a roster.Actor, in *listRatings) (*mobilitywire.List[rating], error) {
	page, err := in.Page(0)
	if err != nil {
		return nil, err
	}
	rows, total, err := h.care.Ratings(ctx, a, in.AccountID, page)
	return view.PageOf(page, rows, total, renderRating), err
}

type createRating struct {
	AccountPath

	Body struct {
		Status     string            `json:"status" enum:"APPROVED,REJECTED,PENDING"`
		Score      *int64            `json:"score,omitempty" minimum:"0" maximum:"1000"`
		Reason     string            `json:"reason,omitempty" maxLength:"1000"`
		ValidUntil mobilitywire.Time `json:"validUntil,omitzero" doc:"As long as the setting rating.validityDays says by default."`
	}
}

type ratingOut struct{ Body rating }

type createdRating struct {
	Location string `header:"Location" doc:"Where the account's ratings are listed."`
	Body     rating
}

func (h handlers) createRating(ctx context.Context, a roster.Actor, in *createRating) (*createdRating, error) {
	b := &in.Body
	r, err := h.care.CreateRating(ctx, a, in.AccountID, care.NewRating{Status: b.Status, Score: b.Score, Reason: b.Reason, ValidUntil: int64(b.ValidUntil)})
	if err != nil {
		return nil, err
	}
	return &createdRating{wire.Location(ctx, fmt.Sprintf("/customers/%d/ratings", in.AccountID)), renderRating(r)}, nil
}

type decideRating struct {
	AccountPath

	Body *struct {
		Reason     string            `json:"reason,omitempty" maxLength:"1000"`
		ValidUntil mobilitywire.Time `json:"validUntil,omitzero" doc:"As long as the setting rating.validityDays says by default."`
	}
}

type decidedRating struct {
	CreditStatus string `json:"creditStatus" enum:"APPROVED,REJECTED" doc:"Of the account."`
	Rating       rating `json:"rating"`
}

type decidedOut struct{ Body decidedRating }

func (h handlers) approveRating(ctx context.Context, a roster.Actor, in *decideRating) (*decidedOut, error) {
	return h.decideRating(ctx, a, in, care.RatingApproved)
}

func (h handlers) rejectRating(ctx context.Context, a roster.Actor, in *decideRating) (*decidedOut, error) {
	return h.decideRating(ctx, a, in, care.RatingRejected)
}

func (h handlers) decideRating(ctx context.Context, a roster.Actor, in *decideRating, status string) (*decidedOut, error) {
	decision := care.NewRating{Status: status}
	if b := in.Body; b != nil {
		decision.Reason, decision.ValidUntil = b.Reason, int64(b.ValidUntil)
	}
	r, credit, err := h.care.DecideRating(ctx, a, in.AccountID, decision)
	if err != nil {
		return nil, err
	}
	return &decidedOut{decidedRating{credit, renderRating(r)}}, nil
}

type queueRating struct {
	AccountPath

	Body *struct {
		Reason string `json:"reason,omitempty" maxLength:"1000"`
		Force  bool   `json:"force,omitempty" doc:"Even where the setting rating.refuseWhileActive refuses."`
	}
}

type queuedRating struct {
	RatingID int64  `json:"ratingId"`
	Status   string `json:"status" enum:"QUEUED"`
	Warning  string `json:"warning,omitempty" doc:"That another rating is active."`
}

type queuedOut struct{ Body queuedRating }

func (h handlers) queueRating(ctx context.Context, a roster.Actor, in *queueRating) (*queuedOut, error) {
	reason, force := "", false
	if b := in.Body; b != nil {
		reason, force = b.Reason, b.Force
	}
	r, active, err := h.care.QueueRating(ctx, a, in.AccountID, reason, force)
	if err != nil {
		return nil, err
	}
	out := queuedRating{RatingID: r.ID, Status: r.Status}
	if active {
		out.Warning = "A rating is active, and counts until the provider answers; asking may cost something nevertheless."
	}
	return &queuedOut{out}, nil
}
