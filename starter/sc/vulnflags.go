package sc

// The flags of a query for findings.

import (
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"patchproof/sclient"
	"patchproof/starter/internal/exit"
	"patchproof/starter/internal/flags"
)

// vulnFlags is an analysis as the command line describes it.
type vulnFlags struct {
	source, tool, view string
	scanResult         int
	filters            []sclient.Filter
	sort               string
	desc               bool
	start, end         int
	pageSize           int
	output             string
}

// maxRows is more than the largest licences have. Rows are not kept, so that only a server that never ends meets it.
const maxRows = 50_000_000

const maxTool = 64 // characters: names of tools are single words

var toolName = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_]*$`)

func (f *vulnFlags) define(fs *pflag.FlagSet) {
	fs.SortFlags = false // in the order of their importance
	flags.Choice(fs, &f.source, "source", string(sclient.Cumulative),
		[]string{string(sclient.Cumulative), string(sclient.Patched), string(sclient.Individual)},
		"open findings, mitigated ones, or those of one scan result")
	flags.Number(fs, &f.scanResult, "scan-result", "ID", 1, "the scan result, with --source individual")
	flags.Choice(fs, &f.view, "view", "", []string{sclient.ViewAll, sclient.ViewNew, sclient.ViewPatched},
		"what of the scan result: all, what was new, or what that scan mitigated (default: all)")
	f.tool = string(sclient.VulnDetails)
	flags.Var(fs, "tool", "NAME", f.tool, "the form of the rows: listvuln, vulndetails, sumip (hosts), sumid (plugins), vulnipdetail, …", f.setTool)
	f.defineFilters(fs)
	flags.Text(fs, &f.sort, "sort", "FIELD", "", "the column to sort by (default: the address, or the plugin where rows have none)")
	fs.BoolVar(&f.desc, "desc", false, "sort downwards, with --sort")
	flags.Count(fs, &f.start, "start", 0, 0, "offset of the first row")
	flags.Number(fs, &f.end, "end", "N", 1, "offset after the last row (default: to the end)")
	flags.Number(fs, &f.pageSize, "page-size", "N", 1, "rows per request (default 1000)")
	flags.RowsOutput(fs, &f.output)
}

func (f *vulnFlags) setTool(s string) error {
	if f.tool = strings.TrimSpace(s); len(f.tool) > maxTool || !toolName.MatchString(f.tool) {
		return errors.New("use a tool such as listvuln, vulndetails, sumip, sumid or vulnipdetail")
	}
	return nil
}

func (f *vulnFlags) defineFilters(fs *pflag.FlagSet) {
	const when = " (A:B days ago, or FROM-TO)"
	f.periodFlag(fs, "first-seen", sclient.FilterFirstSeen, "discovered in this period"+when)
	f.periodFlag(fs, "last-seen", sclient.FilterLastSeen, "observed last in this period, of --source cumulative"+when)
	f.periodFlag(fs, "last-mitigated", sclient.FilterLastMitigated, "mitigated in this period, of --source patched"+when)
	f.idsFlag(fs, "plugin", 0, sclient.FilterPlugin, "plugins")
	f.filterFlag(fs, "ip", "LIST", "addresses, CIDRs and ranges", func(s string) (sclient.Filter, error) {
		return sclient.FilterIP(s), nil
	})
	f.idsFlag(fs, "repository", 1, sclient.FilterRepository, "repositories")
	f.idsFlag(fs, "asset", 0, sclient.FilterAsset, "assets")
	f.filterFlag(fs, "port", "LIST", "ports; 0 is the host as a whole", func(s string) (sclient.Filter, error) {
		ports, err := flags.ParseNumbers(s, 0, "")
		return sclient.FilterPort(ports...), err
	})
	f.filterFlag(fs, "protocol", "NAME", "TCP, UDP, ICMP or a number", func(s string) (sclient.Filter, error) {
		return sclient.FilterProtocol(strings.TrimSpace(s)), nil
	})
	f.filterFlag(fs, "severity", "LIST", "info, low, medium, high, critical, or 0 to 4", func(s string) (sclient.Filter, error) {
		severities, err := parseSeverities(s)
		return sclient.FilterSeverity(severities...), err
	})
	f.idsFlag(fs, "family", 1, sclient.FilterFamily, "plugin families")
	f.textFilter(fs, "dns-name", "the host's name", sclient.FilterDNSName)
	f.textFilter(fs, "uuid", "the host's UUID", sclient.FilterUUID)
	f.filterFlag(fs, "filter", "NAME=VALUE", "any other filter by its name, see above; repeatable", parseFilter)
}

// filterFlag is a flag that becomes a filter; what is wrong with the filter is said while the command line is read.
func (f *vulnFlags) filterFlag(fs *pflag.FlagSet, name, kind, usage string, parse func(string) (sclient.Filter, error)) {
	flags.Var(fs, name, kind, "", usage, func(s string) error {
		filter, err := parse(s)
		if err != nil {
			return err
		}
		// The period filters go with one source only, which is checked when all flags are known.
		q := sclient.VulnQuery{Filters: []sclient.Filter{filter}}
		if filter.Name() == "lastMitigated" {
			q.Source = sclient.Patched
		}
		if err := q.Validate(); err != nil {
			return errors.New(reason(err))
		}
		if slices.ContainsFunc(f.filters, func(old sclient.Filter) bool { return old.Name() == filter.Name() }) {
			return fmt.Errorf("the filter %s is given twice, and Security Center honours one: put the values together", filter.Name())
		}
		f.filters = append(f.filters, filter)
		return nil
	})
}

func (f *vulnFlags) periodFlag(fs *pflag.FlagSet, name string, filter func(sclient.Window) sclient.Filter, usage string) {
	f.filterFlag(fs, name, "PERIOD", usage, func(s string) (sclient.Filter, error) {
		period, err := parsePeriod(s)
		return filter(period), err
	})
}

func (f *vulnFlags) idsFlag(fs *pflag.FlagSet, name string, least int, filter func(...sclient.ID) sclient.Filter, what string) {
	f.filterFlag(fs, name, "LIST", "IDs of "+what, func(s string) (sclient.Filter, error) {
		list, err := flags.ParseNumbers(s, least, "")
		ids := make([]sclient.ID, 0, len(list))
		for _, n := range list {
			ids = append(ids, sclient.ID(n))
		}
		return filter(ids...), err
	})
}

func (f *vulnFlags) textFilter(fs *pflag.FlagSet, name, usage string, filter func(string) sclient.Filter) {
	f.filterFlag(fs, name, "TEXT", usage, func(s string) (sclient.Filter, error) {
		return filter(strings.TrimSpace(s)), flags.CheckText(s)
	})
}

var severityNames = []string{"info", "low", "medium", "high", "critical"}

func parseSeverities(s string) ([]int, error) {
	var list []int
	for entry := range strings.SplitSeq(s, ",") {
		name := strings.ToLower(strings.TrimSpace(entry))
		n := slices.Index(severityNames, name)
		if number, err := strconv.Atoi(name); err == nil && number >= 0 && number < len(severityNames) {
			n = number
		}
		if n < 0 {
			return nil, fmt.Errorf("%q is no severity: use %s, or 0 to 4", name, flags.OneOf(severityNames))
		}
		list = append(list, n)
	}
	return list, nil
}

// filterSyntax takes the operators that Security Center knows, the longer ones first.
var filterSyntax = regexp.MustCompile(`^([A-Za-z][A-Za-z0-9_]*)(!=|>=|<=|~=|=|~|:pcre=)(.+)$`)

// parseFilter reads NAME, an operator and a value. A value that is a JSON object or array is sent as such.
func parseFilter(s string) (sclient.Filter, error) {
	parts := filterSyntax.FindStringSubmatch(strings.TrimSpace(s))
	if parts == nil {
		return sclient.Filter{}, errors.New("use NAME=VALUE, or another operator: != >= <= ~= ~ :pcre=")
	}
	operator := strings.Trim(parts[2], ":")
	if operator == "pcre=" {
		operator = "pcre"
	}
	var value any = strings.TrimSpace(parts[3])
	if text := parts[3]; strings.HasPrefix(text, "{") || strings.HasPrefix(text, "[") {
		if !json.Valid([]byte(text)) {
			return sclient.Filter{}, errors.New("the value begins as JSON but is none")
		}
		value = json.RawMessage(text)
	}
	return sclient.RawFilter(parts[1], operator, value), nil
}

// read makes a query of the flags, or says which of them is wrong.
func (f *vulnFlags) read(cmd *cobra.Command) (sclient.VulnQuery, error) {
	q := sclient.VulnQuery{
		Source: sclient.Source(f.source), Tool: sclient.Tool(f.tool), Filters: f.filters,
		ScanResultID: sclient.ID(f.scanResult), View: f.view, Start: f.start, End: f.end, PageSize: f.pageSize, MaxRows: maxRows,
	}
	if f.desc && f.sort == "" {
		return q, exit.WrongUse("--desc: needs --sort")
	}
	if cmd.Flags().Changed("view") && q.Source != sclient.Individual {
		return q, exit.WrongUse("--view: goes with --source individual only")
	}
	// These are answered whole, whatever offsets are sent.
	if whole := f.tool == "iplist" || f.tool == "trend"; whole && (f.start > 0 || f.end > 0) {
		return q, exit.WrongUse("--start and --end: Security Center answers %s in one piece", f.tool)
	}
	if f.sort != "" {
		q.SortField, q.SortDir = f.sort, "asc"
		if f.desc {
			q.SortDir = "desc"
		}
	}
	if err := q.Validate(); err != nil {
		return q, exit.WrongUse("--%s: %s", vulnFlagOf(err), reason(err))
	}
	return q, nil
}

// vulnFlagOf names the flag behind a field of the query.
func vulnFlagOf(err error) string {
	field := ""
	if wrong, ok := errors.AsType[*sclient.Error](err); ok {
		field = wrong.Field
	}
	name, known := map[string]string{
		"sourceType": "source", "scanID": "scan-result", "sortField": "sort", "sortDir": "desc", "endOffset": "end", "pageSize": "page-size",
		"pluginID": "plugin", "filters": "filter", "dnsName": "dns-name",
		"firstSeen": "first-seen", "lastSeen": "last-seen", "lastMitigated": "last-mitigated",
	}[field]
	if !known {
		return field
	}
	return name
}

// reason is what is wrong, without the client's own name for the field.
func reason(err error) string {
	if wrong, ok := errors.AsType[*sclient.Error](err); ok && wrong.Field != "" {
		return wrong.Message
	}
	return err.Error()
}
