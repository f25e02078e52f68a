// Roster is a self-hosted server for groups, members and business accounts, and
// the commands to run it.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"github.com/rosterhq/roster/internal/app"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	// After the first signal the second one ends the program at once.
	context.AfterFunc(ctx, stop)
	status := app.Run(ctx, os.Args[1:], os.Environ(), os.Stdout, os.Stderr)
	stop()
	os.Exit(status)
}
