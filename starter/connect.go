package main

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/url"
	"strings"
	"time"

	"go.temporal.io/api/operatorservice/v1"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/contrib/envconfig"
	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/log"

	enumspb "go.temporal.io/api/enums/v1"

	"patchproof/workflows"
)

// temporalClient is the part of Temporal's client that the command uses.
type temporalClient interface {
	ExecuteWorkflow(ctx context.Context, options client.StartWorkflowOptions, workflow any, args ...any) (client.WorkflowRun, error)
	GetWorkflow(ctx context.Context, workflowID, runID string) client.WorkflowRun
	GetWorkflowHistory(ctx context.Context, workflowID, runID string, isLongPoll bool, filter enumspb.HistoryEventFilterType) client.HistoryEventIterator
	QueryWorkflow(ctx context.Context, workflowID, runID, queryType string, args ...any) (converter.EncodedValue, error)
	DescribeWorkflowExecution(ctx context.Context, workflowID, runID string) (*workflowservice.DescribeWorkflowExecutionResponse, error)
	ListWorkflow(ctx context.Context, request *workflowservice.ListWorkflowExecutionsRequest) (*workflowservice.ListWorkflowExecutionsResponse, error)
	UpdateWorkflow(ctx context.Context, options client.UpdateWorkflowOptions) (client.WorkflowUpdateHandle, error)
	DescribeTaskQueue(ctx context.Context, taskQueue string, kind enumspb.TaskQueueType) (*workflowservice.DescribeTaskQueueResponse, error)
	OperatorService() operatorservice.OperatorServiceClient
	Close()
}

// connection is a Temporal namespace that answered.
type connection struct {
	temporalClient
	address, namespace string
	taskQueue          string
	uiURL              string // "" if nobody told where the UI is
	data               converter.DataConverter
}

const (
	defaultAddress = "127.0.0.1:7233"
	// dialTimeout: a server that is up answers at once; a person waits no longer than this for one that is not.
	dialTimeout = 8 * time.Second
	// callTimeout bounds a single request, retries included.
	callTimeout = 10 * time.Second
)

func dial(ctx context.Context, options client.Options) (temporalClient, error) {
	ctx, cancel := context.WithTimeout(ctx, dialTimeout)
	defer cancel()
	return client.DialContext(ctx, options)
}

// connect reaches Temporal, once per run of the command.
func (a *app) connect(ctx context.Context) (*connection, error) {
	if a.conn != nil {
		return a.conn, nil
	}
	options, err := envconfig.LoadClientOptions(envconfig.LoadClientOptionsRequest{EnvLookup: environment(a.Environ)})
	if err != nil {
		return nil, fmt.Errorf("the configuration of Temporal (TEMPORAL_* or its file) cannot be read: %w", err)
	}
	conn := a.configure(&options)
	reached, err := a.Connect(ctx, options)
	if err != nil {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		return nil, conn.unreachable(err)
	}
	conn.temporalClient = reached
	a.conn = conn
	return conn, nil
}

func (a *app) configure(options *client.Options) *connection {
	// The client's own log would break both the JSON and the live view.
	handler := slog.DiscardHandler
	if a.verbose {
		handler = slog.NewTextHandler(a.Stderr, nil)
	}
	options.Logger = log.NewStructuredLogger(slog.New(handler))
	if options.HostPort == "" {
		options.HostPort = defaultAddress
	}
	if options.Namespace == "" {
		options.Namespace = client.DefaultNamespace
	}
	conn := &connection{
		address: options.HostPort, namespace: options.Namespace,
		taskQueue: workflows.DefaultTaskQueue, uiURL: a.getenv("PATCHPROOF_UI_URL"),
		data: options.DataConverter,
	}
	if queue := a.getenv("PATCHPROOF_TASK_QUEUE"); queue != "" {
		conn.taskQueue = queue
	}
	if conn.data == nil {
		conn.data = converter.GetDefaultDataConverter()
	}
	if conn.uiURL == "" && isDevServer(options.HostPort) {
		conn.uiURL = "http://localhost:8233" // where the dev server has its UI
	}
	return conn
}

func isDevServer(address string) bool {
	host, port, err := net.SplitHostPort(address)
	return err == nil && port == "7233" && (host == "localhost" || host == "127.0.0.1" || host == "::1")
}

// link is the verification's page in the Temporal UI; "" if nobody told where that is.
func (c *connection) link(workflowID, runID string) string {
	if c.uiURL == "" {
		return ""
	}
	return strings.TrimRight(c.uiURL, "/") + "/namespaces/" + url.PathEscape(c.namespace) +
		"/workflows/" + url.PathEscape(workflowID) + "/" + url.PathEscape(runID)
}

// describe asks the server (not a worker) about a run; an empty run ID means the current one.
func (c *connection) describe(ctx context.Context, e execution) (*workflowservice.DescribeWorkflowExecutionResponse, error) {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	return c.DescribeWorkflowExecution(ctx, e.workflowID, e.runID)
}

// execution is a run of a workflow.
type execution struct{ workflowID, runID string }

// environment lets Temporal's configuration be read from what the command was given.
type environment []string

// Environ gives all variables.
func (e environment) Environ() []string { return e }

// LookupEnv gives one variable.
func (e environment) LookupEnv(key string) (string, bool) {
	for _, entry := range e {
		if name, value, ok := strings.Cut(entry, "="); ok && name == key {
			return value, true
		}
	}
	return "", false
}
