package activities

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/temporal"

	"patchproof/sclient"
)

func TestTranslate(t *testing.T) {
	t.Parallel()
	refusal := func(status, code int, message string) error { return answered(t, status, code, message) }
	for name, test := range map[string]struct {
		err   error
		kind  string
		final bool
		delay time.Duration
	}{
		"a refused key":                {refusal(403, 0, ""), ErrorKeyRefused, false, busyDelay},
		"a wrong parameter":            {refusal(403, 146, "Please specify a valid Policy."), ErrorInvalid, true, 0},
		"what does not exist":          {refusal(403, 147, "Scan #7 does not exist."), ErrorInvalid, true, 0},
		"a locked database":            {refusal(403, 146, "database is locked"), ErrorUnavailable, false, busyDelay},
		"data that is not written yet": {refusal(403, 143, "Error opening file"), ErrorNotYet, false, 0},
		"a gateway's 502":              {refusal(502, 0, "Bad Gateway"), ErrorUnavailable, false, 0},
		"a server that says when":      {&sclient.Error{Status: 503, RetryAfter: time.Minute}, ErrorUnavailable, false, time.Minute},
		"200 and a sentence":           {refusal(200, 0, "Scan Result email failed."), ErrorUnavailable, false, 0},
		"no answer":                    {&sclient.Error{Method: "GET", Err: errors.New("connection refused")}, ErrorUnavailable, false, 0},
		"anything else":                {errors.New("odd"), ErrorUnavailable, false, 0},
		"ours, wrapped by mistake":     {fmt.Errorf("family: %w", invalid("plugin: no")), ErrorInvalid, true, 0},
		"a poll":                       {notYet("scan Running", time.Minute), ErrorNotYet, false, time.Minute},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			err := translate(test.err)
			app, ok := err.(*temporal.ApplicationError) //nolint:errorlint // wrapped, Temporal would not see its settings
			require.True(t, ok, "%T", err)
			require.Equal(t, test.kind, app.Type())
			require.Equal(t, test.final, app.NonRetryable())
			require.Equal(t, test.delay, app.NextRetryDelay())
			require.NotEmpty(t, app.Message())
		})
	}
	require.NoError(t, translate(nil))
	require.ErrorIs(t, translate(fmt.Errorf("scan: %w", context.Canceled)), context.Canceled)
}

// answered is the client's error for an answer of Security Center.
func answered(t *testing.T, status, code int, message string) error {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(status)
		_, _ = fmt.Fprintf(w, `{"type":"regular","response":"","error_code":%d,"error_msg":%q,"warnings":[],"timestamp":1}`, code, message)
	}))
	defer server.Close()
	client := &sclient.Client{URL: server.URL, AccessKey: sclient.NewSecret(strings.Repeat("a", 32)), SecretKey: sclient.NewSecret(strings.Repeat("b", 32))}
	_, err := client.Plugin(t.Context(), 1)
	require.Error(t, err)
	return err
}

// A verification that has done nothing yet ends at the third refusal in a row; anything else in between starts anew.
func TestRefusalsInARow(t *testing.T) {
	t.Parallel()
	refusal, outage := answered(t, 403, 0, ""), answered(t, 502, 0, "")
	count := refusals{}
	for _, step := range []struct {
		err   error
		final bool
	}{{refusal, false}, {refusal, false}, {outage, false}, {refusal, false}, {refusal, false}, {refusal, true}} {
		var err error
		count, err = count.translate(step.err)
		app, ok := errors.AsType[*temporal.ApplicationError](err)
		require.True(t, ok)
		require.Equal(t, step.final, app.NonRetryable())
	}
}
