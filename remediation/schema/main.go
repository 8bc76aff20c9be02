// Command schema writes the JSON Schema of a request, docs/request.schema.json, from the Go type and its limits.
package main

// What the schema says of each field besides its type.

import (
	"encoding/json"
	"fmt"
	"os"
	"reflect"
	"slices"
	"time"

	"github.com/google/jsonschema-go/jsonschema"

	"patchproof/remediation"
)

func main() {
	if err := write(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "schema:", err)
		os.Exit(1)
	}
}

func write(args []string) error {
	if len(args) != 1 {
		return fmt.Errorf("usage: schema FILE")
	}
	text, err := generate()
	if err != nil {
		return err
	}
	return os.WriteFile(args[0], text, 0o644) //nolint:gosec // it is documentation, for everyone
}

// shows refuses what does not show; a validator that reads patterns without Unicode classes takes them for letters.
const shows = `^[^\p{Cc}\p{Cf}\p{Zl}\p{Zp}]*$`

// goDuration is what time.ParseDuration takes, without a sign.
const goDuration = `^([0-9]+(\.[0-9]+)?(ns|us|µs|ms|s|m|h))+$`

func text(most int, description string) *jsonschema.Schema {
	return &jsonschema.Schema{Type: "string", MaxLength: &most, Pattern: shows, Description: description}
}

func id(least int, description string) *jsonschema.Schema {
	return &jsonschema.Schema{Type: "integer", Minimum: new(float64(least)), Maximum: new(float64(remediation.MaxID)), Description: description}
}

func ids(description string) *jsonschema.Schema {
	return &jsonschema.Schema{Type: "array", Items: id(1, ""), MinItems: new(1), MaxItems: new(remediation.MaxIDs), Description: description}
}

func duration(most remediation.Duration, description string) *jsonschema.Schema {
	return &jsonschema.Schema{
		Type: "string", Pattern: goDuration, Examples: []any{"90s", "15m", "24h"},
		Description: fmt.Sprintf("%s; %s to %s", description, remediation.MinTime, most),
	}
}

func one(description string, values ...any) *jsonschema.Schema {
	return &jsonschema.Schema{Enum: values, Description: description}
}

func yes(description string) *jsonschema.Schema {
	return &jsonschema.Schema{Type: "boolean", Description: description}
}

// fields are the properties by their path; the test demands every one.
func fields() map[string]*jsonschema.Schema {
	ticket := text(remediation.MaxKeyword, "the ticket's key")
	ticket.MinLength = new(1)
	return map[string]*jsonschema.Schema{
		"ticket":     ticket,
		"sc":         text(remediation.MaxKeyword, "which Security Center, if several are configured"),
		"repository": id(1, "the repository that holds the finding"),
		"plugin":     id(1, "the plugin whose finding is said to be fixed"),
		"targets": {
			Type: "array", MinItems: new(1), MaxItems: new(remediation.MaxTargets), Items: &jsonschema.Schema{Type: "string", MinLength: new(1), MaxLength: new(253)},
			Description: "hosts: addresses, CIDRs, ranges (first-last) and DNS names. Loopback, link-local, multicast and metadata addresses are refused, and more than a /8 of IPv4",
		},
		"assets":            ids("hosts: IDs of asset lists, instead of targets"),
		"family":            id(0, "the plugin's family, if it is known; else it is looked up"),
		"timeout":           duration(remediation.MaxTimeout, "how long until it must be decided"),
		"poll":              duration(remediation.MaxPoll, "time between two looks at the running scan, at most the timeout"),
		"maxScans":          one("not in this version: leave it out", 0),
		"rescanDelay":       one("not in this version: leave it out", "0s"),
		"notBefore":         text(remediation.MaxKeyword, "the scan does not begin before this time, as in 2026-11-25T22:00:00+01:00"),
		"settle":            duration(remediation.MaxTimeout, "how long after the start the scan begins at the earliest; less than the timeout"),
		"window":            text(remediation.MaxKeyword, "the hours in which the scan may begin, as in 22:00-05:00 Europe/Berlin"),
		"windowMargin":      duration(remediation.Duration(24*time.Hour), "how long the window must stay open when the scan begins; less than its length"),
		"stall":             duration(remediation.MaxTimeout, "how long a scan may be queued or paused before it is shown as stalled"),
		"confirmFor":        duration(remediation.MaxTimeout, "how long after the import the mitigation may take to show"),
		"mitigatedWithin":   duration(remediation.MaxMitigatedWithin, "of a range, CIDR, name or asset: how long before the start a finding may have been mitigated to belong to the ticket"),
		"requestedBy":       text(remediation.MaxKeyword, "who asks"),
		"trustPatched":      yes("believe the records that a finding was mitigated before, without a scan"),
		"trustAddress":      yes("accept the host that answers at an address although nothing shows who it is"),
		"closedPortIsFixed": yes("accept a port that is closed now as a fix"),
		"reason":            text(remediation.MaxText, "why a rule is set aside"),

		"scan.name":      text(remediation.MaxKeyword, "the scan's name; by default Remediation Scan of Plugin #ID"),
		"scan.portRange": text(remediation.MaxPortRange, "ports to scan: auto (the findings'), default, all, or a list such as 80,8000-8100"),
		"scan.preferences": {
			Type: "object", MaxProperties: new(remediation.MaxPreferences), PropertyNames: text(remediation.MaxKeyword, ""), AdditionalProperties: text(remediation.MaxText, ""),
			Description: "preferences of the scan policy; none whose name looks like that of a secret",
		},
		"scan.credentials":          ids("IDs of the credentials to scan with"),
		"scan.zone":                 id(0, "ID of the scan zone; 0: Security Center chooses"),
		"scan.scanAssets":           yes("scan the named assets as they are, not the addresses of their findings"),
		"scan.classifyMitigatedAge": one("days after which findings of hosts that do not answer count as mitigated", mitigatedAges()...),
		"scan.dhcpTracking":         yes("follow hosts whose address changes"),
		"scan.emailOnLaunch":        yes("Security Center sends an e-mail when the scan starts"),
		"scan.emailOnFinish":        yes("Security Center sends an e-mail when the scan ends"),
		"scan.scanningVirtualHosts": yes("scan the virtual hosts of web servers too"),
		"scan.maxScanTime":          {Type: "string", Pattern: goDuration, Description: "when Security Center ends the scan, 1h to 120h; without it its time is unlimited"},
		"scan.rolloverType":         one("what becomes of the rest, with timeoutAction rollover", "nextday", "template"),
		"scan.timeoutAction":        one("what becomes of a scan that ran out of its time", "import", "discard", "rollover"),
		"scan.scheduleTimeZone":     text(remediation.MaxKeyword, "time zone of the scan's schedule, such as Europe/Berlin"),
	}
}

func mitigatedAges() []any {
	var out []any
	for _, age := range remediation.MitigatedAges {
		out = append(out, age)
	}
	return out
}

// generate gives the schema as text.
func generate() ([]byte, error) {
	schema, err := jsonschema.For[remediation.Request](&jsonschema.ForOptions{TypeSchemas: map[reflect.Type]*jsonschema.Schema{
		reflect.TypeFor[remediation.Duration](): {Type: "string"},
	}})
	if err != nil {
		return nil, err
	}
	schema.Schema = "https://json-schema.org/draft/2020-12/schema"
	schema.Title = "A request to verify a fix"
	schema.Description = "The input of the workflow RemediationWorkflow."
	schema.OneOf = []*jsonschema.Schema{{Required: []string{"targets"}}, {Required: []string{"assets"}}}
	for _, exception := range []string{"trustPatched", "trustAddress", "closedPortIsFixed"} {
		schema.AllOf = append(schema.AllOf, &jsonschema.Schema{
			If:   &jsonschema.Schema{Required: []string{exception}, Properties: map[string]*jsonschema.Schema{exception: {Const: new(any(true))}}},
			Then: &jsonschema.Schema{Required: []string{"requestedBy", "reason"}},
		})
	}
	defaults, err := asMap(remediation.Request{}.WithDefaults())
	if err != nil {
		return nil, err
	}
	if err := describe(schema, "", fields(), defaults); err != nil {
		return nil, err
	}
	out, err := json.MarshalIndent(schema, "", "  ")
	return append(out, '\n'), err
}

// describe puts in what is said of each field, and its default.
func describe(schema *jsonschema.Schema, prefix string, said map[string]*jsonschema.Schema, defaults map[string]any) error {
	for name := range schema.Properties {
		path := prefix + name
		if path == "scan" {
			inner, _ := defaults[name].(map[string]any)
			schema.Properties[name].Description = "settings of the scan"
			if err := describe(schema.Properties[name], "scan.", said, inner); err != nil {
				return err
			}
			continue
		}
		field, ok := said[path]
		if !ok {
			return fmt.Errorf("nothing is said of %s", path)
		}
		// The name holds the plugin's number; what a request must have has no default.
		if value, set := defaults[name]; set && name != "name" && !slices.Contains(schema.Required, name) {
			raw, err := json.Marshal(value)
			if err != nil {
				return err
			}
			field.Default = raw
		}
		schema.Properties[name] = field
	}
	return nil
}

func asMap(v any) (map[string]any, error) {
	text, err := json.Marshal(v)
	if err != nil {
		return nil, err
	}
	var out map[string]any
	return out, json.Unmarshal(text, &out)
}
