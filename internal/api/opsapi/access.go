package opsapi

import (
	"context"

	"github.com/rosterhq/roster/internal/api/view"
	"github.com/rosterhq/roster/internal/identity"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/wire"
	"github.com/rosterhq/roster/internal/wire/mobilitywire"
)

// session is what began with a sign-in and goes on with each refresh. What its tokens
// are is told to nobody.
type session struct {
	ID         int64             `json:"id"`
	CreatedAt  mobilitywire.Time `json:"createdAt"`
	LastUsedAt mobilitywire.Time `json:"lastUsedAt"`
	ExpiresAt  mobilitywire.Time `json:"expiresAt"`
	ClientType string            `json:"clientType" doc:"How the customer signed in."`
	UserAgent  string            `json:"userAgent,omitempty"`
	IPAddress  string            `json:"ipAddress,omitempty"`
	RevokedAt  mobilitywire.Time `json:"revokedAt,omitzero"`
}

func renderSession(f identity.Family) session {
	return session{
		f.ID, mobilitywire.Time(f.CreatedAt), mobilitywire.Time(f.UsedAt), mobilitywire.Time(f.ExpiresAt), f.Method, f.UserAgent, f.Address, mobilitywire.Time(f.RevokedAt),
	}
}

type listSessions struct {
	IDPath
	mobilitywire.Paging
}

func (h handlers) listSessions(ctx context.Context, a roster.Actor, in *listSessions) (*mobilitywire.List[session], error) {
	page, err := in.Page(0)
	if err != nil {
		return nil, err
	}
	all, err := h.care.Sessions(ctx, a, in.ID)
	if err != nil {
		return nil, err
	}
	part := view.PartByID(page, all, func(f identity.Family) int64 { return f.ID })
	return view.PageOf(page, part, len(all), renderSession), nil
}

// taken is an answer that says nothing but that the call was taken.
type taken struct {
	Body struct{}
}

type resetPassword struct {
	IDPath

	Body *struct {
		Language string `json:"language,omitempty" maxLength:"35"`
	}
}

func (h handlers) resetPassword(ctx context.Context, a roster.Actor, in *resetPassword) (*taken, error) {
	if err := h.care.ResetPassword(ctx, a, in.ID); err != nil {
		return nil, err
	}
	return &taken{}, nil
}

type resetPasswordOf struct {
	Email string `path:"email"`
}

func (h handlers) resetPasswordOf(ctx context.Context, a roster.Actor, in *resetPasswordOf) (*taken, error) {
	if err := h.care.ResetPasswordOf(ctx, a, in.Email); err != nil {
		return nil, err
	}
	return &taken{}, nil
}

type addEmailSignIn struct {
	IDPath

	Body struct {
		Email                  string         `json:"email" maxLength:"254"`
		SendResetPasswordEmail wire.Opt[bool] `json:"sendResetPasswordEmail,omitzero" doc:"Mail a code to set a password; true by default."`
	}
}

func (h handlers) addEmailSignIn(ctx context.Context, a roster.Actor, in *addEmailSignIn) (*customerOut, error) {
	r, err := h.care.AddEmailSignIn(ctx, a, in.ID, in.Body.Email, in.Body.SendResetPasswordEmail.Or(true))
	return h.showCustomer(a, r, err)
}

type addPhoneSignIn struct {
	IDPath

	Body struct {
		Phone string `json:"phone" maxLength:"32" doc:"E.164."`
	}
}

func (h handlers) addPhoneSignIn(ctx context.Context, a roster.Actor, in *addPhoneSignIn) (*customerOut, error) {
	r, err := h.care.AddPhoneSignIn(ctx, a, in.ID, in.Body.Phone)
	return h.showCustomer(a, r, err)
}

type addCodeSignIn struct {
	IDPath

	Body struct {
		Email string `json:"email" maxLength:"254"`
	}
}

func (h handlers) addCodeSignIn(ctx context.Context, a roster.Actor, in *addCodeSignIn) (*customerOut, error) {
	r, err := h.care.AddEmailCodeSignIn(ctx, a, in.ID, in.Body.Email)
	return h.showCustomer(a, r, err)
}

type removeSignIn struct {
	CustomerID int64 `path:"customerId" minimum:"1"`

	Body struct {
		AuthenticationType string `json:"authenticationType" enum:"EMAIL_PASSWORD,EMAIL_CODE,PHONE_CODE"`
	}
}

func (h handlers) removeSignIn(ctx context.Context, a roster.Actor, in *removeSignIn) (*customerOut, error) {
	r, err := h.care.RemoveSignIn(ctx, a, in.CustomerID, in.Body.AuthenticationType)
	return h.showCustomer(a, r, err)
}

type resetFactor struct{ IDPath }

func (h handlers) resetFactor(ctx context.Context, a roster.Actor, in *resetFactor) (*struct{}, error) {
	return nil, h.care.ResetSecondFactor(ctx, a, in.ID)
}

type logOutCustomer struct {
	IDPath

	Body *struct{}
}

type loggedOutOne struct {
	Body struct {
		RevokedSessions int `json:"revokedSessions"`
	}
}

func (h handlers) logOutCustomer(ctx context.Context, a roster.Actor, in *logOutCustomer) (*loggedOutOne, error) {
	n, err := h.care.LogOutCustomer(ctx, a, in.ID)
	if err != nil {
		return nil, err
	}
	out := &loggedOutOne{}
	out.Body.RevokedSessions = n
	return out, nil
}

type logOutMany struct {
	Role                 string            `query:"role" maxLength:"64" doc:"USER, or a role of operators; here or in the body."`
	BranchID             wire.Param[int64] `query:"branchId" minimum:"1" doc:"Here or in the body."`
	IncludeChildBranches mobilitywire.Flag `query:"includeChildBranches" doc:"True by default."`

	Body *struct {
		Role                 string         `json:"role,omitempty" maxLength:"64"`
		BranchID             int64          `json:"branchId,omitempty" minimum:"0"`
		IncludeChildBranches wire.Opt[bool] `json:"includeChildBranches,omitzero"`
	}
}

type loggedOutMany struct {
	Body struct {
		AffectedUsers   int `json:"affectedUsers"`
		RevokedSessions int `json:"revokedSessions"`
	}
}

func (h handlers) logOutMany(ctx context.Context, a roster.Actor, in *logOutMany) (*loggedOutMany, error) {
	role, branch, below := in.Role, view.Number(in.BranchID), in.IncludeChildBranches.Or(true)
	if b := in.Body; b != nil {
		if role == "" {
			role = b.Role
		}
		if branch == 0 {
			branch = b.BranchID
		}
		below = b.IncludeChildBranches.Or(below)
	}
	if missing := view.FirstSet(view.Came("role", role == ""), view.Came("branchId", branch == 0)); missing != "" {
		return nil, wire.InvalidFields(wire.Field{In: wire.InQuery, Name: missing, Rule: wire.RuleRequired, Message: "must be given"})
	}
	n, err := h.care.LogOutRole(ctx, a, role, branch, below)
	if err != nil {
		return nil, err
	}
	out := &loggedOutMany{}
	out.Body.AffectedUsers, out.Body.RevokedSessions = n.Users, n.Sessions
	return out, nil
}
