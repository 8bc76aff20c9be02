package workflows

// Cleaning up after a scan, for as long as it takes: at first the verification, then a workflow of its own.

import (
	"fmt"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"patchproof/activities"
	"patchproof/remediation"
)

const (
	// cleanUpPatience is how long a verdict waits for the clean-up: a Security Center that is down must not keep the ticket
	// from its answer. Only the time of attempts that were made counts.
	cleanUpPatience = remediation.Duration(15 * time.Minute)
	// CleanUpWorkflow tries at once, again after firstPause, then after twice as long, and so on up to maxPause: with so many
	// rounds and the patience of each it insists for a week. That is longer than an outage over a long weekend, and each round
	// costs a dozen events.
	firstPause    = 15 * time.Minute
	maxPause      = 6 * time.Hour
	cleanUpRounds = 32
)

// CleanUp is what CleanUpWorkflow is given: what a verification could not undo in time.
type CleanUp struct {
	// Text names it, for people.
	Text string                  `json:"text"`
	Left activities.CleanUpInput `json:"left"`
}

// cleanUp undoes what is left of the scan. A scan that ran to its end leaves only the policy. It gives what it could not undo.
func (s *scan) cleanUp(ctx workflow.Context) (leftover string) {
	if s.policy.ID == 0 && s.lost == nil {
		return ""
	}
	s.owner.enter(ctx, PhaseReporting)
	in := activities.CleanUpInput{
		SC: s.sc, Own: s.own, ResultID: s.launch.ResultID, Launched: s.launched, Uncertain: s.uncertain, Stray: s.policy.Stray, Lost: s.lost,
		Patience: cleanUpPatience,
	}
	var out activities.CleanUpResult
	// No limit over all attempts: it would count the time in which no worker was there.
	err := workflow.ExecuteActivity(reading(ctx, "stop what runs, delete the policy"), acts.CleanUp, in).Get(ctx, &out)
	if err != nil {
		out.Left, _ = sentence(err)
	}
	for _, note := range out.Notes {
		s.owner.note("%s", note)
	}
	if out.Left != "" {
		in.Probe = out.Probe
		leftover = s.goOn(ctx, in, out.Left)
		s.owner.note("%s", leftover)
		return leftover
	}
	if out.Status != "" {
		s.shown.Status, s.shown.ImportStatus = out.Status, out.ImportStatus
		s.owner.record(s.shown)
	}
	return ""
}

// goOn leaves the clean-up to a workflow of its own, and says so.
func (s *scan) goOn(ctx workflow.Context, in activities.CleanUpInput, why string) string {
	what := fmt.Sprintf("a policy (%s) or a scan (result %s) marked %q may be left in Security Center",
		orDash(s.shown.PolicyID), orDash(s.shown.ScanResultID), s.own.Mark)
	id := CleanUpID(workflow.GetInfo(ctx).FirstRunID, s.number)
	ctx = workflow.WithChildOptions(ctx, abandoned(id, what, s.shown, s.owner.attributes()))
	child := workflow.ExecuteChildWorkflow(ctx, CleanUpWorkflowType, CleanUp{Text: what, Left: in})
	if err := child.GetChildWorkflowExecution().Get(ctx, nil); err != nil {
		text, _ := sentence(err)
		return fmt.Sprintf("clean-up did not succeed: %s: stop and delete it by hand: %s (and no workflow could be started that goes on: %s)", what, why, text)
	}
	return fmt.Sprintf("clean-up did not succeed yet: %s: %s; workflow %s goes on trying for a week", what, why, id)
}

// abandoned are the options of a child that goes on when its parent has ended, and that the ticket finds.
func abandoned(id, what string, scan Scan, attributes []temporal.SearchAttributeUpdate) workflow.ChildWorkflowOptions {
	return workflow.ChildWorkflowOptions{
		WorkflowID:            id,
		ParentClosePolicy:     enumspb.PARENT_CLOSE_POLICY_ABANDON,
		TypedSearchAttributes: temporal.NewSearchAttributes(attributes...),
		StaticSummary:         fmt.Sprintf("clean-up: stop scan result %s, delete policy %s", orDash(scan.ScanResultID), orDash(scan.PolicyID)),
		StaticDetails:         "A verification could not undo everything in time: " + markdown(what) + ". This workflow goes on trying for a week.",
	}
}

// CleanUpWorkflow undoes what a verification could not undo in time. It fails when it has insisted for a week.
func CleanUpWorkflow(ctx workflow.Context, in CleanUp) (*activities.CleanUpResult, error) {
	pause := firstPause
	var out activities.CleanUpResult
	for round := range cleanUpRounds {
		// The first round follows the verification's own without a pause: a scan that nobody wants still runs.
		if round > 0 {
			if err := workflow.NewTimerWithOptions(ctx, pause, workflow.TimerOptions{Summary: "until the next attempt"}).Get(ctx, nil); err != nil {
				return nil, err
			}
			pause = min(2*pause, maxPause)
		}
		out = activities.CleanUpResult{}
		err := workflow.ExecuteActivity(reading(ctx, "stop what runs, delete the policy"), acts.CleanUp, in.Left).Get(ctx, &out)
		switch {
		case temporal.IsCanceledError(err):
			return nil, err
		case err != nil:
			out.Left, _ = sentence(err)
		case out.Left == "":
			return &out, cleanUpDone(ctx)
		}
		if out.Probe != 0 {
			in.Left.Probe = out.Probe
		}
		workflow.SetCurrentDetails(ctx, markdown(in.Text)+"\n\n- "+markdown(out.Left))
	}
	if err := cleanUpDone(ctx); err != nil {
		return nil, err
	}
	return nil, temporal.NewNonRetryableApplicationError(
		fmt.Sprintf("%s: stop and delete it by hand; for a week nothing helped: %s", in.Text, out.Left), activities.ErrorUnavailable, nil)
}

func cleanUpDone(ctx workflow.Context) error {
	return workflow.UpsertTypedSearchAttributes(ctx, PhaseAttribute.ValueSet(string(PhaseDone)))
}
