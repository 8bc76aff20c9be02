package rest

// Searching the catalog of plugins: the parameters type, since, filterField with op and value, filters, sortField, sortDirection.

import (
	"cmp"
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	"patchproof/sctest/internal/dialect"
	"patchproof/sctest/internal/scenario"
)

var (
	pluginTypes     = []string{"all", scenario.TypeActive, "passive", "compliance", "lce", "custom", "notPassive"}
	pluginOperators = []string{"eq", "gt", "gte", "like", "lt", "lte"}
)

// comparison is one filter on a field of plugins.
type comparison struct {
	Field    string `json:"filterField"`
	Operator string `json:"filterOperator"`
	Value    string `json:"filterString"`
}

// search is what is asked of the catalog.
type search struct {
	kind        string
	since       int64
	comparisons []comparison
	sortBy      string
	down        bool
}

func (c *call) readSearch() (search, error) {
	query := c.query
	s := search{kind: cmp.Or(query.Get("type"), "all"), sortBy: query.Get("sortField")}
	if !slices.Contains(pluginTypes, s.kind) {
		return s, invalidParameter("type", s.kind)
	}
	var err error
	if since := query.Get("since"); since != "" {
		if s.since, err = strconv.ParseInt(since, 10, 64); err != nil {
			return s, invalidParameter("since", since)
		}
	}
	switch direction := strings.ToUpper(query.Get("sortDirection")); direction {
	case "", "ASC":
	case "DESC":
		s.down = true
	default:
		return s, invalidParameter("sortDirection", direction)
	}
	if field := query.Get("filterField"); field != "" {
		s.comparisons = append(s.comparisons, comparison{field, query.Get("op"), query.Get("value")})
	}
	// The newest form carries several filters at once.
	if list := query.Get("filters"); list != "" {
		if err := json.Unmarshal([]byte(list), &s.comparisons); err != nil {
			return s, invalidParameter("filters", list)
		}
	}
	return s, c.checkSearch(s)
}

// checkSearch refuses fields that no plugin has: to find nothing, or everything, would tell the client nothing.
func (c *call) checkSearch(s search) error {
	fields := c.pluginObject(scenario.Plugin{})
	if _, known := fields[s.sortBy]; s.sortBy != "" && !known {
		return invalidParameter("sortField", s.sortBy)
	}
	for _, x := range s.comparisons {
		if strings.HasPrefix(x.Field, xrefPrefix) {
			x.Field = "xrefs"
		}
		if _, known := fields[x.Field]; !known {
			return invalidParameter("filterField", x.Field)
		}
		if !slices.Contains(pluginOperators, x.Operator) {
			return invalidParameter("op", x.Operator)
		}
	}
	return nil
}

// findPlugins lists what matches, by ID unless another order is asked for.
func (c *call) findPlugins(s search) []object {
	var found []object
	for _, id := range c.Network.Catalog.PluginIDs() {
		p := c.Network.Catalog.Plugins[id]
		full := c.pluginObject(p)
		if s.covers(p.Type) && p.ModifiedAt().Unix() >= s.since && s.matches(full) {
			found = append(found, full)
		}
	}
	dialect.Sort(found, s.sortBy, s.down)
	return found
}

func (s search) covers(kind string) bool {
	return s.kind == "all" || s.kind == kind || s.kind == "notPassive" && kind != "passive"
}

func (s search) matches(plugin object) bool {
	return !slices.ContainsFunc(s.comparisons, func(x comparison) bool {
		if strings.HasPrefix(x.Field, xrefPrefix) {
			return !x.refers(plugin)
		}
		return !x.holds(plugin[x.Field])
	})
}

// xrefPrefix begins the fields that are one kind of reference, such as xrefs:CVE.
const xrefPrefix = "xrefs:"

// refers compares the references of one kind, each for itself.
func (x comparison) refers(plugin object) bool {
	kind := strings.TrimPrefix(x.Field, xrefPrefix) + ":"
	for _, reference := range dialect.Split(dialect.SortKey(plugin["xrefs"])) {
		value, ofKind := strings.CutPrefix(reference, kind)
		if ofKind && (comparison{"", x.Operator, x.Value}).holds(value) {
			return true
		}
	}
	return false
}

func (x comparison) holds(value any) bool {
	if x.Operator == "like" {
		return strings.Contains(strings.ToLower(dialect.SortKey(value)), strings.ToLower(x.Value))
	}
	order := dialect.Compare(value, x.Value)
	return map[string]bool{
		"eq": strings.EqualFold(dialect.SortKey(value), x.Value), "gt": order > 0, "gte": order >= 0, "lt": order < 0, "lte": order <= 0,
	}[x.Operator]
}
