package remediation_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"patchproof/remediation"
)

var (
	begun    = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	imported = begun.Add(10 * time.Minute)
)

// proven are the facts of one remote finding on 10.0.0.5, port 445, for which every piece of proof is there. Each test
// takes one piece away: none of them may be missing for a "fixed".
func proven() remediation.Facts {
	host := remediation.Host{Address: "10.0.0.5", DNSName: "web1.example.com", MAC: "00:11:22:33:44:55"}
	return remediation.Facts{
		Plugin:     remediation.Plugin{ID: 97833, Type: "active", CheckType: "remote", Modified: begun.AddDate(0, -1, 0)},
		Repository: remediation.Repository{ID: 1, Name: "Default", Type: "Local", Kind: "IPv4", Ranges: "10.0.0.0/8"},
		BaselineAt: begun,
		ReadAt:     imported.Add(time.Minute),
		Baseline: []remediation.Finding{{
			Host: host, Port: 445, Protocol: "TCP", State: remediation.StateOpen, LastSeen: begun.AddDate(0, 0, -3),
		}},
		Mitigated:  []remediation.Finding{{Host: host, Port: 445, Protocol: "TCP", SinceBaseline: true}},
		ConfirmFor: remediation.Duration(30 * time.Minute),
		Scan: &remediation.Scan{
			Number: 1, Ended: remediation.ScanCompleted, Import: remediation.ImportFinished, ImportedAt: imported,
			Began: begun.Add(time.Minute), Finished: imported,
			Scanned: "10.0.0.1-10.0.0.5", Dead: "10.0.0.9", PortRange: "445",
			Hosts: []remediation.HostScan{account(host)},
		},
	}
}

// looked is when our scan looks at a host.
var looked = begun.Add(5 * time.Minute)

// account is a host's scan information from which nothing is missing.
func account(host remediation.Host) remediation.HostScan {
	return remediation.HostScan{
		Host: host, Report: "Nessus version : 10", At: looked, Ours: true, Feed: begun.AddDate(0, 0, -1),
		OpenPorts: []remediation.Port{{Number: 445, Protocol: "TCP", Observer: 11219, Network: true}},
	}
}

// change applies to the only account, and login makes it one of a check that logs in, and did.
func change(mutate func(*remediation.HostScan)) func(*remediation.Facts) {
	return func(f *remediation.Facts) { mutate(&f.Scan.Hosts[0]) }
}

func login(checkType, family string, mutate func(*remediation.HostScan)) func(*remediation.Facts) {
	return func(f *remediation.Facts) {
		f.Plugin.CheckType, f.Plugin.FamilyName = checkType, family
		h := &f.Scan.Hosts[0]
		h.Credentials, h.Logins = remediation.LoginYes, []string{"SSH"}
		mutate(h)
	}
}

func openRow(mutate ...func(*remediation.Finding)) remediation.Finding {
	f := remediation.Finding{
		Host: remediation.Host{Address: "10.0.0.5", DNSName: "web1.example.com"}, Port: 445, Protocol: "TCP",
		LastSeen: begun.AddDate(0, 0, -3),
	}
	for _, m := range mutate {
		m(&f)
	}
	return f
}

func TestJudgeOneFinding(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		change  func(*remediation.Facts)
		verdict remediation.Verdict
		outcome remediation.Outcome
	}{
		"all proof is there": {func(*remediation.Facts) {}, remediation.FixedConfirmed, remediation.OutcomeFixed},

		"outside the repository":        {func(f *remediation.Facts) { f.Repository.Ranges = "10.1.0.0/16,192.168.0.1-192.168.0.9" }, remediation.NotInScope, remediation.OutcomeInconclusive},
		"a mobile repository":           {func(f *remediation.Facts) { f.Repository.Kind = "mobile" }, remediation.NotInScope, remediation.OutcomeInconclusive},
		"a repository of unknown kind":  {func(f *remediation.Facts) { f.Repository.Kind = "" }, remediation.NotInScope, remediation.OutcomeInconclusive},
		"a repository of unknown type":  {func(f *remediation.Facts) { f.Repository.Type = "" }, remediation.NotInScope, remediation.OutcomeInconclusive},
		"a repository of unknown range": {func(f *remediation.Facts) { f.Repository.Ranges = "" }, remediation.NotInScope, remediation.OutcomeInconclusive},
		"an offline repository":         {func(f *remediation.Facts) { f.Repository.Type = "Offline" }, remediation.NotInScope, remediation.OutcomeInconclusive},
		"an agent repository":           {func(f *remediation.Facts) { f.Repository.Kind = "agent" }, remediation.AgentOnly, remediation.OutcomeInconclusive},
		"an agent's finding":            {func(f *remediation.Facts) { f.Baseline[0].FromAgent = true }, remediation.AgentOnly, remediation.OutcomeInconclusive},

		"accepted and still listed, while our scan did not look well": {func(f *remediation.Facts) {
			f.Scan.Hosts[0].OpenPorts = nil
			f.Open = []remediation.Finding{openRow(func(f *remediation.Finding) { f.RiskAccepted = true })}
		}, remediation.RiskAccepted, remediation.OutcomeRiskAccepted},
		"accepted and seen by us": {func(f *remediation.Facts) {
			f.Open = []remediation.Finding{openRow(func(f *remediation.Finding) { f.RiskAccepted = true })}
			f.Scan.Seen = []remediation.Finding{openRow()}
		}, remediation.RiskAccepted, remediation.OutcomeRiskAccepted},
		"accepted once, but fixed": {func(f *remediation.Facts) { f.Baseline[0].RiskAccepted = true }, remediation.FixedConfirmed, remediation.OutcomeFixed},

		"accepted once, and lapsed": {func(f *remediation.Facts) {
			f.Baseline[0].RiskAccepted = true
			f.Open = []remediation.Finding{openRow()}
			f.Scan.Seen = []remediation.Finding{openRow(func(f *remediation.Finding) { f.RiskAccepted = true })}
		}, remediation.StillVulnerable, remediation.OutcomeNotFixed},
		"accepted, clean in our scan, mitigation late": {func(f *remediation.Facts) {
			f.Mitigated = nil
			f.Open = []remediation.Finding{openRow(func(f *remediation.Finding) { f.RiskAccepted = true })}
		}, remediation.Pending, ""},
		"accepted, clean in our scan, seen again since": {func(f *remediation.Facts) {
			f.Open = []remediation.Finding{openRow(func(f *remediation.Finding) { f.RiskAccepted, f.LastSeen = true, imported })}
		}, remediation.RiskAccepted, remediation.OutcomeRiskAccepted},
		"two rows seen together, one of them accepted": {func(f *remediation.Facts) {
			f.Scan.Hosts = nil
			accepted := openRow(func(f *remediation.Finding) { f.RiskAccepted = true })
			f.Open = []remediation.Finding{accepted, openRow(), accepted}
		}, remediation.PluginNotRun, remediation.OutcomeInconclusive},
		"seen by another scan before ours looked, mitigation late": {func(f *remediation.Facts) {
			f.Mitigated, f.Open = nil, []remediation.Finding{openRow(func(f *remediation.Finding) { f.LastSeen = begun.Add(time.Minute) })}
		}, remediation.Pending, ""},
		"seen by another scan while ours waits": {func(f *remediation.Facts) {
			f.Scan.Ended = ""
			f.Open = []remediation.Finding{openRow(func(f *remediation.Finding) { f.LastSeen = begun })}
		}, remediation.StillVulnerable, remediation.OutcomeNotFixed},
		"seen again, on a port that nobody names": {func(f *remediation.Facts) {
			f.Scan.Seen = []remediation.Finding{openRow(func(f *remediation.Finding) { f.Port = remediation.NoPort })}
		}, remediation.StillVulnerable, remediation.OutcomeNotFixed},
		"seen again, by a protocol that nobody names": {func(f *remediation.Facts) {
			f.Scan.Seen = []remediation.Finding{openRow(func(f *remediation.Finding) { f.Protocol = "" })}
		}, remediation.StillVulnerable, remediation.OutcomeNotFixed},
		"seen again, at an address that nobody names": {func(f *remediation.Facts) {
			f.Scan.Seen = []remediation.Finding{openRow(func(f *remediation.Finding) { f.Host = remediation.Host{} })}
		}, remediation.StillVulnerable, remediation.OutcomeNotFixed},
		"still open at an address that nobody names": {func(f *remediation.Facts) {
			f.Open = []remediation.Finding{openRow(func(f *remediation.Finding) { f.Host = remediation.Host{NetBIOS: "X"} })}
		}, remediation.Pending, ""},
		"seen at its address, written as IPv6": {func(f *remediation.Facts) {
			f.Scan.Seen = []remediation.Finding{openRow(func(f *remediation.Finding) { f.Host.Address = "::ffff:10.0.0.5" })}
		}, remediation.StillVulnerable, remediation.OutcomeNotFixed},
		"seen on another machine that shares the NetBIOS name": {func(f *remediation.Facts) {
			f.Baseline[0].Host.NetBIOS = "IMAGE"
			f.Open = []remediation.Finding{openRow(func(f *remediation.Finding) {
				f.Host, f.LastSeen = remediation.Host{Address: "10.0.0.77", NetBIOS: "IMAGE"}, imported
			})}
		}, remediation.FixedConfirmed, remediation.OutcomeFixed},
		"seen on another machine that shares the name, with a MAC of its own": {func(f *remediation.Facts) {
			f.Open = []remediation.Finding{openRow(func(f *remediation.Finding) {
				f.Host.Address, f.Host.MAC, f.LastSeen = "10.0.0.77", "66:66:66:66:66:66", imported
			})}
		}, remediation.FixedConfirmed, remediation.OutcomeFixed},

		"our scan saw it": {func(f *remediation.Facts) { f.Scan.Seen = []remediation.Finding{openRow()} }, remediation.StillVulnerable, remediation.OutcomeNotFixed},
		"our scan saw it, though it ended badly": {func(f *remediation.Facts) {
			f.Scan.Ended, f.Scan.Seen = remediation.ScanFailed, []remediation.Finding{openRow()}
		}, remediation.StillVulnerable, remediation.OutcomeNotFixed},
		"another scan saw it since": {func(f *remediation.Facts) {
			f.Open = []remediation.Finding{openRow(func(f *remediation.Finding) { f.LastSeen = looked })}
		}, remediation.StillVulnerable, remediation.OutcomeNotFixed},
		"the machine has it at its new address": {func(f *remediation.Facts) {
			f.Scan.Seen = []remediation.Finding{openRow(func(f *remediation.Finding) { f.Host.Address = "10.0.0.77" })}
		}, remediation.StillVulnerable, remediation.OutcomeNotFixed},

		"the import failed":               {func(f *remediation.Facts) { f.Scan.Import = remediation.ImportFailed }, remediation.ImportBroken, remediation.OutcomeInconclusive},
		"the host is dead":                {func(f *remediation.Facts) { f.Scan.Dead = "10.0.0.4-10.0.0.6" }, remediation.HostUnreachable, remediation.OutcomeInconclusive},
		"the scan failed":                 {func(f *remediation.Facts) { f.Scan.Ended = remediation.ScanFailed }, remediation.ScanIncomplete, remediation.OutcomeInconclusive},
		"the scan has no result":          {func(f *remediation.Facts) { f.Scan.Import = remediation.ImportNothing }, remediation.ScanIncomplete, remediation.OutcomeInconclusive},
		"the scan never came to the host": {func(f *remediation.Facts) { f.Scan.Scanned = "10.0.0.6" }, remediation.ScanIncomplete, remediation.OutcomeInconclusive},

		"no scan information":               {func(f *remediation.Facts) { f.Scan.Hosts = nil }, remediation.PluginNotRun, remediation.OutcomeInconclusive},
		"rows, but no scan information":     {func(f *remediation.Facts) { f.Scan.Hosts[0].Report = "" }, remediation.PluginNotRun, remediation.OutcomeInconclusive},
		"the feed is older than the plugin": {func(f *remediation.Facts) { f.Plugin.Modified = begun }, remediation.PluginNotRun, remediation.OutcomeInconclusive},

		"the same name in capitals, one MAC of two": {func(f *remediation.Facts) {
			f.Scan.Hosts[0].Host.DNSName = "WEB1.example.com."
			f.Scan.Hosts[0].Host.MAC = "AA:AA:AA:AA:AA:AA 00:11:22:33:44:55"
		}, remediation.FixedConfirmed, remediation.OutcomeFixed},

		"the port is closed":            {func(f *remediation.Facts) { f.Scan.Hosts[0].OpenPorts = nil }, remediation.PortNotObserved, remediation.OutcomeInconclusive},
		"the port was not in the range": {func(f *remediation.Facts) { f.Scan.PortRange = "1-444,446" }, remediation.PortNotObserved, remediation.OutcomeInconclusive},
		"only the UDP port is open":     {func(f *remediation.Facts) { f.Scan.Hosts[0].OpenPorts[0].Protocol = "UDP" }, remediation.PortNotObserved, remediation.OutcomeInconclusive},
		"a host-level finding needs no port": {func(f *remediation.Facts) {
			f.Baseline[0].Port, f.Mitigated[0].Port, f.Scan.Hosts[0].OpenPorts = 0, 0, nil
		}, remediation.FixedConfirmed, remediation.OutcomeFixed},

		"mitigated before, and still clean": {func(f *remediation.Facts) {
			f.Baseline[0].State, f.Mitigated[0].SinceBaseline = remediation.StateMitigated, false
		}, remediation.AlreadyFixed, remediation.OutcomeFixed},
		"mitigated long ago only, though it was open": {func(f *remediation.Facts) { f.Mitigated[0].SinceBaseline = false }, remediation.Pending, ""},
		"mitigated by our own scan, by a clock that was set back": {func(f *remediation.Facts) {
			f.Scan.Mitigated, f.Mitigated = f.Mitigated, nil
			f.Scan.Mitigated[0].SinceBaseline = false
		}, remediation.FixedConfirmed, remediation.OutcomeFixed},
		"mitigated on a port that nobody names":     {func(f *remediation.Facts) { f.Mitigated[0].Port = remediation.NoPort }, remediation.Pending, ""},
		"mitigated by a protocol that nobody names": {func(f *remediation.Facts) { f.Mitigated[0].Protocol = "" }, remediation.Pending, ""},
		"mitigated, and neither row names a protocol": {func(f *remediation.Facts) {
			f.Baseline[0].Port, f.Mitigated[0].Port, f.Baseline[0].Protocol, f.Mitigated[0].Protocol = 0, 0, "", ""
		}, remediation.Pending, ""},
		"mitigated on the machine that was here before": {func(f *remediation.Facts) { f.Mitigated[0].Host.MAC = "66:66:66:66:66:66" }, remediation.Pending, ""},
		"mitigated at its address, written as IPv6":     {func(f *remediation.Facts) { f.Mitigated[0].Host.Address = "::ffff:10.0.0.5" }, remediation.FixedConfirmed, remediation.OutcomeFixed},
		"mitigated on another port":                     {func(f *remediation.Facts) { f.Mitigated[0].Port = 139 }, remediation.Pending, ""},
		"mitigated on another host":                     {func(f *remediation.Facts) { f.Mitigated[0].Host.Address = "10.0.0.6" }, remediation.Pending, ""},
		"mitigated, but listed under its other name": {func(f *remediation.Facts) {
			f.Open = []remediation.Finding{openRow(func(f *remediation.Finding) { f.Host.DNSName = "alias.example.com" })}
		}, remediation.Pending, ""},
		"in no database": {func(f *remediation.Facts) { f.Mitigated = nil; f.ReadAt = imported.Add(24 * time.Hour) }, remediation.Pending, ""},

		"not mitigated yet": {func(f *remediation.Facts) { f.Mitigated, f.Open = nil, []remediation.Finding{openRow()} }, remediation.Pending, ""},
		"not mitigated for too long": {func(f *remediation.Facts) {
			f.Mitigated, f.Open, f.ReadAt = nil, []remediation.Finding{openRow()}, imported.Add(31*time.Minute)
		}, remediation.NotMitigated, remediation.OutcomeInconclusive},
		"not mitigated at the deadline": {func(f *remediation.Facts) {
			f.Mitigated, f.Open, f.Interrupted = nil, []remediation.Finding{openRow()}, remediation.Expired
		}, remediation.TimedOut, remediation.OutcomeTimedOut},

		"no scan yet":               {func(f *remediation.Facts) { f.Scan = nil }, remediation.Pending, ""},
		"no scan at the deadline":   {func(f *remediation.Facts) { f.Scan, f.Interrupted = nil, remediation.Expired }, remediation.TimedOut, remediation.OutcomeTimedOut},
		"cancelled during the scan": {func(f *remediation.Facts) { f.Scan.Ended, f.Interrupted = "", remediation.Cancelled }, remediation.Pending, remediation.OutcomeCancelled},
		"cancelled before the scan's result was read": {func(f *remediation.Facts) {
			f.ReadAt, f.Mitigated, f.Scan.Hosts, f.Interrupted = time.Time{}, nil, nil, remediation.Cancelled
		}, remediation.Pending, remediation.OutcomeCancelled},

		"never recorded": {func(f *remediation.Facts) {
			f.Baseline[0] = remediation.Finding{Host: remediation.Host{Address: "10.0.0.5"}, State: remediation.StateAbsent}
			f.Mitigated = nil
		}, remediation.NoBaseline, remediation.OutcomeNothingFound},
		"never recorded, on a host that is dead": {func(f *remediation.Facts) {
			f.Baseline[0] = remediation.Finding{Host: remediation.Host{Address: "10.0.0.9"}, State: remediation.StateAbsent}
		}, remediation.HostUnreachable, remediation.OutcomeInconclusive},
		"never recorded, but our scan sees it": {func(f *remediation.Facts) {
			f.Baseline[0] = remediation.Finding{Host: remediation.Host{Address: "10.0.0.5"}, State: remediation.StateAbsent}
			f.Scan.Seen = []remediation.Finding{openRow()}
		}, remediation.StillVulnerable, remediation.OutcomeNotFixed},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			facts := proven()
			test.change(&facts)
			got := remediation.Judge(facts)
			require.Len(t, got.Findings, 1)
			require.Equal(t, test.verdict, got.Findings[0].Verdict, got.Findings[0].Reason)
			require.Equal(t, test.outcome, got.Outcome)
			require.NotEmpty(t, got.Findings[0].Reason)
			nobody := test.verdict.Fixed() || test.verdict == remediation.Pending && facts.Interrupted == ""
			require.Equal(t, nobody, got.Findings[0].Next == "")
		})
	}
}

// A dead host is unreachable whatever the databases say, and they say "mitigated" when the scan was told to forget the
// hosts that do not reply.
func TestDeadHostIsNeverFixed(t *testing.T) {
	t.Parallel()
	facts := proven()
	facts.Scan.Scanned, facts.Scan.Dead, facts.Scan.Hosts = "", "10.0.0.5", nil
	got := remediation.Judge(facts)
	require.Equal(t, remediation.HostUnreachable, got.Findings[0].Verdict)
	require.Equal(t, remediation.OutcomeInconclusive, got.Outcome)
}

func TestFindingsThatTheBaselineDidNotHave(t *testing.T) {
	t.Parallel()
	facts := proven()
	facts.Scan.Seen = []remediation.Finding{openRow(func(f *remediation.Finding) { f.Port = 8445 })}
	got := remediation.Judge(facts)
	require.Equal(t, remediation.OutcomePartlyFixed, got.Outcome)
	require.Equal(t, []int{445, 8445}, []int{got.Findings[0].Port, got.Findings[1].Port})
	require.Equal(t, remediation.StillVulnerable, got.Findings[1].Verdict)
}

// Two interfaces of one machine share its name; what is seen on one is not said of the other.
func TestInterfacesOfOneMachine(t *testing.T) {
	t.Parallel()
	facts := proven()
	second := facts.Baseline[0]
	second.Host.Address = "10.0.0.4"
	facts.Scan.Hosts = append(facts.Scan.Hosts, account(second.Host))
	facts.Baseline = append(facts.Baseline, second)
	facts.Scan.Seen = []remediation.Finding{second}
	got := remediation.Judge(facts)
	require.Equal(t, []string{"10.0.0.4", "10.0.0.5"}, []string{got.Findings[0].Host, got.Findings[1].Host})
	require.Equal(t, remediation.StillVulnerable, got.Findings[0].Verdict)
	require.Equal(t, remediation.FixedConfirmed, got.Findings[1].Verdict)
}

func TestOutcomeOfAllInterruptions(t *testing.T) {
	t.Parallel()
	require.Equal(t, remediation.OutcomeTimedOut, remediation.Judge(remediation.Facts{Interrupted: remediation.Expired}).Outcome)
	require.Equal(t, remediation.OutcomeCancelled, remediation.Judge(remediation.Facts{Interrupted: remediation.Cancelled}).Outcome)
	require.Equal(t, remediation.OutcomeNothingFound, remediation.Judge(remediation.Facts{}).Outcome)

	facts := proven()
	facts.Interrupted = remediation.Cancelled
	require.Equal(t, remediation.OutcomeFixed, remediation.Judge(facts).Outcome, "a cancel after everything was decided changes nothing")
}

func TestRepositoryOfUnknownRange(t *testing.T) {
	t.Parallel()
	facts := proven()
	facts.Repository.Ranges = ""
	require.Contains(t, remediation.Judge(facts).Findings[0].Reason, "does not say which range")
}

// The period in which a mitigation is news begins at the earliest time of ours: the clock may have been set back since the baseline.
func TestSince(t *testing.T) {
	t.Parallel()
	from, to := proven().Since()
	require.Equal(t, begun, from)
	require.Equal(t, imported.Add(time.Minute+time.Hour), to)

	facts := proven()
	facts.Scan.Began, facts.Scan.Finished, facts.ReadAt = begun.Add(-2*time.Hour), begun.Add(-time.Hour), begun.Add(-50*time.Minute)
	facts.Scan.ImportedAt = time.Time{}
	from, to = facts.Since()
	require.Equal(t, begun.Add(-2*time.Hour), from)
	require.Equal(t, begun.Add(time.Hour), to)
}

// Stored facts can be judged again: nothing is lost on the way through JSON.
func TestFactsSurviveStorage(t *testing.T) {
	t.Parallel()
	facts := proven()
	stored, err := json.Marshal(facts)
	require.NoError(t, err)
	var again remediation.Facts
	require.NoError(t, json.Unmarshal(stored, &again))
	require.Equal(t, remediation.Judge(facts), remediation.Judge(again))
}

func TestOutcomes(t *testing.T) {
	t.Parallel()
	states := map[string]func(*remediation.Facts, remediation.Host){
		"fixed": func(f *remediation.Facts, h remediation.Host) {
			f.Mitigated = append(f.Mitigated, remediation.Finding{Host: h, Port: 445, Protocol: "TCP", SinceBaseline: true})
		},
		"vulnerable": func(f *remediation.Facts, h remediation.Host) {
			f.Scan.Seen = append(f.Scan.Seen, remediation.Finding{Host: h, Port: 445, Protocol: "TCP"})
		},
		"accepted": func(f *remediation.Facts, h remediation.Host) {
			f.Open = append(f.Open, remediation.Finding{Host: h, Port: 445, Protocol: "TCP", RiskAccepted: true, LastSeen: imported})
		},
		"dead":    func(f *remediation.Facts, h remediation.Host) { f.Scan.Dead += "," + h.Address },
		"pending": func(*remediation.Facts, remediation.Host) {},
	}
	for _, test := range []struct {
		hosts   []string
		why     remediation.Interruption
		outcome remediation.Outcome
	}{
		{[]string{"fixed", "fixed"}, "", remediation.OutcomeFixed},
		{[]string{"fixed", "vulnerable"}, "", remediation.OutcomePartlyFixed},
		{[]string{"vulnerable", "dead"}, "", remediation.OutcomeNotFixed},
		{[]string{"fixed", "dead"}, "", remediation.OutcomeInconclusive},
		{[]string{"fixed", "dead", "accepted"}, "", remediation.OutcomeInconclusive},
		{[]string{"fixed", "accepted"}, "", remediation.OutcomePartlyFixed},
		{[]string{"accepted", "accepted"}, "", remediation.OutcomeRiskAccepted},
		{[]string{"fixed", "pending"}, "", ""},
		{[]string{"vulnerable", "pending"}, "", ""},
		{[]string{"fixed", "pending"}, remediation.Expired, remediation.OutcomeTimedOut},
		{[]string{"vulnerable", "pending"}, remediation.Expired, remediation.OutcomeNotFixed},
		{[]string{"vulnerable", "pending"}, remediation.Cancelled, remediation.OutcomeCancelled},
		{[]string{"dead", "pending"}, remediation.Expired, remediation.OutcomeTimedOut},
	} {
		facts := proven()
		facts.Baseline, facts.Mitigated, facts.Scan.Hosts, facts.Interrupted = nil, nil, nil, test.why
		for i, state := range test.hosts {
			host := remediation.Host{Address: []string{"10.0.0.1", "10.0.0.2", "10.0.0.3"}[i]}
			facts.Baseline = append(facts.Baseline, remediation.Finding{Host: host, Port: 445, Protocol: "TCP", State: remediation.StateOpen})
			facts.Scan.Hosts = append(facts.Scan.Hosts, account(host))
			states[state](&facts, host)
		}
		require.Equal(t, test.outcome, remediation.Judge(facts).Outcome, "%v %s", test.hosts, test.why)
	}
}
