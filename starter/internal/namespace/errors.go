package namespace

// Temporal's errors in sentences, and what kind they are.

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"go.temporal.io/api/serviceerror"
)

// unreachable says what to do about a server that did not answer.
func (n *Namespace) unreachable(cause error) error {
	switch text := cause.Error(); {
	case Is[*serviceerror.PermissionDenied](cause), strings.Contains(text, "Unauthenticated"), strings.Contains(text, "unauthorized"):
		return n.refused()
	case strings.Contains(text, "tls:"), strings.Contains(text, "x509:"), strings.Contains(text, "authentication handshake"):
		// What went wrong with a certificate cannot be guessed from the address.
		return fmt.Errorf("no secure connection to the Temporal server at %s: check the TEMPORAL_TLS_* settings (%w)", n.Address, cause)
	}
	return fmt.Errorf("no Temporal server answers at %s: start one with `make dev` or set TEMPORAL_ADDRESS", n.Address)
}

func (n *Namespace) refused() error {
	return fmt.Errorf("the Temporal server at %s refuses us: check TEMPORAL_API_KEY or the client certificate", n.Address)
}

// Explain turns an error of Temporal's into a sentence that says what to do. What is a sentence already stays.
func (n *Namespace) Explain(err error) error {
	invalid, isInvalid := errors.AsType[*serviceerror.InvalidArgument](err)
	exhausted, isExhausted := errors.AsType[*serviceerror.ResourceExhausted](err)
	switch {
	case err == nil:
		return nil
	case Is[*serviceerror.NamespaceNotFound](err):
		return fmt.Errorf("the Temporal server at %s has no namespace %q: create it or set TEMPORAL_NAMESPACE", n.Address, n.Name)
	case isInvalid && lacksAttributes(invalid.Message):
		return fmt.Errorf("the namespace %q lacks our search attributes: run `patchproof setup`", n.Name)
	case Is[*serviceerror.PermissionDenied](err):
		return n.refused()
	case isExhausted:
		return fmt.Errorf("the Temporal server at %s is overloaded: try again in a minute (%s)", n.Address, exhausted.Message)
	case Transient(err):
		return n.unreachable(err)
	}
	return err
}

// Is reports whether an error is, or wraps, one of a type.
func Is[E error](err error) bool {
	_, ok := errors.AsType[E](err)
	return ok
}

// lacksAttributes recognises the server's refusals of search attributes that nobody registered: one from starting, the
// others from querying.
func lacksAttributes(message string) bool {
	text := strings.ToLower(message)
	unknown := strings.Contains(text, "not defined") || strings.Contains(text, "no mapping") || strings.Contains(text, "not found") ||
		strings.Contains(text, "not a valid")
	return unknown && (strings.Contains(text, "search attribute") || strings.Contains(text, "column name"))
}

// Transient reports whether an error is about the connection or the server's state and not about what we asked, so
// that asking again makes sense.
func Transient(err error) bool {
	return Is[*serviceerror.Unavailable](err) || Is[*serviceerror.Canceled](err) || Is[*serviceerror.Internal](err) ||
		Is[*serviceerror.ResourceExhausted](err) || Is[*serviceerror.Aborted](err) || Is[*serviceerror.NamespaceNotActive](err) ||
		OutOfTime(err)
}

// OutOfTime reports whether a request may or may not have had its effect.
func OutOfTime(err error) bool {
	return Is[*serviceerror.DeadlineExceeded](err) || errors.Is(err, context.DeadlineExceeded)
}

// cancelled reports whether a request ended because we stopped waiting for it.
func cancelled(err error) bool {
	return Is[*serviceerror.Canceled](err) || errors.Is(err, context.Canceled)
}

// NotFound reports whether the server does not know the run.
func NotFound(err error) bool { return Is[*serviceerror.NotFound](err) }
