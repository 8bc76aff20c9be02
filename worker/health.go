package main

// Answering the probes of whatever runs the worker.

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"sync/atomic"
	"time"

	"go.temporal.io/sdk/client"
)

// health answers the probes of whatever runs the worker. It does not look at Security Center: an outage there must not
// restart all workers.
type health struct {
	address string
	ready   atomic.Bool
	server  *http.Server
}

// defaultHealth is on loopback: whoever wants probes from outside says so.
const defaultHealth = "127.0.0.1:8086"

func serveHealth(ctx context.Context, address string, temporal client.Client, logger *slog.Logger) (*health, error) {
	asked := address != ""
	if !asked {
		address = defaultHealth
	}
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", address)
	if err != nil && !asked {
		// A second worker on one machine is fine; it only has no default port left.
		logger.Warn("health endpoint on another port: the default one is taken", "default", defaultHealth)
		listener, err = new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	}
	if err != nil {
		return nil, fmt.Errorf("PATCHPROOF_HEALTH_LISTEN: cannot listen on %s: %w", address, err)
	}
	h := &health{address: listener.Addr().String()}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { answer(w, nil) })
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, r *http.Request) { answer(w, h.check(r.Context(), temporal)) })
	h.server = &http.Server{Handler: mux, ReadHeaderTimeout: 5 * time.Second} // probes are small and local
	go func() {
		if err := h.server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			logger.Error("health endpoint ended", "error", err)
		}
	}()
	return h, nil
}

func (h *health) check(ctx context.Context, temporal client.Client) error {
	if !h.ready.Load() {
		return errors.New("the worker is not polling")
	}
	ctx, cancel := context.WithTimeout(ctx, 3*time.Second) // below the usual probe time-outs
	defer cancel()
	if _, err := temporal.CheckHealth(ctx, &client.CheckHealthRequest{}); err != nil {
		return errors.New("no answer from Temporal")
	}
	return nil
}

func answer(w http.ResponseWriter, err error) {
	if err != nil {
		http.Error(w, err.Error(), http.StatusServiceUnavailable)
		return
	}
	_, _ = fmt.Fprintln(w, "ok") // a probe that went away needs no answer
}

func (h *health) close() { _ = h.server.Close() }
