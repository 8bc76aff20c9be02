// Package fastjson reads JSON texts of many rows in one pass, where encoding/json looks at each byte once for each layer of types with
// an UnmarshalJSON of their own. It is told which types it may fill, and how; it has no knowledge of what the rows mean.
//
// It is the short cut, not the rule: what it returns is what encoding/json would have returned, and wherever it is not sure it says false
// and leaves the decision to encoding/json, for one value or for the whole text.
package fastjson

import (
	"encoding/binary"
	"math/bits"
	"reflect"
	"slices"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

// Reader reads one text after the other. It must not be used by several goroutines at a time.
type Reader struct {
	data []byte
	pos  int

	strings sharedText
	types   map[reflect.Type]readFunc
	objects map[reflect.Type]bool
	spare   any // where to put the elements of the first list, of its own type
}

// NewReader makes a reader that knows the types, and all structs whose fields are of these types or of such structs.
func NewReader(types ...Type) *Reader {
	r := &Reader{types: map[reflect.Type]readFunc{}, objects: map[reflect.Type]bool{}}
	for _, t := range slices.Concat(types, []Type{Value((*Reader).Text)}) {
		if t.read != nil {
			r.types[t.of] = t.read
		} else {
			r.objects[t.of] = true
		}
	}
	return r
}

// Document reads a whole text into the pointer. The elements of the first list of spare's type are put into spare, behind what it holds. When
// Document returns false, the value is not to be used.
func (r *Reader) Document(data []byte, into, spare any) bool {
	r.data, r.pos, r.spare = data, 0, spare
	read := r.reader(reflect.TypeOf(into).Elem())
	ok := read != nil && read(r, into) && r.peek() == 0 && r.pos == len(data)
	r.strings.flush()
	r.data, r.spare = nil, nil
	return ok
}

// Deeper values are left to encoding/json, which has its own limit. Rows are three levels deep.
const maxDepth = 100

// peek returns the next byte that is no white space, without taking it; 0 at the end.
func (r *Reader) peek() byte {
	for ; r.pos < len(r.data); r.pos++ {
		if c := r.data[r.pos]; c > ' ' || (c != ' ' && c != '\n' && c != '\t' && c != '\r') {
			return c
		}
	}
	return 0
}

// take takes the byte if it comes next. Servers write no white space, so that there is rarely more to do than to compare.
func (r *Reader) take(c byte) bool {
	if r.pos < len(r.data) && r.data[r.pos] == c || r.peek() == c {
		r.pos++
		return true
	}
	return false
}

// quoted takes a string and returns it as it stands between its quotes; an odd one has escapes, or bytes beyond ASCII.
func (r *Reader) quoted() (text []byte, odd, ok bool) {
	if !r.take('"') {
		return nil, false, false
	}
	start := r.pos
	for i := start; ; {
		i = skipPlain(r.data, i)
		if i >= len(r.data) {
			return nil, odd, false
		}
		switch c := r.data[i]; {
		case c == '"':
			r.pos = i + 1
			return r.data[start:i], odd, true
		case c == '\\':
			length := escapeLength(r.data[i:])
			if length == 0 {
				return nil, odd, false
			}
			odd = true
			i += length
		case c < ' ':
			return nil, odd, false
		default:
			odd = true
			for i < len(r.data) && r.data[i] >= utf8.RuneSelf {
				i++
			}
		}
	}
}

// skipPlain returns the index of the first byte from i on that needs a look: a quote, a backslash, a control character or one
// beyond ASCII. It looks at eight bytes at a time, which is what makes long descriptions cheap.
func skipPlain(data []byte, i int) int {
	const (
		ones = 0x0101010101010101
		tops = 0x8080808080808080
	)
	for ; i+8 <= len(data); i += 8 {
		w := binary.LittleEndian.Uint64(data[i:])
		// The top bit of a byte is set in w beyond ASCII, and in the differences where the byte is below ' ', a quote or a
		// backslash. A borrow may set higher bytes too, but only above one that is set rightly, and the lowest one counts.
		odd := w | (w - ones*' ') | ((w ^ ones*'"') - ones) | ((w ^ ones*'\\') - ones)
		if odd &= tops; odd != 0 {
			return i + bits.TrailingZeros64(odd)/8
		}
	}
	for ; i < len(data); i++ {
		if c := data[i]; c < ' ' || c == '"' || c == '\\' || c >= utf8.RuneSelf {
			break
		}
	}
	return i
}

// escapeLength returns how long the escape at the beginning is, 0 if it is none.
func escapeLength(data []byte) int {
	if _, ok := hex4(data); ok {
		return 6 // half a character is an escape too
	}
	_, length := unescape(data)
	return length
}

// hex4 reads \uXXXX.
func hex4(data []byte) (rune, bool) {
	if len(data) < 6 || data[0] != '\\' || data[1] != 'u' {
		return 0, false
	}
	var r rune
	for _, c := range data[2:6] {
		digit := hexDigits[c]
		if digit == 0 {
			return 0, false
		}
		r = r<<4 | rune(digit-1)
	}
	return r, true
}

// hexDigits has the values of the digits, and one more: 0 is none.
var hexDigits = func() (values [256]byte) {
	for i, c := range "0123456789abcdef" {
		values[c], values[unicode.ToUpper(c)] = byte(i+1), byte(i+1)
	}
	return values
}()

// text takes a string and notes what it says for the place. It does not repair broken characters.
func (r *Reader) text(into *string) bool {
	if !r.take('"') {
		return false
	}
	text, wide := r.strings.text, false
	before := len(text)
	for i := r.pos; ; {
		plain := skipPlain(r.data, i)
		text = append(text, r.data[i:plain]...)
		if i = plain; i >= len(r.data) {
			return false
		}
		switch c := r.data[i]; {
		case c == '"':
			r.pos = i + 1
			if wide && !utf8.Valid(text[before:]) {
				return false
			}
			r.strings.add(into, text)
			return true
		case c == '\\':
			char, length := unescape(r.data[i:])
			if length == 0 {
				return false
			}
			text = utf8.AppendRune(text, char)
			i += length
		case c < ' ':
			return false
		default:
			wide = true
			for i = plain; i < len(r.data) && r.data[i] >= utf8.RuneSelf; i++ {
				text = append(text, r.data[i])
			}
		}
	}
}

// unescaped has what the short escapes stand for.
var unescaped = [256]byte{'"': '"', '\\': '\\', '/': '/', 'b': '\b', 'f': '\f', 'n': '\n', 'r': '\r', 't': '\t'}

// unescape returns the character that the escape at the beginning stands for, and the length of the escape; 0 if it is none,
// or half a character.
func unescape(data []byte) (rune, int) {
	if len(data) < 2 {
		return 0, 0
	}
	if c := unescaped[data[1]]; c != 0 {
		return rune(c), 2
	}
	r, ok := hex4(data)
	switch {
	case !ok:
		return 0, 0
	case !utf16.IsSurrogate(r):
		return r, 6
	}
	low, _ := hex4(data[6:])
	if r = utf16.DecodeRune(r, low); r == utf8.RuneError {
		return 0, 0
	}
	return r, 12
}

// word takes one of the bare words, or a number.
func (r *Reader) word() ([]byte, bool) {
	word := ""
	switch r.peek() {
	case 'n':
		word = "null"
	case 't':
		word = "true"
	case 'f':
		word = "false"
	}
	rest := r.data[r.pos:]
	length := len(word)
	if word == "" {
		length = numberLength(rest)
	} else if length > len(rest) || string(rest[:length]) != word {
		length = 0
	}
	r.pos += length
	return rest[:length], length > 0
}

// numberLength returns the length of the number at the beginning, 0 if there is none. What follows it is the caller's matter.
func numberLength(data []byte) int {
	at := func(i int) byte {
		if i < len(data) {
			return data[i]
		}
		return 0
	}
	end := 0
	if at(0) == '-' {
		end = 1
	}
	digits := digitsLength(data[end:])
	if digits == 0 || (digits > 1 && at(end) == '0') {
		return 0
	}
	end += digits
	if at(end) == '.' {
		digits = digitsLength(data[end+1:])
		if digits == 0 {
			return 0
		}
		end += 1 + digits
	}
	if at(end) == 'e' || at(end) == 'E' {
		end++
		if at(end) == '+' || at(end) == '-' {
			end++
		}
		digits = digitsLength(data[end:])
		if digits == 0 {
			return 0
		}
		end += digits
	}
	return end
}

func digitsLength(data []byte) int {
	for i, c := range data {
		if c < '0' || c > '9' {
			return i
		}
	}
	return len(data)
}

// Span takes a value of any kind and returns it as it stands, valid until the text is.
func (r *Reader) Span() ([]byte, bool) {
	r.peek()
	start := r.pos
	ok := r.skip(0)
	return r.data[start:r.pos], ok
}

func (r *Reader) skip(depth int) bool {
	var end byte
	switch r.peek() {
	case '"':
		_, _, ok := r.quoted()
		return ok
	case '{':
		end = '}'
	case '[':
		end = ']'
	default:
		_, ok := r.word()
		return ok
	}
	if depth >= maxDepth {
		return false
	}
	r.pos++
	if r.take(end) {
		return true
	}
	for {
		if end == '}' {
			if _, _, ok := r.quoted(); !ok || !r.take(':') {
				return false
			}
		}
		if !r.skip(depth + 1) {
			return false
		}
		if !r.take(',') {
			return r.take(end)
		}
	}
}
