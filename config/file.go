package config

// What stands in the file, and reading it strictly.

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
)

// file is the whole of it.
type file struct {
	SecurityCenters map[string]entry `yaml:"securityCenters"`
}

// entry is a Security Center. Keys and passwords are never in it, only the files that hold them.
type entry struct {
	URL            string             `yaml:"url"`
	AccessKeyFile  string             `yaml:"accessKeyFile"`
	SecretKeyFile  string             `yaml:"secretKeyFile"`
	UsernameFile   string             `yaml:"usernameFile"`
	PasswordFile   string             `yaml:"passwordFile"`
	CAFile         string             `yaml:"caFile"`
	ClientCertFile string             `yaml:"clientCertFile"`
	ClientKeyFile  string             `yaml:"clientKeyFile"`
	TLSSkipVerify  bool               `yaml:"tlsSkipVerify"`
	AllowHTTP      bool               `yaml:"allowHTTP"`
	MaxScans       *int               `yaml:"maxScans"`
	Priority       *int               `yaml:"priority"`
	Repositories   map[int]repository `yaml:"repositories"`
}

// repository is what is laid down for a repository.
type repository struct {
	Credentials      []int    `yaml:"credentials"`
	Zone             *int     `yaml:"zone"`
	Windows          []string `yaml:"windows"`
	TrustedAddresses []string `yaml:"trustedAddresses"`
	AllowedNetworks  []string `yaml:"allowedNetworks"`
	NeverScan        []string `yaml:"neverScan"`
}

var (
	numbers = []string{"maxScans", "priority", "zone", "credentials"}
	truths  = []string{"tlsSkipVerify", "allowHTTP"}
)

// decode reads the file, and gives its tree for the lines of later errors.
func decode(text []byte) (file, ast.Node, error) {
	parsed, err := parser.ParseBytes(text, 0)
	if err != nil {
		return file{}, nil, located(err)
	}
	if len(parsed.Docs) == 0 || parsed.Docs[0].Body == nil {
		return file{}, nil, errors.New("line 1: the file is empty: begin it with securityCenters: and the name of a Security Center")
	}
	if len(parsed.Docs) > 1 {
		return file{}, nil, errors.New("line 1: there is more than one document: keep one, without --- in the middle")
	}
	root := parsed.Docs[0].Body
	if err := kinds("", root); err != nil {
		return file{}, nil, err
	}
	var f file
	if err := yaml.NewDecoder(bytes.NewReader(nil), yaml.Strict()).DecodeFromNode(root, &f); err != nil {
		return file{}, nil, located(err)
	}
	return f, root, nil
}

// located keeps the line of an error. What stands there is not repeated: somebody may have written a key where its file belongs.
func located(err error) error {
	var at yaml.Error
	if !errors.As(err, &at) || at.GetToken() == nil || at.GetToken().Position == nil {
		return errors.New("line 1: the file is no YAML that can be read: compare it with docs/operations.md")
	}
	line := at.GetToken().Position.Line
	var wrongType *yaml.TypeError
	var unknown *yaml.UnknownFieldError
	switch {
	case errors.As(err, &wrongType):
		return fmt.Errorf("line %d: the value is of the wrong kind (a text, a number, a list or a map): see docs/operations.md for its key", line)
	case errors.As(err, &unknown):
		return fmt.Errorf("line %d: there is no such key as %.40q: remove it or correct its spelling", line, at.GetToken().Value)
	}
	return fmt.Errorf("line %d: this is not valid YAML, or a key is there twice: correct it", line)
}

// kinds refuses what the decoder would convert: 4.5 to 4, a number to a text. under is the key that a value belongs to.
func kinds(under string, node ast.Node) error {
	var wanted string
	switch node := node.(type) {
	case *ast.MappingNode:
		for _, pair := range node.Values {
			if err := kinds(pair.Key.GetToken().Value, pair.Value); err != nil {
				return err
			}
		}
		return nil
	case *ast.SequenceNode:
		for _, value := range node.Values {
			if err := kinds(under, value); err != nil {
				return err
			}
		}
		return nil
	case *ast.AnchorNode, *ast.AliasNode, *ast.TagNode, *ast.NullNode:
		wanted = "a plain value; without one, remove the key"
	case *ast.IntegerNode:
		if !slices.Contains(numbers, under) {
			wanted = "no number; put a text between quotes"
		}
	case *ast.BoolNode:
		if !slices.Contains(truths, under) {
			wanted = "neither true nor false; put a text between quotes"
		}
	default:
		if slices.Contains(numbers, under) {
			wanted = "a whole number"
		} else if slices.Contains(truths, under) {
			wanted = "true or false"
		}
	}
	if wanted == "" {
		return nil
	}
	return fmt.Errorf("line %d: %.40q must be %s", node.GetToken().Position.Line, under, wanted)
}

// line finds where a key is in the file, or what is nearest above it.
func line(node ast.Node, path ...string) int {
	at := node.GetToken().Position.Line
	for _, key := range path {
		mapping, ok := node.(*ast.MappingNode)
		if !ok {
			return at
		}
		i := slices.IndexFunc(mapping.Values, func(pair *ast.MappingValueNode) bool { return pair.Key.GetToken().Value == key })
		if i < 0 {
			return at
		}
		at, node = mapping.Values[i].Key.GetToken().Position.Line, mapping.Values[i].Value
	}
	return at
}

// problem is an error at a place of the file.
func problem(root ast.Node, path []string, format string, args ...any) error {
	return fmt.Errorf("line %s: %s: %s", strconv.Itoa(line(root, path...)), strings.Join(path[1:], "."), fmt.Sprintf(format, args...))
}
