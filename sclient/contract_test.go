package sclient_test

import (
	"net/http/httptest"
	"net/netip"
	"os"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"patchproof/sclient"
	"patchproof/sctest"
)

// The contract suite is what client and server have to agree on. It runs on the simulator always, in every dialect, and on the
// real server of SC_URL when SC_CONTRACT=1 says that it may create and delete a policy and an asset there.

func TestContractOnSimulator(t *testing.T) {
	t.Parallel()
	for _, version := range []string{"5.8", "5.23", "6.5"} {
		t.Run(version, func(t *testing.T) {
			t.Parallel()
			scenario, err := sctest.ParseScenario([]byte(contractScenario))
			require.NoError(t, err)
			scenario.Version = version
			// A clock that stands still until the scan has to end.
			now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
			sim := &sctest.Server{Scenario: scenario, Now: func() time.Time { return now }}
			server := httptest.NewServer(sim)
			defer server.Close()
			client := &sclient.Client{URL: server.URL, AccessKey: sclient.NewSecret(sctest.DefaultAccessKey), SecretKey: sclient.NewSecret(sctest.DefaultSecretKey)}
			if version == "5.8" { // has no keys yet
				client = &sclient.Client{URL: server.URL, Username: sctest.DefaultUsername, Password: sclient.NewSecret(sctest.DefaultPassword)}
			}
			contract(t, client)
			contractScan(t, client, func() { sim.Advance(time.Hour) })
			require.NoError(t, client.Close(t.Context()))
			require.Empty(t, sim.Unknown())
			require.Empty(t, sim.State().Policies)
		})
	}
}

const contractScenario = `
repositories: [{id: 1, name: Default, dataFormat: IPv4, type: Local, ipRange: 10.0.0.0/8}]
families:     [{id: 20, name: Windows, type: active}]
plugins:      [{id: 97833, name: MS17-010 check, family: 20, type: active, checkType: remote, severity: 4, cves: [CVE-2017-0144]}]
hosts:
  - {ip: 10.0.0.5, dns: web1.example.com, repository: 1, findings: [{plugin: 97833, port: 445, fixed: true}]}
`

func TestContractOnRealServer(t *testing.T) {
	t.Parallel()
	if os.Getenv("SC_URL") == "" || os.Getenv("SC_CONTRACT") != "1" {
		t.Skip("no Security Center: set SC_URL and a key, and SC_CONTRACT=1 to let this test create and delete a policy and an asset")
	}
	client, err := sclient.FromEnv(os.Getenv)
	require.NoError(t, err)
	contract(t, client)
	require.NoError(t, client.Close(t.Context()))
}

// contract asks for everything that works on any server without a scan.
func contract(t *testing.T, c *sclient.Client) {
	t.Helper()
	ctx := t.Context()
	clock, err := c.ServerTime(ctx)
	require.NoError(t, err)
	require.False(t, clock.IsZero())
	system, err := c.System(ctx)
	require.NoError(t, err)
	require.NotEmpty(t, system.Version)
	status, err := c.Status(ctx)
	require.NoError(t, err)
	require.NotEmpty(t, status.Jobd)
	user, err := c.CurrentUser(ctx)
	require.NoError(t, err)
	require.NotEmpty(t, user.Username)
	require.False(t, user.IsAdministrator(), "an administrator cannot scan")

	info, err := c.Plugin(ctx, 19506)
	require.NoError(t, err)
	require.True(t, info.Family.ID.Valid())
	family, err := c.PluginFamily(ctx, info.Family.ID)
	require.NoError(t, err)
	require.Equal(t, info.Family.ID, family.ID)
	_, err = c.Plugin(ctx, 999999999)
	require.True(t, sclient.IsNotFound(err), "%v", err)

	repositories, err := c.Repositories(ctx)
	require.NoError(t, err)
	require.NotEmpty(t, repositories)
	contractPolicy(t, c, info.Family.ID)
	contractAsset(t, c)
	for row, err := range c.Vulns(ctx, sclient.VulnQuery{Filters: []sclient.Filter{sclient.FilterPlugin(19506)}, End: 3}) {
		require.NoError(t, err)
		require.Equal(t, sclient.ID(19506), row.PluginID)
		require.False(t, row.LastSeen.IsZero())
	}
}

// A policy for one use is in no list, and can be deleted by its ID.
func contractPolicy(t *testing.T, c *sclient.Client, family sclient.ID) {
	t.Helper()
	policy, err := c.CreatePolicy(t.Context(), sclient.PolicyRequest{
		Context: sclient.ContextScan, Description: "patchproof contract test",
		Families: []sclient.PolicyFamily{{ID: family, Plugins: []sclient.ID{19506}}},
	})
	require.NoError(t, err)
	require.NotEmpty(t, policy.Name, "made by the server")
	again, err := c.Policy(t.Context(), policy.ID)
	require.NoError(t, err)
	require.Equal(t, "patchproof contract test", again.Description)
	listed, err := c.Policies(t.Context())
	require.NoError(t, err)
	for _, p := range listed {
		require.NotEqual(t, policy.ID, p.ID)
	}
	require.NoError(t, c.DeletePolicy(t.Context(), policy.ID))
	require.True(t, sclient.IsNotFound(c.DeletePolicy(t.Context(), policy.ID)))
}

// What is read back is the same set of addresses, however the server writes it.
func contractAsset(t *testing.T, c *sclient.Client) {
	t.Helper()
	ips := []string{"192.0.2.1", "192.0.2.2", "198.51.100.0/30", "203.0.113.7-203.0.113.9"}
	created, err := c.CreateAsset(t.Context(), sclient.AssetRequest{Name: "patchproof contract test", DefinedIPs: ips})
	require.NoError(t, err)
	asset, err := c.Asset(t.Context(), created.ID)
	require.NoError(t, err)
	require.True(t, asset.DefinedIPs().Equal(sclient.ParseAddresses("192.0.2.1-192.0.2.2,198.51.100.0/30,203.0.113.7-203.0.113.9")))
	assets, err := c.Assets(t.Context(), sclient.AssetFilter{})
	require.NoError(t, err)
	require.NotEmpty(t, assets)
	require.NoError(t, c.DeleteAsset(t.Context(), created.ID))
	_, err = c.Asset(t.Context(), created.ID)
	require.True(t, sclient.IsNotFound(err), "%v", err)
}

// contractScan makes a remediation scan as the guide says and reads it in every way.
func contractScan(t *testing.T, c *sclient.Client, wait func()) {
	t.Helper()
	ctx := t.Context()
	begun, err := c.ServerTime(ctx)
	require.NoError(t, err)
	policy, err := c.CreatePolicy(ctx, sclient.PolicyRequest{
		Context: sclient.ContextScan, Preferences: map[string]string{"portscan_range": "445", "syn_scanner": "yes"},
		Families: []sclient.PolicyFamily{{ID: 20, Plugins: []sclient.ID{97833}}, {ID: 41, Plugins: []sclient.ID{19506}}},
	})
	require.NoError(t, err)
	scan, err := c.CreateScan(ctx, sclient.ScanRequest{
		Name: "contract", RepositoryID: 1, PolicyID: policy.ID, PluginID: 97833, IPList: []string{"10.0.0.5", "10.0.0.9"}, ClassifyMitigatedAge: 365,
		TimeoutAction: sclient.TimeoutImport,
	})
	require.NoError(t, err)
	require.True(t, scan.ScanResultID.Valid())
	wait()

	results, err := c.ScanResults(ctx, sclient.ScanResultFilter{Since: begun})
	require.NoError(t, err)
	require.Len(t, results, 1)
	require.Equal(t, policy.Name, results[0].Details)
	result, err := c.ScanResult(ctx, scan.ScanResultID)
	require.NoError(t, err)
	require.Equal(t, "Completed Finished", result.Status+" "+result.ImportStatus)
	require.True(t, result.Progress.ScannedIPs.Contains(netip.MustParseAddr("10.0.0.5")))
	require.True(t, result.Progress.DeadHostIPs.Contains(netip.MustParseAddr("10.0.0.9")))

	count := func(q sclient.VulnQuery, filters ...sclient.Filter) (n int) {
		q.Filters = slices.Concat(filters, []sclient.Filter{sclient.FilterPlugin(97833), sclient.FilterRepository(1)})
		for _, err := range c.Vulns(ctx, q) {
			require.NoError(t, err)
			n++
		}
		return n
	}
	later := begun.Add(24 * time.Hour)
	require.Zero(t, count(sclient.VulnQuery{Source: sclient.Cumulative}))
	require.Zero(t, count(sclient.VulnQuery{Source: sclient.Individual, ScanResultID: scan.ScanResultID, View: sclient.ViewAll}))
	require.Equal(t, 1, count(sclient.VulnQuery{Source: sclient.Patched}, sclient.FilterLastMitigated(sclient.Between(begun, later))))
	require.Equal(t, 1, count(sclient.VulnQuery{Source: sclient.Patched}, sclient.FilterLastMitigated(sclient.Days(0, 1))))
	require.Zero(t, count(sclient.VulnQuery{Source: sclient.Patched}, sclient.FilterLastMitigated(sclient.Between(later, later.Add(time.Hour)))))
	_, err = c.Policy(ctx, policy.ID)
	require.Error(t, err, "deleted by the server when the scan had ended")
}
