package sctest

// The filters that an analysis knows.

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"go4.org/netipx"
)

var (
	equal    = []string{"="}
	either   = []string{"=", "!="}
	patterns = []string{"=", "!=", "~=", "pcre"}

	seenSources = []string{sourceCumulative, sourceIndividual}
)

// filterKinds by filterName.
var filterKinds = map[string]filterKind{
	"pluginID":         {operators: []string{"=", "!=", ">=", "<="}, read: filterPluginID},
	"ip":               {operators: either, read: filterIP},
	"dnsName":          {operators: patterns, read: textFilter(func(_ *Analysis, r record) string { return r.identity.dns })},
	"uuid":             {operators: either, read: textFilter(func(_ *Analysis, r record) string { return r.identity.uuid })},
	"repository":       {operators: either, read: filterRepository},
	"asset":            {operators: []string{"=", "!=", "~"}, read: filterAsset},
	"port":             {operators: either, read: numberFilter(func(_ *Analysis, r record) int { return r.port }, nil)},
	"protocol":         {operators: either, read: numberFilter(func(_ *Analysis, r record) int { return protocolNumber(r.protocol) }, protocolNumbers)},
	"severity":         {operators: either, read: numberFilter(func(a *Analysis, r record) int { return a.plugin(r).Severity }, nil)},
	"family":           {operators: either, read: filterFamily},
	"familyID":         {operators: either, read: numberFilter(func(a *Analysis, r record) int { return a.plugin(r).Family }, nil)},
	"lastSeen":         {operators: equal, sources: seenSources, read: timeFilter(func(_ *Analysis, r record) time.Time { return r.lastSeen })},
	"firstSeen":        {operators: equal, read: timeFilter(func(_ *Analysis, r record) time.Time { return r.firstSeen })},
	"lastMitigated":    {operators: equal, sources: []string{sourcePatched}, read: timeFilter(func(_ *Analysis, r record) time.Time { return r.mitigated })},
	"pluginPublished":  {operators: equal, read: timeFilter(func(a *Analysis, r record) time.Time { return a.plugin(r).published() })},
	"pluginModified":   {operators: equal, read: timeFilter(func(a *Analysis, r record) time.Time { return a.plugin(r).modified() })},
	"exploitAvailable": {operators: equal, read: flagFilter("true", "false", func(a *Analysis, r record) bool { return a.plugin(r).ExploitAvailable })},
	"mitigatedStatus":  {operators: equal, read: flagFilter("previously", "never", func(_ *Analysis, r record) bool { return r.reopened })},
	"acceptRiskStatus": {operators: equal, read: flagFilter("accepted", "notAccepted", func(_ *Analysis, r record) bool { return r.accepted })},
	"recastRiskStatus": {operators: equal, read: flagFilter("recast", "notRecast", func(_ *Analysis, r record) bool { return r.recast })},
	"pluginType":       {operators: equal, read: textFilter(func(a *Analysis, r record) string { return a.plugin(r).Type })},
	"pluginName":       {operators: patterns, read: textFilter(func(a *Analysis, r record) string { return a.plugin(r).Name })},
	"pluginText":       {operators: patterns, read: filterPluginText},
	"cveID":            {operators: either, read: filterCVE},
	"wasVuln":          {operators: equal, since: 6, read: filterWAS},

	// The older names of some, which take text.
	"repositoryIDs": {operators: either, read: listed("repository", filterRepository)},
	"assetID":       {operators: either, read: listed("asset", filterAsset)},
	"tcpport":       {operators: either, read: numberFilter(func(_ *Analysis, r record) int { return portOf(r, tcp) }, nil)},
	"udpport":       {operators: either, read: numberFilter(func(_ *Analysis, r record) int { return portOf(r, udp) }, nil)},
	"dataFormat":    {operators: equal, read: textFilter(func(a *Analysis, r record) string { return a.net.repositories[r.repository].DataFormat })},

	// What no plugin here has: such filters find nothing.
	"vulnPublished":     {operators: equal, read: timeFilter(func(*Analysis, record) time.Time { return time.Time{} })},
	"patchPublished":    {operators: equal, read: timeFilter(func(*Analysis, record) time.Time { return time.Time{} })},
	"baseCVSSScore":     {operators: equal, read: scoreFilter},
	"cvssV3BaseScore":   {operators: equal, read: scoreFilter},
	"vprScore":          {operators: equal, read: scoreFilter},
	"cpe":               {operators: patterns, read: textFilter(nothingWritten)},
	"xref":              {operators: patterns, read: textFilter(nothingWritten)},
	"stigSeverity":      {operators: either, read: textFilter(nothingWritten)},
	"exploitFrameworks": {operators: patterns, read: textFilter(nothingWritten)},
	"iavmID":            {operators: either, read: textFilter(nothingWritten)},
	"msbulletinID":      {operators: either, read: textFilter(nothingWritten)},
}

func nothingWritten(*Analysis, record) string { return "" }

func (a *Analysis) plugin(r record) Plugin { return a.net.catalog.plugins[r.plugin] }

func filterPluginID(_ *Analysis, in filterInput) (condition, error) {
	if in.operator != ">=" && in.operator != "<=" {
		return numberFilter(func(_ *Analysis, r record) int { return r.plugin }, nil)(nil, in)
	}
	s, err := in.text()
	if err != nil {
		return nil, err
	}
	bound, err := strconv.Atoi(s)
	if err != nil {
		return nil, in.wrong()
	}
	if in.operator == ">=" {
		return func(r record) bool { return r.plugin >= bound }, nil
	}
	return func(r record) bool { return r.plugin <= bound }, nil
}

// numberFilter reads numbers, ranges and lists of both; words stand for numbers.
func numberFilter(of func(*Analysis, record) int, words map[string]int) func(*Analysis, filterInput) (condition, error) {
	return func(a *Analysis, in filterInput) (condition, error) {
		s, err := in.text()
		if err != nil {
			return nil, err
		}
		var ranges []portRange
		for part := range strings.SplitSeq(s, ",") {
			part = strings.TrimSpace(part)
			if n, known := words[strings.ToLower(part)]; known {
				part = strconv.Itoa(n)
			}
			low, high, isRange := strings.Cut(part, "-")
			if !isRange {
				high = low
			}
			from, errFrom := strconv.Atoi(low)
			to, errTo := strconv.Atoi(high)
			if errFrom != nil || errTo != nil {
				return nil, in.wrong()
			}
			ranges = append(ranges, portRange{from, to})
		}
		return in.negated(func(r record) bool {
			n := of(a, r)
			return slices.ContainsFunc(ranges, func(x portRange) bool { return x.from <= n && n <= x.to })
		}), nil
	}
}

func filterIP(_ *Analysis, in filterInput) (condition, error) {
	s, err := in.text()
	if err != nil {
		return nil, err
	}
	set, names, err := parseTargets(s)
	if err != nil || len(names) > 0 || len(set.Ranges()) == 0 {
		return nil, in.wrong()
	}
	return in.negated(func(r record) bool { return set.Contains(r.addr) }), nil
}

func filterRepository(a *Analysis, in filterInput) (condition, error) {
	ids, err := refsOf(object{in.name: in.value}, in.name)
	if err != nil || len(ids) == 0 {
		return nil, in.wrong()
	}
	for _, id := range ids {
		if a.net.repositories[id] == nil || !a.sees(id) {
			return nil, refuse(codeInvalid, "Unable to retrieve Repository #%d.\nRepository #%d does not exist.\n", id, id)
		}
	}
	return in.negated(func(r record) bool { return slices.Contains(ids, r.repository) }), nil
}

// filterFamily never finds family 0: compliance rows cannot be filtered by family.
func filterFamily(a *Analysis, in filterInput) (condition, error) {
	ids, err := refsOf(object{in.name: in.value}, in.name)
	if err != nil || len(ids) == 0 {
		return nil, in.wrong()
	}
	return in.negated(func(r record) bool {
		family := a.plugin(r).Family
		return family != 0 && slices.Contains(ids, family)
	}), nil
}

func filterAsset(a *Analysis, in filterInput) (condition, error) {
	value := in.value
	if list, many := value.([]any); many {
		// A list of assets is their union.
		set := new(netipx.IPSet)
		for _, item := range list {
			one, err := a.assetExpression(in, item)
			if err != nil {
				return nil, err
			}
			set = union(set, one)
		}
		return in.negated(func(r record) bool { return set.Contains(r.addr) }), nil
	}
	set, err := a.assetExpression(in, value)
	if err != nil {
		return nil, err
	}
	return in.negated(func(r record) bool { return set.Contains(r.addr) }), nil
}

// assetExpression is an asset, or a combination of two.
func (a *Analysis) assetExpression(in filterInput, value any) (*netipx.IPSet, error) {
	expression, ok := value.(object)
	if !ok {
		return nil, in.wrong()
	}
	operator, _ := textOf(expression, "operator")
	if operator == "" {
		id, found, err := numberOf(expression, "id")
		if err != nil || !found {
			return nil, in.wrong()
		}
		if a.net.assets[id] == nil && id != allDefined {
			return nil, refuse(codeInvalid, "Unable to retrieve Asset #%d.\nAsset #%d does not exist\n", id, id)
		}
		return a.net.assetSet(id), nil
	}
	first, err := a.assetExpression(in, expression["operand1"])
	if err != nil {
		return nil, err
	}
	if operator == "complement" {
		return minus(a.net.assetSet(allDefined), first), nil
	}
	second, err := a.assetExpression(in, expression["operand2"])
	if err != nil {
		return nil, err
	}
	switch operator {
	case "union":
		return union(first, second), nil
	case "intersection":
		return minus(first, minus(first, second)), nil
	}
	return nil, in.wrong()
}

// textFilter compares without regard to case: whole, in part (~=), or by a pattern (pcre).
func textFilter(of func(*Analysis, record) string) func(*Analysis, filterInput) (condition, error) {
	return func(a *Analysis, in filterInput) (condition, error) {
		s, err := in.text()
		if err != nil {
			return nil, err
		}
		switch in.operator {
		case "~=":
			return func(r record) bool { return strings.Contains(strings.ToLower(of(a, r)), strings.ToLower(s)) }, nil
		case "pcre":
			pattern, err := regexp.Compile("(?i)" + s)
			if err != nil {
				return nil, in.wrong()
			}
			return func(r record) bool { return pattern.MatchString(of(a, r)) }, nil
		}
		return in.negated(func(r record) bool { return strings.EqualFold(of(a, r), s) }), nil
	}
}

// filterPluginText finds parts of the text, because nobody writes all of it.
func filterPluginText(a *Analysis, in filterInput) (condition, error) {
	s, err := in.text()
	if err != nil {
		return nil, err
	}
	if in.operator == "pcre" {
		return textFilter(func(_ *Analysis, r record) string { return r.text })(a, in)
	}
	return in.negated(func(r record) bool { return strings.Contains(strings.ToLower(r.text), strings.ToLower(s)) }), nil
}

func filterCVE(a *Analysis, in filterInput) (condition, error) {
	s, err := in.text()
	if err != nil {
		return nil, err
	}
	wanted := splitList(s)
	return in.negated(func(r record) bool {
		return slices.ContainsFunc(wanted, func(cve string) bool { return slices.Contains(a.plugin(r).CVEs, cve) })
	}), nil
}
