package sctest

import (
	"time"

	"go4.org/netipx"
)

// Assets: lists of addresses under a name.

const (
	assetStatic = "static"
	assetDNS    = "dnsname"

	// allDefined is the pseudo asset that may be used, but not managed.
	allDefined = 0
)

type asset struct {
	id                      int
	name, description, tags string
	kind                    string
	set                     *netipx.IPSet
	names                   []string
	created                 time.Time
	owner                   owner
}

// assetSet are the addresses of an asset; names count by their hosts.
func (n *network) assetSet(id int) *netipx.IPSet {
	if id == allDefined {
		var all []*netipx.IPSet
		for _, r := range n.repositories {
			all = append(all, r.inRange)
		}
		return union(all...)
	}
	a := n.assets[id]
	if a == nil {
		return new(netipx.IPSet)
	}
	return union(a.set, n.resolve(a.names, func(h *host) string { return h.DNS }))
}
