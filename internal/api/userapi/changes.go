package userapi

import (
	"github.com/rosterhq/roster/internal/api/view"
	"github.com/rosterhq/roster/internal/business"
	"github.com/rosterhq/roster/internal/graph/index"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/wire"
	"github.com/rosterhq/roster/internal/wire/mobilitywire"
)

// shownSubject is how one kind of subject of the log is shown. Fields are named by
// their path.
type shownSubject struct {
	// subject names it.
	subject func(c *roster.Change) view.ChangeSubject
	// visible tells who sees it; nil is everybody whose call changes it.
	visible func(h handlers, a roster.Actor, c *roster.Change) bool
	// hidden are fields that the API's own GET does not show to this caller.
	hidden func(a roster.Actor, c *roster.Change) []string
	// times are fields in µs UTC, amounts those that hold a decimal number as text.
	times, amounts []string
}

func bare(kind string) func(*roster.Change) view.ChangeSubject {
	return func(c *roster.Change) view.ChangeSubject { return view.ChangeSubject{Type: kind, ID: c.SubjectID} }
}

func inGroup(kind string) func(*roster.Change) view.ChangeSubject {
	return func(c *roster.Change) view.ChangeSubject {
		return view.ChangeSubject{Type: kind, ID: c.SubjectID, UserGroupID: c.ObjectID}
	}
}

func never(fields ...string) func(roster.Actor, *roster.Change) []string {
	return func(roster.Actor, *roster.Change) []string { return fields }
}

// shownSubjects are the subjects of the log that this API has a GET for. What stands
// beside them in the log, such as the graph's own edges and the ledger, is not shown.
var shownSubjects = map[string]shownSubject{
	"business_account": {subject: bare("group"), hidden: never("blockState", "creditStatus", "tags")},
	"business_member": {
		subject: func(c *roster.Change) view.ChangeSubject {
			return view.ChangeSubject{Type: "member", UserGroupID: c.SubjectID, UserID: c.ObjectID}
		},
		visible: func(h handlers, a roster.Actor, c *roster.Change) bool {
			return c.ObjectID == a.PersonID || h.manages(a, c.SubjectID)
		},
		hidden: func(a roster.Actor, c *roster.Change) []string {
			if c.ObjectID == a.PersonID {
				return []string{"approval.comment"}
			}
			return nil
		},
		times: []string{"joinedAt", "leftAt", "approval.decidedAt"}, amounts: []string{"spendingLimit.amount"},
	},
	"group_request": {
		subject: inGroup("request"),
		visible: func(h handlers, a roster.Actor, c *roster.Change) bool {
			return ownRequest(a, c) || h.manages(a, c.ObjectID)
		},
		hidden: func(a roster.Actor, c *roster.Change) []string {
			if r, known := requestOf(c); known && !ownRequest(a, c) && r.Type == business.Invitation && r.Email != "" {
				return []string{"userId", "decidedBy"} // whether the address is somebody's
			}
			return nil
		},
		times: []string{"createdAt", "expiresAt", "decidedAt"},
	},
	"cost_center": {subject: inGroup("costCenter"), times: []string{"validFrom", "validUntil"}},
	"customer":    {subject: bare("customer"), visible: ofCaller, hidden: never("blockReason", "tags")},
	"rental":      {subject: bare("rental"), visible: byCaller, times: []string{"startTime", "endTime"}, amounts: []string{"grossPrice"}},
	"booking": {
		subject: bare("booking"),
		visible: func(_ handlers, a roster.Actor, c *roster.Change) bool {
			return c.ObjectID == a.PersonID || c.Operation == "booking.approve" || c.Operation == "booking.decline"
		},
		times: []string{"startTime", "endTime"}, amounts: []string{"grossPrice"},
	},
	"payment_source": {
		subject: bare("paymentSource"),
		visible: func(h handlers, a roster.Actor, c *roster.Change) bool {
			return c.ObjectID == a.PersonID || h.manages(a, c.ObjectID)
		},
	},
	"voucher": {
		subject: bare("voucher"),
		visible: func(h handlers, a roster.Actor, c *roster.Change) bool {
			return c.ObjectID == a.PersonID || h.manages(a, c.ObjectID)
		},
		amounts: []string{"valueGross", "remainingValueGross"},
	},
	"terms_acceptance": {
		subject: func(c *roster.Change) view.ChangeSubject {
			return view.ChangeSubject{Type: "termsAcceptance", UserID: c.SubjectID}
		}, visible: ofCaller,
	},
}

func ofCaller(_ handlers, a roster.Actor, c *roster.Change) bool { return c.SubjectID == a.PersonID }

func byCaller(_ handlers, a roster.Actor, c *roster.Change) bool { return c.ObjectID == a.PersonID }

// requestOf is what a change says of a request.
func requestOf(c *roster.Change) (r business.RequestFields, known bool) {
	if r, known = c.After.(business.RequestFields); !known {
		r, known = c.Before.(business.RequestFields)
	}
	return r, known
}

func ownRequest(a roster.Actor, c *roster.Change) bool {
	r, known := requestOf(c)
	return known && r.UserID == a.PersonID
}

// manages tells whether the caller managed a group before the call.
func (h handlers) manages(a roster.Actor, group int64) (manager bool) {
	h.graph.View(a.Tenant.ID, func(v *index.View) {
		e, there := v.EdgeOf(group, a.PersonID)
		manager = there && e.State != index.Inactive && (e.Role == business.Owner || e.Role == business.Admin)
	})
	return manager
}

// renderChange shows a change of a subject that the API's GETs show this caller, by
// the same fields, but for those that are counted or kept elsewhere.
func (h handlers) renderChange(a roster.Actor, c wire.Changed) (any, bool) {
	kind, shown := shownSubjects[c.SubjectType]
	if !shown || kind.visible != nil && !kind.visible(h, a, &c.Change) {
		return nil, false
	}
	out := view.Change{
		Revision: c.Revision, Time: mobilitywire.Time(c.Time.UnixMicro()), Actor: a.ID, API: string(a.API), Operation: c.Operation,
		Subject: kind.subject(&c.Change), Before: kind.fields(a, &c.Change, c.Before), After: kind.fields(a, &c.Change, c.After),
	}
	return out, out.Before != nil || out.After != nil
}

// fields are those of one side of a change.
func (s *shownSubject) fields(a roster.Actor, c *roster.Change, of any) map[string]any {
	var hidden []string
	if s.hidden != nil {
		hidden = s.hidden(a, c)
	}
	return view.ChangeFields(of, hidden, s.times, s.amounts)
}
