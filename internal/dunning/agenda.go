package dunning

import (
	"time"

	"github.com/jackc/pgx/v5"

	"dunwell/internal/contactrule"
	"dunwell/internal/customer"
	"dunwell/internal/day"
	"dunwell/internal/ledger"
	"dunwell/internal/message"
	"dunwell/internal/tenant"
)

// Agenda is a page of the entries that a filter chooses, and how many there are.
type Agenda struct {
	On  bool      // the company duns; else nobody is added
	Run RunRecord // the last one; zero: none was made
	// Missing is what keeps levels that send by themselves, where there are such.
	Missing Missing
	// Today is what these levels did today, for who works many at once.
	Today ByThemselves
	Rows  []Row
	Next  Key // zero: this is the last page
	Counts

	ways []ActionKind // that levels go which send by themselves
}

// Row is an entry with what one has to know to work it from the list.
type Row struct {
	Entry
	Owner    string // empty: nobody, or it is the agenda of one member
	Manual   bool   // the customer comes up on a chosen day only
	First    Task   // what its level has to be done first
	Acted    bool   // something was done about it
	Reminded bool   // and some of it counts, so that it can be said to be done
	Pending  bool   // some of it is still on its way
	Did      ActionKind
	// DidState is how far the message of Did, what was done last, has got; empty: it is none.
	DidState message.State
	Figures  []ledger.Figure
	Said     *Said // nil: nobody has written anything yet
	// Point is what the first step goes by, nil for a letter, what is done by hand,
	// and where no number or address is known.
	Point *customer.ContactPoint
	// May says whether the first step may be done now; nil: that is not asked.
	May *contactrule.Ruling
}

// Task is what is to be done at a level.
type Task struct {
	Kind ActionKind // empty: the level has nothing to be done
	Text string     // of ByHand: what
	Mode LevelMode  // of the level
}

// Said is the newest contact with a customer.
type Said struct {
	At   time.Time
	Kind string // of its note
}

// QueueAgenda asks in a batch for a page of what the filter chooses, with the counters
// of its owner. It is two round trips, however much there is.
func QueueAgenda(b *tenant.Batch, f Filter, into *Agenda) error {
	if !f.CanSee(b.Tx.Actor) {
		return ErrOthersAgenda
	}
	b.PlanOnce()
	page := f
	page.Limit++ // one more tells whether there is another page
	chosen, err := page.chosen()
	if err != nil {
		return err
	}
	// On one's own agenda nobody's name stands.
	owner, owners := `''`, ``
	if f.Whose != Mine {
		owner, owners = `coalesce(u.name, '')`, `
		LEFT JOIN members m ON m.tenant_id = @tenant AND m.id = e.owner_id
		LEFT JOIN users u ON u.id = m.user_id`
	}
	b.Queue("list agenda entries", `
		SELECT `+entryColumns+`, `+owner+` AS owner, c.reminder_mode = 'manual' AS manual,
			c.kind, c.country, c.region, c.time_zone, c.archived_at, c.merged_into,
			EXISTS (SELECT FROM agenda_actions x WHERE x.tenant_id = @tenant AND x.entry_id = e.id) AS acted
		FROM (`+chosen+`) k
		CROSS JOIN `+entrySource+owners+`
		WHERE e.tenant_id = @tenant AND e.id = k.id
		ORDER BY k.nth`, page.args(b.Tx), func(rows pgx.Rows) (err error) {
		list, err := pgx.CollectRows(rows, pgx.RowToStructByName[listed])
		if err != nil || len(list) == 0 {
			return err
		}
		more := len(list) > f.Limit
		list = list[:min(len(list), f.Limit)]
		into.Rows = make([]Row, len(list))
		whom := make([]customer.Customer, len(list))
		for i, l := range list {
			into.Rows[i] = Row{Entry: l.Entry, Owner: l.Owner, Manual: l.Manual, Acted: l.Acted}
			whom[i] = customer.Customer{ID: l.CustomerID, Name: l.Name, Kind: l.Kind, Country: l.Country, Region: l.Region, TimeZone: l.TimeZone, ArchivedAt: l.ArchivedAt, MergedInto: l.MergedInto}
		}
		if more {
			into.Next = into.Rows[f.Limit-1].key()
		}
		queueRows(b, into.Rows, whom)
		return nil
	})
	f.queueCounts(b, &into.Counts)
	into.queueRun(b)
	queueByThemselves(b, &into.Today)
	return nil
}

// queueRun asks whether the company duns, for its last run, and whether anything is
// sent by itself.
func (a *Agenda) queueRun(b *tenant.Batch) {
	b.Queue("find the last run", `
		SELECT t.dunning_on, r.as_of, r.at, coalesce(r.items_examined, 0), coalesce(r.took_ms, 0), t.payments_waived_on,
			EXISTS (
				SELECT FROM levels l
				JOIN policies p ON p.tenant_id = @tenant AND p.id = l.policy_id AND p.retired_at IS NULL
				WHERE l.tenant_id = @tenant AND l.mode = 'automatic' AND l.retired_at IS NULL),
			`+automaticWays+`
		FROM tenants t
		LEFT JOIN LATERAL (
			SELECT r.as_of, r.at, r.items_examined, r.took_ms
			FROM dunning_runs r
			WHERE r.tenant_id = @tenant
			ORDER BY r.as_of DESC, r.id DESC
			LIMIT 1) r ON true
		WHERE t.id = @tenant`, pgx.NamedArgs{"tenant": b.Tx.Actor.TenantID}, func(rows pgx.Rows) error {
		var at *time.Time
		var waived day.Day
		var automatic bool
		_, err := pgx.ForEachRow(rows, []any{&a.On, &a.Run.AsOf, &at, &a.Run.Items, &a.Run.TookMS, &waived, &automatic, &a.ways}, func() error {
			if at != nil {
				a.Run.At = *at
			}
			if b.Tx.Actor.Limited { // they are the company's
				a.Run.Items, a.Run.TookMS = 0, 0
			}
			if a.On && automatic {
				a.Missing = missing(b.Tx.Actor.Tenant)
				a.Missing.Waived = a.Missing.Have != "" && waived == b.Tx.Today()
			}
			return nil
		})
		return err
	})
}

// listed is a row as it is read, with what the rules of contact ask of the customer.
type listed struct {
	Entry
	Owner                     string
	Manual, Acted             bool
	Kind                      customer.Kind
	Country, Region, TimeZone string
	ArchivedAt                *time.Time
	MergedInto                *int64
}

func (r Row) key() Key {
	return Key{Level: r.Level, DueOn: r.DueOn, Currency: r.Currency, Amount: r.ToCollect, ID: r.ID}
}

// queueRows asks for what stands beside the entries of a page.
func queueRows(b *tenant.Batch, list []Row, whom []customer.Customer) {
	customers, at, acted := make([]int64, len(list)), make(map[int64]*Row, len(list)), []int64{}
	for i := range list {
		r := &list[i]
		customers[i], at[r.CustomerID] = r.CustomerID, r
		if r.Acted {
			acted = append(acted, r.ID)
		}
	}
	var figures map[int64][]ledger.Figure
	var cares map[int64]customer.Care
	var may map[int64]contactrule.Rulings
	ledger.QueueFigures(b, customers, &figures)
	queueSaid(b, customers, at)
	customer.QueueCares(b, customers, &cares)
	contactrule.QueueKnown(b, whom, &cares, &may)
	if len(acted) > 0 {
		queueActed(b, acted, at)
	}
	var tasks map[int64]Task
	queueTasks(b, &tasks)
	b.Lastly(func() {
		for i := range list {
			r := &list[i]
			r.Figures, r.First = figures[r.CustomerID], tasks[r.LevelID]
			r.Point, r.May = r.First.Kind.Ruling(cares[r.CustomerID], may[r.CustomerID])
		}
	})
}

// Ruling is what the action goes by, and whether it may be done now.
func (k ActionKind) Ruling(care customer.Care, may contactrule.Rulings) (*customer.ContactPoint, *contactrule.Ruling) {
	channel, point := k.Channel(), (*customer.ContactPoint)(nil)
	switch k {
	case ByLetter:
		r := may.For(0, channel)
		return nil, &r
	case ByEmail:
		point = care.First(customer.Email)
	case ByCall, BySMS:
		point = care.First(customer.Phone)
	}
	if point == nil {
		return nil, nil
	}
	r := may.For(point.ID, channel)
	return point, &r
}

// Channel is the way that the action goes, empty for what is done by hand.
func (k ActionKind) Channel() customer.Channel {
	switch k {
	case ByLetter:
		return customer.Letter
	case ByEmail:
		return customer.Mail
	case BySMS:
		return customer.SMS
	case ByCall:
		return customer.Call
	}
	return ""
}

// queueTasks asks what is done first at each level; there are few.
func queueTasks(b *tenant.Batch, into *map[int64]Task) {
	b.Queue("list what levels have to be done first", `
		SELECT DISTINCT ON (l.id) l.id, coalesce(a.kind, '') AS kind, coalesce(a.text, '') AS text, l.mode
		FROM levels l
		LEFT JOIN level_actions a ON a.tenant_id = @tenant AND a.level_id = l.id
		WHERE l.tenant_id = @tenant
		ORDER BY l.id, a.position, a.id`, pgx.NamedArgs{"tenant": b.Tx.Actor.TenantID}, func(rows pgx.Rows) error {
		*into = map[int64]Task{}
		var id int64
		var t Task
		_, err := pgx.ForEachRow(rows, []any{&id, &t.Kind, &t.Text, &t.Mode}, func() error {
			(*into)[id] = t
			return nil
		})
		return err
	})
}

// queueSaid asks for the newest contact with each of the customers.
func queueSaid(b *tenant.Batch, customers []int64, at map[int64]*Row) {
	b.Queue("find the last contacts", `
		SELECT s.id, l.at, l.kind
		FROM unnest(@customers::bigint[]) s (id)
		CROSS JOIN LATERAL (`+customer.LastContact(`s.id`)+`) l`, pgx.NamedArgs{"tenant": b.Tx.Actor.TenantID, "customers": customers}, func(rows pgx.Rows) error {
		var of int64
		var s Said
		_, err := pgx.ForEachRow(rows, []any{&of, &s.At, &s.Kind}, func() error {
			said := s
			at[of].Said = &said
			return nil
		})
		return err
	})
}

// queueActed asks what came of the actions of those entries that have some.
func queueActed(b *tenant.Batch, entries []int64, at map[int64]*Row) {
	b.Queue("read what was done", `
		SELECT a.customer_id, bool_or(a.message_id IS NULL OR m.state IN ('sent', 'delivered')), coalesce(bool_or(m.state IN ('queued', 'sending')), false),
			(array_agg(a.kind ORDER BY a.id DESC))[1], (array_agg(coalesce(m.state, '') ORDER BY a.id DESC))[1]
		FROM agenda_actions a
		LEFT JOIN messages m ON m.tenant_id = @tenant AND m.id = a.message_id
		WHERE a.tenant_id = @tenant AND a.entry_id = ANY(@entries)
		GROUP BY a.customer_id`, pgx.NamedArgs{"tenant": b.Tx.Actor.TenantID, "entries": entries}, func(rows pgx.Rows) error {
		var of int64
		var counts, pending bool
		var did ActionKind
		var state message.State
		_, err := pgx.ForEachRow(rows, []any{&of, &counts, &pending, &did, &state}, func() error {
			at[of].Reminded, at[of].Pending, at[of].Did, at[of].DidState = counts, pending, did, state
			return nil
		})
		return err
	})
}
