package remediation

// The options of a scan: defaults and limits.

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// ScanOptions are the settings of a remediation scan that the vendor's guide lists. The zero value of a field means
// "not set"; [Request.Complete] fills in what we send then.
type ScanOptions struct {
	// Name is the scan's display name; the guide's own form is "Remediation Scan of Plugin #N".
	Name string `json:"name,omitempty"`
	// PortRange is "auto" (the baseline's ports), "default", "all" or a list.
	PortRange   string            `json:"portRange,omitempty"`
	Preferences map[string]string `json:"preferences,omitempty"`
	Credentials []int             `json:"credentials,omitempty"`
	Zone        int               `json:"zone,omitempty"` // 0: the scanner chooses
	// ScanAssets scans the assets that were named instead of the baseline's addresses.
	ScanAssets bool `json:"scanAssets,omitempty"`

	ClassifyMitigatedAge *int     `json:"classifyMitigatedAge,omitempty"` // days
	DHCPTracking         bool     `json:"dhcpTracking,omitempty"`
	EmailOnLaunch        bool     `json:"emailOnLaunch,omitempty"`
	EmailOnFinish        bool     `json:"emailOnFinish,omitempty"`
	ScanningVirtualHosts bool     `json:"scanningVirtualHosts,omitempty"`
	MaxScanTime          Duration `json:"maxScanTime,omitempty"` // 0: unlimited
	RolloverType         string   `json:"rolloverType,omitempty"`
	TimeoutAction        string   `json:"timeoutAction,omitempty"`
	// ScheduleTimeZone is the IANA name of the zone that the launch time is written in.
	ScheduleTimeZone string `json:"scheduleTimeZone,omitempty"`
}

// MitigatedAges are the values that the guide allows for classifyMitigatedAge.
var MitigatedAges = []int{0, 1, 2, 3, 4, 5, 6, 30, 60, 90, 365}

// defaultMitigatedAge is the guide's default and not the 0 of its example: with 0 the findings of a dead host vanish at
// once, which looks like a fix.
const defaultMitigatedAge = 365

func (o ScanOptions) withDefaults(plugin int) ScanOptions {
	setDefault(&o.Name, "Remediation Scan of Plugin #"+strconv.Itoa(plugin))
	o.PortRange = normalPortRange(o.PortRange)
	setDefault(&o.PortRange, "auto")
	setDefault(&o.ClassifyMitigatedAge, new(defaultMitigatedAge))
	setDefault(&o.TimeoutAction, "import")
	setDefault(&o.ScheduleTimeZone, "UTC")
	o.Credentials = sorted(o.Credentials)
	if len(o.Preferences) == 0 {
		o.Preferences = nil
	}
	return o
}

// validate checks the guide's rules.
func (o ScanOptions) validate() error {
	if age := o.ClassifyMitigatedAge; !slices.Contains(MitigatedAges, *age) {
		return fmt.Errorf("classify-mitigated-age: %d days is not allowed: use one of %s", *age,
			strings.Trim(strings.Join(strings.Fields(fmt.Sprint(MitigatedAges)), ", "), "[]"))
	}
	if t := time.Duration(o.MaxScanTime); t != 0 && (t < time.Hour || t > 120*time.Hour) {
		return fmt.Errorf("max-scan-time: %s is not allowed: use 1h to 120h, or unlimited", t)
	}
	if err := o.validateTimeout(); err != nil {
		return err
	}
	if o.PortRange != "auto" {
		if err := ValidatePortRange(o.PortRange); err != nil {
			return fmt.Errorf("port-range: %w", err)
		}
	}
	// The same on every worker, as a replay needs it: the zones come with the programs (time/tzdata) and are only added to.
	if _, err := time.LoadLocation(o.ScheduleTimeZone); err != nil || o.ScheduleTimeZone == "Local" {
		return fmt.Errorf("schedule-time-zone: %s is not a time zone such as America/New_York", quote(o.ScheduleTimeZone))
	}
	if err := checkIDs("credential", o.Credentials); err != nil {
		return err
	}
	if o.Zone < 0 || o.Zone > MaxID {
		return fmt.Errorf("zone: %d is not an ID", o.Zone)
	}
	return checkPreferences(o.Preferences)
}

func (o ScanOptions) validateTimeout() error {
	rollover := o.TimeoutAction == "rollover"
	switch {
	case !rollover && o.TimeoutAction != "import" && o.TimeoutAction != "discard":
		return fmt.Errorf("timeout-action: %s is not allowed: use import, discard or rollover", quote(o.TimeoutAction))
	case !rollover && o.RolloverType != "":
		return fmt.Errorf("rollover-type: only goes with timeout-action rollover")
	case rollover && o.RolloverType != "nextday" && o.RolloverType != "template":
		return fmt.Errorf("rollover-type: timeout-action rollover needs nextday or template, not %s", quote(o.RolloverType))
	}
	return nil
}
