package sctest

// The state as whoever runs the simulation sees it: plain types, numbers as numbers.

import (
	"maps"
	"slices"
	"time"
)

// State is everything that a server holds at one time.
type State struct {
	Now         time.Time     `json:"now"`
	Scans       []ScanState   `json:"scans"`
	ScanResults []ResultState `json:"scanResults"`
	Policies    []PolicyState `json:"policies"`
	Cumulative  []RowState    `json:"cumulative"`
	Patched     []RowState    `json:"patched"`
	Assets      []AssetState  `json:"assets"`
}

// ScanState is a scan definition, with the state of its last result. It stays after the scan ended, unless it is deleted.
type ScanState struct {
	ID           int       `json:"id"`
	Name         string    `json:"name"`
	Description  string    `json:"description"`
	Schedule     string    `json:"schedule"`
	Policy       int       `json:"policy"`
	PolicyName   string    `json:"policyName"`
	PluginID     int       `json:"pluginID"`
	Repository   int       `json:"repository"`
	IPList       string    `json:"ipList"`
	AssetIDs     []int     `json:"assets"`
	Credentials  []int     `json:"credentials"`
	Zone         int       `json:"zone"`
	Owner        string    `json:"owner"`
	CreatedTime  time.Time `json:"createdTime"`
	ScanResultID int       `json:"scanResultID"`
	Status       string    `json:"status"`
	ImportStatus string    `json:"importStatus"`
	Running      bool      `json:"running"`

	DHCPTracking         bool   `json:"dhcpTracking"`
	ScanningVirtualHosts bool   `json:"scanningVirtualHosts"`
	EmailOnLaunch        bool   `json:"emailOnLaunch"`
	EmailOnFinish        bool   `json:"emailOnFinish"`
	ClassifyMitigatedAge int    `json:"classifyMitigatedAge"`
	MaxScanTime          string `json:"maxScanTime"`
	TimeoutAction        string `json:"timeoutAction"`
	RolloverType         string `json:"rolloverType"`
}

// ResultState is a scan result.
type ResultState struct {
	ID           int        `json:"id"`
	ScanID       int        `json:"scanID"`
	Name         string     `json:"name"`
	Description  string     `json:"description"`
	Details      string     `json:"details"`
	Policy       int        `json:"policy"`
	PluginID     int        `json:"pluginID"`
	Repository   int        `json:"repository"`
	IPList       string     `json:"ipList"`
	Owner        string     `json:"owner"`
	Status       string     `json:"status"`
	ImportStatus string     `json:"importStatus"`
	Running      bool       `json:"running"`
	CreatedTime  time.Time  `json:"createdTime"`
	StartTime    *time.Time `json:"startTime"`
	FinishTime   *time.Time `json:"finishTime"`
	ImportFinish *time.Time `json:"importFinish"`
	ScannedIPs   string     `json:"scannedIPs"`
	DeadHostIPs  string     `json:"deadHostIPs"`
}

// PolicyState is a scan policy, one-time ones included.
type PolicyState struct {
	ID          int               `json:"id"`
	Name        string            `json:"name"`
	Description string            `json:"description"`
	Context     string            `json:"context"`
	Plugins     []int             `json:"plugins"`
	Preferences map[string]string `json:"preferences"`
	CreatedTime time.Time         `json:"createdTime"`
	Owner       string            `json:"owner"`
}

// RowState is a finding in one of the databases.
type RowState struct {
	PluginID   int        `json:"pluginID"`
	Repository int        `json:"repository"`
	IP         string     `json:"ip"`
	Port       int        `json:"port"`
	Protocol   string     `json:"protocol"`
	DNSName    string     `json:"dnsName"`
	UUID       string     `json:"uuid"`
	FirstSeen  time.Time  `json:"firstSeen"`
	LastSeen   time.Time  `json:"lastSeen"`
	Mitigated  *time.Time `json:"mitigated,omitempty"`
	Reopened   bool       `json:"hasBeenMitigated"`
	AcceptRisk bool       `json:"acceptRisk"`
	RecastRisk bool       `json:"recastRisk"`
}

// AssetState is an asset.
type AssetState struct {
	ID          int       `json:"id"`
	Name        string    `json:"name"`
	Type        string    `json:"type"`
	DefinedIPs  string    `json:"definedIPs"`
	CreatedTime time.Time `json:"createdTime"`
	Owner       string    `json:"owner"`
}

func stateOf(n *network, now time.Time) State {
	n.settle(now)
	st := State{
		Now: now, Scans: []ScanState{}, ScanResults: []ResultState{}, Policies: []PolicyState{}, Assets: []AssetState{},
		Cumulative: rowStates(n.cumulative()), Patched: rowStates(n.patched()),
	}
	for _, id := range slices.Sorted(maps.Keys(n.scans)) {
		st.Scans = append(st.Scans, scanState(n, n.scans[id], now))
	}
	for _, id := range slices.Sorted(maps.Keys(n.runs)) {
		st.ScanResults = append(st.ScanResults, resultState(n, n.runs[id], now))
	}
	for _, id := range slices.Sorted(maps.Keys(n.policies)) {
		p := n.policies[id]
		st.Policies = append(st.Policies, PolicyState{
			ID: id, Name: p.name, Description: p.description, Context: p.context, Plugins: slices.Sorted(maps.Keys(p.plugins)),
			Preferences: maps.Clone(p.preferences), CreatedTime: p.created, Owner: p.owner.username,
		})
	}
	for _, id := range slices.Sorted(maps.Keys(n.assets)) {
		a := n.assets[id]
		st.Assets = append(st.Assets, AssetState{
			ID: id, Name: a.name, Type: a.kind, DefinedIPs: formatSet(a.set), CreatedTime: a.created, Owner: a.owner.username,
		})
	}
	return st
}

func scanState(n *network, s *scan, now time.Time) ScanState {
	st := ScanState{
		ID: s.id, Name: s.name, Description: s.description, Schedule: s.schedule.kind, Policy: s.policy.id, PolicyName: s.policy.name,
		PluginID: s.plugin, Repository: s.repository, IPList: s.ipList, AssetIDs: append([]int{}, s.assets...),
		Credentials: append([]int{}, s.credentials...), Zone: s.zone, Owner: s.owner.username, CreatedTime: s.created,
		ScanResultID: s.result, DHCPTracking: s.dhcpTracking, ScanningVirtualHosts: s.virtualHosts, EmailOnLaunch: s.emailOnLaunch,
		EmailOnFinish: s.emailOnFinish, ClassifyMitigatedAge: s.mitigatedAge, MaxScanTime: s.maxScanTime,
		TimeoutAction: s.timeoutAction, RolloverType: s.rolloverType,
	}
	if r := n.runs[s.result]; r != nil {
		m := r.at(now)
		st.Status, st.ImportStatus, st.Running = m.status, r.importAt(now), !m.over
	}
	return st
}

func resultState(n *network, r *run, now time.Time) ResultState {
	m := r.at(now)
	scanned, dead := n.reached(r, m.done)
	st := ResultState{
		ID: r.id, ScanID: r.scan.id, Name: r.name, Description: r.description, Details: r.policy.name, Policy: r.policy.id,
		PluginID: r.scan.plugin, Repository: r.scan.repository, IPList: formatSet(r.targets), Owner: r.owner.username,
		Status: m.status, ImportStatus: r.importAt(now), Running: !m.over, CreatedTime: r.created,
		StartTime: timeOrNil(r.startedAt(now)), ScannedIPs: formatSet(scanned), DeadHostIPs: formatSet(dead),
	}
	if m.over {
		st.FinishTime = timeOrNil(m.since)
	}
	if st.ImportStatus == importFinished || st.ImportStatus == importError {
		st.ImportFinish = timeOrNil(r.importedAt())
	}
	return st
}

func timeOrNil(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}

func rowStates(rows []record) []RowState {
	list := []RowState{}
	for _, r := range rows {
		list = append(list, RowState{
			PluginID: r.plugin, Repository: r.repository, IP: r.addr.String(), Port: r.port, Protocol: r.protocol,
			DNSName: r.identity.dns, UUID: r.identity.uuid, FirstSeen: r.firstSeen, LastSeen: r.lastSeen, Mitigated: timeOrNil(r.mitigated),
			Reopened: r.reopened, AcceptRisk: r.accepted, RecastRisk: r.recast,
		})
	}
	return list
}
