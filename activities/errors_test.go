package activities

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

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
		"a refused key":                {refusal(403, 0, ""), ErrorKeyRefused, false, 0},
		"a wrong parameter":            {refusal(403, 146, "Please specify a valid Policy."), ErrorInvalid, false, 0},
		"what does not exist":          {refusal(403, 147, "Scan #7 does not exist."), ErrorInvalid, false, 0},
		"wrong before it was sent":     {&sclient.Error{Field: "until", Message: "lies before since"}, ErrorInvalid, true, 0},
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

// A verification that has done nothing yet ends at the tenth refusal in a row, whichever they are; an outage in between starts anew.
func TestRefusalsInARow(t *testing.T) {
	t.Parallel()
	key, text, outage := answered(t, 403, 0, ""), answered(t, 403, 146, "Please specify a valid Policy."), answered(t, 502, 0, "")
	steps := slices.Concat(slices.Repeat([]error{key, text}, 4), []error{key, outage}, slices.Repeat([]error{text, key}, 5))
	count, waited := refusals{}, time.Duration(0)
	for i, step := range steps {
		var err error
		count, err = count.judge(step)
		app, ok := errors.AsType[*temporal.ApplicationError](err)
		require.True(t, ok)
		last := i == len(steps)-1
		require.Equal(t, last, app.NonRetryable(), "step %d", i)
		if waited += app.NextRetryDelay(); step == outage { //nolint:errorlint // the very one
			require.Greater(t, waited, 2*time.Minute)
			waited = 0
		}
		if last {
			require.Contains(t, app.Message(), "SC refused the key")
			require.Contains(t, app.Message(), "Please specify a valid Policy.")
			require.Contains(t, app.Message(), "refused 10 times in a row")
		}
	}
	require.Greater(t, waited, 2*time.Minute, "a database error of SC is over by then")
	require.Less(t, waited, 170*time.Second, "somebody waits for the sentence")
}

// However many texts there are and however long, the sentence stays one.
func TestRefusalsWithLongTexts(t *testing.T) {
	t.Parallel()
	count := refusals{}
	var err error
	for i := range maxRefusals {
		count, err = count.judge(answered(t, 403, 146, strings.Repeat("é", 4000)+strconv.Itoa(i)+strconv.Itoa(i)))
		require.Less(t, len(fmt.Sprint(count)), 3000)
	}
	require.Less(t, len(err.Error()), 3500)
	require.True(t, utf8.ValidString(err.Error()))
}
