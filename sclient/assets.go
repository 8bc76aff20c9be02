package sclient

// Lists of hosts.

import (
	"context"
	"encoding/json"
	"strings"
)

// Asset is a list of hosts.
type Asset struct {
	asSent
	warned
	ID           ID                    `json:"id"`
	UUID         string                `json:"uuid,omitempty"`
	Name         string                `json:"name"`
	Description  string                `json:"description"`
	Type         string                `json:"type"` // static, dynamic, dnsname, combination, …
	Tags         string                `json:"tags"`
	Context      string                `json:"context"`
	Status       Int                   `json:"status"`
	CreatedTime  Time                  `json:"createdTime"`
	ModifiedTime Time                  `json:"modifiedTime"`
	IPCount      Int                   `json:"ipCount"` // -1 until SC has counted
	TypeFields   AssetTypeFields       `json:"typeFields,omitzero"`
	Repositories List[AssetRepository] `json:"repositories,omitempty"`
	ViewableIPs  List[ViewableIPs]     `json:"viewableIPs,omitempty"`
	Groups       List[Ref]             `json:"groups,omitempty"`
	CanUse       Bool                  `json:"canUse"`
	CanManage    Bool                  `json:"canManage"`
	Creator      Person                `json:"creator"`
	Owner        Person                `json:"owner"`
	OwnerGroup   Ref                   `json:"ownerGroup"`
	TargetGroup  Ref                   `json:"targetGroup"`
	Template     Ref                   `json:"template"`
}

// AssetTypeFields is how the list is defined.
type AssetTypeFields struct {
	DefinedIPs      Addresses `json:"definedIPs,omitzero"`
	DefinedDNSNames Text      `json:"definedDNSNames,omitempty"`
}

// UnmarshalJSON reads an object or nothing.
func (f *AssetTypeFields) UnmarshalJSON(data []byte) error {
	type plain AssetTypeFields
	return nested(data, (*plain)(f), nil)
}

// AssetRepository counts the asset's hosts in one repository.
type AssetRepository struct {
	IPCount    Int           `json:"ipCount"`
	Repository RepositoryRef `json:"repository"`
}

// ViewableIPs are the asset's hosts in one repository, one per line as "address|name".
type ViewableIPs struct {
	IPCount    Int           `json:"ipCount"`
	IPList     Addresses     `json:"ipList"`
	Repository RepositoryRef `json:"repository"`
}

// DefinedIPs returns the addresses of a static list; other types have none.
func (a Asset) DefinedIPs() Addresses { return a.TypeFields.DefinedIPs }

// Addresses returns the hosts that belong to the asset: the defined ones, and those SC has found. Other than SC's lists it
// holds no names.
func (a Asset) Addresses() Addresses {
	all := Addresses{set: a.DefinedIPs().set}
	for _, viewable := range a.ViewableIPs {
		all = all.Union(Addresses{set: viewable.IPList.set})
	}
	return all
}

// AssetFilter narrows Assets. The zero value asks as the guide does.
type AssetFilter struct {
	Filter []string // nil means excludeAllDefined and usable
	Fields []string // nil means the guide's
}

var (
	assetFilter = []string{"excludeAllDefined", "usable"}
	assetFields = []string{
		"id", "owner", "groups", "ownerGroup", "status", "name", "type", "template", "description", "createdTime",
		"modifiedTime", "ipCount", "repositories", "targetGroup", "tags", "creator",
	}
)

// Assets lists the assets that the user can see, without their addresses (GET /rest/asset).
func (c *Client) Assets(ctx context.Context, filter AssetFilter) ([]Asset, error) {
	if filter.Filter == nil {
		filter.Filter = assetFilter
	}
	if len(filter.Fields) == 0 {
		filter.Fields = assetFields
	}
	call := get("assets", "/asset", withID(filter.Fields)...)
	if len(filter.Filter) > 0 {
		call.query.Set("filter", strings.Join(filter.Filter, ","))
	}
	return many[Asset](ctx, c, call)
}

// Asset returns one asset with its addresses (GET /rest/asset/{id}). SC may need a while to collect the viewable ones. Its error may be [IsNotFound].
func (c *Client) Asset(ctx context.Context, id ID) (*Asset, error) {
	fields := append([]string{"typeFields", "viewableIPs", "canUse", "canManage"}, assetFields...)
	return one[Asset](ctx, c, get("asset "+id.String(), "/asset/"+id.String(), fields...).within(addressed))
}

// AssetRequest describes a static list to be created. Names need not be unique for SC.
type AssetRequest struct {
	Name        string
	Description string
	Tags        string
	DefinedIPs  []string // addresses, CIDRs and ranges
}

// Validate names the field that SC would refuse.
func (r AssetRequest) Validate() error {
	if strings.TrimSpace(r.Name) == "" {
		return invalid("name", "the asset needs one")
	}
	parts := r.definedIPs()
	if len(parts) == 0 {
		return invalid("definedIPs", "give addresses, CIDRs or ranges")
	}
	for _, part := range parts {
		if err := checkTarget(part, false); err != nil {
			return invalid("definedIPs", err.Error())
		}
	}
	return nil
}

func (r AssetRequest) definedIPs() []string { return splitAddresses(strings.Join(r.DefinedIPs, ",")) }

type assetBody struct {
	newObject
	Tags       string `json:"tags"`
	Status     int    `json:"status"`
	Type       string `json:"type"`
	DefinedIPs string `json:"definedIPs"`
}

// Body returns what CreateAsset posts, for dry runs.
func (r AssetRequest) Body() json.RawMessage { return bodyJSON(r.body()) }

func (r AssetRequest) body() assetBody {
	return assetBody{
		newObject: newObject{Name: r.Name, Description: r.Description, Groups: []int{}}, Tags: r.Tags, Status: -1, Type: "static",
		DefinedIPs: strings.Join(r.definedIPs(), ","),
	}
}

// CreateAsset creates a static list (POST /rest/asset). SC merges and reorders the addresses; read the asset back and compare as sets to verify.
// When [FateUnknown] is true of its error, an asset may have been created.
func (c *Client) CreateAsset(ctx context.Context, request AssetRequest) (*Asset, error) {
	return create(ctx, c, post("create asset", "/asset", request.body()).within(addressed), request, func(a *Asset) bool { return a.ID.Valid() })
}

// DeleteAsset deletes an asset (DELETE /rest/asset/{id}). Its error is [IsNotFound] when it is gone already, and [FateUnknown] when it may be.
func (c *Client) DeleteAsset(ctx context.Context, id ID) error {
	return c.none(ctx, remove("delete asset "+id.String(), "/asset/"+id.String()))
}
