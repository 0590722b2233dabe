package dunning_test

import (
	"testing"

	"dunwell/internal/day"
	"dunwell/internal/dunning"
	"dunwell/internal/ledger"
	"dunwell/internal/money"
	"dunwell/internal/promise"
	"dunwell/internal/tenant"
)

// promised writes down that C-1 pays so much by a day.
func (d *desk) promised(t testing.TB, minor int64, due string) {
	t.Helper()
	on, err := day.Parse(due)
	if err != nil {
		t.Fatal(err)
	}
	d.do(t, d.Collector, func(tx *tenant.Tx) error {
		_, err := promise.Make(t.Context(), tx, d.customer, promise.Plan{AccountID: d.account, Amount: money.New(minor, "EUR"), AssigneeID: d.CollectorID, DueOn: on})
		return err
	})
}

// night moves the company to a day, with all payments before it loaded, and decides.
func (d *desk) night(t testing.TB, s string) {
	t.Helper()
	on := d.on(t, s)
	d.do(t, d.System(), func(tx *tenant.Tx) error {
		_, err := tx.Exec(t.Context(), `UPDATE tenants SET payments_loaded_to = $2 WHERE id = $1`, tx.Actor.TenantID, on.Time(tx.Actor.Tenant.Zone))
		return err
	})
	d.do(t, d.System(), func(tx *tenant.Tx) error { return promise.DecideOfHour(t.Context(), tx, promise.DecideArgs{}) })
}

// paid records money that stays credit, as whoever works the customer does.
func (d *desk) paid(t testing.TB, number string, minor int64, on string) {
	t.Helper()
	value, err := day.Parse(on)
	if err != nil {
		t.Fatal(err)
	}
	d.do(t, d.Collector, func(tx *tenant.Tx) error {
		_, err := ledger.Record(t.Context(), tx, ledger.Payment{CustomerID: d.customer, AccountID: d.account, Number: number, ValueOn: value, Amount: money.New(minor, "EUR")})
		return err
	})
}

// TestPromisedIsNotChased: of a business' items what is promised, of a consumer's
// account all, until the promise is decided; an entry follows in the same
// transaction, and the run says until when.
func TestPromisedIsNotChased(t *testing.T) {
	t.Parallel()
	d := newDesk(t, rules{levels: []int{7}})
	d.item(t, "I", "2026-02-03", 4_111)
	d.run(t, "2026-02-10")
	d.promised(t, 4_111, "2026-02-13")
	if got := d.agenda(t); got != "" {
		t.Errorf("all is promised, and the agenda has %s", got)
	}
	d.expect(t, "2026-02-10", "not C-1: All that is overdue is promised until Fri 13 Feb 2026.")
	d.expect(t, "2026-02-13", "not C-1: All that is overdue is promised until Fri 13 Feb 2026.")
	d.expect(t, "2026-02-14", "not C-1: All that is overdue was promised until Fri 13 Feb 2026, and money counts that comes by Wed 18 Feb 2026.")
	lines := d.lines(t)
	if len(lines) != 1 || lines[0].Held != "promised" || lines[0].Collectable != 0 || lines[0].Open != 4_111 {
		t.Errorf("lines %+v", lines)
	}
	d.sql(t, `UPDATE items SET paused_until = '2026-03-01', pause_reason = 'asked'`)
	d.expect(t, "2026-02-14", "not C-1: All that is overdue is paused.")
	d.sql(t, `UPDATE items SET paused_until = NULL, pause_reason = NULL`)
	d.item(t, "J", "2026-02-04", 50)
	d.expect(t, "2026-02-14", "C-1 at 1: J/1 0.50.")
	d.sql(t, `UPDATE customers SET kind = 'consumer'`)
	d.expect(t, "2026-02-14", "not C-1: All that is overdue was promised until Fri 13 Feb 2026, and money counts that comes by Wed 18 Feb 2026.")
	d.sql(t, `UPDATE items SET paused_until = '2026-03-01', pause_reason = 'asked' WHERE number = 'J'`)
	d.expect(t, "2026-02-14", "not C-1: All that is overdue is held back: some of it disputed, in litigation, paused or promised, the rest for another of these reasons.")
}

func (d *desk) lines(t testing.TB) (list []dunning.Line) {
	t.Helper()
	d.do(t, d.Collector, func(tx *tenant.Tx) (err error) {
		list, err = dunning.Lines(t.Context(), tx, d.customer)
		return err
	})
	return list
}

// TestPromiseNotKept: a customer without an entry gets one at once, which says so; an
// entry that was put away comes back; and money that turns up takes it off again.
func TestPromiseNotKept(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		promised int64
		before   string // the agenda, with the promise open
		after    string // and not kept
		paid     int64
		then     string
	}{
		"all":          {4_111, "", "C-1 1 broken_promise I 1 4111 EUR 1", 4_111, ""},
		"part":         {2_000, "C-1 1 level I 1 2111 EUR 1", "C-1 1 broken_promise I 1 4111 EUR 1", 2_000, "C-1 1 level I 1 2111 EUR 1"},
		"kept in part": {2_000, "C-1 1 level I 1 2111 EUR 1", "C-1 1 broken_promise I 1 4111 EUR 1", 1_999, "C-1 1 broken_promise I 1 2112 EUR 1"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := newDesk(t, rules{levels: []int{7}})
			d.item(t, "I", "2026-02-03", 4_111)
			d.run(t, "2026-02-10")
			d.promised(t, c.promised, "2026-02-13")
			if c.before != "" {
				d.sql(t, `UPDATE agenda_entries SET later_on = '2026-03-02', later_at = now(), later_reason = 'They promised' WHERE state = 'open'`)
			}
			d.night(t, "2026-02-18")
			if got := d.agenda(t); got != c.before {
				t.Errorf("while it is open the agenda has %q, want %q", got, c.before)
			}
			d.night(t, "2026-02-19")
			if got := d.agenda(t); got != c.after {
				t.Errorf("not kept, the agenda has %q, want %q", got, c.after)
			}
			if n := d.count(t, `SELECT count(*) FROM agenda_entries WHERE state = 'open' AND (later_on IS NOT NULL OR later_reason <> '')`); n != 0 {
				t.Error("it is still put away")
			}
			want := 0
			if c.before != "" {
				want = 1
			}
			if n := d.count(t, `SELECT count(*) FROM notes WHERE text = 'Brought back before its day: a promise was not kept.'`); n != want {
				t.Errorf("%d lines say that it came back, want %d", n, want)
			}
			d.run(t, "2026-02-19")
			if got := d.agenda(t); got != c.after {
				t.Errorf("after a run the agenda has %q, want %q", got, c.after)
			}
			d.paid(t, "LATE", c.paid, "2026-02-13")
			if got := d.agenda(t); got != c.then {
				t.Errorf("once the money turned up the agenda has %q, want %q", got, c.then)
			}
		})
	}
}

// TestTotalsFollowPromises: the figures say what is promised of the overdue, and add up.
func TestTotalsFollowPromises(t *testing.T) {
	t.Parallel()
	d := newDesk(t, rules{})
	d.on(t, "2026-02-10")
	d.item(t, "I", "2026-02-03", 4_111)
	d.item(t, "K", "2026-03-03", 777) // not due yet
	figure := func() (f ledger.Figure) {
		d.do(t, d.Collector, func(tx *tenant.Tx) error {
			all, err := ledger.Figures(t.Context(), tx, []int64{d.customer})
			f = all[d.customer][0]
			return err
		})
		return f
	}
	d.promised(t, 1_500, "2026-02-13")
	if f := figure(); f.Overdue != 4_111 || f.Promised != 1_500 || f.Held != 1_500 || f.ToCollect != 2_611 {
		t.Errorf("of a business: %+v", f)
	}
	d.paid(t, "P", 400, "2026-02-10")
	if f := figure(); f.Promised != 1_100 || f.Credit != 400 || f.Used() != 400 || f.ToCollect != 2_611 {
		t.Errorf("with credit for it: %+v", f)
	}
	d.sql(t, `UPDATE customers SET kind = 'consumer'`)
	if f := figure(); f.Promised != 4_111 || f.ToCollect != 0 || f.Used() != 0 {
		t.Errorf("of a consumer: %+v", f)
	}
	d.night(t, "2026-02-19")
	if f := figure(); f.Promised != 0 || f.ToCollect != 3_711 || f.Used() != 400 {
		t.Errorf("not kept: %+v", f)
	}
	d.do(t, d.System(), func(tx *tenant.Tx) error { return ledger.RefreshAll(t.Context(), tx) })
	if f := figure(); f.Promised != 0 || f.ToCollect != 3_711 {
		t.Errorf("by night: %+v", f)
	}
}
