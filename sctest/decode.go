package sctest

// Reading scenarios and faults: strict YAML, of which JSON is a part.

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/token"
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
	list := make([]Fault, 1)
	var into any = &list[0]
	if _, many := shape.([]any); many {
		into = &list
	}
	if err := decodeStrict(data, into); err != nil {
		return nil, err
	}
	list = each(list, Fault.withDefaults)
	var p problems
	p.checkFaults(list)
	return list, p.err()
}

func decodeStrict(data []byte, into any) error {
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
