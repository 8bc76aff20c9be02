package sclient

import (
	"net/http"
	"testing"
	"time"
	_ "time/tzdata" // for machines without time zones, on which the checks of names would be left out

	"github.com/stretchr/testify/require"
)

func validScan() ScanRequest {
	return ScanRequest{
		Name: "Remediation Scan of Plugin #97833", RepositoryID: 1, PolicyID: 1000007, PluginID: 97833, IPList: []string{"10.0.0.5"},
		ClassifyMitigatedAge: 365, TimeoutAction: TimeoutImport,
		Schedule: Schedule{Start: "TZID=America/New_York:20240131T160900"},
	}
}

func TestScanBody(t *testing.T) {
	t.Parallel()
	require.JSONEq(t, `{
		"name":"Remediation Scan of Plugin #97833","description":"","context":"","createdTime":0,"modifiedTime":0,"groups":[],
		"repository":{"id":1},"type":"policy","policy":{"id":1000007},"pluginID":"97833","reports":[],
		"schedule":{"start":"TZID=America/New_York:20240131T160900","repeatRule":"FREQ=NOW;INTERVAL=1","type":"now"},
		"dhcpTracking":"false","emailOnLaunch":"false","emailOnFinish":"false","scanningVirtualHosts":"false",
		"timeoutAction":"import","rolloverType":"template","classifyMitigatedAge":365,
		"assets":[],"ipList":"10.0.0.5","credentials":[],"maxScanTime":"unlimited"}`, string(validScan().Body()))

	full := validScan()
	full.Name, full.Description = "check", "why"
	full.IPList, full.AssetIDs = nil, []ID{24, 20}
	full.CredentialIDs, full.ZoneID = []ID{4}, 3
	full.DHCPTracking, full.EmailOnLaunch, full.EmailOnFinish, full.ScanningVirtualHosts = true, true, true, true
	full.MaxScanTime, full.TimeoutAction, full.RolloverType = 2*time.Hour, TimeoutRollover, RolloverNextDay
	full.ClassifyMitigatedAge = 0
	require.NoError(t, full.Validate())
	require.JSONEq(t, `{
		"name":"check","description":"why","context":"","createdTime":0,"modifiedTime":0,"groups":[],
		"repository":{"id":1},"type":"policy","policy":{"id":1000007},"pluginID":"97833","reports":[],"zone":{"id":3},
		"schedule":{"start":"TZID=America/New_York:20240131T160900","repeatRule":"FREQ=NOW;INTERVAL=1","type":"now"},
		"dhcpTracking":"true","emailOnLaunch":"true","emailOnFinish":"true","scanningVirtualHosts":"true",
		"timeoutAction":"rollover","rolloverType":"nextday","classifyMitigatedAge":0,
		"assets":[{"id":24},{"id":20}],"ipList":"","credentials":[{"id":4}],"maxScanTime":"7200"}`, string(full.Body()))
}

func TestScanValidate(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		change func(*ScanRequest)
		field  string
	}{
		"valid": {func(*ScanRequest) {}, ""},
		"kinds of targets": {func(r *ScanRequest) {
			r.IPList = []string{"10.0.0.0/24, 10.0.1.1-10.0.1.9", "::1", "web-1.example.com"}
		}, ""},
		"no repository":       {func(r *ScanRequest) { r.RepositoryID = 0 }, "repository"},
		"no policy":           {func(r *ScanRequest) { r.PolicyID = -1 }, "policy"},
		"no plugin":           {func(r *ScanRequest) { r.PluginID = 0 }, "pluginID"},
		"no target":           {func(r *ScanRequest) { r.IPList = []string{" "} }, "ipList"},
		"both targets":        {func(r *ScanRequest) { r.AssetIDs = []ID{1} }, "assets"},
		"mistyped address":    {func(r *ScanRequest) { r.IPList = []string{"10.0.0.300"} }, "ipList"},
		"mistyped prefix":     {func(r *ScanRequest) { r.IPList = []string{"10.0.0.0/33"} }, "ipList"},
		"reversed range":      {func(r *ScanRequest) { r.IPList = []string{"10.0.0.9-10.0.0.1"} }, "ipList"},
		"url":                 {func(r *ScanRequest) { r.IPList = []string{"https://web1"} }, "ipList"},
		"no name":             {func(r *ScanRequest) { r.Name = " " }, "name"},
		"unusual age":         {func(r *ScanRequest) { r.ClassifyMitigatedAge = 7 }, ""},
		"too short":           {func(r *ScanRequest) { r.MaxScanTime = 59 * time.Minute }, "maxScanTime"},
		"too long":            {func(r *ScanRequest) { r.MaxScanTime = 121 * time.Hour }, "maxScanTime"},
		"not whole":           {func(r *ScanRequest) { r.MaxScanTime = time.Hour + 1 }, "maxScanTime"},
		"no timeout action":   {func(r *ScanRequest) { r.TimeoutAction = "" }, "timeoutAction"},
		"new timeout action":  {func(r *ScanRequest) { r.TimeoutAction = "keep" }, ""},
		"rollover alone":      {func(r *ScanRequest) { r.TimeoutAction = TimeoutRollover }, "rolloverType"},
		"new rollover type":   {func(r *ScanRequest) { r.RolloverType = "tomorrow" }, ""},
		"credential":          {func(r *ScanRequest) { r.CredentialIDs = []ID{0} }, "credentials"},
		"zone":                {func(r *ScanRequest) { r.ZoneID = -2 }, "zone"},
		"zone of SC's choice": {func(r *ScanRequest) { r.ZoneID = -1 }, ""},
		"new schedule type":   {func(r *ScanRequest) { r.Schedule.Type = "soon" }, ""},
		"start form":          {func(r *ScanRequest) { r.Schedule.Start = "2024-01-31" }, "schedule"},
		"start date":          {func(r *ScanRequest) { r.Schedule.Start = "TZID=UTC:20241331T160900" }, "schedule"},
		"start zone":          {func(r *ScanRequest) { r.Schedule.Start = "TZID=Mars/Base:20240131T160900" }, ""},
		"no start":            {func(r *ScanRequest) { r.Schedule.Start = "" }, ""},
		"template":            {func(r *ScanRequest) { r.Schedule = Schedule{Type: "template"} }, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			request := validScan()
			test.change(&request)
			err := request.Validate()
			if test.field == "" {
				require.NoError(t, err)
				return
			}
			var typed *Error
			require.ErrorAs(t, err, &typed)
			require.Equal(t, test.field, typed.Field)
			require.True(t, IsInvalidRequest(err))

			s := newStub(t, nil)
			_, err = s.client().CreateScan(t.Context(), request)
			require.ErrorContains(t, err, "create scan: "+test.field+": ")
			require.Empty(t, s.got())
		})
	}
}

func TestScheduleStart(t *testing.T) {
	t.Parallel()
	moment := time.Date(2024, 1, 31, 21, 9, 0, 0, time.UTC)
	require.Equal(t, "TZID=UTC:20240131T210900", ScheduleStart(moment))
	zone, err := time.LoadLocation("America/New_York")
	require.NoError(t, err)
	require.Equal(t, "TZID=America/New_York:20240131T160900", ScheduleStart(moment.In(zone)))
	start := Schedule{}.complete().Start
	require.NoError(t, Schedule{Start: start}.validate())
}

func TestCreateLaunchDelete(t *testing.T) {
	t.Parallel()
	s := newStub(t, map[string]http.HandlerFunc{
		"POST /rest/scan": answers(`{"id":"69","name":"x","scanResultID":"170","ipList":"10.0.0.5","policy":{"id":"1000007","context":"scan"},` +
			`"schedule":{"id":-1,"objectType":-1,"type":"now","nextRun":-1,"enabled":"true"},"plugin":{"id":1000001,"name":""},` +
			`"zone":{"id":-1},"assets":[],"maxScanTime":"unlimited","classifyMitigatedAge":"365","status":0}`),
		"POST /rest/scan/69/launch": answers(`{"scanID":"69","scanResult":{"id":"171","status":"Queued","scanID":"69"}}`),
		"DELETE /rest/scan/69":      answers(`""`),
	})
	c := s.client()
	scan, err := c.CreateScan(t.Context(), validScan())
	require.NoError(t, err)
	require.Equal(t, ID(69), scan.ID)
	require.Equal(t, ID(170), scan.ScanResultID)
	require.Equal(t, ContextScan, scan.Policy.Context)
	require.JSONEq(t, string(validScan().Body()), s.last().body)

	launch, err := c.LaunchScan(t.Context(), 69)
	require.NoError(t, err)
	require.Equal(t, ID(171), launch.ScanResult.ID)
	require.NoError(t, c.DeleteScan(t.Context(), 69))
}

func TestPolicyBody(t *testing.T) {
	t.Parallel()
	request := PolicyRequest{
		Context:     ContextScan,
		Preferences: map[string]string{"portscan_range": "default", "tcp_scanner": "no"},
		Families:    []PolicyFamily{{20, []ID{97833}}, {41, []ID{19506}}},
	}
	require.NoError(t, request.Validate())
	require.JSONEq(t, `{"name":"","description":"","context":"scan","createdTime":0,"modifiedTime":0,"groups":[],
		"policyTemplate":{"id":1},"auditFiles":[],"preferences":{"portscan_range":"default","tcp_scanner":"no"},
		"families":[{"id":"20","plugins":[{"id":"97833"}]},{"id":"41","plugins":[{"id":"19506"}]}]}`, string(request.Body()))
	require.JSONEq(t, `{"name":"n","description":"","context":"","createdTime":0,"modifiedTime":0,"groups":[],
		"policyTemplate":{"id":25},"auditFiles":[],"preferences":{},"families":[]}`, string(PolicyRequest{Name: "n", TemplateID: 25}.Body()))
}

func TestPolicyValidate(t *testing.T) {
	t.Parallel()
	family := []PolicyFamily{{20, []ID{97833}}}
	for field, requests := range map[string][]PolicyRequest{
		"name":           {{Families: family}},
		"context":        {{Name: "n", Context: "asset"}},
		"policyTemplate": {{Name: "n", TemplateID: -1}},
		"preferences":    {{Name: "n", Preferences: map[string]string{"": "x"}}},
		"families": {
			{Context: ContextScan},
			{Context: ContextScan, Families: []PolicyFamily{{0, []ID{1}}}},
			{Context: ContextScan, Families: []PolicyFamily{{20, []ID{0}}}},
			{Context: ContextScan, Families: append(family, family...)},
		},
	} {
		for _, request := range requests {
			var typed *Error
			require.ErrorAs(t, request.Validate(), &typed)
			require.Equal(t, field, typed.Field)
		}
	}
}

func TestPolicyShapes(t *testing.T) {
	t.Parallel()
	s := newStub(t, map[string]http.HandlerFunc{
		"POST /rest/policy":  answers(`{"id":"1000007","name":"_1513112172_x","description":"","tags":""}`),
		"GET /rest/policy/1": answers(`[{"id":"1","preferences":[],"families":[{"id":"9","count":"11164"}]}]`),
		"GET /rest/policy/2": answers(`{"id":2,"preferences":{"a":"b","n":7},"context":"scan","policyTemplate":{"id":"1"}}`),
	})
	c := s.client()
	created, err := c.CreatePolicy(t.Context(), PolicyRequest{Context: ContextScan, Families: []PolicyFamily{{20, []ID{97833}}}})
	require.NoError(t, err)
	require.Equal(t, ID(1000007), created.ID)
	listed, err := c.Policy(t.Context(), 1)
	require.NoError(t, err)
	require.Empty(t, listed.Preferences)
	require.Equal(t, Int(11164), listed.Families[0].Count)
	object, err := c.Policy(t.Context(), 2)
	require.NoError(t, err)
	require.Equal(t, Preferences{"a": "b", "n": "7"}, object.Preferences)
}

func TestScanResults(t *testing.T) {
	t.Parallel()
	s := newStub(t, map[string]http.HandlerFunc{
		"GET /rest/scanResult": answers(`{"usable":[{"id":"121","status":"Partial","running":false,"scan":{"id":-1}}],"manageable":[{"id":"121"}]}`),
		"GET /rest/scanResult/7": answers(`{"id":"7","status":"Completed","importStatus":"Finished","importFinish":"-1","scannedIPs":"1",` +
			`"progress":{"scannedIPs":"10.0.0.1-10.0.0.3,web.example.com,10.0.0.999","deadHostIPs":"192.168.1.17","deadHostSize":1}}`),
		"GET /rest/scanResult/8":         answers(`{"id":"8","status":"Queued","progress":[]}`),
		"POST /rest/scanResult/7/stop":   answers(`{"id":"7","status":"Running"}`),
		"POST /rest/scanResult/7/pause":  answers(`""`),
		"POST /rest/scanResult/7/resume": answers(`{"id":"7","status":"Paused"}`),
	})
	c, ctx := s.client(), t.Context()
	since := time.Unix(1700000000, 5)
	results, err := c.ScanResults(ctx, ScanResultFilter{Since: since, Until: since.Add(time.Hour), Fields: []string{"status"}})
	require.NoError(t, err)
	require.Len(t, results, 1)
	require.True(t, results[0].Ended())
	require.Equal(t, "endTime=1700003601&fields=id%2Cstatus&startTime=1700000000", s.last().query)
	_, err = c.ScanResults(ctx, ScanResultFilter{Since: since, Until: since.Add(-time.Hour)})
	require.True(t, IsInvalidRequest(err))

	result, err := c.ScanResult(ctx, 7)
	require.NoError(t, err)
	require.True(t, result.Progress.ScannedIPs.Contains(addr("10.0.0.2")))
	require.False(t, result.Progress.ScannedIPs.Contains(addr("192.168.1.17")))
	require.True(t, result.Progress.DeadHostIPs.Contains(addr("192.168.1.17")))
	require.Equal(t, []string{"web.example.com", "10.0.0.999"}, result.Progress.ScannedIPs.Names())
	require.True(t, result.ImportFinish.IsZero())

	queued, err := c.ScanResult(ctx, 8)
	require.NoError(t, err)
	require.False(t, queued.Ended())
	require.True(t, queued.Progress.ScannedIPs.IsEmpty())

	require.NoError(t, c.StopScanResult(ctx, 7))
	require.NoError(t, c.PauseScanResult(ctx, 7))
	require.NoError(t, c.ResumeScanResult(ctx, 7))
}
