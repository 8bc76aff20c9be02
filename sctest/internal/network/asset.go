package network

// Assets: lists of addresses under a name.

import (
	"time"

	"go4.org/netipx"

	"patchproof/sctest/internal/addresses"
)

// Types of assets.
const (
	AssetStatic = "static"
	AssetDNS    = "dnsname"
	// AssetDynamic has rules, which the simulator does not work out: a scenario says what they give.
	AssetDynamic = "dynamic"

	// AllDefined is the pseudo asset that may be used, but not managed.
	AllDefined = 0
)

// Asset is a list of addresses, or of names, under a name.
type Asset struct {
	ID                      int
	Name, Description, Tags string
	Kind                    string
	Set                     *netipx.IPSet
	Names                   []string
	Created, Modified       time.Time
	Creator, Owner          Owner
}

// AssetSet are the addresses of an asset; names count by their hosts.
func (n *Network) AssetSet(id int) *netipx.IPSet {
	if id == AllDefined {
		var all []*netipx.IPSet
		for _, r := range n.Repositories {
			all = append(all, r.InRange)
		}
		return addresses.Union(all...)
	}
	a := n.Assets[id]
	if a == nil {
		return new(netipx.IPSet)
	}
	return addresses.Union(a.Set, n.resolve(a.Names, func(h *host) string { return h.DNS }))
}

// HasAsset says whether an asset may be named.
func (n *Network) HasAsset(id int) bool { return n.Assets[id] != nil || id == AllDefined }

// AssetName is empty for an asset that does not exist.
func (n *Network) AssetName(id int) string {
	if a := n.Assets[id]; a != nil {
		return a.Name
	}
	return ""
}
