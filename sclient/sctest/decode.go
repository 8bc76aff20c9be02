package sctest

// Reading scenarios and faults: strict YAML, of which JSON is a part.

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/goccy/go-yaml"
)

// ParseScenario reads a scenario file. Unknown keys and impossible values are refused with their place.
func ParseScenario(data []byte) (Scenario, error) {
	var s Scenario
	if err := decodeStrict(data, &s); err != nil {
		return Scenario{}, fmt.Errorf("scenario: %w", err)
	}
	s = s.withDefaults()
	if err := s.check(); err != nil {
		return Scenario{}, fmt.Errorf("scenario: %w", err)
	}
	return s, nil
}

// parseFaults reads one fault or a list of them.
func parseFaults(data []byte) ([]Fault, error) {
	var shape any
	if err := decodeStrict(data, &shape); err != nil {
		return nil, err
	}
	var list []Fault
	if _, many := shape.([]any); many {
		if err := decodeStrict(data, &list); err != nil {
			return nil, err
		}
	} else {
		var one Fault
		if err := decodeStrict(data, &one); err != nil {
			return nil, err
		}
		list = []Fault{one}
	}
	list = each(list, Fault.withDefaults)
	var p problems
	p.checkFaults(list)
	return list, p.err()
}

func decodeStrict(data []byte, into any) error {
	err := yaml.NewDecoder(bytes.NewReader(data), yaml.Strict(), yaml.CustomUnmarshaler(unmarshalDuration)).Decode(into)
	if errors.Is(err, io.EOF) {
		return nil
	}
	return oneLine(err)
}

// oneLine drops the excerpt that the decoder draws under its message and keeps the line number.
func oneLine(err error) error {
	var located yaml.Error
	if !errors.As(err, &located) {
		return err
	}
	message := strings.TrimSpace(located.GetMessage())
	if tok := located.GetToken(); tok != nil && tok.Position != nil {
		return fmt.Errorf("line %d: %s", tok.Position.Line, message)
	}
	return errors.New(message)
}

func unmarshalDuration(into *time.Duration, data []byte) error {
	var text string
	if err := yaml.Unmarshal(data, &text); err != nil {
		return err
	}
	d, err := parseDuration(text)
	*into = d
	return err
}

// parseDuration knows days besides what Go knows, because findings are dated in days.
func parseDuration(text string) (time.Duration, error) {
	if days, found := strings.CutSuffix(text, "d"); found {
		n, err := strconv.ParseFloat(days, 64)
		if err != nil {
			return 0, fmt.Errorf("%q is not a duration; write 30s, 2h or 10d", text)
		}
		return time.Duration(n * float64(day)), nil
	}
	d, err := time.ParseDuration(text)
	if err != nil {
		return 0, fmt.Errorf("%q is not a duration; write 30s, 2h or 10d", text)
	}
	return d, nil
}

// UnmarshalYAML reads true, false, a list of credential IDs, or insufficient.
func (c *Credentials) UnmarshalYAML(data []byte) error {
	var value any
	if err := yaml.Unmarshal(data, &value); err != nil {
		return err
	}
	*c = Credentials{}
	switch value := value.(type) {
	case bool:
		c.Refused = !value
		return nil
	case string:
		c.Insufficient = value == "insufficient"
		if c.Insufficient {
			return nil
		}
	case []any:
		// An empty list accepts nothing, unlike an empty field.
		c.Refused = len(value) == 0
		if err := yaml.Unmarshal(data, &c.IDs); err == nil {
			return nil
		}
	}
	return errors.New("credentials: must be true, false, insufficient or a list of credential ids")
}

// UnmarshalYAML reads true, false, or how long before the start.
func (m *Mitigated) UnmarshalYAML(data []byte) error {
	var value any
	if err := yaml.Unmarshal(data, &value); err != nil {
		return err
	}
	switch value := value.(type) {
	case bool:
		*m = Mitigated{Yes: value}
		return nil
	case string:
		ago, err := parseDuration(value)
		if err == nil && ago > 0 {
			*m = Mitigated{Yes: true, Ago: ago}
			return nil
		}
	}
	return errors.New("mitigated: must be true, false or how long before the start, such as 10d")
}
