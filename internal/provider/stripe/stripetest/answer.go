package stripetest

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
)

// answer does what is asked.
func (f *Fake) answer(r *http.Request, form url.Values) (int, Object) {
	kind, rest, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/v1/"), "/")
	id, verb, _ := strings.Cut(rest, "/")
	if id != "" && f.objects[id] == nil {
		return 404, failure("invalid_request_error", "resource_missing", "no such "+kind)
	}
	switch r.Method + " " + kind + " " + verb {
	case "POST customers ":
		return 200, f.add("cus", "customer", Object{"metadata": metadata(form)})
	case "DELETE customers ":
		delete(f.objects, id)
		return 200, Object{"id": id, "object": "customer", "deleted": true}
	case "POST setup_intents ":
		o := f.add("seti", "setup_intent", Object{
			"status": "requires_payment_method", "customer": form.Get("customer"), "usage": form.Get("usage"), "metadata": metadata(form),
			"payment_method_types": []string{form.Get("payment_method_types[0]")},
		})
		o["client_secret"] = o["id"].(string) + "_secret"
		return 200, o
	case "GET setup_intents ":
		return 200, f.expanded(f.objects[id], r.URL.Query().Get("expand[0]"))
	case "POST setup_intents cancel":
		return f.cancel(f.objects[id])
	case "POST payment_methods detach":
		if f.objects[id]["customer"] == nil {
			return 400, failure("invalid_request_error", "", "not attached")
		}
		f.objects[id]["customer"] = nil
		return 200, f.objects[id]
	case "POST payment_intents ":
		return f.pay(form)
	case "GET payment_intents ":
		return 200, f.list(r.URL.Query())
	case "POST payment_intents cancel":
		return f.cancel(f.objects[id])
	}
	return 404, failure("invalid_request_error", "", "unknown "+r.Method+" "+r.URL.Path)
}

func (f *Fake) expanded(o Object, name string) Object {
	if name == "" || o[name] == nil {
		return o
	}
	whole := Object{}
	for k, v := range o {
		whole[k] = v
	}
	whole[name] = f.objects[o[name].(string)]
	return whole
}

func (f *Fake) cancel(o Object) (int, Object) {
	if o["status"] == "succeeded" {
		return 400, failure("invalid_request_error", "intent_unexpected_state", "it has succeeded")
	}
	o["status"] = "canceled"
	return 200, o
}

func (f *Fake) pay(form url.Values) (int, Object) {
	method := f.objects[form.Get("payment_method")]
	if method == nil || method["customer"] == nil || method["customer"] != form.Get("customer") || form.Get("off_session") != "true" || form.Get("confirm") != "true" {
		return 400, failure("invalid_request_error", "", "the payment method is not the customer's")
	}
	amount, err := strconv.ParseInt(form.Get("amount"), 10, 64)
	if err != nil || amount < 50 {
		return 400, failure("invalid_request_error", "amount_too_small", "the amount is too small")
	}
	o := f.add("pi", "payment_intent", Object{
		"status": f.next, "amount": amount, "currency": form.Get("currency"), "customer": form.Get("customer"), "description": form.Get("description"),
		"metadata": metadata(form),
	})
	if f.next == "declined" {
		o["status"] = "requires_payment_method"
		return 402, failure("card_error", "card_declined", "Your card was declined.")
	}
	return 200, o
}

func (f *Fake) list(query url.Values) Object {
	all := []Object{}
	for _, id := range f.order {
		if o := f.objects[id]; o != nil && o["object"] == "payment_intent" && o["customer"] == query.Get("customer") {
			all = append(all, o)
		}
	}
	return Object{"object": "list", "url": "/v1/payment_intents", "has_more": false, "data": all}
}
