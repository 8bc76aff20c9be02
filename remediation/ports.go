package remediation

// Ranges of ports: which are scanned, and what is in one.

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// loginPorts are where a credentialed check logs in: SSH, RPC, NetBIOS and SMB. Without them in the range a scan of one
// port never tries its credentials.
var loginPorts = []int{22, 135, 139, 445}

// PortRange gives the narrowest range that can prove the findings fixed: exactly their ports, since a mitigation needs
// the port in the scanned range and every other port only costs the host time. A host-level finding (port 0) needs none;
// if there is nothing else the scanner's default range is kept.
func PortRange(findings []Finding, needsLogin bool) string {
	var tcp, udp []int
	for _, f := range findings {
		switch {
		case f.Port == 0 || f.State == StateAbsent:
		case strings.EqualFold(f.Protocol, "UDP"):
			udp = append(udp, f.Port)
		default:
			tcp = append(tcp, f.Port)
		}
	}
	if needsLogin {
		tcp = append(tcp, loginPorts...)
	}
	switch {
	case len(tcp) == 0 && len(udp) == 0:
		return "default"
	case len(udp) == 0:
		return portList(tcp)
	case len(tcp) == 0:
		return "U:" + portList(udp)
	default:
		return "T:" + portList(tcp) + ",U:" + portList(udp)
	}
}

func portList(ports []int) string {
	slices.Sort(ports)
	ports = slices.Compact(ports)
	var out []string
	for i := 0; i < len(ports); {
		j := i
		for j+1 < len(ports) && ports[j+1] == ports[j]+1 {
			j++
		}
		if j > i+1 {
			out = append(out, fmt.Sprintf("%d-%d", ports[i], ports[j]))
			i = j + 1
		} else {
			out = append(out, strconv.Itoa(ports[i]))
			i++
		}
	}
	return strings.Join(out, ",")
}

// ScansUDP reports whether a range names UDP ports, so that the UDP scanner has to be switched on.
func ScansUDP(portRange string) bool { return strings.Contains(strings.ToUpper(portRange), "U:") }

// ValidatePortRange refuses what the scanner would not understand: "default", "all", or ports and ranges of them, with
// "T:" or "U:" before those of one protocol.
func ValidatePortRange(s string) error {
	_, err := parsePortRange(s)
	return err
}

// PortRangeContains reports whether a scan with this range looks at a port. "default" is a list that the scanner keeps
// to itself (some thousand common ports), so what it holds is left to the ports that the scan reports as open.
func PortRangeContains(portRange string, port int, protocol string) bool {
	ranges, err := parsePortRange(portRange)
	if err != nil {
		return false
	}
	return slices.ContainsFunc(ranges, func(r portSpan) bool {
		return r.first <= port && port <= r.last && (r.protocol == "" || strings.EqualFold(r.protocol, protocol))
	})
}

// normalPortRange writes a range as scanners do: no blanks after the commas, and protocols in capitals.
func normalPortRange(s string) string {
	parts := strings.Split(s, ",")
	for i, part := range parts {
		parts[i] = strings.TrimSpace(part)
		if protocol, ports, ok := strings.Cut(parts[i], ":"); ok {
			parts[i] = strings.ToUpper(protocol) + ":" + ports
		}
	}
	return strings.Join(parts, ",")
}

type portSpan struct {
	protocol    string // "" means every protocol
	first, last int
}

func parsePortRange(s string) ([]portSpan, error) {
	if s == "default" || s == "all" {
		return []portSpan{{first: 1, last: 65535}}, nil
	}
	var out []portSpan
	protocol := ""
	for part := range strings.SplitSeq(s, ",") {
		part = strings.TrimSpace(part)
		switch upper := strings.ToUpper(part); {
		case strings.HasPrefix(upper, "T:"):
			protocol, part = "TCP", part[2:]
		case strings.HasPrefix(upper, "U:"):
			protocol, part = "UDP", part[2:]
		}
		low, high, isRange := strings.Cut(part, "-")
		first := portNumber(low)
		last := first
		if isRange {
			last = portNumber(high)
		}
		if first < 1 || last > 65535 || first > last {
			return nil, fmt.Errorf("port range: %s is neither default, all, a port (1-65535) nor a range such as 8000-8100", quote(part))
		}
		out = append(out, portSpan{protocol, first, last})
	}
	return out, nil
}

// portNumber reads digits and nothing else, as a scanner does; 0 stands for what is no port.
func portNumber(s string) int {
	if strings.Trim(s, "0123456789") != "" {
		return 0
	}
	n, err := strconv.Atoi(s)
	if err != nil {
		return 0
	}
	return n
}
