package main

// Serving on a socket until the context ends.

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"time"

	"patchproof/sctest"
)

const (
	// graceful is how long running requests may take at the end; ordered delays can be longer.
	graceful = 3 * time.Second
	// headerTimeout frees connections that never ask anything.
	headerTimeout = 10 * time.Second
)

// serveError is trouble with the machine, not with the command line.
type serveError struct{ error }

func serve(ctx context.Context, o options, sim *sctest.Server, stdout, stderr io.Writer) error {
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", o.listen)
	if err != nil {
		return serveError{fmt.Errorf("--listen: %w", err)}
	}
	scheme := "http"
	if o.tls {
		scheme = "https"
		if listener, err = secured(listener, o.caOut); err != nil {
			return serveError{err}
		}
	}
	server := &http.Server{
		Handler:           sim,
		ReadHeaderTimeout: headerTimeout,
		ErrorLog:          slog.NewLogLogger(slog.NewTextHandler(stderr, nil), slog.LevelError),
		// Real servers speak HTTP/1.1, and only there a connection can be cut.
		Protocols: new(http.Protocols),
	}
	server.Protocols.SetHTTP1(true)
	// The scenario begins now, not with the first request.
	sim.State()
	fmt.Fprintf(stdout, "simulated Security Center on %s://%s (control: /_sim/state)%s\n", scheme, listener.Addr(), trustHint(o))
	return serveUntil(ctx, server, listener)
}

func trustHint(o options) string {
	if o.caOut == "" {
		return ""
	}
	return ", certificate in " + o.caOut
}

func secured(listener net.Listener, caOut string) (net.Listener, error) {
	certificate, ca, err := selfSigned(listener.Addr(), time.Now())
	if err == nil && caOut != "" {
		err = os.WriteFile(caOut, ca, 0o644) //nolint:gosec // A certificate is public.
	}
	if err != nil {
		// The listener is useless now; the first error is the one that matters.
		_ = listener.Close()
		return nil, fmt.Errorf("--tls: %w", err)
	}
	return tls.NewListener(listener, &tls.Config{Certificates: []tls.Certificate{certificate}, MinVersion: tls.VersionTLS12}), nil
}

func serveUntil(ctx context.Context, server *http.Server, listener net.Listener) error {
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(listener) }()
	select {
	case err := <-failed:
		return serveError{err}
	case <-ctx.Done():
	}
	// Detached, because the time to finish begins when the context has ended.
	deadline, cancel := context.WithTimeout(context.WithoutCancel(ctx), graceful)
	defer cancel()
	if err := server.Shutdown(deadline); err != nil && !errors.Is(err, context.DeadlineExceeded) {
		return serveError{err}
	}
	return nil
}
