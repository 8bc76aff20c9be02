package follow

// Why a verification failed, in one sentence.

import (
	"errors"
	"strings"

	"go.temporal.io/sdk/temporal"

	"patchproof/starter/internal/namespace"
	"patchproof/workflows"
)

// failure is the one sentence of a workflow that failed, without what Temporal wraps around it.
func failure(err error) error {
	if message := applicationMessage(err); message != "" {
		return errors.New(message)
	}
	switch {
	case namespace.Is[*temporal.TerminatedError](err):
		return errors.New("the verification was terminated in Temporal: what it left in Security Center was not cleaned up")
	case namespace.Is[*temporal.TimeoutError](err):
		return errors.New("the verification ran into a time limit of Temporal before it had a verdict")
	case namespace.Is[*temporal.CanceledError](err):
		return errors.New("the verification was cancelled in Temporal before it could report")
	}
	return err
}

// applicationMessage is the message that our own code gave a failure: the outermost one, unless that only repeats the
// error of an activity with everything that Temporal says about it.
func applicationMessage(err error) string {
	message := ""
	for err != nil {
		app, ours := errors.AsType[*temporal.ApplicationError](err)
		if !ours {
			break
		}
		message = app.Message()
		if !strings.Contains(message, "activity error (type:") && !strings.Contains(message, "(type: ") {
			break
		}
		err = app.Unwrap()
	}
	return message
}

// lastStatus is how far a verification came that failed; it travels as the failure's details.
func lastStatus(err error) (status workflows.Status) {
	app, ours := errors.AsType[*temporal.ApplicationError](err)
	if !ours || app.Details(&status) != nil {
		return workflows.Status{} // terminated, or of another version: Temporal's records know the rest
	}
	return status
}
