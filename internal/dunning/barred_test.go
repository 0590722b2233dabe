package dunning_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"dunwell/internal/customer"
	"dunwell/internal/day"
	"dunwell/internal/dbtest"
	"dunwell/internal/dunning"
	"dunwell/internal/errs"
	"dunwell/internal/tenant"
)

// barred is whom automatic levels cannot write to, as the manager sees it.
func (o *agency) barred(t testing.TB) string {
	t.Helper()
	var lines []string
	o.do(t, o.Manager, func(tx *tenant.Tx) error {
		list, err := o.Barred(t.Context(), tx)
		for _, s := range list {
			lines = append(lines, s.Number+": "+s.Why)
		}
		return err
	})
	slices.Sort(lines)
	return strings.Join(lines, "\n")
}

// Whom automatic levels cannot write to for good waits for a person, who is told of it
// with the reason: not who can be written to, now or later, nor who is a person's anyway.
func TestBarred(t *testing.T) {
	t.Parallel()
	const noMail = "No e-mail address of this customer is on file. Add one under Contact points, print the letter, or call."
	o := newAgency(t)
	o.many(t, 9)
	o.run(t)
	_, of := o.all(t)
	retire := func(numbers ...string) {
		t.Helper()
		o.exec(t, `UPDATE contact_points p SET retired_at = now() FROM customers c WHERE c.id = p.customer_id AND p.kind = 'email' AND c.number = ANY($1)`, numbers)
	}
	is(t, "by hand", o.barred(t), "")
	o.automatic(t)
	is(t, "all can be written to", o.barred(t), "")

	retire("C-2", "C-3", "C-4", "C-5", "C-6", "C-7")
	if err := o.postpone(t, of["C-4"], day.New(2026, 3, 20), "They pay on Friday"); err != nil {
		t.Fatal(err)
	}
	o.exec(t, `UPDATE customers SET reminder_mode = 'manual' WHERE number = 'C-5'`)
	o.print(t, of["C-6"])
	o.do(t, o.Collector, func(tx *tenant.Tx) error { return dunning.Act(t.Context(), tx, of["C-7"], "Told them at the counter.") })
	o.do(t, o.Manager, func(tx *tenant.Tx) error {
		var id, who int64
		err := tx.QueryRow(t.Context(), `SELECT id, customer_id FROM contact_points WHERE value = 'c-8@debtor.example'`).Scan(&id, &who)
		if err != nil {
			return err
		}
		return customer.Permit(t.Context(), tx, who, id, 0, customer.Permission{Channel: customer.Mail, State: customer.OptOut, GivenOn: tx.Today(), Source: "They said so", ReviewOn: tx.Today().Add(30)})
	})
	o.exec(t, `INSERT INTO contact_times (tenant_id, customer_id, kind, weekdays, from_time, to_time) SELECT tenant_id, id, 'forbidden', 127, '00:00', '23:00' FROM customers WHERE number = 'C-9'`)
	want := strings.Join([]string{"C-2: " + noMail, "C-3: " + noMail, "C-6: Its letter was printed by hand. Whoever takes it to the post says that it is done.", "C-8: No e-mails: opted out on 16 Mar."}, "\n")
	is(t, "before the batch", o.barred(t), want)

	if err := o.SendAutomatic(t.Context()); err != nil {
		t.Fatal(err)
	}
	retire("C-1") // while it waits for its turn
	is(t, "while the batch waits", o.barred(t), want)
	o.work(t)
	is(t, "on its way", o.barred(t), "C-1: "+noMail+"\n"+want)
	o.exec(t, `UPDATE contact_points SET value = 'moved@debtor.example' WHERE value = 'c-10@debtor.example'`) // so that it fails
	o.deliver(t)
	want = "C-10: Its reminder was not sent or did not arrive, and is not sent again by itself. Work it by hand.\nC-1: " + noMail + "\n" + want
	is(t, "one failed", o.barred(t), want)
	o.exec(t, `UPDATE batches SET on_day = on_day - 1`)
	is(t, "the day after", o.barred(t), want)

	o.do(t, o.Manager, func(tx *tenant.Tx) error {
		list, err := o.Barred(t.Context(), tx)
		is(t, "by reason", fmt.Sprint(dunning.WhyNots(list)), fmt.Sprintf("[{%s 3} {Its letter was printed by hand. Whoever takes it to the post says that it is done. 1} "+
			"{Its reminder was not sent or did not arrive, and is not sent again by itself. Work it by hand. 1} {No e-mails: opted out on 16 Mar. 1}]", noMail))
		return err
	})
	o.do(t, o.Collector, func(tx *tenant.Tx) error {
		return dunning.Act(t.Context(), tx, of["C-10"], "Told them on the telephone.")
	})
	if got := o.barred(t); !strings.Contains(got, "C-10: A reminder was not sent or did not arrive, and something else was done. Say that it is done.") {
		t.Errorf("once it was worked by hand:\n%s", got)
	}
	refuses[errs.Forbidden](t, o.Write(t.Context(), o.Collector, func(tx *tenant.Tx) error {
		_, err := o.Barred(t.Context(), tx)
		return err
	}), "Only managers and administrators work many entries at once.")
	beta := dbtest.Tenant(t, o.Database, "beta")
	if err := o.Write(t.Context(), beta.Manager, func(tx *tenant.Tx) error {
		list, err := o.Barred(t.Context(), tx)
		if len(list) != 0 {
			t.Errorf("another company has %+v", list)
		}
		return err
	}); err != nil {
		t.Fatal(err)
	}
	o.levelOne(t, dunning.ByLetter)
	if got := o.barred(t); !strings.Contains(got, "C-2: Nothing of its level can be sent by itself. Work it by hand.") {
		t.Errorf("a level with a letter alone: %s", got)
	}
	o.exec(t, `UPDATE levels SET mode = 'confirm'`)
	is(t, "by hand again", o.barred(t), "")
}
