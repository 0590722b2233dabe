package dunning_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"dunwell/internal/customer"
	"dunwell/internal/day"
	"dunwell/internal/dbtest"
	"dunwell/internal/dunning"
	"dunwell/internal/errs"
	"dunwell/internal/pdftest"
	"dunwell/internal/tenant"
)

// many makes n more debtors, C-2 and so on, each with an item of its own amount.
func (o *agency) many(t testing.TB, n int) {
	t.Helper()
	o.do(t, o.Admin, func(tx *tenant.Tx) error {
		for i := range n {
			number := fmt.Sprint("C-", i+2)
			_, account, _, _ := debtor(t, tx, number)
			dbtest.Item(t, tx, account, "INV-"+number, "2026-02-20", int64(10_000+77*i), "EUR")
		}
		return nil
	})
}

// all are the ids of the open entries by their customers' numbers.
func (o *agency) all(t testing.TB) (ids []int64, of map[string]int64) {
	t.Helper()
	of = map[string]int64{}
	o.do(t, o.Manager, func(tx *tenant.Tx) (err error) {
		ids, err = dunning.Filter{Whose: dunning.Team, Sort: dunning.ByRank}.IDs(t.Context(), tx)
		if err != nil {
			return err
		}
		list, err := dunning.FindEntries(t.Context(), tx, ids)
		for _, e := range list {
			of[e.Number] = e.ID
		}
		return err
	})
	return ids, of
}

// start begins a bulk as the manager and works it.
func (o *agency) start(t testing.TB, ch dunning.Choice, what dunning.Bulk) (b dunning.Batch, left []dunning.Skipped) {
	t.Helper()
	var id int64
	o.do(t, o.Manager, func(tx *tenant.Tx) (err error) {
		id, _, err = o.Start(t.Context(), tx, ch, what)
		return err
	})
	o.work(t)
	o.do(t, o.Manager, func(tx *tenant.Tx) (err error) {
		b, left, err = dunning.FindBatch(t.Context(), tx, id)
		return err
	})
	return b, left
}

func (o *agency) plan(t testing.TB, ch dunning.Choice, kind dunning.BulkKind) (p dunning.Plan) {
	t.Helper()
	o.do(t, o.Manager, func(tx *tenant.Tx) (err error) {
		p, err = o.Plan(t.Context(), tx, ch, dunning.Bulk{Kind: kind})
		return err
	})
	return p
}

// The plan says who is left out and why, and the batch does the rest: approve all
// but these, done once they are sent.
func TestApproveAllBut(t *testing.T) {
	t.Parallel()
	o := newAgency(t)
	o.many(t, 7)
	ids, of := o.all(t)
	o.exec(t, `UPDATE contact_points SET retired_at = now() WHERE value = 'c-2@debtor.example'`)
	o.do(t, o.Manager, func(tx *tenant.Tx) error {
		var id, who int64
		err := tx.QueryRow(t.Context(), `SELECT id, customer_id FROM contact_points WHERE value = 'c-3@debtor.example'`).Scan(&id, &who)
		if err != nil {
			return err
		}
		return customer.Permit(t.Context(), tx, who, id, 0, customer.Permission{Channel: customer.Mail, State: customer.OptOut, GivenOn: tx.Today(), Source: "They said so", ReviewOn: tx.Today().Add(30)})
	})
	if err := o.postpone(t, of["C-4"], day.New(2026, 3, 20), "They pay on Thursday"); err != nil {
		t.Fatal(err)
	}
	o.mail(t, o.Collector, of["C-5"], dunning.Order{})
	o.print(t, of["C-6"]) // only has to be said to be done
	choice := dunning.Choice{IDs: ids, Except: []int64{of["C-7"]}}
	p := o.plan(t, choice, dunning.BulkApprove)
	why := map[string]string{}
	for _, s := range p.LeftOut {
		why[s.Number] = s.Why
	}
	for number, words := range map[string]string{"C-2": "No e-mail address of this customer is on file.", "C-3": "opted out on 16 Mar",
		"C-4": "It is put away until Fri 20 Mar 2026.", "C-5": "Its message is on its way."} {
		if !strings.Contains(why[number], words) {
			t.Errorf("%s is left out because %q, want %q", number, why[number], words)
		}
	}
	if p.Entries != 3 || p.Emails != 2 || p.Letters != 0 || len(p.LeftOut) != 4 {
		t.Errorf("plan %+v", p)
	}
	b, left := o.start(t, choice, dunning.Bulk{Kind: dunning.BulkApprove})
	if b.Entries != 3 || b.Done != 3 || len(left) != 0 || b.FinishedAt == nil || b.Member != "acme manager" {
		t.Errorf("batch %+v, left %+v", b, left)
	}
	is(t, "before they are sent", o.ask(t, `SELECT string_agg(c.number, ' ' ORDER BY c.number) FROM agenda_entries e JOIN customers c ON c.id = e.customer_id WHERE e.state = 'done'`), "C-6")
	o.deliver(t)
	is(t, "done", o.ask(t, `SELECT string_agg(c.number, ' ' ORDER BY c.number) FROM agenda_entries e JOIN customers c ON c.id = e.customer_id WHERE e.state = 'done'`), "C-1 C-6 C-8")
	is(t, "by", o.ask(t, `SELECT string_agg(DISTINCT closed_by::text, ' ') FROM agenda_entries WHERE state = 'done'`), fmt.Sprint(o.ManagerID))
	is(t, "written by", o.ask(t, `SELECT string_agg(DISTINCT author, ', ' ORDER BY author) FROM notes WHERE kind = 'email'`), "acme collector, acme manager")
	if len(o.sink.Taken()) != 3 {
		t.Errorf("%d e-mails", len(o.sink.Taken()))
	}
}

// Without a mail server the e-mails of a batch are written and held, and Done of each
// is said once they are sent.
func TestApproveWithoutAMailServer(t *testing.T) {
	t.Parallel()
	o := newAgency(t)
	o.many(t, 1)
	ids, of := o.all(t)
	if err := o.call(t, o.Collector, of["C-1"], dunning.Call{DispositionID: o.outcome(t, "No answer"), PointID: o.phone}); err != nil {
		t.Fatal(err) // it counts, and reminds nobody
	}
	server := o.Box.Server
	o.Box.Server = nil
	b, left := o.start(t, dunning.Choice{IDs: ids}, dunning.Bulk{Kind: dunning.BulkApprove})
	if b.Done != 2 || b.Held != 2 || len(left) != 0 {
		t.Errorf("batch %+v, left %+v", b, left)
	}
	is(t, "held", o.ask(t, `SELECT string_agg(state, ' ') FROM messages`), "held held")
	is(t, "entries", o.ask(t, `SELECT string_agg(state, ' ') FROM agenda_entries`), "open open")
	is(t, "reminders", o.ask(t, `SELECT count(*) FROM reminders`), "0")
	o.said(t, "Done was taken back: its message was not sent.")

	o.Box.Server = server
	o.do(t, o.Manager, func(tx *tenant.Tx) error {
		rows, _ := tx.Query(t.Context(), `SELECT id FROM messages`)
		held, err := pgx.CollectRows(rows, pgx.RowTo[int64])
		if err != nil {
			return err
		}
		_, _, err = o.Box.Retry(t.Context(), tx, held)
		return err
	})
	o.deliver(t)
	is(t, "entries once they are sent", o.ask(t, `SELECT string_agg(state, ' ') FROM agenda_entries`), "done done")
	is(t, "by", o.ask(t, `SELECT string_agg(DISTINCT closed_by::text, ' ') FROM agenda_entries`), fmt.Sprint(o.ManagerID))
	is(t, "reached", o.ask(t, `SELECT count(*) FROM items WHERE reached_days IS NOT NULL`), "3")
}

// All that is done later at once, and what is refused of it.
func TestBulkLater(t *testing.T) {
	t.Parallel()
	o := newAgency(t)
	o.many(t, 2)
	ids, _ := o.all(t)
	begin := func(who tenant.Who, what dunning.Bulk) error {
		return o.Write(t.Context(), who, func(tx *tenant.Tx) error {
			_, _, err := o.Start(t.Context(), tx, dunning.Choice{IDs: ids}, what)
			return err
		})
	}
	later := dunning.Bulk{Kind: dunning.BulkLater, Until: day.New(2026, 3, 30), Reason: "The bank is on strike"}
	refuses[errs.Forbidden](t, begin(o.Collector, later), "Only managers and administrators work many entries at once.")
	refuses[errs.Invalid](t, begin(o.Manager, dunning.Bulk{Kind: dunning.BulkLater, Until: day.New(2026, 3, 30)}), "reason: Say why it can wait.")
	refuses[errs.Invalid](t, begin(o.Manager, dunning.Bulk{Kind: "x"}), "Choose what is to be done with them.")
	b, _ := o.start(t, dunning.Choice{IDs: ids}, later)
	if b.Done != 3 {
		t.Errorf("batch %+v", b)
	}
	is(t, "put away", o.ask(t, `SELECT count(*) FROM agenda_entries WHERE later_on = '2026-03-30' AND later_reason = 'The bank is on strike' AND later_by = $1`, o.ManagerID), "3")
}

// The letters of a batch are one file, each as it was kept, by the customers'
// numbers; every letter has its own amounts.
func TestLettersInOneFile(t *testing.T) {
	t.Parallel()
	o := newAgency(t)
	o.many(t, 4)
	ids, _ := o.all(t)
	b, left := o.start(t, dunning.Choice{IDs: ids}, dunning.Bulk{Kind: dunning.BulkPrint})
	if b.Letters != 5 || b.Done != 5 || len(left) != 0 {
		t.Fatalf("batch %+v, left %+v", b, left)
	}
	var pdf bytes.Buffer
	o.do(t, o.Manager, func(tx *tenant.Tx) error { return o.Letters(t.Context(), tx, b.ID, &pdf) })
	pages := pdftest.Pages(t, pdf.Bytes())
	if len(pages) != 5 {
		t.Fatalf("%d pages", len(pages))
	}
	for i, amount := range []string{"1,311.57", "100.00", "100.77", "101.54", "102.31"} {
		number := fmt.Sprint("C-", i+1)
		if !strings.Contains(pages[i], number) || !strings.Contains(pages[i], amount) {
			t.Errorf("page %d has not %s and %s:\n%s", i+1, number, amount, pages[i])
		}
	}
	err := o.Read(t.Context(), o.Collector, func(tx *tenant.Tx) error { return o.Letters(t.Context(), tx, b.ID, &pdf) })
	refuses[errs.Forbidden](t, err, "Only managers")
	// a second time there is nothing left to print
	p := o.plan(t, dunning.Choice{IDs: ids}, dunning.BulkPrint)
	if p.Entries != 0 || len(p.LeftOut) != 5 || p.LeftOut[0].Why != "Its letter was printed already." {
		t.Errorf("plan of the second time %+v", p)
	}
}

// What somebody did between the start and its turn is left alone; a batch that two
// start has each entry once; and who may no longer do it does not.
func TestBatchMeetsOthers(t *testing.T) {
	t.Parallel()
	o := newAgency(t)
	o.many(t, 2)
	ids, of := o.all(t)
	var first int64
	o.do(t, o.Manager, func(tx *tenant.Tx) (err error) {
		first, _, err = o.Start(t.Context(), tx, dunning.Choice{IDs: ids}, dunning.Bulk{Kind: dunning.BulkMail})
		return err
	})
	p := o.plan(t, dunning.Choice{IDs: ids}, dunning.BulkPrint)
	if p.Entries != 0 || p.LeftOut[0].Why != "It waits in another batch." {
		t.Errorf("plan of the second %+v", p)
	}
	refuses[errs.Invalid](t, o.Write(t.Context(), o.Admin, func(tx *tenant.Tx) error {
		_, _, err := o.Start(t.Context(), tx, dunning.Choice{IDs: ids}, dunning.Bulk{Kind: dunning.BulkPrint})
		return err
	}), "Nothing can be done with any of them.")
	o.at(0, 9, 31)
	o.print(t, of["C-2"])
	for range 2 {
		o.work(t)
		o.exec(t, `UPDATE batches SET finished_at = NULL`)
	}
	o.do(t, o.Manager, func(tx *tenant.Tx) error {
		b, left, err := dunning.FindBatch(t.Context(), tx, first)
		if b.Done != 2 || len(left) != 1 || left[0].Number != "C-2" || !strings.Contains(left[0].Why, "Somebody worked it meanwhile: letter by acme collector") {
			t.Errorf("batch %+v, left %+v", b, left)
		}
		return err
	})
	is(t, "messages", o.ask(t, `SELECT count(*) FROM messages WHERE channel = 'email'`), "2")
	o.exec(t, `UPDATE members SET role = 'collector' WHERE id = $1`, o.ManagerID)
	o.exec(t, `UPDATE batch_entries SET state = 'waiting', at = NULL, message_id = NULL WHERE entry_id = $1`, of["C-3"])
	o.work(t)
	is(t, "of who was a manager", o.ask(t, `SELECT why FROM batch_entries WHERE entry_id = $1`, of["C-3"]), "acme manager, who started this, may no longer do it. Somebody else starts it again.")
}
