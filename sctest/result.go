package sctest

// Scan results: lists, details, and stopping, pausing, resuming.

import (
	"maps"
	"slices"
	"strconv"
	"time"
)

// resultListDays is how far back lists go unless told otherwise.
const resultListDays = 30

func (c *call) listResults() (any, error) {
	if c.user.admin() {
		return nil, refuse(codeInvalid, "Administrators can not use Scan Results.\n")
	}
	if slices.Contains(c.fields(), "progress") {
		return nil, refuse(codeInvalid, "The field 'progress' is invalid.\n")
	}
	inWindow, err := c.resultWindow()
	if err != nil {
		return nil, err
	}
	states := c.resultStates()
	var all []object
	for _, id := range slices.Sorted(maps.Keys(c.net.runs)) {
		r := c.net.runs[id]
		if c.user.sees(r.scan.repository) && inWindow(r) && (len(states) == 0 || slices.Contains(states, r.at(c.now).over)) {
			all = append(all, c.resultObject(r))
		}
	}
	list := c.projectAll(all, "id", "name", "description", "status")
	return c.lists(list, list), nil
}

// resultStates reads running and completed from the filter; none means both.
func (c *call) resultStates() []bool {
	var states []bool
	for _, name := range c.filterNames() {
		switch name {
		case "running":
			states = append(states, false)
		case "completed":
			states = append(states, true)
		}
	}
	return states
}

// resultWindow compares the creation, or the end where newer servers are asked to.
func (c *call) resultWindow() (func(*run) bool, error) {
	query := c.r.URL.Query()
	from, to := c.now.AddDate(0, 0, -resultListDays), c.now
	for name, into := range map[string]*time.Time{"startTime": &from, "endTime": &to} {
		if !query.Has(name) {
			continue
		}
		seconds, err := strconv.ParseInt(query.Get(name), 10, 64)
		if err != nil {
			return nil, refuse(codeInvalid, "The parameter '%s' contains the invalid value '%s'.\n", name, query.Get(name))
		}
		*into = time.Unix(seconds, 0)
	}
	byEnd := query.Get("timeCompareField") == "finishTime" && c.dialect.atLeast(5, 20)
	return func(r *run) bool {
		t := r.created
		if byEnd {
			t = r.endsAt()
		}
		// Servers count in whole seconds.
		return t.Unix() >= from.Unix() && t.Unix() <= to.Unix()
	}, nil
}

func (c *call) findResult() (*run, error) {
	r, ok := c.net.runs[c.id]
	if !ok || !c.user.sees(r.scan.repository) || c.user.admin() {
		return nil, missing("retrieve", "Scan Result", c.id)
	}
	return r, nil
}

func (c *call) getResult() (any, error) {
	r, err := c.findResult()
	if err != nil {
		return nil, err
	}
	full := c.resultObject(r)
	full["progress"] = c.progressObject(r)
	return c.project(full), nil
}

func (c *call) deleteResult() (any, error) {
	r, err := c.findResult()
	if err != nil {
		return nil, err
	}
	if !r.at(c.now).over {
		return nil, refuse(codeInvalid, "Scan Result #%d is running.\n", r.id)
	}
	delete(c.net.runs, r.id)
	return "", nil
}

func (c *call) stopResult() (any, error) {
	kind, err := choiceOf(c.input, "type", "", timeoutImport, timeoutDiscard, timeoutRollover)
	if err != nil {
		return nil, err
	}
	return c.intervene(control{kind: controlStop, at: c.now, keep: kind == timeoutImport}, func(m moment) bool {
		return !m.over && m.status != statusStopping
	})
}

func (c *call) pauseResult() (any, error) {
	return c.intervene(control{kind: controlPause, at: c.now}, func(m moment) bool { return m.status == statusRunning })
}

func (c *call) resumeResult() (any, error) {
	return c.intervene(control{kind: controlResume, at: c.now}, func(m moment) bool { return m.status == statusPaused })
}

// intervene answers with the result as it was before; only polling shows the effect.
func (c *call) intervene(what control, allowed func(moment) bool) (any, error) {
	r, err := c.findResult()
	if err != nil {
		return nil, err
	}
	if !c.user.may(mayScan) {
		return nil, noScanning()
	}
	m := r.at(c.now)
	if !allowed(m) {
		return nil, refuse(codeInvalid, "Unable to %s Scan Result #%d.\nIts status is '%s'.\n", what.kind, r.id, m.status)
	}
	before := c.resultObject(r)
	before["progress"] = c.progressObject(r)
	r.intervene(what)
	return c.project(before), nil
}

func (c *call) resultObject(r *run) object {
	m := r.at(c.now)
	scanned, dead := c.net.reached(r, m.done)
	done := sizeOf(scanned) + sizeOf(dead)
	checks := c.checks(r)
	full := object{
		"id": text(r.id), "name": r.name, "description": r.description, "details": r.policy.name, "status": m.status,
		"diagnosticAvailable": "false", "downloadAvailable": yesNo(m.over && r.imports()), "downloadFormat": "v2",
		"dataFormat": c.net.repositories[r.scan.repository].DataFormat, "resultType": typeActive, "resultSource": "internal",
		"running": yesNo(!m.over), "errorDetails": "", "totalIPs": text(sizeOf(r.targets)), "scannedIPs": text(done),
		"completedIPs": text(done), "completedChecks": text(checks * sizeOf(scanned)), "totalChecks": totalChecks(checks, scanned),
		"startTime": epoch(r.startedAt(c.now)), "finishTime": "-1", "scanDuration": "-1", "createdTime": epoch(r.created),
		"initiator": ownerObject(r.owner), "owner": ownerObject(r.owner), "ownerGroup": fullGroup(), "scan": c.resultScan(r),
		"repository": reference(r.scan.repository, c.net.repositories[r.scan.repository].Name),
	}
	if m.over {
		full["finishTime"] = epoch(m.since)
		if started := r.startedAt(c.now); !started.IsZero() {
			full["scanDuration"] = text(int(m.since.Unix() - started.Unix()))
		}
		full["errorDetails"] = errorDetails(r, m.status)
	}
	maps.Copy(full, r.importObject(c.now))
	return full
}

func errorDetails(r *run, status string) string {
	switch {
	case status == statusError:
		return "Error running scan. The scanner lost its connection."
	case r.timedOut():
		return "The scan reached its maximum duration."
	}
	return ""
}

func (r *run) importObject(now time.Time) object {
	out := object{
		"importStatus": r.importAt(now), "importStart": "-1", "importFinish": "-1", "importDuration": "-1", "importErrorDetails": "",
	}
	switch out["importStatus"] {
	case importImporting:
		out["importStart"] = epoch(r.importStartedAt())
	case importFinished, importError:
		out["importStart"], out["importFinish"] = epoch(r.importStartedAt()), epoch(r.importedAt())
		out["importDuration"] = text(int(r.importedAt().Unix() - r.importStartedAt().Unix()))
	}
	if out["importStatus"] == importError {
		out["importErrorDetails"] = "Scan import error (code #139)."
	}
	return out
}

// resultScan is empty on old servers, even while the definition exists.
func (c *call) resultScan(r *run) object {
	s, there := c.net.scans[r.scan.id]
	if !there || !c.dialect.atLeast(5, 20) {
		return nothing()
	}
	return object{"id": text(s.id), "name": s.name, "description": s.description}
}

func (c *call) filterNames() []string {
	return splitList(c.r.URL.Query().Get("filter"))
}
