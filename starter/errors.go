package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/temporal"
)

// unreachable says what to do about a server that did not answer.
func (c *connection) unreachable(cause error) error {
	message := fmt.Sprintf("no Temporal server answers at %s: start one with `make dev` or set TEMPORAL_ADDRESS", c.address)
	var denied *serviceerror.PermissionDenied
	switch text := cause.Error(); {
	case errors.As(cause, &denied), strings.Contains(text, "Unauthenticated"), strings.Contains(text, "unauthorized"):
		return fmt.Errorf("the Temporal server at %s refuses us: check TEMPORAL_API_KEY or the client certificate", c.address)
	case strings.Contains(text, "tls:"), strings.Contains(text, "x509:"), strings.Contains(text, "authentication handshake"):
		// What went wrong with a certificate cannot be guessed from the address.
		return fmt.Errorf("no secure connection to the Temporal server at %s: check the TEMPORAL_TLS_* settings (%w)", c.address, cause)
	}
	return errors.New(message)
}

// explain turns an error of Temporal's into a sentence that says what to do. What is a sentence already stays.
func (c *connection) explain(err error) error {
	var (
		namespace *serviceerror.NamespaceNotFound
		invalid   *serviceerror.InvalidArgument
		denied    *serviceerror.PermissionDenied
		exhausted *serviceerror.ResourceExhausted
	)
	switch {
	case c == nil:
		return err
	case errors.As(err, &namespace):
		return fmt.Errorf("the Temporal server at %s has no namespace %q: create it or set TEMPORAL_NAMESPACE", c.address, c.namespace)
	case errors.As(err, &invalid) && lacksAttributes(invalid.Message):
		return fmt.Errorf("the namespace %q lacks our search attributes: run `patchproof setup`", c.namespace)
	case errors.As(err, &denied):
		return fmt.Errorf("the Temporal server at %s refuses us: check TEMPORAL_API_KEY or the client certificate", c.address)
	case errors.As(err, &exhausted):
		return fmt.Errorf("the Temporal server at %s is overloaded: try again in a minute (%s)", c.address, exhausted.Message)
	case transient(err):
		return c.unreachable(err)
	}
	return err
}

// lacksAttributes recognises the server's refusals of search attributes that nobody registered: one from starting, the
// others from querying.
func lacksAttributes(message string) bool {
	text := strings.ToLower(message)
	unknown := strings.Contains(text, "not defined") || strings.Contains(text, "no mapping") || strings.Contains(text, "not found") ||
		strings.Contains(text, "not a valid")
	return unknown && (strings.Contains(text, "search attribute") || strings.Contains(text, "column name"))
}

// transient reports whether an error is about the connection or the server's state and not about what we asked, so
// that asking again makes sense.
func transient(err error) bool {
	var (
		unavailable *serviceerror.Unavailable
		deadline    *serviceerror.DeadlineExceeded
		canceled    *serviceerror.Canceled
		internal    *serviceerror.Internal
		exhausted   *serviceerror.ResourceExhausted
		aborted     *serviceerror.Aborted
		moved       *serviceerror.NamespaceNotActive
	)
	return errors.As(err, &unavailable) || errors.As(err, &deadline) || errors.As(err, &canceled) || errors.As(err, &internal) ||
		errors.As(err, &exhausted) || errors.As(err, &aborted) || errors.As(err, &moved) || errors.Is(err, context.DeadlineExceeded)
}

// outOfTime reports whether a request may or may not have had its effect.
func outOfTime(err error) bool {
	var deadline *serviceerror.DeadlineExceeded
	return errors.As(err, &deadline) || errors.Is(err, context.DeadlineExceeded)
}

// cancelled reports whether a request ended because we stopped waiting for it.
func cancelled(err error) bool {
	var canceled *serviceerror.Canceled
	return errors.As(err, &canceled) || errors.Is(err, context.Canceled)
}

func notFound(err error) bool {
	var missing *serviceerror.NotFound
	return errors.As(err, &missing)
}

// failure is the one sentence of a workflow that failed, without what Temporal wraps around it.
func failure(err error) error {
	var (
		terminated *temporal.TerminatedError
		timeout    *temporal.TimeoutError
		canceled   *temporal.CanceledError
	)
	if message := applicationMessage(err); message != "" {
		return errors.New(message)
	}
	switch {
	case errors.As(err, &terminated):
		return errors.New("the verification was terminated in Temporal: what it left in Security Center was not cleaned up")
	case errors.As(err, &timeout):
		return errors.New("the verification ran into a time limit of Temporal before it had a verdict")
	case errors.As(err, &canceled):
		return errors.New("the verification was cancelled in Temporal before it could report")
	}
	return err
}

// applicationMessage is the message that our own code gave a failure: the outermost one, unless that only repeats the
// error of an activity with everything that Temporal says about it.
func applicationMessage(err error) string {
	message := ""
	for err != nil {
		var app *temporal.ApplicationError
		if !errors.As(err, &app) {
			break
		}
		message = app.Message()
		if !strings.Contains(message, "activity error (type:") && !strings.Contains(message, "(type: ") {
			break
		}
		err = app.Unwrap()
	}
	return message
}
