package sclient

import "context"

// System describes the server. Since 5.20 the version is empty for callers without valid credentials.
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
	Timezones      List[Timezone] `json:"timezones,omitempty"`
}

// Timezone is one that schedules may name.
type Timezone struct {
	Name      string `json:"name"`
	GMTOffset Float  `json:"gmtOffset"` // hours
}

// System returns version and licence.
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
	*p = PluginUpdates{}
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
	*f = Feed{}
	return nested(data, (*plain)(f), nil)
}

// Status returns the server's health.
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

// CurrentUser returns the account that the client authenticates as.
func (c *Client) CurrentUser(ctx context.Context) (*User, error) {
	return one[User](ctx, c, get("current user", "/currentUser", "id", "username", "firstname", "lastname", "email", "status",
		"role", "group", "organization", "orgName", "authType", "locked", "failedLogins", "lastLogin", "lastLoginIP"))
}
