package remediation_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"patchproof/remediation"
)

func at(address string, port int) remediation.Finding {
	return remediation.Finding{Host: remediation.Host{Address: address}, Port: port, Protocol: "TCP"}
}

func states(list []remediation.Finding) (out []string) {
	for _, f := range list {
		out = append(out, f.Host.Label()+" "+string(f.State))
	}
	return out
}

func TestMerge(t *testing.T) {
	t.Parallel()
	targets, err := remediation.ParseTargets([]string{"10.0.0.5", "10.0.0.6", "10.0.0.7", "10.0.1.0/24", "gone.example.com"})
	require.NoError(t, err)
	got, left := remediation.Records{
		Open:      []remediation.Finding{at("10.0.0.5", 445), at("10.0.1.9", 445)},
		Mitigated: []remediation.Finding{at("::ffff:10.0.0.5", 445), at("10.0.0.6", 139)},
	}.Merge(targets)
	require.Zero(t, left)
	require.Equal(t, []string{
		"10.0.0.5 open", "10.0.0.6 mitigated", "10.0.0.7 absent", "10.0.1.9 open", "gone.example.com absent",
	}, states(got), "one that came back is open; only singly named hosts can be absent")
}

// A network is full of findings of hosts that are long gone: they are no business of a ticket of today, unless it names the host.
func TestMergeLeavesOldMitigationsOut(t *testing.T) {
	t.Parallel()
	targets, err := remediation.ParseTargets([]string{"10.0.0.6", "10.0.1.0/24", "old.example.com"})
	require.NoError(t, err)
	named := remediation.Finding{Host: remediation.Host{Address: "10.0.9.9", DNSName: "old.example.com"}, Port: 445, Protocol: "TCP"}
	got, left := remediation.Records{
		Mitigated: []remediation.Finding{at("10.0.0.6", 445), at("10.0.1.1", 445), at("10.0.1.2", 445), named},
		Recent:    []remediation.Finding{at("10.0.1.2", 445)},
	}.Merge(targets)
	require.Equal(t, []string{"10.0.0.6 mitigated", "10.0.1.2 mitigated", "old.example.com absent"}, states(got))
	require.Equal(t, 2, left)
	require.True(t, got[2].LongAgo)

	judged := remediation.Judge(remediation.Facts{Repository: repository, Baseline: got[2:]})
	require.Equal(t, remediation.NoBaseline, judged.Findings[0].Verdict)
	require.Contains(t, judged.Findings[0].Reason, "--mitigated-within")
}

var repository = remediation.Repository{ID: 1, Name: "Default", Type: "Local", Kind: "IPv4", Ranges: "10.0.0.0/8"}

func TestScanTargets(t *testing.T) {
	t.Parallel()
	open, absent := at("10.0.0.5", 445), at("10.0.0.7", 0)
	open.State, absent.State = remediation.StateOpen, remediation.StateAbsent
	trusted := at("10.0.0.8", 445)
	trusted.State, trusted.LookedSince = remediation.StateMitigated, true
	named := remediation.Finding{Host: remediation.Host{DNSName: "web1"}, State: remediation.StateAbsent}
	agents := at("10.0.0.9", 445)
	agents.FromAgent = true
	facts := remediation.Facts{Repository: repository, Baseline: []remediation.Finding{open, absent, trusted, named, agents, at("192.168.0.1", 1)}}

	require.Equal(t, []string{"10.0.0.5", "10.0.0.7-10.0.0.8"}, remediation.ScanTargets(facts),
		"an address without the finding is scanned along: the host may have moved there")

	facts.Exceptions.TrustPatched = &remediation.Exception{By: "eve", Reason: "patched by hand"}
	require.Equal(t, []string{"10.0.0.5", "10.0.0.7"}, remediation.ScanTargets(facts))
	facts.Baseline = facts.Baseline[1:]
	require.Empty(t, remediation.ScanTargets(facts), "for the absent alone no scan is made")
	require.Equal(t, remediation.AlreadyFixed, verdicts(facts)["10.0.0.8"])
}

func verdicts(f remediation.Facts) map[string]remediation.Verdict {
	out := map[string]remediation.Verdict{}
	for _, judged := range remediation.Judge(f).Findings {
		out[judged.Host] = judged.Verdict
	}
	return out
}

func TestConcerns(t *testing.T) {
	t.Parallel()
	baseline := remediation.NewBaseline([]remediation.Finding{{Host: remediation.Host{
		Address: "10.0.0.5", DNSName: "web1.example.com", NetBIOS: `LAB\WEB1`, MAC: "00:11:22:33:44:55", UUID: "AB-1",
	}}, at("10.0.0.6", 445)})
	for _, test := range []struct {
		row  remediation.Host
		want bool
	}{
		{remediation.Host{Address: "::ffff:10.0.0.5"}, true},
		{remediation.Host{Address: "10.9.9.9", UUID: "ab-1"}, true},
		{remediation.Host{Address: "10.9.9.9", MAC: "aa:aa:aa:aa:aa:aa, 00-11-22-33-44-55"}, true},
		{remediation.Host{Address: "10.9.9.9", DNSName: "WEB1"}, true},
		{remediation.Host{Address: "10.9.9.9", DNSName: "web1.example.com", MAC: "66:66:66:66:66:66"}, false}, // MACs outweigh names
		{remediation.Host{Address: "10.9.9.9", DNSName: "web1.other.org"}, false},
		{remediation.Host{Address: "10.9.9.9", NetBIOS: `LAB\WEB1`}, false}, // one image, many machines
		{remediation.Host{Address: "10.9.9.9", DNSName: "localhost"}, false},
		{remediation.Host{}, true}, // it does not say where it is
		{remediation.Host{UUID: "other"}, true},
	} {
		require.Equal(t, test.want, baseline.Concerns(test.row), "%+v", test.row)
	}
	require.True(t, baseline.HasAddress(remediation.Host{Address: "10.0.0.6"}))
	require.False(t, baseline.HasAddress(remediation.Host{Address: "10.0.0.7", UUID: "AB-1"}))
}
