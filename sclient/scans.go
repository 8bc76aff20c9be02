package sclient

// Scan definitions, and launching them.

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// What SC does with a scan that runs into its MaxScanTime.
const (
	TimeoutDiscard  = "discard"
	TimeoutImport   = "import"
	TimeoutRollover = "rollover"
)

// How SC continues a scan that was rolled over.
const (
	RolloverNextDay  = "nextday"
	RolloverTemplate = "template"
)

// ScheduleNow launches at once and makes SC delete the scan's one-time policy afterwards.
const ScheduleNow = "now"

// ScanRequest describes a scan to be created. Give either IPList or AssetIDs.
type ScanRequest struct {
	Name         string // required
	Description  string
	RepositoryID ID
	PolicyID     ID
	PluginID     ID       // the plugin to verify; mandatory with a one-time policy
	IPList       []string // addresses, CIDRs, ranges, DNS names
	AssetIDs     []ID
	// CredentialIDs are the logins that the scan may use.
	CredentialIDs []ID
	ZoneID        ID // 0 or -1 lets SC choose
	// ClassifyMitigatedAge is after how many days SC removes findings of hosts that do not reply. The zero value is sent as 0: SC removes them at
	// once, and a dead host looks fixed. Verifications want 365.
	ClassifyMitigatedAge int
	DHCPTracking         bool
	EmailOnLaunch        bool
	EmailOnFinish        bool
	ScanningVirtualHosts bool
	MaxScanTime          time.Duration // 0 means unlimited; else 1 to 120 hours
	TimeoutAction        string        // required: TimeoutImport, …
	RolloverType         string        // required with TimeoutRollover; else it has no meaning, and empty means the guide's RolloverTemplate
	Schedule             Schedule      // the zero value means now
}

// Schedule tells when a scan runs.
type Schedule struct {
	Start      string // TZID=America/New_York:20171212T160900; empty means the present moment. See ScheduleStart.
	RepeatRule string // empty means FREQ=NOW;INTERVAL=1 for ScheduleNow
	Type       string // empty means ScheduleNow
}

// ScheduleStart writes a moment in its own location's time zone, as Schedule.Start wants it.
func ScheduleStart(t time.Time) string {
	zone := t.Location().String()
	if zone == "Local" || zone == "" {
		t, zone = t.UTC(), "UTC"
	}
	return "TZID=" + zone + ":" + t.Format(startLayout)
}

const (
	startLayout = "20060102T150405"
	repeatNow   = "FREQ=NOW;INTERVAL=1"
)

// The limits of maxScanTime, by SC's own error text.
const (
	minScanTime = time.Hour
	maxScanTime = 120 * time.Hour
)

// Validate names the field that SC would refuse, or silently misunderstand. Which of the values that SC takes are wise is not its matter.
func (r ScanRequest) Validate() error {
	switch {
	case strings.TrimSpace(r.Name) == "":
		return invalid("name", "the scan needs one")
	case !r.RepositoryID.Valid():
		return invalid("repository", "the id of the repository to import into is missing")
	case !r.PolicyID.Valid():
		return invalid("policy", "the id of the policy is missing")
	case !r.PluginID.Valid():
		return invalid("pluginID", "the id of the plugin to verify is missing")
	case r.ZoneID < -1:
		return invalid("zone", "the id must be above 0, or 0 to let SC choose")
	case slices.ContainsFunc(r.CredentialIDs, func(id ID) bool { return !id.Valid() }):
		return invalid("credentials", "an id must be above 0")
	}
	return cmp.Or(r.validateTargets(), r.validateTimes(), r.Schedule.validate())
}

func (r ScanRequest) validateTargets() error {
	targets := r.targets()
	switch {
	case len(targets) > 0 && len(r.AssetIDs) > 0:
		return invalid("assets", "give either assets or ipList, not both")
	case len(targets) == 0 && len(r.AssetIDs) == 0:
		return invalid("ipList", "give the targets, as ipList or as assets")
	case slices.ContainsFunc(r.AssetIDs, func(id ID) bool { return id < 0 }):
		return invalid("assets", "an id must not be negative")
	}
	for _, target := range targets {
		if err := checkTarget(target, true); err != nil {
			return invalid("ipList", err.Error())
		}
	}
	return nil
}

// targets splits elements that hold several, so that each is checked.
func (r ScanRequest) targets() []string { return splitAddresses(strings.Join(r.IPList, ",")) }

func (r ScanRequest) validateTimes() error {
	switch {
	case r.MaxScanTime != 0 && (r.MaxScanTime < minScanTime || r.MaxScanTime > maxScanTime):
		return invalid("maxScanTime", fmt.Sprintf("%s is not between 1 and 120 hours; 0 is unlimited", r.MaxScanTime))
	case r.MaxScanTime%time.Second != 0:
		return invalid("maxScanTime", "SC counts in whole seconds")
	case r.TimeoutAction == "":
		return invalid("timeoutAction", "say what becomes of a scan that runs out of time: import, discard or rollover")
	case r.TimeoutAction == TimeoutRollover && r.RolloverType == "":
		return invalid("rolloverType", "timeoutAction rollover needs it: nextday or template")
	}
	return nil
}

// validate insists on the form of a start: SC ignores another one of a scan that runs now, and misreads it otherwise.
func (s Schedule) validate() error {
	zone, start, _ := strings.Cut(s.Start, ":")
	_, err := time.Parse(startLayout, start)
	if s.Start != "" && (err != nil || !strings.HasPrefix(zone, "TZID=") || zone == "TZID=") {
		return invalid("schedule", fmt.Sprintf("start %.60q is not like TZID=America/New_York:20171212T160900", s.Start))
	}
	return nil
}

// complete fills in what SC wants to see of a scan that runs now, although it ignores the start.
func (s Schedule) complete() scheduleBody {
	body := scheduleBody(s)
	body.Type = cmp.Or(body.Type, ScheduleNow)
	if body.Type == ScheduleNow {
		body.RepeatRule = cmp.Or(body.RepeatRule, repeatNow)
		body.Start = cmp.Or(body.Start, ScheduleStart(time.Now().UTC()))
	}
	return body
}

type scheduleBody struct {
	Start      string `json:"start"`
	RepeatRule string `json:"repeatRule"`
	Type       string `json:"type"`
}

type scanBody struct {
	newObject
	Repository           idNumber     `json:"repository"`
	Schedule             scheduleBody `json:"schedule"`
	DHCPTracking         string       `json:"dhcpTracking"`
	EmailOnLaunch        string       `json:"emailOnLaunch"`
	EmailOnFinish        string       `json:"emailOnFinish"`
	Reports              []int        `json:"reports"`
	Type                 string       `json:"type"`
	Policy               idNumber     `json:"policy"`
	PluginID             string       `json:"pluginID"`
	Zone                 *idNumber    `json:"zone,omitempty"`
	TimeoutAction        string       `json:"timeoutAction"`
	RolloverType         string       `json:"rolloverType"`
	ScanningVirtualHosts string       `json:"scanningVirtualHosts"`
	ClassifyMitigatedAge int          `json:"classifyMitigatedAge"`
	Assets               []idNumber   `json:"assets"`
	IPList               string       `json:"ipList"`
	Credentials          []idNumber   `json:"credentials"`
	MaxScanTime          string       `json:"maxScanTime"`
}

// Body returns what CreateScan posts, for dry runs and evidence. Without Schedule.Start it contains the present time.
func (r ScanRequest) Body() json.RawMessage { return bodyJSON(r.body()) }

func (r ScanRequest) body() scanBody {
	body := scanBody{
		newObject: newObject{Name: r.Name, Description: r.Description, Groups: []int{}}, Reports: []int{}, Type: "policy",
		Repository: idNumber{r.RepositoryID}, Policy: idNumber{r.PolicyID}, PluginID: r.PluginID.String(),
		Schedule: r.Schedule.complete(), TimeoutAction: r.TimeoutAction, RolloverType: cmp.Or(r.RolloverType, RolloverTemplate),
		DHCPTracking: strconv.FormatBool(r.DHCPTracking), ScanningVirtualHosts: strconv.FormatBool(r.ScanningVirtualHosts),
		EmailOnLaunch: strconv.FormatBool(r.EmailOnLaunch), EmailOnFinish: strconv.FormatBool(r.EmailOnFinish),
		ClassifyMitigatedAge: r.ClassifyMitigatedAge, Assets: idNumbers(r.AssetIDs), IPList: strings.Join(r.targets(), ","),
		Credentials: idNumbers(r.CredentialIDs), MaxScanTime: "unlimited",
	}
	if r.ZoneID.Valid() {
		body.Zone = &idNumber{r.ZoneID}
	}
	if r.MaxScanTime != 0 {
		// The guide speaks of hours; servers want seconds, as text.
		body.MaxScanTime = strconv.Itoa(int(r.MaxScanTime / time.Second))
	}
	return body
}

// CreateScan creates a scan (POST /rest/scan), and with ScheduleNow launches it. Poll the result whose id is ScanResultID; it may be 0 on servers that
// do not tell. A Warning says what went wrong although the scan was made. When [FateUnknown] is true of its error, a scan may run.
func (c *Client) CreateScan(ctx context.Context, request ScanRequest) (*Scan, error) {
	return create(ctx, c, post("create scan", "/scan", request.body()), request,
		func(s *Scan) bool { return s.ID.Valid() || s.ScanResultID.Valid() })
}

// Scans lists the scan definitions that the user can see (GET /rest/scan).
func (c *Client) Scans(ctx context.Context) ([]Scan, error) {
	return many[Scan](ctx, c, get("scans", "/scan", "id", "name", "description", "status", "type", "policy", "repository", "schedule",
		"ipList", "assets", "createdTime", "modifiedTime", "creator", "owner"))
}

// LaunchScan starts an existing scan definition (POST /rest/scan/{id}/launch). Its error may be [IsNotFound]; with [FateUnknown] the scan may run.
func (c *Client) LaunchScan(ctx context.Context, id ID) (*Launch, error) {
	return makeOne[Launch](ctx, c, post("launch scan "+id.String(), "/scan/"+id.String()+"/launch", struct{}{}),
		func(l *Launch) bool { return l.ScanResult.ID.Valid() || l.ScanID.Valid() })
}

// DeleteScan deletes a scan definition (DELETE /rest/scan/{id}); its results stay. Its error is [IsNotFound] when it is gone already, and
// [FateUnknown] when it may be.
func (c *Client) DeleteScan(ctx context.Context, id ID) error {
	return c.none(ctx, remove("delete scan "+id.String(), "/scan/"+id.String()))
}

// Scan is a scan definition.
type Scan struct {
	asSent
	warned
	ID                   ID            `json:"id"`
	UUID                 string        `json:"uuid,omitempty"`
	Name                 string        `json:"name"`
	Description          string        `json:"description"`
	Type                 string        `json:"type"`
	Status               Int           `json:"status"`
	ScanResultID         ID            `json:"scanResultID,omitempty"` // only in the answer to a scan that runs now
	IPList               Addresses     `json:"ipList"`
	Assets               List[Ref]     `json:"assets,omitempty"`
	Credentials          List[Ref]     `json:"credentials,omitempty"`
	Reports              List[Ref]     `json:"reports,omitempty"`
	Policy               Policy        `json:"policy,omitzero"`
	Plugin               Ref           `json:"plugin"`
	Repository           RepositoryRef `json:"repository"`
	Zone                 Ref           `json:"zone"`
	Schedule             ScheduleInfo  `json:"schedule"`
	DHCPTracking         Bool          `json:"dhcpTracking"`
	ClassifyMitigatedAge Int           `json:"classifyMitigatedAge"` // days
	EmailOnLaunch        Bool          `json:"emailOnLaunch"`
	EmailOnFinish        Bool          `json:"emailOnFinish"`
	TimeoutAction        string        `json:"timeoutAction"`
	RolloverType         string        `json:"rolloverType"`
	ScanningVirtualHosts Bool          `json:"scanningVirtualHosts"`
	MaxScanTime          Text          `json:"maxScanTime"` // seconds, or "unlimited"
	NumDependents        Int           `json:"numDependents"`
	CanUse               Bool          `json:"canUse"`
	CanManage            Bool          `json:"canManage"`
	CreatedTime          Time          `json:"createdTime"`
	ModifiedTime         Time          `json:"modifiedTime"`
	Creator              Person        `json:"creator"`
	Owner                Person        `json:"owner"`
	OwnerGroup           Ref           `json:"ownerGroup"`
}

// ScheduleInfo is a schedule as SC shows it.
type ScheduleInfo struct {
	ID         ID     `json:"id"`
	ObjectType Text   `json:"objectType"`
	Type       string `json:"type"`
	Start      string `json:"start"`
	RepeatRule string `json:"repeatRule"`
	NextRun    Time   `json:"nextRun"`
	Enabled    Bool   `json:"enabled"`
}

// UnmarshalJSON reads an object, an array of one, a bare id, or nothing.
func (s *ScheduleInfo) UnmarshalJSON(data []byte) error {
	type plain ScheduleInfo
	return nested(data, (*plain)(s), &s.ID)
}

// Launch is SC's answer to LaunchScan.
type Launch struct {
	asSent
	warned
	ScanID     ID           `json:"scanID"`
	ScanResult LaunchResult `json:"scanResult"`
}

// LaunchResult is the result that a launch has begun; SC shows it flat, with ids instead of objects.
type LaunchResult struct {
	ID             ID     `json:"id"`
	ScanID         ID     `json:"scanID"`
	JobID          ID     `json:"jobID"`
	RepositoryID   ID     `json:"repositoryID"`
	InitiatorID    ID     `json:"initiatorID"`
	OwnerID        ID     `json:"ownerID"`
	ResultsSyncID  ID     `json:"resultsSyncID"`
	Name           string `json:"name"`
	Description    string `json:"description"`
	Details        string `json:"details"`
	Status         string `json:"status"`
	DownloadFormat string `json:"downloadFormat"`
	DataFormat     string `json:"dataFormat"`
	ResultType     string `json:"resultType"`
}
