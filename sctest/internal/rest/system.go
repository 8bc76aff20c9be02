package rest

// The server about itself and about who asks.

import (
	"maps"
	"strconv"

	"patchproof/sctest/internal/dialect"
	"patchproof/sctest/internal/network"
	"patchproof/sctest/internal/scenario"
)

// getSystem hides the version from strangers since 5.20.
func (c *call) getSystem() (any, error) {
	response := object{
		"reportTypes": []object{{"name": "PDF", "type": "pdf", "enabled": "true", "attributeSets": []string{}}},
		"buildID":     "201810303290", "releaseID": "201810303290", "banner": "", "uuid": network.ServerUUID, "logo": "assets/sc4icon.png",
		"serverAuth": "any", "serverClassification": "None", "sessionTimeout": strconv.Itoa(int(c.scenario.SessionTimeout.Seconds())),
		"licenseStatus": "Valid", "ACAS": "false", "freshInstall": "no", "headerText": "", "loginNotifications": "false",
		"PasswordComplexity": "false", "telemetryEnabled": "false",
		"timezones": []object{{"name": "Africa/Abidjan", "gmtOffset": 0}},
	}
	if c.user != nil || !c.version.AtLeast(5, 20) {
		response["version"] = c.version.String()
	}
	if c.session != nil && !c.version.AtLeast(6, 5) {
		response["token"] = c.session.token
	}
	return response, nil
}

func (c *call) getStatus() (any, error) {
	feed := c.epoch(c.Network.FeedUpdated)
	response := object{
		"jobd": "Running", "licenseStatus": "Valid", "activeIPs": strconv.Itoa(len(c.scenario.Hosts)), "licensedIPs": "102400",
		"pluginUpdates": object{
			scenario.TypeActive: object{"updateTime": feed, "stale": "false", "pluginCurrentSet": c.Network.Feed},
			"passive":           object{"updateTime": feed, "stale": "false"},
			"lce":               object{"updateTime": feed, "stale": "true"},
		},
		"feedUpdates": object{"updateTime": feed, "stale": "false"},
	}
	// The documentation spells these keys in another way than recorded servers.
	first := "P"
	passive := "PassivePluginSubscriptionStatus"
	if c.version.AtLeast(6, 0) {
		first, passive = "p", "passivePluginSubscriptionStatus"
	}
	response[first+"luginSubscriptionStatus"] = "Valid"
	response["LCEPluginSubscriptionStatus"] = "Expired"
	response[passive] = nil
	return response, nil
}

// getCurrentUser has IDs that are numbers where nothing real stands behind them.
func (c *call) getCurrentUser() (any, error) {
	u := c.user
	organization := c.organization()
	full := ownerObject(u.owner)
	maps.Copy(full, object{
		"status": "0", "locked": "false", "failedLogins": strconv.Itoa(u.failedLogins), "lastLogin": c.epochOrZero(u.lastLogin),
		"authType": "tns", "fingerprint": nil, "password": "SET", "email": "", "title": "", "role": c.role(), "group": dialect.FullGroup(),
		"organization": organization, "orgName": organization["name"],
	})
	if u.admin() {
		full["role"] = object{"id": "1", "name": "Administrator", "description": "Role defining an administrator of the application"}
		full["group"] = dialect.Nothing()
	}
	return c.project(full), nil
}

func (c *call) organization() object {
	if c.user.admin() {
		return object{"id": 0, "name": "Tenable.sc Administration", "description": ""}
	}
	return object{"id": "1", "name": "Example", "description": ""}
}

func (c *call) getCurrentOrganization() (any, error) { return c.project(c.organization()), nil }

func (c *call) role() object {
	scan := "none"
	if c.user.may(scenario.MayScan) {
		scan = "full"
	}
	return object{
		"id": "2", "name": "Security Manager", "description": "", "permScan": scan,
		"permCreatePolicies": strconv.FormatBool(c.user.may(scenario.MayPolicy)), "permManageAssets": strconv.FormatBool(c.user.may(scenario.MayAsset)),
	}
}

func (c *call) feedObject() object {
	return object{"updateTime": c.epoch(c.Network.FeedUpdated), "stale": "false", "updateRunning": "false"}
}

func (c *call) listFeeds() (any, error) {
	return object{scenario.TypeActive: c.feedObject(), "passive": c.feedObject(), "lce": c.feedObject(), "sc": c.feedObject()}, nil
}

// getFeed is one part, without its name around it.
func (c *call) getFeed() (any, error) { return c.feedObject(), nil }
