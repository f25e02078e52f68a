//go:build unix

// Command withpostgres runs a command with a throwaway PostgreSQL, whose URL it hands
// over in ROSTER_TEST_POSTGRES, and ends with the command's exit code:
//
//	go run ./internal/pgtest/withpostgres go test ./...
//
// If the variable is set already, it only runs the command.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"syscall"

	"github.com/rosterhq/roster/internal/pgtest"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code, err := run(ctx, os.Args[1:])
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "withpostgres:", err)
	}
	os.Exit(code)
}

// run returns the exit code of the command, or 1 and why it could not run.
func run(ctx context.Context, args []string) (int, error) {
	if len(args) == 0 {
		return 1, errors.New("give a command to run")
	}
	cmd := exec.CommandContext(ctx, args[0], args[1:]...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	// The go command stops its tests on an interrupt and leaves them behind on a kill.
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	if os.Getenv(pgtest.Env) == "" {
		cluster, err := pgtest.New()
		if err != nil {
			return 1, err
		}
		defer cluster.Close()
		cmd.Env = append(os.Environ(), pgtest.Env+"="+cluster.URL())
	}
	err := cmd.Run()
	if exit, ok := errors.AsType[*exec.ExitError](err); ok && exit.ExitCode() > 0 {
		return exit.ExitCode(), nil
	}
	if err != nil {
		return 1, err
	}
	return 0, nil
}
