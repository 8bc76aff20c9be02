package analysis

// The filters that an analysis knows.

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"go4.org/netipx"

	"patchproof/sctest/internal/addresses"
	"patchproof/sctest/internal/dialect"
	"patchproof/sctest/internal/network"
	"patchproof/sctest/internal/scenario"
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
	"dnsName":          {operators: patterns, read: textFilter(func(_ *Request, r network.Row) string { return r.Identity.DNS })},
	"uuid":             {operators: either, read: textFilter(func(_ *Request, r network.Row) string { return r.Identity.UUID })},
	"repository":       {operators: either, read: filterRepository},
	"asset":            {operators: []string{"=", "!=", "~"}, read: filterAsset},
	"port":             {operators: either, read: numberFilter(func(_ *Request, r network.Row) int { return r.Port }, nil)},
	"protocol":         {operators: either, read: numberFilter(func(_ *Request, r network.Row) int { return protocolNumber(r.Protocol) }, protocolNumbers)},
	"severity":         {operators: either, read: numberFilter(func(a *Request, r network.Row) int { return a.plugin(r).Severity }, nil)},
	"family":           {operators: either, read: filterFamily},
	"familyID":         {operators: either, read: numberFilter(func(a *Request, r network.Row) int { return a.plugin(r).Family }, nil)},
	"lastSeen":         {operators: equal, sources: seenSources, read: timeFilter(func(_ *Request, r network.Row) time.Time { return r.LastSeen })},
	"firstSeen":        {operators: equal, read: timeFilter(func(_ *Request, r network.Row) time.Time { return r.FirstSeen })},
	"lastMitigated":    {operators: equal, sources: []string{sourcePatched}, read: timeFilter(func(_ *Request, r network.Row) time.Time { return r.Mitigated })},
	"pluginPublished":  {operators: equal, read: timeFilter(func(a *Request, r network.Row) time.Time { return a.plugin(r).PublishedAt() })},
	"pluginModified":   {operators: equal, read: timeFilter(func(a *Request, r network.Row) time.Time { return a.plugin(r).ModifiedAt() })},
	"exploitAvailable": {operators: equal, read: flagFilter("true", "false", func(a *Request, r network.Row) bool { return a.plugin(r).ExploitAvailable })},
	"mitigatedStatus":  {operators: equal, read: flagFilter("previously", "never", func(_ *Request, r network.Row) bool { return r.Reopened })},
	"acceptRiskStatus": {operators: equal, read: flagFilter("accepted", "notAccepted", func(_ *Request, r network.Row) bool { return r.Accepted })},
	"recastRiskStatus": {operators: equal, read: flagFilter("recast", "notRecast", func(_ *Request, r network.Row) bool { return r.Recast })},
	"pluginType":       {operators: equal, read: textFilter(func(a *Request, r network.Row) string { return a.plugin(r).Type })},
	"pluginName":       {operators: patterns, read: textFilter(func(a *Request, r network.Row) string { return a.plugin(r).Name })},
	"pluginText":       {operators: patterns, read: filterPluginText},
	"cveID":            {operators: either, read: filterCVE},
	"wasVuln":          {operators: equal, since: 6, read: filterWAS},

	// The older names of some, which take text.
	"repositoryIDs": {operators: either, read: listed("repository", filterRepository)},
	"assetID":       {operators: either, read: listed("asset", filterAsset)},
	"tcpport":       {operators: either, read: numberFilter(func(_ *Request, r network.Row) int { return portOf(r, scenario.Tcp) }, nil)},
	"udpport":       {operators: either, read: numberFilter(func(_ *Request, r network.Row) int { return portOf(r, scenario.Udp) }, nil)},
	"dataFormat":    {operators: equal, read: textFilter(func(a *Request, r network.Row) string { return a.Network.Repositories[r.Repository].DataFormat })},

	// What no plugin here has: such filters find nothing.
	"vulnPublished":     {operators: equal, read: timeFilter(func(*Request, network.Row) time.Time { return time.Time{} })},
	"patchPublished":    {operators: equal, read: timeFilter(func(*Request, network.Row) time.Time { return time.Time{} })},
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

func nothingWritten(*Request, network.Row) string { return "" }

func (a *Request) plugin(r network.Row) scenario.Plugin { return a.Network.Catalog.Plugins[r.Plugin] }

func filterPluginID(_ *Request, in filterInput) (condition, error) {
	if in.operator != ">=" && in.operator != "<=" {
		return numberFilter(func(_ *Request, r network.Row) int { return r.Plugin }, nil)(nil, in)
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
		return func(r network.Row) bool { return r.Plugin >= bound }, nil
	}
	return func(r network.Row) bool { return r.Plugin <= bound }, nil
}

// numberFilter reads numbers, ranges and lists of both; words stand for numbers.
func numberFilter(of func(*Request, network.Row) int, words map[string]int) func(*Request, filterInput) (condition, error) {
	return func(a *Request, in filterInput) (condition, error) {
		s, err := in.text()
		if err != nil {
			return nil, err
		}
		type span struct{ from, to int }
		var ranges []span
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
			ranges = append(ranges, span{from, to})
		}
		return in.negated(func(r network.Row) bool {
			n := of(a, r)
			return slices.ContainsFunc(ranges, func(x span) bool { return x.from <= n && n <= x.to })
		}), nil
	}
}

func filterIP(_ *Request, in filterInput) (condition, error) {
	s, err := in.text()
	if err != nil {
		return nil, err
	}
	set, names, err := addresses.Parse(s)
	if err != nil || len(names) > 0 || len(set.Ranges()) == 0 {
		return nil, in.wrong()
	}
	return in.negated(func(r network.Row) bool { return set.Contains(r.Addr) }), nil
}

func filterRepository(a *Request, in filterInput) (condition, error) {
	ids, err := dialect.Refs(object{in.name: in.value}, in.name)
	if err != nil || len(ids) == 0 {
		return nil, in.wrong()
	}
	for _, id := range ids {
		if a.Network.Repositories[id] == nil || !a.Sees(id) {
			return nil, dialect.Refuse("Unable to retrieve Repository #%d.\nRepository #%d does not exist.\n", id, id)
		}
	}
	return in.negated(func(r network.Row) bool { return slices.Contains(ids, r.Repository) }), nil
}

// filterFamily never finds family 0: compliance rows cannot be filtered by family.
func filterFamily(a *Request, in filterInput) (condition, error) {
	ids, err := dialect.Refs(object{in.name: in.value}, in.name)
	if err != nil || len(ids) == 0 {
		return nil, in.wrong()
	}
	return in.negated(func(r network.Row) bool {
		family := a.plugin(r).Family
		return family != 0 && slices.Contains(ids, family)
	}), nil
}

func filterAsset(a *Request, in filterInput) (condition, error) {
	value := in.value
	if list, many := value.([]any); many {
		// A list of assets is their union.
		set := new(netipx.IPSet)
		for _, item := range list {
			one, err := a.assetExpression(in, item)
			if err != nil {
				return nil, err
			}
			set = addresses.Union(set, one)
		}
		return in.negated(func(r network.Row) bool { return set.Contains(r.Addr) }), nil
	}
	set, err := a.assetExpression(in, value)
	if err != nil {
		return nil, err
	}
	return in.negated(func(r network.Row) bool { return set.Contains(r.Addr) }), nil
}

// assetExpression is an asset, or a combination of two.
func (a *Request) assetExpression(in filterInput, value any) (*netipx.IPSet, error) {
	expression, ok := value.(object)
	if !ok {
		return nil, in.wrong()
	}
	operator, _ := dialect.Text(expression, "operator")
	if operator == "" {
		id, found, err := dialect.Number(expression, "id")
		if err != nil || !found {
			return nil, in.wrong()
		}
		if a.Network.Assets[id] == nil && id != network.AllDefined {
			return nil, dialect.Refuse("Unable to retrieve Asset #%d.\nAsset #%d does not exist\n", id, id)
		}
		return a.Network.AssetSet(id), nil
	}
	first, err := a.assetExpression(in, expression["operand1"])
	if err != nil {
		return nil, err
	}
	if operator == "complement" {
		return addresses.Minus(a.Network.AssetSet(network.AllDefined), first), nil
	}
	second, err := a.assetExpression(in, expression["operand2"])
	if err != nil {
		return nil, err
	}
	switch operator {
	case "union":
		return addresses.Union(first, second), nil
	case "intersection":
		return addresses.Minus(first, addresses.Minus(first, second)), nil
	}
	return nil, in.wrong()
}

// textFilter compares without regard to case: whole, in part (~=), or by a pattern (pcre).
func textFilter(of func(*Request, network.Row) string) func(*Request, filterInput) (condition, error) {
	return func(a *Request, in filterInput) (condition, error) {
		s, err := in.text()
		if err != nil {
			return nil, err
		}
		switch in.operator {
		case "~=":
			return func(r network.Row) bool { return strings.Contains(strings.ToLower(of(a, r)), strings.ToLower(s)) }, nil
		case "pcre":
			pattern, err := regexp.Compile("(?i)" + s)
			if err != nil {
				return nil, in.wrong()
			}
			return func(r network.Row) bool { return pattern.MatchString(of(a, r)) }, nil
		}
		return in.negated(func(r network.Row) bool { return strings.EqualFold(of(a, r), s) }), nil
	}
}

// filterPluginText finds parts of the text, because nobody writes all of it.
func filterPluginText(a *Request, in filterInput) (condition, error) {
	s, err := in.text()
	if err != nil {
		return nil, err
	}
	if in.operator == "pcre" {
		return textFilter(func(_ *Request, r network.Row) string { return r.Text })(a, in)
	}
	return in.negated(func(r network.Row) bool { return strings.Contains(strings.ToLower(r.Text), strings.ToLower(s)) }), nil
}

func filterCVE(a *Request, in filterInput) (condition, error) {
	s, err := in.text()
	if err != nil {
		return nil, err
	}
	wanted := dialect.Split(s)
	return in.negated(func(r network.Row) bool {
		return slices.ContainsFunc(wanted, func(cve string) bool { return slices.Contains(a.plugin(r).CVEs, cve) })
	}), nil
}
