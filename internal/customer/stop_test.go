package customer_test

import (
	"errors"
	"strings"
	"sync"
	"testing"

	"dunwell/internal/customer"
	"dunwell/internal/day"
	"dunwell/internal/errs"
	"dunwell/internal/tenant"
)

func bankruptcy() customer.Stop {
	return customer.Stop{Kind: "bankruptcy", Reason: "Court notice K 12/26", Since: today.Add(-2), ReviewOn: today.Add(60)}
}

func (d *desk) place(t *testing.T, who tenant.Who, s customer.Stop) (id int64, err error) {
	t.Helper()
	err = d.do(t, who, func(tx *tenant.Tx) (err error) {
		id, err = customer.PlaceStop(t.Context(), tx, d.id, s)
		return err
	})
	return id, err
}

func (d *desk) lift(t *testing.T, who tenant.Who, id int64, version int, reason, evidence string) error {
	t.Helper()
	return d.do(t, who, func(tx *tenant.Tx) error {
		return customer.LiftStop(t.Context(), tx, d.id, id, version, reason, evidence)
	})
}

func (d *desk) review(t *testing.T, who tenant.Who, id int64, version int, on day.Day, finding string) error {
	t.Helper()
	return d.do(t, who, func(tx *tenant.Tx) error {
		return customer.ReviewStop(t.Context(), tx, d.id, id, version, on, finding)
	})
}

func TestStop(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.add(t, ingrid("22 41 09 33"))
	id, err := d.place(t, d.acme.Collector, bankruptcy())
	if err != nil {
		t.Fatal(err)
	}
	care := d.care(t)
	if len(care.Stops) != 1 || care.Stops[0].PlacedBy != "acme collector" || care.Stops[0].ReviewOn != today.Add(60) {
		t.Errorf("the stops are %+v", care.Stops)
	}
	if care.First(customer.Phone) != nil {
		t.Error("the debtor is still the one to call")
	}
	lawyer := ingrid("+47 906 11 204")
	lawyer.Role = customer.Representative
	if d.add(t, lawyer); d.care(t).First(customer.Phone).Value != "+4790611204" {
		t.Error("the representative is not the one to call")
	}
	if _, err := d.place(t, d.acme.Manager, bankruptcy()); !invalid(err, "kind") {
		t.Errorf("the same stop twice: %v", err)
	}
	other := bankruptcy()
	other.Kind = "attorney"
	if _, err := d.place(t, d.acme.Collector, other); err != nil {
		t.Errorf("a second kind: %v", err)
	}
	if err := d.review(t, d.acme.Collector, id, 1, today.Add(30), "Still in the register"); err != nil {
		t.Fatal(err)
	}
	if err := d.lift(t, d.acme.Collector, id, 2, "paid", "letter"); !forbidden(err) {
		t.Errorf("a collector lifts: %v", err)
	}
	if err := d.lift(t, d.acme.Manager, id, 1, "paid", "letter"); !conflict(err) {
		t.Errorf("lifted from an older page: %v", err)
	}
	if err := d.lift(t, d.acme.Manager, id, 2, "The court ended it.", "K 12/26, decision of 13 March"); err != nil {
		t.Fatal(err)
	}
	for name, err := range map[string]error{"lift": d.lift(t, d.acme.Manager, id, 3, "x", "y"), "review": d.review(t, d.acme.Manager, id, 3, today.Add(9), "x")} {
		if !conflict(err) || !strings.Contains(err.Error(), "acme manager") {
			t.Errorf("%s of a lifted stop: %v", name, err)
		}
	}
	if care := d.care(t); len(care.Stops) != 1 || care.Stops[0].Kind != "attorney" {
		t.Errorf("in force are %+v", care.Stops)
	}
	if _, err := d.place(t, d.acme.Collector, bankruptcy()); err != nil {
		t.Errorf("placed again after the lifting: %v", err)
	}
	write(t, d.db, d.acme.Collector, func(tx *tenant.Tx) error {
		var s customer.Security
		b := tx.Batch()
		customer.QueueSecurity(b, d.id, &s)
		err := b.Send(t.Context())
		if len(s.Stops) != 3 || s.Stops[2].LiftedBy != "acme manager" || s.Stops[2].LiftEvidence != "K 12/26, decision of 13 March" {
			t.Errorf("all stops: %+v", s.Stops)
		}
		return err
	})
	d.said(t, "stop: Stop: bankruptcy, since Sat 14 Mar 2026, to be reviewed on Fri 15 May 2026. Court notice K 12/26",
		"stop: Stop bankruptcy reviewed: it stays, to be reviewed again on Wed 15 Apr 2026 instead of Fri 15 May 2026. Still in the register",
		"stop: Stop bankruptcy lifted. Reason: The court ended it. Evidence: K 12/26, decision of 13 March.")
}

// What is said of a stop keeps its lines, without what stands around them.
func TestStopInLines(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	s := bankruptcy()
	s.Reason = "\r\n Letter  of 12 March:\r\n\r\nthe attorney  writes\n \u200b\n"
	id, err := d.place(t, d.acme.Collector, s)
	if err != nil {
		t.Fatal(err)
	}
	if err := d.review(t, d.acme.Collector, id, 1, today.Add(30), "In the register:\npage 2"); err != nil {
		t.Fatal(err)
	}
	if err := d.lift(t, d.acme.Manager, id, 2, "Ended\nby the court.", "K 12/26\nof 13 March"); err != nil {
		t.Fatal(err)
	}
	d.said(t, "stop: Stop: bankruptcy, since Sat 14 Mar 2026, to be reviewed on Fri 15 May 2026. Letter of 12 March:\n\nthe attorney writes",
		"stop: Stop bankruptcy reviewed: it stays, to be reviewed again on Wed 15 Apr 2026 instead of Fri 15 May 2026. In the register:\npage 2",
		"stop: Stop bankruptcy lifted. Reason: Ended\nby the court. Evidence: K 12/26\nof 13 March.")
}

// A bankruptcy may have begun years ago, ten at the most.
func TestStopOfLongAgo(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	for kind, since := range map[customer.StopKind]day.Day{"bankruptcy": day.New(2016, 3, 16), "moratorium": day.New(2016, 3, 17)} {
		s := bankruptcy()
		s.Kind, s.Since = kind, since
		if _, err := d.place(t, d.acme.Collector, s); err != nil {
			t.Errorf("since %s: %v", since, err)
		}
	}
}

func TestStopRefused(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	for _, c := range []struct {
		name   string
		change func(*customer.Stop)
		field  string
	}{
		{"no kind", func(s *customer.Stop) { s.Kind = "holiday" }, "kind"},
		{"no reason", func(s *customer.Stop) { s.Reason = "\n" }, "reason"},
		{"a long reason", func(s *customer.Stop) { s.Reason = strings.Repeat("x", 1001) }, "reason"},
		{"a long reason in lines", func(s *customer.Stop) { s.Reason = strings.Repeat("x\n", 500) + "xx" }, "reason"},
		{"a card number", func(s *customer.Stop) { s.Reason = "Card 4111 1111 1111 1111" }, "reason"},
		{"a card number in lines", func(s *customer.Stop) { s.Reason = "Card 4111 1111\n1111 1111" }, "reason"},
		{"no beginning", func(s *customer.Stop) { s.Since = day.Day{} }, "since"},
		{"ten years and a day ago", func(s *customer.Stop) { s.Since = day.New(2016, 3, 15) }, "since"},
		{"from tomorrow", func(s *customer.Stop) { s.Since = today.Add(1) }, "since"},
		{"a review today", func(s *customer.Stop) { s.ReviewOn = today }, "review_on"},
		{"a review never", func(s *customer.Stop) { s.ReviewOn = day.New(2099, 1, 1) }, "review_on"},
	} {
		s := bankruptcy()
		c.change(&s)
		if _, err := d.place(t, d.acme.Collector, s); !invalid(err, c.field) {
			t.Errorf("%s: %v", c.name, err)
		}
	}
	id, err := d.place(t, d.acme.Collector, bankruptcy())
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		err   error
		field string
	}{
		"lift without reason":     {d.lift(t, d.acme.Manager, id, 1, " ", "letter"), "reason"},
		"lift without evidence":   {d.lift(t, d.acme.Manager, id, 1, "paid", ""), "evidence"},
		"review without finding":  {d.review(t, d.acme.Collector, id, 1, today.Add(9), ""), "finding"},
		"review without next day": {d.review(t, d.acme.Collector, id, 1, today, "looked"), "review_on"},
	} {
		if !invalid(c.err, c.field) {
			t.Errorf("%s: %v", name, c.err)
		}
	}
	if err := d.lift(t, d.beta.Admin, id, 1, "paid", "letter"); !errors.Is(err, errs.NotFound) {
		t.Errorf("another tenant lifts: %v", err)
	}
	if err := d.lift(t, d.acme.Admin, id+1, 1, "paid", "letter"); !errors.Is(err, errs.NotFound) {
		t.Errorf("no such stop: %v", err)
	}
}

func TestStopLiftedByTwoAtOnce(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	id, err := d.place(t, d.acme.Collector, bankruptcy())
	if err != nil {
		t.Fatal(err)
	}
	var (
		wait sync.WaitGroup
		got  [2]error
	)
	for i, who := range []tenant.Who{d.acme.Manager, d.acme.Admin} {
		wait.Go(func() {
			got[i] = d.db.Write(t.Context(), who, func(tx *tenant.Tx) error {
				return customer.LiftStop(t.Context(), tx, d.id, id, 1, "paid", "letter")
			})
		})
	}
	wait.Wait()
	if (got[0] == nil) == (got[1] == nil) || !conflict(errors.Join(got[:]...)) {
		t.Errorf("two at once: %v and %v", got[0], got[1])
	}
}
