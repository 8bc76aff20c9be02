package sctest_test

// The Go client palantir/tenablesc-client: it decodes strictly, and derives the parameter fields from what it decodes, so that it asks
// for fields that do not exist ("-" among them). It sends no body where it has nothing to say, not even {}.

import (
	"encoding/json"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// loose is an ID or a number that may come as text or as a number.
type loose string

func (l *loose) UnmarshalJSON(data []byte) error {
	var text string
	if json.Unmarshal(data, &text) == nil {
		*l = loose(text)
		return nil
	}
	var number int
	err := json.Unmarshal(data, &number)
	*l = loose(strconv.Itoa(number))
	return err
}

type (
	goRef struct {
		ID          loose
		Name        string
		Description string
	}
	goUser struct {
		ID                            loose
		Username, Firstname, Lastname string
	}
	// goLists is how lists come to users of an organization.
	goLists[T any] struct{ Usable, Manageable []T }
	goPolicy       struct {
		goRef
		Context, Tags             string
		CreatedTime, ModifiedTime string
		AuditFiles                []goRef
		Preferences               any
		PolicyTemplate            *goRef
		Owner, Creator            *goUser
		Families                  []struct {
			ID, Name, Count string
		}
	}
	goScan struct {
		goRef
		Assets, Credentials                                              []goRef
		ClassifyMitigatedAge, IPList, MaxScanTime, InactivityTimeout     string
		CreatedTime, ModifiedTime, RolloverType, Status                  string
		TimeoutAction, Type                                              string
		DHCPTracking, EmailOnFinish, EmailOnLaunch, ScanningVirtualHosts string
		Creator, Owner                                                   *goUser
		OwnerGroup, Policy, Repository, Zone                             *goRef
		NumDependents                                                    loose
		Plugin                                                           *struct{ ID loose }
		Reports                                                          []struct{ ID, ReportSource string }
		Schedule                                                         *struct {
			ID, ObjectType                   loose
			Type, Start, RepeatRule, Enabled string
			NextRun                          int
			Dependent                        *goRef
		}
	}
	goLaunch struct {
		ScanID     string
		ScanResult struct {
			goRef
			InitiatorID, ResultsSyncID                              int
			OwnerID, ScanID, JobID, RepositoryID                    string
			Details, Status, DownloadFormat, DataFormat, ResultType string
		}
	}
	goResult struct {
		goRef
		Status, ImportStatus, DownloadFormat, DataFormat, ResultType, ResultSource, ErrorDetails, ImportErrorDetails, Details string
		Initiator, Owner                                                                                                      goUser
		OwnerGroup, Repository, Scan, Job                                                                                     goRef
		ImportStart, ImportFinish, ImportDuration, TotalIPs, ScannedIPs, StartTime, FinishTime, ScanDuration                  loose
		CompletedIPs, CompletedChecks, TotalChecks                                                                            loose
	}
	goPlugin struct {
		goRef
		Family struct {
			goRef
			Type string
		}
		CVSSV3BaseScore, CVSSV3TemporalScore, CheckType                                     string
		PluginPubDate, PluginModDate, PatchPubDate, PatchModDate, VulnPubDate, ModifiedTime loose
	}
	goRepository struct {
		goRef
		DataFormat, Type, DownloadFormat, CreatedTime, ModifiedTime, Running string
		Organizations                                                        []struct{ ID, GroupAssign string }
		TypeFields                                                           struct {
			TrendingDays, IPRange, IPCount, LastGenerateNessusTime string
			NessusSchedule                                         *struct{ Type, Start, RepeatRule string }
		}
	}
	goAsset struct {
		goRef
		Type, CreatedTime, ModifiedTime string
		IPCount                         loose
		TypeFields                      struct{ DefinedDNSNames, DefinedIPs string }
		Repositories                    []struct {
			IPCount    string
			Repository goRef
		}
	}
)

const (
	goPolicyFields = "auditFiles,context,createdTime,creator,description,families,id,modifiedTime,name,owner,policyTemplate," +
		"preferences,removePrefs,tags"
	goScanFields = "assets,classifyMitigatedAge,createdTime,creator,credentials,description,dhcpTracking,emailOnFinish,emailOnLaunch,id," +
		"inactivityTimeout,ipList,maxScanTime,modifiedTime,name,numDependents,owner,ownerGroup,plugin,pluginID,pluginPrefs,policy," +
		"reports,repository,rolloverType,scanningVirtualHosts,schedule,status,timeoutAction,type,zone"
	goResultFields = "agentScanContainerUUID,agentScanUUID,completedChecks,completedIPs,dataFormat,description,details,downloadFormat," +
		"errorDetails,finishTime,id,importDuration,importErrorDetails,importFinish,importStart,importStatus,initiator,job,name,owner," +
		"ownerGroup,repository,resultSource,resultType,scan,scanDuration,scannedIPs,startTime,status,totalChecks,totalIPs"
	goPluginFields = "checkType,cvssV3BaseScore,cvssV3TemporalScore,description,family,id,modifiedTime,name,patchModDate,patchPubDate," +
		"pluginModDate,pluginPubDate,vulnPubDate"
	goRepositoryFields = "createdTime,dataFormat,description,downloadFormat,id,modifiedTime,name,organizations,running,type,typeFields"
	goAssetFields      = "-,createdTime,description,id,ipCount,modifiedTime,name,prepare,repositories,type,typeFields"
)

func TestGoPoliciesAndScans(t *testing.T) {
	t.Parallel()
	withKeys(t, func(t *testing.T, v *visitor, _ string) {
		t.Helper()
		policyID, scanID, resultID := v.run()
		var policies goLists[goPolicy]
		v.get("GET", "policy?fields="+goPolicyFields, "", &policies)
		require.Equal(t, []loose{loose(policyID)}, []loose{policies.Usable[0].ID})
		require.Len(t, policies.Manageable, 1)
		var policy goPolicy
		v.get("GET", "policy/"+policyID+"?fields="+goPolicyFields, "", &policy)
		require.Equal(t, []any{"all", loose("1")}, []any{policy.Name, policy.PolicyTemplate.ID})

		var scans goLists[goScan]
		v.get("GET", "scan?fields="+goScanFields, "", &scans)
		require.Equal(t, loose(scanID), scans.Usable[0].ID)
		var scan goScan
		v.get("GET", "scan/"+scanID+"?fields="+goScanFields, "", &scan)
		require.Equal(t, []any{"false", "policy", loose("-1"), loose("1")}, []any{scan.DHCPTracking, scan.Type, scan.Zone.ID, scan.Repository.ID})
		v.get("POST", "scan", `{"name":"two","assets":[{"id":"24"}],"credentials":[{"id":"4"}],"dhcpTracking":"true","zone":{"id":"1"},`+
			`"policy":{"id":"`+policyID+`"},"repository":{"id":"1"},"schedule":{"type":"now"},"type":"policy"}`, &scan)
		require.Equal(t, []any{loose("24"), loose("4"), "true", "now"}, []any{scan.Assets[0].ID, scan.Credentials[0].ID, scan.DHCPTracking, scan.Schedule.Type})

		var launch goLaunch
		v.get("POST", "scan/"+scanID+"/launch", "", &launch)
		require.Equal(t, []any{scanID, "Queued", 1}, []any{launch.ScanID, launch.ScanResult.Status, launch.ScanResult.InitiatorID})
		running := string(launch.ScanResult.ID)
		v.clock.forward(45 * time.Second)
		v.get("POST", "scanResult/"+running+"/stop", "", nil)
		v.clock.forward(time.Hour)
		var result goResult
		v.get("GET", "scanResult/"+running+"?fields="+goResultFields, "", &result)
		require.Contains(t, []string{"Partial", "Completed"}, result.Status)

		var results goLists[goResult]
		v.get("GET", "scanResult?endTime="+itoa(v.clock.Now().Unix())+"&fields="+goResultFields+"&startTime="+itoa(noon.Unix()), "", &results)
		require.Len(t, results.Usable, 3)
		require.Equal(t, []any{loose(resultID), "Finished", loose("2")},
			[]any{results.Usable[0].ID, results.Usable[0].ImportStatus, results.Usable[0].ScannedIPs})
		v.get("DELETE", "scanResult/"+running, "", nil)
		v.get("DELETE", "scan/"+scanID, "", nil)
		v.get("DELETE", "policy/"+policyID, "", nil)
		v.deny("DELETE", "policy/"+policyID, "", 147, "does not exist")
	})
}

func TestGoInventory(t *testing.T) {
	t.Parallel()
	withKeys(t, func(t *testing.T, v *visitor, _ string) {
		t.Helper()
		var user struct {
			goRef
			Status, Username, AuthType, OrgName string
			Organization, Role, Group           goRef
		}
		v.get("GET", "currentUser?fields=authType,description,group,id,name,orgName,organization,role,status,username", "", &user)
		require.Equal(t, []any{loose("1"), "api", loose("2")}, []any{user.ID, user.Username, user.Role.ID})

		var plugin goPlugin
		v.get("GET", "plugin/97833?fields="+goPluginFields, "", &plugin)
		require.Equal(t, []any{loose("97833"), loose("20"), "active"}, []any{plugin.ID, plugin.Family.ID, plugin.Family.Type})
		var plugins []goPlugin
		v.get("GET", "plugin?fields="+goPluginFields+"&filterField=name&op=eq&sortDirection=ASC&sortField=name&value=MS17-010+patch", "", &plugins)
		require.Len(t, plugins, 1)
		require.Equal(t, loose("97737"), plugins[0].ID)

		var repositories []goRepository
		v.get("GET", "repository?fields="+goRepositoryFields, "", &repositories)
		require.Equal(t, []string{"Local", "IPv4", "0.0.0.0/0"},
			[]string{repositories[0].Type, repositories[0].DataFormat, repositories[0].TypeFields.IPRange})
		v.get("GET", "repository/1?fields="+goRepositoryFields, "", &repositories[0])

		var asset goAsset
		v.get("POST", "asset", `{"name":"mine","type":"static","definedIPs":"10.0.0.8,10.0.0.9"}`, &asset)
		require.Equal(t, []any{"10.0.0.8-10.0.0.9", loose("-1")}, []any{asset.TypeFields.DefinedIPs, asset.IPCount})
		id := string(asset.ID)
		v.get("GET", "asset/"+id+"?fields="+goAssetFields, "", &asset)
		var assets goLists[goAsset]
		v.get("GET", "asset?fields="+goAssetFields, "", &assets)
		require.Len(t, assets.Manageable, 2)
		require.Equal(t, loose("0"), assets.Usable[0].ID)
		v.get("DELETE", "asset/"+id, "", nil)

		var credentials goLists[struct {
			goRef
			Type, CanUse, CanManage, Tags string
		}]
		v.get("GET", "credential?fields=canManage,canUse,description,id,name,tags,type", "", &credentials)
		require.Equal(t, []any{loose("4"), "true"}, []any{credentials.Usable[0].ID, credentials.Usable[0].CanUse})
		var zones []struct {
			goRef
			IPList string
		}
		v.get("GET", "zone?fields=createdTime,description,id,ipList,modifiedTime,name,organizations,scanners", "", &zones)
		require.Equal(t, "Inside", zones[0].Name)
		var templates []struct{ goRef }
		v.get("GET", "policyTemplate?fields=createdTime,description,detailedEditor,editor,id,modifiedTime,name", "", &templates)
		require.Equal(t, loose("1"), templates[0].ID)
	})
}

type goAnalysis[T any] struct {
	TotalRecords, StartOffset, EndOffset, MatchingDataElementCount string
	ReturnedRecords                                                int
	Results                                                        []T
}

type goRow struct {
	goRepositoryIn
	PluginID, IP, Port, Protocol, DNSName, PluginName, PluginText, FirstSeen, LastSeen, HasBeenMitigated, AcceptRisk string
	ExploitAvailable, Uniqueness, BaseScore, VPRScore, VPRContext, IPS, HostUniqueness, CVE, XREF                    string
	Severity                                                                                                         goRef
	Family                                                                                                           struct{ ID, Name, Type string }
}

// goRepositoryIn is strict about the ID.
type goRepositoryIn struct {
	Repository struct{ ID, Name, Description, DataFormat string }
}

type goSummary struct {
	goRepositoryIn
	IP, DNSName, Score, Total, SeverityCritical, SeverityHigh, SeverityMedium, SeverityLow, SeverityInfo string
	LastAuthRun, LastUnauthRun, MacAddress, NetbiosName, PluginSet, PolicyName, Uniqueness, UUID         string
}

// The offsets are texts at the root, the columns null, and nothing is said twice: not even the ID of a scan result.
func TestGoAnalysis(t *testing.T) {
	t.Parallel()
	const tail = `,"sourceType":"cumulative","sortField":"score","sortDir":"desc","columns":null`
	withKeys(t, func(t *testing.T, v *visitor, version string) {
		t.Helper()
		_, _, result := v.run()
		var summary goAnalysis[goSummary]
		v.get("POST", "analysis", `{"type":"vuln","query":{"type":"vuln","sourceType":"cumulative","tool":"sumip","filters":[`+
			`{"filterName":"repository","operator":"=","value":[{"id":"1"}]}]}`+tail+`,"startOffset":"0","endOffset":"2"}`, &summary)
		require.Equal(t, []any{"3", 2, "1"}, []any{summary.TotalRecords, summary.ReturnedRecords, summary.Results[0].Repository.ID})
		v.get("POST", "analysis", `{"type":"vuln","query":{"type":"vuln","tool":"sumdnsname"}`+tail+`}`, &summary)
		require.NotEmpty(t, summary.Results[0].Score)

		var rows goAnalysis[goRow]
		for source, want := range map[string]int{"cumulative": 2, "patched": 1} {
			v.get("POST", "analysis", `{"type":"vuln","query":{"type":"vuln","tool":"vulndetails","filters":[{"filterName":"pluginID",`+
				`"operator":"=","value":"97833"}]},"sourceType":"`+source+`","columns":null}`, &rows)
			require.Len(t, rows.Results, want, source)
			require.Equal(t, []string{"1", "20", "445"}, []string{rows.Results[0].Repository.ID, rows.Results[0].Family.ID, rows.Results[0].Port})
		}
		v.get("POST", "analysis", `{"type":"vuln","query":{"type":"vuln","tool":"vulndetails","filters":[{"filterName":"pluginID","operator":"=",`+
			`"value":"97833"}]},"sourceType":"individual","columns":null,"scanID":"`+result+`","view":"all"}`, &rows)
		// From 6.0 on servers do not see the ID at the root, and answer with everything that is open.
		require.Len(t, rows.Results, map[string]int{"5.23": 1, "6.5": 2}[version])
	})
}
