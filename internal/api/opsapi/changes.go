package opsapi

import (
	"github.com/rosterhq/roster/internal/api/view"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/wire"
	"github.com/rosterhq/roster/internal/wire/mobilitywire"
)

// shownSubject is how one kind of subject of the log is shown in plans. Fields are
// named by their path.
type shownSubject struct {
	subject func(c *roster.Change) view.ChangeSubject
	// visible tells whether the caller's call says what the change is; nil: always.
	visible                func(c *roster.Change) bool
	hidden, times, amounts []string
}

// bare names a subject by its own id.
func bare(kind string) func(*roster.Change) view.ChangeSubject {
	return func(c *roster.Change) view.ChangeSubject { return view.ChangeSubject{Type: kind, ID: c.SubjectID} }
}

// shownSubjects are the subjects of the log that this API has a GET for. What stands
// beside them in the log, such as the graph's own edges and the ledger, is not shown.
var shownSubjects = map[string]shownSubject{
	"business_account": {subject: bare("group")},
	"business_member": {
		subject: func(c *roster.Change) view.ChangeSubject {
			return view.ChangeSubject{Type: "member", UserGroupID: c.SubjectID, UserID: c.ObjectID}
		},
		times: []string{"joinedAt", "leftAt", "approval.decidedAt"}, amounts: []string{"spendingLimit.amount"},
	},
	"group_request": {
		subject: func(c *roster.Change) view.ChangeSubject {
			return view.ChangeSubject{Type: "request", ID: c.SubjectID, UserGroupID: c.ObjectID}
		},
		// Those that end when somebody comes into another business account are of others.
		visible: func(c *roster.Change) bool { return c.Operation == "request.create" },
		times:   []string{"createdAt", "expiresAt", "decidedAt"},
	},
	"customer": {subject: bare("customer")},
	"terms":    {subject: bare("terms"), times: []string{"validFrom"}},
	"terms_acceptance": {subject: func(c *roster.Change) view.ChangeSubject {
		return view.ChangeSubject{Type: "termsAcceptance", UserID: c.SubjectID}
	}},
	"rating":         {subject: bare("rating"), times: []string{"validFrom", "validUntil"}},
	"identity_card":  {subject: bare("identityCard")},
	"voucher":        {subject: bare("voucher"), amounts: []string{"valueGross", "remainingValueGross"}},
	"unit":           {subject: bare("businessUnit"), amounts: []string{"taxPercentage"}},
	"branch_setting": {subject: func(c *roster.Change) view.ChangeSubject { return view.ChangeSubject{Type: "setting", ID: c.ObjectID} }},
}

// renderChange shows a change of a subject that the API's GETs show.
func renderChange(a roster.Actor, c wire.Changed) (any, bool) {
	kind, shown := shownSubjects[c.SubjectType]
	if !shown || kind.visible != nil && !kind.visible(&c.Change) {
		return nil, false
	}
	fields := func(of any) map[string]any { return view.ChangeFields(of, kind.hidden, kind.times, kind.amounts) }
	return view.Change{
		Revision: c.Revision, Time: mobilitywire.Time(c.Time.UnixMicro()), Actor: a.ID, API: string(a.API), Operation: c.Operation,
		Subject: kind.subject(&c.Change), Before: fields(c.Before), After: fields(c.After),
	}, true
}
