package remediation_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"patchproof/remediation"
)

// anyOf draws one of a few values, so that drawn rows meet each other.
func anyOf[T any](t *rapid.T, label string, values ...T) T {
	return rapid.SampledFrom(values).Draw(t, label)
}

func drawHost(t *rapid.T, number int) remediation.Host {
	return remediation.Host{
		Address: fmt.Sprintf("10.0.0.%d", number),
		DNSName: anyOf(t, "dns", "", fmt.Sprintf("web%d.example.com", number), fmt.Sprintf("web%d", number), "shared.example.com"),
		NetBIOS: anyOf(t, "netbios", "", "IMAGE"),
		MAC:     anyOf(t, "mac", "", fmt.Sprintf("00:11:22:33:44:%02d", number), "66:66:66:66:66:66"),
		UUID:    anyOf(t, "uuid", "", "", fmt.Sprintf("uuid-%d", number)),
	}
}

func drawFinding(t *rapid.T) remediation.Finding {
	return remediation.Finding{
		Host: drawHost(t, rapid.IntRange(1, 4).Draw(t, "host")),
		Port: anyOf(t, "port", 0, 445, 445, 161), Protocol: anyOf(t, "protocol", "TCP", "TCP", "UDP"),
		LastSeen:     begun.Add(time.Duration(rapid.IntRange(-3, 15).Draw(t, "seen")) * time.Minute),
		RiskAccepted: anyOf(t, "accepted", false, false, true), SinceBaseline: anyOf(t, "since", true, false),
	}
}

func drawAccount(t *rapid.T) remediation.HostScan {
	a := account(drawHost(t, rapid.IntRange(1, 4).Draw(t, "host")))
	a.Feed = begun.AddDate(0, 0, anyOf(t, "feed", -1, -1, -60))
	a.Ours = anyOf(t, "ours", true, true, true, false)
	a.Depth = rapid.SliceOfDistinct(rapid.SampledFrom([]remediation.Feature{remediation.Thorough, remediation.Paranoid}), rapid.ID).Draw(t, "depth")
	a.Credentials = anyOf(t, "credentials", remediation.LoginYes, remediation.LoginYes, remediation.LoginNo)
	a.Logins = anyOf(t, "logins", nil, []string{"SSH"}, []string{"SMB", "SSH"})
	a.LoginTroubles = anyOf(t, "troubles", nil, nil, []remediation.LoginTrouble{{Plugin: 110385, Protocol: "SMB"}})
	a.OpenPorts = anyOf(t, "ports", a.OpenPorts, nil, []remediation.Port{
		{Number: 445, Protocol: "TCP", Observer: 34220}, {Number: 161, Protocol: "UDP", Observer: 34277, Network: true},
	})
	a.Listed = anyOf(t, "listed", false, true)
	return a
}

// drawFacts draws facts in which most pieces of proof are there, so that one of them decides.
func drawFacts(t *rapid.T) remediation.Facts {
	f := proven()
	f.Plugin.CheckType = anyOf(t, "check", "remote", "remote", "local", "combined")
	f.Plugin.FamilyName = anyOf(t, "family", "", "Windows", "Debian Local Security Checks")
	f.Repository.Ranges = anyOf(t, "ranges", "10.0.0.0/8", "10.0.0.0/8", "10.0.0.2-10.0.0.9")
	f.ReadAt = imported.Add(anyOf(t, "read", time.Minute, time.Hour))
	f.Baseline = rapid.SliceOfN(rapid.Custom(func(t *rapid.T) remediation.Finding {
		b := drawFinding(t)
		b.State = anyOf(t, "state", remediation.StateOpen, remediation.StateOpen, remediation.StateMitigated)
		return b
	}), 1, 3).Draw(t, "baseline")
	rowsOf := func(label string) []remediation.Finding {
		return rapid.SliceOfN(rapid.Custom(drawFinding), 0, 3).Draw(t, label)
	}
	f.Open, f.Scan.Seen = rowsOf("open"), rowsOf("saw")
	f.Mitigated = append(rowsOf("mitigated"), f.Baseline...)
	for i := range f.Mitigated {
		f.Mitigated[i].SinceBaseline = anyOf(t, "since", true, true, false)
	}
	f.Scan.Mitigated = rowsOf("ours")
	f.Scan.Scanned, f.Scan.Dead = "10.0.0.1-10.0.0.4", anyOf(t, "dead", "", "", "10.0.0.3")
	f.Scan.PortRange = anyOf(t, "range", "T:445,U:161", "445", "default")
	f.Scan.Hosts = rapid.SliceOfN(rapid.Custom(drawAccount), 0, 4).Draw(t, "accounts")
	for _, b := range f.Baseline {
		a := drawAccount(t)
		a.Host = b.Host
		f.Scan.Hosts = append(f.Scan.Hosts, a)
	}
	f.Before = rapid.SliceOfN(rapid.Custom(drawAccount), 0, 2).Draw(t, "before")
	f.Interrupted = anyOf(t, "interrupted", "", "", remediation.Expired, remediation.Cancelled)
	if anyOf(t, "exceptions", false, true) {
		f.Exceptions = remediation.Exceptions{TrustAddress: eve, ClosedPorts: eve}
	}
	return f
}

func TestEveryVerdictHasAReasonAndAnOwner(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		facts := drawFacts(t)
		for _, judged := range remediation.Judge(facts).Findings {
			require.NotEmpty(t, judged.Reason)
			nobody := judged.Verdict.Fixed() || judged.Verdict == remediation.Pending && facts.Interrupted == ""
			require.Equal(t, nobody, judged.Next == "", "%+v", judged)
		}
	})
}

func TestOrderNeverMatters(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		facts := drawFacts(t)
		want := remediation.Judge(facts)
		shuffled := facts
		scan := *facts.Scan
		shuffled.Scan = &scan
		shuffle(t, &shuffled.Baseline)
		shuffle(t, &shuffled.Before)
		shuffle(t, &shuffled.Open)
		shuffle(t, &shuffled.Mitigated)
		shuffle(t, &scan.Seen)
		shuffle(t, &scan.Mitigated)
		shuffle(t, &scan.Hosts)
		got := remediation.Judge(shuffled)
		require.Equal(t, want.Outcome, got.Outcome)
		require.Equal(t, counts(want), counts(got))
	})
}

func shuffle[T any](t *rapid.T, list *[]T) { *list = rapid.Permutation(*list).Draw(t, "order") }

// counts are the verdicts by finding, however often the baseline names one.
func counts(j remediation.Judgement) map[string]int {
	out := map[string]int{}
	for _, f := range j.Findings {
		out[fmt.Sprint(f.Host, " ", f.DNSName, " ", f.Port, f.Protocol, " ", f.Verdict)]++
	}
	return out
}

func TestAnUnrelatedRowChangesNothing(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		facts := drawFacts(t)
		want := remediation.Judge(facts)
		stranger := drawFinding(t)
		stranger.Host = remediation.Host{Address: "10.0.9.9", NetBIOS: "IMAGE", DNSName: "stranger", MAC: "99:99:99:99:99:99", UUID: "stranger"}
		other := account(stranger.Host)
		scan := *facts.Scan
		facts.Scan = &scan
		facts.Open = append(slices.Clone(facts.Open), stranger)
		facts.Mitigated = append(slices.Clone(facts.Mitigated), stranger)
		facts.Before = append(slices.Clone(facts.Before), other)
		scan.Mitigated = append(slices.Clone(scan.Mitigated), stranger)
		scan.Hosts = append(slices.Clone(scan.Hosts), other)
		require.Equal(t, want.Findings, remediation.Judge(facts).Findings)
	})
}

// The facts that are kept with a judgement are enough to judge again, also after they were stored.
func TestTrimmedFactsJudgeTheSame(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		judgement, trimmed := remediation.JudgeAndTrim(drawFacts(t))
		stored, err := json.Marshal(trimmed)
		require.NoError(t, err)
		var again remediation.Facts
		require.NoError(t, json.Unmarshal(stored, &again))
		require.Equal(t, judgement, remediation.Judge(again))
	})
}

// mayBeMissed are facts whose absence is no news at all: whole rows that say something bad, who a host was, how hard others
// looked, and by which protocol a family logs in. Nobody can miss what was never there.
var mayBeMissed = []string{
	"riskAccepted", "host", "dnsName", "netbios", "mac", "uuid", "before", "loginTroubles", "familyName", "open", "seen", "dead", "hosts", "openPorts",
	"interrupted", "exceptions", "trustAddress", "closedPorts",
}

// Whatever else is taken out of the facts, nothing becomes fixed by it: what is unknown is never good news.
func TestNoFactRemovedMakesAFix(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		facts := drawFacts(t)
		fixed := func(f remediation.Facts) map[string]int {
			out := map[string]int{}
			for _, judged := range remediation.Judge(f).Findings {
				if judged.Verdict.Fixed() {
					out[judged.Host]++
				}
			}
			return out
		}
		before := fixed(facts)
		stored, err := json.Marshal(facts)
		require.NoError(t, err)
		var tree any
		require.NoError(t, json.Unmarshal(stored, &tree))
		withoutEach(tree, func(path string) {
			changed, err := json.Marshal(tree)
			require.NoError(t, err)
			var less remediation.Facts
			require.NoError(t, json.Unmarshal(changed, &less))
			if less.Scan == nil || len(less.Baseline) != len(facts.Baseline) {
				return
			}
			for host, n := range fixed(less) {
				require.LessOrEqual(t, n, before[host], "without %s, %s is fixed:\n%s", path, host, stored)
			}
		})
	})
}

// withoutEach calls back once for every key of every object, with that key taken out.
func withoutEach(node any, call func(path string)) {
	var walk func(node any, path string)
	walk = func(node any, path string) {
		switch node := node.(type) {
		case map[string]any:
			for _, key := range slices.Sorted(func(yield func(string) bool) {
				for key := range node {
					if !yield(key) {
						return
					}
				}
			}) {
				value := node[key]
				walk(value, path+"."+key)
				looked := key == "depth" && strings.HasPrefix(path, ".before") // how hard others looked
				if slices.Contains(mayBeMissed, key) || looked || path == "" && key == "baseline" {
					continue
				}
				delete(node, key)
				if key == "port" {
					node[key] = remediation.NoPort // as facts say it; 0 is the host as a whole
				}
				call(path + "." + key)
				node[key] = value
			}
		case []any:
			for i, value := range node {
				walk(value, fmt.Sprintf("%s[%d]", path, i))
			}
		}
	}
	walk(node, "")
}
