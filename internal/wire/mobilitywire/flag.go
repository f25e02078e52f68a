package mobilitywire

import (
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"github.com/rosterhq/roster/internal/wire"
)

// Flag is a query parameter that is on where it stands there at all: ?simple,
// ?simple= and ?simple=true. ?simple=false is as if it were absent.
//
//	Simple mobilitywire.Flag `query:"simple"`
type Flag struct{ set, on bool }

// On reports whether the flag is set, and not to false.
func (f Flag) On() bool { return f.on }

// Or returns what the flag is set to, or other where it is absent: for flags that
// are on unless told otherwise.
func (f Flag) Or(other bool) bool {
	if f.set {
		return f.on
	}
	return other
}

// UnmarshalText implements encoding.TextUnmarshaler, for a value that is not empty.
func (f *Flag) UnmarshalText(text []byte) error {
	if s := string(text); s != "true" && s != "false" {
		return wire.Misfit(wire.RuleEnum, "true, false")
	}
	*f = Flag{set: true, on: string(text) == "true"}
	return nil
}

// Resolve implements huma.ResolverWithPath: it sees the flag without a value, which
// huma takes for absent.
func (f *Flag) Resolve(ctx huma.Context, at *huma.PathBuffer) []error {
	name, ok := strings.CutPrefix(at.String(), wire.InQuery+".")
	u := ctx.URL()
	if !ok || f.set || u.RawQuery == "" {
		return nil
	}
	if values := u.Query()[name]; len(values) > 0 && values[0] == "" {
		*f = Flag{set: true, on: true}
	}
	return nil
}

// Schema implements huma.SchemaProvider.
func (Flag) Schema(huma.Registry) *huma.Schema {
	return wire.SelfChecked(&huma.Schema{Type: huma.TypeBoolean})
}
