package verification

// The command that prepares a namespace.

import (
	"context"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"go.temporal.io/api/operatorservice/v1"
	"go.temporal.io/api/serviceerror"

	enumspb "go.temporal.io/api/enums/v1"

	"patchproof/starter/internal/flags"
	"patchproof/starter/internal/namespace"
)

const (
	// setupTimeout: a server takes new attributes into use when its caches are refreshed, every ten to sixty seconds.
	setupTimeout = 90 * time.Second
	// setupPoll is kind to servers that allow few index queries a second.
	setupPoll = 500 * time.Millisecond
)

func (c *commands) setupCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "setup",
		Short: "Prepare a Temporal namespace: register the search attributes",
		Long: "Registers the search attributes by which verifications are found, and waits until they can be used.\n" +
			"It may be repeated at any time.",
		Example: "  TEMPORAL_NAMESPACE=security patchproof setup",
		Args:    flags.NoArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return c.inNamespace(cmd.Context(), func(ns *namespace.Namespace) error { return setup(cmd.Context(), ns, c.Stdout) })
		},
	}
}

func setup(ctx context.Context, ns *namespace.Namespace, w io.Writer) error {
	attributes, err := ns.SearchAttributes(ctx)
	if err != nil {
		return err
	}
	missing := map[string]enumspb.IndexedValueType{}
	for _, a := range attributes {
		switch {
		case !a.Present:
			missing[a.Name] = a.Want
		case !a.Usable():
			return fmt.Errorf("the search attribute %s exists as %s but must be %s: remove it with "+
				"`temporal operator search-attribute remove --name %s --namespace %s` and run `patchproof setup` again",
				a.Name, a.Have, a.Want, a.Name, ns.Name)
		}
	}
	if len(missing) > 0 {
		if err := register(ctx, ns, missing); err != nil {
			return err
		}
	}
	if err := awaitAttributes(ctx, ns, attributes); err != nil {
		return err
	}
	for _, a := range attributes {
		did := "was there"
		if !a.Present {
			did = "registered"
		}
		fmt.Fprintf(w, "search attribute %-16s %-9s %s\n", a.Name, a.Want, did)
	}
	_, err = fmt.Fprintf(w, "the namespace %q is ready\n", ns.Name)
	return err
}

func register(ctx context.Context, ns *namespace.Namespace, missing map[string]enumspb.IndexedValueType) error {
	// A server with a cluster-wide index changes its schema meanwhile.
	ctx, cancel := context.WithTimeout(ctx, setupTimeout)
	defer cancel()
	_, err := ns.OperatorService().AddSearchAttributes(ctx, &operatorservice.AddSearchAttributesRequest{
		Namespace: ns.Name, SearchAttributes: missing,
	})
	switch {
	case namespace.Is[*serviceerror.AlreadyExists](err):
		return nil // somebody else sets the namespace up right now
	case namespace.Is[*serviceerror.PermissionDenied](err):
		return fmt.Errorf("we may not register search attributes in namespace %q: let an administrator add %s", ns.Name,
			strings.Join(slices.Sorted(maps.Keys(missing)), ", "))
	}
	return err
}

// awaitAttributes waits until the index takes every attribute in a query, which is later than their registration.
func awaitAttributes(ctx context.Context, ns *namespace.Namespace, attributes []namespace.Attribute) error {
	var terms []string
	for _, a := range attributes {
		terms = append(terms, a.Name+" IS NOT NULL")
	}
	limited, cancel := context.WithTimeout(ctx, setupTimeout)
	defer cancel()
	ticker := time.NewTicker(setupPoll)
	defer ticker.Stop()
	for {
		err := ns.Query(limited, strings.Join(terms, " AND "))
		switch {
		case err == nil:
			return nil
		case ctx.Err() != nil:
			return ctx.Err()
		case limited.Err() == nil && !namespace.Is[*serviceerror.InvalidArgument](err) && !namespace.Transient(err):
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
