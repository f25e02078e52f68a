package wire

import (
	"encoding/json"
	"reflect"
	"strings"
	"sync"
)

// shape is what the scanner must know of a Go type: which keys an object has.
// encoding/json takes a key in any case, so a document with "ROLE" would fill
// the field role that the schema check, which is exact, never saw. A nil shape
// knows every key.
type shape struct {
	// members is nil where any key is known (maps, any, own unmarshalers).
	members map[string]*shape
	// elem is the shape of an array's items or a map's values.
	elem *shape
}

// member returns the shape of an object's member, and whether the type has it.
func (sh *shape) member(key string) (*shape, bool) {
	if sh == nil {
		return nil, true
	}
	if sh.members == nil {
		return sh.elem, true
	}
	child, ok := sh.members[key]
	return child, ok
}

func (sh *shape) element() *shape {
	if sh == nil {
		return nil
	}
	return sh.elem
}

var shapes struct {
	sync.RWMutex
	known map[reflect.Type]*shape
}

// shapeOf returns the shape of a type, made once.
func shapeOf(t reflect.Type) *shape {
	shapes.RLock()
	sh, ok := shapes.known[t]
	shapes.RUnlock()
	if ok {
		return sh
	}
	shapes.Lock()
	defer shapes.Unlock()
	if shapes.known == nil {
		shapes.known = map[reflect.Type]*shape{}
	}
	return makeShape(t)
}

var unmarshaler = reflect.TypeFor[json.Unmarshaler]()

// makeShape runs under the lock; a type is entered before its parts, so that a
// recursive one ends.
func makeShape(t reflect.Type) *shape {
	if sh, ok := shapes.known[t]; ok {
		return sh
	}
	if t.Kind() == reflect.Pointer {
		sh := makeShape(t.Elem())
		shapes.known[t] = sh
		return sh
	}
	if o, ok := reflect.Zero(t).Interface().(interface{ content() reflect.Type }); ok {
		sh := makeShape(o.content())
		shapes.known[t] = sh
		return sh
	}
	sh := &shape{}
	shapes.known[t] = sh
	if reflect.PointerTo(t).Implements(unmarshaler) {
		return sh
	}
	switch t.Kind() {
	case reflect.Slice, reflect.Array, reflect.Map:
		sh.elem = makeShape(t.Elem())
	case reflect.Struct:
		sh.members = map[string]*shape{}
		addMembers(sh.members, t)
	default:
	}
	return sh
}

// addMembers enters a struct's fields by the names that encoding/json gives them.
func addMembers(members map[string]*shape, t reflect.Type) {
	for i := range t.NumField() {
		f := t.Field(i)
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		inner := f.Type
		if inner.Kind() == reflect.Pointer {
			inner = inner.Elem()
		}
		switch {
		case f.Tag.Get("json") == "-":
		case f.Anonymous && name == "" && inner.Kind() == reflect.Struct:
			addMembers(members, inner)
		case !f.IsExported():
		case name == "":
			members[f.Name] = makeShape(f.Type)
		default:
			members[name] = makeShape(f.Type)
		}
	}
}
