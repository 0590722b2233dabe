package dunning_test

import (
	"sync"
	"testing"

	"dunwell/internal/day"
	"dunwell/internal/dbtest"
	"dunwell/internal/dunning"
	"dunwell/internal/errs"
	"dunwell/internal/tenant"
)

// away has six debtors and a batch that put them all away.
func (o *agency) away(t testing.TB) (b dunning.Batch, of map[string]int64) {
	t.Helper()
	o.many(t, 5)
	ids, of := o.all(t)
	b, _ = o.start(t, dunning.Choice{IDs: ids}, dunning.Bulk{Kind: dunning.BulkLater, Until: day.New(2026, 3, 30), Reason: "The bank is on strike"})
	if b.Done != 6 || b.Away != 6 {
		t.Fatalf("batch %+v", b)
	}
	return b, of
}

func (o *agency) back(t testing.TB, who tenant.Who, batch int64) (n int, err error) {
	t.Helper()
	err = o.Write(t.Context(), who, func(tx *tenant.Tx) (err error) {
		_, n, err = dunning.BringBackAll(t.Context(), tx, batch)
		return err
	})
	return n, err
}

const putAway = `SELECT string_agg(c.number, ' ' ORDER BY c.number) FROM agenda_entries e JOIN customers c ON c.id = e.customer_id WHERE e.later_on IS NOT NULL`

// What a batch put away comes back at once, but for those that somebody touched since:
// put away anew, worked, done, or brought back.
func TestBringBackAll(t *testing.T) {
	t.Parallel()
	o := newAgency(t)
	b, of := o.away(t)
	o.at(0, 9, 31)
	if err := o.postpone(t, of["C-2"], day.New(2026, 3, 30), "They asked for it"); err != nil {
		t.Fatal(err)
	}
	o.print(t, of["C-3"])
	o.mail(t, o.Collector, of["C-4"], dunning.Order{})
	o.deliver(t)
	o.done(t, of["C-4"], dunning.Completion{})
	version := o.entry(t, of["C-5"]).Version
	o.do(t, o.Collector, func(tx *tenant.Tx) error { return dunning.BringBack(t.Context(), tx, of["C-5"], version) })
	o.run(t)
	_, err := o.back(t, o.Collector, b.ID)
	refuses[errs.Forbidden](t, err, "Only managers and administrators work many entries at once.")
	_, err = o.back(t, dbtest.Tenant(t, o.Database, "other").Admin, b.ID)
	refuses[error](t, err, errs.NotFound.Error())
	if n, err := o.back(t, o.Admin, b.ID); err != nil || n != 2 {
		t.Errorf("%d came back, %v", n, err)
	}
	is(t, "put away", o.ask(t, putAway), "C-2 C-3")
	is(t, "of who came back", o.ask(t, `SELECT later_reason || coalesce(later_by::text, '') || coalesce(later_at::text, '') FROM agenda_entries WHERE id = $1`, of["C-6"]), "")
	is(t, "notes", o.ask(t, `SELECT string_agg(c.number, ' ' ORDER BY c.number) FROM notes n JOIN customers c ON c.id = n.customer_id WHERE n.text LIKE 'Brought back before Mon 30 Mar 2026, level 1 (%' AND n.author = 'acme admin'`), "C-1 C-6")
	_, err = o.back(t, o.Manager, b.ID)
	refuses[errs.Conflict](t, err, "Nobody is put away by this any more")
}

// Of two at once one brings them back. A batch that goes on is not taken back, and on
// the day itself nothing is left to be.
func TestBringBackAllWhen(t *testing.T) {
	t.Parallel()
	o := newAgency(t)
	b, _ := o.away(t)
	o.exec(t, `UPDATE batches SET finished_at = NULL`)
	_, err := o.back(t, o.Manager, b.ID)
	refuses[errs.Conflict](t, err, "This is not finished yet.")
	o.exec(t, `UPDATE batches SET finished_at = now()`)
	o.at(14, 9, 0)
	_, err = o.back(t, o.Manager, b.ID)
	refuses[errs.Conflict](t, err, "Nobody is put away by this any more")
	o.at(1, 9, 0)
	var all sync.WaitGroup
	came, errors := make([]int, 2), make([]error, 2)
	for i, who := range []tenant.Who{o.Manager, o.Admin} {
		all.Go(func() {
			errors[i] = o.Write(t.Context(), who, func(tx *tenant.Tx) (err error) {
				_, came[i], err = dunning.BringBackAll(t.Context(), tx, b.ID)
				return err
			})
		})
	}
	all.Wait()
	if came[0]+came[1] != 6 || (errors[0] == nil) == (errors[1] == nil) {
		t.Errorf("%v came back, %v", came, errors)
	}
	is(t, "notes", o.ask(t, `SELECT count(*) FROM notes WHERE text LIKE 'Brought back before%'`), "6")
}
