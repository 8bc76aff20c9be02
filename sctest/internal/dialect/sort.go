package dialect

// The order of analysis rows.

import (
	"cmp"
	"net/netip"
	"slices"
	"strconv"
	"strings"
)

// Sort compares numbers as numbers and addresses as addresses; rows that are equal keep their order.
func Sort(rows []Object, by string, down bool) {
	if by == "" {
		return
	}
	slices.SortStableFunc(rows, func(a, b Object) int {
		order := Compare(a[by], b[by])
		if down {
			return -order
		}
		return order
	})
}

// Compare orders two values of a column.
func Compare(a, b any) int {
	left, right := SortKey(a), SortKey(b)
	if x, err := strconv.ParseFloat(left, 64); err == nil {
		if y, err := strconv.ParseFloat(right, 64); err == nil {
			return cmp.Compare(x, y)
		}
	}
	if x, err := netip.ParseAddr(left); err == nil {
		if y, err := netip.ParseAddr(right); err == nil {
			return x.Compare(y)
		}
	}
	return strings.Compare(left, right)
}

// SortKey is what a column is sorted by: objects by their ID.
func SortKey(value any) string {
	switch value := value.(type) {
	case string:
		return value
	case int:
		return strconv.Itoa(value)
	case Object:
		return SortKey(value["id"])
	}
	return ""
}
