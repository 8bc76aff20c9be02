package sctest

// The server about itself and about who asks.

// serverUUID is any; clients must not care.
const serverUUID = "6d32dff0-2e6e-5fef-982f-80b05a31fcad"

// getSystem hides the version from strangers since 5.20.
func (c *call) getSystem() (any, error) {
	response := object{
		"reportTypes": []object{{"name": "PDF", "type": "pdf", "enabled": "true", "attributeSets": []string{}}},
		"buildID":     "201810303290", "releaseID": "201810303290", "banner": "", "uuid": serverUUID, "logo": "assets/sc4icon.png",
		"serverAuth": "any", "serverClassification": "None", "sessionTimeout": text(int(c.scenario.SessionTimeout.Seconds())),
		"licenseStatus": "Valid", "ACAS": "false", "freshInstall": "no", "headerText": "", "loginNotifications": "false",
		"PasswordComplexity": "false", "telemetryEnabled": "false",
		"timezones": []object{{"name": "Africa/Abidjan", "gmtOffset": 0}},
	}
	if c.user != nil || !c.dialect.atLeast(5, 20) {
		response["version"] = c.dialect.version
	}
	if c.session != nil && !c.dialect.atLeast(6, 5) {
		response["token"] = c.session.token
	}
	return response, nil
}

func (c *call) getStatus() (any, error) {
	feed := epoch(c.net.feedUpdated)
	response := object{
		"jobd": "Running", "licenseStatus": "Valid", "activeIPs": text(len(c.net.hosts)), "licensedIPs": "102400",
		"pluginUpdates": object{
			typeActive: object{"updateTime": feed, "stale": "false", "pluginCurrentSet": c.net.feed},
			"passive":  object{"updateTime": feed, "stale": "false"},
			"lce":      object{"updateTime": feed, "stale": "true"},
		},
		"feedUpdates": object{"updateTime": feed, "stale": "false"},
	}
	// The documentation spells these keys in another way than recorded servers.
	first := "P"
	passive := "PassivePluginSubscriptionStatus"
	if c.dialect.atLeast(6, 0) {
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
	full := ownerObject(u.owner)
	full["status"] = "0"
	full["locked"] = "false"
	full["failedLogins"] = text(u.failedLogins)
	full["lastLogin"] = epoch(u.lastLogin)
	full["authType"] = "tns"
	full["fingerprint"] = nil
	full["password"] = "SET"
	full["email"] = ""
	full["title"] = ""
	if u.admin() {
		full["role"] = object{"id": "1", "name": "Administrator", "description": "Role defining an administrator of the application"}
		full["group"] = nothing()
	} else {
		full["role"] = c.role()
		full["group"] = fullGroup()
	}
	organization := c.organization()
	full["organization"], full["orgName"] = organization, organization["name"]
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
	if c.user.may(mayScan) {
		scan = "full"
	}
	return object{
		"id": "2", "name": "Security Manager", "description": "", "permScan": scan,
		"permCreatePolicies": yesNo(c.user.may(mayPolicy)), "permManageAssets": yesNo(c.user.may(mayAsset)),
	}
}
