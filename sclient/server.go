package sclient

// The server itself, its users, repositories, logins, zones and scanners.

import "context"

// What the server is and has: version and health, our account, repositories, logins, zones, scanners.

// System describes the server.
type System struct {
	asSent
	Version        string         `json:"version"`
	BuildID        Text           `json:"buildID"`
	ReleaseID      Text           `json:"releaseID"`
	UUID           string         `json:"uuid"`
	LicenseStatus  string         `json:"licenseStatus"`
	SessionTimeout Int            `json:"sessionTimeout"` // seconds
	ServerAuth     string         `json:"serverAuth"`
	Classification string         `json:"serverClassification"`
	Banner         string         `json:"banner"`
	HeaderText     string         `json:"headerText"`
	FreshInstall   Bool           `json:"freshInstall"`
	ACAS           Bool           `json:"ACAS"`
	Timezones      List[Timezone] `json:"timezones,omitempty"` // 400 of them, so that System does not ask for them
}

// Timezone is one that schedules may name.
type Timezone struct {
	Name      string `json:"name"`
	GMTOffset Float  `json:"gmtOffset"` // hours
}

// System returns version and licence (GET /rest/system). Since 5.20 SC leaves the version out for callers without valid credentials.
func (c *Client) System(ctx context.Context) (*System, error) {
	return one[System](ctx, c, get("system", "/system", "version", "buildID", "releaseID", "uuid", "licenseStatus",
		"sessionTimeout", "serverAuth", "serverClassification", "banner", "headerText", "freshInstall", "ACAS"))
}

// Status is the server's health. Unless Jobd is "Running", no scan starts and none is imported.
type Status struct {
	asSent
	Jobd                            string        `json:"jobd"`
	LicenseStatus                   string        `json:"licenseStatus"`
	PluginSubscriptionStatus        string        `json:"PluginSubscriptionStatus"` // the case differs between versions
	LCEPluginSubscriptionStatus     string        `json:"LCEPluginSubscriptionStatus"`
	PassivePluginSubscriptionStatus string        `json:"PassivePluginSubscriptionStatus"`
	PluginUpdates                   PluginUpdates `json:"pluginUpdates"`
	FeedUpdates                     Feed          `json:"feedUpdates"`
	ActiveIPs                       Int           `json:"activeIPs"`
	LicensedIPs                     Int           `json:"licensedIPs"`
}

// PluginUpdates tells how old each set of plugins is.
type PluginUpdates struct {
	Active  Feed `json:"active"`
	Passive Feed `json:"passive"`
	LCE     Feed `json:"lce"`
}

// UnmarshalJSON reads an object or nothing.
func (p *PluginUpdates) UnmarshalJSON(data []byte) error {
	type plain PluginUpdates
	return nested(data, (*plain)(p), nil)
}

// Feed is one set of plugins, as SC got it from Tenable.
type Feed struct {
	UpdateTime Time `json:"updateTime"`
	Stale      Bool `json:"stale"`
	CurrentSet Text `json:"pluginCurrentSet,omitempty"` // such as 201903202042
}

// UnmarshalJSON reads an object or nothing.
func (f *Feed) UnmarshalJSON(data []byte) error {
	type plain Feed
	return nested(data, (*plain)(f), nil)
}

// Status returns the server's health (GET /rest/status).
func (c *Client) Status(ctx context.Context) (*Status, error) {
	return one[Status](ctx, c, get("status", "/status", "jobd", "licenseStatus", "PluginSubscriptionStatus",
		"LCEPluginSubscriptionStatus", "PassivePluginSubscriptionStatus", "pluginUpdates", "feedUpdates", "activeIPs", "licensedIPs"))
}

// User is an account of SC. Administrators (role 1) can neither scan nor analyse.
type User struct {
	asSent
	ID           ID     `json:"id"`
	Username     string `json:"username"`
	Firstname    string `json:"firstname"`
	Lastname     string `json:"lastname"`
	Email        string `json:"email"`
	Status       Int    `json:"status"`
	Role         Ref    `json:"role"`
	Group        Ref    `json:"group"`
	Organization Ref    `json:"organization"`
	OrgName      string `json:"orgName"`
	AuthType     string `json:"authType"`
	Locked       Bool   `json:"locked"`
	FailedLogins Int    `json:"failedLogins"`
	LastLogin    Time   `json:"lastLogin"`
	LastLoginIP  string `json:"lastLoginIP"`
}

// IsAdministrator reports whether the account administers SC and therefore belongs to no organisation.
func (u User) IsAdministrator() bool { return u.Role.ID == 1 }

// CurrentUser returns the account that the client authenticates as (GET /rest/currentUser).
func (c *Client) CurrentUser(ctx context.Context) (*User, error) {
	return one[User](ctx, c, get("current user", "/currentUser", "id", "username", "firstname", "lastname", "email", "status",
		"role", "group", "organization", "orgName", "authType", "locked", "failedLogins", "lastLogin", "lastLoginIP"))
}

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

// Repository returns one repository with its address range (GET /rest/repository/{id}). Its error may be [IsNotFound].
func (c *Client) Repository(ctx context.Context, id ID) (*Repository, error) {
	return one[Repository](ctx, c, get("repository "+id.String(), "/repository/"+id.String(),
		"id", "name", "description", "type", "dataFormat", "running", "lastVulnUpdate", "vulnCount", "typeFields"))
}

// Repositories lists what the user can see, without address ranges (GET /rest/repository).
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

// Credentials lists the logins that the user may use in scans (GET /rest/credential).
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

// Zones lists the scan zones that the user may choose (GET /rest/zone).
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

// Scanners lists the scanning engines (GET /rest/scanner). Its error may be [IsForbidden] for users of an organisation.
func (c *Client) Scanners(ctx context.Context) ([]Scanner, error) {
	return many[Scanner](ctx, c, get("scanners", "/scanner", "id", "name", "description", "status"))
}
