// Package bounds looks whether an answer is small enough to be decoded. A few bytes of JSON become a row of a kilobyte, and a few kilobytes of
// gzip become gigabytes of JSON: a limit of bytes alone does not bound what an answer costs.
package bounds

import (
	"bytes"
	"fmt"
)

// maxDepth: Security Center's answers are about ten levels deep. Decoders call themselves once for each level.
const maxDepth = 64

// Limits are what one answer may hold.
type Limits struct {
	// Bytes of the text, after it was decompressed.
	Bytes int
	// Values are all elements of lists and members of objects together, at any depth.
	Values int
	// Width is how many elements or members a single list or object may have.
	Width int
	// Items is how many elements the list that the answer is about may have: one that is at most in an object in the envelope.
	Items int
}

// itemDepth is that of {"response":{"results":[.
const itemDepth = 3

// level is a list or object that is open, how many elements it has so far, and how many it may have.
type level struct{ width, most int }

// Check walks over a text once and allocates nothing. What is not even JSON is left to the decoder: it notices before it allocates more than
// the text's own length.
func (l Limits) Check(text []byte) error { //nolint:gocognit // one loop over megabytes is twice as fast as calls
	if len(text) > l.Bytes {
		return fmt.Errorf("longer than %d bytes", l.Bytes)
	}
	var levels [maxDepth + 1]level
	depth, values := 0, 0
	for i := 0; i < len(text); i++ {
		switch c := text[i]; c {
		case '"':
			if i = stringEnd(text, i+1); i < 0 {
				return nil
			}
		case '{', '[':
			if depth++; depth > maxDepth {
				return fmt.Errorf("deeper than %d levels", maxDepth)
			}
			levels[depth] = level{1, l.Width}
			if c == '[' && depth <= itemDepth {
				levels[depth].most = l.Items
			}
			values++
		case '}', ']':
			if depth--; depth < 0 {
				return nil
			}
		case ',':
			values++
			here := &levels[depth]
			if here.width++; here.width > here.most && depth > 0 {
				return fmt.Errorf("a list or object of more than %d elements", here.most)
			}
		}
		if values > l.Values {
			return fmt.Errorf("more than %d values", l.Values)
		}
	}
	return nil
}

// stringEnd returns where the closing quote is, -1 if there is none.
func stringEnd(text []byte, i int) int {
	for {
		n := bytes.IndexByte(text[i:], '"')
		if n < 0 {
			return -1
		}
		i += n
		escapes := 0
		for text[i-1-escapes] == '\\' {
			escapes++
		}
		if escapes%2 == 0 {
			return i
		}
		i++
	}
}
