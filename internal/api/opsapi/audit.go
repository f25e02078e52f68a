package opsapi

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/rosterhq/roster/internal/api/view"
	"github.com/rosterhq/roster/internal/business"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/wire"
	"github.com/rosterhq/roster/internal/wire/mobilitywire"
)

func (h handlers) auditRoutes(api *wire.API) {
	wire.Register(api, wire.Op{
		ID: "list-audit", Method: "GET", Path: "/audit", Tag: "Audit", Summary: "List what was changed, and which sensitive things were read",
		Description: "Newest first. Changes that a permission let through on a branch where the caller holds AUDIT_READ; " +
			"all others too, such as those of customers themselves and of the server, for who holds it at every root.",
		Extension: true, Access: wire.Needs("AUDIT_READ"),
	}, h.listAudit)
}

// auditRow is one change of the log (contract/decisions.md 16).
type auditRow struct {
	ID                 string            `json:"id" doc:"Revision and place in it."`
	Revision           int64             `json:"revision"`
	Time               mobilitywire.Time `json:"time"`
	Actor              auditActor        `json:"actor"`
	ImpersonatedUserID int64             `json:"impersonatedUserId,omitempty" doc:"For whom a client acted."`
	API                string            `json:"api"`
	Operation          string            `json:"operation" doc:"noun.verb"`
	Permission         string            `json:"permission,omitempty" doc:"What let it through; none where none was asked for."`
	BranchID           int64             `json:"branchId,omitempty" doc:"Where the permission held; none: at every root."`
	Subject            auditSubject      `json:"subject"`
	Changes            []auditField      `json:"changes" doc:"Fields that differ."`
	Erased             bool              `json:"erased,omitempty" doc:"The values were erased, with whom they were about."`
	TraceID            string            `json:"traceId,omitempty"`
}

// auditActor is who acted: a person by their id, a client by its id, a token without a
// person by its number.
type auditActor struct {
	ID   string `json:"id"`
	Type string `json:"type" enum:"PERSON,CLIENT,TOKEN,CLI,BACKGROUND"`
}

type auditSubject struct {
	Type     string `json:"type"`
	ID       int64  `json:"id,omitempty"`
	Name     string `json:"name,omitempty" doc:"Of what has a name and no id: a setting, a role or a client."`
	ObjectID int64  `json:"objectId,omitempty" doc:"The second subject of a change that ties two, such as the member of a group."`
}

type auditField struct {
	Field  string `json:"field"`
	Before any    `json:"before,omitempty" doc:"[redacted] for secrets and personal values."`
	After  any    `json:"after,omitempty"`
}

// actorOf reads how the log names who acted.
func actorOf(c *business.Logged) auditActor {
	kind, id, _ := strings.Cut(c.Actor, ":")
	switch {
	case c.PersonID != 0:
		return auditActor{strconv.FormatInt(c.PersonID, 10), "PERSON"}
	case kind == "person":
		return auditActor{id, "PERSON"}
	case kind == "client":
		return auditActor{id, "CLIENT"}
	case kind == "token":
		return auditActor{id, "TOKEN"}
	case kind == "job":
		return auditActor{id, "BACKGROUND"}
	case c.API == roster.CLI:
		return auditActor{strings.TrimPrefix(c.Actor, "cli:"), "CLI"}
	}
	return auditActor{c.Actor, "BACKGROUND"}
}

func renderAudit(c business.Logged) auditRow {
	return auditRow{
		ID: fmt.Sprintf("%d-%d", c.Revision, c.Seq), Revision: c.Revision, Time: mobilitywire.Time(c.Time), Actor: actorOf(&c),
		ImpersonatedUserID: c.Impersonated, API: string(c.API), Operation: c.Operation, Permission: c.Permission, BranchID: c.BranchID,
		Subject: auditSubject{c.SubjectType, c.SubjectID, subjectName(c.SubjectType, c.Before, c.After), c.ObjectID},
		Changes: auditFields(c.SubjectType, c.Before, c.After), Erased: c.Erased(),
		TraceID: c.RequestID,
	}
}

type listAudit struct {
	mobilitywire.Paging
	mobilitywire.Period

	AccountID wire.Param[int64] `query:"accountId" minimum:"1" doc:"A customer's id, or a group's: changes about it, and those that tie it to another."`
	ActorID   string            `query:"actorId" maxLength:"100" doc:"A person's id, for whom a client may have acted; or client:id, token:number, job:kind, cli:uid."`
	Operation string            `query:"operation" maxLength:"100" doc:"noun.verb, or noun. for all of a noun."`
	API       string            `query:"api" maxLength:"20"`
}

func (h handlers) listAudit(ctx context.Context, a roster.Actor, in *listAudit) (*mobilitywire.List[auditRow], error) {
	page, err := in.Page(0)
	if err != nil {
		return nil, err
	}
	q := business.AuditQuery{Account: view.Number(in.AccountID), Operation: in.Operation, API: in.API, Period: in.Value()}
	if id, err := strconv.ParseInt(in.ActorID, 10, 64); err == nil {
		q.Person = id
	} else {
		q.Actor = in.ActorID
	}
	rows, total, err := h.office.Audit(ctx, a, q, page)
	return view.PageOf(page, rows, total, renderAudit), err
}
