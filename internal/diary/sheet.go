package diary

import (
	"cmp"
	"context"
	"encoding/binary"
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
	Overdue     Window
	NoDate      Window
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
	keys  []taskKey
}

// Place is where a task stands. The hour is AnyTime where a day is not kept apart by
// its hours, or the task has none.
type Place struct {
	On   day.Day
	Hour int
}

// AnyTime is no hour of the day.
const AnyTime = -1

// Day is all that stands on a day, whatever its hour.
func (s Sheet) Day(on day.Day) (total int) {
	for place, list := range s.Cells {
		if place.On == on {
			total += list.Total
		}
	}
	return total
}

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
	sheetOfMember = sheetOver(`= @member`, `e.owner_id = @member`)
	sheetOfNobody = sheetOver(left, `(e.owner_id IS NULL OR e.owner_id `+left+`)`)
)

// left are those who do not work here any more.
const left = `= ANY(ARRAY(SELECT m.id FROM members m WHERE m.tenant_id = @tenant AND NOT m.active))`

func sheetOver(is, owner string) string {
	parts := make([]string, len(works))
	for i, w := range works {
		parts[i] = strings.NewReplacer("{kind}", "'"+string(w.kind)+"'", "{work}", w.sql).Replace(sheetSQL)
	}
	return strings.NewReplacer("{is}", is, "{owner}", owner).Replace(strings.Join(parts, "\n\tUNION ALL"))
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
	var k taskKey
	var packed []byte
	_, err := pgx.ForEachRow(rows, []any{&k.kind, &k.on, &k.at, &packed}, func() error {
		for id := range slices.Chunk(packed, 8) {
			k.key = int64(binary.BigEndian.Uint64(id))
			if k.on.IsZero() {
				s.NoDate.keys = append(s.NoDate.keys, k)
				continue
			}
			if k.task().Late(today) {
				s.Overdue.keys = append(s.Overdue.keys, k)
			}
			if !k.on.Before(l.From) && !k.on.After(l.Until) {
				list := s.cell(k, l.ByHour)
				list.keys = append(list.keys, k)
			}
		}
		return nil
	})
	return err
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
	for _, list := range s.Cells {
		list.show(l.Cell, r, at)
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

// show chooses the tasks of the window and says where each is to be written. A task
// may stand in two lists.
func (l *List) show(w Window, r refs, at map[taskKey][]*Task) {
	l.Total, l.first = len(l.keys), min(w.From, len(l.keys))
	slices.SortFunc(l.keys, compareKeys)
	shown := l.keys[l.first:min(l.first+w.Size, len(l.keys))]
	l.Tasks = make([]Task, len(shown))
	for i, k := range shown {
		l.Tasks[i] = k.task()
		one := taskKey{kind: k.kind, key: k.key}
		if at[one] == nil {
			r[k.kind] = append(r[k.kind], k.key)
		}
		at[one] = append(at[one], &l.Tasks[i])
	}
	l.keys = nil
}

// Rest is how many of the list come after those that are shown.
func (l List) Rest() int { return l.Total - l.first - len(l.Tasks) }

// Places lists where something stands, by day and hour, AnyTime first.
func (s Sheet) Places() []Place {
	list := make([]Place, 0, len(s.Cells))
	for p := range s.Cells {
		list = append(list, p)
	}
	slices.SortFunc(list, func(a, b Place) int { return cmp.Or(a.On.Sub(b.On), a.Hour-b.Hour) })
	return list
}
