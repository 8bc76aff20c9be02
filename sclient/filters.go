package sclient

// Filters of queries, and their periods.

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Filter narrows an analysis. SC honours one filter per name: put several values into one.
type Filter struct {
	name, operator string
	value          any
	err            *Error
}

// Name returns SC's name of the filter.
func (f Filter) Name() string { return f.name }

type filterBody struct {
	FilterName string `json:"filterName"`
	Operator   string `json:"operator"`
	Value      any    `json:"value"`
}

func equals(name string, value any) Filter { return Filter{name: name, operator: "=", value: value} }

func broken(name, reason string) Filter { return Filter{name: name, err: invalid(name, reason)} }

// RawFilter passes any filter on. The value is what SC wants: mostly a string.
func RawFilter(name, operator string, value any) Filter {
	if name == "" || operator == "" {
		return broken("filters", "a filter needs a name and an operator")
	}
	return Filter{name: name, operator: operator, value: value}
}

// FilterPlugin takes rows of any of the plugins.
func FilterPlugin(ids ...ID) Filter {
	f := objects("pluginID", ids)
	f.value = strings.Join(eachID(ids, ID.String), ",")
	return f
}

// FilterIP takes rows of hosts with any of the addresses, CIDRs or ranges.
func FilterIP(addresses ...string) Filter {
	parts := splitAddresses(strings.Join(addresses, ","))
	if len(parts) == 0 {
		return broken("ip", "give addresses, CIDRs or ranges")
	}
	for _, part := range parts {
		if err := checkTarget(part, false); err != nil {
			return broken("ip", err.Error())
		}
	}
	return equals("ip", strings.Join(parts, ","))
}

// FilterDNSName takes rows of the host with that name.
func FilterDNSName(name string) Filter { return text("dnsName", name) }

// FilterUUID takes rows of the host with that agent or authenticated UUID.
func FilterUUID(uuid string) Filter { return text("uuid", uuid) }

func text(name, value string) Filter {
	if strings.TrimSpace(value) == "" {
		return broken(name, "the value is empty")
	}
	return equals(name, value)
}

// FilterRepository takes rows of any of the repositories.
func FilterRepository(ids ...ID) Filter { return objects("repository", ids) }

// FilterFamily takes rows of plugins of any of the families. SC cannot filter by family 0 (compliance).
func FilterFamily(ids ...ID) Filter {
	if slices.Contains(ids, 0) {
		return broken("family", "SC cannot filter by family 0 (compliance)")
	}
	return objects("family", ids)
}

// FilterAsset takes rows of hosts in any of the assets.
func FilterAsset(ids ...ID) Filter {
	if len(ids) == 1 && ids[0] >= 0 {
		return equals("asset", idTexts(ids)[0])
	}
	return objects("asset", ids)
}

func objects(name string, ids []ID) Filter {
	if len(ids) == 0 || slices.ContainsFunc(ids, func(id ID) bool { return id < 0 }) {
		return broken(name, "give ids, none of them negative")
	}
	return equals(name, idTexts(ids))
}

// FilterPort takes rows of any of the ports; 0 stands for the host as a whole.
func FilterPort(ports ...int) Filter { return numbers("port", 0, 65535, ports) }

// FilterSeverity takes rows of any of the severities, 0 (info) to 4 (critical).
func FilterSeverity(severities ...int) Filter { return numbers("severity", 0, 4, severities) }

func numbers(name string, low, high int, values []int) Filter {
	var texts []string
	for _, value := range values {
		if value < low || value > high {
			return broken(name, fmt.Sprintf("%d is not between %d and %d", value, low, high))
		}
		texts = append(texts, strconv.Itoa(value))
	}
	if len(texts) == 0 {
		return broken(name, "give at least one number")
	}
	return equals(name, strings.Join(texts, ","))
}

// Filters want the number of a protocol, although rows show its name.
var protocols = map[string]string{"ICMP": "1", "TCP": "6", "UDP": "17"}

// FilterProtocol takes rows of a protocol, by name (TCP, UDP, ICMP) or number.
func FilterProtocol(protocol string) Filter {
	if number, ok := protocols[strings.ToUpper(protocol)]; ok {
		return equals("protocol", number)
	}
	if n, err := strconv.ParseUint(protocol, 10, 8); err == nil {
		return equals("protocol", strconv.FormatUint(n, 10))
	}
	return broken("protocol", fmt.Sprintf("%.40q is neither TCP, UDP or ICMP nor a number", protocol))
}

// Window is a period for the time filters.
type Window struct {
	value  string
	reason string
}

// Days reaches from one number of days ago to another, in rolling periods of 24 hours: Days(0, 1) is the last day. The order
// does not matter.
func Days(a, b int) Window {
	if a < 0 || b < 0 {
		return Window{reason: "days ago cannot be negative"}
	}
	return Window{value: fmt.Sprintf("%d:%d", min(a, b), max(a, b))}
}

// Between reaches from one moment to another, by SC's clock (see [Client.ServerTime]), rounded to whole seconds outwards.
func Between(from, to time.Time) Window {
	switch {
	case from.IsZero() || to.IsZero() || from.Unix() < 0:
		return Window{reason: "both ends of the period must be given"}
	case to.Before(from):
		return Window{reason: fmt.Sprintf("the period ends (%s) before it begins (%s)", to.Format(time.RFC3339), from.Format(time.RFC3339))}
	}
	// A colon between epoch seconds would find nothing, without an error.
	return Window{value: fmt.Sprintf("%d-%d", from.Unix(), ceilUnix(to))}
}

// String returns the value that is sent.
func (w Window) String() string { return w.value }

func during(name string, w Window) Filter {
	if w.reason != "" {
		return broken(name, w.reason)
	}
	if w.value == "" {
		return broken(name, "the period is missing")
	}
	return equals(name, w.value)
}

// FilterFirstSeen takes rows that were discovered in the period.
func FilterFirstSeen(w Window) Filter { return during("firstSeen", w) }

// FilterLastSeen takes rows that were observed last in the period; for the source Cumulative only.
func FilterLastSeen(w Window) Filter { return during("lastSeen", w) }

// FilterLastMitigated takes rows that were mitigated in the period; for the source Patched only.
func FilterLastMitigated(w Window) Filter { return during("lastMitigated", w) }

// FilterWithoutWAS leaves out findings of web application scans, which servers from 6.x mix in; older ones refuse the filter.
func FilterWithoutWAS() Filter { return equals("wasVuln", "excludeWas") }

// sourceOf names the only source that a time filter works with.
var sourceOf = map[string]Source{"lastSeen": Cumulative, "lastMitigated": Patched}

func validateFilters(filters []Filter, source Source) error {
	seen := map[string]bool{}
	for _, f := range filters {
		switch {
		case f.err != nil:
			copied := *f.err
			return &copied
		case f.name == "":
			return invalid("filters", "an empty filter")
		case seen[f.name]:
			return invalid(f.name, "given twice; SC honours one filter of a name, so put the values together")
		}
		if only, ok := sourceOf[f.name]; ok && only != source {
			return invalid(f.name, fmt.Sprintf("works with source %s only, not with %s", only, source))
		}
		seen[f.name] = true
	}
	return nil
}
