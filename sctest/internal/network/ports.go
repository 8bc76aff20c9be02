package network

// Which ports a policy scans: the preference portscan_range.

import (
	"fmt"
	"strconv"
	"strings"

	"patchproof/sctest/internal/scenario"
)

type portRange struct{ from, to int }

// portSet holds ranges by protocol.
type portSet map[string][]portRange

// wellKnown stands for the scanner's list of about 4,800 common ports. It is shorter on purpose: a client that relies on
// "default" to cover an odd port should notice.
var wellKnown = []portRange{
	{1, 1024},
	{1080, 1080},
	{1433, 1434},
	{1521, 1521},
	{1723, 1723},
	{2049, 2049},
	{3128, 3128},
	{3268, 3269},
	{3306, 3306},
	{3389, 3389},
	{5432, 5432},
	{5900, 5901},
	{5985, 5986},
	{6379, 6379},
	{8000, 8000},
	{8080, 8081},
	{8443, 8443},
	{9090, 9090},
	{9200, 9200},
}

// parsePorts reads "default", "all", "445", "1-1024", "T:445,U:161" and mixes of them. A prefix holds until the next one;
// without any, both protocols are meant.
func parsePorts(text string) (portSet, error) {
	set := portSet{}
	protocols := []string{scenario.TCP, scenario.UDP}
	for part := range strings.SplitSeq(text, ",") {
		part = strings.TrimSpace(part)
		switch upper := strings.ToUpper(part); {
		case strings.HasPrefix(upper, "T:"):
			protocols, part = []string{scenario.TCP}, part[2:]
		case strings.HasPrefix(upper, "U:"):
			protocols, part = []string{scenario.UDP}, part[2:]
		}
		ranges, err := parsePortRange(part)
		if err != nil {
			return nil, err
		}
		for _, protocol := range protocols {
			set[protocol] = append(set[protocol], ranges...)
		}
	}
	return set, nil
}

func parsePortRange(text string) ([]portRange, error) {
	switch strings.ToLower(text) {
	case "default":
		return wellKnown, nil
	case "all":
		return []portRange{{1, scenario.MaxPort}}, nil
	}
	low, high, isRange := strings.Cut(text, "-")
	if !isRange {
		high = low
	}
	from, errFrom := strconv.Atoi(strings.TrimSpace(low))
	to, errTo := strconv.Atoi(strings.TrimSpace(high))
	if errFrom != nil || errTo != nil || from < 0 || to > scenario.MaxPort || from > to {
		return nil, fmt.Errorf("%q is not a port or a range of ports", text)
	}
	return []portRange{{from, to}}, nil
}

func (s portSet) contains(protocol string, port int) bool {
	for _, r := range s[protocol] {
		if r.from <= port && port <= r.to {
			return true
		}
	}
	return false
}
