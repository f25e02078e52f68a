package opsapi

import (
	"github.com/rosterhq/roster/internal/api/view"
	"github.com/rosterhq/roster/internal/business"
)

// Bulk says what became of each row of a bulk call.
type Bulk struct {
	SuccessfulIDs   []int64     `json:"successfulIds"`
	UnsuccessfulIDs []int64     `json:"unsuccessfulIds"`
	Errors          []bulkError `json:"errors"`
}

// bulkError is why a row was refused.
type bulkError struct {
	ID          int64  `json:"id,omitempty"`
	Email       string `json:"email,omitempty"`
	ErrorCode   string `json:"errorCode" example:"UG903"`
	UserMessage string `json:"userMessage"`
	Details     any    `json:"details,omitempty"`
}

func renderBulk(b business.Bulk) Bulk {
	out := Bulk{SuccessfulIDs: view.List(b.Done), UnsuccessfulIDs: []int64{}, Errors: []bulkError{}}
	for _, r := range b.Refused {
		e := speech.Error(r.Err)
		if r.ID != 0 {
			out.UnsuccessfulIDs = append(out.UnsuccessfulIDs, r.ID)
		}
		out.Errors = append(out.Errors, bulkError{r.ID, r.Email, e.ErrorCode, e.UserMessage, e.Details})
	}
	return out
}
