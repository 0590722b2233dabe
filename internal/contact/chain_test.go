package contact_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"

	"dunwell/internal/contact"
	"dunwell/internal/tenant"
)

// S3.37, S3.38: a contact is followed up by the next link, as often as it takes, and
// the one before leaves the diary.
func TestFollowUpMakesAChain(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	first := d.added(t, d.plan("Promised to look"))
	p := d.plan("Has looked, pays on Friday")
	p.TypeID, p.ExecutiveID, p.Next = d.check, d.acme.ManagerID, contact.Next{AssigneeID: d.acme.AdminID, On: today.Add(7)}
	second := d.followed(t, first, p)
	d.wrote(t, "contact: Contact CHECK Payment check, which follows CALL Payment call of 13 Mar 2026, about AB 12345: Has looked, pays on Friday\n"+
		"Follow-up: Fri 20 Mar 2026, acme admin.")
	third := d.followed(t, second, d.plan("Paid half"))

	a, b, c := d.find(t, first), d.find(t, second), d.find(t, third)
	if a.State != contact.Followed || *a.NextID != second || a.EndedBy != "acme manager" || b.State != contact.Followed || c.State != contact.Open || c.NextID != nil {
		t.Errorf("the chain is %s > %s > %s", a.State, b.State, c.State)
	}
	if a.FirstID != first || b.FirstID != first || c.FirstID != first {
		t.Errorf("the chain begins with %d, %d, %d, want %d", a.FirstID, b.FirstID, c.FirstID, first)
	}
	err := d.Write(t.Context(), d.acme.Manager, func(tx *tenant.Tx) error {
		_, err := contact.FollowUp(t.Context(), tx, d.id, first, a.Version, d.plan("Again"))
		return err
	})
	if !conflict(err, "was followed up by acme manager on Fri 13 Mar, 10:30") {
		t.Errorf("followed up a second time: %v", err)
	}
}

// The code that was planned for the follow-up may be used although it was retired
// since; an executive who left may not.
func TestFollowUpKeepsToThePlan(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	first := d.added(t, d.plan("Call"))
	owner := d.Owner(t)
	if _, err := owner.Exec(t.Context(), `UPDATE contact_types SET retired_at = now() WHERE id IN ($1, $2)`, d.check, d.visit); err != nil {
		t.Fatal(err)
	}
	p := d.plan("Checked")
	p.Next.TypeID, p.TypeID = 0, d.visit
	try := func() error {
		return d.Write(t.Context(), d.acme.Manager, func(tx *tenant.Tx) error {
			_, err := contact.FollowUp(t.Context(), tx, d.id, first, 1, p)
			return err
		})
	}
	if err := try(); !invalid(err, "type") {
		t.Errorf("as something that is retired: %v", err)
	}
	p.TypeID = d.check
	if _, err := owner.Exec(t.Context(), `UPDATE members SET active = false WHERE id = $1`, d.acme.CollectorID); err != nil {
		t.Fatal(err)
	}
	if err := try(); !invalid(err, "executive") {
		t.Errorf("by somebody who left: %v", err)
	}
	p.ExecutiveID = d.acme.ManagerID
	if err := try(); err != nil {
		t.Errorf("as it was planned: %v", err)
	}
}

// S3.39 to S3.42: closed with a text, it stays in the history and leaves the diary.
func TestClose(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	id := d.added(t, d.plan("Promised to pay"))
	for name, text := range map[string]string{"nothing S3.40": "", "blanks": " \n ", "2,001 characters": strings.Repeat("x", 2001), "a card": "4111 1111 1111 1111"} {
		if err := d.closing(t, id, 1, text); !invalid(err, "closing") {
			t.Errorf("closed with %s: %v", name, err)
		}
	}
	if err := d.closing(t, id, 7, "Paid"); !conflict(err, "Somebody else changed") {
		t.Errorf("closed from another version: %v", err)
	}
	if err := d.closing(t, id, 1, " Paid in full. "); err != nil {
		t.Fatal(err)
	}
	c := d.find(t, id)
	if c.State != contact.Closed || c.Closing != "Paid in full." || c.EndedBy != "acme manager" || c.EndedAt == nil {
		t.Errorf("it is %+v", c)
	}
	d.wrote(t, "contact: Contact CALL Payment call closed: Paid in full.")
	for name, f := range map[string]func(*tenant.Tx) error{
		"close":  func(tx *tenant.Tx) error { return contact.Close(t.Context(), tx, d.id, id, c.Version, "x") },
		"change": func(tx *tenant.Tx) error { return contact.Change(t.Context(), tx, d.id, id, c.Version, d.plan("x")) },
		"fail": func(tx *tenant.Tx) error {
			_, err := contact.Fail(t.Context(), tx, d.id, id, c.Version, "")
			return err
		},
		"follow up": func(tx *tenant.Tx) error {
			_, err := contact.FollowUp(t.Context(), tx, d.id, id, c.Version, d.plan("x"))
			return err
		},
	} {
		if err := d.Write(t.Context(), d.acme.Admin, f); !conflict(err, "was closed by acme manager") {
			t.Errorf("%s after the close: %v", name, err)
		}
	}
}

// Two who end a contact at the same moment take turns; the second is told.
func TestTwoAtOnce(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	id := d.added(t, d.plan("Two know it"))
	var wg sync.WaitGroup
	results := make([]error, 2)
	for i, who := range []tenant.Who{d.acme.Collector, d.acme.Manager} {
		wg.Go(func() {
			results[i] = d.Write(t.Context(), who, func(tx *tenant.Tx) error {
				_, err := contact.FollowUp(t.Context(), tx, d.id, id, 1, d.plan(fmt.Sprintf("Followed up by %d", i)))
				return err
			})
		})
	}
	wg.Wait()
	if (results[0] == nil) == (results[1] == nil) || !conflict(results[0], "followed up") && !conflict(results[1], "followed up") {
		t.Errorf("answers %v and %v", results[0], results[1])
	}
	var n int
	if err := d.Owner(t).QueryRow(t.Context(), `SELECT count(*) FROM contacts WHERE tenant_id = $1`, d.acme.ID).Scan(&n); err != nil || n != 2 {
		t.Errorf("%d contacts, %v", n, err)
	}
}
