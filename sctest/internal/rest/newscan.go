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
	mitigatedAges = []string{"0", "1", "2", "3", "4", "5", "6", "30", "60", "90", "365"}
	icalStart     = regexp.MustCompile(`^TZID=[A-Za-z0-9_+/-]+:\d{8}T\d{6}Z?$`)
)

func noScanning() error {
	return dialect.Refuse("You do not have permission to launch Scans.\n")
}

func noPolicy() error { return dialect.Refuse("Please specify a valid Policy.\n") }

func (c *call) readScan() (*network.Scan, error) {
	if !c.user.may(scenario.MayScan) {
		return nil, noScanning()
	}
	s := &network.Scan{Created: c.now, Owner: c.user.owner, Reports: []any{}}
	for _, read := range []func(*network.Scan) error{
		c.readScanNames, c.readScanPolicy, c.readScanRepository, c.readScanTargets, c.readScanLogins, c.readScanOptions,
		c.readScanTimes, c.readScanSchedule,
	} {
		if err := read(s); err != nil {
			return nil, err
		}
	}
	return s, nil
}

func (c *call) readScanNames(s *network.Scan) (err error) {
	if s.Name, err = dialect.Text(c.input, "name"); err != nil {
		return err
	}
	if s.Name == "" {
		return dialect.Refuse("Please specify a name for the Scan.\n")
	}
	s.Description, err = dialect.Text(c.input, "description")
	return err
}

// readScanPolicy wants the plugin beside a one-time policy; scans of type plugin are no longer supported.
func (c *call) readScanPolicy(s *network.Scan) error {
	if _, err := dialect.Choice(c.input, "type", "policy"); err != nil {
		return noPolicy()
	}
	id, found, err := dialect.Ref(c.input, "policy")
	if err != nil || !found || c.Network.Policies[id] == nil {
		return noPolicy()
	}
	s.Policy = *c.Network.Policies[id]
	plugin, found, err := dialect.Number(c.input, "pluginID")
	if err != nil {
		return err
	}
	if s.Policy.OneTime() && !found {
		return dialect.Refuse("A scan containing a context Policy must include a pluginID\n")
	}
	if _, known := c.Network.Catalog.Plugins[plugin]; found && !known {
		return dialect.RefuseWith(dialect.CodeDoesNotExist, "Unable to retrieve Plugin #%d.\nPlugin #%d does not exist.\n", plugin, plugin)
	}
	s.Plugin = plugin
	return nil
}

func (c *call) readScanRepository(s *network.Scan) error {
	id, found, err := dialect.Ref(c.input, "repository")
	if err != nil || !found {
		return dialect.Refuse("Please specify a valid Repository.\n")
	}
	r := c.Network.Repositories[id]
	if r == nil || !c.user.sees(id) {
		return dialect.Refuse("Unable to retrieve Repository #%d.\nRepository #%d does not exist.\n", id, id)
	}
	if r.Type != scenario.TypeLocal || !slices.Contains([]string{"IPv4", "IPv6", "universal"}, r.DataFormat) {
		return dialect.Refuse("Repository #%d is of type %s and format %s. Scans can not be imported into it.\n", id, r.Type, r.DataFormat)
	}
	s.Repository = id
	return nil
}

// readScanTargets takes addresses or assets: the guide forbids both together.
func (c *call) readScanTargets(s *network.Scan) (err error) {
	if s.IPList, err = dialect.Text(c.input, "ipList"); err != nil {
		return err
	}
	if s.Assets, err = dialect.Refs(c.input, "assets"); err != nil {
		return err
	}
	if len(s.Assets) > 0 && strings.TrimSpace(s.IPList) != "" {
		return dialect.Refuse("Please specify either the attribute 'assets' or the attribute 'ipList', not both.\n")
	}
	for _, id := range s.Assets {
		if c.Network.Assets[id] == nil && id != network.AllDefined {
			return dialect.Refuse("Unable to retrieve Asset #%d.\nAsset #%d does not exist\n", id, id)
		}
	}
	if s.Listed, s.Names, err = addresses.Parse(s.IPList); err != nil {
		return dialect.Refuse("The attribute 'ipList' is invalid: %s.\n", err)
	}
	if len(s.Assets)+len(s.Listed.Ranges())+len(s.Names) == 0 {
		return dialect.Refuse("Assets and/or IPs must be provided.\n")
	}
	return nil
}

func (c *call) readScanLogins(s *network.Scan) (err error) {
	if s.Credentials, err = dialect.Refs(c.input, "credentials"); err != nil {
		return err
	}
	for _, id := range s.Credentials {
		if !slices.ContainsFunc(c.scenario.Credentials, func(x scenario.Credential) bool { return x.ID == id }) {
			return dialect.Refuse("Unable to retrieve Credential #%d.\nCredential #%d does not exist.\n", id, id)
		}
	}
	zone, found, err := dialect.Ref(c.input, "zone")
	if err != nil {
		return err
	}
	s.Zone = -1
	// -1 and 0 both mean that the server chooses.
	if found && zone > 0 {
		if !slices.ContainsFunc(c.scenario.Zones, func(z scenario.Zone) bool { return z.ID == zone }) {
			return dialect.Refuse("Unable to retrieve Scan Zone #%d.\nScan Zone #%d does not exist.\n", zone, zone)
		}
		s.Zone = zone
	}
	return nil
}

func (c *call) readScanOptions(s *network.Scan) (err error) {
	for key, into := range map[string]*bool{
		"dhcpTracking": &s.DHCPTracking, "scanningVirtualHosts": &s.VirtualHosts,
		"emailOnLaunch": &s.EmailOnLaunch, "emailOnFinish": &s.EmailOnFinish,
	} {
		if *into, err = dialect.Flag(c.input, key); err != nil {
			return err
		}
	}
	age, err := dialect.Choice(c.input, "classifyMitigatedAge", mitigatedAges...)
	if err != nil {
		return err
	}
	s.MitigatedAge, err = strconv.Atoi(age)
	if err != nil {
		return err
	}
	s.Reports, err = dialect.List(c.input, "reports")
	if s.Reports == nil {
		s.Reports = []any{}
	}
	return err
}

func (c *call) readScanTimes(s *network.Scan) (err error) {
	if s.TimeoutAction, err = dialect.Choice(c.input, "timeoutAction", network.TimeoutImport, network.TimeoutDiscard, network.TimeoutRollover); err != nil {
		return err
	}
	sent, err := dialect.Text(c.input, "rolloverType")
	if err != nil {
		return err
	}
	if s.TimeoutAction == network.TimeoutRollover && sent == "" {
		return dialect.Refuse("Please specify a rolloverType: it is required if the timeoutAction is 'rollover'.\n")
	}
	if s.RolloverType, err = dialect.Choice(c.input, "rolloverType", network.ScheduleTemplate, "nextDay", "nextday"); err != nil {
		return err
	}
	if s.MaxScanTime, err = dialect.Text(c.input, "maxScanTime"); err != nil {
		return err
	}
	// The default was an hour before inactivity had a limit of its own, which is longer than that.
	usual := "3600"
	if c.version.AtLeast(6, 2) {
		usual = network.Unlimited
	}
	s.MaxScanTime = cmp.Or(s.MaxScanTime, usual)
	if s.MaxScanTime == network.Unlimited {
		return nil
	}
	seconds, err := strconv.Atoi(s.MaxScanTime)
	if err != nil || seconds < 3600 || seconds > 120*3600 {
		return dialect.Refuse("The attribute 'maxScanTime' contains the value '%s'. "+
			"It should be between 1 to 120 hours and sent in seconds or 'unlimited'.\n", s.MaxScanTime)
	}
	s.Limit = time.Duration(seconds) * time.Second
	return c.checkInactivity(seconds)
}

// checkInactivity trips over the default of 43200 seconds that scans have since 6.2.
func (c *call) checkInactivity(maxScanTime int) error {
	inactivity, found, err := dialect.Number(c.input, "inactivityTimeout")
	if err != nil || !c.version.AtLeast(6, 2) {
		return err
	}
	if !found {
		inactivity = 43200
	}
	if inactivity < 3600 || inactivity > maxScanTime {
		return dialect.Refuse("Please modify Inactivity Timeout. It cannot be more than Max Scan Duration.\nThe attribute "+
			"'inactivityTimeout' contains the value '%d' which should be an integer from 3600 to %d.\n", inactivity, maxScanTime)
	}
	return nil
}

// readScanSchedule checks the start of a "now" scan although it is ignored, because the guide prescribes its form.
func (c *call) readScanSchedule(s *network.Scan) error {
	sent, ok := c.input["schedule"].(object)
	if !ok && c.input["schedule"] != nil {
		return dialect.Invalid("schedule", c.input["schedule"])
	}
	var err error
	if s.Schedule.Kind, err = dialect.Choice(sent, "type", network.ScheduleTemplate, network.ScheduleNow, "never", "ical", "dependent", network.TimeoutRollover); err != nil {
		return err
	}
	if s.Schedule.Start, err = dialect.Text(sent, "start"); err != nil {
		return err
	}
	if s.Schedule.RepeatRule, err = dialect.Text(sent, "repeatRule"); err != nil {
		return err
	}
	needed := s.Schedule.Kind == "ical"
	if (needed || s.Schedule.Start != "") && !icalStart.MatchString(s.Schedule.Start) {
		return dialect.Refuse("The attribute 'start' contains the invalid value '%s'.\n", s.Schedule.Start)
	}
	if needed && s.Schedule.RepeatRule == "" {
		return dialect.Refuse("Please specify a repeatRule for the schedule.\n")
	}
	return nil
}
