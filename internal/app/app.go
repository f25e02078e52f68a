// Package app is the composition root and the command line: it parses a command,
// puts the program together from the other packages, and runs it.
//
// The program is a value: a test calls Run as main does, with a folder of its own
// and a port that the system chooses.
package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"runtime/debug"
	"strings"

	"github.com/alecthomas/kong"

	"github.com/rosterhq/roster/internal/roster"
)

// What Run returns, as the exit status of the process.
const (
	Done         = 0 // all of it
	Failed       = 1 // nothing was changed
	Usage        = 2 // the command line is wrong
	DoneRejected = 3 // done, with rows that were rejected
)

// version is set by the linker.
var version = ""

// Version is the program's version.
func Version() string {
	if version != "" {
		return version
	}
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" {
		return info.Main.Version
	}
	return "dev"
}

// cli is the grammar of the command line.
type cli struct {
	Serve      serveCmd      `cmd:"" help:"Serve the APIs."`
	Tenant     tenantCmd     `cmd:"" help:"Make and list tenants."`
	Token      tokenCmd      `cmd:"" help:"Make, list and revoke API tokens."`
	SigningKey signingKeyCmd `cmd:"" help:"Replace the key that signs a tenant's access tokens."`
	Apply      applyCmd      `cmd:"" help:"Have a tenant be as a file says: branches, vehicles, prices, requirements, roles and the rest."`
	Import     importCmd     `cmd:"" help:"Bring people, groups, properties, memberships or trips in from a file."`
	Export     exportCmd     `cmd:"" help:"Write a tenant's people, groups, properties and memberships as lines of JSON."`
	Billing    billingCmd    `cmd:"" help:"Close the billing of a business account."`
	Check      checkCmd      `cmd:"" help:"Tell whether an account is in a group, and by which way."`
	Verify     verifyCmd     `cmd:"" help:"Verify the change log's hash chain, and the index against the rows."`
	Backup     backupCmd     `cmd:"" help:"Copy the SQLite database to a file, and the files beside it to a folder, also while it serves."`
	Restore    restoreCmd    `cmd:"" help:"Put a backup in the place of the SQLite database and the files beside it."`
	Version    versionCmd    `cmd:"" help:"Print the version."`
}

// console is where a command runs: its context and its output.
type console struct {
	ctx         context.Context
	env         map[string]string
	out, errors io.Writer
}

func (c *console) log(level slog.Level, asJSON bool) *slog.Logger {
	options := &slog.HandlerOptions{Level: level}
	if asJSON {
		return slog.New(slog.NewJSONHandler(c.errors, options))
	}
	return slog.New(slog.NewTextHandler(c.errors, options))
}

// rejected ends a command that is done except for some rows.
var errRejected = errors.New("some rows were rejected")

// usageError is a command line that is well-formed and makes no sense.
type usageError struct{ msg string }

func (e usageError) Error() string { return e.msg }

func usagef(format string, args ...any) error { return usageError{fmt.Sprintf(format, args...)} }

// Run runs the command that args name (without the program's own name), with the
// variables of env ("NAME=value"), until it is done or ctx ends, and returns the
// exit status.
func Run(ctx context.Context, args, env []string, stdout, stderr io.Writer) int {
	var grammar cli
	c := &console{ctx: ctx, env: variables(env), out: stdout, errors: stderr}
	answered := false // by --help alone
	parser, err := kong.New(&grammar,
		kong.Name("roster"),
		kong.Description("Groups, members and business accounts, served over HTTP from one graph."),
		kong.Writers(stdout, stderr),
		kong.Exit(func(int) { answered = true }),
		kong.Resolvers(settings(c.env)),
		kong.ValueFormatter(helpWithVariable),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true}),
		kong.Vars{"version": Version()}, kong.Vars(urls),
	)
	if err != nil {
		panic(err) // the grammar is at fault, and the first test shows it
	}
	if len(args) == 0 {
		args = []string{"--help"}
	}
	parsed, err := parser.Parse(args)
	switch {
	case answered:
		return Done
	case err != nil:
		return c.failed(usageError{err.Error()}, parsed)
	}
	return c.failed(parsed.Run(c), parsed)
}

// failed prints why a command failed, if it did, and returns the exit status.
func (c *console) failed(err error, parsed *kong.Context) int {
	var usage usageError
	switch {
	case err == nil:
		return Done
	case errors.Is(err, errRejected):
		return DoneRejected
	case errors.As(err, &usage):
		name := "roster"
		if parsed != nil && parsed.Selected() != nil {
			name = parsed.Selected().FullPath()
		}
		_, _ = fmt.Fprintf(c.errors, "roster: %s\nSee %s --help.\n", usage.msg, name)
		return Usage
	}
	_, _ = fmt.Fprintf(c.errors, "roster: %s\n", message(err))
	return Failed
}

// message is what a person needs of an error: of ours, the public words and the
// cause, which the person at the command line may see.
func message(err error) string {
	var e *roster.Error
	if errors.As(err, &e) {
		return e.Error()
	}
	return strings.TrimSpace(err.Error())
}

type versionCmd struct {
	JSON bool `name:"json" help:"Print JSON."`
}

func (v *versionCmd) Run(c *console) error {
	if v.JSON {
		return printJSON(c.out, map[string]string{"version": Version()})
	}
	_, err := fmt.Fprintln(c.out, "roster", Version())
	return err
}
