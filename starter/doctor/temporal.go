package doctor

// Checks of Temporal and the worker.

import (
	"context"
	"strings"
	"time"

	enumspb "go.temporal.io/api/enums/v1"

	"patchproof/starter/internal/term"
)

func (d *doctor) checkTemporal(ctx context.Context) Answer {
	ns, err := d.namespace()
	if err == nil {
		// A server that answers may still not have the namespace.
		err = ns.Explain(ns.Query(ctx, ""))
	}
	if err != nil {
		return wrong(err.Error(), "")
	}
	return fine("%s, namespace %s", ns.Address, ns.Name)
}

func (d *doctor) checkAttributes(ctx context.Context) Answer {
	ns, err := d.namespace()
	if err != nil {
		return wrong(err.Error(), "")
	}
	attributes, err := ns.SearchAttributes(ctx)
	if err != nil {
		return wrong(ns.Explain(err).Error(), "")
	}
	var missing []string
	for _, a := range attributes {
		if !a.Usable() {
			missing = append(missing, a.Name)
		}
	}
	if len(missing) > 0 {
		return wrong("not registered, or of another type: "+strings.Join(missing, ", "), "run `patchproof setup`")
	}
	return fine("all %d registered", len(attributes))
}

// pollAge: a worker asks for work at least every minute; the server remembers one that has gone for five.
const pollAge = 90 * time.Second

func (d *doctor) checkWorker(ctx context.Context) Answer {
	ns, err := d.namespace()
	if err != nil {
		return wrong(err.Error(), "")
	}
	const todo = "start patchproof-worker"
	pollers := map[string]bool{}
	for _, kind := range []enumspb.TaskQueueType{enumspb.TASK_QUEUE_TYPE_WORKFLOW, enumspb.TASK_QUEUE_TYPE_ACTIVITY} {
		queue, err := ns.DescribeTaskQueue(ctx, ns.TaskQueue, kind)
		if err != nil {
			return wrong(ns.Explain(err).Error(), "")
		}
		recent := 0
		for _, p := range queue.GetPollers() {
			if d.run.Now().Sub(p.GetLastAccessTime().AsTime()) < pollAge {
				recent++
				pollers[p.GetIdentity()] = true
			}
		}
		if recent == 0 {
			return wrong("no worker polls task queue "+ns.TaskQueue+": verifications wait", todo)
		}
	}
	return fine("%s on task queue %s", term.Count(len(pollers), "worker"), ns.TaskQueue)
}

// checkHolds tells who keeps verifications from launching.
func (d *doctor) checkHolds(ctx context.Context) Answer {
	ns, err := d.namespace()
	if err != nil {
		return wrong(err.Error(), "")
	}
	holds, err := ns.Holds(ctx)
	if err != nil {
		return doubtful("Temporal does not tell: "+ns.Explain(err).Error(), "")
	}
	if len(holds) == 0 {
		return fine("nobody holds launches")
	}
	var texts []string
	for _, hold := range holds {
		texts = append(texts, hold.String())
	}
	return doubtful(few(texts), "`patchproof release --sc "+term.ShellWord(holds[0].SC)+" --reason TEXT` when they may go on")
}
