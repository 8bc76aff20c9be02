package scenario

// Reading scenarios and faults: strict YAML, of which JSON is a part.

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/goccy/go-yaml"
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
	var shape any
	// What is no YAML at all is reported below.
	if err := yaml.Unmarshal(data, &shape); err == nil {
		if err := checkValues("", shape); err != nil {
			return err
		}
	}
	err := yaml.NewDecoder(bytes.NewReader(data), yaml.Strict(), yaml.CustomUnmarshaler(unmarshalDuration)).Decode(into)
	if errors.Is(err, io.EOF) {
		return nil
	}
	return oneLine(err)
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

// checkValues walks over a decoded file, because the decoder reports its own readers' errors without a place.
func checkValues(place string, value any) error {
	switch value := value.(type) {
	case []any:
		for i, item := range value {
			if err := checkValues(fmt.Sprintf("%s[%d]", place, i), item); err != nil {
				return err
			}
		}
	case map[string]any:
		for _, name := range slices.Sorted(maps.Keys(value)) {
			inner := strings.TrimPrefix(place+"."+name, ".")
			if err := checkValue(inner, name, value[name]); err != nil {
				return fmt.Errorf("%s: %w", inner, err)
			}
			if err := checkValues(inner, value[name]); err != nil {
				return err
			}
		}
	}
	return nil
}

func checkValue(place, name string, value any) error {
	switch {
	case value == nil:
		return nil
	case slices.Contains(durationKeys, name):
		_, err := ParseDuration(fmt.Sprint(value))
		return err
	case name == "credentials" && strings.HasPrefix(place, "hosts[") && !strings.Contains(place, "scannedWith"):
		return new(Credentials).set(value)
	case name == "mitigated":
		return new(Mitigated).set(value)
	}
	return nil
}

// ParseDuration knows days besides what Go knows, because findings are dated in days.
func ParseDuration(text string) (time.Duration, error) {
	wrong := fmt.Errorf("%q is not a duration; write 30s, 2h or 10d", text)
	if days, found := strings.CutSuffix(text, "d"); found {
		n, err := strconv.ParseFloat(days, 64)
		if err != nil {
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

func unmarshalDuration(into *time.Duration, data []byte) error {
	var text string
	if err := yaml.Unmarshal(data, &text); err != nil {
		return err
	}
	d, err := ParseDuration(text)
	*into = d
	return err
}

func unmarshal(data []byte, set func(any) error) error {
	var value any
	if err := yaml.Unmarshal(data, &value); err != nil {
		return err
	}
	return set(value)
}

// UnmarshalYAML reads true, false, a list of credential IDs, or insufficient.
func (c *Credentials) UnmarshalYAML(data []byte) error { return unmarshal(data, c.set) }

func (c *Credentials) set(value any) error {
	wrong := errors.New("must be true, false, insufficient or a list of credential ids")
	*c = Credentials{}
	switch value := value.(type) {
	case bool:
		c.Refused = !value
		return nil
	case string:
		c.Insufficient = value == "insufficient"
		if !c.Insufficient {
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
func (m *Mitigated) UnmarshalYAML(data []byte) error { return unmarshal(data, m.set) }

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
