package memo_test

import (
	"sync"
	"testing"

	"dunwell/internal/memo"
)

func TestOf(t *testing.T) {
	t.Parallel()
	asked := 0
	double := memo.Of(2, func(n int) int { asked++; return 2 * n })
	for _, c := range []struct{ n, asked int }{{4, 1}, {4, 1}, {5, 2}, {4, 2}, {6, 3}, {6, 3}, {4, 4}} {
		if got := double(c.n); got != 2*c.n || asked != c.asked {
			t.Errorf("double %d is %d after %d questions, want %d after %d", c.n, got, asked, 2*c.n, c.asked)
		}
	}
}

func TestOfManyAtOnce(t *testing.T) {
	t.Parallel()
	double := memo.Of(3, func(n int) int { return 2 * n })
	var all sync.WaitGroup
	for i := range 8 {
		all.Go(func() {
			for n := range 100 {
				if got := double(n + i); got != 2*(n+i) {
					t.Errorf("double %d is %d", n+i, got)
				}
			}
		})
	}
	all.Wait()
}
