package ledger_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"dunwell/internal/day"
	"dunwell/internal/dbtest"
	"dunwell/internal/errs"
	"dunwell/internal/ledger"
	"dunwell/internal/tenant"
)

// status is the tenant's status of that family.
func (b *books) status(t testing.TB, family string) (id int64) {
	t.Helper()
	b.do(t, b.Collector, func(tx *tenant.Tx) error {
		all, err := ledger.Statuses(t.Context(), tx)
		for _, s := range all {
			if s.Family == family {
				id = s.ID
			}
		}
		return err
	})
	return id
}

func (b *books) setStatus(t testing.TB, item, status int64, reason string, version int) error {
	t.Helper()
	return b.Write(t.Context(), b.Collector, func(tx *tenant.Tx) error {
		return ledger.SetStatuses(t.Context(), tx, b.customer, ledger.Statused{Items: []ledger.Seen{{ID: item, Version: version}}, StatusID: status, Reason: reason})
	})
}

func (b *books) pause(t testing.TB, item int64, until, reason string, version int) error {
	t.Helper()
	d, _ := day.Parse(until)
	return b.Write(t.Context(), b.Collector, func(tx *tenant.Tx) error {
		return ledger.PauseItem(t.Context(), tx, b.customer, ledger.Pause{ItemID: item, Until: d, Reason: reason, Version: version})
	})
}

// figure is the customer's in EUR. Whatever it is, it adds up.
func (b *books) figure(t testing.TB) (f ledger.Figure) {
	t.Helper()
	b.do(t, b.Collector, func(tx *tenant.Tx) error {
		all, err := ledger.Figures(t.Context(), tx, []int64{b.customer})
		f = all[b.customer][0]
		return err
	})
	if f.Held != f.Disputed+f.Paused+f.Stopped+f.Promised || f.Used() < 0 || f.Used() > f.Credit || f.Overdue-f.Held-f.Used() != f.ToCollect {
		t.Errorf("the figure does not add up: %+v", f)
	}
	return f
}

func TestStatusHoldsBack(t *testing.T) {
	t.Parallel()
	b := open(t)
	disputed := b.status(t, ledger.Disputed)
	if err := b.setStatus(t, b.older, disputed, "goods were broken", 1); err != nil {
		t.Fatal(err)
	}
	if f := b.figure(t); f.Overdue != 13_006 || f.Disputed != 10_001 || f.ToCollect != 3_005 {
		t.Errorf("figure %+v", f)
	}
	if got := b.lastNote(t, "status"); got != "Item INV-1: Ongoing becomes Disputed. goods were broken" {
		t.Errorf("the note says %q", got)
	}
	conflict := errs.Conflict("")
	if err := b.setStatus(t, b.older, b.status(t, ledger.Ongoing), "mine", 1); !errors.As(err, &conflict) || !strings.Contains(string(conflict), "its status is Disputed, and it is not paused") {
		t.Errorf("with what was shown before: %v", err)
	}
	if err := b.setStatus(t, b.newer, disputed, "Card 4111 1111 1111 1111", 1); !errors.As(err, new(errs.Invalid)) {
		t.Errorf("with a card number: %v", err)
	}
	for field, err := range map[string]error{
		"status_reason": b.setStatus(t, b.newer, disputed, "", 1),
		"status":        b.setStatus(t, b.older, disputed, "again", 2),
	} {
		var inv errs.Invalid
		if !errors.As(err, &inv) || inv[field] == "" {
			t.Errorf("%s: %v", field, err)
		}
	}
	if err := b.setStatus(t, b.newer, 1<<40, "no such", 1); !errors.As(err, new(errs.Invalid)) {
		t.Errorf("a status that is not there: %v", err)
	}
	for _, sql := range []string{
		`UPDATE items SET applied = 5 WHERE id = $1`,
		`UPDATE items SET open_amount = 0 WHERE id = $1`,
		`DELETE FROM items WHERE id = $1`,
	} {
		err := b.Write(t.Context(), b.Admin, func(tx *tenant.Tx) error {
			_, err := tx.Exec(t.Context(), sql, b.older)
			return err
		})
		if err == nil {
			t.Errorf("%s went through", sql)
		}
	}
}

func TestPauseProtectsItsLastDay(t *testing.T) {
	t.Parallel()
	b := open(t)
	if err := b.pause(t, b.older, "2026-03-18", "waits for a copy", 1); err != nil {
		t.Fatal(err)
	}
	if got := b.lastNote(t, "pause"); got != "Item INV-1 is paused until Wed 18 Mar 2026: waits for a copy" {
		t.Errorf("the note says %q", got)
	}
	for on, want := range map[day.Day]int64{
		day.New(2026, 3, 16): 10_001, day.New(2026, 3, 18): 10_001, day.New(2026, 3, 19): 0, day.New(2026, 3, 17): 10_001,
	} {
		b.TrialDay = on
		b.do(t, b.System(), func(tx *tenant.Tx) error { return ledger.RefreshAll(t.Context(), tx) })
		if f := b.figure(t); f.Paused != want || f.Held != want {
			t.Errorf("on %s %d is paused, want %d", on, f.Paused, want)
		}
		list := b.numbers(t, ledger.PostingFilter{AsOf: on, Show: ledger.ShowPaused})
		if (list == "INV-1") != (want > 0) {
			t.Errorf("on %s the paused ones are %q", on, list)
		}
	}
}

func TestPauseIsChangedAndEnded(t *testing.T) {
	t.Parallel()
	b := open(t)
	if err := b.pause(t, b.older, "2026-03-16", "today only", 1); err != nil {
		t.Fatal(err)
	}
	if err := b.pause(t, b.older, "2026-03-30", "longer", 2); err != nil {
		t.Fatal(err)
	}
	if got := b.lastNote(t, "pause"); got != "Item INV-1 was paused until Mon 16 Mar 2026 and is now paused until Mon 30 Mar 2026: longer" {
		t.Errorf("the note says %q", got)
	}
	conflict := errs.Conflict("")
	if err := b.pause(t, b.older, "2026-03-31", "mine", 2); !errors.As(err, &conflict) || !strings.Contains(string(conflict), "paused until Mon 30 Mar 2026") {
		t.Errorf("two at once: %v", err)
	}
	end := func(version int) error {
		return b.Write(t.Context(), b.Collector, func(tx *tenant.Tx) error { return ledger.EndPause(t.Context(), tx, b.customer, b.older, version) })
	}
	if err := end(3); err != nil {
		t.Fatal(err)
	}
	if f := b.figure(t); f.Paused != 0 || f.ToCollect != 13_006 {
		t.Errorf("after the end %+v", f)
	}
	if err := end(4); !errors.As(err, new(errs.Conflict)) {
		t.Errorf("ended twice: %v", err)
	}
	if got := b.lastNote(t, "pause"); got != "The pause of item INV-1, which was to last until Mon 30 Mar 2026, was ended." {
		t.Errorf("the note says %q", got)
	}
}

func TestPauseRefused(t *testing.T) {
	t.Parallel()
	b := open(t)
	for name, c := range map[string]struct{ until, reason, field string }{
		"no reason":     {"2026-03-20", "", "pause_reason"},
		"a long reason": {"2026-03-20", strings.Repeat("x", 501), "pause_reason"},
		"a card number": {"2026-03-20", "Card 4111 1111 1111 1111", "pause_reason"},
		"no day":        {"", "waits", "until"},
		"yesterday":     {"2026-03-15", "waits", "until"},
		"over a year":   {"2027-03-17", "waits", "until"},
	} {
		var inv errs.Invalid
		if err := b.pause(t, b.older, c.until, c.reason, 1); !errors.As(err, &inv) || inv[c.field] == "" || len(inv) != 1 {
			t.Errorf("%s: %v, want a message at %s alone", name, err, c.field)
		}
	}
	b.pay(t, "P-1", "2026-03-10", 10_001, ledger.Line{ItemID: b.older, Minor: 10_001})
	if err := b.pause(t, b.older, "2026-03-20", "waits", 1); !errors.As(err, new(errs.Conflict)) {
		t.Errorf("an item that is paid: %v", err)
	}
	if err := b.pause(t, b.newer, "2027-03-16", "a year to the day", 1); err != nil {
		t.Error(err)
	}
}

// One cent that is both disputed and paused, of a stopped customer, is held once.
func TestHeldOnce(t *testing.T) {
	t.Parallel()
	b := open(t)
	var third int64
	b.do(t, b.System(), func(tx *tenant.Tx) error {
		third = dbtest.Item(t, tx, b.account, "INV-9", "2026-03-03", 509, "EUR")
		return nil
	})
	b.pay(t, "P-1", "2026-03-10", 11)
	if err := b.setStatus(t, b.older, b.status(t, ledger.Litigation), "in court", 1); err != nil {
		t.Fatal(err)
	}
	if err := b.pause(t, b.older, "2026-03-20", "and paused", 2); err != nil {
		t.Fatal(err)
	}
	if err := b.pause(t, third, "2026-03-20", "paused", 1); err != nil {
		t.Fatal(err)
	}
	if f := b.figure(t); f.Overdue != 13_515 || f.Disputed != 10_001 || f.Paused != 509 || f.Stopped != 0 || f.ToCollect != 3_005 || f.Credit != 11 || f.Used() != 0 {
		t.Errorf("figure %+v", f)
	}
	stop := func(sql string) {
		b.do(t, b.Manager, func(tx *tenant.Tx) error {
			tx.Touch(b.customer)
			_, err := tx.Exec(t.Context(), sql, b.customer)
			return err
		})
	}
	stop(`INSERT INTO stops (customer_id, kind, reason, since, review_on) VALUES ($1, 'attorney', 'has one', '2026-03-01', '2026-06-01')`)
	if f := b.figure(t); f.Stopped != 3_005 || f.Held != 13_515 || f.ToCollect != 0 || f.Disputed != 10_001 {
		t.Errorf("stopped: %+v", f)
	}
	stop(`UPDATE stops SET lifted_at = now(), lifted_by = (SELECT min(id) FROM members), lift_reason = 'gone', lift_evidence = 'letter' WHERE customer_id = $1`)
	if f := b.figure(t); f.Stopped != 0 || f.ToCollect != 3_005 {
		t.Errorf("lifted: %+v", f)
	}
	stop(`UPDATE customers SET archived_at = now() WHERE id = $1`)
	if f := b.figure(t); f.Stopped != 3_005 || f.ToCollect != 0 {
		t.Errorf("archived: %+v", f)
	}
	b.do(t, b.System(), func(tx *tenant.Tx) error { return ledger.RefreshAll(t.Context(), tx) })
	if f := b.figure(t); f.Stopped != 3_005 {
		t.Errorf("by night: %+v", f)
	}
}

func TestProposePauseSkipsHolidays(t *testing.T) {
	t.Parallel()
	b := open(t)
	b.do(t, b.Admin, func(tx *tenant.Tx) error {
		_, err := tenant.AddHolidays(t.Context(), tx, []tenant.Holiday{{Day: day.New(2026, time.March, 20), Name: "Equinox"}})
		if err != nil {
			return err
		}
		got, err := ledger.ProposePause(t.Context(), tx)
		if got != day.New(2026, time.March, 31) {
			t.Errorf("%s is proposed", got)
		}
		return err
	})
}
