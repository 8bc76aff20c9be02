package rows

// Rows as one JSON array, or one per line.

import "io"

// jsonWriter writes one JSON array, a row per line, or the lines only. The rows are made right where they are written from.
type jsonWriter struct {
	converter
	w     io.Writer
	array bool
	piece int
	begun bool
}

func (j *jsonWriter) row(raw []byte) error {
	switch {
	case j.begun && j.array:
		j.out = append(j.out, ",\n"...)
	case j.array:
		j.out = append(j.out, "[\n"...)
	}
	j.begun = true
	j.append(raw)
	if !j.array {
		j.out = append(j.out, '\n')
	}
	if len(j.out) < j.piece {
		return nil
	}
	return j.flush()
}

func (j *jsonWriter) flush() error {
	_, err := j.w.Write(j.out)
	j.out = j.out[:0]
	return err
}

func (j *jsonWriter) end() error {
	switch {
	case j.array && j.begun:
		j.out = append(j.out, "\n]\n"...)
	case j.array:
		j.out = append(j.out, "[]\n"...)
	}
	return j.flush()
}
