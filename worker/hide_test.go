package main

import (
	"errors"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/temporal"

	"patchproof/activities"
	"patchproof/sclient"
)

// A server that repeats our key in the place of data does not bring it into a history.
func TestSecretsAreHiddenFromTemporal(t *testing.T) {
	t.Parallel()
	access, secret := strings.Repeat("A1b2", 8), strings.Repeat("c3D4", 8)
	sc := &sclient.Client{URL: "https://sc.example.com", AccessKey: sclient.NewSecret(access), SecretKey: sclient.NewSecret(secret)}
	other := strings.Repeat("e5F6", 8)
	second := &sclient.Client{URL: "https://branch.example.com", AccessKey: sclient.NewSecret(other), SecretKey: sclient.NewSecret(other)}
	data, failures := hide(sc.Redaction(), second.Redaction())

	name := "<" + access + `\` + secret + other + "\n\">"
	payload, err := data.ToPayload(activities.Policy{ID: 7, Name: name})
	require.NoError(t, err)
	payloads, err := data.ToPayloads(name, 7)
	require.NoError(t, err)
	failure := failures.ErrorToFailure(temporal.NewNonRetryableApplicationError("plugin: "+name, "Invalid", errors.New(name), name))
	for _, told := range []string{payload.String(), payloads.String(), failure.String()} {
		require.NotContains(t, told, access)
		require.NotContains(t, told, secret)
		require.NotContains(t, told, other)
	}
	var read activities.Policy
	require.NoError(t, data.FromPayload(payload, &read))
	require.Equal(t, activities.Policy{ID: 7, Name: "<" + sclient.Hidden + sclient.Hidden + sclient.Hidden + "\n\">"}, read)
	var text string
	var number int
	require.NoError(t, data.FromPayloads(payloads, &text, &number))
	require.Equal(t, 7, number)

	plain, err := data.ToPayload(activities.Policy{ID: 7, Name: "<a>"})
	require.NoError(t, err)
	require.JSONEq(t, `{"id":7,"name":"<a>"}`, string(plain.GetData()))
}
