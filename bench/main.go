//go:build unix

// Command bench measures Roster beside what it can be measured by in the same run:
// a bare net/http handler that returns the same bytes, the database's own driver, or
// a bound. It prints each figure with its target and writes docs/benchmarks.md.
//
// What is compared runs in turns, each side several times, and the medians count:
// other work on the machine then troubles both sides alike. Figures that do not
// depend on the machine are ratios; those that do stand beside the machine's name.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"

	"github.com/rosterhq/roster/internal/graph/graphgen"
)

// bench is one run.
type bench struct {
	ctx     context.Context
	folder  string // for everything that it writes, but the report
	program string // the built roster
	quick   bool
	rounds  int
	period  time.Duration // of one round
	small   graphgen.Params
	large   graphgen.Params
	report  report
}

// connections are those of the client.
const connections = 16

func main() {
	var err error
	switch args := os.Args[1:]; {
	case len(args) == 3 && args[0] == "bare":
		err = serveBare(args[1], args[2])
	case len(args) == 2 && args[0] == "memory":
		err = measureMemory(args[1])
	default:
		err = run()
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run() error {
	quick := flag.Bool("quick", false, "a smoke test of under a minute: small data, short rounds, no report")
	only := flag.String("only", "", "measure one part alone, and write its chapters: "+partNames())
	out := flag.String("out", "docs/benchmarks.md", "where the report goes")
	program := flag.String("roster", "", "a built roster; built from ./cmd/roster unless told")
	folder := flag.String("folder", "", "where databases are made: the disk that is measured; the system's temporary folder unless told")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	temp, err := os.MkdirTemp(*folder, "roster-bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(temp)
	b := &bench{
		ctx: ctx, folder: temp, program: *program, quick: *quick,
		rounds: 7, period: 2 * time.Second, small: graphgen.Small, large: graphgen.Large,
	}
	if b.quick {
		b.rounds, b.period = 1, 150*time.Millisecond
		b.small = graphgen.Params{People: 5000, Groups: 1000, Edges: 25_000, Depth: 32, Seed: 1}
		b.large = graphgen.Params{People: 20_000, Groups: 4000, Edges: 200_000, Depth: 32, Seed: 1}
	}
	if b.program == "" {
		b.program = filepath.Join(temp, "roster")
		build := exec.CommandContext(ctx, "go", "build", "-trimpath", "-ldflags=-s -w", "-o", b.program, "./cmd/roster")
		build.Env = append(os.Environ(), "CGO_ENABLED=0")
		build.Stderr = os.Stderr
		if err := build.Run(); err != nil {
			return fmt.Errorf("build roster: %w", err)
		}
	}
	for _, p := range parts {
		if *only != "" && *only != p.name {
			continue
		}
		began := time.Now()
		if err := p.measure(b); err != nil {
			return fmt.Errorf("%s: %w", p.name, err)
		}
		fmt.Printf("%-12s %s\n", p.name, time.Since(began).Round(time.Second))
	}
	if b.quick {
		return nil
	}
	return b.report.write(*out)
}
