package remediation_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"patchproof/remediation"
)

func TestNextOpening(t *testing.T) {
	t.Parallel()
	const night = "22:00-05:00 Europe/Berlin"
	for name, c := range map[string]struct {
		windows  []string
		margin   time.Duration
		at, next string
	}{
		"open already":                       {[]string{night}, 0, "2026-11-25T23:10:30+01:00", "2026-11-25T23:10:30+01:00"},
		"open after midnight":                {[]string{night}, 0, "2026-11-26T04:59:59+01:00", "2026-11-26T04:59:59+01:00"},
		"the end is outside":                 {[]string{night}, 0, "2026-11-26T05:00:00+01:00", "2026-11-26T22:00:00+01:00"},
		"too late for the margin":            {[]string{night}, 30 * time.Minute, "2026-11-26T04:30:01+01:00", "2026-11-26T22:00:00+01:00"},
		"just in time for the margin":        {[]string{night}, 30 * time.Minute, "2026-11-26T04:30:00+01:00", "2026-11-26T04:30:00+01:00"},
		"in the day":                         {[]string{night}, time.Hour, "2026-11-25T12:00:00+01:00", "2026-11-25T22:00:00+01:00"},
		"spring: an hour less":               {[]string{night}, 6 * time.Hour, "2026-03-28T22:00:01+01:00", "2026-03-29T22:00:00+02:00"},
		"spring: six hours fit exactly":      {[]string{night}, 6 * time.Hour, "2026-03-28T22:00:00+01:00", "2026-03-28T22:00:00+01:00"},
		"autumn: eight hours":                {[]string{night}, 8 * time.Hour, "2026-10-24T22:00:00+02:00", "2026-10-24T22:00:00+02:00"},
		"spring: begins in the missing hour": {[]string{"02:30-04:00 Europe/Berlin"}, 0, "2026-03-29T01:59:00+01:00", "2026-03-29T03:00:00+02:00"},
		"spring: lies in the missing hour":   {[]string{"02:10-02:50 Europe/Berlin"}, 0, "2026-03-29T00:00:00+01:00", "2026-03-30T02:10:00+02:00"},
		"autumn: the hour that comes twice":  {[]string{"02:10-02:50 Europe/Berlin"}, 0, "2026-10-25T02:50:00+02:00", "2026-10-25T02:10:00+01:00"},
		"both must be open":                  {[]string{night, "00:00-06:00 America/New_York"}, 0, "2026-11-25T12:00:00+01:00", "never"},
		"where they overlap":                 {[]string{night, "22:00-23:59 America/New_York"}, 0, "2026-11-25T12:00:00+01:00", "2026-11-26T04:00:00+01:00"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var windows remediation.Windows
			for _, text := range c.windows {
				w, err := remediation.ParseWindow(text)
				require.NoError(t, err)
				windows = append(windows, w)
			}
			at, err := time.Parse(time.RFC3339, c.at)
			require.NoError(t, err)
			next, ok := windows.Next(at, c.margin)
			want, err := time.Parse(time.RFC3339, c.next)
			require.Equal(t, err == nil, ok, "%s", next)
			if ok {
				require.True(t, next.Equal(want), "%s", next)
			}
		})
	}
}

func TestStartsThatAreRefused(t *testing.T) {
	t.Parallel()
	for text, change := range map[string]func(*remediation.Request){
		`window: "22:00" is no window`:               func(r *remediation.Request) { r.Window = "22:00" },
		`window: "25:00" is no time of day`:          func(r *remediation.Request) { r.Window = "25:00-05:00 UTC" },
		`window: "Berlin" is not a time zone`:        func(r *remediation.Request) { r.Window = "22:00-05:00 Berlin" },
		`window: "" is not a time zone`:              func(r *remediation.Request) { r.Window = "22:00-05:00" },
		`window: "05:00-05:00 UTC" opens and closes`: func(r *remediation.Request) { r.Window = "05:00-05:00 UTC" },
		"window-margin: only goes with window":       func(r *remediation.Request) { r.WindowMargin = remediation.MinTime },
		"window-margin: 7h0m0s is not allowed": func(r *remediation.Request) {
			r.Window, r.WindowMargin = "22:00-05:00 UTC", remediation.Duration(7*time.Hour)
		},
		`not-before: "tomorrow" is no time`:        func(r *remediation.Request) { r.NotBefore = "tomorrow" },
		"settle: 24h0m0s is not allowed: use less": func(r *remediation.Request) { r.Settle = remediation.Duration(24 * time.Hour) },
	} {
		r := remediation.Request{Ticket: "A", Plugin: 1, Repository: 1, Targets: []string{"10.0.0.5"}}
		change(&r)
		_, err := r.Complete()
		require.ErrorContains(t, err, text)
	}
}
