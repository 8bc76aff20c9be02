package fastjson

// sharedText collects the strings of a row, which then share one allocation: forty small ones cost more than the decoding.
// A row that is kept therefore keeps its own text alive, and no other row's.
type sharedText struct {
	text    []byte
	pieces  []piece
	flushes int
}

// piece is a string that ends at an offset of the text and begins where the one before it ends.
type piece struct {
	into *string
	end  int
}

// add notes a string, the last part of the text so far; flush delivers it.
func (t *sharedText) add(into *string, text []byte) {
	t.text = text
	t.pieces = append(t.pieces, piece{into, len(text)})
}

// flush must come before the places that were given to add move, or are of no interest any more.
func (t *sharedText) flush() {
	text := string(t.text)
	start := 0
	for _, c := range t.pieces {
		*c.into = text[start:c.end]
		start = c.end
	}
	t.text, t.pieces = t.text[:0], t.pieces[:0]
	t.flushes++
}

// textMark is a state of the text to which it can be set back.
type textMark struct{ text, pieces, flushes int }

func (t *sharedText) mark() textMark { return textMark{len(t.text), len(t.pieces), t.flushes} }

// forget drops what was added since the mark. What was there before it has been delivered if there was a flush between.
func (t *sharedText) forget(m textMark) {
	if t.flushes != m.flushes {
		m = textMark{}
	}
	t.text, t.pieces = t.text[:m.text], t.pieces[:m.pieces]
}
