package network

// Machines in time: who answers, with which identity, and which weaknesses are really there.

import (
	"cmp"
	"net/netip"
	"slices"
	"strings"
	"time"

	"patchproof/sctest/internal/scenario"
)

type host struct {
	scenario.Host
	// home is where its findings were recorded, lives where it answers.
	home, lives netip.Addr
}

// identity is what a scanner learns about who answers.
type identity struct{ DNS, MAC, NetBIOS, UUID string }

// or fills what is unknown from what was known before.
func (id identity) or(before identity) identity {
	return identity{
		DNS: cmp.Or(id.DNS, before.DNS), MAC: cmp.Or(id.MAC, before.MAC), NetBIOS: cmp.Or(id.NetBIOS, before.NetBIOS),
		UUID: cmp.Or(id.UUID, before.UUID),
	}
}

func (h *host) recordedIdentity() identity {
	return identity{DNS: h.DNS, MAC: h.MAC, NetBIOS: h.NetBIOS, UUID: h.UUID}
}

// replaced says whether another machine has taken the address over.
func (h *host) replaced(age time.Duration) bool { return h.Becomes != nil && age >= h.Becomes.After }

func (h *host) identityAt(age time.Duration) identity {
	id := h.recordedIdentity()
	if h.replaced(age) {
		b := h.Becomes
		id = identity{DNS: b.DNS, MAC: b.MAC, NetBIOS: b.NetBIOS, UUID: b.UUID}.or(id)
	}
	return id
}

// upAt lets the later of upAfter and downAfter decide.
func (h *host) upAt(age time.Duration) bool {
	up := h.Up == nil || *h.Up
	if h.UpAfter > 0 && h.DownAfter == 0 {
		return age >= h.UpAfter
	}
	if h.UpAfter > 0 && h.UpAfter < h.DownAfter {
		return age >= h.UpAfter && age < h.DownAfter
	}
	if h.DownAfter > 0 && age >= h.DownAfter {
		return h.UpAfter > 0 && age >= h.UpAfter
	}
	return up
}

// windows guesses the system from the findings, because only its way of logging in matters.
func (h *host) windows(cat scenario.Catalog) bool {
	return slices.ContainsFunc(h.Findings, func(f scenario.Finding) bool {
		return slices.Contains([]int{135, 139, 445, 3389}, f.Port) ||
			strings.HasPrefix(cat.Families[cat.Plugins[f.Plugin].Family].Name, "Windows")
	})
}

// portNow is where the finding's service listens now.
func portNow(f scenario.Finding) int { return cmp.Or(f.MovesToPort, f.Port) }

func portOpen(f scenario.Finding) bool { return f.PortOpen == nil || *f.PortOpen }

// present says whether the weakness is really there; of a repair and a relapse the later one counts.
func present(f scenario.Finding, age time.Duration) bool {
	present := !f.Mitigated.Yes
	if f.Fixed != nil {
		present = !*f.Fixed
	}
	fixed := f.FixedAfter > 0 && age >= f.FixedAfter
	back := f.ReopensAfter > 0 && age >= f.ReopensAfter
	switch {
	case fixed && back:
		return f.ReopensAfter >= f.FixedAfter
	case fixed:
		return false
	case back:
		return true
	}
	return present
}

// openPorts are those of the findings, patched ones too, by protocol. A port that one finding says is closed is closed.
func (h *host) openPorts() map[string][]int {
	ports := map[string][]int{}
	for _, f := range h.Findings {
		closed := slices.ContainsFunc(h.Findings, func(other scenario.Finding) bool {
			return !portOpen(other) && other.Protocol == f.Protocol && portNow(other) == portNow(f)
		})
		if p := portNow(f); p > 0 && !closed && !slices.Contains(ports[f.Protocol], p) {
			ports[f.Protocol] = append(ports[f.Protocol], p)
		}
	}
	for _, list := range ports {
		slices.Sort(list)
	}
	return ports
}

// filters says whether a port is hidden from the network: by the host's own filter, or by one finding that says so.
func (h *host) filters(protocol string, port int) bool {
	return h.Filtered || slices.ContainsFunc(h.Findings, func(f scenario.Finding) bool {
		return f.Filtered && f.Protocol == protocol && portNow(f) == port
	})
}

func newHost(h scenario.Host) *host {
	built := &host{Host: h}
	// Both were checked with the scenario.
	built.home, _ = netip.ParseAddr(h.IP)
	built.home = built.home.Unmap()
	built.lives = built.home
	if moved, err := netip.ParseAddr(h.MovesTo); err == nil {
		built.lives = moved.Unmap()
	}
	return built
}
