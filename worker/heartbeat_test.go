package main

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/log"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/testsuite"
	"go.temporal.io/sdk/workflow"
	"google.golang.org/grpc"

	"patchproof/activities"
	"patchproof/sclient"
	"patchproof/workflows"
)

// What counts is what reaches Temporal, not what an activity records: the SDK holds heartbeats back. At least four within the time-out,
// or a hiccup is taken for a dead worker and two attempts overlap.
func TestHeartbeatsThatAreSent(t *testing.T) {
	t.Parallel()
	binary, err := filepath.Abs("../bin/temporal")
	require.NoError(t, err)
	if _, err := os.Stat(binary); err != nil {
		t.Skip("bin/temporal is missing: `make bin/temporal` builds it")
	}
	var mu sync.Mutex
	var beats []time.Time
	count := func(ctx context.Context, method string, in, out any, conn *grpc.ClientConn, call grpc.UnaryInvoker, options ...grpc.CallOption) error {
		if strings.HasSuffix(method, "/RecordActivityTaskHeartbeat") {
			mu.Lock()
			beats = append(beats, time.Now())
			mu.Unlock()
		}
		return call(ctx, method, in, out, conn, options...)
	}
	server, err := testsuite.StartDevServer(t.Context(), testsuite.DevServerOptions{
		ExistingPath: binary, LogLevel: "never", Stdout: io.Discard, Stderr: io.Discard,
		ClientOptions: &client.Options{
			Logger:            log.NewStructuredLogger(slog.New(slog.DiscardHandler)),
			ConnectionOptions: client.ConnectionOptions{DialOptions: []grpc.DialOption{grpc.WithChainUnaryInterceptor(count)}},
		},
	})
	require.NoError(t, err)
	t.Cleanup(func() { _ = server.Stop() })

	// A Security Center that takes half the time-out for its answer.
	const takes = activities.HeartbeatTimeout / 2
	sc := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		time.Sleep(takes) //nolint:forbidigo // the delay is the test
		w.WriteHeader(http.StatusBadGateway)
	}))
	t.Cleanup(sc.Close)
	key := strings.Repeat("a", 32)
	a := &activities.Activities{SCs: map[string]activities.Site{"default": {SecurityCenter: &sclient.Client{URL: sc.URL, AccessKey: sclient.NewSecret(key), SecretKey: sclient.NewSecret(key)}}}}
	w := newWorker(server.Client(), "beats", make(chan error, 1))
	workflows.Register(w, a)
	w.RegisterWorkflowWithOptions(func(ctx workflow.Context) error {
		return workflow.ExecuteActivity(workflow.WithActivityOptions(ctx, workflow.ActivityOptions{
			StartToCloseTimeout: time.Minute, HeartbeatTimeout: activities.HeartbeatTimeout, RetryPolicy: &temporal.RetryPolicy{MaximumAttempts: 1},
		}), a.AwaitScan, activities.AwaitInput{SC: "default", ResultID: 170}).Get(ctx, nil)
	}, workflow.RegisterOptions{Name: "slow"})
	require.NoError(t, w.Start())
	t.Cleanup(w.Stop)
	run, err := server.Client().ExecuteWorkflow(t.Context(), client.StartWorkflowOptions{TaskQueue: "beats"}, "slow")
	require.NoError(t, err)
	begun := time.Now()
	require.ErrorContains(t, run.Get(t.Context(), nil), "status 502")

	mu.Lock()
	defer mu.Unlock()
	const longest = activities.HeartbeatTimeout / 4
	last := begun
	for _, beat := range beats {
		require.Less(t, beat.Sub(last), longest)
		last = beat
	}
	require.GreaterOrEqual(t, len(beats), int(takes/longest)+1, "the first comes at once")
}
