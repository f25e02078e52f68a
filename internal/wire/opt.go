package wire

import (
	"bytes"
	"encoding/json"
	"reflect"

	"github.com/danielgtaylor/huma/v2"
)

// Opt is a field of a body that may be absent, null or a value: what PATCH and
// partial PUT tell apart. Its tag has omitzero, so that the OpenAPI document
// shows it as optional; the other tags are those of a plain T:
//
//	Title wire.Opt[string] `json:"title,omitzero" maxLength:"255"`
type Opt[T any] struct {
	// Value is the value; the zero value when absent or null.
	Value T
	// Set is whether the field is there at all, be it null.
	Set bool
	// Null is whether the field is there and null.
	Null bool
}

// Some returns an Opt that holds v.
func Some[T any](v T) Opt[T] { return Opt[T]{Value: v, Set: true} }

// Get returns the value and whether there is one: neither absent nor null.
func (o Opt[T]) Get() (T, bool) { return o.Value, o.Set && !o.Null }

// Or returns the value, or other where it is absent or null.
func (o Opt[T]) Or(other T) T {
	if o.Set && !o.Null {
		return o.Value
	}
	return other
}

// Ptr returns a pointer to the value, or nil where it is absent or null.
func (o Opt[T]) Ptr() *T {
	if o.Set && !o.Null {
		return &o.Value
	}
	return nil
}

// IsZero reports whether the field is absent, for omitzero.
func (o Opt[T]) IsZero() bool { return !o.Set }

// UnmarshalJSON implements json.Unmarshaler; it runs only where the field is there.
func (o *Opt[T]) UnmarshalJSON(data []byte) error {
	o.Set = true
	if bytes.Equal(data, null) {
		o.Null = true
		return nil
	}
	return json.Unmarshal(data, &o.Value)
}

// MarshalJSON implements json.Marshaler: an absent value is null.
func (o Opt[T]) MarshalJSON() ([]byte, error) {
	if !o.Set || o.Null {
		return null, nil
	}
	return json.Marshal(o.Value)
}

// Schema implements huma.SchemaProvider: T, or null. (An object is shown as T
// alone; huma lets null pass for every optional field.)
func (o Opt[T]) Schema(r huma.Registry) *huma.Schema {
	s := *r.Schema(reflect.TypeFor[T](), true, "")
	return orNull(&s)
}

// content is the type inside, whose keys the decoder checks.
func (o Opt[T]) content() reflect.Type { return reflect.TypeFor[T]() }

var null = []byte("null")

// Param is a query or header parameter that knows whether it was sent.
type Param[T any] struct {
	Value T
	Set   bool
}

// Receiver implements huma.ParamWrapper: where the parsed value goes.
func (p *Param[T]) Receiver() reflect.Value { return reflect.ValueOf(p).Elem().Field(0) }

// OnParamSet implements huma.ParamReactor.
func (p *Param[T]) OnParamSet(set bool, _ any) { p.Set = set }

// Schema implements huma.SchemaProvider: T.
func (p Param[T]) Schema(r huma.Registry) *huma.Schema {
	return r.Schema(reflect.TypeFor[T](), true, "")
}

// Or returns the value, or other where it was not sent.
func (p Param[T]) Or(other T) T {
	if p.Set {
		return p.Value
	}
	return other
}
