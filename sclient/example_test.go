package sclient_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"

	"patchproof/sclient"
)

// A stand-in for Security Center, so that the examples run.
func exampleServer(response string) *httptest.Server {
	return httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, `{"type":"regular","response":`+response+`,"error_code":0,"error_msg":"","timestamp":1700000000}`)
	}))
}

func Example() {
	server := exampleServer(`{"totalRecords":"1","results":[{"pluginID":"97833","ip":"10.0.0.5","port":"445","protocol":"TCP","lastSeen":"1700000000"}]}`)
	defer server.Close()

	client := &sclient.Client{
		URL:       server.URL, // https://sc.example.com
		AccessKey: sclient.NewSecret("0123456789abcdef0123456789abcdef"),
		SecretKey: sclient.NewSecret("fedcba9876543210fedcba9876543210"),
	}
	query := sclient.VulnQuery{Filters: []sclient.Filter{
		sclient.FilterPlugin(97833),
		sclient.FilterRepository(1),
		sclient.FilterLastSeen(sclient.Days(0, 7)),
	}}
	for vuln, err := range client.Vulns(context.Background(), query) {
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(vuln.IP, vuln.Port, vuln.LastSeen.Format("2006-01-02"))
	}
	// Output: 10.0.0.5 445 2023-11-14
}

func ExampleScanRequest_Validate() {
	request := sclient.ScanRequest{Name: "check", RepositoryID: 1, PolicyID: 1000007, PluginID: 97833, IPList: []string{"10.0.0.300"}}
	fmt.Println(request.Validate())
	// Output: ipList: "10.0.0.300" is not an address, CIDR, range or DNS name
}

func ExampleParseAddresses() {
	fmt.Println(sclient.ParseAddresses("10.0.0.8-10.0.0.9,10.0.0.5,web1.example.com,10.0.0.10"))
	// Output: 10.0.0.5,10.0.0.8-10.0.0.10,web1.example.com
}

func ExampleClient_RawPages() {
	server := exampleServer(`{"totalRecords":"1","results":[{"pluginID":"97833","aNewColumn":"of a newer server"}]}`)
	defer server.Close()
	client := &sclient.Client{URL: server.URL, AccessKey: sclient.NewSecret("0123456789abcdef0123456789abcdef"), SecretKey: sclient.NewSecret("fedcba9876543210fedcba9876543210")}

	for page, err := range client.RawPages(context.Background(), sclient.VulnQuery{}) {
		if err != nil {
			fmt.Println(err)
			return
		}
		for _, row := range page.Rows {
			fmt.Printf("of %d: %s\n", page.Total, row.RawMessage)
		}
	}
	// Output: of 1: {"pluginID":"97833","aNewColumn":"of a newer server"}
}
