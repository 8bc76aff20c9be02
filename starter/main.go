// Command patchproof starts verifications and follows them: it asks Temporal to prove that a patch worked, shows how
// far the proof is, and answers in tables for people and in JSON for programs. Only the commands sc and doctor talk to
// Security Center themselves; for verifications the worker does.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
	_ "time/tzdata" // --schedule-time-zone must be checkable on machines without a zone database
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // the first ctrl-C stops politely, a second one at once
	os.Exit(run(ctx, process()))
}
