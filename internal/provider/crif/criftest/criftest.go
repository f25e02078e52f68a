// Package criftest is CRIF for tests: a server that speaks the call getReport of its
// public SOAP service, and judges by name.
package criftest

import (
	"encoding/xml"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/rosterhq/roster/internal/provider/providertest"
)

// Who asks.
const (
	User     = "acme-user"
	Password = "acme-password"
)

// How the last name of a person, or the name of a company, is judged; others are not
// known.
const (
	Green     = "Green"
	Yellow    = "Yellow"
	Red       = "Red"
	Scoreless = "Scoreless"    // GREEN without a score
	Several   = "Several"      // more than one person may be meant
	Slow      = "Slow"         // there is no answer until the server ends
	Broken    = "Broken"       // 500 without a fault
	Fault     = "Fault"        // a fault of the server's
	Refused   = "Refused"      // a fault of the caller's, by SOAP 1.1
	Forbidden = "Unauthorized" // 401
	Gateway   = "Gateway"      // 404 of something before the service
	Garbage   = "Garbage"      // no XML
	Empty     = "Empty"        // an envelope of nothing
	Undecided = "Undecided"    // a matrix without a decision
)

// Server is a CRIF of a test. It serves TLS.
type Server struct {
	providertest.Server

	mu      sync.Mutex
	reports map[string]int // archiving ids, by reference number
	asked   []Question
	judged  func(name string) string
}

// Question is what a call asked.
type Question struct {
	Reference, ReportType                     string
	Kind                                      string // PersonAddressDescription, CompanyAddressDescription
	FirstName, LastName, BirthDate, Company   string
	Street, HouseNumber, Zip, City, Country   string
	User, Password, MajorVersion, ContentType string
}

// New starts a server that ends with the test.
func New(t testing.TB) *Server {
	t.Helper()
	s := &Server{reports: map[string]int{}}
	s.Start(t, http.HandlerFunc(s.serve))
	return s
}

// Judge has the server judge by fn instead of by name: what it returns is taken for the
// name.
func (s *Server) Judge(fn func(name string) string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.judged = fn
}

// Asked are the questions so far that could be read.
func (s *Server) Asked() []Question {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Question(nil), s.asked...)
}

// Reports is how many reports were made: a question by the same reference number is
// answered by the same.
func (s *Server) Reports() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.reports)
}

func (s *Server) serve(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(io.LimitReader(r.Body, 1<<20))
	if err != nil || r.Method != http.MethodPost {
		http.Error(w, "no call", http.StatusBadRequest)
		return
	}
	q, err := parse(body)
	if err != nil {
		answer(w, http.StatusInternalServerError, fault("Sender", 100, err.Error()))
		return
	}
	q.ContentType = r.Header.Get("Content-Type")
	if !strings.HasPrefix(q.ContentType, "application/soap+xml") {
		http.Error(w, "no SOAP 1.2", http.StatusUnsupportedMediaType)
		return
	}
	if q.User != User || q.Password != Password {
		answer(w, http.StatusInternalServerError, fault("Sender", 401, "unknown user "+q.User))
		return
	}
	s.judge(w, r, q)
}

// judge answers a question.
func (s *Server) judge(w http.ResponseWriter, r *http.Request, q Question) {
	name := q.LastName + q.Company
	s.mu.Lock()
	s.asked = append(s.asked, q)
	if s.judged != nil {
		name = s.judged(name)
	}
	s.mu.Unlock()
	switch name {
	case Slow:
		s.Stall(r)
	case Broken:
		http.Error(w, "<html>sorry, "+q.LastName+"</html>", http.StatusInternalServerError)
	case Fault:
		answer(w, http.StatusInternalServerError, fault("Receiver", 900, "no report of "+q.LastName+" at the moment"))
	case Refused:
		answer(w, http.StatusInternalServerError, `<s:Fault><faultcode>s:Client</faultcode><faultstring>no</faultstring>
			<detail><c:error><c:code>205</c:code><c:messageText>no report of `+q.LastName+`</c:messageText></c:error></detail></s:Fault>`)
	case Forbidden:
		http.Error(w, "who are you?", http.StatusUnauthorized)
	case Gateway:
		http.Error(w, "not here", http.StatusNotFound)
	case Garbage:
		_, _ = io.WriteString(w, "<c:getReportResponse")
	case Empty:
		answer(w, http.StatusOK, "")
	case Undecided:
		s.report(w, q, "MATCH", "<c:decisionMatrix/>")
	case Several:
		s.report(w, q, "CANDIDATES", "")
	case Green:
		s.report(w, q, "MATCH", matrix("GREEN", "Trusted", "612"))
	case Yellow:
		s.report(w, q, "MATCH", matrix("YELLOW", "", "430"))
	case Red:
		s.report(w, q, "MATCH", matrix("RED", "Debts", "275"))
	case Scoreless:
		s.report(w, q, "MATCH", matrix("LIGHT_GREEN", "", ""))
	default:
		s.report(w, q, "NO_MATCH", "")
	}
}

// report answers with a report, the same for the same reference number.
func (s *Server) report(w http.ResponseWriter, q Question, match, decision string) {
	s.mu.Lock()
	id, ok := s.reports[q.Reference]
	if !ok {
		id = 7_000_000 + len(s.reports)
		s.reports[q.Reference] = id
	}
	s.mu.Unlock()
	answer(w, http.StatusOK, fmt.Sprintf(`<c:getReportResponse><c:archivingId>%d</c:archivingId>%s
		<c:addressMatchResult><c:addressMatchResultType>%s</c:addressMatchResultType></c:addressMatchResult></c:getReportResponse>`, id, decision, match))
}

func matrix(decision, text, score string) string {
	rating := ""
	if score != "" {
		rating = "<c:ratings><c:ratingType>SCORE</c:ratingType><c:rating>" + score + "</c:rating></c:ratings>"
	}
	return "<c:decisionMatrix><c:decision>" + decision + "</c:decision><c:decisionText>" + text + "</c:decisionText>" + rating + "</c:decisionMatrix>"
}

func fault(kind string, code int, text string) string {
	return fmt.Sprintf(`<s:Fault><s:Code><s:Value>s:%s</s:Value></s:Code><s:Reason><s:Text xml:lang="en">%s</s:Text></s:Reason>
		<s:Detail><c:error><c:code>%d</c:code><c:messageText>%s</c:messageText></c:error></s:Detail></s:Fault>`, kind, text, code, text)
}

const (
	soap      = "http://www.w3.org/2003/05/soap-envelope"
	namespace = "http://www.crif-online.ch/webservices/crifsoapservice/v1.00"
	schema    = "http://www.w3.org/2001/XMLSchema-instance"
)

func answer(w http.ResponseWriter, status int, body string) {
	w.Header().Set("Content-Type", "application/soap+xml; charset=utf-8")
	w.WriteHeader(status)
	_, _ = fmt.Fprintf(w, `<?xml version="1.0" encoding="UTF-8"?><s:Envelope xmlns:s="%s" xmlns:c="%s"><s:Body>%s</s:Body></s:Envelope>`, soap, namespace, body)
}

// order is how the elements of a question follow each other in the service's schema,
// by the path from getReportRequest.
var order = []string{
	"control/majorVersion", "control/minorVersion", "identityDescriptor/userName", "identityDescriptor/password", "referenceNumber",
	"searchedAddress/location/street", "searchedAddress/location/houseNumber", "searchedAddress/location/zip", "searchedAddress/location/city",
	"searchedAddress/location/country", "searchedAddress/firstName", "searchedAddress/lastName", "searchedAddress/sex", "searchedAddress/birthDate",
	"searchedAddress/companyName", "reportType", "targetReportFormat",
}

// parse reads a question, strictly: each element in its namespace, known, and in order.
func parse(body []byte) (q Question, err error) {
	values := map[string]string{}
	d := xml.NewDecoder(strings.NewReader(string(body)))
	var path []string
	last := -1
	for {
		token, err := d.Token()
		if err == io.EOF {
			break
		}
		if err != nil {
			return q, err
		}
		switch token := token.(type) {
		case xml.StartElement:
			want := namespace
			if len(path) < 2 {
				want = soap
			}
			if token.Name.Space != want {
				return q, fmt.Errorf("%s is of no such namespace", token.Name.Local)
			}
			path = append(path, token.Name.Local)
			for _, a := range token.Attr {
				if a.Name.Space == schema && a.Name.Local == "type" {
					q.Kind = strings.TrimPrefix(a.Value, "c:")
				}
			}
		case xml.EndElement:
			path = path[:len(path)-1]
		case xml.CharData:
			text := strings.TrimSpace(string(token))
			if text == "" {
				continue
			}
			if len(path) < 4 || path[0] != "Envelope" || path[1] != "Body" || path[2] != "getReportRequest" {
				return q, fmt.Errorf("text in %v", path)
			}
			name := strings.Join(path[3:], "/")
			at := indexOf(name)
			if at <= last {
				return q, fmt.Errorf("%s is unknown, or out of order", name)
			}
			last = at
			values[name] = text
		}
	}
	get := func(name string) string { return values["searchedAddress/"+name] }
	q.MajorVersion, q.User, q.Password = values["control/majorVersion"], values["identityDescriptor/userName"], values["identityDescriptor/password"]
	q.Reference, q.ReportType = values["referenceNumber"], values["reportType"]
	q.FirstName, q.LastName, q.BirthDate, q.Company = get("firstName"), get("lastName"), get("birthDate"), get("companyName")
	q.Street, q.HouseNumber, q.Zip = get("location/street"), get("location/houseNumber"), get("location/zip")
	q.City, q.Country = get("location/city"), get("location/country")
	switch {
	case q.MajorVersion != "1" || q.Reference == "" || values["targetReportFormat"] != "NONE":
		return q, fmt.Errorf("control, referenceNumber or targetReportFormat is missing")
	case q.Kind == "PersonAddressDescription" && q.ReportType == "QUICK_CHECK_CONSUMER" && q.LastName != "" && q.Company == "":
	case q.Kind == "CompanyAddressDescription" && q.ReportType == "QUICK_CHECK_BUSINESS" && q.LastName == "" && q.Company != "":
	default:
		return q, fmt.Errorf("no %s of a %s", q.ReportType, q.Kind)
	}
	if len(q.Country) != 3 || q.City == "" || q.Zip == "" || q.Street == "" {
		return q, fmt.Errorf("the location is incomplete")
	}
	return q, nil
}

func indexOf(name string) int {
	for i, n := range order {
		if n == name {
			return i
		}
	}
	return -1
}
