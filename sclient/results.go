package sclient

// Runs of scans, and stopping them.

import (
	"context"
	"strconv"
	"time"
)

// The states in which a scan result stays.
const (
	StatusCompleted = "Completed"
	StatusPartial   = "Partial"
	StatusError     = "Error"
)

// The states of a result's import that matter. NoResults is both "not yet" and "nothing to import".
const (
	ImportNoResults = "No Results"
	ImportPending   = "Import Pending"
	ImportRunning   = "Importing"
	ImportFinished  = "Finished"
	ImportError     = "Error"
)

// ScanResult is one run of a scan. Lists lack Progress, and hold only the requested fields.
type ScanResult struct {
	asSent
	ID                  ID            `json:"id"`
	UUID                string        `json:"uuid,omitempty"`
	Name                string        `json:"name"`
	Description         string        `json:"description"`
	Details             string        `json:"details"` // the policy's name
	Status              string        `json:"status"`
	ImportStatus        string        `json:"importStatus"`
	ImportStart         Time          `json:"importStart"`
	ImportFinish        Time          `json:"importFinish"`
	ImportDuration      Int           `json:"importDuration"` // seconds
	Running             Bool          `json:"running"`
	ErrorDetails        string        `json:"errorDetails"`
	ImportErrorDetails  string        `json:"importErrorDetails"`
	TotalIPs            Int           `json:"totalIPs"`
	ScannedIPs          Int           `json:"scannedIPs"` // counts dead hosts too: Progress tells them apart
	CompletedIPs        Int           `json:"completedIPs"`
	CompletedChecks     Int           `json:"completedChecks"`
	TotalChecks         Int           `json:"totalChecks"`
	CreatedTime         Time          `json:"createdTime"`
	StartTime           Time          `json:"startTime"`
	FinishTime          Time          `json:"finishTime"`
	ScanDuration        Int           `json:"scanDuration"` // seconds
	DiagnosticAvailable Bool          `json:"diagnosticAvailable"`
	DownloadAvailable   Bool          `json:"downloadAvailable"`
	DownloadFormat      string        `json:"downloadFormat"`
	DataFormat          string        `json:"dataFormat"`
	ResultType          string        `json:"resultType"`
	ResultSource        string        `json:"resultSource"`
	Progress            Progress      `json:"progress,omitzero"`
	Scan                Ref           `json:"scan"` // the definition, if SC tells: its ID is often -1
	Job                 Ref           `json:"job,omitzero"`
	Repository          RepositoryRef `json:"repository"`
	Initiator           Person        `json:"initiator"`
	Owner               Person        `json:"owner"`
	OwnerGroup          Ref           `json:"ownerGroup"`
}

// Ended reports whether scanning is over, well or not: Stopped and Cancelled are no statuses of a scan, a stopped one ends Partial. The import comes later and has a status of its own.
func (r ScanResult) Ended() bool {
	return r.Status == StatusCompleted || r.Status == StatusPartial || r.Status == StatusError
}

// Progress tells what happened to each host. A host in neither set was not tried.
type Progress struct {
	Status          string                `json:"status"`
	RunState        string                `json:"runState"`
	ScannedIPs      Addresses             `json:"scannedIPs"`  // answered
	DeadHostIPs     Addresses             `json:"deadHostIPs"` // did not answer
	ScanningIPs     Addresses             `json:"scanningIPs"`
	AwaitingIPs     Addresses             `json:"awaitingDownloadIPs"`
	ScannedSize     Int                   `json:"scannedSize"`
	DeadHostSize    Int                   `json:"deadHostSize"`
	ScanningSize    Int                   `json:"scanningSize"`
	AwaitingSize    Int                   `json:"awaitingDownloadSize"`
	DistributedSize Int                   `json:"distributedSize"`
	TotalIPs        Int                   `json:"totalIPs"`
	CompletedIPs    Int                   `json:"completedIPs"`
	CompletedChecks Int                   `json:"completedChecks"`
	TotalChecks     Int                   `json:"totalChecks"`
	ChecksPerHost   Int                   `json:"checksPerHost"`
	Scanners        List[ScannerProgress] `json:"scanners,omitempty"`
}

// UnmarshalJSON reads an object or nothing.
func (p *Progress) UnmarshalJSON(data []byte) error {
	type plain Progress
	return nested(data, (*plain)(p), nil)
}

// ScannerProgress is the part of one scanner.
type ScannerProgress struct {
	ID              ID         `json:"id"`
	Name            string     `json:"name"`
	Description     string     `json:"description"`
	LoadAvg         Text       `json:"loadAvg"`
	ChunkCompleted  Int        `json:"chunkCompleted"`
	CompletedChecks Int        `json:"completedChecks"`
	ScannedIPs      Addresses  `json:"scannedIPs"`
	DeadHostIPs     Addresses  `json:"deadHostIPs"`
	ScanningIPs     Addresses  `json:"scanningIPs"`
	AwaitingIPs     Addresses  `json:"awaitingDownloadIPs"`
	ScannedSize     Int        `json:"scannedSize"`
	DeadHostSize    Int        `json:"deadHostSize"`
	ScanningSize    Int        `json:"scanningSize"`
	AwaitingSize    Int        `json:"awaitingDownloadSize"`
	DistributedSize Int        `json:"distributedSize"`
	Chunks          List[Text] `json:"chunks,omitempty"`
}

// ScanResultFilter narrows ScanResults.
type ScanResultFilter struct {
	// Since and Until bound the time of creation, by SC's clock. Without Since, SC goes back 30 days.
	Since, Until time.Time
	Fields       []string // nil means all that lists can have
}

var resultFields = []string{
	"id", "name", "description", "details", "status", "importStatus", "importStart", "importFinish", "importDuration", "running",
	"errorDetails", "importErrorDetails", "totalIPs", "scannedIPs", "completedIPs", "completedChecks", "totalChecks", "createdTime",
	"startTime", "finishTime", "scanDuration", "downloadAvailable", "downloadFormat", "dataFormat", "resultType", "resultSource",
	"scan", "repository", "initiator", "owner", "ownerGroup",
}

// ScanResults lists the runs that the user can see (GET /rest/scanResult).
func (c *Client) ScanResults(ctx context.Context, filter ScanResultFilter) ([]ScanResult, error) {
	fields := filter.Fields
	if len(fields) == 0 {
		fields = resultFields
	}
	call := get("scan results", "/scanResult", withID(fields)...)
	if !filter.Since.IsZero() {
		call.query.Set("startTime", strconv.FormatInt(filter.Since.Unix(), 10))
	}
	if !filter.Until.IsZero() {
		call.query.Set("endTime", strconv.FormatInt(ceilUnix(filter.Until), 10))
	}
	if !filter.Since.IsZero() && !filter.Until.IsZero() && filter.Until.Before(filter.Since) {
		return nil, withOp(invalid("until", "lies before since"), call.op)
	}
	return many[ScanResult](ctx, c, call)
}

// ceilUnix rounds up to whole seconds, so that a window never loses its last moment.
func ceilUnix(t time.Time) int64 { return t.Add(time.Second - time.Nanosecond).Unix() }

// ScanResult returns one run with its progress (GET /rest/scanResult/{id}). Its error may be [IsNotFound].
func (c *Client) ScanResult(ctx context.Context, id ID) (*ScanResult, error) {
	fields := append([]string{"progress"}, resultFields...)
	return one[ScanResult](ctx, c, get("scan result "+id.String(), "/scanResult/"+id.String(), fields...).within(addressed))
}

// StopScanResult asks SC to end a running scan (POST /rest/scanResult/{id}/stop). SC answers before it has happened: poll for the effect, also when
// the error is [FateUnknown]. The error may be [IsNotFound].
func (c *Client) StopScanResult(ctx context.Context, id ID) error { return c.steer(ctx, "stop", id) }

// PauseScanResult asks SC to interrupt a running scan (POST /rest/scanResult/{id}/pause). SC answers before it has happened: poll for the effect.
// The error may be [IsNotFound], and [FateUnknown] while it may have had its effect.
func (c *Client) PauseScanResult(ctx context.Context, id ID) error { return c.steer(ctx, "pause", id) }

// ResumeScanResult asks SC to continue a paused scan (POST /rest/scanResult/{id}/resume). SC answers before it has happened: poll for the effect.
// The error may be [IsNotFound], and [FateUnknown] while it may have had its effect.
func (c *Client) ResumeScanResult(ctx context.Context, id ID) error {
	return c.steer(ctx, "resume", id)
}

func (c *Client) steer(ctx context.Context, action string, id ID) error {
	return c.none(ctx, post(action+" scan result "+id.String(), "/scanResult/"+id.String()+"/"+action, struct{}{}))
}
