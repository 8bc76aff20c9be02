package sctest

// The progress of a run: the sets of addresses that tell who was scanned and who was dead.

import (
	"go4.org/netipx"
)

// checks is how many a host goes through; what matters is that dead hosts went through none.
func (c *call) checks(r *run) int {
	if r.policy.plugins == nil {
		return len(c.net.catalog.plugins)
	}
	return len(r.policy.plugins)
}

func totalChecks(checks int, scanned *netipx.IPSet) string {
	if sizeOf(scanned) == 0 {
		return "-1"
	}
	return text(checks * sizeOf(scanned))
}

func (c *call) progressObject(r *run) object {
	m := r.at(c.now)
	scanned, dead := c.net.reached(r, m.done)
	scanning := ""
	scanningSize := 0
	if addr, busy := r.scanning(m); busy {
		scanning, scanningSize = addr.String(), 1
	}
	runState := statusRunning
	if m.over {
		runState = "Stopped"
	}
	checks := c.checks(r)
	perHost := "-1"
	if sizeOf(scanned) > 0 {
		perHost = text(checks)
	}
	total := sizeOf(r.targets)
	scanner := object{
		"id": "1", "name": "Internal Scanner", "description": "", "loadAvg": "0.0", "chunks": []any{},
		"chunkCompleted": text(sizeOf(scanned) + sizeOf(dead)), "completedChecks": text(checks * sizeOf(scanned)),
		"scannedSize": sizeOf(scanned), "scannedIPs": formatSet(scanned), "scanningSize": scanningSize, "scanningIPs": scanning,
		"awaitingDownloadSize": 0, "awaitingDownloadIPs": "", "deadHostSize": sizeOf(dead), "deadHostIPs": formatSet(dead),
		"distributedSize": total,
	}
	return object{
		"completedIPs": text(sizeOf(scanned) + sizeOf(dead)), "completedChecks": text(checks * sizeOf(scanned)),
		"totalChecks": totalChecks(checks, scanned), "checksPerHost": perHost, "totalIPs": text(total), "runState": runState,
		"scanningIPs": scanning, "scanningSize": scanningSize, "scannedIPs": formatSet(scanned), "scannedSize": sizeOf(scanned),
		"awaitingDownloadIPs": "", "awaitingDownloadSize": 0, "distributedSize": total, "status": m.status,
		"deadHostSize": sizeOf(dead), "deadHostIPs": formatSet(dead), "scanners": []object{scanner},
	}
}
