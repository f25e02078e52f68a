// Package crif asks CRIF for the credit of people and companies, by the call getReport
// of its public SOAP service, version 1 (CrifSoapServiceV1).
package crif

import (
	"context"
	"encoding/xml"
	"errors"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"time"

	"golang.org/x/text/language"

	"github.com/rosterhq/roster/internal/care"
	"github.com/rosterhq/roster/internal/outbound"
	"github.com/rosterhq/roster/internal/roster"
)

// URL is where CRIF serves those whom it has a contract with.
const URL = "https://services.crif-online.ch/CrifSS/CrifSoapServiceV1"

// Name is the provider in the setting rating.provider.
const Name = "CRIF"

// timeout bounds one question; a report is made while one waits.
const timeout = 20 * time.Second

// Caller makes the calls; *outbound.Provider is one.
type Caller interface {
	Do(ctx context.Context, r outbound.Request) (outbound.Response, error)
}

// Credentials are a tenant's name and password at CRIF.
type Credentials func(ctx context.Context, tenant roster.Tenant) (user, password string, err error)

// Client is a care.Rater.
type Client struct {
	caller      Caller
	url         string
	credentials Credentials
}

// New makes a client of the service at a URL.
func New(caller Caller, url string, credentials Credentials) *Client {
	return &Client{caller, url, credentials}
}

// trouble is an error that another try may mend. Its text names nobody.
type trouble struct {
	reason string
	error
}

func (t trouble) Unwrap() error  { return t.error }
func (t trouble) Reason() string { return t.reason }

func troubled(reason string) error { return trouble{reason, errors.New("crif: " + reason)} }

// Rate implements care.Rater. A report may cost something, so nothing is repeated here:
// the job asks again, by the same reference number.
func (c *Client) Rate(ctx context.Context, q care.RatingQuery) (care.RatingAnswer, error) {
	address, err := addressOf(q)
	if err != nil {
		return care.RatingAnswer{}, err
	}
	user, password, err := c.credentials(ctx, q.Tenant)
	if err != nil {
		return care.RatingAnswer{}, err
	}
	if user == "" || password == "" {
		return care.RatingAnswer{}, care.RatingRefused("the provider is not set up")
	}
	body, err := xml.Marshal(newEnvelope(user, password, q, address))
	if err != nil {
		return care.RatingAnswer{}, err
	}
	answer, err := c.caller.Do(ctx, outbound.Request{
		Method: http.MethodPost, URL: c.url, Timeout: timeout, Body: append([]byte(xml.Header), body...),
		FaultsAnswer: true,
		Header:       map[string]string{"Content-Type": `application/soap+xml; charset=utf-8; action="getReport"`, "Accept": "application/soap+xml"},
	})
	if err != nil {
		return care.RatingAnswer{}, trouble{"no answer", err}
	}
	return read(answer)
}

var (
	houseNumber = regexp.MustCompile(`^(.*\S)\s+(\d+\S*)$`)
	faultCode   = regexp.MustCompile(`^[A-Za-z0-9_.-]{1,32}$`)
)

// addressOf is whom to look for. Refused where CRIF would not know where to look.
func addressOf(q care.RatingQuery) (*address, error) {
	a := &address{Location: location{Street: q.Street, Zip: q.Postcode, City: q.City}}
	if parts := houseNumber.FindStringSubmatch(q.Street); parts != nil {
		a.Location.Street, a.Location.HouseNumber = parts[1], parts[2]
	}
	if region, err := language.ParseRegion(q.Country); err == nil {
		a.Location.Country = region.ISO3()
	}
	named := q.LastName != ""
	if q.AccountType == care.RatedGroup {
		a.Type, a.CompanyName, named = "c:CompanyAddressDescription", q.CompanyName, q.CompanyName != ""
	} else {
		a.Type, a.FirstName, a.LastName, a.Sex, a.BirthDate = "c:PersonAddressDescription", q.FirstName, q.LastName, "UNKNOWN", q.Birthdate
	}
	if !named || q.Street == "" || q.Postcode == "" || q.City == "" || a.Location.Country == "" {
		return nil, care.RatingRefused("name or address is incomplete")
	}
	return a, nil
}

// read is what an answer says.
func read(r outbound.Response) (care.RatingAnswer, error) {
	var none care.RatingAnswer
	if r.Status == http.StatusUnauthorized || r.Status == http.StatusForbidden {
		return none, care.RatingRefused("the provider refuses the credentials")
	}
	var e answer
	err := xml.Unmarshal(r.Body, &e)
	switch {
	case err == nil && e.Fault != nil:
		return none, e.Fault.err()
	case r.Status == http.StatusOK && (err != nil || e.Report == nil):
		return none, troubled("malformed answer")
	case r.Status == http.StatusOK:
		return e.Report.rating()
	case r.Status >= http.StatusInternalServerError || r.Status == http.StatusTooManyRequests || r.Status == http.StatusRequestTimeout:
		return none, troubled("status " + strconv.Itoa(r.Status))
	}
	return none, care.RatingRefused("the provider refuses the question with status " + strconv.Itoa(r.Status))
}

// err is the error that a fault stands for. What it says in words may name the person.
func (f *fault) err() error {
	code := f.Detail.Code + f.OldDetail.Code
	if !faultCode.MatchString(code) {
		code = "unknown"
	}
	if kind := f.Code + f.OldCode; strings.HasSuffix(kind, "Sender") || strings.HasSuffix(kind, "Client") {
		return care.RatingRefused("the provider refuses the question with code " + code)
	}
	return troubled("fault " + code)
}

// statuses are what decisions mean; for all others a person decides.
var statuses = map[string]string{
	"GREEN": care.RatingApproved, "LIGHT_GREEN": care.RatingApproved,
	"RED": care.RatingRejected, "DARK_RED": care.RatingRejected,
}

func (r *report) rating() (care.RatingAnswer, error) {
	out := care.RatingAnswer{Status: care.RatingPending, Reference: r.ArchivingID}
	if r.Match == "CANDIDATES" || r.Match == "NO_MATCH" || r.Matrix == nil {
		out.Reason = "The provider does not know the account by this name and address."
		return out, nil
	}
	if r.Matrix.Decision == "" {
		return care.RatingAnswer{}, troubled("malformed answer")
	}
	if status, ok := statuses[r.Matrix.Decision]; ok {
		out.Status = status
	}
	out.Reason = strings.TrimSpace(r.Matrix.Decision + " " + r.Matrix.Text)
	for _, rating := range r.Matrix.Ratings {
		if n, err := strconv.ParseInt(rating.Value, 10, 64); rating.Type == "SCORE" && err == nil && n >= 0 && n <= 1000 {
			out.Score = &n
		}
	}
	return out, nil
}

// Namespace is that of the service's words.
const Namespace = "http://www.crif-online.ch/webservices/crifsoapservice/v1.00"

const soap = "http://www.w3.org/2003/05/soap-envelope"

// envelope is a question; its elements come in the order of the service's schema.
type envelope struct {
	XMLName struct{} `xml:"s:Envelope"`
	Soap    string   `xml:"xmlns:s,attr"`
	Crif    string   `xml:"xmlns:c,attr"`
	Schema  string   `xml:"xmlns:xsi,attr"`
	Request request  `xml:"s:Body>c:getReportRequest"`
}

type request struct {
	MajorVersion int      `xml:"c:control>c:majorVersion"`
	MinorVersion int      `xml:"c:control>c:minorVersion"`
	UserName     string   `xml:"c:identityDescriptor>c:userName"`
	Password     string   `xml:"c:identityDescriptor>c:password"`
	Reference    string   `xml:"c:referenceNumber"`
	Address      *address `xml:"c:searchedAddress"`
	ReportType   string   `xml:"c:reportType"`
	Format       string   `xml:"c:targetReportFormat"`
}

type address struct {
	Type        string   `xml:"xsi:type,attr"`
	Location    location `xml:"c:location"`
	FirstName   string   `xml:"c:firstName,omitempty"`
	LastName    string   `xml:"c:lastName,omitempty"`
	Sex         string   `xml:"c:sex,omitempty"`
	BirthDate   string   `xml:"c:birthDate,omitempty"`
	CompanyName string   `xml:"c:companyName,omitempty"`
}

type location struct {
	Street      string `xml:"c:street"`
	HouseNumber string `xml:"c:houseNumber,omitempty"`
	Zip         string `xml:"c:zip"`
	City        string `xml:"c:city"`
	Country     string `xml:"c:country"`
}

// Reports that are asked for: whether to trust, and no more of the person.
const (
	consumerReport = "QUICK_CHECK_CONSUMER"
	companyReport  = "QUICK_CHECK_BUSINESS"
)

func newEnvelope(user, password string, q care.RatingQuery, a *address) envelope {
	report := consumerReport
	if q.AccountType == care.RatedGroup {
		report = companyReport
	}
	return envelope{
		Soap: soap, Crif: Namespace, Schema: "http://www.w3.org/2001/XMLSchema-instance",
		Request: request{1, 5, user, password, q.Key, a, report, "NONE"},
	}
}

// answer is what comes back: a report, or a fault of SOAP 1.2 or 1.1.
type answer struct {
	Fault  *fault  `xml:"Body>Fault"`
	Report *report `xml:"Body>getReportResponse"`
}

type fault struct {
	Code      string      `xml:"Code>Value"`
	OldCode   string      `xml:"faultcode"`
	Detail    faultDetail `xml:"Detail>error"`
	OldDetail faultDetail `xml:"detail>error"`
}

type faultDetail struct {
	Code string `xml:"code"`
}

type report struct {
	ArchivingID string `xml:"archivingId"`
	Match       string `xml:"addressMatchResult>addressMatchResultType"`
	Matrix      *struct {
		Decision string `xml:"decision"`
		Text     string `xml:"decisionText"`
		Ratings  []struct {
			Type  string `xml:"ratingType"`
			Value string `xml:"rating"`
		} `xml:"ratings"`
	} `xml:"decisionMatrix"`
}
