package workflows

// Holding the launches of a Security Center back: what is said, and how the answer is read.

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/converter"

	enumspb "go.temporal.io/api/enums/v1"
	workflowpb "go.temporal.io/api/workflow/v1"

	"patchproof/activities"
	"patchproof/remediation"
)

// What can be said about launches.
const (
	DoHold    = "hold"
	DoRelease = "release"
)

// Launches is the argument of the launches signal. There is one signal for both words: Temporal keeps no order between two.
type Launches struct {
	Do     string    `json:"do"`
	Actor  string    `json:"actor"`
	Reason string    `json:"reason"`
	At     time.Time `json:"at,omitzero"` // the asker's time
}

// Check refuses words from nobody, or that nobody can read.
func (l Launches) Check() error {
	if l.Do != DoHold && l.Do != DoRelease {
		return fmt.Errorf("do: %.20q is unknown: use %s or %s", l.Do, DoHold, DoRelease)
	}
	return checkWords(l.Actor, l.Reason)
}

// checkWords refuses who says nothing, or does not say who asks: what people do is kept as evidence.
func checkWords(actor, reason string) error {
	switch {
	case strings.TrimSpace(actor) == "":
		return errors.New("actor: is missing: say who asks")
	case strings.TrimSpace(reason) == "":
		return errors.New("reason: is missing: say why")
	case len(actor)+len(reason) > maxWords:
		return fmt.Errorf("reason: is longer than the %d bytes that actor and reason may have", maxWords)
	}
	if err := remediation.CheckText("actor", actor, remediation.MaxKeyword); err != nil {
		return err
	}
	return remediation.CheckText("reason", reason, maxWords)
}

// Hold is who holds the launches of a Security Center, and why.
type Hold = activities.Hold

// holdMemo is where the workflow of a Security Center shows its hold.
const holdMemo = "hold"

// HoldOptions are how the workflow of a Security Center is started with its first hold, which anybody can read from then on, also
// before a worker has heard it.
func HoldOptions(hold Hold, taskQueue string) client.StartWorkflowOptions {
	return client.StartWorkflowOptions{
		ID:            SecurityCenterID(hold.SC),
		TaskQueue:     taskQueue,
		Memo:          map[string]any{holdMemo: hold},
		StaticSummary: remediation.Clip("holds the launches of "+remediation.OneLine(hold.SC), maxSummary),
		StaticDetails: "While this workflow runs, no worker launches a scan in Security Center " + markdown(hold.SC) +
			". `patchproof release` ends it.",
	}
}

// HeldBy reads the hold off Temporal's record of a Security Center's workflow; nil: there is none. The workflow runs exactly as long as somebody
// holds, so a hold holds from the moment in which the server took it, and one whose words cannot be read holds as well.
func HeldBy(info *workflowpb.WorkflowExecutionInfo, data converter.DataConverter) *Hold {
	switch info.GetStatus() {
	case enumspb.WORKFLOW_EXECUTION_STATUS_RUNNING, enumspb.WORKFLOW_EXECUTION_STATUS_PAUSED, enumspb.WORKFLOW_EXECUTION_STATUS_CONTINUED_AS_NEW:
	default:
		return nil
	}
	id := info.GetExecution().GetWorkflowId()
	var hold Hold
	if memo, ok := info.GetMemo().GetFields()[holdMemo]; ok && data.FromPayload(memo, &hold) == nil && hold.By != "" {
		return &hold
	}
	return &Hold{
		SC: securityCenterOf(id), By: "somebody", Since: info.GetStartTime().AsTime(), Reason: "see workflow " + id + " in Temporal",
	}
}
