package main

// The Security Centers that this worker serves.

import (
	"log/slog"

	"patchproof/activities"
	"patchproof/config"
	"patchproof/sclient"
)

// sites gives what activities know of the configured Security Centers, and all secrets that must not reach Temporal.
func sites(scs []config.SC, logger *slog.Logger) (map[string]activities.Site, []*sclient.Redaction) {
	known := make(map[string]activities.Site, len(scs))
	var secrets []*sclient.Redaction
	for _, sc := range scs {
		for _, warning := range sc.Client.Warnings() {
			logger.Warn(warning, "sc", sc.Name)
		}
		for id, rules := range sc.Repositories {
			if !rules.Trusted.Empty() {
				logger.Warn("trustedAddresses are read but not applied by this version", "sc", sc.Name, "repository", id)
			}
		}
		known[sc.Name] = activities.Site{SecurityCenter: sc.Client, MaxScans: sc.MaxScans, Priority: sc.Priority, Repositories: sc.Repositories}
		secrets = append(secrets, sc.Client.Redaction())
	}
	return known, secrets
}
