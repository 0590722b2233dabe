package diary

import (
	"cmp"
	"context"
	"slices"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"

	"dunwell/internal/day"
	"dunwell/internal/dunning"
	"dunwell/internal/tenant"
)

// Look says what of a diary is looked at.
type Look struct {
	Member      int64 // or NoOwner
	From, Until day.Day
	ByHour      bool   // what is of a day is kept apart by its hours
	Cell        Window // of a day, or of one of its hours
	// Most is how many are shown of all cells together, as far as fewer of each can
	// bring it there; each shows one at least. 0: no matter.
	Most    int
	Overdue Window
	NoDate  Window
}

// Window is a part of a list: Size of it after the first From.
type Window struct{ From, Size int }

// Sheet is a part of a diary by its entries, not by customers as Day has it.
type Sheet struct {
	Overdue List // whatever the days looked at, where they are none of the past too
	NoDate  List
	Cells   map[Place]*List
	Off     tenant.DaysOff
	// Waiting is how many wait in the agenda; the first AgendaShown of them stand on
	// today.
	Waiting dunning.Count
}

// List is how many tasks there are, and those of the Window.
type List struct {
	Total int
	Tasks []Task
	first int // the place of the first of the Tasks
	runs  []run
}

// Place is where a task stands. The hour is AnyTime where a day is not kept apart by
// its hours, or the task has none.
type Place struct {
	On   day.Day
	Hour int
}

// AnyTime is no hour of the day.
const AnyTime = -1

// run is the tasks of one kind, day and hour. There may be thousands, of which a few
// are shown: their keys stay as they came until then.
type run struct {
	taskKey        // of all but the key
	packed  []byte // the keys, as int8send made them
}

func (r run) size() int { return len(r.packed) / 8 }

// keys are those of the run, in order.
func (r run) keys() []int64 { return slices.Sorted(ids(r.packed)) }

// taskKey is a task as far as its place goes.
type taskKey struct {
	kind Kind
	on   day.Day
	at   string
	key  int64
}

func (k taskKey) task() Task { return Task{Kind: k.kind, On: k.on, At: k.at, key: k.key} }

// sheetSQL reads the tasks of a branch by day and hour. There may be thousands, so
// nothing else is read of them, and nothing is sorted.
const sheetSQL = `
	SELECT {kind} AS kind, w.due_on, coalesce(to_char(w.due_at, 'HH24:MI'), ''), string_agg(int8send(w.id), NULL)
	FROM ({work}) w (id, due_on, due_at)
	GROUP BY w.due_on, w.due_at`

var (
	sheetOfMember = sheetOver(isMember, dunning.Owned, `e.owner_id, `)
	sheetOfNobody = sheetOver(isNobody, `(e.owner_id IS NULL OR e.owner_id `+left+`)`, ``)
)

// left are those who do not work here any more; the agenda goes by the owners alone.
const left = `= ANY(ARRAY(SELECT m.id FROM members m WHERE m.tenant_id = @tenant AND NOT m.active))`

func sheetOver(is, owner, first string) string {
	var parts []string
	for _, w := range works {
		for _, sql := range []string{w.sql, w.undated} {
			if sql != "" {
				parts = append(parts, strings.NewReplacer("{kind}", "'"+string(w.kind)+"'", "{work}", sql).Replace(sheetSQL))
			}
		}
	}
	return whose(strings.NewReplacer("{owner}", owner, "{first}", first).Replace(strings.Join(parts, "\n\tUNION ALL")), is)
}

// ReadSheet reads what is looked at. It is a fixed number of queries in two round
// trips, however much there is to do.
func ReadSheet(ctx context.Context, tx *tenant.Tx, l Look) (s Sheet, err error) {
	b := tx.Batch()
	if err := QueueSheet(ctx, b, l, &s); err != nil {
		return s, err
	}
	err = b.Send(ctx)
	return s, err
}

// QueueSheet is ReadSheet in a batch.
func QueueSheet(ctx context.Context, b *tenant.Batch, l Look, into *Sheet) error {
	if err := May(ctx, b.Tx, l.Member); err != nil {
		return err
	}
	into.Cells = map[Place]*List{}
	sql := sheetOfMember
	if l.Member == NoOwner {
		sql = sheetOfNobody
	}
	b.PlanOnce()
	tenant.QueueDaysOff(b, l.From, l.Until, &into.Off)
	dunning.QueueWaiting(b, l.Member, &into.Waiting)
	b.Queue("read the diary", sql, sheetArguments(b.Tx, l.Member, l.From, l.Until), func(rows pgx.Rows) error {
		if err := into.place(rows, l, b.Tx.Today()); err != nil {
			return err
		}
		into.queueTasks(b, l)
		return nil
	})
	return nil
}

func sheetArguments(tx *tenant.Tx, member int64, from, until day.Day) pgx.NamedArgs {
	upto := until
	if yesterday := tx.Today().Add(-1); upto.Before(yesterday) {
		upto = yesterday
	}
	return pgx.NamedArgs{"tenant": tx.Actor.TenantID, "today": tx.Today(), "member": member, "from": from, "until": until, "upto": upto, "waiting": AgendaShown}
}

// place puts what was read where it belongs. Whatever the days are that are looked
// at, what is late is counted; it stands on its own day besides.
func (s *Sheet) place(rows pgx.Rows, l Look, today day.Day) error {
	var r run
	_, err := pgx.ForEachRow(rows, []any{&r.kind, &r.on, &r.at, &r.packed}, func() error {
		if r.on.IsZero() {
			s.NoDate.add(r)
			return nil
		}
		if r.task().Late(today) {
			s.Overdue.add(r)
		}
		if !r.on.Before(l.From) && !r.on.After(l.Until) {
			s.cell(r.taskKey, l.ByHour).add(r)
		}
		return nil
	})
	return err
}

func (l *List) add(r run) {
	l.runs = append(l.runs, r)
	l.Total += r.size()
}

func (s *Sheet) cell(k taskKey, byHour bool) *List {
	at := Place{k.on, AnyTime}
	if hour, err := strconv.Atoi(k.at[:min(2, len(k.at))]); byHour && err == nil {
		at.Hour = hour
	}
	if s.Cells[at] == nil {
		s.Cells[at] = &List{}
	}
	return s.Cells[at]
}

// queueTasks asks for what is shown of the tasks within their windows.
func (s *Sheet) queueTasks(b *tenant.Batch, l Look) {
	r, at := refs{}, map[taskKey][]*Task{}
	s.Overdue.show(l.Overdue, r, at)
	s.NoDate.show(l.NoDate, r, at)
	cell := s.fold(l.Cell, l.Most)
	for _, list := range s.Cells {
		list.show(cell, r, at)
	}
	if len(r) == 0 {
		return
	}
	b.Queue("read the entries of the diary", tellSQL, r.arguments(b.Tx), func(rows pgx.Rows) error {
		defer s.sweep()
		return eachTask(rows, func(t Task) {
			for _, place := range at[taskKey{kind: t.Kind, key: t.key}] {
				*place = t
			}
		})
	})
}

// sweep leaves out what was ended between the two questions.
func (s *Sheet) sweep() {
	gone := func(t Task) bool { return t.CustomerID == 0 }
	s.Overdue.Tasks, s.NoDate.Tasks = slices.DeleteFunc(s.Overdue.Tasks, gone), slices.DeleteFunc(s.NoDate.Tasks, gone)
	for _, list := range s.Cells {
		list.Tasks = slices.DeleteFunc(list.Tasks, gone)
	}
}

// fold makes the window of a cell so small that no more are shown than asked for.
func (s *Sheet) fold(w Window, most int) Window {
	for ; most > 0 && w.Size > 1; w.Size-- {
		shown := 0
		for _, list := range s.Cells {
			shown += min(list.Total, w.Size)
		}
		if shown <= most {
			break
		}
	}
	return w
}

// show chooses the tasks of the window and says where each is to be written. A task
// may stand in two lists.
func (l *List) show(w Window, r refs, at map[taskKey][]*Task) {
	shown := l.choose(w)
	l.Tasks = make([]Task, len(shown))
	for i, k := range shown {
		l.Tasks[i] = k.task()
		one := taskKey{kind: k.kind, key: k.key}
		if at[one] == nil {
			r[k.kind] = append(r[k.kind], k.key)
		}
		at[one] = append(at[one], &l.Tasks[i])
	}
	l.runs = nil
}

// choose is what is in the window.
func (l *List) choose(w Window) (shown []taskKey) {
	l.first = min(w.From, l.Total)
	slices.SortFunc(l.runs, func(a, b run) int { return compareKeys(a.taskKey, b.taskKey) })
	skip := l.first
	for _, r := range l.runs {
		if n := r.size(); skip >= n {
			skip -= n
			continue
		}
		if len(shown) == w.Size {
			break
		}
		keys := r.keys()[skip:]
		for _, r.key = range keys[:min(w.Size-len(shown), len(keys))] {
			shown = append(shown, r.taskKey)
		}
		skip = 0
	}
	return shown
}

// Rest is how many of the list come after those that are shown.
func (l *List) Rest() int { return l.Total - l.first - len(l.Tasks) }

// Places lists where something stands, by day and hour, AnyTime first.
func (s Sheet) Places() []Place {
	list := make([]Place, 0, len(s.Cells))
	for p := range s.Cells {
		list = append(list, p)
	}
	slices.SortFunc(list, func(a, b Place) int { return cmp.Or(a.On.Sub(b.On), a.Hour-b.Hour) })
	return list
}
