package main

// Rows like real ones.

import (
	"fmt"
	"math/rand/v2"
	"strings"
)

// So many plugins share the rows, as in a scan of many hosts that are alike.
const plugins = 400

// table holds a row for each plugin with gaps for what differs between the hosts. Filling a gap must be cheap: on a small machine
// the server takes time from the reader that is measured.
type table struct{ templates []template }

type template struct {
	text []byte
	gaps []gap
}

// gap is a place for some of the digits of the host's number.
type gap struct{ at, from, to int }

const (
	// Six digits number a million hosts.
	numberGap = "######"
	// The same six digits in an address.
	addressGap = "10.1@@.1@@.1@@"
)

func newTable() *table {
	t := &table{}
	words := rand.New(rand.NewPCG(1, 2)) //nolint:gosec // G404: text that is the same in each run, not a secret
	for i := range plugins {
		text := row(words, i)
		t.templates = append(t.templates, template{[]byte(text), gaps(text)})
	}
	return t
}

func gaps(text string) []gap {
	var found []gap
	for at := range text {
		switch {
		case strings.HasPrefix(text[at:], numberGap):
			found = append(found, gap{at, 0, 6})
		case strings.HasPrefix(text[at:], addressGap):
			found = append(found, gap{at + 4, 0, 2}, gap{at + 8, 2, 4}, gap{at + 12, 4, 6})
		}
	}
	return found
}

func (t *table) appendRows(page []byte, start, end int) []byte {
	for i := start; i < end; i++ {
		if i > start {
			page = append(page, ',')
		}
		at := len(page)
		row := t.templates[i%plugins]
		page = append(page, row.text...)
		digits := [6]byte{}
		for n, d := i, len(digits)-1; d >= 0; n, d = n/10, d-1 {
			digits[d] = byte('0' + n%10)
		}
		for _, gap := range row.gaps {
			copy(page[at+gap.at:], digits[gap.from:gap.to])
		}
	}
	return page
}

// sentence invents text of about the length; some of it has the characters that JSON must escape, or accents.
func sentence(r *rand.Rand, length int) string {
	parts := strings.Fields("the remote host is affected by a vulnerability in library versions prior to update service which allows an unauthenticated " +
		"attacker to execute arbitrary code via specially crafted request upgrade apply relevant patch vendor advisory registry key")
	var text strings.Builder
	for text.Len() < length {
		text.WriteString(parts[r.IntN(len(parts))])
		switch r.IntN(25) {
		case 0:
			text.WriteString(`.\n\n`)
		case 1:
			text.WriteString(` \"quoted\" `)
		case 2:
			text.WriteString(`, C:\\Windows\\System32 `)
		case 3:
			text.WriteString(" – naïve ")
		default:
			text.WriteString(" ")
		}
	}
	return text.String()
}

func row(r *rand.Rand, plugin int) string {
	id := 10_000 + plugin*37
	year := 2000 + plugin%26
	var b strings.Builder
	add := func(format string, args ...any) { fmt.Fprintf(&b, format, args...) }
	add(`{"pluginID":"%d","severity":{"id":"%d","name":"%s","description":"%[3]s Severity"},`, id, plugin%5,
		[]string{"Info", "Low", "Medium", "High", "Critical"}[plugin%5])
	add(`"hasBeenMitigated":"0","acceptRisk":"0","recastRisk":"0","ip":"`+addressGap+`","uuid":"","port":"%d",`, plugin*7%1024)
	add(`"protocol":"TCP","pluginName":"%s","firstSeen":"1545074182","lastSeen":"1700000000","exploitAvailable":"%s","exploitEase":"%s",`,
		strings.TrimSpace(sentence(r, 60)), []string{"Yes", "No"}[plugin%2], []string{"Exploits are available", ""}[plugin%2])
	add(`"exploitFrameworks":"","synopsis":"%s","description":"%s",`, sentence(r, 90), sentence(r, 340))
	add(`"solution":"%s","seeAlso":"https:\/\/www.example.com\/advisory\/%d\nhttps:\/\/nvd.example.com\/%d",`, sentence(r, 100), id, id)
	add(`"riskFactor":"High","stigSeverity":"","vprScore":"6.7","vprContext":"[{\"id\":\"age_of_vuln\",\"name\":\"Vulnerability Age\",\"type\":\"string\",\"value\":\"> 1 year\"}]",`)
	add(`"baseScore":"7.5","temporalScore":"5.5","cvssVector":"AV:N\/AC:L\/Au:N\/C:P\/I:P\/A:P\/E:U\/RL:OF\/RC:C","cvssV3BaseScore":"9.8","cvssV3TemporalScore":"8.5",`)
	add(`"cvssV3Vector":"AV:N\/AC:L\/PR:N\/UI:N\/S:U\/C:H\/I:H\/A:H\/E:U\/RL:O\/RC:C","cpe":"cpe:\/a:example:library:%d","vulnPubDate":"1489500000",`, plugin)
	add(`"patchPubDate":"-1","pluginPubDate":"1489600000","pluginModDate":"1689600000","seolDate":"-1","checkType":"remote","version":"1.%d",`, plugin)
	add(`"cve":"CVE-%d-%04d,CVE-%[1]d-%04[3]d","bid":"%d","xref":"IAVA:%[1]d-A-0065,EDB-ID:41891",`, year, 1000+plugin, 2000+plugin, 9000+plugin)
	add(`"pluginText":"<plugin_output>\n%s\n  Host : host-`+numberGap+`\n<\/plugin_output>","dnsName":"host-`+numberGap+`.lan.example.com",`, sentence(r, 150))
	add(`"macAddress":"00:50:56:b3:72:2d","netbiosName":"LAN\\HOST-` + numberGap + `","uniqueness":"repositoryID,ip,dnsName","family":{"id":"20","name":"Windows","type":"active"},`)
	add(`"repository":{"id":"1","name":"Default","description":"","dataFormat":"IPv4"},"pluginInfo":"%d (445\/6) Example","ips":"`+addressGap+`",`, id)
	add(`"acceptRiskRuleComment":"","recastRiskRuleComment":"","hostUniqueness":"repositoryID,ip,dnsName","hostUUID":"",`)
	add(`"vulnUniqueness":"repositoryID,ip,port,protocol,pluginID","vulnUUID":""}`)
	return b.String()
}
