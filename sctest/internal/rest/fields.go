package rest

// The parameter fields: what is answered when it is there, and when it is not.

import (
	"slices"
	"strconv"

	"patchproof/sctest/internal/dialect"
)

// fields returns the names that the request asks for, nil when it does not.
func (c *call) fields() []string { return dialect.Split(c.query.Get("fields")) }

// project cuts an object to the fields asked for, or to the brief ones if the request does not ask; no brief ones means everything.
// The ID is always there. Names that the object does not have are left out without a word: clients that derive the parameter from
// what they can decode ask for much that never existed.
func (c *call) project(full object, brief ...string) object {
	names := c.fields()
	if names == nil {
		names = brief
	}
	if names == nil {
		return full
	}
	cut := object{"id": full["id"]}
	for _, name := range names {
		if value, found := full[name]; found {
			cut[name] = value
		}
	}
	return cut
}

func (c *call) projectAll(list []object, brief ...string) []object {
	out := []object{}
	for _, full := range list {
		out = append(out, c.project(full, brief...))
	}
	return out
}

// lists is the shape of most lists: what the user may use and what the user may manage, or all of it for administrators.
func (c *call) lists(usable, manageable []object, brief ...string) any {
	out := object{"usable": c.projectAll(usable, brief...), "manageable": c.projectAll(manageable, brief...)}
	if c.user.admin() {
		return out["usable"]
	}
	wanted := c.filterNames()
	use, manage := slices.Contains(wanted, "usable"), slices.Contains(wanted, "manageable")
	if use && !manage {
		delete(out, "manageable")
	}
	if manage && !use {
		delete(out, "usable")
	}
	return out
}

// find is the object with the ID of the path among all of a kind.
func (c *call) find(kind string, all []object) (any, error) {
	i := slices.IndexFunc(all, func(full object) bool { return full["id"] == strconv.Itoa(c.id) })
	if i < 0 {
		return nil, dialect.Missing("retrieve", kind, c.id)
	}
	return c.project(all[i]), nil
}

// filterNames is the parameter of lists that says which parts of them are wanted.
func (c *call) filterNames() []string { return dialect.Split(c.query.Get("filter")) }

func invalidParameter(name, value string) error {
	return dialect.Refuse("The parameter '%s' contains the invalid value '%s'.\n", name, value)
}
