package workflows

// What other programs know of a verification.

import (
	"time"

	"go.temporal.io/sdk/temporal"

	"patchproof/activities"
	"patchproof/remediation"
)

// The names by which other programs reach a verification.
const (
	// RemediationWorkflowType is the workflow's type.
	RemediationWorkflowType = "RemediationWorkflow"
	// CleanUpWorkflowType is the type of what goes on cleaning up when a verification is decided and could not.
	CleanUpWorkflowType = "CleanUpWorkflow"
	// SecurityCenterWorkflowType is the type of the workflow that runs while somebody holds the launches of a Security Center.
	SecurityCenterWorkflowType = "SecurityCenterWorkflow"
	// DefaultTaskQueue is used unless PATCHPROOF_TASK_QUEUE says otherwise.
	DefaultTaskQueue = "patchproof"

	StatusQuery  = "status"
	CancelUpdate = "cancel"
	ExtendUpdate = "extend"

	LaunchesSignal = "launches"
)

// The search attributes, registered by `patchproof setup`. Nothing that names a host belongs in one: they are never
// encrypted.
var (
	TicketAttribute       = temporal.NewSearchAttributeKeyKeyword("PpTicket")
	SCAttribute           = temporal.NewSearchAttributeKeyKeyword("PpSC")
	RepositoryAttribute   = temporal.NewSearchAttributeKeyKeyword("PpRepository")
	PhaseAttribute        = temporal.NewSearchAttributeKeyKeyword("PpPhase")
	OutcomeAttribute      = temporal.NewSearchAttributeKeyKeyword("PpOutcome")
	PluginAttribute       = temporal.NewSearchAttributeKeyInt64("PpPlugin")
	DeadlineAttribute     = temporal.NewSearchAttributeKeyTime("PpDeadline")
	OpenFindingsAttribute = temporal.NewSearchAttributeKeyInt64("PpOpenFindings")
)

// SearchAttributes are all of them, for who registers or checks them.
func SearchAttributes() []temporal.SearchAttributeKey {
	return []temporal.SearchAttributeKey{
		TicketAttribute, SCAttribute, RepositoryAttribute, PhaseAttribute,
		OutcomeAttribute, PluginAttribute, DeadlineAttribute, OpenFindingsAttribute,
	}
}

// Phase is how far a verification is.
type Phase string

// The phases. The search attribute PpPhase knows only waiting, verifying, reporting and done.
const (
	PhaseBaseline  Phase = "baseline"
	PhaseFamily    Phase = "family"
	PhasePolicy    Phase = "policy"
	PhaseLaunch    Phase = "launch"
	PhaseScanning  Phase = "scanning"
	PhaseVerifying Phase = "verifying"
	PhaseReporting Phase = "reporting"
	PhaseDone      Phase = "done"

	PhaseWaiting Phase = "waiting" // the search attribute's word for everything before verifying
)

// Status is a verification as its owner sees it: the answer of the status query, and the workflow's result.
type Status struct {
	Ticket     string              `json:"ticket"`
	Plugin     int                 `json:"plugin"`
	PluginName string              `json:"pluginName,omitempty"`
	Repository int                 `json:"repository"`
	SC         string              `json:"sc"`
	WorkflowID string              `json:"workflowId"`
	RunID      string              `json:"runId"`
	Phase      Phase               `json:"phase"`
	Outcome    remediation.Outcome `json:"outcome"` // "" while it runs
	StartedAt  time.Time           `json:"startedAt"`
	FinishedAt *time.Time          `json:"finishedAt"` // null while it runs
	Deadline   time.Time           `json:"deadline"`
	// Waiting is what the verification itself waits for; what its activities wait for, Temporal's records of them tell.
	Waiting *Waiting `json:"waiting,omitempty"`
	// Findings are the verdicts; before the first judgement, the baseline with the verdict "pending".
	Findings []remediation.Judged `json:"findings"`
	Scans    []Scan               `json:"scans"`
	// Notes are what a reader of the verdict should know: proof plugins that SC lacks, who cancelled and why.
	Notes []string `json:"notes,omitempty"`
	// Error says why the job could not be done. The failure of such a workflow has the status as its details.
	Error string `json:"error,omitempty"`
}

// Waiting is what is waited for.
type Waiting struct {
	For      string    `json:"for"`
	Since    time.Time `json:"since"`
	Text     string    `json:"text"`
	NextLook time.Time `json:"nextLook,omitzero"`
}

// Scan is one scan of a verification; its IDs are Security Center's.
type Scan struct {
	Number       int    `json:"number"`
	PolicyID     string `json:"policyId"`
	ScanID       string `json:"scanId"`
	ScanResultID string `json:"scanResultId"`
	Status       string `json:"status"`
	ImportStatus string `json:"importStatus"`
}

// Progress is what an activity that waits reports in its heartbeat; DescribeWorkflowExecution shows it without waking the
// workflow.
type Progress = activities.Progress

// ErrorNotYet is the type of a pending activity's last failure that is no failure: it waits.
const ErrorNotYet = activities.ErrorNotYet

// Cancel is the argument of the cancel update: it stops the verification and its scan.
type Cancel struct {
	Actor  string `json:"actor"`
	Reason string `json:"reason"`
}

// Extend is the argument of the extend update: it moves the deadline.
type Extend struct {
	Actor  string               `json:"actor"`
	Reason string               `json:"reason"`
	By     remediation.Duration `json:"by"`
	// AskedAt is the asker's time, by which the answer to a repetition is told from that to the first.
	AskedAt time.Time `json:"askedAt,omitzero"`
}

// Extended is the answer of the extend update; a repetition of an update, by its ID, gets that of the first.
type Extended struct {
	Deadline time.Time `json:"deadline"`
	AskedAt  time.Time `json:"askedAt,omitzero"`
}
