package sctest

// The parameter fields: what is answered when it is there, and when it is not.

import (
	"slices"
	"strings"
)

// fieldSet says which fields a kind of object has.
type fieldSet struct {
	// brief is answered by lists that are not asked for more; nil means everything.
	brief []string
	// also are documented fields that the simulator has no value for: asked for, they are left out.
	also []string
}

// fields returns the names that the request asks for, nil when it does not.
func (c *call) fields() []string { return splitList(c.r.URL.Query().Get("fields")) }

func splitList(list string) []string {
	var names []string
	for name := range strings.SplitSeq(list, ",") {
		if name = strings.TrimSpace(name); name != "" {
			names = append(names, name)
		}
	}
	return names
}

// project cuts an object to the fields asked for; the ID is always there.
func (c *call) project(full object, set fieldSet) (object, error) {
	names := c.fields()
	if names == nil {
		if set.brief == nil {
			return full, nil
		}
		names = set.brief
	}
	cut := object{"id": full["id"]}
	for _, name := range names {
		value, found := full[name]
		if !found && !slices.Contains(set.also, name) {
			return nil, refuse(codeInvalid, "The field '%s' is invalid.\n", name)
		}
		if found {
			cut[name] = value
		}
	}
	return cut, nil
}

func (c *call) projectAll(list []object, set fieldSet) ([]object, error) {
	out := []object{}
	for _, full := range list {
		cut, err := c.project(full, set)
		if err != nil {
			return nil, err
		}
		out = append(out, cut)
	}
	return out, nil
}

// lists is the shape of most lists: what the user may use and what the user may manage, or all of it for administrators.
func (c *call) lists(usable, manageable []object) any {
	if c.user.admin() {
		return usable
	}
	out := object{"usable": usable, "manageable": manageable}
	filter := c.filterNames()
	use, manage := slices.Contains(filter, "usable"), slices.Contains(filter, "manageable")
	if use && !manage {
		delete(out, "manageable")
	}
	if manage && !use {
		delete(out, "usable")
	}
	return out
}
