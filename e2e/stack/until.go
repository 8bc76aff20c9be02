package stack

// Waiting for what must become true.

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// finalError ends polling: waiting longer does not help.
type finalError struct{ error }

func (e finalError) Unwrap() error { return e.error }

// Final marks an error that ends [Until] at once.
func Final(err error) error { return finalError{err} }

// Until tries again and again until it succeeds or the context ends; its error is then the last attempt's.
func Until(ctx context.Context, every time.Duration, try func() error) error {
	ticker := time.NewTicker(every)
	defer ticker.Stop()
	for {
		err := try()
		if err == nil {
			return nil
		}
		if final := (finalError{}); errors.As(err, &final) {
			return final.error
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("%w (%w)", err, context.Cause(ctx))
		case <-ticker.C:
		}
	}
}
