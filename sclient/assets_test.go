package sclient

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestAssets(t *testing.T) {
	t.Parallel()
	s := newStub(t, map[string]http.HandlerFunc{
		"GET /rest/asset": answers(`{"usable":[{"id":"24","ipCount":"-1"}]}`),
		"GET /rest/asset/24": answers(`{"id":"24","name":"Web","type":"static","typeFields":{"definedIPs":"10.0.0.5,10.0.0.8-10.0.0.9"},"ipCount":3,` +
			`"viewableIPs":[{"ipCount":"2","ipList":"10.0.1.1|web1.example.com\n10.0.1.2|\n","repository":{"id":"1"}}]}`),
		"POST /rest/asset":      answers(`{"id":"35","name":"n","typeFields":{"definedIPs":"10.0.0.1-10.0.0.2"},"ipCount":-1,"repositories":[{"ipCount":"-1","repository":{"id":"1"}}]}`),
		"DELETE /rest/asset/35": answers(`""`),
	})
	c, ctx := s.client(), t.Context()
	_, err := c.Assets(ctx, AssetFilter{})
	require.NoError(t, err)
	require.Equal(t, "fields=id%2Cowner%2Cgroups%2CownerGroup%2Cstatus%2Cname%2Ctype%2Ctemplate%2Cdescription%2CcreatedTime%2CmodifiedTime"+
		"%2CipCount%2Crepositories%2CtargetGroup%2Ctags%2Ccreator&filter=excludeAllDefined%2Cusable", s.last().query)
	_, err = c.Assets(ctx, AssetFilter{Filter: []string{}, Fields: []string{"name"}})
	require.NoError(t, err)
	require.Equal(t, "fields=id%2Cname", s.last().query)

	asset, err := c.Asset(ctx, 24)
	require.NoError(t, err)
	require.Equal(t, "10.0.0.5,10.0.0.8-10.0.0.9", asset.DefinedIPs().String())
	require.Equal(t, "10.0.0.5,10.0.0.8-10.0.0.9,10.0.1.1-10.0.1.2", asset.Addresses().String())

	created, err := c.CreateAsset(ctx, AssetRequest{Name: "n", DefinedIPs: []string{"10.0.0.2\n10.0.0.1"}})
	require.NoError(t, err)
	require.Equal(t, ID(35), created.ID)
	require.True(t, created.DefinedIPs().Equal(ParseAddresses("10.0.0.2,10.0.0.1")))
	require.JSONEq(t, `{"tags":"","name":"n","description":"","context":"","status":-1,"createdTime":0,"modifiedTime":0,"groups":[],
		"type":"static","definedIPs":"10.0.0.2,10.0.0.1"}`, s.last().body)
	require.NoError(t, c.DeleteAsset(ctx, 35))
}

func TestAssetValidate(t *testing.T) {
	t.Parallel()
	for _, request := range []AssetRequest{
		{DefinedIPs: []string{"10.0.0.1"}}, {Name: "n"}, {Name: "n", DefinedIPs: []string{"web1.example.com"}},
	} {
		_, err := newStub(t, nil).client().CreateAsset(t.Context(), request)
		require.True(t, IsInvalidRequest(err))
	}
}

func TestRepositories(t *testing.T) {
	t.Parallel()
	s := newStub(t, map[string]http.HandlerFunc{
		"GET /rest/repository":   answers(`[{"id":"1","type":"Local","dataFormat":"IPv4"},{"id":"2","type":"Local","dataFormat":"agent"},{"id":"3","type":"Remote"}]`),
		"GET /rest/repository/1": answers(`{"id":"1","type":"Local","dataFormat":"IPv4","typeFields":{"ipRange":"10.0.0.0/8","lastVulnUpdate":1550707449,"correlation":[]}}`),
		"GET /rest/zone":         answers(`[{"id":"1","name":"Inside","ipList":"10.0.0.0/8"}]`),
		"GET /rest/credential":   answers(`{"usable":[{"id":"4","name":"admin","type":"windows"}],"manageable":[]}`),
	})
	c, ctx := s.client(), t.Context()
	list, err := c.Repositories(ctx)
	require.NoError(t, err)
	require.Equal(t, []bool{true, false, false}, []bool{list[0].Scannable(), list[1].Scannable(), list[2].Scannable()})
	repository, err := c.Repository(ctx, 1)
	require.NoError(t, err)
	require.True(t, repository.IPRange().Contains(addr("10.9.9.9")))
	zones, err := c.Zones(ctx)
	require.NoError(t, err)
	require.True(t, zones[0].IPList.Contains(addr("10.0.0.1")))
	credentials, err := c.Credentials(ctx)
	require.NoError(t, err)
	require.Len(t, credentials, 1)
	credentials[0].asSent = asSent{}
	require.Equal(t, Credential{ID: 4, Name: "admin", Type: "windows"}, credentials[0])
}
