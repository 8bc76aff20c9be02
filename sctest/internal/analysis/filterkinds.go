package analysis

// The filters that servers know.

import (
	"slices"
	"strconv"
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
	"repository":       {refs: true, operators: either, read: filterRepository},
	"asset":            {refs: true, operators: []string{"=", "!=", "~"}, read: filterAsset},
	"port":             {operators: either, read: numberFilter(func(_ *Request, r network.Row) int { return r.Port }, nil)},
	"protocol":         {operators: either, read: numberFilter(func(_ *Request, r network.Row) int { return protocolNumber(r.Protocol) }, protocolNumbers)},
	"severity":         {operators: either, read: numberFilter(func(a *Request, r network.Row) int { return a.plugin(r).Severity }, nil)},
	"family":           {refs: true, operators: either, read: filterFamily},
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
	"repositoryIDs": {operators: either, read: listed(filterRepository)},
	"assetID":       {operators: either, read: listed(filterAsset)},
	"tcpport":       {operators: either, read: numberFilter(func(_ *Request, r network.Row) int { return portOf(r, scenario.TCP) }, nil)},
	"udpport":       {operators: either, read: numberFilter(func(_ *Request, r network.Row) int { return portOf(r, scenario.UDP) }, nil)},
	"dataFormat":    {operators: equal, read: textFilter(func(a *Request, r network.Row) string { return a.Network.Repositories[r.Repository].DataFormat })},

	// What no plugin here has: such filters find nothing.
	"vulnPublished":     {operators: equal, read: timeFilter(func(*Request, network.Row) time.Time { return time.Time{} })},
	"patchPublished":    {operators: equal, read: timeFilter(func(*Request, network.Row) time.Time { return time.Time{} })},
	"baseCVSSScore":     {operators: equal, read: scoreFilter},
	"cvssV3BaseScore":   {operators: equal, read: scoreFilter},
	"vprScore":          {operators: equal, read: scoreFilter},
	"cpe":               {operators: patterns, read: textFilter(func(*Request, network.Row) string { return "" })},
	"xref":              {operators: patterns, read: textFilter(func(*Request, network.Row) string { return "" })},
	"stigSeverity":      {operators: either, read: textFilter(func(*Request, network.Row) string { return "" })},
	"exploitFrameworks": {operators: patterns, read: textFilter(func(*Request, network.Row) string { return "" })},
	"iavmID":            {operators: either, read: textFilter(func(*Request, network.Row) string { return "" })},
	"msbulletinID":      {operators: either, read: textFilter(func(*Request, network.Row) string { return "" })},
}

func filterPluginID(a *Request, in filterInput) (condition, error) {
	bound, err := strconv.Atoi(in.text)
	switch {
	case in.operator != ">=" && in.operator != "<=":
		return numberFilter(func(_ *Request, r network.Row) int { return r.Plugin }, nil)(a, in)
	case err != nil:
		return nil, in.wrong()
	case in.operator == ">=":
		return func(r network.Row) bool { return r.Plugin >= bound }, nil
	}
	return func(r network.Row) bool { return r.Plugin <= bound }, nil
}

func filterIP(_ *Request, in filterInput) (condition, error) {
	set, names, err := addresses.Parse(in.text)
	if err != nil || len(names) > 0 || len(set.Ranges()) == 0 {
		return nil, in.wrong()
	}
	return func(r network.Row) bool { return set.Contains(r.Addr) }, nil
}

func filterRepository(a *Request, in filterInput) (condition, error) {
	ids, err := in.refs()
	for _, id := range ids {
		if a.Network.Repositories[id] == nil || !a.Sees(id) {
			return nil, dialect.Refuse("Unable to retrieve Repository #%d.\nRepository #%d does not exist.\n", id, id)
		}
	}
	return func(r network.Row) bool { return slices.Contains(ids, r.Repository) }, err
}

// filterFamily never finds family 0: compliance rows cannot be filtered by family.
func filterFamily(a *Request, in filterInput) (condition, error) {
	ids, err := in.refs()
	return func(r network.Row) bool {
		family := a.plugin(r).Family
		return family != 0 && slices.Contains(ids, family)
	}, err
}

// filterAsset takes an asset, a combination of assets, or a list of either, which is their union.
func filterAsset(a *Request, in filterInput) (condition, error) {
	list, many := in.value.([]any)
	if !many {
		list = []any{in.value}
	}
	var sets []*netipx.IPSet
	for _, item := range list {
		set, err := a.assetExpression(in, item)
		if err != nil {
			return nil, err
		}
		sets = append(sets, set)
	}
	all := addresses.Union(sets...)
	return func(r network.Row) bool { return all.Contains(r.Addr) }, nil
}

// assetExpression is an asset, or a combination of two.
func (a *Request) assetExpression(in filterInput, value any) (*netipx.IPSet, error) {
	fields, _ := value.(object)
	expression := &dialect.Input{Object: fields}
	operator := expression.Text("operator")
	if operator == "" {
		id, found := expression.Number("id")
		if !found {
			return nil, in.wrong()
		}
		if !a.Network.HasAsset(id) {
			return nil, dialect.Refuse("Unable to retrieve Asset #%d.\nAsset #%d does not exist\n", id, id)
		}
		return a.Network.AssetSet(id), nil
	}
	first, err := a.assetExpression(in, fields["operand1"])
	if err != nil {
		return nil, err
	}
	if operator == "complement" {
		return addresses.Minus(a.Network.AssetSet(network.AllDefined), first), nil
	}
	second, err := a.assetExpression(in, fields["operand2"])
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

// filterPluginText finds parts of the text, because nobody writes all of it.
func filterPluginText(a *Request, in filterInput) (condition, error) {
	if in.operator == "pcre" {
		return textFilter(func(_ *Request, r network.Row) string { return r.Text })(a, in)
	}
	return func(r network.Row) bool { return containsFold(r.Text, in.text) }, nil
}

func filterCVE(a *Request, in filterInput) (condition, error) {
	wanted := dialect.Split(in.text)
	return func(r network.Row) bool {
		return slices.ContainsFunc(wanted, func(cve string) bool { return slices.Contains(a.plugin(r).CVEs, cve) })
	}, nil
}

// filterWAS: there are no findings of web applications here.
func filterWAS(_ *Request, in filterInput) (condition, error) {
	if !slices.Contains([]string{"excludeWas", "onlyWas", "includeWas"}, in.text) {
		return nil, in.wrong()
	}
	return func(network.Row) bool { return in.text != "onlyWas" }, nil
}

// portOf is the port of a row of that protocol, and no port at all for others.
func portOf(r network.Row, protocol string) int {
	if r.Protocol != protocol {
		return -1
	}
	return r.Port
}
