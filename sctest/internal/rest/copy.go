package rest

// Copies of policies, scans and results.

import (
	"cmp"
	"maps"
	"slices"

	"patchproof/sctest/internal/dialect"
	"patchproof/sctest/internal/network"
	"patchproof/sctest/internal/scenario"
)

// copyName is the name of a copy, unless the request has another one.
func (c *call) copyName(name string) string { return cmp.Or(c.input.Text("name"), "Copy of "+name) }

func (c *call) copyPolicy() (any, error) {
	p, ok := c.Network.Policies[c.id]
	if !ok {
		return nil, dialect.Missing("retrieve", "Policy", c.id)
	}
	if !c.user.may(scenario.MayPolicy) {
		return nil, dialect.Refuse("You do not have permission to create Policies.\n")
	}
	copied := *p
	copied.Name, copied.Owner, copied.Created, copied.Plugins = c.copyName(p.Name), c.user.owner, c.now, maps.Clone(p.Plugins)
	if c.input.Err() != nil {
		return nil, c.input.Err()
	}
	c.Network.AddPolicy(&copied)
	return c.policyObject(&copied), nil
}

// copyScan gives the copy to the user that is named. It runs as the original does, except that nothing runs at once.
func (c *call) copyScan() (any, error) {
	s, err := c.findScan("retrieve")
	if err != nil {
		return nil, err
	}
	if !c.user.may(scenario.MayScan) {
		return nil, noScanning()
	}
	copied := *s
	copied.Name, copied.Owner, copied.Created, copied.Result = c.copyName(s.Name), c.user.owner, c.now, 0
	if id, named := c.input.Inside("targetUser").Number("id"); named {
		i := slices.IndexFunc(c.accounts, func(a *account) bool { return a.owner.ID == id })
		if i < 0 {
			return nil, dialect.Missing("retrieve", "User", id)
		}
		copied.Owner = c.accounts[i].owner
	}
	if copied.Schedule.Kind == network.ScheduleNow {
		copied.Schedule.Kind = network.ScheduleTemplate
	}
	if c.input.Err() != nil {
		return nil, c.input.Err()
	}
	c.Network.AddScan(&copied)
	c.Network.Plan(&copied, c.now)
	return object{"scan": c.scanObject(&copied)}, nil
}

// copyResult gives a copy of an imported result to users. Copies are not imported again.
func (c *call) copyResult() (any, error) {
	r, err := c.findResult()
	if err != nil {
		return nil, err
	}
	if r.ImportAt(c.now) != network.ImportFinished {
		return nil, dialect.Refuse("Scan Result #%d can not be copied.\n", r.ID)
	}
	copied := c.Network.CopyRun(r, c.user.owner)
	return object{"scanResults": []object{c.resultObject(copied)}}, nil
}
