package dossier

import (
	"context"
	"fmt"
	"strings"
	"time"

	"dunwell/internal/day"
	"dunwell/internal/money"
	"dunwell/internal/promise"
)

// part is an instalment with its promise.
type part struct {
	ID          int64
	MadeAt      time.Time
	Author      string
	Account     string
	Currency    money.Currency
	Amount      int64
	Collectable int64
	Text        string
	State       string
	FollowedBy  int64
	Assignee    string
	Number      int
	DueOn       day.Day
	GraceOn     day.Day
	Part        int64
	Received    int64
	PartState   string
}

func (m *making) promises(ctx context.Context) error {
	head := []string{"Promise", "Made at", "Written down by", "Account", "Currency", "Promised in all", "Could be collected then", "Text", "State", "Followed by promise", "Assigned to",
		"Instalment", "Due on", "Money counts up to", "Amount", "Received", "State of the instalment"}
	return table(ctx, m, "promises.csv", head, `
		SELECT p.id, p.made_at, coalesce(wu.name, 'Dunwell') AS author, a.number AS account, p.currency, p.amount, p.collectable, p.text, p.state,
			coalesce(p.followed_by, 0) AS followed_by, au.name AS assignee, i.number, i.due_on, i.grace_on, i.amount AS part, i.received, i.state AS part_state
		FROM promises p
		JOIN instalments i ON i.tenant_id = @tenant AND i.promise_id = p.id
		JOIN accounts a ON a.tenant_id = @tenant AND a.id = p.account_id
		JOIN members am ON am.tenant_id = @tenant AND am.id = p.assignee_id
		JOIN users au ON au.id = am.user_id
		LEFT JOIN members wm ON wm.tenant_id = @tenant AND wm.id = p.author_id
		LEFT JOIN users wu ON wu.id = wm.user_id
		WHERE p.tenant_id = @tenant AND p.customer_id = @customer
		ORDER BY p.id, i.number`, func(p part) []string {
		return []string{fmt.Sprint(p.ID), m.moment(p.MadeAt), p.Author, p.Account, string(p.Currency), plain(p.Amount, p.Currency), plain(p.Collectable, p.Currency), p.Text,
			words(p.State), number(p.FollowedBy), p.Assignee, fmt.Sprint(p.Number), p.DueOn.String(), p.GraceOn.String(), plain(p.Part, p.Currency), plain(p.Received, p.Currency), words(p.PartState)}
	})
}

// promised is what was promised of an item.
type promised struct {
	ID       int64
	Number   string
	DueOn    day.Day
	Amount   int64
	Currency money.Currency
	PassedOn bool
}

func (m *making) promisedItems(ctx context.Context) error {
	head := []string{"Promise", "Item", "Due on", "Currency", "Promised of it", "Went on to a later promise"}
	return table(ctx, m, "promise_items.csv", head, `
		SELECT n.promise_id AS id, i.number, i.due_on, n.amount, n.currency, n.passed_on
		FROM promise_items n
		JOIN items i ON i.tenant_id = @tenant AND i.id = n.item_id
		WHERE n.tenant_id = @tenant AND n.customer_id = @customer
		ORDER BY n.promise_id, n.place`, func(p promised) []string {
		return []string{fmt.Sprint(p.ID), p.Number, p.DueOn.String(), string(p.Currency), plain(p.Amount, p.Currency), yes(p.PassedOn)}
	})
}

// decision is what was decided about an instalment, and from what.
type decision struct {
	ID        int64
	Number    int
	Currency  money.Currency
	At        time.Time
	OnDay     day.Day
	Person    string
	FromState string
	State     string
	Received  int64
	Inputs    promise.Inputs
}

func (m *making) decisions(ctx context.Context) error {
	head := []string{"Promise", "Instalment", "Decided at", "On the day", "By", "State before", "State", "Currency", "Received", "Of", "Tolerance", "Due on", "Money counts up to",
		"Payments were loaded up to", "Only payments after no.", "Payments counted", "Followed by promise", "Reason"}
	return table(ctx, m, "promise_decisions.csv", head, `
		SELECT i.promise_id AS id, i.number, p.currency, d.at, d.on_day, coalesce(u.name, 'Dunwell') AS person, d.from_state, d.state, d.received, d.inputs
		FROM promise_decisions d
		JOIN instalments i ON i.tenant_id = @tenant AND i.id = d.instalment_id
		JOIN promises p ON p.tenant_id = @tenant AND p.id = i.promise_id
		LEFT JOIN members m ON m.tenant_id = @tenant AND m.id = d.member_id
		LEFT JOIN users u ON u.id = m.user_id
		WHERE d.tenant_id = @tenant AND d.customer_id = @customer
		ORDER BY d.id`, func(d decision) []string {
		in := d.Inputs
		var counted []string
		for _, p := range in.Payments {
			counted = append(counted, fmt.Sprintf("%s of no. %d, value date %s", money.New(p.Minor, d.Currency), p.PaymentID, p.ValueOn))
		}
		return []string{fmt.Sprint(d.ID), fmt.Sprint(d.Number), m.moment(d.At), d.OnDay.String(), d.Person, words(d.FromState), words(d.State), string(d.Currency),
			plain(d.Received, d.Currency), plain(in.Amount, d.Currency), plain(in.Tolerance, d.Currency), in.DueOn.String(), in.GraceOn.String(),
			m.since(in.LoadedTo), fmt.Sprint(in.KnownTo), strings.Join(counted, "; "), number(in.FollowedBy), in.Reason}
	})
}

// reminder is an item that the customer was reminded of.
type reminder struct {
	At         time.Time
	Number     string
	DueOn      day.Day
	Level      int
	LevelName  string
	Kind       string
	MessageID  int64
	CallID     int64
	RemindedOn day.Day
	PayBy      day.Day
	Amount     int64
	Currency   money.Currency
	Person     string
	ReversedAt *time.Time
	Reversed   string
}

func (m *making) reminders(ctx context.Context) error {
	head := []string{"Done at", "Item", "Due on", "Level", "Name of the level", "By", "Message", "Call", "Reminded on", "To be paid by", "Currency", "Amount", "Person", "Taken back at", "Why"}
	return table(ctx, m, "reminders.csv", head, `
		SELECT r.at, i.number, i.due_on, r.level_number AS level, CASE a.level_id WHEN r.level_id THEN a.level_name ELSE l.name END AS level_name, a.kind,
			coalesce(a.message_id, 0) AS message_id, coalesce(a.call_attempt_id, 0) AS call_id, r.reminded_on, r.pay_by, r.amount, r.currency,
			coalesce(u.name, 'Dunwell') AS person, b.at AS reversed_at, coalesce(b.reason, '') AS reversed
		FROM reminders r
		JOIN items i ON i.tenant_id = @tenant AND i.id = r.item_id
		JOIN agenda_actions a ON a.tenant_id = @tenant AND a.id = r.action_id
		JOIN levels l ON l.tenant_id = @tenant AND l.id = r.level_id
		LEFT JOIN reminders b ON b.tenant_id = @tenant AND b.reverses = r.id
		LEFT JOIN members m ON m.tenant_id = @tenant AND m.id = r.member_id
		LEFT JOIN users u ON u.id = m.user_id
		WHERE r.tenant_id = @tenant AND r.customer_id = @customer AND r.reverses IS NULL
		ORDER BY r.id`, func(r reminder) []string {
		return []string{m.moment(r.At), r.Number, r.DueOn.String(), fmt.Sprint(r.Level), r.LevelName, r.Kind, number(r.MessageID), number(r.CallID), r.RemindedOn.String(), r.PayBy.String(),
			string(r.Currency), plain(r.Amount, r.Currency), r.Person, m.since(r.ReversedAt), r.Reversed}
	})
}
