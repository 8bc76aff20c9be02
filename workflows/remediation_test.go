package workflows_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/stretchr/testify/mock"
	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/temporal"

	"patchproof/activities"
	"patchproof/remediation"
	"patchproof/sctest"
	"patchproof/workflows"
)

func TestVerdictsOfOneScan(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		ip      string
		verdict remediation.Verdict
		outcome remediation.Outcome
		scans   int
	}{
		"fixed":                       {"10.0.0.5", remediation.FixedConfirmed, remediation.OutcomeFixed, 1},
		"still vulnerable":            {"10.0.0.8", remediation.StillVulnerable, remediation.OutcomeNotFixed, 1},
		"down":                        {"10.0.0.9", remediation.HostUnreachable, remediation.OutcomeInconclusive, 1},
		"the service is stopped":      {"10.0.0.10", remediation.PortNotObserved, remediation.OutcomeInconclusive, 1},
		"the risk is accepted":        {"10.0.0.11", remediation.RiskAccepted, remediation.OutcomeRiskAccepted, 1},
		"mitigated before":            {"10.0.0.12", remediation.AlreadyFixed, remediation.OutcomeFixed, 1},
		"never had it":                {"10.0.0.13", remediation.NoBaseline, remediation.OutcomeNothingFound, 0},
		"nobody knows the host":       {"10.0.0.99", remediation.NoBaseline, remediation.OutcomeNothingFound, 0},
		"another machine answers now": {"10.0.0.14", remediation.HostChanged, remediation.OutcomeInconclusive, 1},
		"by its name":                 {"web1.example.com", remediation.FixedConfirmed, remediation.OutcomeFixed, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStage(t, scenario)
			status := s.run(request(test.ip))
			require.Len(t, status.Findings, 1)
			require.Equal(t, test.verdict, status.Findings[0].Verdict, status.Findings[0].Reason)
			require.Equal(t, test.outcome, status.Outcome)
			require.Len(t, s.sim.State().Scans, test.scans)
			require.Len(t, status.Scans, test.scans)
			for _, scan := range status.Scans {
				require.Equal(t, "Completed Finished", scan.Status+" "+scan.ImportStatus)
				require.NotEmpty(t, scan.PolicyID+scan.ScanID)
			}
			s.nothingLeft()
		})
	}
}

// With classifyMitigatedAge 0 a dead host's finding vanishes from the open ones at once. That is no fix.
func TestDeadHostWhoseFindingVanished(t *testing.T) {
	t.Parallel()
	s := newStage(t, scenario)
	r := request("10.0.0.9")
	r.Scan.ClassifyMitigatedAge = new(int)
	status := s.run(r)
	require.Equal(t, remediation.HostUnreachable, status.Findings[0].Verdict)
	require.Equal(t, remediation.OutcomeInconclusive, status.Outcome)
}

func TestManyHosts(t *testing.T) {
	t.Parallel()
	s := newStage(t, scenario)
	r := request()
	r.Assets = []int{24}
	status := s.run(r)
	require.Equal(t, map[string]remediation.Verdict{
		"10.0.0.5": remediation.FixedConfirmed, "10.0.0.8": remediation.StillVulnerable, "10.0.0.9": remediation.HostUnreachable,
	}, verdicts(status))
	require.Equal(t, remediation.OutcomePartlyFixed, status.Outcome)
	require.Equal(t, "10.0.0.5,10.0.0.8-10.0.0.9", s.sim.State().Scans[0].IPList)
}

func TestLocalCheck(t *testing.T) {
	t.Parallel()
	local := func(credentials ...int) remediation.Request {
		r := request("10.0.0.6")
		r.Plugin, r.Scan.Credentials = 97737, credentials
		return r
	}
	t.Run("with credentials", func(t *testing.T) {
		t.Parallel()
		status := newStage(t, scenario).run(local(4))
		require.Equal(t, remediation.OutcomeFixed, status.Outcome, "%+v", status.Findings)
	})
	t.Run("without any", func(t *testing.T) {
		t.Parallel()
		s := newStage(t, scenario)
		require.Contains(t, s.refuse(local()), "credential: plugin 97737 is a local check")
		require.Zero(t, s.sim.Calls()["POST /rest/policy"], "nothing was done")
	})
}

func TestCannotBeDone(t *testing.T) {
	t.Parallel()
	for sentence, change := range map[string]func(*remediation.Request){
		"repository: Security Center knows no repository 7": func(r *remediation.Request) { r.Repository = 7 },
		"plugin: 5000 (A passive one) is a passive plugin":  func(r *remediation.Request) { r.Plugin = 5000 },
		"plugin: Security Center knows no plugin 424242":    func(r *remediation.Request) { r.Plugin = 424242 },
		"asset: Security Center knows no asset 9":           func(r *remediation.Request) { r.Targets, r.Assets = nil, []int{9} },
		"sc: this worker knows no Security Center":          func(r *remediation.Request) { r.SC = "elsewhere" },
		"ticket: is missing":                                func(r *remediation.Request) { r.Ticket = "" },
	} {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			r := request("10.0.0.5")
			change(&r)
			require.Contains(t, newStage(t, scenario).refuse(r), sentence)
		})
	}
}

// A foreign client's request is completed and checked before anything happens, in a workflow that its ticket finds.
func TestForeignRequests(t *testing.T) {
	t.Parallel()
	for sentence, change := range map[string]func(*remediation.Request){
		"ticket: is longer than 255 characters":                   func(r *remediation.Request) { r.Ticket += strings.Repeat("é", 255) },
		"plugin: 0 is not a plugin ID":                            func(r *remediation.Request) { r.Plugin = 0 },
		"poll: 1ms is not allowed: use 1s to 24h0m0s":             func(r *remediation.Request) { r.Poll = remediation.Duration(time.Millisecond) },
		"max-scans: 2 cannot be asked for":                        func(r *remediation.Request) { r.MaxScans = 2 },
		"rescan-delay: 1h0m0s cannot be asked for":                func(r *remediation.Request) { r.RescanDelay = remediation.Duration(time.Hour) },
		"schedule-time-zone: \"Mars/Olympus\" is not a time zone": func(r *remediation.Request) { r.Scan.ScheduleTimeZone = "Mars/Olympus" },
	} {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			s := newStage(t, scenario)
			attributes := map[string]any{}
			s.env.OnUpsertTypedSearchAttributes(mock.MatchedBy(func(list temporal.SearchAttributes) bool {
				for key, value := range list.GetUntypedValues() {
					attributes[key.GetName()] = value
				}
				return true
			})).Return(nil)
			r := request("10.0.0.5")
			r.Ticket = " VULN-1 "
			change(&r)
			require.Contains(t, s.refuse(r), sentence)
			app, ok := errors.AsType[*temporal.ApplicationError](s.env.GetWorkflowError())
			require.True(t, ok)
			require.Equal(t, activities.ErrorInvalid, app.Type())
			require.Empty(t, s.sim.Calls(), "nothing was done")
			ticket, ok := attributes["PpTicket"].(string)
			require.True(t, ok, "%v", attributes)
			require.LessOrEqual(t, utf8.RuneCountInString(ticket), 255)
			require.True(t, strings.HasPrefix(ticket, "VULN-1"), ticket)
			require.Equal(t, "done", attributes["PpPhase"])
		})
	}
}

// A second scan would disturb the hosts twice and could be taken for the first: whatever is lost on the way, there is one.
func TestLostAnswers(t *testing.T) {
	t.Parallel()
	for _, path := range []string{"/rest/scan", "/rest/policy"} {
		for _, do := range []string{"drop-response", "refuse", "truncate"} {
			t.Run(do+" "+path, func(t *testing.T) {
				t.Parallel()
				s := newStage(t, scenario)
				s.fault(sctest.Fault{Method: "POST", Path: path, Do: do})
				status := s.run(request("10.0.0.5"))
				require.Equal(t, remediation.OutcomeFixed, status.Outcome)
				require.Len(t, s.sim.State().Scans, 1)
				s.nothingLeft()
			})
		}
	}
}

func TestOutages(t *testing.T) {
	t.Parallel()
	for _, path := range []string{"/rest", "/rest/analysis", "/rest/scanResult", "/rest/repository", "/rest/plugin", "/rest/system"} {
		for _, fault := range []sctest.Fault{
			{Do: "status", Status: 502, Body: "html", Times: 4},
			{Do: "refuse", Times: 4},
			{Do: "truncate", Times: 3},
			{Do: "locked", Times: 3},
		} {
			t.Run(fault.Do+" "+path, func(t *testing.T) {
				t.Parallel()
				s := newStage(t, scenario)
				fault.Path = path
				s.fault(fault)
				require.Equal(t, remediation.OutcomeFixed, s.run(request("10.0.0.5")).Outcome)
				require.Len(t, s.sim.State().Scans, 1)
				s.nothingLeft()
			})
		}
	}
}

// Security Center answers nearly everything with 403, so one such answer must not cost a scan that runs.
func TestRefusalWhileItRuns(t *testing.T) {
	t.Parallel()
	for _, path := range []string{"/rest/scanResult", "/rest/analysis", "/rest/policy"} {
		for _, fault := range []sctest.Fault{
			{Do: "status", Status: 403, Body: "json"}, {Do: "status", Status: 404, Body: "json"}, {Do: "status", Status: 403, Body: "html", Times: 3},
		} {
			t.Run(fmt.Sprintf("%d %s %s", fault.Status, fault.Body, path), func(t *testing.T) {
				t.Parallel()
				s := newStage(t, scenario)
				fault.Path = path
				s.env.RegisterDelayedCallback(func() { s.fault(fault) }, 40*time.Second)
				status := s.run(request("10.0.0.5"))
				require.Equal(t, remediation.OutcomeFixed, status.Outcome)
				require.Len(t, s.sim.State().Scans, 1)
				s.nothingLeft()
				require.Less(t, status.FinishedAt.Sub(status.StartedAt), 6*time.Minute, "a hiccup costs seconds")
			})
		}
	}
}

// What keeps refusing ends the verification with its sentence, and with nothing left behind.
func TestRefusalThatStays(t *testing.T) {
	t.Parallel()
	s := newStage(t, scenario)
	s.env.RegisterDelayedCallback(func() {
		s.fault(sctest.Fault{Path: "/rest/analysis", Do: "individual-denied", Times: 1000})
		s.fault(sctest.Fault{Path: "/rest/analysis", Do: "status", Status: 404, Body: "json", Times: 1000})
	}, 40*time.Second)
	require.Contains(t, s.refuse(request("10.0.0.5")), "analysis")
	var status workflows.Status
	app, ok := errors.AsType[*temporal.ApplicationError](s.env.GetWorkflowError())
	require.True(t, ok)
	require.NoError(t, app.Details(&status))
	require.Equal(t, app.Message(), status.Error)
	require.Len(t, status.Scans, 1)
}

// The policy of a lost answer is in no list, and yet it does not stay.
func TestCancelAfterTheLostAnswerOfAPolicy(t *testing.T) {
	t.Parallel()
	s := newStage(t, scenario)
	s.fault(sctest.Fault{Method: "POST", Path: "/rest/policy", Do: "drop-response"})
	s.say(500*time.Millisecond, workflows.CancelUpdate, workflows.Cancel{Actor: "eve", Reason: "wrong host"}, func(_ any, err error) {
		require.NoError(t, err)
	})
	status := s.run(request("10.0.0.5"))
	require.Equal(t, remediation.OutcomeCancelled, status.Outcome)
	require.Zero(t, s.sim.Calls()["POST /rest/scan"])
	s.nothingLeft()
}

func TestScansThatGoWrong(t *testing.T) {
	t.Parallel()
	for do, verdict := range map[string]remediation.Verdict{
		"scan-error": remediation.ScanIncomplete, "import-error": remediation.ImportBroken, "no-results": remediation.ScanIncomplete,
	} {
		t.Run(do, func(t *testing.T) {
			t.Parallel()
			s := newStage(t, scenario)
			s.fault(sctest.Fault{Do: do})
			status := s.run(request("10.0.0.5"))
			require.Equal(t, verdict, status.Findings[0].Verdict, status.Findings[0].Reason)
			require.Equal(t, remediation.OutcomeInconclusive, status.Outcome)
			s.nothingLeft()
		})
	}
}

func TestPartialScan(t *testing.T) {
	t.Parallel()
	s := newStage(t, scenario)
	s.fault(sctest.Fault{Do: "scan-partial"})
	status := s.run(request("10.0.0.5", "10.0.0.8"))
	require.Contains(t, verdicts(status), "10.0.0.8")
	require.NotEqual(t, remediation.OutcomeFixed, status.Outcome)
	var incomplete int
	for _, v := range verdicts(status) {
		if v == remediation.ScanIncomplete {
			incomplete++
		}
	}
	require.Positive(t, incomplete, "%v", status.Findings)
}

func TestCancel(t *testing.T) {
	t.Parallel()
	for name, after := range map[string]time.Duration{"while it scans": 40 * time.Second, "at the very beginning": 0} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStage(t, scenario)
			s.say(after, workflows.CancelUpdate, workflows.Cancel{Actor: "eve", Reason: "wrong host"}, func(_ any, err error) {
				require.NoError(t, err)
			})
			status := s.run(request("10.0.0.5"))
			require.Equal(t, remediation.OutcomeCancelled, status.Outcome)
			require.Contains(t, status.Notes, "cancelled by eve: wrong host")
			s.nothingLeft()
		})
	}
}

func TestNativeCancel(t *testing.T) {
	t.Parallel()
	s := newStage(t, scenario)
	s.env.RegisterDelayedCallback(s.env.CancelWorkflow, 40*time.Second)
	status := s.run(request("10.0.0.5"))
	require.Equal(t, remediation.OutcomeCancelled, status.Outcome)
	require.NotEmpty(t, status.Notes)
	s.nothingLeft()
}

func TestDeadline(t *testing.T) {
	t.Parallel()
	t.Run("before the scan has ended", func(t *testing.T) {
		t.Parallel()
		s := newStage(t, scenario)
		r := request("10.0.0.5")
		r.Timeout = remediation.Duration(40 * time.Second)
		status := s.run(r)
		require.Equal(t, remediation.OutcomeTimedOut, status.Outcome)
		require.Equal(t, remediation.TimedOut, status.Findings[0].Verdict)
		s.nothingLeft()
	})
	t.Run("while Security Center is down", func(t *testing.T) {
		t.Parallel()
		s := newStage(t, scenario)
		s.fault(sctest.Fault{Path: "/rest", Do: "refuse", Times: 1000000})
		r := request("10.0.0.5")
		r.Timeout = remediation.Duration(time.Hour)
		status := s.run(r)
		require.Equal(t, remediation.OutcomeTimedOut, status.Outcome)
	})
	t.Run("moved by extend", func(t *testing.T) {
		t.Parallel()
		s := newStage(t, scenario)
		r := request("10.0.0.5")
		r.Timeout = remediation.Duration(40 * time.Second)
		s.say(10*time.Second, workflows.ExtendUpdate, workflows.Extend{Actor: "eve", Reason: "patience", By: remediation.Duration(time.Hour)}, func(_ any, err error) {
			require.NoError(t, err)
		})
		require.Equal(t, remediation.OutcomeFixed, s.run(r).Outcome)
	})
	t.Run("looks a last time", func(t *testing.T) {
		t.Parallel()
		s := newStage(t, lagging("150m"))
		r := request("10.0.0.5")
		// The look after the import, at two hours, sees nothing yet; the next would be at four, after the deadline.
		r.Timeout, r.Poll = remediation.Duration(3*time.Hour), remediation.Duration(2*time.Hour)
		r.ConfirmFor = r.Timeout
		status := s.run(r)
		require.Equal(t, remediation.OutcomeFixed, status.Outcome)
		require.GreaterOrEqual(t, status.FinishedAt.Sub(status.StartedAt), 3*time.Hour)
	})
}

func TestMitigationThatTakesItsTime(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		lag     string
		outcome remediation.Outcome
		verdict remediation.Verdict
	}{
		"within its time":  {"20m", remediation.OutcomeFixed, remediation.FixedConfirmed},
		"longer than that": {"10h", remediation.OutcomeInconclusive, remediation.NotMitigated},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStage(t, lagging(test.lag))
			status := s.run(request("10.0.0.5"))
			require.Equal(t, test.verdict, status.Findings[0].Verdict, status.Findings[0].Reason)
			require.Equal(t, test.outcome, status.Outcome)
			require.Less(t, status.FinishedAt.Sub(status.StartedAt), time.Hour)
		})
	}
}

func TestUpdatesThatAreRefused(t *testing.T) {
	t.Parallel()
	s := newStage(t, scenario)
	refused := 0
	expect := func(words string) func(any, error) {
		return func(_ any, err error) {
			require.ErrorContains(t, err, words)
			refused++
		}
	}
	s.say(10*time.Second, workflows.CancelUpdate, workflows.Cancel{Reason: "x"}, expect("actor: is missing"))
	s.say(11*time.Second, workflows.CancelUpdate, workflows.Cancel{Actor: "eve"}, expect("reason: is missing"))
	s.say(12*time.Second, workflows.ExtendUpdate, workflows.Extend{Actor: "eve", Reason: "x"}, expect("by: 0s is not allowed"))
	require.Equal(t, remediation.OutcomeFixed, s.run(request("10.0.0.5")).Outcome)
	require.Equal(t, 3, refused)
}

func TestStatusQuery(t *testing.T) {
	t.Parallel()
	s := newStage(t, scenario)
	asked := 0
	s.env.RegisterDelayedCallback(func() {
		asked++
		value, err := s.env.QueryWorkflow(workflows.StatusQuery)
		require.NoError(t, err)
		var status workflows.Status
		require.NoError(t, value.Get(&status))
		require.Equal(t, workflows.PhaseScanning, status.Phase)
		require.Equal(t, remediation.Pending, status.Findings[0].Verdict)
		require.NotEmpty(t, status.Scans[0].ScanResultID)
		require.Nil(t, status.FinishedAt)
	}, 40*time.Second)
	s.run(request("10.0.0.5"))
	require.Equal(t, 1, asked)
}
