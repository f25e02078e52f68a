// Package wiretest is a client for tests of an API. It calls the API's handler in
// process, checks every answer against the API's own openapi.json, and compares
// conversations with files:
//
//	c := wiretest.New(t, server, "/property/api/v1").As(token)
//	c.Post("/groups", `{"group":{"title":"South"}}`).Want(201)
//
//	g := c.Golden("create_group") // testdata/create_group.txt; -update writes it
//	g.Note("A blank title is refused.")
//	g.Post("/groups", `{"group":{"title":" "}}`).Want(422)
//
// A client is a value of its own: As, Set, On and Golden return another one and
// leave it as it was. Do may be called from any goroutine.
package wiretest

import (
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
)

// Client calls one API by one of its bases.
type Client struct {
	t       testing.TB
	handler http.Handler
	base    string
	token   string
	header  http.Header
	address string
	doc     *document
	script  *script
}

// New returns a client of the API that handler serves below base, such as
// "/property/api/v1". It brings no token. An answer may have no field that its
// document does not name, but below the JSON paths in free, such as
// "$.body.data.attributes.overrides.**", where a document promises nothing.
func New(t testing.TB, handler http.Handler, base string, free ...string) *Client {
	t.Helper()
	c := &Client{t: t, handler: handler, base: base, header: http.Header{}, address: "192.0.2.1:1234"}
	c.doc = documentOf(t, base, c.send(http.MethodGet, "/openapi.json", "").Body, free)
	return c
}

// As returns a client that brings a token; "" brings none.
func (c *Client) As(token string) *Client {
	other := *c
	other.token = token
	return &other
}

// Set returns a client that sends a header too; "" drops it. Host is the request's host.
func (c *Client) Set(name, value string) *Client {
	other := *c
	other.header = c.header.Clone()
	other.header.Set(name, value)
	if value == "" {
		other.header.Del(name)
	}
	return &other
}

// From returns a client that calls from another address, such as "192.0.2.7".
func (c *Client) From(address string) *Client {
	other := *c
	other.address = address + ":1234"
	return &other
}

// On returns a client that reports to another test, such as a subtest.
func (c *Client) On(t testing.TB) *Client {
	other := *c
	other.t = t
	return &other
}

// Do makes a call to a path below the base. The body is nil for none, a string or
// bytes as they are, anything else as JSON.
func (c *Client) Do(method, path string, body any) *Response {
	c.t.Helper()
	text := encode(c.t, body)
	r := c.send(method, path, text)
	r.call = method + " " + path
	c.doc.check(c.t, method, c.base+path, r)
	c.script.record(method, path, c.header, text, r)
	return r
}

// Get makes a GET call; so do the others what they are called.
func (c *Client) Get(path string) *Response {
	c.t.Helper()
	return c.Do(http.MethodGet, path, nil)
}

// Post makes a POST call.
func (c *Client) Post(path string, body any) *Response {
	c.t.Helper()
	return c.Do(http.MethodPost, path, body)
}

// Put makes a PUT call.
func (c *Client) Put(path string, body any) *Response {
	c.t.Helper()
	return c.Do(http.MethodPut, path, body)
}

// Patch makes a PATCH call.
func (c *Client) Patch(path string, body any) *Response {
	c.t.Helper()
	return c.Do(http.MethodPatch, path, body)
}

// Delete makes a DELETE call.
func (c *Client) Delete(path string) *Response {
	c.t.Helper()
	return c.Do(http.MethodDelete, path, nil)
}

func (c *Client) send(method, path, body string) *Response {
	var reader io.Reader
	if body != "" {
		reader = strings.NewReader(body)
	}
	req := httptest.NewRequestWithContext(c.t.Context(), method, c.base+path, reader)
	req.RemoteAddr = c.address
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	if c.token != "" {
		req.Header.Set("Authorization", "Bearer "+c.token)
	}
	maps.Copy(req.Header, c.header)
	if host := c.header.Get("Host"); host != "" {
		req.Host = host
	}
	w := httptest.NewRecorder()
	c.handler.ServeHTTP(w, req)
	return &Response{t: c.t, Status: w.Code, Header: w.Header(), Body: w.Body.Bytes()}
}

func encode(t testing.TB, body any) string {
	t.Helper()
	switch b := body.(type) {
	case nil:
		return ""
	case string:
		return b
	case []byte:
		return string(b)
	}
	text, err := json.Marshal(body)
	if err != nil {
		t.Errorf("a body that is no JSON: %v", err)
	}
	return string(text)
}

// Response is an answer.
type Response struct {
	Status int
	Header http.Header
	Body   []byte

	t    testing.TB
	call string
}

// Want ends the test unless the answer has that status.
func (r *Response) Want(status int) *Response {
	r.t.Helper()
	if r.Status != status {
		r.t.Fatalf("%s: status %d, want %d: %s", r.call, r.Status, status, r.Body)
	}
	return r
}

// Into decodes the body.
func (r *Response) Into(v any) *Response {
	r.t.Helper()
	if err := json.Unmarshal(r.Body, v); err != nil {
		r.t.Fatalf("%s: %v: %s", r.call, err, r.Body)
	}
	return r
}

// At returns the value at a path of names and numbers, such as "data.0.id"; nil
// where there is nothing. "" is the whole body. Numbers are float64.
func (r *Response) At(path string) any {
	r.t.Helper()
	var v any
	r.Into(&v)
	if path == "" {
		return v
	}
	for part := range strings.SplitSeq(path, ".") {
		switch at := v.(type) {
		case map[string]any:
			v = at[part]
		case []any:
			i, err := strconv.Atoi(part)
			if err != nil || i < 0 || i >= len(at) {
				return nil
			}
			v = at[i]
		default:
			return nil
		}
	}
	return v
}

// Text returns the string at a path, as At; it ends the test if there is none.
func (r *Response) Text(path string) string {
	r.t.Helper()
	s, ok := r.At(path).(string)
	if !ok {
		r.t.Fatalf("%s: no text at %s: %s", r.call, path, r.Body)
	}
	return s
}

// Len returns the length of the list or object at a path, as At; it ends the test
// if there is none.
func (r *Response) Len(path string) int {
	r.t.Helper()
	switch v := r.At(path).(type) {
	case []any:
		return len(v)
	case map[string]any:
		return len(v)
	}
	r.t.Fatalf("%s: no list at %s: %s", r.call, path, r.Body)
	return 0
}
