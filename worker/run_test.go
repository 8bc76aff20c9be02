package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/mock"
	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/mocks"
)

// Without Security Center there is nothing to work on, and the message says what to set.
func TestRefusesToStart(t *testing.T) {
	t.Parallel()
	key := "0123456789abcdef0123456789abcdef"
	for name, test := range map[string]struct {
		env  map[string]string
		args []string
		code int
		says string
	}{
		"no address":      {map[string]string{}, nil, 1, "SC_URL"},
		"no key":          {map[string]string{"SC_URL": "https://sc.example.com"}, nil, 1, "SC_ACCESS_KEY"},
		"half a key":      {map[string]string{"SC_URL": "https://sc.example.com", "SC_ACCESS_KEY": key}, nil, 1, "SC_SECRET_KEY"},
		"a key cut short": {map[string]string{"SC_URL": "https://sc.example.com", "SC_ACCESS_KEY": key, "SC_SECRET_KEY": "short-but-secret"}, nil, 1, "64"},
		"plain http":      {map[string]string{"SC_URL": "http://sc.example.com", "SC_ACCESS_KEY": key, "SC_SECRET_KEY": key}, nil, 1, "SC_ALLOW_HTTP=true"},
		"a missing file":  {map[string]string{"SC_URL": "https://sc.example.com", "SC_ACCESS_KEY_FILE": "/does/not/exist"}, nil, 1, "SC_ACCESS_KEY_FILE"},
		"a file besides":  {map[string]string{"SC_URL": "https://sc.example.com", "PATCHPROOF_CONFIG": "/does/not/exist"}, nil, 1, "both set"},
		"no such config":  {map[string]string{"PATCHPROOF_CONFIG": "/does/not/exist"}, nil, 1, "PATCHPROOF_CONFIG: cannot read"},
		"an argument":     {nil, []string{"--fast"}, 2, "takes no arguments"},
		"a call for help": {nil, []string{"--help"}, 0, "SC_URL"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var stderr bytes.Buffer
			code := run(t.Context(), test.args, func(name string) string { return test.env[name] }, &stderr)
			require.Equal(t, test.code, code, stderr.String())
			require.Contains(t, stderr.String(), test.says)
			require.NotContains(t, stderr.String(), "short-but-secret")
			require.NotContains(t, stderr.String(), key)
		})
	}
}

// What makes the connection unsafe is said at every start, or it is forgotten.
func TestWarnsAtEveryStart(t *testing.T) {
	t.Parallel()
	stopped, stop := context.WithCancel(t.Context())
	stop()
	key := strings.Repeat("0123456789abcdef", 2)
	for name, test := range map[string]struct {
		url, variable, says string
	}{
		"no verification": {"https://sc.example.com", "SC_TLS_SKIP_VERIFY", "the certificate of Security Center is not verified"},
		"no TLS":          {"http://sc.example.com", "SC_ALLOW_HTTP", "Security Center is asked over plain http://"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			env := map[string]string{"SC_URL": test.url, "SC_ACCESS_KEY": key, "SC_SECRET_KEY": key, test.variable: "true"}
			var stderr bytes.Buffer
			run(stopped, nil, func(name string) string { return env[name] }, &stderr)
			require.Equal(t, 1, strings.Count(stderr.String(), "level=WARN msg=\""+test.says), stderr.String())
		})
	}
}

func TestHealth(t *testing.T) {
	t.Parallel()
	var answered error
	temporal := mocks.NewClient(t)
	temporal.On("CheckHealth", mock.Anything, mock.Anything).Return(
		func(context.Context, *client.CheckHealthRequest) (*client.CheckHealthResponse, error) {
			return nil, answered
		})
	h, err := serveHealth(t.Context(), "127.0.0.1:0", temporal, slog.New(slog.DiscardHandler))
	require.NoError(t, err)
	t.Cleanup(h.close)

	probe := func(path string) (int, string) {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+h.address+path, nil)
		require.NoError(t, err)
		response, err := new(http.Client).Do(request)
		require.NoError(t, err)
		defer func() { require.NoError(t, response.Body.Close()) }()
		body, err := io.ReadAll(response.Body)
		require.NoError(t, err)
		return response.StatusCode, string(body)
	}
	code, _ := probe("/healthz")
	require.Equal(t, http.StatusOK, code)
	code, body := probe("/readyz")
	require.Equal(t, http.StatusServiceUnavailable, code)
	require.Contains(t, body, "not polling")

	h.ready.Store(true)
	code, _ = probe("/readyz")
	require.Equal(t, http.StatusOK, code)
	answered = errors.New("unavailable")
	code, body = probe("/readyz")
	require.Equal(t, http.StatusServiceUnavailable, code)
	require.Contains(t, body, "no answer from Temporal")
}

// An address that was asked for and is taken is an error; the default one gives way.
func TestHealthPortIsTaken(t *testing.T) {
	t.Parallel()
	taken, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer func() { require.NoError(t, taken.Close()) }()
	_, err = serveHealth(t.Context(), taken.Addr().String(), nil, slog.New(slog.DiscardHandler))
	require.ErrorContains(t, err, "PATCHPROOF_HEALTH_LISTEN")
}
