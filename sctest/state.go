package sctest

// The state as whoever runs the simulation sees it: plain types, numbers as numbers.

import (
	"maps"
	"slices"
	"time"

	"patchproof/sctest/internal/addresses"
	"patchproof/sctest/internal/network"
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
	Initiator    string     `json:"initiator"`
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

func stateOf(n *network.Network, now time.Time) State {
	n.Settle(now)
	st := State{
		Now: n.Wall(now), Scans: []ScanState{}, ScanResults: []ResultState{}, Policies: []PolicyState{}, Assets: []AssetState{},
		Cumulative: rowStates(n, n.Cumulative()), Patched: rowStates(n, n.Patched()),
	}
	for _, id := range slices.Sorted(maps.Keys(n.Scans)) {
		st.Scans = append(st.Scans, scanState(n, n.Scans[id], now))
	}
	for _, id := range slices.Sorted(maps.Keys(n.Runs)) {
		st.ScanResults = append(st.ScanResults, resultState(n, n.Runs[id], now))
	}
	for _, id := range slices.Sorted(maps.Keys(n.Policies)) {
		p := n.Policies[id]
		st.Policies = append(st.Policies, PolicyState{
			ID: id, Name: p.Name, Description: p.Description, Context: p.Context, Plugins: slices.Sorted(maps.Keys(p.Plugins)),
			Preferences: maps.Clone(p.Preferences), CreatedTime: n.Wall(p.Created), Owner: p.Owner.Username,
		})
	}
	for _, id := range slices.Sorted(maps.Keys(n.Assets)) {
		a := n.Assets[id]
		st.Assets = append(st.Assets, AssetState{
			ID: id, Name: a.Name, Type: a.Kind, DefinedIPs: addresses.Format(a.Set), CreatedTime: n.Wall(a.Created), Owner: a.Owner.Username,
		})
	}
	return st
}

func scanState(n *network.Network, s *network.Scan, now time.Time) ScanState {
	st := ScanState{
		ID: s.ID, Name: s.Name, Description: s.Description, Schedule: s.Schedule.Kind, Policy: s.Policy.ID, PolicyName: s.Policy.Name,
		PluginID: s.Plugin, Repository: s.Repository, IPList: s.IPList, AssetIDs: append([]int{}, s.Assets...),
		Credentials: append([]int{}, s.Credentials...), Zone: s.Zone, Owner: s.Owner.Username, CreatedTime: n.Wall(s.Created),
		ScanResultID: s.Result, DHCPTracking: s.DHCPTracking, ScanningVirtualHosts: s.VirtualHosts, EmailOnLaunch: s.EmailOnLaunch,
		EmailOnFinish: s.EmailOnFinish, ClassifyMitigatedAge: s.MitigatedAge, MaxScanTime: s.MaxScanTime,
		TimeoutAction: s.TimeoutAction, RolloverType: s.RolloverType,
	}
	if r := n.Runs[s.Result]; r != nil {
		m := r.At(now)
		st.Status, st.ImportStatus, st.Running = m.Status, r.ImportAt(now), !m.Over
	}
	return st
}

func resultState(n *network.Network, r *network.Run, now time.Time) ResultState {
	m := r.At(now)
	scanned, dead := n.Reached(r, m.Done)
	st := ResultState{
		ID: r.ID, ScanID: r.Scan.ID, Name: r.Name, Description: r.Description, Details: r.Details, Policy: r.Policy.ID,
		PluginID: r.Scan.Plugin, Repository: r.Scan.Repository, IPList: addresses.Format(r.Targets), Owner: r.Scan.Owner.Username,
		Initiator: r.Owner.Username,
		Status:    m.Status, ImportStatus: r.ImportAt(now), Running: !m.Over, CreatedTime: n.Wall(r.Created),
		StartTime: timeOrNil(n.Wall(r.StartedAt(now))), ScannedIPs: addresses.Format(scanned), DeadHostIPs: addresses.Format(dead),
	}
	if m.Over {
		st.FinishTime = timeOrNil(n.Wall(m.Since))
	}
	if st.ImportStatus == network.ImportFinished || st.ImportStatus == network.ImportError {
		st.ImportFinish = timeOrNil(n.Wall(r.ImportedAt()))
	}
	return st
}

func timeOrNil(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}

func rowStates(n *network.Network, rows []network.Row) []RowState {
	list := []RowState{}
	for _, r := range rows {
		list = append(list, RowState{
			PluginID: r.Plugin, Repository: r.Repository, IP: r.Addr.String(), Port: r.Port, Protocol: r.Protocol,
			DNSName: r.Identity.DNS, UUID: r.Identity.UUID, FirstSeen: n.Wall(r.FirstSeen), LastSeen: n.Wall(r.LastSeen), Mitigated: timeOrNil(n.Wall(r.Mitigated)),
			Reopened: r.Reopened, AcceptRisk: r.Accepted, RecastRisk: r.Recast,
		})
	}
	return list
}
