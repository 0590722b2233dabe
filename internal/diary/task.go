package diary

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"

	"dunwell/internal/day"
	"dunwell/internal/tenant"
)

// Agenda is an entry of the agenda, a kind of tasks only: what waits there is for
// now, and what was put away stands on the day on which it comes back.
const Agenda Kind = "agenda_entry"

// Task is one entry of a diary. Its day and hour are the tenant's wall clock.
type Task struct {
	Kind       Kind // FollowUp, Contact, Promise, Case or Agenda
	ID         int64
	CustomerID int64  // 0: who asks may not see the customer, and learns only of the hour
	Customer   string // its name
	On         day.Day
	At         string // HH:MM; empty: any time
	Text       string // what it is about; its beginning
	Version    int    // 0 for a promise, which is not moved
	MemberID   int64  // whose it is; 0: nobody's
	Ended      bool   // nothing is left to be done; only Find tells of such

	key int64 // of the row: a promise has several days
}

// Key tells a task from all others: "contact-42".
func (t Task) Key() string { return string(t.Kind) + "-" + strconv.FormatInt(t.key, 10) }

// ParseKey reads what Key wrote.
func ParseKey(s string) (kind Kind, key int64, ok bool) {
	name, number, _ := strings.Cut(s, "-")
	key, err := strconv.ParseInt(number, 10, 64)
	return Kind(name), key, err == nil && key > 0 && slices.Contains(kinds, Kind(name))
}

// Late tells that the day of a task is over. A promise is never late: one that was
// not kept becomes a follow-up.
func (t Task) Late(today day.Day) bool {
	return t.Kind != Promise && !t.On.IsZero() && t.On.Before(today)
}

// work is a query for the tasks of one kind, over the package whose work it is, of
// the columns id, due_on and due_at: all that are for @upto or before, which is
// @until, and yesterday at least. Promises and the agenda are never late: of them
// there are those from @from to @until.
//
// {is ... of ...} is the test of whose diary it is, as in branches.
type work struct {
	kind Kind
	sql  string
	// undated is sql for what has no day, where there is such. One query of both would
	// read the table besides the index.
	undated string
	// told reads what is shown of those of the branch that are {ids}: id, of which
	// customer, due_on, due_at, text, version, whose it is, and whether it has ended.
	told string
}

var works = []work{
	{FollowUp, `
		SELECT f.id, f.due_on, f.due_at
		FROM follow_ups f
		WHERE f.tenant_id = @tenant AND {is f.assignee_id of f.customer_id} AND NOT f.archived AND f.ended IS NULL AND f.due_on <= @upto`, "", `
		SELECT f.id, f.id, f.customer_id, f.due_on, f.due_at, left(f.text, 200), f.version, f.assignee_id, f.ended IS NOT NULL
		FROM follow_ups f
		WHERE f.tenant_id = @tenant AND f.id = ANY({ids}::bigint[])`},

	{Contact, `
		SELECT k.id, k.due_on, k.due_at
		FROM contacts k
		WHERE k.tenant_id = @tenant AND {is k.assignee_id of k.customer_id} AND NOT k.archived AND k.ended IS NULL AND k.due_on <= @upto`, `
		SELECT k.id, k.due_on, k.due_at
		FROM contacts k
		WHERE k.tenant_id = @tenant AND {is k.assignee_id of k.customer_id} AND NOT k.archived AND k.ended IS NULL AND k.due_on IS NULL`, `
		SELECT k.id, k.id, k.customer_id, k.due_on, k.due_at,
			left(coalesce((SELECT t.name FROM contact_types t WHERE t.tenant_id = @tenant AND t.id = k.next_type_id), k.type_name) || ': ' || k.description, 200), k.version, k.assignee_id, k.ended IS NOT NULL
		FROM contacts k
		WHERE k.tenant_id = @tenant AND k.id = ANY({ids}::bigint[])`},

	{Promise, `
		SELECT i.id, i.due_on, NULL::time(0)
		FROM instalments i
		WHERE i.tenant_id = @tenant AND {is i.assignee_id of i.customer_id} AND NOT i.archived AND i.state = 'open' AND i.due_on BETWEEN @from AND @until`, "", `
		SELECT i.id, i.promise_id, i.customer_id, i.due_on, NULL::time(0),
			(i.amount - i.received) || ' ' || (SELECT p.currency FROM promises p WHERE p.tenant_id = @tenant AND p.id = i.promise_id), 0, i.assignee_id, i.state <> 'open'
		FROM instalments i
		WHERE i.tenant_id = @tenant AND i.id = ANY({ids}::bigint[])`},

	{Case, `
		SELECT k.id, least(k.next_on, k.deadline_on), NULL::time(0)
		FROM cases k
		WHERE k.tenant_id = @tenant AND {is k.owner_id of k.customer_id} AND NOT k.archived AND k.open AND (k.next_on <= @upto OR k.deadline_on <= @upto)`, "", `
		SELECT k.id, k.id, k.customer_id, least(k.next_on, k.deadline_on), NULL::time(0), k.title, k.version, k.owner_id, NOT k.open
		FROM cases k
		WHERE k.tenant_id = @tenant AND k.id = ANY({ids}::bigint[])`},

	// What waits is for today, the first of it, as the agenda ranks it.
	{Agenda, `
		SELECT w.id, @today::date, NULL::time(0)
		FROM (
			SELECT e.id
			FROM agenda_entries e
			WHERE e.tenant_id = @tenant AND {owner} AND e.state = 'open' AND (e.later_on IS NULL OR e.later_on <= @today)
				AND @today::date BETWEEN @from::date AND @until::date
			ORDER BY {first}e.level_number DESC, e.due_on, e.id
			LIMIT @waiting) w
		UNION ALL
		SELECT e.id, e.later_on, NULL::time(0)
		FROM agenda_entries e
		WHERE e.tenant_id = @tenant AND {owner} AND e.state = 'open' AND e.later_on > @today AND e.later_on BETWEEN @from AND @until`, "", `
		SELECT e.id, e.id, e.customer_id, greatest(e.later_on, @today::date), NULL::time(0),
			CASE e.level_number WHEN 0 THEN 'Remind by hand' ELSE 'Level ' || e.level_number || coalesce(': ' || l.name, '') END, e.version, coalesce(e.owner_id, 0), e.state <> 'open'
		FROM agenda_entries e
		LEFT JOIN levels l ON l.tenant_id = @tenant AND l.id = e.level_id
		WHERE e.tenant_id = @tenant AND e.id = ANY({ids}::bigint[])`},
}

// AgendaShown is how many of the agenda's entries that wait stand in a diary.
const AgendaShown = 20

// tellSQL reads what is shown of tasks, of each kind those of an argument named after
// it, with the customers' names; those that have ended only where @ended says so.
var tellSQL = func() string {
	parts := make([]string, len(works))
	for i, w := range works {
		parts[i] = strings.ReplaceAll(fmt.Sprintf(`
		SELECT '%s' AS kind, w.*
		FROM (%s) w (key, id, customer_id, due_on, due_at, text, version, member_id, ended)`, w.kind, w.told), "{ids}", "@"+string(w.kind))
	}
	return `
	SELECT w.kind, w.key, w.id, w.customer_id, c.name, w.due_on, coalesce(to_char(w.due_at, 'HH24:MI'), ''), w.text, w.version, w.member_id, w.ended
	FROM (` + strings.Join(parts, "\n\t\tUNION ALL") + `) w
	JOIN customers c ON c.tenant_id = @tenant AND c.id = w.customer_id
	WHERE @ended OR NOT w.ended`
}()

// refs are tasks by the keys of their rows.
type refs map[Kind][]int64

func (r refs) arguments(tx *tenant.Tx) pgx.NamedArgs {
	args := pgx.NamedArgs{"tenant": tx.Actor.TenantID, "today": tx.Today(), "ended": false}
	for _, w := range works {
		args[string(w.kind)] = r[w.kind]
	}
	return args
}

func eachTask(rows pgx.Rows, f func(Task)) error {
	var t Task
	_, err := pgx.ForEachRow(rows, []any{&t.Kind, &t.key, &t.ID, &t.CustomerID, &t.Customer, &t.On, &t.At, &t.Text, &t.Version, &t.MemberID, &t.Ended}, func() error {
		if t.Kind == Promise {
			t.Text = amountOf(t.Text)
		}
		t.Text = strings.Join(strings.Fields(t.Text), " ")
		f(t)
		return nil
	})
	return err
}

// compare puts tasks in order: by day and hour, what has none after the others; then
// by kind.
func compare(a, b Task) int {
	return compareKeys(taskKey{a.Kind, a.On, a.At, a.key}, taskKey{b.Kind, b.On, b.At, b.key})
}

// compareKeys is compare of thousands: what is not needed is not looked at.
func compareKeys(a, b taskKey) int {
	if n := a.on.Sub(b.on); n != 0 {
		return n
	}
	if n := compareHours(a.at, b.at); n != 0 {
		return n
	}
	if a.kind != b.kind {
		return cmp.Compare(slices.Index(kinds, a.kind), slices.Index(kinds, b.kind))
	}
	return cmp.Compare(a.key, b.key)
}

func compareHours(a, b string) int {
	if (a == "") != (b == "") {
		return cmp.Compare(b, a)
	}
	return cmp.Compare(a, b)
}

var kinds = func() (list []Kind) {
	for _, w := range works {
		list = append(list, w.kind)
	}
	return list
}()
