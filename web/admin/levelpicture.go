package admin

import (
	"fmt"
	"strings"

	"dunwell/internal/dunning"
	"dunwell/internal/note"
	"dunwell/web/ui"
)

// mark is a level, or the due date, on the axis of days: places and widths in
// hundredths of the picture.
type mark struct {
	Level dunning.Level // the zero one is the due date
	Days  int
	At    float64
	Until float64 // where its deadline ends
}

// The axis begins and ends so far from the edges; neighbours stand so far apart,
// that their figures can be read.
const (
	axisFrom, axisTo = 5.0, 95.0
	apart            = 8.0
)

// marksOf places the levels on the axis by their days, pushed apart where they
// would stand on each other.
func marksOf(list []dunning.Level) []mark {
	marks := make([]mark, 0, len(list)+1)
	due := false
	for _, l := range list {
		if !due && l.AfterDays > 0 {
			due, marks = true, append(marks, mark{})
		}
		due = due || l.AfterDays == 0
		marks = append(marks, mark{Level: l, Days: l.AfterDays})
	}
	if !due {
		marks = append(marks, mark{})
	}
	last := marks[len(marks)-1]
	from, to := marks[0].Days, max(last.Days+last.Level.PayWithinDays, marks[0].Days+1)
	scale := (axisTo - axisFrom) / float64(to-from)
	gap := min(apart, (axisTo-axisFrom)/float64(len(marks)))
	for i := range marks {
		marks[i].At = axisFrom + scale*float64(marks[i].Days-from)
		if i > 0 {
			marks[i].At = max(marks[i].At, marks[i-1].At+gap)
		}
	}
	end := axisTo
	for i := len(marks) - 1; i >= 0; i-- {
		marks[i].At = min(marks[i].At, end)
		marks[i].Until = min(marks[i].At+scale*float64(marks[i].Level.PayWithinDays), axisTo)
		if i < len(marks)-1 {
			marks[i].Until = min(marks[i].Until, marks[i+1].At)
		}
		end = marks[i].At - gap
	}
	return marks
}

func percent(at float64) string { return fmt.Sprintf("%.2f%%", at) }

func (m mark) width() string { return percent(max(m.Until-m.At, 0)) }

// height is where the name stands: in two rows, so that neighbours have room.
func (m mark) height() string {
	if m.Level.Number%2 == 0 {
		return "34"
	}
	return "16"
}

// short is a name that has room above the axis.
func short(name string) string {
	return note.Cut(name, 22, "…")
}

// said is the picture in words.
func pictureWords(list []dunning.Level) string {
	var parts []string
	for _, l := range list {
		parts = append(parts, fmt.Sprintf("%d %s at %s", l.Number, l.Name, dayWords(l.AfterDays)))
	}
	return "Levels by days: " + strings.Join(parts, ", ")
}

// dayWords says when a level opens: "5 days late", "3 days before due".
func dayWords(n int) string {
	switch {
	case n < 0:
		return ui.Count(-n, "day", "days") + " before due"
	case n == 0:
		return "the due date"
	}
	return ui.Count(n, "day", "days") + " late"
}
