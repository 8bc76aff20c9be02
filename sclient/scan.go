package sclient

// Scan is a scan definition.
type Scan struct {
	asSent
	ID                   ID            `json:"id"`
	UUID                 string        `json:"uuid,omitempty"`
	Name                 string        `json:"name"`
	Description          string        `json:"description"`
	Type                 string        `json:"type"`
	Status               Int           `json:"status"`
	ScanResultID         ID            `json:"scanResultID,omitempty"` // only in the answer to a scan that runs now
	IPList               Addresses     `json:"ipList"`
	Assets               List[Ref]     `json:"assets,omitempty"`
	Credentials          List[Ref]     `json:"credentials,omitempty"`
	Reports              List[Ref]     `json:"reports,omitempty"`
	Policy               Policy        `json:"policy,omitzero"`
	Plugin               Ref           `json:"plugin"`
	Repository           RepositoryRef `json:"repository"`
	Zone                 Ref           `json:"zone"`
	Schedule             ScheduleInfo  `json:"schedule"`
	DHCPTracking         Bool          `json:"dhcpTracking"`
	ClassifyMitigatedAge Int           `json:"classifyMitigatedAge"` // days
	EmailOnLaunch        Bool          `json:"emailOnLaunch"`
	EmailOnFinish        Bool          `json:"emailOnFinish"`
	TimeoutAction        string        `json:"timeoutAction"`
	RolloverType         string        `json:"rolloverType"`
	ScanningVirtualHosts Bool          `json:"scanningVirtualHosts"`
	MaxScanTime          Text          `json:"maxScanTime"` // seconds, or "unlimited"
	NumDependents        Int           `json:"numDependents"`
	CanUse               Bool          `json:"canUse"`
	CanManage            Bool          `json:"canManage"`
	CreatedTime          Time          `json:"createdTime"`
	ModifiedTime         Time          `json:"modifiedTime"`
	Creator              Person        `json:"creator"`
	Owner                Person        `json:"owner"`
	OwnerGroup           Ref           `json:"ownerGroup"`
}

// ScheduleInfo is a schedule as SC shows it.
type ScheduleInfo struct {
	ID         ID     `json:"id"`
	ObjectType Text   `json:"objectType"`
	Type       string `json:"type"`
	Start      string `json:"start"`
	RepeatRule string `json:"repeatRule"`
	NextRun    Time   `json:"nextRun"`
	Enabled    Bool   `json:"enabled"`
}

// UnmarshalJSON reads an object, an array of one, a bare id, or nothing.
func (s *ScheduleInfo) UnmarshalJSON(data []byte) error {
	type plain ScheduleInfo
	*s = ScheduleInfo{}
	return nested(data, (*plain)(s), &s.ID)
}

// Launch is SC's answer to LaunchScan.
type Launch struct {
	asSent
	ScanID     ID           `json:"scanID"`
	ScanResult LaunchResult `json:"scanResult"`
}

// LaunchResult is the result that a launch has begun; SC shows it flat, with ids instead of objects.
type LaunchResult struct {
	ID             ID     `json:"id"`
	ScanID         ID     `json:"scanID"`
	JobID          ID     `json:"jobID"`
	RepositoryID   ID     `json:"repositoryID"`
	InitiatorID    ID     `json:"initiatorID"`
	OwnerID        ID     `json:"ownerID"`
	ResultsSyncID  ID     `json:"resultsSyncID"`
	Name           string `json:"name"`
	Description    string `json:"description"`
	Details        string `json:"details"`
	Status         string `json:"status"`
	DownloadFormat string `json:"downloadFormat"`
	DataFormat     string `json:"dataFormat"`
	ResultType     string `json:"resultType"`
}
