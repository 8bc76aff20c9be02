package sclient

import (
	"encoding/json"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"
)

// warns is a success as SC writes it when something beside it went wrong: status 200, error_code 0 and a sentence.
func warns(response, message string) http.HandlerFunc {
	text, _ := json.Marshal(message)
	return raw(200, "application/json", `{"type":"regular","response":`+response+
		`,"error_code":0,"error_msg":`+string(text)+`,"warnings":[],"timestamp":1700000000}`+"\n")
}

// A scan that was made and whose e-mail failed runs: taken for a refusal, it would be launched twice or stopped.
func TestSuccessWithASentence(t *testing.T) {
	t.Parallel()
	const sentence = "Scan launch email failed.\nError sending email.\n"
	s := newStub(t, map[string]http.HandlerFunc{
		"POST /rest/scan":           warns(`{"id":"69","scanResultID":"170"}`, sentence+testSecret),
		"POST /rest/policy":         warns(`{"id":1000044}`, sentence),
		"POST /rest/asset":          warns(`{"id":"35"}`, sentence),
		"POST /rest/scan/69/launch": warns(`{"scanID":"69","scanResult":{"id":"170"}}`, sentence),
	})
	c, ctx := s.client(), t.Context()
	const want = "Scan launch email failed. Error sending email."
	scan, err := c.CreateScan(ctx, validScan())
	require.NoError(t, err)
	require.EqualValues(t, 170, scan.ScanResultID)
	require.Equal(t, want+" [hidden]", scan.Warning)

	policy, err := c.CreatePolicy(ctx, validPolicy())
	require.NoError(t, err)
	require.EqualValues(t, 1000044, policy.ID)
	require.Equal(t, want, policy.Warning)

	asset, err := c.CreateAsset(ctx, AssetRequest{Name: "web", DefinedIPs: []string{"10.0.0.5"}})
	require.NoError(t, err)
	require.Equal(t, want, asset.Warning)

	launch, err := c.LaunchScan(ctx, 69)
	require.NoError(t, err)
	require.EqualValues(t, 170, launch.ScanResult.ID)
	require.Equal(t, want, launch.Warning)
}

// Without the id nobody can tell whether something was made: look before it is asked for again.
func TestSentenceWithoutAnID(t *testing.T) {
	t.Parallel()
	for _, response := range []string{`""`, `[]`, `{}`, `null`, `{"id":-1}`} {
		s := newStub(t, map[string]http.HandlerFunc{"*": warns(response, "email failed\n")})
		c, ctx := s.client(), t.Context()
		_, ofScan := c.CreateScan(ctx, validScan())
		_, ofPolicy := c.CreatePolicy(ctx, validPolicy())
		_, ofLaunch := c.LaunchScan(ctx, 69)
		for _, err := range []error{ofScan, ofPolicy, ofLaunch, c.StopScanResult(ctx, 170), c.DeletePolicy(ctx, 1000044)} {
			require.Equal(t, "transient fate", predicates(err), response)
			require.ErrorContains(t, err, "email failed", response)
		}
	}
}

// One odd answer to a question is no answer, whatever it says: the next one may be a proper one.
func TestSentenceOnARead(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"Error sending email.", "Scan #3 does not exist", "no permission", "API keys are disabled"} {
		s := newStub(t, map[string]http.HandlerFunc{"*": warns(`{"id":"1"}`, text)})
		c, ctx := s.client(), t.Context()
		_, err := c.ScanResult(ctx, 1)
		require.Equal(t, "transient", predicates(err), text)
		require.ErrorContains(t, err, text)
		_, err = c.Policies(ctx)
		require.Equal(t, "transient", predicates(err), text)
		_, err = first(c.Vulns(ctx, VulnQuery{}))
		require.Equal(t, "transient", predicates(err), text)
	}
}

func validPolicy() PolicyRequest {
	return PolicyRequest{Context: ContextScan, Families: []PolicyFamily{{20, []ID{97833}}}}
}
