// Command patchproof-simulator serves a simulated Security Center, for demonstrations and tests from outside.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
	// Scans name time zones, and containers have no database of them.
	_ "time/tzdata"
)

func main() {
	// SIGTERM is how containers are stopped.
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}
