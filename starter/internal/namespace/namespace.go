// Package namespace is the Temporal namespace that the environment names, and the verifications in it: reaching it, finding
// them, reading what its own records tell of them, and saying in a sentence what is wrong with it.
package namespace

import (
	"cmp"
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

	"patchproof/starter/internal/invocation"
	"patchproof/workflows"
)

// Client is the part of Temporal's client that the command uses.
type Client interface {
	ExecuteWorkflow(ctx context.Context, options client.StartWorkflowOptions, workflow any, args ...any) (client.WorkflowRun, error)
	GetWorkflow(ctx context.Context, workflowID, runID string) client.WorkflowRun
	GetWorkflowHistory(ctx context.Context, workflowID, runID string, isLongPoll bool, filter enumspb.HistoryEventFilterType) client.HistoryEventIterator
	QueryWorkflow(ctx context.Context, workflowID, runID, queryType string, args ...any) (converter.EncodedValue, error)
	DescribeWorkflowExecution(ctx context.Context, workflowID, runID string) (*workflowservice.DescribeWorkflowExecutionResponse, error)
	ListWorkflow(ctx context.Context, request *workflowservice.ListWorkflowExecutionsRequest) (*workflowservice.ListWorkflowExecutionsResponse, error)
	CancelWorkflow(ctx context.Context, workflowID, runID string) error
	UpdateWorkflow(ctx context.Context, options client.UpdateWorkflowOptions) (client.WorkflowUpdateHandle, error)
	SignalWithStartWorkflow(
		ctx context.Context, workflowID, signalName string, signalArg any, options client.StartWorkflowOptions, workflow any, workflowArgs ...any,
	) (client.WorkflowRun, error)
	SignalWorkflow(ctx context.Context, workflowID, runID, signalName string, arg any) error
	DescribeTaskQueue(ctx context.Context, taskQueue string, kind enumspb.TaskQueueType) (*workflowservice.DescribeTaskQueueResponse, error)
	OperatorService() operatorservice.OperatorServiceClient
	Close()
}

// Namespace is one whose server answered.
type Namespace struct {
	Client
	Address, Name string
	TaskQueue     string
	UI            string // the URL of its user interface; "" if nobody told where that is
	Data          converter.DataConverter
}

const (
	defaultAddress = "127.0.0.1:7233"
	// dialTimeout: a server that is up answers at once; a person waits no longer than this for one that is not.
	dialTimeout = 8 * time.Second
	// CallTimeout bounds a single request, retries included.
	CallTimeout = 10 * time.Second
)

// Dialer reaches a server.
type Dialer func(context.Context, client.Options) (Client, error)

// Dial is the Dialer of the product.
func Dial(ctx context.Context, options client.Options) (Client, error) {
	ctx, cancel := context.WithTimeout(ctx, dialTimeout)
	defer cancel()
	return client.DialContext(ctx, options)
}

// Connect reaches the namespace that the environment of the run names. Its errors are sentences.
func Connect(ctx context.Context, run *invocation.Invocation, dial Dialer) (*Namespace, error) {
	options, err := envconfig.LoadClientOptions(envconfig.LoadClientOptionsRequest{EnvLookup: run.Environ})
	if err != nil {
		return nil, fmt.Errorf("the configuration of Temporal (TEMPORAL_* or its file) cannot be read: %w", err)
	}
	n := configure(run, &options)
	n.Client, err = dial(ctx, options)
	switch {
	case err == nil:
		return n, nil
	case ctx.Err() != nil:
		return nil, ctx.Err()
	}
	return nil, n.unreachable(err)
}

// Do connects, does something, and disconnects. Its errors are sentences.
func Do(ctx context.Context, run *invocation.Invocation, dial Dialer, do func(*Namespace) error) error {
	n, err := Connect(ctx, run, dial)
	if err != nil {
		return err
	}
	defer n.Close()
	if err = do(n); ctx.Err() != nil && cancelled(err) {
		return ctx.Err()
	}
	return n.Explain(err)
}

func configure(run *invocation.Invocation, options *client.Options) *Namespace {
	// The client's own log would break both the JSON and the live view.
	handler := slog.DiscardHandler
	if run.Verbose {
		handler = slog.NewTextHandler(run.Stderr, nil)
	}
	options.Logger = log.NewStructuredLogger(slog.New(handler))
	options.HostPort = cmp.Or(options.HostPort, defaultAddress)
	options.Namespace = cmp.Or(options.Namespace, client.DefaultNamespace)
	n := &Namespace{
		Address: options.HostPort, Name: options.Namespace, Data: options.DataConverter,
		TaskQueue: cmp.Or(run.Environ.Getenv("PATCHPROOF_TASK_QUEUE"), workflows.DefaultTaskQueue),
		UI:        run.Environ.Getenv("PATCHPROOF_UI_URL"),
	}
	if n.Data == nil {
		n.Data = converter.GetDefaultDataConverter()
	}
	if n.UI == "" && isDevServer(options.HostPort) {
		n.UI = "http://localhost:8233" // where the dev server has it
	}
	return n
}

func isDevServer(address string) bool {
	host, port, err := net.SplitHostPort(address)
	return err == nil && port == "7233" && (host == "localhost" || host == "127.0.0.1" || host == "::1")
}

// Run is a run of a workflow; an empty RunID means the current one.
type Run struct{ WorkflowID, RunID string }

// Link is the run's page in the Temporal UI; "" if nobody told where that is.
func (n *Namespace) Link(r Run) string {
	if n.UI == "" {
		return ""
	}
	return strings.TrimRight(n.UI, "/") + "/namespaces/" + url.PathEscape(n.Name) +
		"/workflows/" + url.PathEscape(r.WorkflowID) + "/" + url.PathEscape(r.RunID)
}

// Describe asks the server (not a worker) about a run.
func (n *Namespace) Describe(ctx context.Context, r Run) (*workflowservice.DescribeWorkflowExecutionResponse, error) {
	ctx, cancel := context.WithTimeout(ctx, CallTimeout)
	defer cancel()
	return n.DescribeWorkflowExecution(ctx, r.WorkflowID, r.RunID)
}
