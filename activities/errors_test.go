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
		err     error
		attempt int32
		kind    string
		final   bool
		delay   time.Duration
	}{
		"a refused key is asked about again":    {refusal(403, 0, ""), 1, ErrorKeyRefused, false, busyDelay},
		"and given up before anything was done": {refusal(403, 0, ""), patience, ErrorKeyRefused, true, 0},
		"but never while a scan is under way":   {refusal(403, 0, ""), 0, ErrorKeyRefused, false, refusedDelay},
		"a wrong parameter":                     {refusal(403, 146, "Please specify a valid Policy."), 0, ErrorInvalid, true, 0},
		"what does not exist":                   {refusal(403, 147, "Scan #7 does not exist."), 0, ErrorInvalid, true, 0},
		"a locked database":                     {refusal(403, 146, "database is locked"), 0, ErrorUnavailable, false, busyDelay},
		"data that is not written yet":          {refusal(403, 143, "Error opening file"), 0, ErrorNotYet, false, 0},
		"a gateway's 502":                       {refusal(502, 0, "Bad Gateway"), 0, ErrorUnavailable, false, 0},
		"a server that says when":               {&sclient.Error{Status: 503, RetryAfter: time.Minute}, 0, ErrorUnavailable, false, time.Minute},
		"no answer":                             {&sclient.Error{Method: "GET", Err: errors.New("connection refused")}, 0, ErrorUnavailable, false, 0},
		"anything else":                         {errors.New("odd"), 0, ErrorUnavailable, false, 0},
		"ours, wrapped by mistake":              {fmt.Errorf("family: %w", invalid("plugin: no")), 0, ErrorInvalid, true, 0},
		"a poll":                                {notYet("scan Running", time.Minute), 0, ErrorNotYet, false, time.Minute},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			err := translate(test.err, test.attempt)
			app, ok := err.(*temporal.ApplicationError) //nolint:errorlint // wrapped, Temporal would not see its settings
			require.True(t, ok, "%T", err)
			require.Equal(t, test.kind, app.Type())
			require.Equal(t, test.final, app.NonRetryable())
			require.Equal(t, test.delay, app.NextRetryDelay())
			require.NotEmpty(t, app.Message())
		})
	}
	require.NoError(t, translate(nil, 0))
	require.ErrorIs(t, translate(fmt.Errorf("scan: %w", context.Canceled), 0), context.Canceled)
}

// answered is the client's error for an answer of Security Center.
func answered(t *testing.T, status, code int, message string) error {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(status)
		_, _ = fmt.Fprintf(w, `{"type":"regular","response":"","error_code":%d,"error_msg":%q,"warnings":[],"timestamp":1}`, code, message)
	}))
	defer server.Close()
	client := &sclient.Client{URL: server.URL, AccessKey: strings.Repeat("a", 32), SecretKey: strings.Repeat("b", 32)}
	_, err := client.Plugin(t.Context(), 1)
	require.Error(t, err)
	return err
}
