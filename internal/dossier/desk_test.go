package dossier_test

import (
	"archive/zip"
	"bytes"
	"encoding/csv"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"dunwell/internal/contactrule"
	"dunwell/internal/customer"
	"dunwell/internal/day"
	"dunwell/internal/dbtest"
	"dunwell/internal/document"
	"dunwell/internal/dossier"
	"dunwell/internal/inbox"
	"dunwell/internal/money"
	"dunwell/internal/note"
	"dunwell/internal/promise"
	"dunwell/internal/tenant"
)

// desk is a company with a customer, and another company beside it. Its clock stands
// at 10:30 on Monday 16 March 2026, in Oslo.
type desk struct {
	*dbtest.Database
	acme, beta *dbtest.Company
	store      *document.Folder
	id, on     int64 // the customer, and the account
	item       int64
	foreign    int64 // a customer of beta
}

func newDesk(t testing.TB) *desk {
	t.Helper()
	store, err := document.OpenFolder(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = store.Close() })
	d := &desk{Database: dbtest.New(t), store: store}
	d.acme, d.beta = dbtest.Tenant(t, d.Database, "acme"), dbtest.Tenant(t, d.Database, "beta")
	d.must(t, d.acme.Collector, func(tx *tenant.Tx) error {
		d.id, d.on = dbtest.Customer(t, tx, "C-1")
		d.item = dbtest.Item(t, tx, d.on, "INV-1", "2026-01-10", 600_00, "EUR")
		return d.say(t, tx, d.id, "He was called Ann <b>.")
	})
	d.must(t, d.beta.Collector, func(tx *tenant.Tx) error {
		d.foreign, _ = dbtest.Customer(t, tx, "C-1")
		return d.say(t, tx, d.foreign, "A secret of beta.")
	})
	return d
}

func (d *desk) must(t testing.TB, who tenant.Who, f func(*tenant.Tx) error) {
	t.Helper()
	if err := d.Write(t.Context(), who, f); err != nil {
		t.Fatal(err)
	}
}

func (d *desk) say(t testing.TB, tx *tenant.Tx, customerID int64, text string) error {
	t.Helper()
	_, err := note.Add(t.Context(), tx, note.New{CustomerID: customerID, Kind: note.Typed, Text: text})
	return err
}

// take takes a dossier and opens the archive.
func (d *desk) take(t testing.TB, who tenant.Who) archive {
	t.Helper()
	var seq int64
	d.must(t, who, func(tx *tenant.Tx) (err error) {
		seq, err = dossier.Take(t.Context(), tx, d.id)
		return err
	})
	var out bytes.Buffer
	d.write(t, who, seq, &out)
	z, err := zip.NewReader(bytes.NewReader(out.Bytes()), int64(out.Len()))
	if err != nil {
		t.Fatal(err)
	}
	a := archive{}
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		content, err := io.ReadAll(r)
		if _, twice := a[f.Name]; err != nil || twice {
			t.Fatalf("%s: %v, or it is there twice", f.Name, err)
		}
		a[f.Name] = string(content)
	}
	return a
}

// write writes out the dossier of a note, after its transaction.
func (d *desk) write(t testing.TB, who tenant.Who, seq int64, w io.Writer) {
	t.Helper()
	var made *dossier.Dossier
	err := d.Read(t.Context(), who, func(tx *tenant.Tx) (err error) {
		made, err = dossier.Open(t.Context(), tx, d.store, d.id, seq)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(made.WriteOut(t.Context(), w), made.Close()); err != nil {
		t.Fatal(err)
	}
}

// archive has the files by their names.
type archive map[string]string

// lines reads a table: every line as its cells by the names of the columns.
func (a archive) lines(t testing.TB, name string) (list []map[string]string) {
	t.Helper()
	text, marked := strings.CutPrefix(a[name], "\ufeff")
	rows, err := csv.NewReader(strings.NewReader(text)).ReadAll()
	if err != nil || !marked || len(rows) == 0 {
		t.Fatalf("%s is no table: %v, %.200q", name, err, a[name])
	}
	for _, row := range rows[1:] {
		cells := map[string]string{}
		for i, head := range rows[0] {
			cells[head] = row[i]
		}
		list = append(list, cells)
	}
	return list
}

// has fails the test unless the table has so many lines, and the line of that number
// those cells.
func (a archive) has(t testing.TB, name string, n, at int, want map[string]string) {
	t.Helper()
	list := a.lines(t, name)
	if len(list) != n {
		t.Fatalf("%s has %d lines, want %d: %v", name, len(list), n, list)
	}
	for head, cell := range want {
		if got, there := list[at][head]; got != cell || !there {
			t.Errorf("%s, line %d, %s: %q, want %q", name, at, head, got, cell)
		}
	}
}

// cared gives the customer a number, and what was said about it.
func (d *desk) cared(t testing.TB) (point int64) {
	t.Helper()
	d.must(t, d.acme.Manager, func(tx *tenant.Tx) (err error) {
		point, err = customer.AddPoint(t.Context(), tx, d.id, customer.Point{Kind: customer.Phone, Value: "+47 22 41 09 33", Person: "Ann Berg", Role: customer.Debtor})
		if err != nil {
			return err
		}
		_, serr := customer.PlaceStop(t.Context(), tx, d.id, customer.Stop{Kind: "complaint", Reason: "Wrote to the bank", Since: tx.Today(), ReviewOn: tx.Today().Add(30)})
		_, xerr := tx.Exec(t.Context(), `
			INSERT INTO contact_requests (customer_id, contact_point_id, channel, until, source, at)
			VALUES ($1, $2, 'call', $3::timestamptz + interval '2 days', 'Her letter', $3)`, d.id, point, tx.Now)
		return errors.Join(serr, xerr, customer.Permit(t.Context(), tx, d.id, point, 0, customer.Permission{Channel: customer.SMS, State: customer.OptOut,
			GivenOn: tx.Today(), Source: "By telephone", ReviewOn: tx.Today().Add(40)}))
	})
	return point
}

// wrote is an SMS of the debtor's, with a file, that the collector has handled.
func (d *desk) wrote(t testing.TB, point int64) {
	t.Helper()
	d.must(t, d.acme.System(), func(tx *tenant.Tx) error {
		e, _, err := inbox.Take(t.Context(), tx, inbox.In{Channel: customer.SMS, ProviderID: "SM1", Kind: inbox.Reply, From: "+4722410933", Person: "Ann Berg",
			To: "+4799999999", Body: "=I paid", CustomerID: d.id, PointID: point, At: tx.Now})
		if err != nil {
			return err
		}
		_, err = document.Add(t.Context(), tx, d.store, document.New{CustomerID: d.id, Subject: document.OfReceived, SubjectID: e.ReceivedID, Name: "slip.txt", Content: strings.NewReader("paid")})
		return err
	})
	d.must(t, d.acme.Collector, func(tx *tenant.Tx) error {
		_, err := inbox.Answered(t.Context(), tx, d.id)
		return err
	})
}

// called is an incoming call about the account.
func (d *desk) called(t testing.TB, point int64) {
	t.Helper()
	d.must(t, d.acme.Collector, func(tx *tenant.Tx) error {
		_, err := contactrule.Record(t.Context(), tx, contactrule.Attempt{CustomerID: d.id, PointID: point, Incoming: true, AccountIDs: []int64{d.on}},
			contactrule.Outcome{Conversation: true, Data: map[string]any{"name": "Spoke to customer"}})
		return err
	})
}

// promised is a promise that was taken back, and one that is open.
func (d *desk) promised(t testing.TB) {
	t.Helper()
	d.must(t, d.acme.Manager, func(tx *tenant.Tx) error {
		plan := promise.Plan{AccountID: d.on, Amount: money.New(120_50, "EUR"), AssigneeID: d.acme.CollectorID, DueOn: tx.Today().Add(4), Text: "After the wages"}
		id, err := promise.Make(t.Context(), tx, d.id, plan)
		if err != nil {
			return err
		}
		if err := promise.Withdraw(t.Context(), tx, d.id, id, promise.Withdrawal{Version: 1, Reason: "Another customer's"}); err != nil {
			return err
		}
		plan.Amount.Minor = 77_25
		_, err = promise.Make(t.Context(), tx, d.id, plan)
		return err
	})
}

// papers are an e-mail that failed with a file, and others: kept, removed, lost.
func (d *desk) papers(t testing.TB) {
	t.Helper()
	d.must(t, d.acme.Collector, func(tx *tenant.Tx) error {
		var ids []int64
		var lost string
		for _, name := range []string{`..\..\=evil:name.txt`, "kept.txt", "removed.txt", "lost.txt"} {
			f, err := document.Add(t.Context(), tx, d.store, document.New{CustomerID: d.id, Subject: document.OfItem, SubjectID: d.item, Name: name, Content: strings.NewReader("content of " + name)})
			if err != nil {
				return err
			}
			ids, lost = append(ids, f.ID), f.BlobKey
		}
		if _, err := document.Remove(t.Context(), tx, d.id, ids[2]); err != nil {
			return err
		}
		_, err := tx.Exec(t.Context(), `
			WITH message AS (
				INSERT INTO messages (customer_id, channel, state, address, person, language, subject, body, error, author_id)
				VALUES (@customer, 'email', 'failed', 'ann@berg.example', 'Ann Berg', 'en', 'Your account', E'Dear Ann\nPlease pay.', 'No such mailbox.', @member)
				RETURNING id
			), file AS (
				INSERT INTO message_documents (message_id, document_id) SELECT id, @file FROM message
			), line AS (
				INSERT INTO notes (customer_id, author, kind, text, subject, subject_id) SELECT @customer, 'acme collector', 'email', 'E-mail to Ann', 'message', id FROM message)
			INSERT INTO message_events (message_id, state, detail) SELECT id, 'failed', 'No such mailbox.' FROM message`,
			pgx.NamedArgs{"customer": d.id, "file": ids[0], "member": d.acme.CollectorID})
		return errors.Join(err, d.store.Delete(t.Context(), lost))
	})
}

// reminded is a reminder that was taken back.
func (d *desk) reminded(t testing.TB) {
	t.Helper()
	d.must(t, d.acme.Manager, func(tx *tenant.Tx) error {
		_, err := tx.Exec(t.Context(), `
			WITH policy AS (INSERT INTO policies (name) VALUES ('Standard') RETURNING id),
				level AS (INSERT INTO levels (policy_id, name, after_days) SELECT id, 'Second reminder', 15 FROM policy RETURNING id),
				entry AS (
					INSERT INTO agenda_entries (customer_id, opened_on, as_of, policy_id, why, item_id, due_on, items, currency, to_collect, currencies, state, closed_at)
					SELECT @customer, @day, @day, id, 'level', @item, '2026-01-10', 1, 'EUR', 60000, 1, 'done', now() FROM policy
					RETURNING id),
				action AS (
					INSERT INTO agenda_actions (customer_id, entry_id, kind, level_number, level_name, text) SELECT @customer, id, 'manual', 2, 'Second reminder', 'Visited' FROM entry
					RETURNING id, entry_id),
				done AS (
					INSERT INTO reminders (customer_id, item_id, entry_id, action_id, level_id, level_number, after_days, reminded_on, pay_by, amount, currency, member_id)
					SELECT @customer, @item, a.entry_id, a.id, l.id, 2, 15, @day, @day::date + 7, 59999, 'EUR', @member FROM action a, level l
					RETURNING *)
			INSERT INTO reminders (customer_id, item_id, entry_id, action_id, level_id, level_number, after_days, reminded_on, pay_by, amount, currency, reverses, reason)
			SELECT customer_id, item_id, entry_id, action_id, level_id, level_number, after_days, reminded_on, pay_by, amount, currency, id, 'It never arrived' FROM done`,
			pgx.NamedArgs{"customer": d.id, "item": d.item, "day": tx.Today(), "member": tx.Actor.MemberID})
		return err
	})
}

// barred has a contact refused, one made all the same, the rule changed, and a contact
// refused again.
func (d *desk) barred(t testing.TB) {
	t.Helper()
	rule := contactrule.Rule{Name: "Weekends", Channel: customer.Mail, Weekdays: 0b1100000, From: "08:00", To: "21:00", Source: "The regulator", AsOf: day.New(2026, 1, 1)}
	email := int64(0)
	d.must(t, d.acme.Admin, func(tx *tenant.Tx) (err error) {
		if email, err = customer.AddPoint(t.Context(), tx, d.id, customer.Point{Kind: customer.Email, Value: "ann@berg.example", Person: "Ann Berg", Role: customer.Representative}); err != nil {
			return err
		}
		rule.ID, err = contactrule.Add(t.Context(), tx, rule)
		return err
	})
	ask := contactrule.Ask{CustomerID: d.id, PointID: email, Channel: customer.Mail}
	check := func(who tenant.Who, override string) error {
		ask.Override = override
		return d.Write(t.Context(), who, func(tx *tenant.Tx) error { return contactrule.Check(t.Context(), tx, ask) })
	}
	refused := check(d.acme.Collector, "")
	made := check(d.acme.Manager, "She asked for it")
	d.must(t, d.acme.Admin, func(tx *tenant.Tx) error {
		rule.From, rule.Version = "09:00", 1
		return contactrule.Change(t.Context(), tx, rule)
	})
	again := check(d.acme.Collector, "")
	if refused == nil || made != nil || again == nil {
		t.Fatalf("refused %v, made all the same %v, refused again %v", refused, made, again)
	}
}
