package main

import (
	"context"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"

	"go.temporal.io/api/workflowservice/v1"

	enumspb "go.temporal.io/api/enums/v1"

	"patchproof/workflows"
)

func (d *doctor) checkTemporal(ctx context.Context) checked {
	conn, err := d.conn()
	if err == nil {
		// A server that answers may still not have the namespace.
		_, err = conn.page(ctx, &workflowservice.ListWorkflowExecutionsRequest{Namespace: conn.namespace, PageSize: 1})
		err = conn.explain(err)
	}
	if err != nil {
		return wrong(err.Error(), "")
	}
	return fine("%s, namespace %s", conn.address, conn.namespace)
}

func (d *doctor) checkAttributes(ctx context.Context) checked {
	conn, err := d.conn()
	if err != nil {
		return wrong(err.Error(), "")
	}
	present, err := conn.customAttributes(ctx)
	if err != nil {
		return wrong(conn.explain(err).Error(), "")
	}
	var missing []string
	for _, key := range workflows.SearchAttributes() {
		if kind, ok := present[key.GetName()]; !ok || kind != key.GetValueType() {
			missing = append(missing, key.GetName())
		}
	}
	if len(missing) > 0 {
		return wrong("not registered, or of another type: "+strings.Join(missing, ", "), "run `patchproof setup`")
	}
	return fine("all %d registered", len(workflows.SearchAttributes()))
}

// pollAge: a worker asks for work at least every minute; the server remembers one that has gone for five.
const pollAge = 90 * time.Second

func (d *doctor) checkWorker(ctx context.Context) checked {
	conn, err := d.conn()
	if err != nil {
		return wrong(err.Error(), "")
	}
	const todo = "start patchproof-worker"
	pollers := map[string]bool{}
	for _, kind := range []enumspb.TaskQueueType{enumspb.TASK_QUEUE_TYPE_WORKFLOW, enumspb.TASK_QUEUE_TYPE_ACTIVITY} {
		queue, err := conn.DescribeTaskQueue(ctx, conn.taskQueue, kind)
		if err != nil {
			return wrong(conn.explain(err).Error(), "")
		}
		recent := 0
		for _, p := range queue.GetPollers() {
			if d.app.Now().Sub(p.GetLastAccessTime().AsTime()) < pollAge {
				recent++
				pollers[p.GetIdentity()] = true
			}
		}
		if recent == 0 {
			return wrong("no worker polls task queue "+conn.taskQueue+": verifications wait", todo)
		}
	}
	return fine("%s on task queue %s", count(len(pollers), "worker"), conn.taskQueue)
}

// marked is how the policies and scans of a verification are described: by its first run, and the scan's number.
var marked = regexp.MustCompile(`patchproof ([0-9A-Za-z-]{8,64})/\d+`)

// leftovers are policies and scans of ours, by the run that made them.
func (d *doctor) leftovers() map[string][]string {
	l := d.lists()
	found := map[string][]string{}
	note := func(what string, texts ...string) {
		for _, text := range texts {
			if run := marked.FindStringSubmatch(text); run != nil {
				found[run[1]] = append(found[run[1]], what)
				return
			}
		}
	}
	for _, p := range l.policies {
		note("policy "+p.ID.String(), p.Description, p.Name)
	}
	for _, s := range l.scans {
		note("scan "+s.ID.String(), s.Description, s.Name)
	}
	for _, r := range l.results {
		if !r.Ended() {
			note("running scan result "+r.ID.String(), r.Description, r.Name)
		}
	}
	return found
}

func (d *doctor) checkLeftovers(ctx context.Context) checked {
	l := d.lists()
	if l.noPolicies != nil || l.noScans != nil || l.noResults != nil {
		return skipped("we may not list policies, scans and results")
	}
	found := d.leftovers()
	if len(found) == 0 {
		return fine("no policy or scan of ours")
	}
	conn, err := d.conn()
	if err != nil {
		return doubtful(count(len(found), "verification")+" left policies or scans, but only Temporal knows whether they still run", "")
	}
	var orphans []string
	for _, run := range slices.Sorted(maps.Keys(found)) {
		open, err := conn.isOpen(ctx, run)
		if err != nil {
			return doubtful("Temporal does not tell which verifications still run: "+conn.explain(err).Error(), "")
		}
		if !open {
			orphans = append(orphans, found[run]...)
		}
	}
	if len(orphans) > 0 {
		return doubtful(few(orphans)+" belong to no running verification of namespace "+conn.namespace,
			"stop and delete them in Security Center, unless another namespace verifies there too")
	}
	return fine("policies and scans of %s", count(len(found), "running verification"))
}

// isOpen reports whether the verification that began with this run still goes on.
func (c *connection) isOpen(ctx context.Context, firstRun string) (bool, error) {
	page, err := c.page(ctx, &workflowservice.ListWorkflowExecutionsRequest{
		Namespace: c.namespace, PageSize: 1, Query: fmt.Sprintf("RunId = %s", quote(firstRun)),
	})
	if err != nil || len(page.GetExecutions()) == 0 {
		return false, err
	}
	info := page.GetExecutions()[0]
	if info.GetStatus() != enumspb.WORKFLOW_EXECUTION_STATUS_CONTINUED_AS_NEW {
		return info.GetStatus() == enumspb.WORKFLOW_EXECUTION_STATUS_RUNNING || info.GetStatus() == enumspb.WORKFLOW_EXECUTION_STATUS_PAUSED, nil
	}
	// It goes on in a later run of the same workflow, unless that is a new verification under the old ID.
	current, err := c.describe(ctx, execution{workflowID: info.GetExecution().GetWorkflowId()})
	if err != nil {
		return false, err
	}
	later := current.GetWorkflowExecutionInfo()
	return later.GetStatus() == enumspb.WORKFLOW_EXECUTION_STATUS_RUNNING && later.GetFirstRunId() == firstRun, nil
}
