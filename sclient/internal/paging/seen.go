package paging

// A row moves by as many rows as SC imports between two pages; eight pages are more than it imports in that time.
const rememberedPages = 8

// seenRows remembers the rows of the latest pages by their hashes.
type seenRows struct {
	last  map[uint64]int // the number of the latest page with the row
	pages [][]uint64     // the rows of the pages remembered
	first int            // the number of the oldest of them
}

func (s *seenRows) has(row uint64) bool {
	_, known := s.last[row]
	return known
}

// add remembers the rows of a page and forgets those of the oldest one.
func (s *seenRows) add(rows []uint64) {
	if s.last == nil {
		s.last = make(map[uint64]int, len(rows))
	}
	number := s.first + len(s.pages)
	for _, row := range rows {
		s.last[row] = number
	}
	s.pages = append(s.pages, rows)
	if len(s.pages) <= rememberedPages {
		return
	}
	for _, row := range s.pages[0] {
		if s.last[row] == s.first {
			delete(s.last, row)
		}
	}
	s.pages = append(s.pages[:0], s.pages[1:]...)
	s.first++
}
