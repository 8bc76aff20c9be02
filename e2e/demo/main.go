// Command demo shows the product at work: three tickets, three hosts, three fates, on a real Temporal server and a
// simulated Security Center. With --keep it only starts the servers and leaves them running.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	// From the first signal on, a second one ends the process at once, and the kernel its children.
	context.AfterFunc(ctx, stop)
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}
