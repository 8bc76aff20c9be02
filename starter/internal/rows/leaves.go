package rows

// leaves visits every value of a row that is no object, by its path: severity.name. Arrays count as values.
func leaves(row []byte, visit func(path string, value []byte)) {
	if len(row) == 0 || row[0] != '{' {
		visit("value", row) // the rows of some tools are bare texts
		return
	}
	objectLeaves(row, "", visit)
}

// objectLeaves relies on the converter, which leaves no white space.
func objectLeaves(object []byte, prefix string, visit func(path string, value []byte)) {
	for i := 1; object[i] != '}'; {
		if object[i] == ',' {
			i++
		}
		end := stringEnd(object, i)
		path := unquote(object[i:end])
		if prefix != "" {
			path = prefix + path
		}
		i = end + 1
		end = valueEnd(object, i)
		if object[i] == '{' {
			objectLeaves(object[i:end], path+".", visit)
		} else {
			visit(path, object[i:end])
		}
		i = end
	}
}

// cellText is a value for people and spreadsheets: no quotes, and nothing for null.
func cellText(value []byte) string {
	switch {
	case len(value) == 0 || string(value) == "null":
		return ""
	case value[0] == '"':
		return unquote(value)
	}
	return string(value)
}
