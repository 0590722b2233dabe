package dunning_test

import (
	"slices"
	"testing"

	"github.com/jackc/pgx/v5"

	"dunwell/internal/day"
	"dunwell/internal/money"
)

// What the statement of the evaluation does, once more in plain Go, slowly: a loop
// over customers and their items, from the tables alone.

type modelItem struct {
	ID, CustomerID, AccountID int64
	Number, Family            string
	IssuedOn, DueOn           day.Day
	Currency                  money.Currency
	Amount                    int64
	PausedUntil               day.Day
	ReachedDays               *int
	RemindedOn, PayBy         day.Day
	Still                     int64 // promised of it
	AccountHeld               bool  // a consumer's promise holds the whole account
}

type modelCustomer struct {
	ID                          int64
	Number, Kind                string
	Tags                        []string
	PolicyID                    *int64
	Manual                      bool
	NextOn, LastOn, PausedUntil day.Day
	Archived, Stopped           bool
	PromiseEnds                 day.Day // the first day after the grace of the first open instalment
	items                       []modelItem
	credits                     []modelMoney
}

// modelMoney is money of an account, in or out, that counts from a day on.
type modelMoney struct {
	Item, CustomerID, AccountID int64
	Currency                    money.Currency
	Amount                      int64
	On, ReturnedOn              day.Day
}

type modelPolicy struct {
	ID         int64
	Highest    bool
	Default    bool
	Gap        int
	RepeatDays *int
	levels     []modelLevel
	minimums   map[money.Currency]int64
}

type modelLevel struct {
	PolicyID          int64
	AfterDays, WaitOf int
}

type modelRule struct {
	PolicyID int64
	Kind     *string
	Tag      *string
	Currency *money.Currency
	From     *int64
}

type model struct {
	customers    []*modelCustomer
	policies     []*modelPolicy
	rules        []modelRule
	applications []modelMoney
	today        day.Day // of the totals, which rules go by
}

// modelVerdict is what the evaluation is compared in.
type modelVerdict struct {
	Customer, Code string
	Opens          bool
	Level, Items   int
	Item           string
	ComesOn        day.Day
	Amounts        []money.Amount
}

func all[T any](t testing.TB, conn *pgx.Conn, sql string) []T {
	t.Helper()
	rows, _ := conn.Query(t.Context(), sql)
	list, err := pgx.CollectRows(rows, pgx.RowToStructByPos[T])
	if err != nil {
		t.Fatal(err)
	}
	return list
}

// readModel reads the tables past row security.
func readModel(t testing.TB, conn *pgx.Conn, today day.Day) *model {
	t.Helper()
	m := &model{today: today}
	by := map[int64]*modelCustomer{}
	rows, _ := conn.Query(t.Context(), `
		SELECT c.id, c.number, c.kind, c.tags, c.policy_id, c.reminder_mode = 'manual', c.next_reminder_on, c.last_reminded_on, c.dunning_paused_until,
			c.archived_at IS NOT NULL, EXISTS (SELECT FROM stops s WHERE s.customer_id = c.id AND s.lifted_at IS NULL),
			(SELECT min(i.grace_on) + 1 FROM instalments i WHERE i.customer_id = c.id AND i.state = 'open')
		FROM customers c
		ORDER BY c.number`)
	for rows.Next() {
		c := &modelCustomer{}
		if err := rows.Scan(&c.ID, &c.Number, &c.Kind, &c.Tags, &c.PolicyID, &c.Manual, &c.NextOn, &c.LastOn, &c.PausedUntil, &c.Archived, &c.Stopped, &c.PromiseEnds); err != nil {
			t.Fatal(err)
		}
		m.customers, by[c.ID] = append(m.customers, c), c
	}
	for _, i := range all[modelItem](t, conn, `
		SELECT i.id, i.customer_id, i.account_id, i.number, s.family, i.issued_on, i.due_on, i.currency, i.amount, i.paused_until, i.reached_days, i.reminded_on, i.pay_by,
			coalesce((SELECT n.still FROM promise_items n WHERE n.item_id = i.id AND n.open AND NOT n.passed_on), 0),
			EXISTS (SELECT FROM promises p WHERE p.account_id = i.account_id AND p.holds_account)
		FROM items i
		JOIN item_statuses s ON s.id = i.status_id`) {
		by[i.CustomerID].items = append(by[i.CustomerID].items, i)
	}
	m.applications = all[modelMoney](t, conn, `SELECT item_id, 0::bigint, 0::bigint, currency, amount, value_on, NULL::date FROM applications`)
	for _, p := range all[modelMoney](t, conn, `SELECT 0::bigint, customer_id, account_id, currency, amount, value_on, returned_on FROM payments
		UNION ALL SELECT 0, p.customer_id, p.account_id, p.currency, -a.amount, a.value_on, p.returned_on FROM applications a JOIN payments p ON p.id = a.payment_id`) {
		by[p.CustomerID].credits = append(by[p.CustomerID].credits, p)
	}
	m.readPolicies(t, conn)
	return m
}

func (m *model) readPolicies(t testing.TB, conn *pgx.Conn) {
	t.Helper()
	rows, _ := conn.Query(t.Context(), `SELECT id, climb = 'highest', is_default, min_gap_days, repeat_days FROM policies`)
	by := map[int64]*modelPolicy{}
	for rows.Next() {
		p := &modelPolicy{minimums: map[money.Currency]int64{}}
		if err := rows.Scan(&p.ID, &p.Highest, &p.Default, &p.Gap, &p.RepeatDays); err != nil {
			t.Fatal(err)
		}
		m.policies, by[p.ID] = append(m.policies, p), p
	}
	for _, l := range all[modelLevel](t, conn, `SELECT policy_id, after_days, wait_days FROM levels WHERE retired_at IS NULL ORDER BY after_days`) {
		by[l.PolicyID].levels = append(by[l.PolicyID].levels, l)
	}
	for _, n := range all[struct {
		Policy   int64
		Currency money.Currency
		Amount   int64
	}](t, conn, `SELECT policy_id, currency, amount FROM policy_minimums`) {
		by[n.Policy].minimums[n.Currency] = n.Amount
	}
	m.rules = all[modelRule](t, conn, `SELECT policy_id, kind, tag, currency, open_from FROM policy_rules ORDER BY position, id`)
}

// open is what is open of the item as of the day.
func (m *model) open(i modelItem, on day.Day) int64 {
	if i.IssuedOn.After(on) {
		return 0
	}
	left := i.Amount
	for _, a := range m.applications {
		if a.Item == i.ID && !a.On.After(on) {
			left -= a.Amount
		}
	}
	return left
}

func (m *model) held(c *modelCustomer, i modelItem, on day.Day) string {
	switch {
	case i.Family == "dispute" || i.Family == "litigation":
		return "disputed"
	case !i.PausedUntil.IsZero() && !i.PausedUntil.Before(on), !c.PausedUntil.IsZero() && !c.PausedUntil.Before(on):
		return "paused"
	case c.Stopped || c.Archived:
		return "stopped"
	case i.AccountHeld || i.Still > 0 && i.Still >= m.open(i, on):
		return "promised"
	}
	return "free"
}

func (m *model) policyOf(c *modelCustomer) *modelPolicy {
	find := func(id int64) *modelPolicy {
		return m.policies[slices.IndexFunc(m.policies, func(p *modelPolicy) bool { return p.ID == id })]
	}
	if c.PolicyID != nil {
		return find(*c.PolicyID)
	}
	for _, r := range m.rules {
		if (r.Kind == nil || *r.Kind == c.Kind) && (r.Tag == nil || slices.Contains(c.Tags, *r.Tag)) && (r.From == nil || m.owed(c, *r.Currency) >= *r.From) {
			return find(r.PolicyID)
		}
	}
	for _, p := range m.policies {
		if p.Default {
			return p
		}
	}
	return nil
}

// owed is what is owed today in the currency, due or not.
func (m *model) owed(c *modelCustomer, in money.Currency) (sum int64) {
	for _, i := range c.items {
		if i.Currency == in {
			sum += max(m.open(i, m.today), 0)
		}
	}
	return sum
}

// credit is what is not applied of an account and currency.
func (m *model) credit(c *modelCustomer, account int64, in money.Currency, on day.Day) (sum int64) {
	for _, p := range c.credits {
		back := !p.ReturnedOn.IsZero() && !p.ReturnedOn.After(on)
		if p.AccountID == account && p.Currency == in && !p.On.After(on) && !back {
			sum += p.Amount
		}
	}
	for _, i := range c.items {
		if i.AccountID == account && i.Currency == in {
			sum += max(-m.open(i, on), 0)
		}
	}
	return sum
}

// step is where an item stands: the number of the level that it is due for, -1
// where the last was sent, 0 where none; what it has reached; and when the next
// opens.
func (p *modelPolicy) step(i modelItem, on day.Day) (next, reached int, opens day.Day) {
	days, aim := on.Sub(i.DueOn), 0
	for n, l := range p.levels {
		if i.ReachedDays != nil && l.AfterDays <= *i.ReachedDays {
			reached = n + 1
			continue
		}
		if l.AfterDays < 0 && days >= 0 {
			continue
		}
		if aim == 0 || p.Highest && l.AfterDays <= days {
			aim = n + 1
		}
	}
	last := len(p.levels)
	switch {
	case aim > 0:
		l := p.levels[aim-1]
		opens = i.DueOn.Add(l.AfterDays)
		if i.ReachedDays != nil {
			opens = latest(opens, i.RemindedOn.Add(l.WaitOf), i.PayBy.Add(1))
		}
		next = aim
	case reached == last && last > 0 && p.RepeatDays != nil:
		opens, next = latest(i.RemindedOn.Add(*p.RepeatDays), i.PayBy.Add(1)), last
	case reached == last && last > 0 && days > 0:
		return -1, reached, day.Day{}
	}
	if opens.IsZero() || opens.After(on) {
		next = 0
	}
	return next, reached, opens
}

func latest(days ...day.Day) (d day.Day) {
	for _, o := range days {
		if o.After(d) {
			d = o
		}
	}
	return d
}

func earliest(a, b day.Day) day.Day {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}
