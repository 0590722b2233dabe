package turns

import (
	"slices"
	"sync"
)

// attempted are the things that failed in a pass, so that another hand does not try them
// at once.
type attempted struct {
	mu     sync.Mutex
	things []int64
}

func (s *attempted) add(thing int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !slices.Contains(s.things, thing) {
		s.things = append(s.things, thing)
	}
}

func (s *attempted) list() []int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]int64{}, s.things...) // none is an empty list to the database
}
