package main

import (
	"context"
	"time"

	"patchproof/sclient"
)

// center is the Security Center that the environment names, for the commands that ask it without a workflow.
type center struct {
	*sclient.Client
	wire  *wire
	guard *guard
}

// logoutTimeout: a session that is not closed ends by itself after an hour, so nobody has to wait long for it.
const logoutTimeout = 5 * time.Second

// center reads the environment; nothing is sent yet.
func (a *app) center() (*center, error) {
	sc, err := sclient.FromEnv(a.getenv)
	if err != nil {
		return nil, err
	}
	c := &center{Client: sc, guard: newGuard(sc.AccessKey, sc.SecretKey, sc.Password)}
	c.wire = &wire{next: sc.HTTPClient.Transport, guard: c.guard}
	sc.HTTPClient.Transport = c.wire
	return c, nil
}

// withCenter does something with Security Center and logs out afterwards.
func (a *app) withCenter(ctx context.Context, do func(*center) error) error {
	c, err := a.center()
	if err != nil {
		return err
	}
	defer c.close(ctx)
	return do(c)
}

// close logs out, also after ctrl-C: the number of a user's sessions is limited.
func (c *center) close(ctx context.Context) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), logoutTimeout)
	defer cancel()
	// What was asked for is done; a session that stays open is no reason to fail.
	_ = c.Close(ctx)
}
