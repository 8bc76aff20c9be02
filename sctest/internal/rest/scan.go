package rest

// Scan definitions.

import (
	"maps"
	"slices"
	"strconv"

	"patchproof/sctest/internal/dialect"
	"patchproof/sctest/internal/network"
	"patchproof/sctest/internal/scenario"
)

func (c *call) createScan() (any, error) {
	s, err := c.readScan()
	if err != nil {
		return nil, err
	}
	c.Network.AddScan(s)
	c.Network.Plan(s, c.now)
	if s.Schedule.Kind == network.ScheduleNow {
		c.startRun(s)
	}
	return c.project(c.scanObject(s)), nil
}

func (c *call) listScans() (any, error) {
	if c.user.admin() {
		return nil, dialect.Refuse("Administrators can not use Scans.\n")
	}
	var all []object
	for _, id := range slices.Sorted(maps.Keys(c.Network.Scans)) {
		// What ran at once is no definition that anybody would launch again.
		if s := c.Network.Scans[id]; c.user.sees(s.Repository) && s.Schedule.Kind != network.ScheduleNow {
			all = append(all, c.scanObject(s))
		}
	}
	return c.lists(all, all, "id", "name", "description", "status"), nil
}

func (c *call) findScan(doing string) (*network.Scan, error) {
	s, ok := c.Network.Scans[c.id]
	if !ok || !c.user.sees(s.Repository) {
		return nil, dialect.Missing(doing, "Scan", c.id)
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
		return nil, dialect.Undeletable("Scan", c.id)
	}
	if !c.user.may(scenario.MayScan) {
		return nil, noScanning()
	}
	delete(c.Network.Scans, c.id)
	return "", nil
}

func (c *call) launchScan() (any, error) {
	if !c.user.may(scenario.MayScan) {
		return nil, noScanning()
	}
	s, err := c.findScan("launch")
	if err != nil {
		return nil, err
	}
	if _, there := c.Network.Policies[s.Policy.ID]; !there {
		return nil, dialect.Refuse(noPolicy)
	}
	target, password := c.input.Text("diagnosticTarget"), c.input.Text("diagnosticPassword")
	c.input.Require((target == "") == (password == ""), "diagnosticTarget and diagnosticPassword need each other.\n")
	if c.input.Err() != nil {
		return nil, c.input.Err()
	}
	r := c.startRun(s)
	// Who started the run is a number on newer servers, and nothing else around it is.
	var initiator any = strconv.Itoa(c.user.owner.ID)
	if c.version.AtLeast(5, 20) {
		initiator = c.user.owner.ID
	}
	result := object{
		"initiatorID": initiator, "ownerID": strconv.Itoa(s.Owner.ID), "scanID": strconv.Itoa(s.ID), "resultsSyncID": -1,
		"jobID": strconv.Itoa(c.nextSerial()), "repositoryID": strconv.Itoa(s.Repository), "name": r.Name, "description": r.Description,
		"details": r.Details, "status": r.At(c.now).Status, "downloadFormat": "v2",
		"dataFormat": c.Network.Repositories[s.Repository].DataFormat, "resultType": scenario.TypeActive, "id": strconv.Itoa(r.ID),
	}
	return object{"scanID": strconv.Itoa(s.ID), "scanResult": result}, nil
}

func (c *call) scanObject(s *network.Scan) object {
	full := object{
		"id": strconv.Itoa(s.ID), "name": s.Name, "description": s.Description, "ipList": s.IPList, "type": "policy",
		"dhcpTracking": strconv.FormatBool(s.DHCPTracking), "classifyMitigatedAge": strconv.Itoa(s.MitigatedAge),
		"emailOnLaunch": strconv.FormatBool(s.EmailOnLaunch), "emailOnFinish": strconv.FormatBool(s.EmailOnFinish), "timeoutAction": s.TimeoutAction,
		"scanningVirtualHosts": strconv.FormatBool(s.VirtualHosts), "rolloverType": s.RolloverType, "status": "0",
		"createdTime": c.epoch(s.Created), "modifiedTime": c.epoch(later(s.Created, s.Modified)), "maxScanTime": s.MaxScanTime, "reports": s.Reports,
		"assets": references(s.Assets, c.Network.AssetName), "credentials": references(s.Credentials, c.Network.CredentialName), "numDependents": strconv.Itoa(c.Network.Dependents(s.ID)),
		"schedule": c.scheduleObject(s), "policy": policyReference(&s.Policy), "policyPrefs": policyNoise(),
		"repository": c.scanRepository(s.Repository), "canUse": "true", "canManage": "true",
		"plugin": c.pluginReference(s.Plugin), "zone": c.zoneReference(s.Zone), "ownerGroup": dialect.FullGroup(),
		"creator": ownerObject(s.Owner), "owner": ownerObject(s.Owner),
	}
	if c.version.AtLeast(5, 20) {
		full["uuid"] = network.UUIDOf("scan", s.ID, c.Network.Start.Unix())
	}
	if s.Schedule.Kind == network.ScheduleNow {
		full["scanResultID"] = strconv.Itoa(s.Result)
	}
	return full
}

// scheduleObject has numbers for IDs when no schedule is stored.
func (c *call) scheduleObject(s *network.Scan) object {
	out := object{"type": s.Schedule.Kind, "start": s.Schedule.Start, "repeatRule": s.Schedule.RepeatRule}
	if s.Schedule.Kind == network.ScheduleNow {
		out["id"], out["objectType"], out["nextRun"] = -1, -1, -1
	} else {
		out["id"], out["objectType"], out["nextRun"] = strconv.Itoa(s.ID+48), network.ContextScan, 0
		if next := s.Next(); !next.IsZero() {
			out["nextRun"] = c.shownAt(next).Unix()
		}
	}
	if c.version.AtLeast(5, 20) {
		out["enabled"] = "true"
		out["dependent"] = dialect.Nothing()
		if s.Schedule.Kind == network.ScheduleDependent {
			out["dependent"] = dialect.Reference(s.Schedule.DependsOn, c.Network.ScanName(s.Schedule.DependsOn))
		}
	}
	return out
}

func policyReference(p *network.Policy) object {
	return object{
		"id": strconv.Itoa(p.ID), "context": p.Context, "name": p.Name, "description": p.Description, "tags": p.Tags,
		"owner": ownerObject(p.Owner), "ownerGroup": dialect.FullGroup(),
	}
}

// policyNoise is a taste of what servers append to every scan unless they are told the fields.
func policyNoise() []object {
	return []object{
		{"name": "[authPref]adsi", "value": "bD4kSG8OVQpX0HkZMxWXASMC9Xz8d2jn"},
		{"name": "[authPref]ftp", "value": "VpnaTUFVqYeSf76xFeXYhwWCpTkhzMQZ"},
	}
}

func references(ids []int, name func(int) string) []object {
	refs := []object{}
	for _, id := range ids {
		refs = append(refs, dialect.Reference(id, name(id)))
	}
	return refs
}

// scanRepository says more on newer servers, but never the format, which rows name.
func (c *call) scanRepository(id int) object {
	out := dialect.Reference(id, c.Network.Repositories[id].Name)
	if c.version.AtLeast(6, 0) {
		out["type"], out["uuid"] = c.Network.Repositories[id].Type, network.UUIDOf("repository", id)
	}
	return out
}

func (c *call) pluginReference(id int) object {
	p, known := c.Network.Catalog.Plugins[id]
	out := dialect.Nothing()
	if known {
		out = dialect.Reference(id, p.Name)
	}
	if c.version.AtLeast(6, 0) {
		out["type"] = p.Type
	}
	return out
}

func (c *call) zoneReference(id int) object {
	for _, z := range c.scenario.Zones {
		if z.ID == id {
			return dialect.Reference(id, z.Name)
		}
	}
	return dialect.Nothing()
}

// startRun launches a scan; a fault ordered for the next one is spent on it.
func (c *call) startRun(s *network.Scan) *network.Run {
	fault, _ := c.Faults.Take(c.r.Method, c.r.URL.Path, scenario.ScanFaults...)
	return c.Network.Launch(s, c.user.owner, fault.Do, c.now)
}
