package workflows_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"patchproof/activities"
	"patchproof/remediation"
)

func (s *stage) rules(change func(*remediation.Rules)) {
	var rules remediation.Rules
	change(&rules)
	s.acts.SCs[remediation.DefaultSC] = activities.Site{SecurityCenter: s.sc, Repositories: map[int]remediation.Rules{1: rules}}
}

func addresses(t *testing.T, list string) remediation.Targets {
	t.Helper()
	set, err := remediation.ParseTargets(strings.Fields(list))
	require.NoError(t, err)
	return set
}

// Whoever starts the workflow: the worker's rules hold.
func TestForbiddenAddressesAreNotScanned(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		allowed string
		never   string
		request remediation.Request
		says    string
	}{
		"never": {
			"", "10.0.0.8/31",
			request("10.0.0.5", "10.0.0.8"), "ip: 10.0.0.8 must not be scanned for repository 1",
		},
		"not allowed": {
			"10.0.0.8/31", "",
			request("10.0.0.5", "10.0.0.8"), "ip: 10.0.0.5 must not be scanned for repository 1",
		},
		"in a network": {
			"", "10.0.0.8",
			request("10.0.0.0/28"), "ip: 10.0.0.8 must not be scanned",
		},
		"by name": {
			"", "10.0.0.5",
			request("web1.example.com"), "ip: 10.0.0.5 must not be scanned",
		},
		"a named address without a finding": {
			"", "10.0.0.13",
			request("10.0.0.5", "10.0.0.13"), "ip: 10.0.0.13 must not be scanned",
		},
		"an asset as it is": {
			"", "10.9.9.9",
			remediation.Request{Ticket: "VULN-1", Plugin: 97833, Repository: 1, Assets: []int{24}, Scan: remediation.ScanOptions{ScanAssets: true}},
			"scan-asset: the worker's configuration restricts",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStage(t, scenario)
			s.rules(func(r *remediation.Rules) { r.Allowed, r.Never = addresses(t, c.allowed), addresses(t, c.never) })
			posts := s.posts(s.env.Now())
			require.Contains(t, s.refuse(c.request), c.says)
			require.Empty(t, posts)
		})
	}
	s := newStage(t, scenario)
	s.rules(func(r *remediation.Rules) { r.Never = addresses(t, "10.0.0.6") })
	require.Equal(t, remediation.OutcomeFixed, s.run(request("10.0.0.5")).Outcome)
}

func TestRepositoryHasItsWindowZoneAndCredentials(t *testing.T) {
	t.Parallel()
	s := newStage(t, scenario)
	s.env.SetStartTime(noon)
	s.rules(func(r *remediation.Rules) {
		w, err := remediation.ParseWindow("22:00-05:00 Europe/Berlin")
		require.NoError(t, err)
		r.Windows, r.Credentials = remediation.Windows{w}, []int{4}
	})
	posts := s.posts(noon)
	r := request("10.0.0.6")
	r.Plugin = 97737 // a local check, which needs the credentials
	require.Equal(t, remediation.OutcomeFixed, s.run(r).Outcome)
	require.Len(t, posts["/rest/scan"], 1)
	require.Equal(t, 21, noon.Add(posts["/rest/scan"][0]).Hour())
}
