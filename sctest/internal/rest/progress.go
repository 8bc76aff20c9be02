package rest

// The progress of a run: the sets of addresses that tell who was scanned and who was dead.

import (
	"strconv"

	"go4.org/netipx"

	"patchproof/sctest/internal/addresses"
	"patchproof/sctest/internal/network"
)

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
	scanner := object{
		"id": "1", "name": "Internal Scanner", "description": "", "loadAvg": "0.0", "chunks": []any{},
		"chunkCompleted": strconv.Itoa(addresses.Count(scanned) + addresses.Count(dead)), "completedChecks": strconv.Itoa(checks * addresses.Count(scanned)),
		"scannedSize": addresses.Count(scanned), "scannedIPs": addresses.Format(scanned), "scanningSize": scanningSize, "scanningIPs": scanning,
		"awaitingDownloadSize": 0, "awaitingDownloadIPs": "", "deadHostSize": addresses.Count(dead), "deadHostIPs": addresses.Format(dead),
		"distributedSize": total,
	}
	return object{
		"completedIPs": strconv.Itoa(addresses.Count(scanned) + addresses.Count(dead)), "completedChecks": strconv.Itoa(checks * addresses.Count(scanned)),
		"totalChecks": totalChecks(checks, scanned), "checksPerHost": perHost, "totalIPs": strconv.Itoa(total), "runState": runState,
		"scanningIPs": scanning, "scanningSize": scanningSize, "scannedIPs": addresses.Format(scanned), "scannedSize": addresses.Count(scanned),
		"awaitingDownloadIPs": "", "awaitingDownloadSize": 0, "distributedSize": total, "status": m.Status,
		"deadHostSize": addresses.Count(dead), "deadHostIPs": addresses.Format(dead), "scanners": []object{scanner},
	}
}
