// Package securitycenter is the Security Center that the environment names, for the commands that ask it without a workflow.
package securitycenter

import (
	"context"
	"time"

	"patchproof/sclient"
	"patchproof/starter/internal/invocation"
)

// Do does something with Security Center and logs out afterwards.
func Do(ctx context.Context, run *invocation.Invocation, do func(*sclient.Client) error) error {
	c, err := sclient.FromEnv(run.Environ.Getenv)
	if err != nil {
		return err
	}
	for _, warning := range c.Warnings() {
		run.Complain("warning: %s", warning)
	}
	defer LogOut(ctx, c)
	return do(c)
}

// logoutTimeout: a session that is not closed ends by itself after an hour, so nobody has to wait long for it.
const logoutTimeout = 5 * time.Second

// LogOut ends the session, also after ctrl-C: the number of a user's sessions is limited.
func LogOut(ctx context.Context, c *sclient.Client) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), logoutTimeout)
	defer cancel()
	// What was asked for is done; a session that stays open is no reason to fail.
	_ = c.Close(ctx)
}
