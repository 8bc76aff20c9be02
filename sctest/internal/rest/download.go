package rest

// Results as files, and their second import.

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"net/http"
	"strconv"
	"strings"

	"patchproof/sctest/internal/dialect"
	"patchproof/sctest/internal/network"
	"patchproof/sctest/internal/wire"
)

// The elements of a result's file that the simulator writes; scanners write more.
type (
	reportFile struct {
		XMLName xml.Name `xml:"NessusClientData_v2"`
		Report  report   `xml:"Report"`
	}
	report struct {
		Name  string       `xml:"name,attr"`
		Hosts []reportHost `xml:"ReportHost"`
	}
	reportHost struct {
		Name  string       `xml:"name,attr"`
		Items []reportItem `xml:"ReportItem"`
	}
	reportItem struct {
		Port     int    `xml:"port,attr"`
		Protocol string `xml:"protocol,attr"`
		Severity int    `xml:"severity,attr"`
		Plugin   int    `xml:"pluginID,attr"`
		Name     string `xml:"pluginName,attr"`
		Family   string `xml:"pluginFamily,attr"`
		Output   string `xml:"plugin_output"`
	}
)

// downloadResult answers a zip archive of one file, in the only format that has one here.
func (c *call) downloadResult() (any, error) {
	r, err := c.findResult()
	if err != nil {
		return nil, err
	}
	kind := c.input.Choice("downloadType", "v2", "scap1_2", "oval", "diagnostic")
	if c.input.Err() != nil {
		return nil, c.input.Err()
	}
	if kind != "v2" {
		return nil, dialect.NotSimulated("downloads of type %s", kind)
	}
	if !r.At(c.now).Over || !r.Imports() {
		return nil, dialect.Refuse("Scan Result #%d can not be downloaded.\n", r.ID)
	}
	file, err := c.archive(r)
	if err != nil {
		return nil, err
	}
	a := wire.New(http.StatusOK, "application/octet-stream", file)
	a.Header.Set("Content-Disposition", "attachment; filename=\"scan_"+strconv.Itoa(r.ID)+".zip\"")
	return a, nil
}

func (c *call) archive(r *network.Run) ([]byte, error) {
	content := reportFile{Report: report{Name: r.Name}}
	hosts := map[string]int{}
	for _, row := range r.Seen() {
		p := c.Network.Catalog.Plugins[row.Plugin]
		name := row.Addr.String()
		i, known := hosts[name]
		if !known {
			i = len(content.Report.Hosts)
			hosts[name] = i
			content.Report.Hosts = append(content.Report.Hosts, reportHost{Name: name})
		}
		content.Report.Hosts[i].Items = append(content.Report.Hosts[i].Items, reportItem{
			Port: row.Port, Protocol: strings.ToLower(row.Protocol), Severity: p.Severity, Plugin: p.ID, Name: p.Name,
			Family: c.Network.Catalog.Families[p.Family].Name, Output: row.Text,
		})
	}
	var file bytes.Buffer
	packer := zip.NewWriter(&file)
	inside, err := packer.Create("report.nessus")
	if err != nil {
		return nil, err
	}
	if err := xml.NewEncoder(inside).Encode(content); err != nil {
		return nil, err
	}
	if err := packer.Close(); err != nil {
		return nil, err
	}
	return file.Bytes(), nil
}

// importResult imports a result once more, as for one whose import has failed.
func (c *call) importResult() (any, error) {
	r, err := c.findResult()
	if err != nil {
		return nil, err
	}
	if !r.At(c.now).Over || !r.Imports() {
		return nil, dialect.Refuse("Scan Result #%d can not be imported.\n", r.ID)
	}
	c.Network.ImportAgain(r, c.now)
	return "", nil
}
