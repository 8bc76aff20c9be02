package sctest_test

// Scans that run by themselves, and what is listed of those that ran at once.

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func (l *lab) define(schedule m, changes m) m {
	l.t.Helper()
	policy := l.ok("POST", "/rest/policy", policyBody([]int{97833}, nil)).(m)
	body := scanBody(policy["id"], "10.0.0.5,10.0.0.8", changes) // which may name another policy
	body["schedule"] = schedule
	return l.ok("POST", "/rest/scan", body).(m)
}

func TestCalendarRuns(t *testing.T) {
	t.Parallel()
	l := newLab(t, threeHosts)
	daily := l.define(m{"type": "ical", "start": "TZID=Europe/Berlin:20260302T220000", "repeatRule": "FREQ=DAILY;INTERVAL=1"}, nil)
	require.NotContains(t, daily, "scanResultID")
	l.clock.forward(8 * time.Hour) // 20:00 UTC
	require.Empty(t, l.sim.State().ScanResults)
	l.clock.forward(50 * time.Hour)
	runs := l.sim.State().ScanResults
	require.Len(t, runs, 3)
	require.Equal(t, time.Date(2026, 3, 4, 21, 0, 0, 0, time.UTC), runs[2].CreatedTime.UTC())
	require.Equal(t, "Finished", runs[0].ImportStatus)
	once := l.define(m{"type": "ical", "start": "TZID=UTC:20260305T000000", "repeatRule": "FREQ=ONETIME"}, nil)
	l.ok("DELETE", "/rest/scan/"+daily["id"].(string), nil)
	l.clock.forward(240 * time.Hour)
	require.Len(t, l.sim.State().ScanResults, 4)
	require.NotNil(t, once)
}

func TestDaysOfTheWeek(t *testing.T) {
	t.Parallel()
	for rule, want := range map[string][]int{
		// The laboratory begins on Monday, the 2nd of March.
		"FREQ=WEEKLY;INTERVAL=1;BYDAY=MO,WE,FR": {4, 6, 9, 11, 13, 16, 18, 20, 23},
		"FREQ=WEEKLY;INTERVAL=2;BYDAY=TU,SU":    {3, 8, 17, 22},
		"FREQ=WEEKLY;INTERVAL=1":                {3, 10, 17},
	} {
		l := newLab(t, threeHosts)
		l.define(m{"type": "ical", "start": "TZID=UTC:20260303T020000", "repeatRule": rule}, nil) // a Tuesday
		l.clock.forward(21 * 24 * time.Hour)
		var days []int
		for _, run := range l.sim.State().ScanResults {
			days = append(days, run.CreatedTime.UTC().Day())
		}
		require.Equal(t, want, days, rule)
	}
}

func TestScansDoNotWaitForEachOther(t *testing.T) {
	t.Parallel()
	l := newLab(t, strings.Replace(threeHosts, "timing: {queue: 40s, perHost: 20s, import: 40s}", "timing: {queue: 0s, perHost: 0s, import: 0s}", 1))
	first := l.define(m{"type": "template"}, nil)["id"].(string)
	second := l.define(m{"type": "dependent", "dependentID": first}, nil)["id"].(string)
	third := l.define(m{"type": "dependent", "dependentID": second}, nil)["id"].(string)
	for _, of := range []string{first, second, third} {
		l.refused("PATCH", "/rest/scan/"+first, m{"schedule": m{"type": "dependent", "dependentID": of}}, 146, "dependentID")
	}
	l.ok("PATCH", "/rest/scan/"+third, m{"schedule": m{"type": "dependent", "dependentID": first}})
	l.ok("POST", "/rest/scan/"+first+"/launch", nil)
	require.Len(t, l.sim.State().ScanResults, 3)
}

// Intervals beyond all time would keep the server busy for ever.
func TestImpossibleIntervals(t *testing.T) {
	t.Parallel()
	l := newLab(t, threeHosts)
	policy := l.ok("POST", "/rest/policy", policyBody([]int{97833}, nil)).(m)
	for _, interval := range []string{"0", "-1", "x", "", "1001", "9223372036854775807", "99999999999999999999"} {
		body := scanBody(policy["id"], "10.0.0.5", m{
			"schedule": m{"type": "ical", "start": "TZID=UTC:20200101T000000", "repeatRule": "FREQ=WEEKLY;INTERVAL=" + interval},
		})
		l.refused("POST", "/rest/scan", body, 146, "repeatRule")
	}
}

func TestDependentRuns(t *testing.T) {
	t.Parallel()
	l := newLab(t, threeHosts)
	first := l.define(m{"type": "template"}, nil)
	l.define(m{"type": "dependent", "dependentID": first["id"]}, nil)
	require.Equal(t, "1", l.ok("GET", "/rest/scan/"+first["id"].(string), nil).(m)["numDependents"])
	l.clock.forward(time.Hour)
	require.Empty(t, l.sim.State().ScanResults)
	l.ok("POST", "/rest/scan/"+first["id"].(string)+"/launch", nil)
	l.clock.forward(time.Hour)
	require.Len(t, l.sim.State().ScanResults, 2)
}

func TestRolloverRunsOnTheNextDay(t *testing.T) {
	t.Parallel()
	l := newLab(t, strings.Replace(threeHosts, "perHost: 20s", "perHost: 50m", 1))
	l.launch("10.0.0.5,10.0.0.8", nil, m{
		"maxScanTime": "3600", "inactivityTimeout": "3600", "timeoutAction": "rollover", "rolloverType": "nextDay",
	})
	l.clock.forward(23 * time.Hour)
	require.Len(t, l.sim.State().ScanResults, 1)
	l.clock.forward(3 * time.Hour)
	runs := l.sim.State().ScanResults
	require.Len(t, runs, 2)
	require.Equal(t, []any{"10.0.0.8", "Completed", "10.0.0.8"}, []any{runs[1].IPList, runs[1].Status, runs[1].ScannedIPs})
}

func TestScansThatRanAtOnceAreNotListed(t *testing.T) {
	t.Parallel()
	l := newLab(t, threeHosts)
	l.launch("10.0.0.5", nil, nil)
	require.Empty(t, l.ok("GET", "/rest/scan", nil).(m)["usable"])
	l.define(m{"type": "template"}, nil)
	require.Len(t, l.ok("GET", "/rest/scan", nil).(m)["usable"], 1)
}

func TestDependenciesRunAlong(t *testing.T) {
	t.Parallel()
	l := newLab(t, "plugins: [{id: 97833, name: x, family: 20, dependencies: [97737]}, {id: 97737, name: y, family: 20, dependencies: [41028]}, {id: 41028, name: z, family: 20}]\n"+
		"hosts: [{ip: 10.0.0.5, findings: [{plugin: 97833, port: 445}, {plugin: 41028, port: 445}]}]\n")
	id := l.scanned("10.0.0.5", nil, nil, 97833)
	require.Equal(t, []string{"10.0.0.5:445"}, l.seen(id, 41028))
}
