package remediation

// What two requests differ in, and what its fields are called.

import (
	"fmt"
	"reflect"
	"strings"
	"unicode"
)

// Differences names the fields in which two requests differ once they are complete, as JSON has them: "timeout",
// "scan.portRange".
func Differences(a, b Request) []string {
	return differences("", reflect.ValueOf(a.WithDefaults()), reflect.ValueOf(b.WithDefaults()))
}

func differences(prefix string, a, b reflect.Value) []string {
	var out []string
	for i := range a.NumField() {
		name := prefix + jsonName(a.Type().Field(i))
		switch x, y := a.Field(i), b.Field(i); {
		case x.Kind() == reflect.Struct:
			out = append(out, differences(name+".", x, y)...)
		case !reflect.DeepEqual(x.Interface(), y.Interface()):
			out = append(out, name)
		}
	}
	return out
}

// Flag is the command line's name of a field of [Differences]; a list is given there one by one.
func Flag(field string) string {
	name := field[strings.LastIndex(field, ".")+1:]
	switch name {
	case "targets":
		return "ip"
	case "assets", "credentials", "preferences", "scanAssets":
		name = strings.TrimSuffix(name, "s")
	}
	var out strings.Builder
	for _, r := range name {
		if unicode.IsUpper(r) {
			out.WriteByte('-')
		}
		out.WriteRune(unicode.ToLower(r))
	}
	return out.String()
}

// withField adds JSON's name of a field to an error that begins with the command line's, where they differ.
func withField(err error) error {
	flag, _, _ := strings.Cut(err.Error(), ":")
	for _, field := range fields("", reflect.TypeFor[Request]()) {
		if Flag(field) == flag && field != flag {
			return fmt.Errorf("%w (field %s)", err, field)
		}
	}
	return err
}

// fields names all fields of a request.
func fields(prefix string, object reflect.Type) []string {
	var out []string
	for f := range object.Fields() {
		if name := prefix + jsonName(f); f.Type.Kind() == reflect.Struct {
			out = append(out, fields(name+".", f.Type)...)
		} else {
			out = append(out, name)
		}
	}
	return out
}
