package analysis

// What real servers know and the simulator does not: it says so, instead of refusing what a server would answer.

var (
	realQueryTypes = []string{"alert", "all", "event", "lce", "mobile", "scLog", "ticket", "user", "was"}

	realSources = []string{"archive", "lce"}

	// realTimes are words that filters of times take instead of numbers.
	realTimes = []string{"all", "currentMonth", "lastMonth", "currentQuarter", "lastQuarter"}

	realTools = []string{
		"cceipdetail", "cveipdetail", "iavmipdetail", "listmailclients", "listos", "listservices", "listsoftware", "listsshservers",
		"listwebclients", "listwebservers", "popcount", "sumasset", "sumcce", "sumclassa", "sumclassb", "sumclassc", "sumiavm",
		"summsbulletin", "sumremediation", "sumuserresponsibility", "trend", "wasvulndetails", "listwasvuln", "sumwasurl",
	}

	realFilters = []string{
		"assetCriticalityRating", "assetExposureScore", "auditFile", "auditFileID", "benchmarkName", "cceID", "customHash", "cvssV3Vector",
		"cvssV4BaseScore", "cvssVector", "daysMitigated", "daysToMitigated", "epssScore", "hostUUID", "netbiosName", "outputAssets", "policy", "policyID",
		"pluginOutput", "responsibleUser", "responsibleUserIDs", "seolDate", "solutionID", "usn", "vprContext", "webAppName", "webAppURL",
		"workflowStatus",
	}
)
