package remediation

// Verdict is what is known about one finding.
type Verdict string

// The verdicts, in the order in which they are tried; docs/verdicts.md explains each.
const (
	NotInScope      Verdict = "not-in-scope"
	AgentOnly       Verdict = "agent-only"
	RiskAccepted    Verdict = "risk-accepted"
	StillVulnerable Verdict = "still-vulnerable"
	ImportBroken    Verdict = "import-failed"
	HostUnreachable Verdict = "host-unreachable"
	ScanIncomplete  Verdict = "scan-incomplete"
	PluginNotRun    Verdict = "plugin-not-run"
	HostChanged     Verdict = "host-changed"
	HostUnconfirmed Verdict = "host-unconfirmed"
	AuthFailed      Verdict = "auth-failed"
	PortNotObserved Verdict = "port-not-observed"
	FixedConfirmed  Verdict = "fixed-confirmed"
	AlreadyFixed    Verdict = "already-fixed"
	NoBaseline      Verdict = "no-baseline"
	NotMitigated    Verdict = "not-mitigated"
	Pending         Verdict = "pending"
	TimedOut        Verdict = "timed-out"
)

// ruleVersion grows with every change of the rules in judge.go.
const ruleVersion = 2

// Fixed reports whether the verdict is positive proof.
func (v Verdict) Fixed() bool { return v == FixedConfirmed || v == AlreadyFixed }

// Who acts on a verdict.
const (
	patchOwner  = "patch owner"
	scannerTeam = "scanner team"
	networkTeam = "network team"
	riskOwner   = "risk owner"
	requester   = "requester"
)

var next = map[Verdict]string{
	NotInScope: requester, AgentOnly: requester, RiskAccepted: riskOwner,
	StillVulnerable: patchOwner, ImportBroken: scannerTeam, HostUnreachable: networkTeam,
	ScanIncomplete: scannerTeam, PluginNotRun: scannerTeam, HostChanged: requester,
	HostUnconfirmed: scannerTeam,
	AuthFailed:      scannerTeam, PortNotObserved: patchOwner, NoBaseline: requester,
	NotMitigated: scannerTeam, TimedOut: scannerTeam,
}

// Judged is the verdict on one finding.
type Judged struct {
	Host     string  `json:"host"`
	DNSName  string  `json:"dnsName,omitempty"`
	Port     int     `json:"port"`
	Protocol string  `json:"protocol"`
	Verdict  Verdict `json:"verdict"`
	Reason   string  `json:"reason"`
	// Next is who has to do something now; "" when nobody has.
	Next string `json:"next,omitempty"`
}

// Judgement is the answer: a verdict per finding and the ticket's outcome.
type Judgement struct {
	// RuleVersion tells stored judgements of different rules apart.
	RuleVersion int      `json:"ruleVersion"`
	Findings    []Judged `json:"findings"`
	Outcome     Outcome  `json:"outcome,omitempty"` // "" while something is pending
	// Notes are what a reader should know besides; they decide nothing.
	Notes []string `json:"notes,omitempty"`
}

// Outcome is the ticket's answer.
type Outcome string

// The outcomes. Verdicts have the short names, since both know a risk that was accepted and a time that ran out.
const (
	OutcomeFixed        Outcome = "fixed"
	OutcomePartlyFixed  Outcome = "partly-fixed"
	OutcomeNotFixed     Outcome = "not-fixed"
	OutcomeRiskAccepted Outcome = "risk-accepted"
	OutcomeInconclusive Outcome = "inconclusive"
	OutcomeNothingFound Outcome = "nothing-found"
	OutcomeTimedOut     Outcome = "timed-out"
	OutcomeCancelled    Outcome = "cancelled"
)

// rollUp makes the ticket's outcome; the first that holds wins.
func rollUp(findings []Judged, why Interruption) Outcome {
	count := map[Verdict]int{}
	for _, f := range findings {
		count[f.Verdict]++
	}
	fixed := count[FixedConfirmed] + count[AlreadyFixed]
	vulnerable, accepted, waiting := count[StillVulnerable], count[RiskAccepted], count[Pending]
	switch all := len(findings); {
	case why == Cancelled && (waiting > 0 || all == 0):
		return OutcomeCancelled
	case waiting > 0:
		return ""
	case vulnerable > 0 && fixed > 0:
		return OutcomePartlyFixed
	case vulnerable > 0:
		return OutcomeNotFixed
	case count[TimedOut] > 0 || why == Expired && all == 0:
		return OutcomeTimedOut
	case count[NoBaseline] == all:
		return OutcomeNothingFound
	case fixed+accepted < all:
		return OutcomeInconclusive
	case fixed > 0 && accepted > 0:
		return OutcomePartlyFixed
	case accepted > 0:
		return OutcomeRiskAccepted
	default:
		return OutcomeFixed
	}
}
