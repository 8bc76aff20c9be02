package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"go.temporal.io/api/operatorservice/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/api/workflowservice/v1"

	enumspb "go.temporal.io/api/enums/v1"

	"patchproof/workflows"
)

const (
	// setupTimeout: a server takes new attributes into use when its caches are refreshed, every ten to sixty seconds.
	setupTimeout = 90 * time.Second
	// setupPoll is kind to servers that allow few index queries a second.
	setupPoll = 500 * time.Millisecond
)

func setupCommand(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "setup",
		Short: "Prepare a Temporal namespace: register the search attributes",
		Long: "Registers the search attributes by which verifications are found, and waits until they can be used.\n" +
			"It may be repeated at any time.",
		Example: "  TEMPORAL_NAMESPACE=security patchproof setup",
		Args:    noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			conn, err := a.connect(cmd.Context())
			if err != nil {
				return err
			}
			return a.setup(cmd.Context(), conn)
		},
	}
}

func (a *app) setup(ctx context.Context, conn *connection) error {
	present, err := conn.customAttributes(ctx)
	if err != nil {
		return err
	}
	missing := map[string]enumspb.IndexedValueType{}
	for _, key := range workflows.SearchAttributes() {
		kind, ok := present[key.GetName()]
		switch {
		case !ok:
			missing[key.GetName()] = key.GetValueType()
		case kind != key.GetValueType():
			return fmt.Errorf("the search attribute %s exists as %s but must be %s: remove it with "+
				"`temporal operator search-attribute remove --name %s --namespace %s` and run `patchproof setup` again",
				key.GetName(), kind, key.GetValueType(), key.GetName(), conn.namespace)
		}
	}
	if len(missing) > 0 {
		if err := conn.register(ctx, missing); err != nil {
			return err
		}
	}
	if err := conn.awaitAttributes(ctx); err != nil {
		return err
	}
	for _, key := range workflows.SearchAttributes() {
		did := "was there"
		if _, ok := missing[key.GetName()]; ok {
			did = "registered"
		}
		fmt.Fprintf(a.Stdout, "search attribute %-16s %-9s %s\n", key.GetName(), key.GetValueType(), did)
	}
	_, err = fmt.Fprintf(a.Stdout, "the namespace %q is ready\n", conn.namespace)
	return err
}

func (c *connection) customAttributes(ctx context.Context) (map[string]enumspb.IndexedValueType, error) {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	answer, err := c.OperatorService().ListSearchAttributes(ctx, &operatorservice.ListSearchAttributesRequest{Namespace: c.namespace})
	if err != nil {
		return nil, err
	}
	return answer.GetCustomAttributes(), nil
}

func (c *connection) register(ctx context.Context, missing map[string]enumspb.IndexedValueType) error {
	// A server with a cluster-wide index changes its schema meanwhile.
	ctx, cancel := context.WithTimeout(ctx, setupTimeout)
	defer cancel()
	_, err := c.OperatorService().AddSearchAttributes(ctx, &operatorservice.AddSearchAttributesRequest{
		Namespace: c.namespace, SearchAttributes: missing,
	})
	var exists *serviceerror.AlreadyExists
	var denied *serviceerror.PermissionDenied
	switch {
	case errors.As(err, &exists):
		return nil // somebody else sets the namespace up right now
	case errors.As(err, &denied):
		return fmt.Errorf("we may not register search attributes in namespace %q: let an administrator add %s", c.namespace,
			strings.Join(slices.Sorted(maps.Keys(missing)), ", "))
	}
	return err
}

// awaitAttributes waits until the index takes every attribute in a query, which is later than their registration.
func (c *connection) awaitAttributes(ctx context.Context) error {
	var terms []string
	for _, key := range workflows.SearchAttributes() {
		terms = append(terms, key.GetName()+" IS NOT NULL")
	}
	limited, cancel := context.WithTimeout(ctx, setupTimeout)
	defer cancel()
	ticker := time.NewTicker(setupPoll)
	defer ticker.Stop()
	for {
		_, err := c.page(limited, &workflowservice.ListWorkflowExecutionsRequest{
			Namespace: c.namespace, PageSize: 1, Query: strings.Join(terms, " AND "),
		})
		var invalid *serviceerror.InvalidArgument
		switch {
		case err == nil:
			return nil
		case ctx.Err() != nil:
			return ctx.Err()
		case limited.Err() == nil && !errors.As(err, &invalid) && !transient(err):
			return err
		}
		select {
		case <-limited.Done():
			if ctx.Err() != nil {
				return ctx.Err()
			}
			return fmt.Errorf("the search attributes are registered but cannot be used yet after %s: run `patchproof setup` again (%w)", setupTimeout, err)
		case <-ticker.C:
		}
	}
}
