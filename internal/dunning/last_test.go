package dunning_test

import (
	"testing"

	"dunwell/internal/day"
	"dunwell/internal/dunning"
	"dunwell/internal/tenant"
)

// inCases is what stands in cases, in short.
const inCases = `
	SELECT string_agg(concat_ws(' ', k.title || ':', i.number, k.owner_id, k.next_on, k.opened_by), ', ' ORDER BY i.number)
	FROM cases k
	JOIN case_items q ON q.case_id = k.id AND q.open
	JOIN items i ON i.id = q.item_id`

// A case follows the last level where the policy says so: with what came to it, of
// whoever owns the customer, on the day that was chosen. Nobody is asked any more.
func TestACaseFollowsTheLastLevel(t *testing.T) {
	t.Parallel()
	o := newAgency(t)
	o.exec(t, `UPDATE policies SET after_last = 'case'`)
	o.exec(t, `UPDATE levels SET retired_at = now() WHERE after_days > 5`)
	e := o.open(t)
	o.print(t, e.ID)
	var next dunning.Next
	o.do(t, o.Collector, func(tx *tenant.Tx) error {
		actions, err := dunning.Actions(t.Context(), tx, e.ID)
		if err == nil {
			next, err = dunning.NextOf(t.Context(), tx, e, actions, false)
		}
		return err
	})
	if !next.Asked || !next.Case {
		t.Errorf("proposed %+v", next)
	}
	o.exec(t, `UPDATE customers SET owner_id = $1 WHERE id = $2`, o.ManagerID, o.debtor)
	o.done(t, e.ID, dunning.Completion{NextOn: day.New(2026, 4, 8)})
	manager := o.ask(t, `SELECT $1::bigint`, o.ManagerID)
	is(t, "the cases", o.ask(t, inCases), "After the last level: First reminder: INV-1 "+manager+" 2026-04-08, After the last level: First reminder: INV-2 "+manager+" 2026-04-08")
	is(t, "who opened them", o.ask(t, `SELECT count(*) FROM cases WHERE opened_by IS NULL`), "1")
	o.said(t, "Case opened because the last level was done: After the last level: First reminder. To be looked at on Wed 8 Apr 2026. Out of dunning: INV-1, INV-2.")
	is(t, "to collect", o.ask(t, `SELECT sum(to_collect) FROM customer_totals WHERE customer_id = $1`, o.debtor), "0")
	o.do(t, o.Collector, func(tx *tenant.Tx) error {
		lines, err := dunning.Lines(t.Context(), tx, o.debtor)
		if len(lines) != 2 || lines[0].Case != "After the last level: First reminder" || lines[0].Status != "Ongoing" || lines[0].Colour != "grey" || lines[0].Held != "disputed" {
			t.Errorf("the agenda's lines are %+v", lines)
		}
		return err
	})
	o.at(60, 9, 0)
	o.run(t)
	if e := o.open(t); e.ID != 0 {
		t.Errorf("still on the agenda: %+v", e)
	}
}

// Before the last level nothing of it happens, and items that go into no case, or are
// in one, are left out.
func TestNoCaseBeforeTheLastLevel(t *testing.T) {
	t.Parallel()
	o := newAgency(t)
	o.exec(t, `UPDATE policies SET after_last = 'case'`)
	e := o.open(t)
	o.print(t, e.ID)
	o.done(t, e.ID, dunning.Completion{})
	is(t, "the cases", o.ask(t, inCases), "")
}

// Done that waits for its message opens the case as the message is sent, by the
// program: somebody who may see all works it where nobody else can.
func TestTheCaseWaitsForTheMessage(t *testing.T) {
	t.Parallel()
	o := newAgency(t)
	o.exec(t, `UPDATE policies SET after_last = 'case'`)
	o.exec(t, `UPDATE levels SET retired_at = now() WHERE after_days > 5`)
	o.exec(t, `UPDATE items SET status_id = (SELECT id FROM item_statuses WHERE family = 'dispute_resolved' LIMIT 1) WHERE id = $1`, o.items[1])
	e := o.open(t)
	o.mail(t, o.Collector, e.ID, dunning.Order{})
	o.done(t, e.ID, dunning.Completion{NextOn: day.New(2026, 3, 30)})
	is(t, "before it is sent", o.ask(t, inCases), "")
	o.deliver(t)
	is(t, "afterwards", o.ask(t, inCases), "After the last level: First reminder: INV-1 "+o.ask(t, `SELECT $1::bigint`, o.CollectorID)+" 2026-03-30")
}
