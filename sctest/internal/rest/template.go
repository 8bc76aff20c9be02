package rest

// Policy templates. The simulator knows the advanced scan, the one that takes families.

import (
	"encoding/json"
	"strconv"
	"time"

	"patchproof/sctest/internal/dialect"
)

const (
	advancedScan  = 1
	advancedAgent = 25
	// lastTemplate is beyond any number that a real template has.
	lastTemplate = 100
)

// templateReference is the template as policies name it.
func templateReference() object {
	return object{
		"id": strconv.Itoa(advancedScan), "name": "Advanced Scan", "description": "Configure a scan without using any recommendations.",
	}
}

// templateTime is long before any scenario.
var templateTime = time.Date(2014, 7, 23, 0, 0, 0, 0, time.UTC)

func (c *call) templateObject() object {
	full := templateReference()
	for _, name := range []string{"createdTime", "modifiedTime", "templateModTime", "templatePubTime", "templateDefModTime"} {
		full[name] = c.epoch(templateTime)
	}
	full["editor"] = editor()
	return full
}

// editor is JSON within a text, and the credentials are JSON within that. Clients read the defaults of a new policy from it.
func editor() string {
	credentials := packed(object{"groups": []object{
		{"name": "Host", "credentials": []object{
			{"id": "Windows", "name": "Windows", "inputs": []object{input("entry", "username", ""), input("password", "password", "")}},
		}},
	}})
	return packed(object{
		"plugins": "true", "compliance": "true", "globalSettings": []any{}, "credentials": credentials,
		"sections": []object{
			{"id": "setup", "name": "Setup", "inputs": []object{input("entry", "name", "")}},
			{"id": "discovery", "name": "Discovery", "tabs": []object{
				{"id": "ports", "name": "Port Scanning", "inputs": []object{
					input("entry", "portscan_range", "default"), input("checkbox", "tcp_scanner", "no"),
					input("checkbox", "syn_scanner", "yes"), input("checkbox", "udp_scanner", "no"),
					input("radio", "syn_firewall_detection", "Automatic (normal)"),
				}},
				{"id": "hosts", "name": "Host Discovery", "inputs": []object{
					input("checkbox", "ping_the_remote_host", "yes"), input("checkbox", "log_live_hosts", "no"),
				}},
			}},
			{"id": "assessment", "name": "Assessment", "inputs": []object{
				input("checkbox", "thorough_tests", "no"), input("radio", "report_paranoia", "Normal"),
			}},
		},
	})
}

func input(kind, id, value string) object {
	return object{"type": kind, "id": id, "name": id, "default": value}
}

// packed writes JSON for use as a text.
func packed(value object) string {
	data, err := json.Marshal(value)
	if err != nil {
		// Made of maps, lists and strings, which cannot fail.
		return err.Error()
	}
	return string(data)
}

// templates are those that take families. Policies can only be made of the first: agents are not simulated.
func (c *call) templates() []object {
	agent := c.templateObject()
	agent["id"], agent["name"] = strconv.Itoa(advancedAgent), "Advanced Agent Scan"
	return []object{c.templateObject(), agent}
}

func (c *call) listTemplates() (any, error) {
	return c.projectAll(c.templates(), "id", "name", "description"), nil
}

func (c *call) getTemplate() (any, error) {
	if c.id != advancedAgent && c.id > advancedScan && c.id <= lastTemplate {
		return nil, dialect.NotSimulated("Policy Template #%d", c.id)
	}
	return c.find("Policy Template", c.templates())
}
