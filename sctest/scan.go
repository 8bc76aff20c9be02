package sctest

// Scan definitions.

import (
	"maps"
	"slices"
)

func (c *call) createScan() (any, error) {
	s, err := c.readScan()
	if err != nil {
		return nil, err
	}
	c.net.addScan(s)
	if s.schedule.kind == scheduleNow {
		c.startRun(s)
	}
	return c.project(c.scanObject(s)), nil
}

func (c *call) listScans() (any, error) {
	if c.user.admin() {
		return nil, refuse(codeInvalid, "Administrators can not use Scans.\n")
	}
	var all []object
	for _, id := range slices.Sorted(maps.Keys(c.net.scans)) {
		if s := c.net.scans[id]; c.user.sees(s.repository) {
			all = append(all, c.scanObject(s))
		}
	}
	list := c.projectAll(all, "id", "name", "description", "status")
	return c.lists(list, list), nil
}

func (c *call) findScan(doing string) (*scan, error) {
	s, ok := c.net.scans[c.id]
	if !ok || !c.user.sees(s.repository) {
		return nil, missing(doing, "Scan", c.id)
	}
	return s, nil
}

func (c *call) getScan() (any, error) {
	s, err := c.findScan("retrieve")
	if err != nil {
		return nil, err
	}
	full := c.scanObject(s)
	// Only the answer to the creation tells the result.
	delete(full, "scanResultID")
	return c.project(full), nil
}

// deleteScan leaves the results, and a run that is under way, alone.
func (c *call) deleteScan() (any, error) {
	if _, err := c.findScan("find existing"); err != nil {
		return nil, refuse(codeDoesNotExist, "Unable to find existing Scan #%d to delete.\nScan #%d does not exist.\n", c.id, c.id)
	}
	delete(c.net.scans, c.id)
	return "", nil
}

func (c *call) launchScan() (any, error) {
	if !c.user.may(mayScan) {
		return nil, noScanning()
	}
	s, err := c.findScan("launch")
	if err != nil {
		return nil, err
	}
	if _, there := c.net.policies[s.policy.id]; !there {
		return nil, noPolicy()
	}
	r := c.startRun(s)
	// Who started the run is a number on newer servers, and nothing else around it is.
	var initiator any = text(c.user.owner.id)
	if c.dialect.atLeast(5, 20) {
		initiator = c.user.owner.id
	}
	result := object{
		"initiatorID": initiator, "ownerID": text(s.owner.id), "scanID": text(s.id), "resultsSyncID": -1,
		"jobID": text(c.nextSerial()), "repositoryID": text(s.repository), "name": r.name, "description": r.description,
		"details": r.policy.name, "status": r.at(c.now).status, "downloadFormat": "v2",
		"dataFormat": c.net.repositories[s.repository].DataFormat, "resultType": typeActive, "id": text(r.id),
	}
	return object{"scanID": text(s.id), "scanResult": result}, nil
}

func (c *call) scanObject(s *scan) object {
	full := object{
		"id": text(s.id), "name": s.name, "description": s.description, "ipList": s.ipList, "type": "policy",
		"dhcpTracking": yesNo(s.dhcpTracking), "classifyMitigatedAge": text(s.mitigatedAge),
		"emailOnLaunch": yesNo(s.emailOnLaunch), "emailOnFinish": yesNo(s.emailOnFinish), "timeoutAction": s.timeoutAction,
		"scanningVirtualHosts": yesNo(s.virtualHosts), "rolloverType": s.rolloverType, "status": "0",
		"createdTime": epoch(s.created), "modifiedTime": epoch(s.created), "maxScanTime": s.maxScanTime, "reports": s.reports,
		"assets": c.assetRefs(s.assets), "credentials": c.credentialRefs(s.credentials), "numDependents": "0",
		"schedule": c.scheduleObject(s), "policy": policyReference(&s.policy), "policyPrefs": policyNoise(),
		"repository": reference(s.repository, c.net.repositories[s.repository].Name), "canUse": "true", "canManage": "true",
		"plugin": c.pluginReference(s.plugin), "zone": c.zoneReference(s.zone), "ownerGroup": fullGroup(),
		"creator": ownerObject(s.owner), "owner": ownerObject(s.owner),
	}
	if c.dialect.atLeast(5, 20) {
		full["uuid"] = uuidOf("scan", s.id, c.net.start.Unix())
	}
	if s.schedule.kind == scheduleNow {
		full["scanResultID"] = text(s.result)
	}
	return full
}

// scheduleObject has numbers for IDs when no schedule is stored.
func (c *call) scheduleObject(s *scan) object {
	out := object{"type": s.schedule.kind, "start": s.schedule.start, "repeatRule": s.schedule.repeatRule}
	if s.schedule.kind == scheduleNow {
		out["id"], out["objectType"], out["nextRun"] = -1, -1, -1
	} else {
		out["id"], out["objectType"], out["nextRun"] = text(s.id+48), contextScan, 0
	}
	if c.dialect.atLeast(5, 20) {
		out["enabled"] = "true"
		out["dependent"] = nothing()
	}
	return out
}

func policyReference(p *policy) object {
	return object{
		"id": text(p.id), "context": p.context, "name": p.name, "description": p.description, "tags": p.tags,
		"owner": ownerObject(p.owner), "ownerGroup": fullGroup(),
	}
}

// policyNoise is a taste of what servers append to every scan unless they are told the fields.
func policyNoise() []object {
	return []object{
		{"name": "[authPref]adsi", "value": "bD4kSG8OVQpX0HkZMxWXASMC9Xz8d2jn"},
		{"name": "[authPref]ftp", "value": "VpnaTUFVqYeSf76xFeXYhwWCpTkhzMQZ"},
	}
}

func (c *call) assetRefs(ids []int) []object {
	refs := []object{}
	for _, id := range ids {
		name := ""
		if a := c.net.assets[id]; a != nil {
			name = a.name
		}
		refs = append(refs, reference(id, name))
	}
	return refs
}

func (c *call) credentialRefs(ids []int) []object {
	refs := []object{}
	for _, id := range ids {
		refs = append(refs, reference(id, c.net.credentialName(id)))
	}
	return refs
}

func (c *call) pluginReference(id int) object {
	if p, ok := c.net.catalog.plugins[id]; ok {
		return reference(id, p.Name)
	}
	return nothing()
}

func (c *call) zoneReference(id int) object {
	for _, z := range c.scenario.Zones {
		if z.ID == id {
			return reference(id, z.Name)
		}
	}
	return nothing()
}

// startRun launches a scan; a fault ordered for the next one is spent on it.
func (c *call) startRun(s *scan) *run {
	fault, _ := c.faults.take(c.r.Method, c.r.URL.Path, scanFaults...)
	return c.net.launch(s, c.user.owner, fault.Do, c.now)
}
