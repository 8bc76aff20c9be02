package workflows

// What a worker has to register.

import (
	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/workflow"

	"patchproof/activities"
)

// Registry is where workflows and activities are registered: a worker, or a test environment.
type Registry interface {
	RegisterWorkflowWithOptions(w any, options workflow.RegisterOptions)
	RegisterActivityWithOptions(a any, options activity.RegisterOptions)
}

// Register registers everything that a verification needs.
func Register(r Registry, a *activities.Activities) {
	r.RegisterWorkflowWithOptions(intake, workflow.RegisterOptions{Name: RemediationWorkflowType})
	r.RegisterWorkflowWithOptions(CleanUpWorkflow, workflow.RegisterOptions{Name: CleanUpWorkflowType})
	r.RegisterWorkflowWithOptions(SecurityCenterWorkflow, workflow.RegisterOptions{Name: SecurityCenterWorkflowType})
	r.RegisterActivityWithOptions(a, activity.RegisterOptions{})
}
