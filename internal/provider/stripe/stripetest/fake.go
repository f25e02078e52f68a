// Package stripetest is a Stripe that remembers: enough of its API for payment sources
// and payments, its idempotency keys, and the messages that it sends.
package stripetest

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// Object is an object of Stripe's.
type Object = map[string]any

// Fake is a Stripe for one account. Its fields are set before it is asked.
type Fake struct {
	URL string
	Key string // the secret key that it takes

	mu       sync.Mutex
	server   *httptest.Server
	objects  map[string]Object // by id
	order    []string
	answers  map[string]answer // by idempotency key
	requests []string
	next     string // what becomes of the next payment
	broken   int
	lost     int
	counted  int
}

type answer struct {
	body   string // of the request
	status int
	answer []byte
}

// New starts a Stripe that ends with the test.
func New(t testing.TB) *Fake {
	f := &Fake{Key: "sk_test_fake", objects: map[string]Object{}, answers: map[string]answer{}, next: "succeeded"}
	f.server = httptest.NewTLSServer(http.HandlerFunc(f.serve))
	f.URL = f.server.URL
	t.Cleanup(f.server.Close)
	return f
}

// Roots are the authorities that its certificate is checked against.
func (f *Fake) Roots() *x509.CertPool {
	roots := x509.NewCertPool()
	roots.AddCert(f.server.Certificate())
	return roots
}

// Certificate is what it shows.
func (f *Fake) Certificate() *x509.Certificate { return f.server.Certificate() }

// Copy makes another SetupIntent like one, which nobody has heard of.
func (f *Fake) Copy(setup string) (id string) {
	f.locked(func() {
		o := maps.Clone(f.objects[setup])
		id = f.add("seti", "setup_intent", o)["id"].(string)
	})
	return id
}

// Outcome chooses what becomes of the payments that are asked for next: a status of a
// PaymentIntent, or "declined".
func (f *Fake) Outcome(status string) { f.locked(func() { f.next = status }) }

// Break has the next n requests fail before anything is done.
func (f *Fake) Break(n int) { f.locked(func() { f.broken = n }) }

// Lose has the answers of the next n POSTs get lost after everything is done.
func (f *Fake) Lose(n int) { f.locked(func() { f.lost = n }) }

// Forget drops all idempotency keys, as Stripe does after a day.
func (f *Fake) Forget() { f.locked(func() { clear(f.answers) }) }

// Requests are the methods and paths that were asked for.
func (f *Fake) Requests() (all []string) {
	f.locked(func() { all = append(all, f.requests...) })
	return all
}

// All are the objects of a kind, in the order of their making.
func (f *Fake) All(kind string) (all []Object) {
	f.locked(func() {
		for _, id := range f.order {
			if o := f.objects[id]; o["object"] == kind {
				all = append(all, o)
			}
		}
	})
	return all
}

func (f *Fake) locked(fn func()) {
	f.mu.Lock()
	defer f.mu.Unlock()
	fn()
}

// Complete does the payer's part of a SetupIntent with a payment method, such as
// Card(), and returns the message that tells of it.
func (f *Fake) Complete(setup string, method Object) []byte {
	var body []byte
	f.locked(func() {
		o := f.objects[setup]
		made := f.add("pm", "payment_method", Object{"customer": o["customer"]})
		for k, v := range method {
			made[k] = v
		}
		o["status"], o["payment_method"] = "succeeded", made["id"]
		body = f.event("setup_intent.succeeded", o)
	})
	return body
}

// Card is a card as a payment method.
func Card() Object {
	return Object{"type": "card", "card": Object{"brand": "visa", "last4": "4242", "exp_month": 12, "exp_year": 2030}}
}

// SEPA is a bank account as a payment method.
func SEPA() Object { return Object{"type": "sepa_debit", "sepa_debit": Object{"last4": "3000"}} }

// FailSetup has the payer fail, and returns the message.
func (f *Fake) FailSetup(setup string) (body []byte) {
	f.locked(func() {
		f.objects[setup]["status"] = "requires_payment_method"
		body = f.event("setup_intent.setup_failed", f.objects[setup])
	})
	return body
}

// Settle decides a payment that is being processed, and returns the message.
func (f *Fake) Settle(payment string, paid bool) (body []byte) {
	f.locked(func() {
		o, kind := f.objects[payment], "payment_intent.payment_failed"
		o["status"] = "requires_payment_method"
		if paid {
			o["status"], kind = "succeeded", "payment_intent.succeeded"
		}
		body = f.event(kind, o)
	})
	return body
}

// Tell is a message of a kind about an object.
func (f *Fake) Tell(kind, id string) (body []byte) {
	f.locked(func() { body = f.event(kind, f.objects[id]) })
	return body
}

func (f *Fake) event(kind string, o Object) []byte {
	f.counted++
	body, _ := json.Marshal(Object{
		"id": "evt_" + strconv.Itoa(f.counted), "object": "event", "api_version": "2020-08-27", "created": time.Now().Unix(), "type": kind, "data": Object{"object": o},
	})
	return body
}

// Sign is the header that a message is signed in.
func Sign(secret string, body []byte, at time.Time) string {
	mac := hmac.New(sha256.New, []byte(secret))
	fmt.Fprintf(mac, "%d.%s", at.Unix(), body)
	return fmt.Sprintf("t=%d,v1=%s,v0=00", at.Unix(), hex.EncodeToString(mac.Sum(nil)))
}

func (f *Fake) add(prefix, kind string, o Object) Object {
	f.counted++
	id := prefix + "_" + strconv.Itoa(f.counted)
	o["id"], o["object"], o["created"] = id, kind, time.Now().Unix()
	f.objects[id], f.order = o, append(f.order, id)
	return o
}

func (f *Fake) serve(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.requests = append(f.requests, r.Method+" "+r.URL.Path)
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Stripe-Should-Retry", "false")
	body, _ := io.ReadAll(r.Body)
	if f.broken > 0 {
		f.broken--
		write(w, 500, failure("api_error", "", "broken"))
		return
	}
	if r.Header.Get("Authorization") != "Bearer "+f.Key {
		write(w, 401, failure("invalid_request_error", "", "bad key"))
		return
	}
	key := r.Header.Get("Idempotency-Key")
	done, replayed := f.answers[key]
	switch {
	case replayed && done.body != string(body):
		write(w, 400, failure("idempotency_error", "", "other parameters"))
		return
	case !replayed:
		form, _ := url.ParseQuery(string(body))
		status, o := f.answer(r, form)
		text, _ := json.Marshal(o)
		done = answer{string(body), status, text}
		if key != "" {
			f.answers[key] = done
		}
	}
	if f.lost > 0 && r.Method == http.MethodPost {
		f.lost--
		panic(http.ErrAbortHandler)
	}
	w.WriteHeader(done.status)
	_, _ = w.Write(done.answer)
}

func write(w http.ResponseWriter, status int, o Object) {
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(o)
}

func failure(kind, code, text string) Object {
	return Object{"error": Object{"type": kind, "code": code, "message": text}}
}

func metadata(form url.Values) Object {
	m := Object{}
	for k, v := range form {
		if name, ok := strings.CutPrefix(k, "metadata["); ok {
			m[strings.TrimSuffix(name, "]")] = v[0]
		}
	}
	return m
}
