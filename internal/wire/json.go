package wire

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"reflect"
	"strings"
	"sync"

	"github.com/danielgtaylor/huma/v2"
)

// Appender is a body that writes itself as JSON, for answers that must be fast:
// it appends one JSON value to b and returns the longer slice.
type Appender interface {
	AppendJSON(b []byte) []byte
}

// format is how huma reads and writes bodies of all APIs.
var format = huma.Format{
	Unmarshal: decodeJSON,
	Marshal: func(w io.Writer, v any) error {
		if a, ok := v.(*answer); ok {
			v = a.body
		}
		writeJSON(w, v)
		return nil
	},
}

// decodeJSON reads one JSON text into v. Keys count by their exact spelling:
// one that differs from a field's name in nothing but case is unknown, and so
// ignored, like every unknown key. Errors are in the form that decode reads.
func decodeJSON(data []byte, v any) error {
	s := scanner{data: data}
	if tree, ok := v.(*any); ok {
		s.build = true
		value, err := s.document(nil)
		if err == nil {
			*tree = value
		}
		return err
	}
	if _, err := s.document(shapeOf(reflect.TypeOf(v))); err != nil {
		return err
	}
	return bind(blank(data, s.foreign), v)
}

// blank returns the text with the keys at those places overwritten, so that no
// field takes their values. The text itself belongs to the caller and is kept.
func blank(data []byte, keys [][2]int) []byte {
	if len(keys) == 0 {
		return data
	}
	data = bytes.Clone(data)
	for _, k := range keys {
		for i := k[0]; i < k[1]; i++ {
			data[i] = ' '
		}
	}
	return data
}

func bind(data []byte, v any) error {
	err := json.Unmarshal(data, v)
	var wrong *json.UnmarshalTypeError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &wrong) && strings.HasPrefix(wrong.Value, sep):
		f, _ := decode("", wrong.Value)
		return &fieldError{rule: f.Rule, limit: f.Limit, path: wrong.Field}
	case errors.As(err, &wrong):
		return &fieldError{rule: RuleType, limit: typeName(wrong.Type), path: wrong.Field}
	}
	return &fieldError{rule: RuleFormat, limit: "value"}
}

// typeName is what JSON calls a Go type.
func typeName(t reflect.Type) string {
	switch t.Kind() {
	case reflect.Bool:
		return "boolean"
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64,
		reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return "integer"
	case reflect.Float32, reflect.Float64:
		return "number"
	case reflect.Slice, reflect.Array:
		return "array"
	case reflect.Map, reflect.Struct:
		return "object"
	default:
		return "string"
	}
}

// maxPooled is the largest buffer that is kept for the next answer.
const maxPooled = 1 << 20

var buffers = sync.Pool{New: func() any { return new(bytes.Buffer) }}

// writeJSON writes v in one piece. A body that cannot be written as JSON is a
// fault of ours and panics before anything was sent; a caller that went away is
// nobody's.
func writeJSON(w io.Writer, v any) {
	buf := buffers.Get().(*bytes.Buffer)
	buf.Reset()
	if a, ok := v.(Appender); ok {
		buf.Write(a.AppendJSON(buf.AvailableBuffer()))
	} else {
		enc := json.NewEncoder(buf)
		enc.SetEscapeHTML(false)
		if err := enc.Encode(v); err != nil {
			panic(err)
		}
		buf.Truncate(buf.Len() - 1) // Encode ends with a newline
	}
	if whole, ok := w.(*response); ok {
		whole.writeAll(buf.Bytes())
	} else {
		_, _ = w.Write(buf.Bytes())
	}
	if buf.Cap() <= maxPooled {
		buffers.Put(buf)
	}
}
