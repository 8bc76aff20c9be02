package activities

// What the activities ask of Temporal itself.

import (
	"context"
	"time"
)

// Desk is what the activities ask of Temporal itself.
type Desk interface {
	// Held says who holds the launches of a Security Center back; nil: nobody does.
	Held(ctx context.Context, sc string) (*Hold, error)
}

// Hold keeps scans of a Security Center from being launched.
type Hold struct {
	By     string    `json:"by"`
	Reason string    `json:"reason"`
	Since  time.Time `json:"since"`
}
