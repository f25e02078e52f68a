// Package onfido has Onfido (Entrust) check documents, by runs of a workflow that the
// tenant made in Onfido Studio, over version 3.6 of Onfido's API.
//
// Each check has an applicant and a run of its own; the run's id is its reference.
// Onfido is told the customer's name and date of birth, and nothing else.
package onfido

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"regexp"
	"time"

	"github.com/rosterhq/roster/internal/care"
	"github.com/rosterhq/roster/internal/outbound"
	"github.com/rosterhq/roster/internal/roster"
)

// URL is where Onfido serves tenants of its European region.
const URL = "https://api.eu.onfido.com/v3.6"

// Name is the provider in the settings, HookName the end of its webhook's address, and
// SignatureHeader the header in which an event is signed.
const (
	Name            = "ONFIDO"
	HookName        = "onfido"
	SignatureHeader = "X-SHA2-Signature"
)

// mediaLimit bounds a photograph or film, in bytes.
const mediaLimit = 16 << 20

// Caller makes the calls; *outbound.Provider is one.
type Caller interface {
	Do(ctx context.Context, r outbound.Request) (outbound.Response, error)
}

// Credentials are a tenant's token of the API, and the workflow that checks its
// customers.
type Credentials func(ctx context.Context, tenant roster.Tenant) (token, workflow string, err error)

// Client is a care.Verifier.
type Client struct {
	caller      Caller
	url         string
	credentials Credentials
}

// New makes a client of the API at a URL.
func New(caller Caller, url string, credentials Credentials) *Client {
	return &Client{caller, url, credentials}
}

var _ care.Verifier = (*Client)(nil)

// call is one question to Onfido. What is asked by POST makes something, and is not
// repeated.
type call struct {
	method, path string
	in, out      any
}

// do makes a call, and reads the answer as JSON.
func (c *Client) do(ctx context.Context, tenant roster.Tenant, q call) error {
	answer, err := c.ask(ctx, tenant, q, 0)
	if err != nil {
		return err
	}
	if json.Unmarshal(answer.Body, q.out) != nil {
		return roster.Errorf(roster.Unavailable, "", "%s answers what is no JSON", Name)
	}
	return nil
}

func (c *Client) ask(ctx context.Context, tenant roster.Tenant, q call, limit int64) (outbound.Response, error) {
	token, _, err := c.credentials(ctx, tenant)
	if err != nil {
		return outbound.Response{}, err
	}
	if token == "" {
		return outbound.Response{}, errNotSetUp()
	}
	r := outbound.Request{
		Method: q.method, URL: c.url + q.path, Idempotent: q.method == http.MethodGet, Limit: limit,
		Header: map[string]string{"Authorization": "Token token=" + token, "Accept": "*/*"},
	}
	if q.in != nil {
		if r.Body, err = json.Marshal(q.in); err != nil {
			return outbound.Response{}, err
		}
		r.Header["Content-Type"] = "application/json"
	}
	answer, err := c.caller.Do(ctx, r)
	switch {
	case err != nil:
		return answer, err
	case answer.Status == http.StatusUnauthorized || answer.Status == http.StatusForbidden:
		return answer, roster.Errorf(roster.Unavailable, "", "%s does not take the tenant's token", Name)
	case answer.Status == http.StatusNotFound || answer.Status == http.StatusGone:
		return answer, roster.Errorf(roster.NotFound, "", "%s knows no such thing", Name)
	case answer.Status >= http.StatusMultipleChoices:
		return answer, roster.Errorf(roster.Unavailable, "", "%s answers %d", Name, answer.Status)
	}
	return answer, nil
}

func errNotSetUp() error {
	return roster.Errorf(roster.Unavailable, "", "%s is not set up", Name)
}

type applicant struct {
	ID        string `json:"id,omitempty"`
	FirstName string `json:"first_name"`
	LastName  string `json:"last_name"`
	Birthdate string `json:"dob,omitempty"`
}

// run is a run of a workflow.
type run struct {
	ID          string   `json:"id,omitempty"`
	WorkflowID  string   `json:"workflow_id"`
	ApplicantID string   `json:"applicant_id"`
	Status      string   `json:"status,omitempty"`
	Reasons     []string `json:"reasons,omitempty"`
	UpdatedAt   string   `json:"updated_at,omitempty"`
	SDKToken    string   `json:"sdk_token,omitempty"`
	Link        struct {
		URL string `json:"url,omitempty"`
	} `json:"link,omitzero"`
}

// Begin implements care.Verifier. Invalid for a customer without a name.
func (c *Client) Begin(ctx context.Context, b care.VerificationBegin) (care.VerificationBegun, error) {
	var none care.VerificationBegun
	_, workflow, err := c.credentials(ctx, b.Tenant)
	if err != nil {
		return none, err
	}
	if workflow == "" {
		return none, errNotSetUp()
	}
	if b.FirstName == "" || b.LastName == "" {
		return none, roster.Errorf(roster.Invalid, "", "your first and your last name are missing: %s compares them with the document", Name)
	}
	who := applicant{FirstName: b.FirstName, LastName: b.LastName, Birthdate: b.Birthdate}
	if err := c.do(ctx, b.Tenant, call{http.MethodPost, "/applicants", who, &who}); err != nil {
		return none, err
	}
	r := run{WorkflowID: workflow, ApplicantID: who.ID}
	if err := c.do(ctx, b.Tenant, call{http.MethodPost, "/workflow_runs", r, &r}); err != nil {
		return none, err
	}
	if r.ID == "" {
		return none, roster.Errorf(roster.Unavailable, "", "%s began nothing", Name)
	}
	begun := care.VerificationBegun{Reference: r.ID, Next: map[string]string{"workflowRunId": r.ID}}
	if r.Link.URL != "" {
		begun.Next["url"] = r.Link.URL
	}
	if r.SDKToken != "" {
		begun.Next["token"] = r.SDKToken
	}
	return begun, nil
}

// id is the form of Onfido's ids, which stand in addresses.
var id = regexp.MustCompile(`^[0-9A-Za-z-]{1,64}$`)

// find reads a run.
func (c *Client) find(ctx context.Context, tenant roster.Tenant, reference string) (r run, err error) {
	if !id.MatchString(reference) {
		return r, roster.Errorf(roster.NotFound, "", "%s knows no such thing", Name)
	}
	err = c.do(ctx, tenant, call{method: http.MethodGet, path: "/workflow_runs/" + reference, out: &r})
	return r, err
}

// states are what a run's status says of a check.
var states = map[string]string{
	"awaiting_input": care.Created,
	"processing":     care.Processing,
	"approved":       care.Verified,
	"review":         care.Review,
	"declined":       care.Rejected,
	"abandoned":      care.Retry, // nobody came until the run ended
	"error":          care.Retry,
}

// Result implements care.Verifier.
func (c *Client) Result(ctx context.Context, tenant roster.Tenant, reference string) (care.VerificationResult, error) {
	r, err := c.find(ctx, tenant, reference)
	if err != nil {
		return care.VerificationResult{}, err
	}
	result := care.VerificationResult{State: states[r.Status]}
	if result.State == "" {
		return result, roster.Errorf(roster.Unavailable, "", "%s answers with a status that is not known", Name)
	}
	if result.State == care.Created || result.State == care.Processing {
		return result, nil
	}
	if at, err := time.Parse(time.RFC3339, r.UpdatedAt); err == nil {
		result.DecidedAt = at.UnixMicro()
	}
	if len(r.Reasons) > 0 {
		result.ReasonCode = r.Reasons[0]
	}
	return result, c.document(ctx, tenant, r.ApplicantID, &result)
}

// Media implements care.Verifier: photographs of the document, and of the face, and films.
func (c *Client) Media(ctx context.Context, tenant roster.Tenant, reference string) ([]care.MediaRef, error) {
	r, err := c.find(ctx, tenant, reference)
	if err != nil {
		return nil, err
	}
	var all struct {
		Documents []struct {
			ID   string `json:"id"`
			Side string `json:"side"`
		} `json:"documents"`
		LivePhotos []struct {
			ID string `json:"id"`
		} `json:"live_photos"`
		LiveVideos []struct {
			ID string `json:"id"`
		} `json:"live_videos"`
	}
	of := "?applicant_id=" + url.QueryEscape(r.ApplicantID)
	for _, path := range []string{"/documents", "/live_photos", "/live_videos"} {
		if err := c.do(ctx, tenant, call{method: http.MethodGet, path: path + of, out: &all}); err != nil {
			return nil, err
		}
	}
	var refs []care.MediaRef
	for _, d := range all.Documents {
		kind := "FRONT"
		if d.Side == "back" {
			kind = "BACK"
		}
		refs = append(refs, care.MediaRef{Reference: "documents/" + d.ID, Kind: kind})
	}
	for _, p := range all.LivePhotos {
		refs = append(refs, care.MediaRef{Reference: "live_photos/" + p.ID, Kind: "FACE"})
	}
	for _, v := range all.LiveVideos {
		refs = append(refs, care.MediaRef{Reference: "live_videos/" + v.ID, Kind: "VIDEO"})
	}
	return refs, nil
}

var download = regexp.MustCompile(`^(documents|live_photos|live_videos)/[0-9A-Za-z-]{1,64}$`)

// Fetch implements care.Verifier.
func (c *Client) Fetch(ctx context.Context, tenant roster.Tenant, m care.MediaRef) (content []byte, contentType string, err error) {
	if !download.MatchString(m.Reference) {
		return nil, "", roster.Errorf(roster.NotFound, "", "%s knows no such thing", Name)
	}
	answer, err := c.ask(ctx, tenant, call{method: http.MethodGet, path: "/" + m.Reference + "/download"}, mediaLimit)
	if errors.Is(err, outbound.ErrTooLarge) {
		err = roster.Errorf(roster.NotFound, "", "it is longer than %d bytes", mediaLimit)
	}
	if err != nil {
		return nil, "", err
	}
	return answer.Body, answer.Header.Get("Content-Type"), nil
}

// Verify checks that an event is Onfido's: its body's HMAC by the webhook's token.
func Verify(token string, header func(string) string, raw []byte, _ time.Time) error {
	sent, err := hex.DecodeString(header(SignatureHeader))
	m := hmac.New(sha256.New, []byte(token))
	m.Write(raw)
	if err != nil || token == "" || !hmac.Equal(sent, m.Sum(nil)) {
		return errors.New("onfido: the signature is not right")
	}
	return nil
}

// Event reads an event that Verify has let through; ok is false for one that is of no
// check. Onfido's events have no id: two that are alike to the last byte are one.
func Event(raw []byte) (event care.VerificationEvent, ok bool, err error) {
	var in struct {
		Payload struct {
			ResourceType string `json:"resource_type"`
			Object       struct {
				ID string `json:"id"`
			} `json:"object"`
		} `json:"payload"`
	}
	if json.Unmarshal(raw, &in) != nil {
		return event, false, roster.Errorf(roster.Invalid, "", "the body is no event")
	}
	if in.Payload.ResourceType != "workflow_run" || !id.MatchString(in.Payload.Object.ID) {
		return event, false, nil
	}
	sum := sha256.Sum256(raw)
	return care.VerificationEvent{EventID: hex.EncodeToString(sum[:]), Reference: in.Payload.Object.ID}, true, nil
}
