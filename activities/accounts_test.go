package activities_test

import (
	"context"
	"fmt"
	"iter"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/testsuite"
	"go.uber.org/mock/gomock"

	"patchproof/activities"
	"patchproof/remediation"
	"patchproof/sclient"
)

var scannedAt = time.Unix(1_790_000_000, 0).UTC()

const ourPolicy = "_1790000000_..scan_0123abcd"

// row is a row of a plugin about 10.0.0.5, unless it is changed.
func row(plugin sclient.ID, text string, change ...func(*sclient.Vuln)) sclient.Vuln {
	v := sclient.Vuln{
		PluginID: plugin, IP: "10.0.0.5", Port: sclient.Port{Known: true}, Protocol: "TCP", PluginText: text,
		LastSeen: sclient.Time{Time: scannedAt}, Repository: sclient.RepositoryRef{ID: 1, DataFormat: "IPv4"},
	}
	for _, c := range change {
		c(&v)
	}
	return v
}

func onPort(number int) func(*sclient.Vuln) {
	return func(v *sclient.Vuln) { v.Port = sclient.Port{Number: number, Known: true} }
}

func known5(v *sclient.Vuln)   { v.MACAddress = "00:11:22:33:44:55" }
func unplaced(v *sclient.Vuln) { v.Port = sclient.Port{} }

const info = "<plugin_output>Information about this scan :\n\nPlugin feed version : 202601010000\nScan policy used : 6d32dff0-1/" + ourPolicy +
	"\nParanoia level : 2 (paranoid)\nSafe checks : yes\nCredentialed checks : yes, as 'svc' via ssh\nDisplay superseded patches : yes (supersedence plugin did not launch)\n</plugin_output>"

// answers are rows by source and view.
type answers map[string][]sclient.Vuln

// assess judges one open finding of 10.0.0.5 at port 445 by what Security Center answers.
func assess(t *testing.T, change func(*remediation.Facts), answers answers) (*activities.AssessResult, error) {
	t.Helper()
	sc := NewMockSecurityCenter(gomock.NewController(t))
	sc.EXPECT().ServerTime(gomock.Any()).AnyTimes().Return(scannedAt.Add(time.Hour), nil)
	sc.EXPECT().Vulns(gomock.Any(), gomock.Any()).AnyTimes().DoAndReturn(func(_ context.Context, q sclient.VulnQuery) iter.Seq2[sclient.Vuln, error] {
		return func(yield func(sclient.Vuln, error) bool) {
			for _, v := range answers[strings.TrimSpace(string(q.Source)+" "+q.View)] {
				if !yield(v, nil) {
					return
				}
			}
		}
	})
	env := new(testsuite.WorkflowTestSuite).NewTestActivityEnvironment()
	a := &activities.Activities{SCs: map[string]activities.Site{"default": {SecurityCenter: sc}}}
	env.RegisterActivity(a)
	facts := remediation.Facts{
		Plugin:     remediation.Plugin{ID: 97833, Type: "active", CheckType: "remote", Modified: scannedAt.AddDate(-1, 0, 0)},
		Repository: remediation.Repository{ID: 1, Kind: "IPv4", Type: "Local", Ranges: "10.0.0.0/8"},
		BaselineAt: scannedAt.Add(-time.Hour),
		Baseline: []remediation.Finding{{
			Host: remediation.Host{Address: "10.0.0.5", MAC: "00-11-22-33-44-55"}, Port: 445, Protocol: "TCP", State: remediation.StateOpen,
		}},
		Scan: &remediation.Scan{
			Ended: remediation.ScanCompleted, Import: remediation.ImportFinished, ImportedAt: scannedAt, Began: scannedAt, Finished: scannedAt,
			Scanned: "10.0.0.5", PortRange: "445",
		},
	}
	if change != nil {
		change(&facts)
	}
	value, err := env.ExecuteActivity(a.Assess, activities.AssessInput{SC: "default", ResultID: 7, Policy: ourPolicy, Facts: facts})
	if err != nil {
		return nil, err
	}
	var out activities.AssessResult
	require.NoError(t, value.Get(&out))
	return &out, nil
}

// ourRows are the rows of our result, with nothing missing, and what its import mitigated.
func ourRows(more ...sclient.Vuln) answers {
	return answers{
		"individual all":     append([]sclient.Vuln{row(19506, info, known5), row(11219, "open", onPort(445))}, more...),
		"individual patched": {row(97833, "", onPort(445))},
	}
}

func TestWhatRowsSayOfAHost(t *testing.T) {
	t.Parallel()
	local := func(family string) func(*remediation.Facts) {
		return func(f *remediation.Facts) { f.Plugin.CheckType, f.Plugin.FamilyName = "local", family }
	}
	unlogged := "Information\nPlugin feed version : 202601010000\nScan policy used : " + ourPolicy + "\nCredentialed checks : no"
	for name, test := range map[string]struct {
		change  func(*remediation.Facts)
		answers answers
		verdict remediation.Verdict
		reason  string
	}{
		"mitigated by our import, as only our result says": {nil, ourRows(), remediation.FixedConfirmed, "its import mitigated it"},
		"two machines, told apart by nothing but the MAC": {
			nil, ourRows(row(19506, info, func(v *sclient.Vuln) { v.MACAddress = "66:66:66:66:66:66" })),
			remediation.HostChanged, "MAC",
		},
		"more machines than anybody has": {nil, ourRows(row(19506, info+"1", known5), row(19506, info+"2", known5), row(19506, info+"3", known5), row(19506, info+"4", known5)), remediation.PluginNotRun, "19506"},
		"the MAC in a text":              {nil, answersOf(row(19506, info), row(86420, "The following MAC addresses:\n  - 00:11:22:33:44:55"), row(11219, "", onPort(445))), remediation.FixedConfirmed, ""},
		"another MAC in a text":          {nil, answersOf(row(19506, info), row(35716, "66:66:66:66:66:66 : Vendor"), row(11219, "", onPort(445))), remediation.HostChanged, "MAC"},
		"the name in a text": {
			func(f *remediation.Facts) {
				f.Baseline[0].Host = remediation.Host{Address: "10.0.0.5", DNSName: "web1.example.com"}
			},
			answersOf(row(19506, info), row(12053, "10.0.0.5 resolves as web1.example.com."), row(11219, "", onPort(445))), remediation.FixedConfirmed, "",
		},
		"another NetBIOS name in a text": {
			func(f *remediation.Facts) {
				f.Baseline[0].Host = remediation.Host{Address: "10.0.0.5", NetBIOS: `LAB\WEB1`}
			},
			answersOf(row(19506, info), row(10150, "The following names:\n\n  WEB2             = Computer name\n  LAB = Workgroup"), row(11219, "", onPort(445))), remediation.HostChanged, "NetBIOS",
		},
		"an open row that does not say on which port": {nil, stillOpen(row(97833, "", unplaced)), remediation.StillVulnerable, ""},
		"seen on a port that the row does not name":   {nil, ourRows(row(97833, "", unplaced)), remediation.StillVulnerable, ""},
		"a mitigated row of another plugin":           {nil, onlyMitigated(func(v *sclient.Vuln) { v.PluginID = 1 }), remediation.Pending, ""},
		"a mitigated row of an unknown plugin":        {nil, onlyMitigated(func(v *sclient.Vuln) { v.PluginID = 0 }), remediation.Pending, ""},
		"a mitigated row of another repository":       {nil, onlyMitigated(func(v *sclient.Vuln) { v.Repository.ID = 2 }), remediation.Pending, ""},
		"an open row of another plugin":               {nil, stillOpen(row(1, "", onPort(445))), remediation.FixedConfirmed, ""},
		"an open row of an unknown plugin":            {nil, stillOpen(row(0, "", onPort(445))), remediation.StillVulnerable, ""},
		"closed, as a login lists what listens": {
			func(f *remediation.Facts) {
				f.Exceptions.ClosedPorts = &remediation.Exception{By: "eve", Reason: "gone"}
			},
			answersOf(row(19506, info, known5), row(14272, "", onPort(22))), remediation.FixedConfirmed, "a closed port was accepted",
		},
		"nothing lists what listens": {
			func(f *remediation.Facts) {
				f.Exceptions.ClosedPorts = &remediation.Exception{By: "eve", Reason: "gone"}
			},
			answersOf(row(19506, info, known5), row(22964, "", onPort(22))), remediation.PortNotObserved, "closed or filtered",
		},
		"a listener on a port that the row does not name": {
			func(f *remediation.Facts) {
				f.Exceptions.ClosedPorts = &remediation.Exception{By: "eve", Reason: "gone"}
			},
			answersOf(row(19506, info, known5), row(14272, "", unplaced)), remediation.PortNotObserved, "closed or filtered",
		},
		"a login with rights": {local("Debian Local Security Checks"), ourRows(row(117887, "OS Security Patch Assessment is available.\n\nAccount  : svc\nProtocol : SSH")), remediation.FixedConfirmed, ""},
		"a login whose row names no protocol, but its scan information does": {local("Debian Local Security Checks"), ourRows(row(117887, "available")), remediation.FixedConfirmed, ""},
		"a login by another protocol than the check's":                       {local("Windows"), ourRows(row(117887, "available")), remediation.AuthFailed, "SMB"},
		"a Windows trouble that names no protocol":                           {local("Windows"), ourRows(row(117887, "Protocol : SMB"), row(26917, "Could not connect to the registry")), remediation.AuthFailed, "26917 SMB"},
		"a Windows trouble beside a login that is used":                      {local("Debian Local Security Checks"), ourRows(row(117887, "Protocol : SSH"), row(24786, "no ADMIN$")), remediation.FixedConfirmed, ""},
		"no credentials for the other protocol":                              {local("Debian Local Security Checks"), ourRows(row(117887, "Protocol : SSH"), row(110723, "\nSMB was detected on port 445 but no credentials were provided.\n")), remediation.FixedConfirmed, ""},
		"a login that did not work":                                          {local("Debian Local Security Checks"), answersOf(row(19506, unlogged, known5), row(11219, "", onPort(445)), row(117887, "Protocol : SSH")), remediation.AuthFailed, "needs a login"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			out, err := assess(t, test.change, test.answers)
			require.NoError(t, err)
			require.Len(t, out.Judgement.Findings, 1)
			require.Equal(t, test.verdict, out.Judgement.Findings[0].Verdict, out.Judgement.Findings[0].Reason)
			require.Contains(t, out.Judgement.Findings[0].Reason, test.reason)
		})
	}
}

// onlyMitigated changes the one row that is proof.
func onlyMitigated(change func(*sclient.Vuln)) answers {
	a := ourRows()
	a["individual patched"], a["patched"] = nil, []sclient.Vuln{row(97833, "", onPort(445), change)}
	return a
}

func answersOf(rows ...sclient.Vuln) answers {
	a := ourRows()
	a["individual all"] = rows
	return a
}

// stillOpen are our rows, and what the database of open findings lists.
func stillOpen(rows ...sclient.Vuln) answers {
	a := ourRows()
	a["cumulative"] = rows
	return a
}

// How hard the scan before looked is read from its account, whatever the words behind a yes.
func TestDepthIsRead(t *testing.T) {
	t.Parallel()
	out, err := assess(t, func(f *remediation.Facts) {
		f.Before = []remediation.HostScan{{Host: remediation.Host{Address: "10.0.0.5"}, Report: "there", Depth: remediation.Depth{remediation.Superseded, remediation.Suspicious}}}
	}, ourRows())
	require.NoError(t, err)
	require.Equal(t, remediation.FixedConfirmed, out.Judgement.Findings[0].Verdict, out.Judgement.Findings[0].Reason)
	require.Equal(t, remediation.Depth{remediation.Superseded, remediation.Suspicious, remediation.Paranoid}, out.Facts.Scan.Hosts[0].Depth)
}

// An answer without end has an end for us.
func TestRowsWithoutEnd(t *testing.T) {
	t.Parallel()
	flood := make([]sclient.Vuln, 0, 20_000)
	for i := range cap(flood) {
		flood = append(flood, row(97833, "", onPort(445), func(v *sclient.Vuln) { v.UUID = fmt.Sprint(i) }))
	}
	_, err := assess(t, nil, stillOpen(flood...))
	require.ErrorContains(t, err, "more than 10000 rows")
}
