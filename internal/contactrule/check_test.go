package contactrule_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"dunwell/internal/contactrule"
	"dunwell/internal/customer"
	"dunwell/internal/dbtest"
	"dunwell/internal/errs"
	"dunwell/internal/tenant"
)

func TestWhatIsLoaded(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	want := func(r contactrule.Ruling, v contactrule.Verdict, reason string) {
		t.Helper()
		if r.Verdict != v || !strings.Contains(r.Reason, reason) {
			t.Errorf("%s: %q, want %s: %q", r.Verdict, r.Reason, v, reason)
		}
	}
	want(d.of(t, "2026-03-16 06:59").For(d.phone, customer.Call), contactrule.NotYet, "Not before 08:00: calls before 08:00")
	want(d.of(t, "2026-03-16 07:00").For(d.phone, customer.Call), contactrule.Allowed, "Calls until 21:00")
	want(d.of(t, "2026-03-16 07:00").For(0, customer.Letter), contactrule.Allowed, "Letters at any hour")

	d.calls(t, d.first, false, "2026-03-10 10:00", "2026-03-10 15:00", "2026-03-11 10:00", "2026-03-11 15:00", "2026-03-12 10:00", "2026-03-12 15:00", "2026-03-13 10:00")
	r := d.of(t, "2026-03-16 09:00")
	want(r.For(d.phone, customer.Call), contactrule.NotYet, "Not before Tue 08:00: 7 calls in 7 days are the most for consumers, and so many were tried about L-1")
	want(r.For(d.phone, customer.Call, d.second), contactrule.Allowed, "")
	want(r.For(d.lawyer, customer.Call), contactrule.Allowed, "")
	want(d.of(t, "2026-03-17 07:00").For(d.phone, customer.Call), contactrule.Allowed, "")

	d.calls(t, 0, true, "2026-03-17 09:00")
	want(d.of(t, "2026-03-23 19:00").For(d.phone, customer.Call, d.second), contactrule.NotYet, "Not before Tue 08:00: no calls to consumers for 7 days after a conversation, and there was one on Tue 17 Mar")
	want(d.of(t, "2026-03-24 07:00").For(d.phone, customer.Call, d.second), contactrule.Allowed, "")

	d.write(t, func(tx *tenant.Tx) {
		d.exec(t, tx, `INSERT INTO holidays (day, name) VALUES ('2026-05-17', 'Constitution Day'), ('2026-03-01', 'Past')`)
		d.exec(t, tx, `INSERT INTO contact_times (customer_id, kind, weekdays, from_time, to_time) VALUES (@customer, 'forbidden', 1, '12:00', '24:00')`)
		d.exec(t, tx, `UPDATE contact_rules SET retired_at = now() WHERE name LIKE 'SMS to consumers%'`)
	})
	want(d.of(t, "2026-05-17 10:00").For(d.phone, customer.Call), contactrule.NotYet, "Not before Mon 08:00: calls on holidays are barred for consumers, and it is Constitution Day (12:00 there)")
	want(d.of(t, "2026-05-18 10:00").For(d.email, customer.Mail), contactrule.NotYet, "Not before Tue 08:00: the debtor is not to be tried Mon 12:00–24:00")
	want(d.of(t, "2026-05-19 02:00").For(d.phone, customer.SMS), contactrule.Allowed, "SMS until") // until the forbidden time
	d.write(t, func(tx *tenant.Tx) {
		tomorrow := tx.Today().AddMonths(1)
		_, err := customer.PlaceStop(t.Context(), tx, d.id, customer.Stop{Kind: "attorney", Reason: "A letter", Since: tx.Today(), ReviewOn: tomorrow})
		must(t, err)
	})
	want(d.of(t, "2026-05-19 10:00").For(d.phone, customer.Call), contactrule.No, "a stop is in force (attorney)")
	want(d.of(t, "2026-05-19 10:00").For(d.lawyer, customer.Call), contactrule.Allowed, "")
}

func TestOfAnotherCompany(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	err := d.Read(t.Context(), d.beta.Admin, func(tx *tenant.Tx) error {
		_, err := contactrule.Of(t.Context(), tx, d.id)
		return err
	})
	if !errors.Is(err, errs.NotFound) {
		t.Errorf("read: %v", err)
	}
	for name, ask := range map[string]contactrule.Ask{
		"the customer":        {CustomerID: d.id, PointID: d.phone, Channel: customer.Call},
		"no such customer":    {CustomerID: 999, PointID: d.phone, Channel: customer.Call},
		"with an own account": {CustomerID: d.id, PointID: d.phone, Channel: customer.Call, AccountIDs: []int64{1}},
	} {
		err := in(t, d.Database, d.beta.Admin, func(tx *tenant.Tx) error { return contactrule.Check(t.Context(), tx, ask) })
		if !errors.Is(err, errs.NotFound) {
			t.Errorf("%s: %v", name, err)
		}
	}
	var other, account, point int64
	d.write(t, func(tx *tenant.Tx) {
		other, account = dbtest.Customer(t, tx, "other")
		var err error
		point, err = customer.AddPoint(t.Context(), tx, other, customer.Point{Kind: customer.Phone, Value: "+4790611299", Role: customer.Debtor})
		must(t, err)
	})
	for name, ask := range map[string]contactrule.Ask{
		"another customer's point":   {CustomerID: d.id, PointID: point, Channel: customer.Call},
		"another customer's account": {CustomerID: d.id, PointID: d.phone, Channel: customer.Call, AccountIDs: []int64{d.first, account}},
	} {
		err := in(t, d.Database, d.acme.Manager, func(tx *tenant.Tx) error { return contactrule.Check(t.Context(), tx, ask) })
		if !errors.Is(err, errs.NotFound) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestQueriesAreFew(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.calls(t, d.first, true, "2026-03-10 10:00", "2026-03-10 15:00", "2026-03-11 10:00")
	must(t, d.Read(t.Context(), d.acme.Collector, func(tx *tenant.Tx) error {
		c, err := customer.Find(t.Context(), tx, d.id)
		must(t, err)
		care, err := customer.CareOf(t.Context(), tx, d.id)
		must(t, err)
		d.Queries.Take()
		r, err := contactrule.OfCare(t.Context(), tx, c, care)
		r.For(d.phone, customer.Call)
		r.For(d.phone, customer.SMS, d.first)
		if n := d.Queries.Take(); n != 3 {
			t.Errorf("%d questions, want 3", n)
		}
		return err
	}))
}

// check asks as that member at the moment, and returns the refusal.
func (d *desk) check(t *testing.T, who tenant.Who, at string, a contactrule.Ask) error {
	t.Helper()
	d.at(t, at)
	a.CustomerID = d.id
	return in(t, d.Database, who, func(tx *tenant.Tx) error { return contactrule.Check(t.Context(), tx, a) })
}

func (d *desk) notes(t *testing.T, kind string) (text string) {
	t.Helper()
	err := d.Owner(t).QueryRow(t.Context(), `
		SELECT coalesce(string_agg(author || ': ' || text || ' ' || data::text, E'\n' ORDER BY seq), '')
		FROM notes WHERE customer_id = $1 AND kind = $2`, d.id, kind).Scan(&text)
	must(t, err)
	return text
}

func TestCheck(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	call := contactrule.Ask{PointID: d.phone, Channel: customer.Call}
	const day, night = "2026-03-16 12:00", "2026-03-16 21:30"
	for _, who := range []tenant.Who{d.acme.Collector, d.acme.Manager, d.acme.System()} {
		if err := d.check(t, who, day, call); err != nil {
			t.Errorf("by day: %v", err)
		}
	}
	err := d.check(t, d.acme.Collector, night, call)
	if !errors.As(err, new(errs.Forbidden)) || err.Error() != "Not before Tue 08:00: calls from 21:00 on are barred for consumers (22:30 there). Only a manager does it all the same, with a reason. Ask yours." {
		t.Errorf("a collector at night: %v", err)
	}
	call.Override = "The car is being collected"
	if err := d.check(t, d.acme.Collector, night, call); !errors.As(err, new(errs.Forbidden)) {
		t.Errorf("a collector with a reason: %v", err)
	}
	if err := d.check(t, d.acme.System(), night, call); !errors.As(err, new(errs.Forbidden)) || !strings.HasSuffix(err.Error(), "(22:30 there).") {
		t.Errorf("the program itself: %v", err)
	}
	call.Override = "  "
	var inv errs.Invalid
	if err := d.check(t, d.acme.Manager, night, call); !errors.As(err, &inv) || !strings.HasPrefix(inv["override"], "Not before Tue 08:00") {
		t.Errorf("a manager without a reason: %v", err)
	}
	call.Override = strings.Repeat("x", contactrule.MaxOverride+1)
	if err := d.check(t, d.acme.Manager, night, call); !errors.As(err, &inv) {
		t.Errorf("a manager with too long a reason: %v", err)
	}
	if got := d.notes(t, "override"); got != "" {
		t.Errorf("notes of what was refused: %s", got)
	}
	call.Override = "The car is being\ncollected"
	must(t, d.check(t, d.acme.Manager, night, call))
	if got := d.notes(t, "override"); !strings.HasPrefix(got, "acme manager: Contact all the same. Not before Tue 08:00: calls from 21:00 on are barred for consumers (22:30 there). Reason: The car is being collected {") ||
		!strings.Contains(got, `"channel": "call"`) || !strings.Contains(got, `"version": 1`) {
		t.Errorf("the note says %s", got)
	}
	must(t, d.check(t, d.acme.Collector, night, contactrule.Ask{PointID: d.phone, Channel: customer.Call, Answering: true}))

	d.calls(t, 0, false, "2026-03-16 08:00", "2026-03-16 11:30") // how often is set aside as the hours are
	if err := d.check(t, d.acme.Collector, "2026-03-16 15:00", call); !errors.As(err, new(errs.Forbidden)) || !strings.HasPrefix(err.Error(), "Not before Tue 08:00: 2 calls a day") {
		t.Errorf("a collector's third call: %v", err)
	}
	must(t, d.check(t, d.acme.Manager, "2026-03-16 15:00", call))
	if got := d.notes(t, "override"); strings.Count(got, "Reason: The car is being collected") != 2 || !strings.Contains(got, "2 calls a day are the most for consumers") {
		t.Errorf("the notes say %s", got)
	}
}

// S5.32.
func TestNobodyOverridesWhatWasSaid(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.write(t, func(tx *tenant.Tx) {
		must(t, customer.Permit(t.Context(), tx, d.id, d.phone, 0, customer.Permission{Channel: customer.SMS, State: customer.OptOut, GivenOn: tx.Today(), Source: "STOP", ReviewOn: tx.Today().Add(9)}))
	})
	sms := contactrule.Ask{PointID: d.phone, Channel: customer.SMS, Override: "It is urgent"}
	for _, who := range []tenant.Who{d.acme.Collector, d.acme.Manager, d.acme.Admin} {
		if err := d.check(t, who, "2026-03-16 12:00", sms); !errors.As(err, new(errs.Forbidden)) || err.Error() != "No SMS: opted out on 16 Mar." {
			t.Errorf("an opt-out: %v", err)
		}
	}
	d.write(t, func(tx *tenant.Tx) {
		_, err := customer.PlaceStop(t.Context(), tx, d.id, customer.Stop{Kind: "attorney", Reason: "A letter", Since: tx.Today(), ReviewOn: tx.Today().Add(9)})
		must(t, err)
	})
	mail := contactrule.Ask{PointID: d.email, Channel: customer.Mail, Override: "It is urgent", Answering: true}
	if err := d.check(t, d.acme.Admin, "2026-03-16 12:00", mail); !errors.As(err, new(errs.Forbidden)) {
		t.Errorf("a stop: %v", err)
	}
	must(t, d.check(t, d.acme.Collector, "2026-03-16 12:00", contactrule.Ask{PointID: d.lawyer, Channel: customer.Call}))
	d.write(t, func(tx *tenant.Tx) { d.exec(t, tx, `UPDATE customers SET archived_at = now() WHERE id = @customer`) })
	err := d.check(t, d.acme.Manager, "2026-03-16 12:00", contactrule.Ask{PointID: d.lawyer, Channel: customer.Call, Override: "It is urgent"})
	if !errors.As(err, new(errs.Forbidden)) || !strings.Contains(err.Error(), "archived") {
		t.Errorf("an archived customer: %v", err)
	}
	if got := d.notes(t, "override"); got != "" {
		t.Errorf("notes: %s", got)
	}
}

// A refusal is on record after its rollback, without anybody's name or number.
func TestRefusalsAreRecorded(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	if err := d.check(t, d.acme.Collector, "2026-03-16 21:30", contactrule.Ask{PointID: d.phone, Channel: customer.Call}); err == nil {
		t.Fatal("not refused")
	}
	var rule int64
	must(t, d.Owner(t).QueryRow(t.Context(), `SELECT id FROM contact_rules WHERE name = 'Calls to consumers: hours'`).Scan(&rule))
	var member, subject int64
	var data string
	err := d.Owner(t).QueryRow(t.Context(), `SELECT member_id, subject_id, data::text FROM audit_events WHERE kind = 'contact.refused'`).Scan(&member, &subject, &data)
	must(t, err)
	want := fmt.Sprintf(`{"rule": %d, "reason": "Not before Tue 08:00: calls from 21:00 on are barred for consumers (22:30 there)", "channel": "call", "version": 1, "contact_point": %d}`, rule, d.phone)
	if member != d.acme.CollectorID || subject != d.id || data != want {
		t.Errorf("member %d, customer %d: %s\nwant %s", member, subject, data, want)
	}
}

// Two who call at the same moment: the second is judged by the first one's call.
func TestTwoAtOnce(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	began, done := make(chan struct{}), make(chan error)
	call := func(before, after func()) error {
		return in(t, d.Database, d.acme.Collector, func(tx *tenant.Tx) error {
			before()
			if err := contactrule.Check(t.Context(), tx, contactrule.Ask{CustomerID: d.id, PointID: d.phone, Channel: customer.Call}); err != nil {
				return err
			}
			after()
			_, err := tx.Exec(t.Context(), `
				INSERT INTO call_attempts (customer_id, contact_point_id, direction, number, at)
				VALUES ($1, $2, 'out', '+4790611204', $3)`, d.id, d.phone, tx.Now)
			return err
		})
	}
	first := call(func() {}, func() {
		go func() { done <- call(func() { close(began) }, func() {}) }()
		<-began
		time.Sleep(50 * time.Millisecond) // the other waits for the customer now
	})
	second := <-done
	if first != nil || !errors.As(second, new(errs.Forbidden)) || !strings.Contains(second.Error(), "3 hours have to lie between calls") {
		t.Errorf("first %v, second %v", first, second)
	}
}

func TestRequest(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	wish := contactrule.Wish{CustomerID: d.id, PointID: d.phone, Channel: customer.Call, Source: " Wrote  on 16 March. "}
	ask := func(who tenant.Who, w contactrule.Wish) error {
		d.at(t, "2026-03-16 21:30")
		return in(t, d.Database, who, func(tx *tenant.Tx) error { return contactrule.Request(t.Context(), tx, w) })
	}
	must(t, ask(d.acme.Collector, wish))
	if got := d.notes(t, "contact_request"); got != "acme collector: Asked for calls on +47 90 61 12 04 until Mon 23 Mar 2026 22:30. Source: Wrote on 16 March. {}" {
		t.Errorf("the note says %s", got)
	}
	for at, want := range map[string]contactrule.Verdict{"2026-03-16 21:29": contactrule.NotYet, "2026-03-16 21:30": contactrule.Allowed, "2026-03-23 21:29": contactrule.Allowed, "2026-03-23 21:30": contactrule.NotYet} {
		if r := d.of(t, at).For(d.phone, customer.Call); r.Verdict != want {
			t.Errorf("at %s: %s, %q", at, r.Verdict, r.Reason)
		}
	}
	card := wish
	card.Source = "Card 4111 1111 1111 1111"
	if err := ask(d.acme.Collector, card); !errors.As(err, new(errs.Invalid)) {
		t.Errorf("with a card number: %v", err)
	}
	if err := ask(d.beta.Admin, wish); !errors.Is(err, errs.NotFound) {
		t.Errorf("another company: %v", err)
	}
	now := time.Date(2026, 3, 16, 21, 30, 0, 0, time.UTC)
	var third int64
	d.write(t, func(tx *tenant.Tx) {
		third = d.add(t, tx, customer.Point{Kind: customer.Phone, Value: "+4790611211", Role: customer.ThirdParty})
	})
	for field, spoil := range map[string]func(*contactrule.Wish){
		"source":  func(w *contactrule.Wish) { w.Source = " " },
		"channel": func(w *contactrule.Wish) { w.Channel = customer.Mail },
		"until":   func(w *contactrule.Wish) { w.Until = now.Add(contactrule.Longest + time.Minute) },
		"":        func(w *contactrule.Wish) { w.PointID = third },
	} {
		w := wish
		spoil(&w)
		var inv errs.Invalid
		if err := ask(d.acme.Collector, w); !errors.As(err, &inv) || inv[field] == "" {
			t.Errorf("%s: %v", field, err)
		}
	}
	w := wish
	w.Until = now
	if err := ask(d.acme.Collector, w); !errors.As(err, new(errs.Invalid)) {
		t.Errorf("over before it began: %v", err)
	}
	w.PointID = 999
	if err := ask(d.acme.Collector, w); !errors.Is(err, errs.NotFound) {
		t.Errorf("no such point: %v", err)
	}
	d.write(t, func(tx *tenant.Tx) { d.exec(t, tx, `UPDATE contact_points SET retired_at = now() WHERE id = @phone`) })
	if err := ask(d.acme.Collector, wish); !errors.As(err, new(errs.Conflict)) {
		t.Errorf("a number out of use: %v", err)
	}
	d.write(t, func(tx *tenant.Tx) { d.exec(t, tx, `UPDATE customers SET archived_at = now() WHERE id = @customer`) })
	if err := ask(d.acme.Collector, wish); !errors.Is(err, customer.Archived) {
		t.Errorf("an archived customer: %v", err)
	}
}
