package rest

// Scan results: lists, details, and stopping, pausing, resuming.

import (
	"maps"
	"slices"
	"strconv"
	"time"

	"go4.org/netipx"

	"patchproof/sctest/internal/addresses"
	"patchproof/sctest/internal/dialect"
	"patchproof/sctest/internal/network"
	"patchproof/sctest/internal/scenario"
)

// resultListDays is how far back lists go unless told otherwise.
const resultListDays = 30

var resultFilters = []string{"usable", "manageable", "running", "completed", "optimizeCompletedScans", "optimizeCompletedScanResults"}

func (c *call) listResults() (any, error) {
	if c.user.admin() {
		return nil, dialect.Refuse("Administrators can not use Scan Results.\n")
	}
	if slices.Contains(c.fields(), "progress") {
		return nil, dialect.Refuse("The field 'progress' is invalid.\n")
	}
	inWindow, err := c.resultWindow()
	if err != nil {
		return nil, err
	}
	// Running and completed ones; naming neither means both.
	wanted := c.filterNames()
	for _, name := range wanted {
		if !slices.Contains(resultFilters, name) {
			return nil, invalidParameter("filter", name)
		}
	}
	running, completed := slices.Contains(wanted, "running"), slices.Contains(wanted, "completed")
	var all []object
	for _, id := range slices.Sorted(maps.Keys(c.Network.Runs)) {
		r := c.Network.Runs[id]
		if c.user.sees(r.Scan.Repository) && inWindow(r) && (running == completed || completed == r.At(c.now).Over) {
			all = append(all, c.resultObject(r))
		}
	}
	return c.lists(all, all, "id", "name", "description", "status"), nil
}

// resultWindow compares the creation, or the end where newer servers are asked to.
func (c *call) resultWindow() (func(*network.Run) bool, error) {
	query := c.query
	from, to := c.shown().AddDate(0, 0, -resultListDays), c.shown()
	for name, into := range map[string]*time.Time{"startTime": &from, "endTime": &to} {
		if !query.Has(name) {
			continue
		}
		seconds, err := strconv.ParseInt(query.Get(name), 10, 64)
		if err != nil {
			return nil, invalidParameter(name, query.Get(name))
		}
		*into = time.Unix(seconds, 0)
	}
	byEnd := query.Get("timeCompareField") == "finishTime" && c.version.AtLeast(5, 20)
	return func(r *network.Run) bool {
		t := r.Created
		if byEnd {
			t = r.EndsAt()
		}
		t = c.Network.Wall(t)
		// Servers count in whole seconds.
		return t.Unix() >= from.Unix() && t.Unix() <= to.Unix()
	}, nil
}

func (c *call) findResult() (*network.Run, error) {
	r, ok := c.Network.Runs[c.id]
	if !ok || !c.user.sees(r.Scan.Repository) || c.user.admin() {
		return nil, dialect.Missing("retrieve", "Scan Result", c.id)
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
	if !c.user.may(scenario.MayScan) {
		return nil, noScanning()
	}
	if !r.At(c.now).Over {
		return nil, dialect.Refuse("Scan Result #%d is running.\n", r.ID)
	}
	delete(c.Network.Runs, r.ID)
	return "", nil
}

func (c *call) stopResult() (any, error) {
	kind := c.input.Choice("type", "", network.TimeoutImport, network.TimeoutDiscard, network.TimeoutRollover)
	if c.input.Err() != nil {
		return nil, c.input.Err()
	}
	return c.intervene(network.Intervention{Kind: network.Stop, At: c.now, Keep: kind == network.TimeoutImport}, func(m network.Moment) bool {
		return !m.Over && m.Status != network.StatusStopping
	})
}

func (c *call) pauseResult() (any, error) {
	return c.intervene(network.Intervention{Kind: network.Pause, At: c.now}, func(m network.Moment) bool {
		return m.Status == network.StatusRunning
	})
}

func (c *call) resumeResult() (any, error) {
	return c.intervene(network.Intervention{Kind: network.Resume, At: c.now}, func(m network.Moment) bool {
		return m.Status == network.StatusPaused
	})
}

// intervene answers with the result as it was before; only polling shows the effect.
func (c *call) intervene(what network.Intervention, allowed func(network.Moment) bool) (any, error) {
	r, err := c.findResult()
	if err != nil {
		return nil, err
	}
	if !c.user.may(scenario.MayScan) {
		return nil, noScanning()
	}
	m := r.At(c.now)
	if !allowed(m) {
		return nil, dialect.Refuse("Unable to %s Scan Result #%d.\nIts status is '%s'.\n", what.Kind, r.ID, m.Status)
	}
	before := c.resultObject(r)
	before["progress"] = c.progressObject(r)
	r.Intervene(what)
	return c.project(before), nil
}

func (c *call) resultObject(r *network.Run) object {
	m := r.At(c.now)
	scanned, dead := c.Network.Reached(r, m.Done)
	done := strconv.Itoa(addresses.Count(scanned) + addresses.Count(dead))
	checks := c.checks(r)
	full := object{
		"id": strconv.Itoa(r.ID), "name": r.Name, "description": r.Description, "details": r.Details, "status": m.Status,
		"diagnosticAvailable": "false", "downloadAvailable": strconv.FormatBool(m.Over && r.Imports()), "downloadFormat": "v2",
		"dataFormat": c.Network.Repositories[r.Scan.Repository].DataFormat, "resultType": scenario.TypeActive, "resultSource": "internal",
		"running": strconv.FormatBool(!m.Over), "errorDetails": "", "totalIPs": strconv.Itoa(addresses.Count(r.Targets)), "scannedIPs": done,
		"completedIPs": done, "completedChecks": strconv.Itoa(checks * addresses.Count(scanned)), "totalChecks": totalChecks(checks, scanned),
		"startTime": c.epoch(r.StartedAt(c.now)), "finishTime": "-1", "scanDuration": "-1", "createdTime": c.epoch(r.Created),
		"initiator": ownerObject(r.Owner), "owner": ownerObject(r.Scan.Owner), "ownerGroup": dialect.FullGroup(), "scan": c.resultScan(r),
		"repository": dialect.Reference(r.Scan.Repository, c.Network.Repositories[r.Scan.Repository].Name),
	}
	if m.Over {
		full["finishTime"] = c.epoch(m.Since)
		if started := r.StartedAt(c.now); !started.IsZero() {
			full["scanDuration"] = strconv.Itoa(int(m.Since.Unix() - started.Unix()))
		}
		switch {
		case m.Status == network.StatusError:
			full["errorDetails"] = "Error running scan. The scanner lost its connection."
		case r.TimedOut():
			full["errorDetails"] = "The scan reached its maximum duration."
		}
	}
	maps.Copy(full, c.importObject(r))
	return full
}

func (c *call) importObject(r *network.Run) object {
	out := object{
		"importStatus": r.ImportAt(c.now), "importStart": "-1", "importFinish": "-1", "importDuration": "-1", "importErrorDetails": "",
	}
	switch out["importStatus"] {
	case network.ImportImporting:
		out["importStart"] = c.epoch(r.ImportStartedAt())
	case network.ImportFinished, network.ImportError:
		out["importStart"], out["importFinish"] = c.epoch(r.ImportStartedAt()), c.epoch(r.ImportedAt())
		out["importDuration"] = strconv.Itoa(int(r.ImportedAt().Unix() - r.ImportStartedAt().Unix()))
	}
	if out["importStatus"] == network.ImportError {
		out["importErrorDetails"] = "Scan import error (code #139)."
	}
	return out
}

// resultScan is empty on old servers, even while the definition exists.
func (c *call) resultScan(r *network.Run) object {
	s, there := c.Network.Scans[r.Scan.ID]
	if !there || !c.version.AtLeast(5, 20) {
		return dialect.Nothing()
	}
	return object{"id": strconv.Itoa(s.ID), "name": s.Name, "description": s.Description}
}

// checks is how many a host goes through; what matters is that dead hosts went through none.
func (c *call) checks(r *network.Run) int {
	if r.Policy.Plugins == nil {
		return len(c.Network.Catalog.Plugins)
	}
	return len(r.Policy.Plugins)
}

func totalChecks(checks int, scanned *netipx.IPSet) string {
	if addresses.Count(scanned) == 0 {
		return "-1"
	}
	return strconv.Itoa(checks * addresses.Count(scanned))
}

func (c *call) progressObject(r *network.Run) object {
	m := r.At(c.now)
	scanned, dead := c.Network.Reached(r, m.Done)
	scanning := ""
	scanningSize := 0
	if addr, busy := r.Scanning(m); busy {
		scanning, scanningSize = addr.String(), 1
	}
	runState := network.StatusRunning
	if m.Over {
		runState = "Stopped"
	}
	checks := c.checks(r)
	perHost := "-1"
	if addresses.Count(scanned) > 0 {
		perHost = strconv.Itoa(checks)
	}
	total := addresses.Count(r.Targets)
	size, deadSize := addresses.Count(scanned), addresses.Count(dead)
	common := object{
		"completedChecks": strconv.Itoa(checks * size), "scannedSize": size, "scannedIPs": addresses.Format(scanned),
		"scanningSize": scanningSize, "scanningIPs": scanning, "awaitingDownloadSize": 0, "awaitingDownloadIPs": "",
		"deadHostSize": deadSize, "deadHostIPs": addresses.Format(dead), "distributedSize": total,
	}
	scanner := object{
		"id": "1", "name": "Internal Scanner", "description": "", "loadAvg": "0.0", "chunks": []any{},
		"chunkCompleted": strconv.Itoa(size + deadSize),
	}
	maps.Copy(scanner, common)
	out := object{
		"completedIPs": strconv.Itoa(size + deadSize), "totalChecks": totalChecks(checks, scanned), "checksPerHost": perHost,
		"totalIPs": strconv.Itoa(total), "runState": runState, "status": m.Status, "scanners": []object{scanner},
	}
	maps.Copy(out, common)
	return out
}
