package app

import (
	"strings"

	"github.com/alecthomas/kong"
)

func variables(env []string) map[string]string {
	all := make(map[string]string, len(env))
	for _, pair := range env {
		if name, value, ok := strings.Cut(pair, "="); ok {
			all[name] = value
		}
	}
	return all
}

// variable is the environment variable that a flag can be set by: ROSTER_LISTEN
// for --listen. Flags tagged setting:"" have one: those that say where and how
// to run, and none that say what to do.
func variable(flag *kong.Value) string {
	if !flag.Tag.Has("setting") {
		return ""
	}
	return "ROSTER_" + strings.ToUpper(strings.ReplaceAll(flag.Name, "-", "_"))
}

// settings gives flags that the command line leaves out the value of their variable.
func settings(env map[string]string) kong.Resolver {
	return kong.ResolverFunc(func(_ *kong.Context, _ *kong.Path, flag *kong.Flag) (any, error) {
		if value := env[variable(flag.Value)]; value != "" {
			return value, nil
		}
		return nil, nil
	})
}

func helpWithVariable(value *kong.Value) string {
	if name := variable(value); name != "" {
		return value.Help + " ($" + name + ")"
	}
	return value.Help
}
