package rest

// What servers demand of a new scan.

import (
	"cmp"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"patchproof/sctest/internal/addresses"
	"patchproof/sctest/internal/dialect"
	"patchproof/sctest/internal/network"
	"patchproof/sctest/internal/scenario"
)

var (
	mitigatedAges  = []string{"0", "1", "2", "3", "4", "5", "6", "30", "60", "90", "365"}
	repeatInterval = regexp.MustCompile(`(?i)(?:^|;)INTERVAL=([^;]*)`)
	icalStart      = regexp.MustCompile(`^TZID=[A-Za-z0-9_+/-]+:\d{8}T\d{6}Z?$`)
)

func noScanning() error {
	return dialect.Refuse("You do not have permission to launch Scans.\n")
}

// longestInterval is more days, weeks, months or years than anybody waits; times far beyond it wrap around, and their calendar never ends.
const longestInterval = 1000

const noPolicy = "Please specify a valid Policy.\n"

func (c *call) readScan() (*network.Scan, error) {
	if !c.user.may(scenario.MayScan) {
		return nil, noScanning()
	}
	s := &network.Scan{Created: c.now, Owner: c.user.owner}
	for _, read := range []func(*network.Scan, *dialect.Input){
		c.readScanPolicy, c.readScanRepository, c.readScanTargets, c.readScanLogins, c.readScanOptions, c.readScanTimes,
		c.readScanSchedule,
	} {
		if read(s, c.input); c.input.Err() != nil {
			return nil, c.input.Err()
		}
	}
	return s, nil
}

// readScanPolicy wants the plugin beside a one-time policy; scans of type plugin are no longer supported.
func (c *call) readScanPolicy(s *network.Scan, in *dialect.Input) {
	s.Name = in.Text("name")
	in.Require(s.Name != "", "Please specify a name for the Scan.\n")
	s.Description = in.Text("description")
	if in.Err() != nil {
		return
	}
	if in.Text("type") == "plugin" && !c.version.AtLeast(5, 20) {
		in.Refuse(dialect.NotSimulated("scans of type plugin, which servers had before 5.20"))
	}
	in.Choice("type", "policy")
	id, _ := in.Ref("policy")
	p := c.Network.Policies[id]
	if in.RequireAll(p != nil, noPolicy); p == nil {
		return
	}
	s.Policy = *p
	plugin, found := in.Number("pluginID")
	// Clients send back the -1 that stands for none.
	found = found && plugin > 0
	in.Require(found || !p.OneTime(), "A scan containing a context Policy must include a pluginID\n")
	if _, known := c.Network.Catalog.Plugins[plugin]; found && !known {
		in.Refuse(dialect.Missing("retrieve", "Plugin", plugin))
	}
	s.Plugin = max(0, plugin)
}

func (c *call) readScanRepository(s *network.Scan, in *dialect.Input) {
	id, found := in.Ref("repository")
	in.RequireAll(found, "Please specify a valid Repository.\n")
	r := c.Network.Repositories[id]
	if r == nil || !c.user.sees(id) {
		in.Require(false, "Unable to retrieve Repository #%d.\nRepository #%d does not exist.\n", id, id)
		return
	}
	active := r.Type == scenario.TypeLocal && slices.Contains([]string{"IPv4", "IPv6", "universal"}, r.DataFormat)
	in.Require(active, "Repository #%d is of type %s and format %s. Scans can not be imported into it.\n", id, r.Type, r.DataFormat)
	s.Repository = id
}

// readScanTargets takes addresses or assets: the guide forbids both together.
func (c *call) readScanTargets(s *network.Scan, in *dialect.Input) {
	s.IPList, s.Assets = in.Text("ipList"), in.Refs("assets")
	in.Require(len(s.Assets) == 0 || strings.TrimSpace(s.IPList) == "",
		"Please specify either the attribute 'assets' or the attribute 'ipList', not both.\n")
	for _, id := range s.Assets {
		in.Require(c.Network.HasAsset(id), "Unable to retrieve Asset #%d.\nAsset #%d does not exist\n", id, id)
	}
	var err error
	if s.Listed, s.Names, err = addresses.Parse(s.IPList); err != nil {
		in.Require(false, "The attribute 'ipList' is invalid: %s.\n", err)
		return
	}
	in.Require(len(s.Assets)+len(s.Listed.Ranges())+len(s.Names) > 0, "Assets and/or IPs must be provided.\n")
}

func (c *call) readScanLogins(s *network.Scan, in *dialect.Input) {
	s.Credentials = in.Refs("credentials")
	for _, id := range s.Credentials {
		known := slices.ContainsFunc(c.scenario.Credentials, func(x scenario.Credential) bool { return x.ID == id })
		in.Require(known, "Unable to retrieve Credential #%d.\nCredential #%d does not exist.\n", id, id)
	}
	s.Zone = -1
	// -1 and 0 both mean that the server chooses.
	if zone, found := in.Ref("zone"); found && zone > 0 {
		known := slices.ContainsFunc(c.scenario.Zones, func(z scenario.Zone) bool { return z.ID == zone })
		in.Require(known, "Unable to retrieve Scan Zone #%d.\nScan Zone #%d does not exist.\n", zone, zone)
		s.Zone = zone
	}
}

func (c *call) readScanOptions(s *network.Scan, in *dialect.Input) {
	s.DHCPTracking, s.VirtualHosts = in.Flag("dhcpTracking"), in.Flag("scanningVirtualHosts")
	s.EmailOnLaunch, s.EmailOnFinish = in.Flag("emailOnLaunch"), in.Flag("emailOnFinish")
	in.Choice("classifyMitigatedAge", mitigatedAges...)
	s.MitigatedAge, _ = in.Number("classifyMitigatedAge")
	s.Reports = append([]any{}, in.List("reports")...)
}

func (c *call) readScanTimes(s *network.Scan, in *dialect.Input) {
	s.TimeoutAction = in.Choice("timeoutAction", network.TimeoutImport, network.TimeoutDiscard, network.TimeoutRollover)
	in.Require(s.TimeoutAction != network.TimeoutRollover || in.Text("rolloverType") != "",
		"Please specify a rolloverType: it is required if the timeoutAction is 'rollover'.\n")
	s.RolloverType = in.Choice("rolloverType", network.ScheduleTemplate, "nextDay", "nextday")
	// The default was an hour before inactivity had a limit of its own, which is longer than that.
	usual := "3600"
	if c.version.AtLeast(6, 2) {
		usual = network.Unlimited
	}
	s.MaxScanTime = cmp.Or(in.Text("maxScanTime"), usual)
	if s.MaxScanTime == network.Unlimited {
		return
	}
	seconds, err := strconv.Atoi(s.MaxScanTime)
	in.Require(err == nil && seconds >= 3600 && seconds <= 120*3600, "The attribute 'maxScanTime' contains the value '%s'. "+
		"It should be between 1 to 120 hours and sent in seconds or 'unlimited'.\n", s.MaxScanTime)
	s.Limit = time.Duration(seconds) * time.Second
	c.checkInactivity(seconds, in)
	s.Inactivity, _ = in.Number("inactivityTimeout")
}

// checkInactivity trips over the default of 43200 seconds that scans have since 6.2.
func (c *call) checkInactivity(maxScanTime int, in *dialect.Input) {
	inactivity, found := in.Number("inactivityTimeout")
	if !found {
		inactivity = 43200
	}
	in.Require(!c.version.AtLeast(6, 2) || inactivity >= 3600 && inactivity <= maxScanTime,
		"Please modify Inactivity Timeout. It cannot be more than Max Scan Duration.\nThe attribute "+
			"'inactivityTimeout' contains the value '%d' which should be an integer from 3600 to %d.\n", inactivity, maxScanTime)
}

// readScanSchedule checks the start of a "now" scan although it is ignored, because the guide prescribes its form.
func (c *call) readScanSchedule(s *network.Scan, in *dialect.Input) {
	sent := in.Inside("schedule")
	s.Schedule.Kind = sent.Choice("type", network.ScheduleTemplate, network.ScheduleNow, "never", network.ScheduleICal,
		network.ScheduleDependent, network.TimeoutRollover)
	s.Schedule.Start, s.Schedule.RepeatRule = sent.Text("start"), sent.Text("repeatRule")
	needed := s.Schedule.Kind == network.ScheduleICal
	sent.Require(!needed && s.Schedule.Start == "" || icalStart.MatchString(s.Schedule.Start),
		"The attribute 'start' contains the invalid value '%s'.\n", s.Schedule.Start)
	sent.Require(!needed || s.Schedule.RepeatRule != "", "Please specify a repeatRule for the schedule.\n")
	if interval := repeatInterval.FindStringSubmatch(s.Schedule.RepeatRule); interval != nil {
		every, err := strconv.Atoi(interval[1])
		sent.Require(err == nil && every >= 1 && every <= longestInterval, "The attribute 'repeatRule' contains the invalid value '%s'.\n", s.Schedule.RepeatRule)
	}
	if zone, _, found := strings.Cut(strings.TrimPrefix(s.Schedule.Start, "TZID="), ":"); found {
		_, err := time.LoadLocation(zone)
		sent.Require(err == nil, "The attribute 'start' contains the invalid value '%s'.\n", s.Schedule.Start)
	}
	if s.Schedule.Kind == network.ScheduleDependent {
		var known bool
		// Clients that send a scan back as they got it have the object instead.
		if s.Schedule.DependsOn, known = sent.Number("dependentID"); !known {
			s.Schedule.DependsOn, _ = sent.Ref("dependent")
		}
		// A scan that is changed has the ID of the path.
		sent.Require(c.Network.Scans[s.Schedule.DependsOn] != nil && !c.Network.WaitsFor(s.Schedule.DependsOn, c.id),
			"Please specify a valid dependentID for the schedule.\n")
	}
	in.Refuse(sent.Err())
}
