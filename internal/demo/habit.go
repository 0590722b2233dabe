package demo

import (
	"dunwell/internal/day"
	"dunwell/internal/ledger"
)

// habit is how somebody pays.
type habit string

const (
	prompt   habit = "prompt"   // around the due date
	ahead    habit = "ahead"    // early, and now and then too much
	late     habit = "late"     // a week or three late, always
	slow     habit = "slow"     // one to three months late, always
	parts    habit = "parts"    // a part at first, the rest later or not
	disputes habit = "disputes" // late, and finds fault with some
	broken   habit = "broken"   // paid, then stopped
	never    habit = "never"    // new, and has not paid yet
)

var (
	businessHabits = []weighed[habit]{{36, prompt}, {6, ahead}, {26, late}, {12, slow}, {7, parts}, {6, disputes}, {5, broken}, {2, never}}
	consumerHabits = []weighed[habit]{{52, prompt}, {4, ahead}, {18, late}, {9, slow}, {7, parts}, {8, broken}, {2, never}}
)

// manner is a habit made exact for one customer.
type manner struct {
	habit
	late    int     // days after the due date that are usual
	stopped day.Day // the day of the last payment, where it is broken
	run     bool    // pays only with the payment runs of the 10th and the 25th
}

func (m *maker) manner() manner {
	w := manner{habit: m.habit}
	switch m.habit {
	case late, disputes:
		w.late = m.between(6, 22)
	case slow:
		w.late = m.between(27, 75)
		if !m.c.Business {
			w.late = m.between(26, 34) // one instalment behind
		}
	case broken:
		w.late, w.stopped = m.between(0, 12), m.today.Add(-m.between(50, 260))
	}
	w.run = w.late > 0 && m.c.Business && m.chance(60)
	return w
}

// day is when the bank sees money that is sent on the day at the earliest.
func (w manner) day(on day.Day) day.Day {
	if w.run {
		for _, _, dom := on.Date(); dom != 10 && dom != 25; _, _, dom = on.Date() {
			on = on.Add(1)
		}
	}
	return workday(on)
}

// part is a share, in percent, of what is still owed, paid on a day.
type part struct {
	on    day.Day
	share int
}

// pays says when and in which parts an item is paid, whatever today is.
func (m *maker) pays(w manner, it *Item) []part {
	switch w.habit {
	case prompt:
		return []part{{it.DueOn.Add(m.between(-4, 3)), 100}}
	case ahead:
		return []part{{it.DueOn.Add(m.between(-12, -3)), 100}}
	case parts:
		ps := []part{{it.DueOn.Add(m.between(0, 12)), m.between(30, 75)}}
		if m.chance(70) {
			ps = append(ps, part{it.DueOn.Add(m.between(30, 85)), 100})
		}
		return ps
	case disputes:
		return m.finds(w, it)
	case broken:
		on := it.DueOn.Add(w.late + m.between(-3, 5))
		if on.After(w.stopped) {
			return nil
		}
		return []part{{on, 100}}
	case never:
		return nil
	}
	return []part{{it.DueOn.Add(w.late + m.between(-4, 6)), 100}}
}

// finds fault with one invoice in three: half of those are settled within months
// and paid then, the others stay disputed.
func (m *maker) finds(w manner, it *Item) []part {
	on := it.DueOn.Add(w.late + m.between(-4, 6))
	if !m.chance(33) {
		return []part{{on, 100}}
	}
	on = on.Add(m.between(40, 90))
	if m.chance(55) && on.Before(m.today) {
		it.Family = ledger.DisputeResolved
		return []part{{on, 100}}
	}
	it.Family = ledger.Disputed
	return nil
}
