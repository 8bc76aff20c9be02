package sctest

// What servers demand of a new scan.

import (
	"cmp"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

var (
	mitigatedAges = []string{"0", "1", "2", "3", "4", "5", "6", "30", "60", "90", "365"}
	icalStart     = regexp.MustCompile(`^TZID=[A-Za-z0-9_+/-]+:\d{8}T\d{6}Z?$`)
)

func noScanning() error {
	return refuse(codeInvalid, "You do not have permission to launch Scans.\n")
}

func noPolicy() error { return refuse(codeInvalid, "Please specify a valid Policy.\n") }

func (c *call) readScan() (*scan, error) {
	if !c.user.may(mayScan) {
		return nil, noScanning()
	}
	s := &scan{created: c.now, owner: c.user.owner, reports: []any{}}
	for _, read := range []func(*scan) error{
		c.readScanNames, c.readScanPolicy, c.readScanRepository, c.readScanTargets, c.readScanLogins, c.readScanOptions,
		c.readScanTimes, c.readScanSchedule,
	} {
		if err := read(s); err != nil {
			return nil, err
		}
	}
	return s, nil
}

func (c *call) readScanNames(s *scan) (err error) {
	if s.name, err = textOf(c.input, "name"); err != nil {
		return err
	}
	if s.name == "" {
		return refuse(codeInvalid, "Please specify a name for the Scan.\n")
	}
	s.description, err = textOf(c.input, "description")
	return err
}

// readScanPolicy wants the plugin beside a one-time policy; scans of type plugin are no longer supported.
func (c *call) readScanPolicy(s *scan) error {
	if _, err := choiceOf(c.input, "type", "policy"); err != nil {
		return noPolicy()
	}
	id, found, err := refOf(c.input, "policy")
	if err != nil || !found || c.net.policies[id] == nil {
		return noPolicy()
	}
	s.policy = *c.net.policies[id]
	plugin, found, err := numberOf(c.input, "pluginID")
	if err != nil {
		return err
	}
	if s.policy.oneTime() && !found {
		return refuse(codeInvalid, "A scan containing a context Policy must include a pluginID\n")
	}
	if _, known := c.net.catalog.plugins[plugin]; found && !known {
		return refuse(codeDoesNotExist, "Unable to retrieve Plugin #%d.\nPlugin #%d does not exist.\n", plugin, plugin)
	}
	s.plugin = plugin
	return nil
}

func (c *call) readScanRepository(s *scan) error {
	id, found, err := refOf(c.input, "repository")
	if err != nil || !found {
		return refuse(codeInvalid, "Please specify a valid Repository.\n")
	}
	r := c.net.repositories[id]
	if r == nil || !c.user.sees(id) {
		return refuse(codeInvalid, "Unable to retrieve Repository #%d.\nRepository #%d does not exist.\n", id, id)
	}
	if r.Type != typeLocal || !slices.Contains([]string{"IPv4", "IPv6", "universal"}, r.DataFormat) {
		return refuse(codeInvalid, "Repository #%d is of type %s and format %s. Scans can not be imported into it.\n", id, r.Type, r.DataFormat)
	}
	s.repository = id
	return nil
}

// readScanTargets takes addresses or assets: the guide forbids both together.
func (c *call) readScanTargets(s *scan) (err error) {
	if s.ipList, err = textOf(c.input, "ipList"); err != nil {
		return err
	}
	if s.assets, err = refsOf(c.input, "assets"); err != nil {
		return err
	}
	if len(s.assets) > 0 && strings.TrimSpace(s.ipList) != "" {
		return refuse(codeInvalid, "Please specify either the attribute 'assets' or the attribute 'ipList', not both.\n")
	}
	for _, id := range s.assets {
		if c.net.assets[id] == nil && id != allDefined {
			return refuse(codeInvalid, "Unable to retrieve Asset #%d.\nAsset #%d does not exist\n", id, id)
		}
	}
	if s.listed, s.names, err = parseTargets(s.ipList); err != nil {
		return refuse(codeInvalid, "The attribute 'ipList' is invalid: %s.\n", err)
	}
	if len(s.assets)+len(s.listed.Ranges())+len(s.names) == 0 {
		return refuse(codeInvalid, "Assets and/or IPs must be provided.\n")
	}
	return nil
}

func (c *call) readScanLogins(s *scan) (err error) {
	if s.credentials, err = refsOf(c.input, "credentials"); err != nil {
		return err
	}
	for _, id := range s.credentials {
		if !slices.ContainsFunc(c.scenario.Credentials, func(x Credential) bool { return x.ID == id }) {
			return refuse(codeInvalid, "Unable to retrieve Credential #%d.\nCredential #%d does not exist.\n", id, id)
		}
	}
	zone, found, err := refOf(c.input, "zone")
	if err != nil {
		return err
	}
	s.zone = -1
	// -1 and 0 both mean that the server chooses.
	if found && zone > 0 {
		if !slices.ContainsFunc(c.scenario.Zones, func(z Zone) bool { return z.ID == zone }) {
			return refuse(codeInvalid, "Unable to retrieve Scan Zone #%d.\nScan Zone #%d does not exist.\n", zone, zone)
		}
		s.zone = zone
	}
	return nil
}

func (c *call) readScanOptions(s *scan) (err error) {
	for key, into := range map[string]*bool{
		"dhcpTracking": &s.dhcpTracking, "scanningVirtualHosts": &s.virtualHosts,
		"emailOnLaunch": &s.emailOnLaunch, "emailOnFinish": &s.emailOnFinish,
	} {
		if *into, err = flagOf(c.input, key); err != nil {
			return err
		}
	}
	age, err := choiceOf(c.input, "classifyMitigatedAge", mitigatedAges...)
	if err != nil {
		return err
	}
	s.mitigatedAge, err = strconv.Atoi(age)
	if err != nil {
		return err
	}
	s.reports, err = listOf(c.input, "reports")
	if s.reports == nil {
		s.reports = []any{}
	}
	return err
}

func (c *call) readScanTimes(s *scan) (err error) {
	if s.timeoutAction, err = choiceOf(c.input, "timeoutAction", timeoutImport, timeoutDiscard, timeoutRollover); err != nil {
		return err
	}
	sent, err := textOf(c.input, "rolloverType")
	if err != nil {
		return err
	}
	if s.timeoutAction == timeoutRollover && sent == "" {
		return refuse(codeInvalid, "Please specify a rolloverType: it is required if the timeoutAction is 'rollover'.\n")
	}
	if s.rolloverType, err = choiceOf(c.input, "rolloverType", scheduleTemplate, "nextDay", "nextday"); err != nil {
		return err
	}
	if s.maxScanTime, err = textOf(c.input, "maxScanTime"); err != nil {
		return err
	}
	// The default was an hour before inactivity had a limit of its own, which is longer than that.
	usual := "3600"
	if c.dialect.atLeast(6, 2) {
		usual = unlimited
	}
	s.maxScanTime = cmp.Or(s.maxScanTime, usual)
	if s.maxScanTime == unlimited {
		return nil
	}
	seconds, err := strconv.Atoi(s.maxScanTime)
	if err != nil || seconds < 3600 || seconds > 120*3600 {
		return refuse(codeInvalid, "The attribute 'maxScanTime' contains the value '%s'. "+
			"It should be between 1 to 120 hours and sent in seconds or 'unlimited'.\n", s.maxScanTime)
	}
	s.limit = time.Duration(seconds) * time.Second
	return c.checkInactivity(seconds)
}

// checkInactivity trips over the default of 43200 seconds that scans have since 6.2.
func (c *call) checkInactivity(maxScanTime int) error {
	inactivity, found, err := numberOf(c.input, "inactivityTimeout")
	if err != nil || !c.dialect.atLeast(6, 2) {
		return err
	}
	if !found {
		inactivity = 43200
	}
	if inactivity < 3600 || inactivity > maxScanTime {
		return refuse(codeInvalid, "Please modify Inactivity Timeout. It cannot be more than Max Scan Duration.\nThe attribute "+
			"'inactivityTimeout' contains the value '%d' which should be an integer from 3600 to %d.\n", inactivity, maxScanTime)
	}
	return nil
}

// readScanSchedule checks the start of a "now" scan although it is ignored, because the guide prescribes its form.
func (c *call) readScanSchedule(s *scan) error {
	sent, ok := c.input["schedule"].(object)
	if !ok && c.input["schedule"] != nil {
		return invalid("schedule", c.input["schedule"])
	}
	var err error
	if s.schedule.kind, err = choiceOf(sent, "type", scheduleTemplate, scheduleNow, "never", "ical", "dependent", timeoutRollover); err != nil {
		return err
	}
	if s.schedule.start, err = textOf(sent, "start"); err != nil {
		return err
	}
	if s.schedule.repeatRule, err = textOf(sent, "repeatRule"); err != nil {
		return err
	}
	needed := s.schedule.kind == "ical"
	if (needed || s.schedule.start != "") && !icalStart.MatchString(s.schedule.start) {
		return refuse(codeInvalid, "The attribute 'start' contains the invalid value '%s'.\n", s.schedule.start)
	}
	if needed && s.schedule.repeatRule == "" {
		return refuse(codeInvalid, "Please specify a repeatRule for the schedule.\n")
	}
	return nil
}
