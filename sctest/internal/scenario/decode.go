package scenario

// Reading scenarios and faults: strict YAML, of which JSON is a part.

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"
)

// Parse reads a scenario file. Unknown keys and impossible values are refused with their place.
func Parse(data []byte) (Scenario, error) {
	var s Scenario
	if err := DecodeStrict(data, &s); err != nil {
		return Scenario{}, fmt.Errorf("scenario: %w", err)
	}
	s, err := s.Complete()
	if err != nil {
		return Scenario{}, fmt.Errorf("scenario: %w", err)
	}
	return s, nil
}

// ParseFaults reads one fault or a list of them.
func ParseFaults(data []byte) ([]Fault, error) {
	var shape any
	if err := DecodeStrict(data, &shape); err != nil {
		return nil, err
	}
	list := make([]Fault, 1)
	var into any = &list[0]
	if _, many := shape.([]any); many {
		into = &list
	}
	if err := DecodeStrict(data, into); err != nil {
		return nil, err
	}
	list = each(list, Fault.withDefaults)
	var p problems
	p.checkFaults(list)
	return list, p.err()
}

// DecodeStrict refuses unknown keys and wrong kinds of values, in one line and with their place.
func DecodeStrict(data []byte, into any) error {
	file, err := parser.ParseBytes(data, 0)
	if err != nil {
		return oneLine(err)
	}
	if len(file.Docs) == 0 || file.Docs[0].Body == nil {
		return nil
	}
	if len(file.Docs) > 1 && file.Docs[1].Body != nil {
		return fmt.Errorf("line %d: there is more than one document", file.Docs[1].Body.GetToken().Position.Line)
	}
	root := file.Docs[0].Body
	if err := prepare("", root); err != nil {
		return err
	}
	return oneLine(yaml.NewDecoder(bytes.NewReader(nil), yaml.Strict()).DecodeFromNode(root, into))
}

// oneLine drops the excerpt that the decoder draws under its message, and keeps line and key.
func oneLine(err error) error {
	var located yaml.Error
	if !errors.As(err, &located) {
		return err
	}
	message := strings.TrimSpace(located.GetMessage())
	tok := located.GetToken()
	if tok == nil || tok.Position == nil {
		return errors.New(message)
	}
	var wrongType *yaml.TypeError
	if colon := tok.Prev; errors.As(err, &wrongType) && colon != nil && colon.Type == token.MappingValueType && colon.Prev != nil {
		// The decoder names its own types here.
		message = fmt.Sprintf("%s: %q is of the wrong kind", colon.Prev.Value, tok.Value)
	}
	return fmt.Errorf("line %d: %s", tok.Position.Line, message)
}

var durationKeys = []string{
	"queue", "perHost", "import", "mitigationLag", "upAfter", "downAfter", "after", "fixedAfter", "reopensAfter", "firstSeen", "lastSeen",
	"delay", "retryAfter", "sessionTimeout", "ago", "by",
}

// numberKeys are whole numbers; the decoder would cut 4.5 to 4.
var numberKeys = []string{
	"id", "port", "movesToPort", "plugin", "family", "severity", "repository", "repositories", "dependencies", "missingPlugins", "sessionLimit",
	"paranoia", "times", "status", "code", "size",
}

// prepare walks over a parsed file: it reports wrong values with their place, which the decoder does not do for its readers, and writes
// durations the way the decoder knows. Readers of its own would make it format the whole file for every value, which is quadratic.
func prepare(place string, node ast.Node) error {
	switch node := node.(type) {
	case *ast.AnchorNode:
		return prepare(place, node.Value)
	case *ast.TagNode:
		return prepare(place, node.Value)
	case *ast.SequenceNode:
		for i, item := range node.Values {
			if err := prepare(fmt.Sprintf("%s[%d]", place, i), item); err != nil {
				return err
			}
		}
	case *ast.MappingNode:
		for _, value := range node.Values {
			if err := prepare(place, value); err != nil {
				return err
			}
		}
	case *ast.MappingValueNode:
		name := node.Key.GetToken().Value
		inner := strings.TrimPrefix(place+"."+name, ".")
		if err := prepareValue(inner, name, node); err != nil {
			return fmt.Errorf("%s: %w", inner, err)
		}
		return prepare(inner, node.Value)
	}
	return nil
}

func prepareValue(place, name string, node *ast.MappingValueNode) error {
	if node.Value.Type() == ast.NullType {
		return nil
	}
	switch {
	case slices.Contains(numberKeys, name) && fractional(node.Value):
		return fmt.Errorf("%s is not a whole number", node.Value)
	case name == "times" && node.Value.String() == "0":
		return errors.New("must be above zero")
	case slices.Contains(durationKeys, name):
		scalar, ok := node.Value.(ast.ScalarNode)
		if !ok {
			return errors.New("must be a duration; write 30s, 2h or 10d")
		}
		d, err := ParseDuration(fmt.Sprint(scalar.GetValue()))
		if err != nil {
			return err
		}
		plain := ast.String(node.Value.GetToken())
		plain.Value = d.String()
		node.Value = plain
	case name == "credentials" && strings.HasPrefix(place, "hosts[") && !strings.Contains(place, "scannedWith"):
		return new(Credentials).UnmarshalYAML(node.Value)
	case name == "mitigated":
		return new(Mitigated).UnmarshalYAML(node.Value)
	}
	return nil
}

// fractional says whether a value, or one of a list, is a number that is not whole.
func fractional(node ast.Node) bool {
	if list, many := node.(*ast.SequenceNode); many {
		return slices.ContainsFunc(list.Values, fractional)
	}
	return node.Type() == ast.FloatType
}

const maxDays = 100_000

// ParseDuration knows days besides what Go knows, because findings are dated in days.
func ParseDuration(text string) (time.Duration, error) {
	wrong := fmt.Errorf("%q is not a duration; write 30s, 2h or 10d", text)
	if days, found := strings.CutSuffix(text, "d"); found {
		n, err := strconv.ParseFloat(days, 64)
		// Three centuries are no time any more, and more than a duration holds.
		if err != nil || !(math.Abs(n) <= maxDays) {
			return 0, wrong
		}
		return time.Duration(n * float64(day)), nil
	}
	d, err := time.ParseDuration(text)
	if err != nil {
		return 0, wrong
	}
	return d, nil
}

func unmarshal(node ast.Node, set func(any) error) error {
	var value any
	if err := yaml.NodeToValue(node, &value); err != nil {
		return err
	}
	return set(value)
}

// UnmarshalYAML reads true, false, a list of credential IDs, insufficient or intermittent.
func (c *Credentials) UnmarshalYAML(node ast.Node) error { return unmarshal(node, c.set) }

func (c *Credentials) set(value any) error {
	wrong := errors.New("must be true, false, insufficient, intermittent or a list of credential ids")
	*c = Credentials{}
	switch value := value.(type) {
	case bool:
		c.Refused = !value
		return nil
	case string:
		c.Insufficient, c.Intermittent = value == LoginInsufficient, value == LoginIntermittent
		if !c.Insufficient && !c.Intermittent {
			return wrong
		}
		return nil
	case []any:
		// An empty list accepts nothing, unlike an empty field.
		c.Refused = len(value) == 0
		for _, item := range value {
			id, err := strconv.Atoi(fmt.Sprint(item))
			if err != nil {
				return wrong
			}
			c.IDs = append(c.IDs, id)
		}
		return nil
	}
	return wrong
}

// UnmarshalYAML reads true, false, or how long before the start.
func (m *Mitigated) UnmarshalYAML(node ast.Node) error { return unmarshal(node, m.set) }

func (m *Mitigated) set(value any) error {
	if yes, ok := value.(bool); ok {
		*m = Mitigated{Yes: yes}
		return nil
	}
	ago, err := ParseDuration(fmt.Sprint(value))
	if err != nil || ago <= 0 {
		return errors.New("must be true, false or how long before the start, such as 10d")
	}
	*m = Mitigated{Yes: true, Ago: ago}
	return nil
}
