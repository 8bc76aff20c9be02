package main

// The binary's behaviour, without a process of its own.

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// output can be written by the program and read by the test at once.
type output struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.buf.Write(p)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.buf.String()
}

var address = regexp.MustCompile(`simulated Security Center on (https?://\S+)`)

// start runs the program until the test ends and returns where it listens.
func start(t *testing.T, args ...string) (url string, stop func() int) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	var out, errs output
	code := make(chan int, 1)
	go func() { code <- run(ctx, append([]string{"--listen", "127.0.0.1:0"}, args...), &out, &errs) }()
	for range 500 {
		if m := address.FindStringSubmatch(out.String()); m != nil {
			return m[1], func() int {
				cancel()
				return <-code
			}
		}
		select {
		case c := <-code:
			cancel()
			require.FailNow(t, "ended early", "code %d: %s", c, errs.String())
		case <-time.After(10 * time.Millisecond):
		}
	}
	cancel()
	require.FailNow(t, "not ready", errs.String())
	return "", nil
}

var plainClient = &http.Client{Timeout: 10 * time.Second, Transport: &http.Transport{DisableKeepAlives: true}}

func get(t *testing.T, client *http.Client, url string) []byte {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	require.NoError(t, err)
	resp, err := client.Do(req)
	require.NoError(t, err)
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	require.Equal(t, http.StatusOK, resp.StatusCode, string(body))
	return body
}

func TestServesAndStops(t *testing.T) {
	t.Parallel()
	url, stop := start(t, "--scenario", filepath.Join("..", "docs", "demo.yaml"), "--speed", "600")
	var state struct {
		Now        time.Time        `json:"now"`
		Cumulative []map[string]any `json:"cumulative"`
	}
	require.NoError(t, json.Unmarshal(get(t, plainClient, url+"/_sim/state"), &state))
	require.Len(t, state.Cumulative, 6, "three findings and the scan information of three hosts")
	first := state.Now
	<-time.After(50 * time.Millisecond)
	require.NoError(t, json.Unmarshal(get(t, plainClient, url+"/_sim/state"), &state))
	require.Greater(t, state.Now.Sub(first), 25*time.Second, "the clock runs 600 times as fast")
	require.Equal(t, exitOK, stop())
}

func TestTLS(t *testing.T) {
	t.Parallel()
	ca := filepath.Join(t.TempDir(), "ca.pem")
	url, stop := start(t, "--tls", "--tls-ca-out", ca)
	require.True(t, strings.HasPrefix(url, "https://127.0.0.1:"), url)
	pem, err := os.ReadFile(ca)
	require.NoError(t, err)
	pool := x509.NewCertPool()
	require.True(t, pool.AppendCertsFromPEM(pem))
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}}}
	defer client.CloseIdleConnections()
	require.Contains(t, string(get(t, client, url+"/rest/system")), `"error_code":0`)
	client.CloseIdleConnections()
	require.Equal(t, exitOK, stop())
}

func TestWrongUse(t *testing.T) {
	t.Parallel()
	broken := filepath.Join(t.TempDir(), "broken.yaml")
	require.NoError(t, os.WriteFile(broken, []byte("version: \"5.23\"\nhost: []\n"), 0o600))
	for name, tt := range map[string]struct {
		args []string
		want string
	}{
		"unknown flag":     {[]string{"--sped", "3"}, "--sped"},
		"bad number":       {[]string{"--speed", "fast"}, "--speed"},
		"not a number":     {[]string{"--speed", "nan"}, "--speed NaN: must be above 0"},
		"no speed":         {[]string{"--speed", "0"}, "--speed 0: must be above 0"},
		"arguments":        {[]string{"scenario.yaml"}, "scenario.yaml"},
		"missing scenario": {[]string{"--scenario", "nowhere.yaml"}, "nowhere.yaml"},
		"broken scenario":  {[]string{"--scenario", broken}, `line 2: unknown field "host"`},
		"ca without tls":   {[]string{"--tls-ca-out", "ca.pem"}, "--tls"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var out, errs output
			require.Equal(t, exitUsage, run(t.Context(), tt.args, &out, &errs))
			require.Contains(t, errs.String(), tt.want)
			require.Equal(t, 1, strings.Count(errs.String(), "\n"), "one sentence: %s", errs.String())
			require.Empty(t, out.String())
		})
	}
}

func TestPortTaken(t *testing.T) {
	t.Parallel()
	url, stop := start(t)
	var out, errs output
	require.Equal(t, exitTrouble, run(t.Context(), []string{"--listen", strings.TrimPrefix(url, "http://")}, &out, &errs))
	require.Contains(t, errs.String(), "--listen")
	require.Equal(t, exitOK, stop())
}

func TestHelp(t *testing.T) {
	t.Parallel()
	var out, errs output
	require.Equal(t, exitOK, run(t.Context(), []string{"--help"}, &out, &errs))
	require.Contains(t, out.String(), "--scenario")
}
