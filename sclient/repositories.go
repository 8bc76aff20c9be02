package sclient

import "context"

// Repository is where scan results go. Scans need one of type Local that is not for agents or mobile devices.
type Repository struct {
	asSent
	ID             ID                   `json:"id"`
	Name           string               `json:"name"`
	Description    string               `json:"description"`
	Type           string               `json:"type"`       // Local, Remote, Offline
	DataFormat     string               `json:"dataFormat"` // IPv4, IPv6, agent, mobile, universal
	UUID           string               `json:"uuid,omitempty"`
	Running        Bool                 `json:"running"`
	LastVulnUpdate Time                 `json:"lastVulnUpdate"`
	VulnCount      Int                  `json:"vulnCount"`
	TypeFields     RepositoryTypeFields `json:"typeFields"`
}

// RepositoryTypeFields is what depends on the data format; some servers put the counts here.
type RepositoryTypeFields struct {
	IPRange        Addresses `json:"ipRange"`
	IPCount        Int       `json:"ipCount"`
	TrendingDays   Int       `json:"trendingDays"`
	LastVulnUpdate Time      `json:"lastVulnUpdate"`
	VulnCount      Int       `json:"vulnCount"`
}

// UnmarshalJSON reads an object or nothing.
func (f *RepositoryTypeFields) UnmarshalJSON(data []byte) error {
	type plain RepositoryTypeFields
	*f = RepositoryTypeFields{}
	return nested(data, (*plain)(f), nil)
}

// IPRange returns the addresses that the repository takes in; SC drops results for others.
func (r Repository) IPRange() Addresses { return r.TypeFields.IPRange }

// Scannable reports whether results of active scans can be imported into it.
func (r Repository) Scannable() bool {
	switch r.DataFormat {
	case "agent", "mobile":
		return false
	}
	return r.Type == "" || r.Type == "Local"
}

// Repository returns one repository with its address range.
func (c *Client) Repository(ctx context.Context, id ID) (*Repository, error) {
	return one[Repository](ctx, c, get("repository "+id.String(), "/repository/"+id.String(),
		"id", "name", "description", "type", "dataFormat", "running", "lastVulnUpdate", "vulnCount", "typeFields"))
}

// Repositories lists what the user can see, without address ranges.
func (c *Client) Repositories(ctx context.Context) ([]Repository, error) {
	return many[Repository](ctx, c, get("repositories", "/repository",
		"id", "name", "description", "type", "dataFormat", "running", "lastVulnUpdate", "vulnCount"))
}

// Credential is a login that scans may use; SC never shows its secret.
type Credential struct {
	asSent
	ID          ID     `json:"id"`
	Name        string `json:"name"`
	Description string `json:"description"`
	Type        string `json:"type"` // windows, ssh, snmp, database, …
}

// Credentials lists the logins that the user may use in scans.
func (c *Client) Credentials(ctx context.Context) ([]Credential, error) {
	return many[Credential](ctx, c, get("credentials", "/credential", "id", "name", "description", "type"))
}

// Zone is a part of the network with scanners of its own.
type Zone struct {
	asSent
	ID          ID        `json:"id"`
	Name        string    `json:"name"`
	Description string    `json:"description"`
	IPList      Addresses `json:"ipList"`
}

// Zones lists the scan zones that the user may choose.
func (c *Client) Zones(ctx context.Context) ([]Zone, error) {
	return many[Zone](ctx, c, get("zones", "/zone", "id", "name", "description", "ipList"))
}

// Scanner is a scanning engine. Organisation users may not be allowed to list them.
type Scanner struct {
	asSent
	ID          ID     `json:"id"`
	Name        string `json:"name"`
	Description string `json:"description"`
	Status      Int    `json:"status"` // 1 is working; other values are bits of what is wrong
}

// Scanners lists the scanning engines.
func (c *Client) Scanners(ctx context.Context) ([]Scanner, error) {
	return many[Scanner](ctx, c, get("scanners", "/scanner", "id", "name", "description", "status"))
}
