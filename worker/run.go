package main

// Connecting, working, stopping.

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"time"

	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/contrib/envconfig"
	tlog "go.temporal.io/sdk/log"
	"go.temporal.io/sdk/worker"

	"patchproof/activities"
	"patchproof/config"
	"patchproof/sclient"
	"patchproof/workflows"
)

const (
	// stopTimeout lets the longest call end: the client gives a heavy analysis five minutes.
	stopTimeout = 5*time.Minute + 30*time.Second
	// connectTimeout is how long Temporal may take to come up beside us, as in a compose file.
	connectTimeout = time.Minute
	// cachedWorkflows: a verification that waits for days has no use for a cache, and costs 25 kB there.
	cachedWorkflows = 2000
	// maxCalls bounds what one worker asks of Security Center at once: its web server is small.
	maxCalls = 20
)

// version is set by the build.
var version = "dev"

const usage = `patchproof-worker %s runs verifications. It takes no arguments; its settings are environment variables:
  SC_URL, SC_ACCESS_KEY, SC_SECRET_KEY (or ..._FILE)   the Security Center and the key of its user
  SC_USERNAME, SC_PASSWORD (or ..._FILE)               instead of a key, for servers before 5.13
  SC_CA_FILE, SC_TLS_SKIP_VERIFY                       how its certificate is checked
  SC_ALLOW_HTTP                                        true allows plain http:// to other machines
  SC_CLIENT_CERT_FILE, SC_CLIENT_KEY_FILE              a client certificate, if it asks for one
  PATCHPROOF_CONFIG                                    instead of all SC_ variables: a file with several Security Centers
  TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE, ...            the Temporal server
  PATCHPROOF_TASK_QUEUE                                the task queue (default patchproof)
  PATCHPROOF_HEALTH_LISTEN                             address of /healthz and /readyz (default 127.0.0.1:8086)
`

// run works until the context ends or something fatal happens, and gives the exit code.
func run(ctx context.Context, args []string, getenv func(string) string, stderr io.Writer) int {
	if len(args) > 0 {
		_, _ = fmt.Fprintf(stderr, usage, version)
		if args[0] == "-h" || args[0] == "--help" {
			return 0
		}
		return 2
	}
	logger := slog.New(slog.NewTextHandler(stderr, nil))
	if err := work(ctx, getenv, logger); err != nil {
		_, _ = fmt.Fprintln(stderr, "patchproof-worker:", err)
		return 1
	}
	return 0
}

func work(ctx context.Context, getenv func(string) string, logger *slog.Logger) error {
	scs, err := config.Load(getenv)
	if err != nil {
		return err
	}
	known, secrets := sites(scs, logger)
	defer closeSCs(context.WithoutCancel(ctx), scs, logger)
	queue := cmp.Or(getenv("PATCHPROOF_TASK_QUEUE"), workflows.DefaultTaskQueue)
	temporal, err := connect(ctx, secrets, logger)
	if err != nil {
		return err
	}
	defer temporal.Close()

	health, err := serveHealth(ctx, getenv("PATCHPROOF_HEALTH_LISTEN"), temporal, logger)
	if err != nil {
		return err
	}
	defer health.close()

	fatal := make(chan error, 1)
	w := newWorker(temporal, queue, fatal)
	workflows.Register(w, &activities.Activities{SCs: known, Desk: newDesk(temporal)})
	if err := w.Start(); err != nil {
		return fmt.Errorf("the worker cannot start on task queue %s: %w", queue, err)
	}
	health.ready.Store(true)
	logger.Info("working", "version", version, "taskQueue", queue, "health", health.address)

	select {
	case err = <-fatal:
		err = fmt.Errorf("the worker cannot go on: %w", err)
	case <-ctx.Done():
		logger.Info("stopping: waiting for the calls on their way", "atMost", stopTimeout)
	}
	health.ready.Store(false)
	w.Stop()
	return err
}

func newWorker(temporal client.Client, queue string, fatal chan<- error) worker.Worker {
	worker.SetStickyWorkflowCacheSize(cachedWorkflows)
	return worker.New(temporal, queue, worker.Options{
		WorkerStopTimeout:                  stopTimeout,
		MaxConcurrentActivityExecutionSize: maxCalls,
		DisableRegistrationAliasing:        true,
		MaxHeartbeatThrottleInterval:       activities.HeartbeatThrottle,
		DefaultHeartbeatThrottleInterval:   activities.HeartbeatThrottle,
		OnFatalError: func(err error) {
			select {
			case fatal <- err:
			default: // one is enough to stop
			}
		},
	})
}

// connect dials Temporal by the standard environment. A server that is starting beside us is waited for.
func connect(ctx context.Context, secrets []*sclient.Redaction, logger *slog.Logger) (client.Client, error) {
	options, err := envconfig.LoadDefaultClientOptions()
	if err != nil {
		return nil, fmt.Errorf("the TEMPORAL_ settings cannot be used: %w", err)
	}
	options.Logger = tlog.NewStructuredLogger(logger)
	options.DataConverter, options.FailureConverter = hide(secrets...)
	options.HostPort = cmp.Or(options.HostPort, client.DefaultHostPort)
	limited, cancel := context.WithTimeout(ctx, connectTimeout)
	defer cancel()
	retry := time.NewTicker(2 * time.Second) // a server needs some seconds to start; asking more often only makes noise
	defer retry.Stop()
	for {
		c, err := client.DialContext(limited, options)
		if err == nil {
			return c, nil
		}
		logger.Warn("no Temporal server yet", "address", options.HostPort, "error", err)
		select {
		case <-retry.C:
		case <-limited.Done():
			if ctx.Err() != nil {
				return nil, errors.New("stopped before Temporal answered")
			}
			return nil, fmt.Errorf("no Temporal server answers at %s: start one or set TEMPORAL_ADDRESS (%w)", options.HostPort, err)
		}
	}
}

func closeSCs(ctx context.Context, scs []config.SC, logger *slog.Logger) {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second) // a logout is a small request
	defer cancel()
	for _, sc := range scs {
		if err := sc.Client.Close(ctx); err != nil {
			logger.Warn("logout from Security Center failed; the session will time out by itself", "sc", sc.Name, "error", err)
		}
	}
}
