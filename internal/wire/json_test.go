package wire

import (
	"bytes"
	"encoding/json"
	"errors"
	"reflect"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

type inner struct {
	Role string `json:"role"`
	Next *inner `json:"next"`
}

type embedded struct {
	Deep string `json:"deep"`
}

type outer struct {
	embedded
	Role  string            `json:"role"`
	Plain int64             // named Plain
	Opt   Opt[inner]        `json:"opt,omitzero"`
	List  []inner           `json:"list"`
	Map   map[string]inner  `json:"map"`
	Any   any               `json:"any"`
	Raw   json.RawMessage   `json:"raw"`
	Time  time.Time         `json:"time"`
	Ptr   *map[string]inner `json:"ptr"`
	Skip  string            `json:"-"`
}

func TestKeysCountByCase(t *testing.T) {
	const body = `{
		"deep":"d","Deep":"no","role":"r","Role":"no","PLAIN":1,"Plain":2,"-":"no","Skip":"no",
		"opt":{"role":"r","ROLE":"no","next":{"Role":"no"}},
		"list":[{"ROLE":"no"},{"role":"r"}],
		"map":{"A":{"role":"r","roLe":"no"},"a":{"role":"s"}},
		"any":{"Role":1,"role":2},"raw":{"Role":1,"role":2},
		"ptr":{"K":{"Rol\u0065":"no"}},
		"TIME":"2020-01-01T00:00:00Z"}`
	var got outer
	if err := decodeJSON([]byte(body), &got); err != nil {
		t.Fatal(err)
	}
	want := outer{
		embedded: embedded{"d"}, Role: "r", Plain: 2, Opt: Some(inner{Role: "r", Next: &inner{}}),
		List: []inner{{}, {Role: "r"}}, Map: map[string]inner{"A": {Role: "r"}, "a": {Role: "s"}},
		Any: map[string]any{"Role": 1.0, "role": 2.0}, Raw: json.RawMessage(`{"Role":1,"role":2}`),
		Ptr: &map[string]inner{"K": {}},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
}

func TestStrictness(t *testing.T) {
	deep := func(n int) string { return strings.Repeat(`[`, n) + strings.Repeat(`]`, n) }
	for text, want := range map[string]string{
		``: "json", ` `: "json", `{`: "json", `{"a":1,}`: "json", `[1,]`: "json", `{"a" 1}`: "json", `{a:1}`: "json",
		`01`: "json", `-`: "json", `1.`: "json", `.5`: "json", `1e`: "json", `+1`: "json", `NaN`: "json", `tru`: "json",
		`"`: "json", `"\`: "json", `"\x"`: "json", `"\u12"`: "json", `"\u12g4"`: "json", "\"\n\"": "json", `1 2`: "json",
		`{"a":1,"\u0061":2}`: "json", `{"x":{"a":1,"a":2}}`: "json", "{\"\xff\":1}": "json", `{"\u0000":1}`: "json",
		deep(65): "json", "\ufeff1": "json", "'a'": "json", `{"a":1}}`: "json", `\u0022`: "json",
		`"\u0000"`: "text", `"\ud800"`: "text", `"\ud800\u0041"`: "text", `"\udc00"`: "text", "\"\xff\"": "text", "\"\\n\xff\"": "text",
		`1e999`: "type",
		`null`:  "", `"\ud83d\ude00"`: "", `"\"\\\/\b\f\n\r\t\u00e9"`: "", `-0.5E+3`: "", deep(64): "", ` {"a" : [ 1 , {} ] } `: "", `0`: "",
	} {
		var v any
		err := decodeJSON([]byte(text), &v)
		got := ""
		if err != nil {
			f, _ := decode(InBody, err.Error())
			got = string(f.Rule)
		}
		if got != want {
			t.Errorf("%q: %q, want %q (%v)", text, got, want, err)
		}
	}
}

func TestFieldIsNamed(t *testing.T) {
	for text, want := range map[string]string{
		`{"list":[{"role":"a"},{"role":"\u0000"}]}`:          "list[1].role",
		`{"map":{"k":{"next":{"role":"\ud800"}}}}`:           "map.k.next.role",
		`{"opt":{"next":{"role":7}}}`:                        "opt.next.role",
		`{"Plain":"7"}`:                                      "Plain",
		`{"Plain":1.5}`:                                      "Plain",
		`{"role":["` + strings.Repeat("x", 50) + `"],"a":1}`: "role",
	} {
		err := decodeJSON([]byte(text), &outer{})
		if err == nil {
			t.Errorf("%s was taken", text)
			continue
		}
		if f, _ := decode(InBody, err.Error()); f.Name != want {
			t.Errorf("%s names %q, want %q", text, f.Name, want)
		}
	}
}

// FuzzDecodeJSON holds the decoder against encoding/json: what it takes means
// the same there, but for keys that differ in case, and it never changes its input.
func FuzzDecodeJSON(f *testing.F) {
	for _, seed := range []string{`{"role":"a","ROLE":"b"}`, `{"list":[{"next":null}],"opt":null}`, `[1,"\ud83d\ude00"]`, `{"a":1,"a":2}`, "\"\xff\""} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		before := bytes.Clone(data)
		var tree, std any
		err := decodeJSON(data, &tree)
		stdErr := json.Unmarshal(data, &std)
		if err == nil && stdErr != nil {
			t.Fatalf("took what is no JSON: %v", stdErr)
		}
		if err == nil && !cmp.Equal(tree, std) {
			t.Fatal(cmp.Diff(std, tree))
		}
		if err != nil {
			if g, _ := decode(InBody, err.Error()); g.Rule == "" || g.Rule == RuleOther {
				t.Fatalf("unreadable error %q", err)
			}
		}
		var typed outer
		_ = decodeJSON(data, &typed)
		if members, ok := tree.(map[string]any); ok && err == nil && members["role"] == nil && typed.Role != "" {
			t.Fatalf("role was bound from another key: %q", typed.Role)
		}
		if !bytes.Equal(before, data) {
			t.Fatal("the input was changed")
		}
	})
}

func TestRoundTrip(t *testing.T) {
	value := rapid.Deferred(jsonValue)
	rapid.Check(t, func(t *rapid.T) {
		want := value.Draw(t, "value")
		data, err := json.Marshal(want)
		if err != nil {
			t.Skip()
		}
		var got any
		if err := decodeJSON(data, &got); err != nil {
			t.Fatalf("%s: %v", data, err)
		}
		if !cmp.Equal(got, want) {
			t.Fatal(cmp.Diff(want, got))
		}
	})
}

func jsonValue() *rapid.Generator[any] {
	letters := rapid.StringOfN(rapid.RuneFrom([]rune("aB\"\\/\n\té😀")), 0, 6, -1)
	leaf := rapid.OneOf(rapid.Map(letters, toAny), rapid.Map(rapid.Float64Range(-1e9, 1e9), toAny), rapid.Map(rapid.Bool(), toAny), rapid.Just[any](nil))
	return rapid.OneOf(leaf,
		rapid.Map(rapid.SliceOfN(leaf, 0, 3), func(l []any) any { return append([]any{}, l...) }),
		rapid.Map(rapid.MapOfN(letters, leaf, 0, 3), func(m map[string]any) any { return m }))
}

func toAny[T any](v T) any { return v }

func TestErrorsOfOwnUnmarshalers(t *testing.T) {
	err := decodeJSON([]byte(`{"time":"yesterday"}`), &outer{})
	var field *fieldError
	if !errors.As(err, &field) {
		t.Fatalf("%T %v", err, err)
	}
}

// even is a type that reads itself.
type even int

func (e *even) UnmarshalJSON(data []byte) error {
	n, err := strconv.Atoi(string(data))
	if err != nil || n%2 != 0 {
		return Misfit(RuleMultiple, "2")
	}
	*e = even(n)
	return nil
}

func TestMisfit(t *testing.T) {
	type body struct {
		Plain even      `json:"plain"`
		Opt   Opt[even] `json:"opt,omitzero"`
		Deep  struct {
			List []struct {
				At even `json:"at"`
			} `json:"list"`
		} `json:"deep"`
		Map map[string]even `json:"map"`
	}
	for text, want := range map[string]string{
		`{"plain":2,"opt":4,"deep":{"list":[{"at":6}]},"map":{"a":8}}`: "",
		`{"plain":3}`:                              "plain",
		`{"plain":2,"opt":"x"}`:                    "opt",
		`{"deep":{"list":[{"at":2},{"at":null}]}}`: "deep.list.at",
		`{"map":{"a":1}}`:                          "map",
	} {
		var v body
		err := decodeJSON([]byte(text), &v)
		var wrong *fieldError
		if want == "" && err == nil {
			continue
		}
		if !errors.As(err, &wrong) || *wrong != (fieldError{RuleMultiple, "2", want}) {
			t.Errorf("%s: %#v, want %s", text, err, want)
		}
	}
}
