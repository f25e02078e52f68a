// Package veriff has Veriff check driving licenses, by sessions of its public API,
// version 1.
//
// A session's id is the check's reference, and stays over the attempts that the customer
// makes in it. Veriff is told the customer's name and date of birth, and nothing else.
package veriff

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/rosterhq/roster/internal/care"
	"github.com/rosterhq/roster/internal/outbound"
	"github.com/rosterhq/roster/internal/roster"
)

// URL is where Veriff serves most tenants.
const URL = "https://stationapi.veriff.com"

// Name is the provider in the settings, HookName the end of its webhook's address, and
// SignatureHeader the header in which requests and events are signed.
const (
	Name            = "VERIFF"
	HookName        = "veriff"
	SignatureHeader = "X-HMAC-SIGNATURE"
)

// mediaLimit bounds a photograph or film, in bytes.
const mediaLimit = 24 << 20

// Caller makes the calls; *outbound.Provider is one.
type Caller interface {
	Do(ctx context.Context, r outbound.Request) (outbound.Response, error)
}

// Credentials are a tenant's key of the API, and the secret that it shares with Veriff.
type Credentials func(ctx context.Context, tenant roster.Tenant) (key, secret string, err error)

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

func sign(secret string, text []byte) []byte {
	m := hmac.New(sha256.New, []byte(secret))
	m.Write(text)
	return m.Sum(nil)
}

// send makes a request, signed over its body, or over the id that is asked about.
func (c *Client) send(ctx context.Context, tenant roster.Tenant, r outbound.Request, signed []byte) (outbound.Response, error) {
	key, secret, err := c.credentials(ctx, tenant)
	if err != nil {
		return outbound.Response{}, err
	}
	if key == "" || secret == "" {
		return outbound.Response{}, roster.Errorf(roster.Unavailable, "", "%s is not set up", Name)
	}
	r.URL = c.url + r.URL
	r.Header = map[string]string{"X-AUTH-CLIENT": key, SignatureHeader: hex.EncodeToString(sign(secret, signed))}
	if r.Body != nil {
		r.Header["Content-Type"] = "application/json"
	}
	answer, err := c.caller.Do(ctx, r)
	switch {
	case err != nil:
		return answer, err
	case answer.Status == http.StatusUnauthorized || answer.Status == http.StatusForbidden:
		return answer, roster.Errorf(roster.Unavailable, "", "%s does not take the tenant's key", Name)
	case answer.Status == http.StatusNotFound || answer.Status == http.StatusGone:
		return answer, errUnknown()
	case answer.Status >= http.StatusMultipleChoices:
		return answer, roster.Errorf(roster.Unavailable, "", "%s answers %d", Name, answer.Status)
	}
	return answer, nil
}

func errUnknown() error { return roster.Errorf(roster.NotFound, "", "%s knows no such thing", Name) }

// id is the form of Veriff's ids, which stand in addresses.
var id = regexp.MustCompile(`^[0-9A-Za-z-]{1,64}$`)

// get asks about what has an id.
func (c *Client) get(ctx context.Context, tenant roster.Tenant, before, of, after string, out any) error {
	if !id.MatchString(of) {
		return errUnknown()
	}
	answer, err := c.send(ctx, tenant, outbound.Request{Method: http.MethodGet, URL: before + of + after, Idempotent: true}, []byte(of))
	if err != nil {
		return err
	}
	return read(answer.Body, out)
}

func read(body []byte, out any) error {
	if json.Unmarshal(body, out) != nil {
		return roster.Errorf(roster.Unavailable, "", "%s answers what is no JSON", Name)
	}
	return nil
}

type person struct {
	FirstName string `json:"firstName,omitempty"`
	LastName  string `json:"lastName,omitempty"`
	Birthdate string `json:"dateOfBirth,omitempty"`
}

type document struct {
	Type       string `json:"type,omitempty"`
	Number     string `json:"number,omitempty"`
	Country    string `json:"country,omitempty"`
	ValidUntil string `json:"validUntil,omitempty"`
}

// Begin implements care.Verifier. It makes a session, which is not asked for twice.
func (c *Client) Begin(ctx context.Context, b care.VerificationBegin) (care.VerificationBegun, error) {
	var in struct {
		Verification struct {
			Person     person    `json:"person"`
			Document   *document `json:"document,omitempty"`
			VendorData string    `json:"vendorData"`
		} `json:"verification"`
	}
	in.Verification.Person = person{b.FirstName, b.LastName, b.Birthdate}
	in.Verification.VendorData = b.Key
	if b.Kind == care.LicenseVerification {
		in.Verification.Document = &document{Type: "DRIVERS_LICENSE"}
	}
	body, err := json.Marshal(in)
	if err != nil {
		return care.VerificationBegun{}, err
	}
	answer, err := c.send(ctx, b.Tenant, outbound.Request{Method: http.MethodPost, URL: "/v1/sessions", Body: body}, body)
	if err != nil {
		return care.VerificationBegun{}, err
	}
	var out struct {
		Verification struct {
			ID           string `json:"id"`
			URL          string `json:"url"`
			SessionToken string `json:"sessionToken"`
		} `json:"verification"`
	}
	if err := read(answer.Body, &out); err != nil {
		return care.VerificationBegun{}, err
	}
	v := out.Verification
	if v.ID == "" || v.URL == "" {
		return care.VerificationBegun{}, roster.Errorf(roster.Unavailable, "", "%s began nothing", Name)
	}
	begun := care.VerificationBegun{Reference: v.ID, Next: map[string]string{"url": v.URL}}
	if v.SessionToken != "" {
		begun.Next["token"] = v.SessionToken
	}
	return begun, nil
}

// states are what the code of a decision says of a check.
var states = map[int]string{
	9001: care.Verified,
	9102: care.Rejected,
	9103: care.Retry, // the documents are to be shown again, in the same session
	9104: care.Retry, // nobody came, or went, until the session ended
	9121: care.Review,
}

// statuses are what the status of an attempt says of a check that is not decided.
var statuses = map[string]string{"created": care.Created, "started": care.Created, "submitted": care.Processing}

// types are Veriff's kinds of documents in our words.
var types = map[string]string{
	"PASSPORT": "PASSPORT", "DRIVERS_LICENSE": "DRIVING_LICENSE", "ID_CARD": "ID_CARD", "RESIDENCE_PERMIT": "RESIDENCE_PERMIT",
}

type decision struct {
	AttemptID    string           `json:"attemptId"`
	Code         int              `json:"code"`
	ReasonCode   json.RawMessage  `json:"reasonCode"` // a number, or text, or null
	DecisionTime string           `json:"decisionTime"`
	Document     document         `json:"document"`
	Categories   map[string]*bool `json:"driversLicenseCategory"`
}

// Result implements care.Verifier.
func (c *Client) Result(ctx context.Context, tenant roster.Tenant, reference string) (care.VerificationResult, error) {
	var result care.VerificationResult
	var out struct {
		Verification *decision `json:"verification"`
	}
	if err := c.get(ctx, tenant, "/v1/sessions/", reference, "/decision", &out); err != nil {
		return result, err
	}
	if out.Verification == nil {
		return c.undecided(ctx, tenant, reference)
	}
	d := out.Verification
	result = care.VerificationResult{
		State: states[d.Code], AttemptUUID: d.AttemptID, ReasonCode: strings.Trim(string(d.ReasonCode), `"`),
		DocumentType: types[d.Document.Type], DocumentCountry: d.Document.Country, DocumentNumber: d.Document.Number, ExpirationDate: d.Document.ValidUntil,
	}
	if result.State == "" {
		return result, roster.Errorf(roster.Unavailable, "", "%s answers with a code that is not known", Name)
	}
	if result.ReasonCode == "null" {
		result.ReasonCode = ""
	}
	for _, name := range slices.Sorted(maps.Keys(d.Categories)) {
		if has := d.Categories[name]; has != nil && *has {
			result.Categories = append(result.Categories, name)
		}
	}
	if at, err := time.Parse(time.RFC3339, d.DecisionTime); err == nil {
		result.DecidedAt = at.UnixMicro()
	}
	return result, nil
}

// undecided is the result of a session without a decision, by its last attempt.
func (c *Client) undecided(ctx context.Context, tenant roster.Tenant, reference string) (care.VerificationResult, error) {
	result := care.VerificationResult{State: care.Created}
	var out struct {
		Attempts []struct {
			ID          string `json:"id"`
			Status      string `json:"status"`
			CreatedTime string `json:"createdTime"`
		} `json:"verifications"`
	}
	err := c.get(ctx, tenant, "/v1/sessions/", reference, "/attempts", &out)
	last := ""
	for _, a := range out.Attempts {
		if state := statuses[a.Status]; state != "" && a.CreatedTime >= last {
			result.State, result.AttemptUUID, last = state, a.ID, a.CreatedTime
		}
	}
	return result, err
}

// kinds are the photographs that are kept, by Veriff's word for what is on them.
var kinds = map[string]string{"document-front": "FRONT", "document-back": "BACK", "face": "FACE"}

// Media implements care.Verifier: one photograph, Veriff's best, of each side of the
// document and of the face, and films.
func (c *Client) Media(ctx context.Context, tenant roster.Tenant, reference string) ([]care.MediaRef, error) {
	var out struct {
		Images []struct {
			ID      string `json:"id"`
			Context string `json:"context"`
		} `json:"images"`
		Videos []struct {
			ID string `json:"id"`
		} `json:"videos"`
	}
	if err := c.get(ctx, tenant, "/v1/sessions/", reference, "/media", &out); err != nil {
		return nil, err
	}
	var refs []care.MediaRef
	for _, image := range out.Images {
		kind := kinds[image.Context]
		if kind != "" && !slices.ContainsFunc(refs, func(m care.MediaRef) bool { return m.Kind == kind }) {
			refs = append(refs, care.MediaRef{Reference: image.ID, Kind: kind})
		}
	}
	for _, video := range out.Videos {
		refs = append(refs, care.MediaRef{Reference: video.ID, Kind: "VIDEO"})
	}
	return refs, nil
}

// Fetch implements care.Verifier.
func (c *Client) Fetch(ctx context.Context, tenant roster.Tenant, m care.MediaRef) (content []byte, contentType string, err error) {
	if !id.MatchString(m.Reference) {
		return nil, "", errUnknown()
	}
	r := outbound.Request{Method: http.MethodGet, URL: "/v1/media/" + m.Reference, Idempotent: true, Limit: mediaLimit}
	answer, err := c.send(ctx, tenant, r, []byte(m.Reference))
	if errors.Is(err, outbound.ErrTooLarge) {
		err = roster.Errorf(roster.NotFound, "", "it is longer than %d bytes", mediaLimit)
	}
	if err != nil {
		return nil, "", err
	}
	return answer.Body, answer.Header.Get("Content-Type"), nil
}

// Verify checks that an event is Veriff's: its body's HMAC by the shared secret.
func Verify(secret string, header func(string) string, raw []byte, _ time.Time) error {
	sent, err := hex.DecodeString(header(SignatureHeader))
	if err != nil || secret == "" || !hmac.Equal(sent, sign(secret, raw)) {
		return errors.New("veriff: the signature is not right")
	}
	return nil
}

// Event reads an event, or a decision, that Verify has let through; ok is false for one
// that is of no session. They have no id: two that are alike to the last byte are one.
func Event(raw []byte) (event care.VerificationEvent, ok bool, err error) {
	var in struct {
		ID           string `json:"id"`
		Verification struct {
			ID string `json:"id"`
		} `json:"verification"`
	}
	if json.Unmarshal(raw, &in) != nil {
		return event, false, roster.Errorf(roster.Invalid, "", "the body is no event")
	}
	session := in.Verification.ID
	if session == "" {
		session = in.ID
	}
	if !id.MatchString(session) {
		return event, false, nil
	}
	sum := sha256.Sum256(raw)
	return care.VerificationEvent{EventID: hex.EncodeToString(sum[:]), Reference: session}, true, nil
}
