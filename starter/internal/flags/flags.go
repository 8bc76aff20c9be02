// Package flags holds the kinds of flags. Each checks its text while the command line is read: the standard ones would let
// an empty text, a zero or a negative number pass as "not set", and silently use the default.
package flags

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"patchproof/remediation"
	"patchproof/starter/internal/exit"
)

// value is a flag as the library wants it.
type value struct {
	kind, fallback string
	set            func(string) error
}

func (v *value) String() string     { return v.fallback }
func (v *value) Type() string       { return v.kind }
func (v *value) Set(s string) error { return v.set(s) }

// Var defines a flag: kind is the word for its value in the help text, fallback the default that it shows, and set reads
// the text or says what is wrong with it.
func Var(fs *pflag.FlagSet, name, kind, fallback, usage string, set func(string) error) {
	fs.Var(&value{kind, fallback, set}, name, usage)
}

const maxText = 1000 // bytes of one text flag: far more than a sentence, far less than a payload

// CheckText refuses what would break a line of output or get lost in a log.
func CheckText(s string) error {
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

// Text is a line of text.
func Text(fs *pflag.FlagSet, dst *string, name, kind, fallback, usage string) {
	*dst = fallback
	Var(fs, name, kind, fallback, usage, func(s string) error {
		*dst = strings.TrimSpace(s)
		return CheckText(s)
	})
}

// Number is an ID, or another number without a default.
func Number(fs *pflag.FlagSet, dst *int, name, kind string, least int, usage string) {
	Var(fs, name, kind, "", usage, func(s string) error { return parseNumber(s, least, dst) })
}

// Count is a number with a default.
func Count(fs *pflag.FlagSet, dst *int, name string, fallback, least int, usage string) {
	*dst = fallback
	Var(fs, name, "N", strconv.Itoa(fallback), usage, func(s string) error { return parseNumber(s, least, dst) })
}

func parseNumber(s string, least int, dst *int) error {
	n, err := strconv.Atoi(strings.TrimSpace(s))
	if err != nil || n < least {
		return fmt.Errorf("use a whole number from %d", least)
	}
	*dst = n
	return nil
}

// List collects comma separated entries; the flag may be repeated.
func List(fs *pflag.FlagSet, dst *[]string, name, usage string) {
	Var(fs, name, "LIST", "", usage, func(s string) error {
		for entry := range strings.SplitSeq(s, ",") {
			*dst = append(*dst, strings.TrimSpace(entry))
		}
		return nil
	})
}

// IDs is a list of IDs; the flag may be repeated.
func IDs(fs *pflag.FlagSet, dst *[]int, name string, least int, usage string) {
	Var(fs, name, "LIST", "", usage, func(s string) error {
		ids, err := ParseNumbers(s, least, " is no ID")
		*dst = append(*dst, ids...)
		return err
	})
}

// ParseNumbers reads a comma separated list; complaint follows an entry that is none of its numbers.
func ParseNumbers(s string, least int, complaint string) ([]int, error) {
	var list []int
	for entry := range strings.SplitSeq(s, ",") {
		var n int
		if err := parseNumber(entry, least, &n); err != nil {
			return nil, fmt.Errorf("%q%s: %w", strings.TrimSpace(entry), complaint, err)
		}
		list = append(list, n)
	}
	return list, nil
}

// Duration is a time above zero.
func Duration(fs *pflag.FlagSet, dst *remediation.Duration, name string, fallback remediation.Duration, usage string) {
	Var(fs, name, "DURATION", Short(fallback), usage, func(s string) error {
		d, err := time.ParseDuration(s)
		if err != nil || d <= 0 {
			return errors.New("use a duration above zero such as 90s, 15m or 24h")
		}
		*dst = remediation.Duration(d)
		return nil
	})
}

// Short writes a duration as people do: 24h, and nothing for none.
func Short(d remediation.Duration) string {
	if d == 0 {
		return ""
	}
	text := d.String()
	if strings.HasSuffix(text, "m0s") {
		text = strings.TrimSuffix(text, "0s")
	}
	if strings.HasSuffix(text, "h0m") {
		text = strings.TrimSuffix(text, "0m")
	}
	return text
}

// Choice is one of several words.
func Choice(fs *pflag.FlagSet, dst *string, name, fallback string, choices []string, usage string) {
	fs.Var(choice(dst, fallback, choices), name, usage)
}

func choice(dst *string, fallback string, choices []string) *value {
	*dst = fallback
	return &value{strings.Join(choices, "|"), fallback, func(s string) error {
		if !slices.Contains(choices, s) {
			return fmt.Errorf("use %s", OneOf(choices))
		}
		*dst = s
		return nil
	}}
}

// OneOf lists words as a sentence does.
func OneOf(words []string) string {
	last := len(words) - 1
	return strings.Join(words[:last], ", ") + " or " + words[last]
}

// The forms of output.
const (
	OutputTable = "table"
	OutputJSON  = "json"
	OutputLines = "jsonl"
	OutputCSV   = "csv"
)

// Output chooses between a form for people and one for programs; more forms are possible.
func Output(fs *pflag.FlagSet, dst *string, more ...string) {
	forms := append([]string{OutputTable, OutputJSON}, more...)
	fs.VarP(choice(dst, OutputTable, forms), "output", "o", "what to print on stdout")
}

// RowsOutput is Output for lists, of whatever length.
func RowsOutput(fs *pflag.FlagSet, dst *string) { Output(fs, dst, OutputLines, OutputCSV) }

// Require marks flags without which the command does nothing.
func Require(cmd *cobra.Command, names ...string) {
	for _, name := range names {
		_ = cmd.MarkFlagRequired(name) // the only error is a flag that is not defined, which every test of the command shows
	}
}

// CheckRequired refuses a command line without a required flag. The library does it too, later and in other words.
func CheckRequired(cmd *cobra.Command) error {
	var err error
	cmd.Flags().VisitAll(func(f *pflag.Flag) {
		if err == nil && f.Annotations[cobra.BashCompOneRequiredFlag] != nil && !f.Changed {
			err = exit.WrongUse("--%s: is missing", f.Name)
		}
	})
	return err
}

// NoArguments refuses words that are no flags: a list with a blank after its comma is the usual cause.
func NoArguments(cmd *cobra.Command, args []string) error {
	if len(args) > 0 {
		return exit.WrongUse("%s takes no argument, but got %q", cmd.CommandPath(), args[0])
	}
	return nil
}
