package main

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"patchproof/remediation"
)

// flagValue is a flag whose text is checked while the command line is read. The standard values would let an empty
// text, a zero or a negative number pass as "not set", and silently use the default.
type flagValue struct {
	kind string // the word for the value in the help text
	show string // the default, as the help text shows it
	set  func(string) error
}

func (v *flagValue) String() string     { return v.show }
func (v *flagValue) Type() string       { return v.kind }
func (v *flagValue) Set(s string) error { return v.set(s) }

// parserNoise is what the flag library's own values add to a refusal.
var parserNoise = regexp.MustCompile(`: strconv\.\w+: parsing .*$`)

const maxText = 1000 // bytes of one text flag: far more than a sentence, far less than a payload

// checkText refuses what would break a line of output or get lost in a log.
func checkText(s string) error {
	switch {
	case strings.TrimSpace(s) == "":
		return errors.New("must not be empty")
	case len(s) > maxText:
		return fmt.Errorf("is longer than %d bytes", maxText)
	case strings.ContainsFunc(s, unicode.IsControl):
		return errors.New("must not have control characters")
	}
	return nil
}

func textFlag(fs *pflag.FlagSet, dst *string, name, kind, fallback, usage string) {
	*dst = fallback
	fs.Var(&flagValue{kind: kind, show: fallback, set: func(s string) error {
		*dst = strings.TrimSpace(s)
		return checkText(s)
	}}, name, usage)
}

func numberFlag(fs *pflag.FlagSet, dst *int, name string, least int, usage string) {
	fs.Var(&flagValue{kind: "ID", set: func(s string) error { return parseNumber(s, least, dst) }}, name, usage)
}

// countFlag is a number with a default.
func countFlag(fs *pflag.FlagSet, dst *int, name string, fallback, least int, usage string) {
	*dst = fallback
	fs.Var(&flagValue{kind: "N", show: strconv.Itoa(fallback), set: func(s string) error {
		return parseNumber(s, least, dst)
	}}, name, usage)
}

func parseNumber(s string, least int, dst *int) error {
	n, err := strconv.Atoi(strings.TrimSpace(s))
	if err != nil || n < least {
		return fmt.Errorf("use a whole number from %d", least)
	}
	*dst = n
	return nil
}

// listFlag collects comma separated entries; the flag may be repeated.
func listFlag(fs *pflag.FlagSet, dst *[]string, name, usage string) {
	fs.Var(&flagValue{kind: "LIST", set: func(s string) error {
		for entry := range strings.SplitSeq(s, ",") {
			*dst = append(*dst, strings.TrimSpace(entry))
		}
		return nil
	}}, name, usage)
}

// numbersFlag is a list of IDs.
func numbersFlag(fs *pflag.FlagSet, dst *[]int, name string, least int, usage string) {
	fs.Var(&flagValue{kind: "LIST", set: func(s string) error {
		for entry := range strings.SplitSeq(s, ",") {
			var n int
			if err := parseNumber(entry, least, &n); err != nil {
				return fmt.Errorf("%q is no ID: %w", strings.TrimSpace(entry), err)
			}
			*dst = append(*dst, n)
		}
		return nil
	}}, name, usage)
}

func durationFlag(fs *pflag.FlagSet, dst *remediation.Duration, name, fallback, usage string) {
	fs.Var(&flagValue{kind: "DURATION", show: fallback, set: func(s string) error {
		d, err := time.ParseDuration(s)
		if err != nil || d <= 0 {
			return errors.New("use a duration above zero such as 90s, 15m or 24h")
		}
		*dst = remediation.Duration(d)
		return nil
	}}, name, usage)
}

func choiceFlag(fs *pflag.FlagSet, dst *string, name, fallback string, choices []string, usage string) {
	*dst = fallback
	shorthand := ""
	if name == "output" {
		shorthand = "o"
	}
	fs.VarP(&flagValue{kind: strings.Join(choices, "|"), show: fallback, set: func(s string) error {
		if !slices.Contains(choices, s) {
			return fmt.Errorf("use %s", oneOf(choices))
		}
		*dst = s
		return nil
	}}, name, shorthand, usage)
}

func oneOf(words []string) string {
	last := len(words) - 1
	return strings.Join(words[:last], ", ") + " or " + words[last]
}

// preferenceFlag collects NAME=VALUE pairs. Values may hold commas, so the flag is repeated instead.
func preferenceFlag(fs *pflag.FlagSet, dst *map[string]string, name, usage string) {
	fs.Var(&flagValue{kind: "NAME=VALUE", set: func(s string) error {
		key, value, ok := strings.Cut(s, "=")
		key = strings.TrimSpace(key)
		if !ok || key == "" {
			return errors.New("use name=value")
		}
		if old, given := (*dst)[key]; given && old != value {
			return fmt.Errorf("preference %q is given twice", key)
		}
		if *dst == nil {
			*dst = map[string]string{}
		}
		(*dst)[key] = value
		return nil
	}}, name, usage)
}

// The forms of output.
const (
	outputTable = "table"
	outputJSON  = "json"
)

func outputFlag(fs *pflag.FlagSet, dst *string) {
	choiceFlag(fs, dst, "output", outputTable, []string{outputTable, outputJSON}, "what to print on stdout")
}

// required refuses a command line that lacks one of these flags.
func required(cmd *cobra.Command, names ...string) error {
	for _, name := range names {
		if !cmd.Flags().Changed(name) {
			return wrongUse("--%s: is missing", name)
		}
	}
	return nil
}

// noArguments refuses words that are no flags: a list with a blank after its comma is the usual cause.
func noArguments(cmd *cobra.Command, args []string) error {
	if len(args) > 0 {
		return wrongUse("%s takes no argument, but got %q", cmd.CommandPath(), args[0])
	}
	return nil
}

// oneKey demands the ticket's key and nothing else.
func oneKey(cmd *cobra.Command, args []string) error {
	if len(args) > 1 {
		return wrongUse("%s takes one ticket key, but got %q too", cmd.CommandPath(), args[1])
	}
	return keys(cmd, args)
}

func keys(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return wrongUse("KEY: is missing: %s needs the ticket's key", cmd.CommandPath())
	}
	for i, key := range args {
		if err := checkText(key); err != nil {
			return wrongUse("KEY: %q %s", key, err)
		}
		args[i] = strings.TrimSpace(key) // as verify does with its --ticket
	}
	return nil
}
