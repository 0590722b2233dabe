package merge_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"dunwell/internal/cases"
	"dunwell/internal/contactrule"
	"dunwell/internal/customer"
	"dunwell/internal/errs"
	"dunwell/internal/note"
	"dunwell/internal/tenant"
)

// The old name and number find the one who stays, in the search and in the list.
func TestFoundByTheOldNumber(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.sql(t, `UPDATE customers SET name = CASE id WHEN @gone THEN 'Nordlys' ELSE 'Aurora' END WHERE id IN (@keep, @gone)`)
	d.merged(t)
	d.must(t, d.acme.Collector, func(tx *tenant.Tx) error {
		for _, typed := range []string{"C-2", "nordlys", "B"} {
			hits, err := customer.Search(t.Context(), tx, typed, 5)
			if err != nil {
				return err
			}
			if typed != "B" && (len(hits) != 1 || hits[0].ID != d.keep || hits[0].By != "merged" || hits[0].Match != "C-2, Nordlys" || hits[0].Archived) {
				t.Errorf("%s finds %+v", typed, hits)
			}
			page, err := customer.List(t.Context(), tx, customer.Filter{Text: typed, Limit: 5, Currency: "EUR", Sort: customer.ByOverdue})
			if err != nil {
				return err
			}
			if typed != "B" && (len(page) != 1 || page[0].ID != d.keep) {
				t.Errorf("the list finds %+v by %s", page, typed)
			}
		}
		return nil
	})
}

// What was said to the duplicate is the last contact, and its calls count against the
// limits of the one who stays, of whichever number the same person was called on. A
// consumer is one person, however the two spelled the name.
func TestContactsOfBothCount(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, kind, kept, gone, role, reason string }{
		{"the same name", "business", "Kari", "kari", "debtor", "1 call in 7 days"},
		{"two who work there", "business", "Kari", "Ola", "debtor", ""},
		{"a consumer spelled otherwise", "consumer", "Kari Lie", "Lie, Kari", "debtor", "1 call in 7 days"},
		{"a consumer who borrowed", "consumer", "Kari Lie", "Lie, Kari", "borrower", "1 call in 7 days"},
		{"a consumer's guarantor", "consumer", "Kari Lie", "Ola Lie", "guarantor", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			d := newDesk(t)
			d.sql(t, fmt.Sprintf(`UPDATE customers SET kind = '%s' WHERE id IN (@keep, @gone)`, c.kind))
			d.sql(t, fmt.Sprintf(`INSERT INTO contact_points (tenant_id, customer_id, kind, value, person, role) VALUES (@tenant, @keep, 'phone', '+4722000001', '%s', 'debtor'), (@tenant, @gone, 'phone', '+4722000002', '%s', '%s')`, c.kept, c.gone, c.role))
			d.bothCount(t, c.reason)
		})
	}
}

// bothCount calls the duplicate and writes to it, merges, and asks whether the one who
// stays may be called at their own number: reason is what bars it, empty: nothing.
func (d *desk) bothCount(t *testing.T, reason string) {
	d.sql(t, `INSERT INTO contact_rules (tenant_id, name, channel, max_attempts, attempt_days, source, as_of) VALUES (@tenant, 'One call a week', 'call', 1, 7, 'House', '2026-01-01')`)
	d.sql(t, `INSERT INTO call_attempts (tenant_id, customer_id, contact_point_id, direction, number, at) SELECT @tenant, @gone, id, 'out', value, '2026-03-13 10:00Z' FROM contact_points WHERE customer_id = @gone`)
	d.must(t, d.acme.Collector, func(tx *tenant.Tx) error {
		_, err := note.Add(t.Context(), tx, note.New{CustomerID: d.gone, Kind: note.Typed, Text: "They will pay"})
		return err
	})
	check := func() error {
		return d.Write(t.Context(), d.acme.Collector, func(tx *tenant.Tx) error {
			care, err := customer.CareOf(t.Context(), tx, d.keep)
			if err != nil {
				return err
			}
			own := slices.IndexFunc(care.Points, func(p customer.ContactPoint) bool { return p.Value == "+4722000001" })
			return contactrule.Check(t.Context(), tx, contactrule.Ask{CustomerID: d.keep, PointID: care.Points[own].ID, Channel: customer.Call})
		})
	}
	if err := check(); err != nil {
		t.Errorf("before: %v", err)
	}
	d.merged(t)
	var refused errs.Forbidden
	if err := check(); reason == "" && err != nil || reason != "" && (!errors.As(err, &refused) || !strings.Contains(err.Error(), reason)) {
		t.Errorf("after: %v, want %q", err, reason)
	}
	d.must(t, d.acme.Collector, func(tx *tenant.Tx) error {
		care, err := customer.CareOf(t.Context(), tx, d.keep)
		if last := care.LastContact; last == nil || last.Text != "They will pay" || last.CustomerID != d.gone {
			t.Errorf("the last contact is %+v", last)
		}
		return err
	})
}

// What a manager was told of a late case of the duplicate still ends with the case.
func TestWhatAManagerWasToldMovesWithTheCase(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	var id int64
	d.must(t, d.acme.Manager, func(tx *tenant.Tx) (err error) {
		id, err = cases.Open(t.Context(), tx, d.gone, cases.Opening{Title: "Price", OwnerID: d.acme.CollectorID, NextOn: tx.Today()}, nil)
		return err
	})
	d.Now = func() time.Time { return time.Date(2026, 3, 17, 9, 30, 0, 0, time.UTC) }
	d.must(t, d.acme.System(), func(tx *tenant.Tx) error { return cases.Escalate(t.Context(), tx) })
	d.merged(t)
	told := fmt.Sprintf(`SELECT c.number || ' ' || coalesce(f.ended, 'active') FROM follow_ups f JOIN customers c ON c.id = f.customer_id WHERE f.text LIKE 'Case %d, %%'`, id)
	d.is(t, "before", told, "C-1 active")
	d.must(t, d.acme.Collector, func(tx *tenant.Tx) error {
		return cases.Close(t.Context(), tx, id, cases.Closing{Version: 1, Confirmed: true, Note: "Settled"})
	})
	d.is(t, "after", told, "C-1 done")
}

// A case that moved keeps its history: what was written from it stands in the
// duplicate's journal.
func TestACaseKeepsItsHistory(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	var id int64
	d.must(t, d.acme.Manager, func(tx *tenant.Tx) (err error) {
		k, err := cases.Open(t.Context(), tx, d.gone, cases.Opening{Title: "Price", OwnerID: d.acme.CollectorID, NextOn: tx.Today()}, nil)
		id = k
		return err
	})
	d.sql(t, fmt.Sprintf(`
		WITH letter AS (
			INSERT INTO messages (tenant_id, customer_id, channel, state, address, language, body, sent_at) VALUES (@tenant, @gone, 'email', 'sent', 'a@b.example', 'en', '', now()) RETURNING id), went AS (
			INSERT INTO case_messages (tenant_id, message_id, case_id, customer_id) SELECT @tenant, id, %d, @gone FROM letter)
		INSERT INTO notes (tenant_id, customer_id, author, kind, text, subject, subject_id) SELECT @tenant, @gone, 'Dunwell', 'email', 'About the price', 'message', id FROM letter`, id))
	history := func() (lines []string) {
		d.must(t, d.acme.Manager, func(tx *tenant.Tx) error {
			list, err := cases.History(t.Context(), tx, id)
			for _, l := range list {
				lines = append(lines, l.Text)
			}
			return err
		})
		return lines
	}
	before := strings.Join(history(), "; ")
	d.merged(t)
	if after := strings.Join(history(), "; "); after != before || !strings.Contains(after, "About the price") {
		t.Errorf("before %s, after %s", before, after)
	}
}
