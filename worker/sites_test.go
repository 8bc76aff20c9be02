package main

import (
	"bytes"
	"log/slog"
	"testing"

	"github.com/stretchr/testify/require"

	"patchproof/config"
	"patchproof/remediation"
	"patchproof/sclient"
)

// All Security Centers of the configuration are served under their names, with what is laid down for them.
func TestSites(t *testing.T) {
	t.Parallel()
	main, branch := &sclient.Client{URL: "https://sc.example.com"}, &sclient.Client{URL: "https://branch.example.com"}
	trusted, err := remediation.ParseTargets([]string{"10.0.0.0/8"})
	require.NoError(t, err)
	rules := map[int]remediation.Rules{7: {Zone: 2, Trusted: trusted}}
	var logged bytes.Buffer
	known, secrets := sites([]config.SC{
		{Name: "branch", Client: branch, MaxScans: 3, Priority: 2, Repositories: rules}, {Name: "main", Client: main},
	}, slog.New(slog.NewTextHandler(&logged, nil)))
	require.Len(t, known, 2)
	require.Len(t, secrets, 2)
	require.Same(t, main, known["main"].SecurityCenter)
	require.Same(t, branch, known["branch"].SecurityCenter)
	require.Equal(t, 3, known["branch"].MaxScans)
	require.Equal(t, 2, known["branch"].Priority)
	require.Equal(t, rules, known["branch"].Repositories)
	require.Contains(t, logged.String(), "trustedAddresses are read but not applied by this version")
}
