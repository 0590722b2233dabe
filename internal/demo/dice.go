package demo

import (
	"math"
	"math/rand/v2"
	"strings"

	"dunwell/internal/day"
)

// dice are what chance is made with.
type dice struct{ r *rand.Rand }

// chance is true in so many of a hundred cases.
func (d *dice) chance(percent int) bool { return d.r.IntN(100) < percent }

// between is a whole number from a to b, both included.
func (d *dice) between(a, b int) int { return a + d.r.IntN(b-a+1) }

// around is an amount near the middle, seldom far above it: what many invoices
// of one trade look like.
func (d *dice) around(middle float64) float64 {
	return middle * math.Exp(0.7*d.r.NormFloat64())
}

// pattern replaces # by a digit and @ by a letter.
func (d *dice) pattern(p string) string {
	return strings.Map(func(r rune) rune {
		switch r {
		case '#':
			return '0' + d.r.Int32N(10)
		case '@':
			return 'A' + d.r.Int32N(26)
		}
		return r
	}, p)
}

func one[T any](d *dice, of []T) T { return of[d.r.IntN(len(of))] }

// weighed is a choice that comes as often as its share among all says.
type weighed[T any] struct {
	share int
	what  T
}

func pick[T any](d *dice, of []weighed[T]) T {
	sum := 0
	for _, w := range of {
		sum += w.share
	}
	n := d.r.IntN(sum)
	for _, w := range of {
		if n -= w.share; n < 0 {
			return w.what
		}
	}
	panic("shares that do not add up")
}

// workday is the day itself or the Monday after a weekend.
func workday(d day.Day) day.Day {
	for d.Weekend() {
		d = d.Add(1)
	}
	return d
}
