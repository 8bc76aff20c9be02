package sclient

// Scan policies.

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
)

const (
	// ContextScan makes a policy for one scan: SC names it, hides it from lists and deletes it after the scan.
	ContextScan = "scan"
	// TemplateAdvanced is the only template for scans whose plugins can be chosen.
	TemplateAdvanced ID = 1
)

// PolicyRequest describes a policy to be created.
type PolicyRequest struct {
	Name        string // may be empty with ContextScan only: SC then makes one up
	Description string
	Context     string            // "" for an ordinary policy, or ContextScan
	TemplateID  ID                // 0 means TemplateAdvanced
	Preferences map[string]string // the scanner's own names: portscan_range, tcp_scanner, …
	Families    []PolicyFamily    // the plugins to enable; SC adds those they depend on
}

// PolicyFamily enables some plugins of a family.
type PolicyFamily struct {
	ID      ID
	Plugins []ID
}

// Validate names the field that SC would refuse, or that would make the scan worthless.
func (r PolicyRequest) Validate() error {
	switch {
	case r.Context != "" && r.Context != ContextScan:
		return invalid("context", fmt.Sprintf("%.40q is neither empty nor %q", r.Context, ContextScan))
	case r.Name == "" && r.Context != ContextScan:
		return invalid("name", "only a policy for one scan may go without a name")
	case r.TemplateID < 0:
		return invalid("policyTemplate", "the id must be above 0")
	case r.Context == ContextScan && len(r.Families) == 0:
		return invalid("families", "a policy for one scan needs the plugins to run")
	}
	if _, ok := r.Preferences[""]; ok {
		return invalid("preferences", "a preference without a name")
	}
	return r.validateFamilies()
}

func (r PolicyRequest) validateFamilies() error {
	seen := map[ID]bool{}
	for _, family := range r.Families {
		switch {
		case !family.ID.Valid():
			return invalid("families", fmt.Sprintf("%d is not the id of a family; compliance plugins (family 0) cannot be chosen", family.ID))
		case seen[family.ID]:
			return invalid("families", fmt.Sprintf("family %d is given twice; put its plugins together", family.ID))
		case slices.ContainsFunc(family.Plugins, func(id ID) bool { return !id.Valid() }):
			return invalid("families", fmt.Sprintf("family %d has a plugin whose id is not above 0", family.ID))
		}
		seen[family.ID] = true
	}
	return nil
}

type policyBody struct {
	newObject
	PolicyTemplate idNumber          `json:"policyTemplate"`
	AuditFiles     []int             `json:"auditFiles"`
	Preferences    map[string]string `json:"preferences"`
	Families       []familyBody      `json:"families"`
}

type familyBody struct {
	ID      string   `json:"id"`
	Plugins []idText `json:"plugins"`
}

// Body returns what CreatePolicy posts, for dry runs and evidence.
func (r PolicyRequest) Body() json.RawMessage { return bodyJSON(r.body()) }

func (r PolicyRequest) body() policyBody {
	body := policyBody{
		newObject:      newObject{Name: r.Name, Description: r.Description, Context: r.Context, Groups: []int{}},
		PolicyTemplate: idNumber{cmp.Or(r.TemplateID, TemplateAdvanced)}, AuditFiles: []int{}, Preferences: map[string]string{}, Families: []familyBody{},
	}
	maps.Copy(body.Preferences, r.Preferences)
	for _, family := range r.Families {
		body.Families = append(body.Families, familyBody{family.ID.String(), idTexts(family.Plugins)})
	}
	return body
}

// Policy says how a scan is made.
type Policy struct {
	asSent
	warned
	ID             ID                 `json:"id"`
	UUID           string             `json:"uuid,omitempty"`
	Name           string             `json:"name"`
	Description    string             `json:"description"`
	Tags           string             `json:"tags"`
	Context        string             `json:"context"`
	Status         Int                `json:"status"`
	CreatedTime    Time               `json:"createdTime"`
	ModifiedTime   Time               `json:"modifiedTime"`
	PolicyTemplate Ref                `json:"policyTemplate"`
	Preferences    Preferences        `json:"preferences,omitempty"`
	Families       List[PolicyMember] `json:"families,omitempty"`
	XCCDF          Bool               `json:"generateXCCDFResults"`
	CanUse         Bool               `json:"canUse"`
	CanManage      Bool               `json:"canManage"`
	Creator        Person             `json:"creator"`
	Owner          Person             `json:"owner"`
	OwnerGroup     Ref                `json:"ownerGroup"`
	TargetGroup    Ref                `json:"targetGroup"`
	Groups         List[Ref]          `json:"groups,omitempty"`
}

// UnmarshalJSON reads an object, an array of one, a bare id, or nothing.
func (p *Policy) UnmarshalJSON(data []byte) error {
	type plain Policy
	return nested(data, (*plain)(p), &p.ID)
}

// PolicyMember is a family that a policy enables, wholly or in part.
type PolicyMember struct {
	ID      ID        `json:"id"`
	Name    string    `json:"name"`
	Type    string    `json:"type,omitempty"`
	State   string    `json:"state,omitempty"` // enabled, mixed, …
	Count   Int       `json:"count"`
	Plugins List[Ref] `json:"plugins,omitempty"`
}

// Preferences are the scanner's options by its own names.
type Preferences map[string]string

// UnmarshalJSON reads an object, or the empty array that PHP makes of an empty one.
func (p *Preferences) UnmarshalJSON(data []byte) error {
	*p = nil
	var texts map[string]Text
	if err := nested(data, &texts, nil); err != nil || texts == nil {
		return err
	}
	*p = make(Preferences, len(texts))
	for name, value := range texts {
		(*p)[name] = string(value)
	}
	return nil
}

// CreatePolicy creates a policy (POST /rest/policy); the answer may carry little more than ID and name. When [FateUnknown] is true of its error,
// a policy may have been created.
func (c *Client) CreatePolicy(ctx context.Context, request PolicyRequest) (*Policy, error) {
	return create(ctx, c, post("create policy", "/policy", request.body()), request, func(p *Policy) bool { return p.ID.Valid() })
}

// Policy returns one policy, also one for one scan, without preferences and plugins (GET /rest/policy/{id}). Its error may be [IsNotFound].
func (c *Client) Policy(ctx context.Context, id ID) (*Policy, error) {
	return one[Policy](ctx, c, get("policy "+id.String(), "/policy/"+id.String(), policyFields...))
}

// Policies lists those the user can see (GET /rest/policy); the ones for one scan are not among them.
func (c *Client) Policies(ctx context.Context) ([]Policy, error) {
	return many[Policy](ctx, c, get("policies", "/policy", policyFields...))
}

var policyFields = []string{
	"id", "name", "description", "tags", "context", "status", "createdTime", "modifiedTime",
	"policyTemplate", "creator", "owner", "ownerGroup", "canUse", "canManage",
}

// DeletePolicy deletes a policy (DELETE /rest/policy/{id}). Its error is [IsNotFound] when it is gone already, and [FateUnknown] when it may be.
func (c *Client) DeletePolicy(ctx context.Context, id ID) error {
	return c.none(ctx, remove("delete policy "+id.String(), "/policy/"+id.String()))
}
