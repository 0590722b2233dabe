package customer_test

import (
	"errors"
	"strings"
	"testing"

	"dunwell/internal/customer"
	"dunwell/internal/day"
	"dunwell/internal/errs"
	"dunwell/internal/tenant"
)

func said(state customer.State, ch customer.Channel) customer.Permission {
	p := customer.Permission{Channel: ch, State: state, GivenOn: today.Add(-3), Source: "call with Ingrid Hauge"}
	if state == customer.OptOut {
		p.ReviewOn = today.Add(90)
	}
	if state == customer.Lifted {
		p.Evidence = "her letter of 12 March"
	}
	return p
}

func (d *desk) permit(t *testing.T, who tenant.Who, point int64, p customer.Permission) error {
	t.Helper()
	return d.permitAfter(t, who, point, d.now(t, point, p.Channel).ID, p)
}

func (d *desk) permitAfter(t *testing.T, who tenant.Who, point, seen int64, p customer.Permission) error {
	t.Helper()
	return d.do(t, who, func(tx *tenant.Tx) error { return customer.Permit(t.Context(), tx, d.id, point, seen, p) })
}

// now is what counts of the channel.
func (d *desk) now(t *testing.T, point int64, ch customer.Channel) customer.Permission {
	t.Helper()
	for _, p := range d.care(t).Points {
		if p.ID == point {
			return p.Permission(ch)
		}
	}
	return customer.Permission{State: "no such point"}
}

func (d *desk) state(t *testing.T, point int64, ch customer.Channel) customer.State {
	t.Helper()
	return d.now(t, point, ch).State
}

// What is recorded follows on what the person saw, or it is not recorded.
func TestPermissionMovedOn(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	point := d.add(t, ingrid("22 41 09 33"))
	other := ingrid("22 41 09 33")
	other.Person = "Ole Dahl"
	second := d.add(t, other)
	if err := d.permit(t, d.acme.Manager, point, said(customer.OptOut, customer.SMS)); err != nil {
		t.Fatal(err)
	}
	for name, at := range map[string]int64{"the point": point, "another of the number": second} {
		if err := d.permitAfter(t, d.acme.Collector, at, 0, said(customer.OptOut, customer.SMS)); !conflict(err) {
			t.Errorf("%s: recorded by somebody who saw nothing: %v", name, err)
		}
	}
	if err := d.permitAfter(t, d.acme.Collector, point, 0, said(customer.Consent, customer.Call)); err != nil {
		t.Errorf("another channel: %v", err)
	}
	if err := d.permitAfter(t, d.acme.Collector, point, d.now(t, point, customer.SMS).ID, said(customer.OptOut, customer.SMS)); err != nil {
		t.Errorf("by somebody who saw it: %v", err)
	}
}

// What can follow on what: by whom, and what counts afterwards.
func TestPermissionsInOrder(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	point := d.add(t, ingrid("22 41 09 33"))
	for _, c := range []struct {
		who   tenant.Who
		state customer.State
		field string // refused with a message there; "-": forbidden
		now   customer.State
	}{
		{d.acme.Collector, customer.Withdrawn, "state", ""},
		{d.acme.Manager, customer.Lifted, "state", ""},
		{d.acme.Collector, customer.Consent, "", customer.Consent},
		{d.acme.Collector, customer.Consent, "state", customer.Consent},
		{d.acme.Collector, customer.Withdrawn, "", customer.Withdrawn},
		{d.acme.Collector, customer.Consent, "", customer.Consent},
		{d.acme.Collector, customer.OptOut, "", customer.OptOut},
		{d.acme.Manager, customer.Consent, "state", customer.OptOut},
		{d.acme.Manager, customer.Withdrawn, "state", customer.OptOut},
		{d.acme.Collector, customer.OptOut, "", customer.OptOut}, // its review
		{d.acme.Collector, customer.Lifted, "-", customer.OptOut},
		{d.acme.Manager, customer.Lifted, "", customer.Lifted},
		{d.acme.Manager, customer.Lifted, "state", customer.Lifted},
		{d.acme.Collector, customer.Consent, "", customer.Consent},
	} {
		err := d.permit(t, c.who, point, said(c.state, customer.SMS))
		if ok := c.field == "" && err == nil || c.field == "-" && forbidden(err) || c.field != "" && invalid(err, c.field); !ok {
			t.Errorf("%s: %v, want a message for %q", c.state, err, c.field)
		}
		if got := d.state(t, point, customer.SMS); got != c.now {
			t.Errorf("after %s %q counts, want %q", c.state, got, c.now)
		}
	}
	if got := d.state(t, point, customer.Call); got != "" {
		t.Errorf("calls were not spoken of and are %q", got)
	}
	d.said(t, "permission: Consent to SMS for +47 22 41 09 33 on Fri 13 Mar 2026. Source: call with Ingrid Hauge.",
		"permission: Opted out of SMS", "To be reviewed on Sun 14 Jun 2026.", "Opt-out of SMS lifted", "Evidence: her letter of 12 March.")
}

func TestPermissionRefused(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	point := d.add(t, ingrid("22 41 09 33"))
	if err := d.permit(t, d.acme.Collector, point, said(customer.OptOut, customer.Call)); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name   string
		state  customer.State
		change func(*customer.Permission)
		field  string
	}{
		{"a channel of the other kind", customer.Consent, func(p *customer.Permission) { p.Channel = customer.Mail }, "channel"},
		{"no channel", customer.Consent, func(p *customer.Permission) { p.Channel = "" }, "channel"},
		{"no source", customer.Consent, func(p *customer.Permission) { p.Source = " " }, "source"},
		{"a long source", customer.Consent, func(p *customer.Permission) { p.Source = strings.Repeat("x", 301) }, "source"},
		{"no state", "maybe", func(*customer.Permission) {}, "state"},
		{"no day", customer.Consent, func(p *customer.Permission) { p.GivenOn = day.Day{} }, "given_on"},
		{"fifty years and a day ago", customer.Consent, func(p *customer.Permission) { p.GivenOn = today.AddMonths(-600).Add(-1) }, "given_on"},
		{"tomorrow", customer.Consent, func(p *customer.Permission) { p.GivenOn = today.Add(1) }, "given_on"},
		{"no review", customer.OptOut, func(p *customer.Permission) { p.ReviewOn = day.Day{} }, "review_on"},
		{"a review today", customer.OptOut, func(p *customer.Permission) { p.ReviewOn = today }, "review_on"},
		{"a review in more than a year", customer.OptOut, func(p *customer.Permission) { p.ReviewOn = today.AddMonths(12).Add(1) }, "review_on"},
		{"no evidence", customer.Lifted, func(p *customer.Permission) { p.Channel, p.Evidence = customer.Call, "" }, "evidence"},
	} {
		p := said(c.state, customer.SMS)
		c.change(&p)
		if err := d.permit(t, d.acme.Manager, point, p); !invalid(err, c.field) {
			t.Errorf("%s: %v", c.name, err)
		}
	}
	p := said(customer.OptOut, customer.SMS)
	p.GivenOn, p.ReviewOn = today, today.AddMonths(12)
	if err := d.permit(t, d.acme.Collector, point, p); err != nil {
		t.Errorf("today, with a review in a year: %v", err)
	}
	if err := d.permit(t, d.beta.Manager, point, p); !errors.Is(err, errs.NotFound) {
		t.Errorf("another tenant: %v", err)
	}
}

// What was said before an opt-out neither lifts it nor is a consent after it was lifted;
// what was said on the day itself is. A review that names an earlier day does not change
// when they opted out, nor does another person behind the number.
func TestOlderWordLiftsNothing(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	point := d.add(t, ingrid("22 41 09 33"))
	other := d.add(t, named("22 41 09 33", "Ole"))
	on := func(state customer.State, days int) customer.Permission {
		p := said(state, customer.SMS)
		p.GivenOn = today.Add(days)
		return p
	}
	for _, c := range []struct {
		name  string
		point int64
		p     customer.Permission
		field string
	}{
		{"the opt-out", point, on(customer.OptOut, -5), ""},
		{"its review", point, on(customer.OptOut, -20), ""},
		{"lifted the day before", point, on(customer.Lifted, -6), "given_on"},
		{"lifted for another person the day before", other, on(customer.Lifted, -6), "given_on"},
		{"a review of today", point, on(customer.OptOut, 0), ""},
		{"lifted on the day itself", point, on(customer.Lifted, -5), ""},
		{"a consent of the day before", other, on(customer.Consent, -6), "given_on"},
		{"a consent of the day itself", other, on(customer.Consent, -5), ""},
		{"an opt-out of before", point, on(customer.OptOut, -9), ""},
		{"lifted by what was said before the first", point, on(customer.Lifted, -8), "given_on"},
	} {
		err := d.permit(t, d.acme.Manager, c.point, c.p)
		if ok := c.field == "" && err == nil || c.field != "" && invalid(err, c.field); !ok {
			t.Errorf("%s: %v", c.name, err)
		}
	}
	p := on(customer.Consent, -30)
	p.Channel = customer.Call
	if err := d.permit(t, d.acme.Collector, point, p); err != nil {
		t.Errorf("another channel: %v", err)
	}
}

// An opt-out belongs to the number: neither another name, nor retiring and
// adding it again, nor editing takes it away.
func TestOptOutStaysWithTheNumber(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	first := d.add(t, ingrid("22 41 09 33"))
	other := ingrid("22 41 09 33")
	other.Person = "Ole Dahl"
	second := d.add(t, other)
	if err := d.permit(t, d.acme.Collector, first, said(customer.Consent, customer.SMS)); err != nil {
		t.Fatal(err)
	}
	if err := d.permit(t, d.acme.Collector, first, said(customer.OptOut, customer.Call)); err != nil {
		t.Fatal(err)
	}
	if got := d.state(t, second, customer.Call); got != customer.OptOut {
		t.Errorf("the other person's line is %q", got)
	}
	if got := d.state(t, second, customer.SMS); got != "" {
		t.Errorf("consent went over to the other person: %q", got)
	}
	write(t, d.db, d.acme.Collector, func(tx *tenant.Tx) error {
		return errors.Join(customer.RetirePoint(t.Context(), tx, d.id, first, 2), customer.RetirePoint(t.Context(), tx, d.id, second, 1))
	})
	again := d.add(t, ingrid("+4722410933"))
	if got := d.state(t, again, customer.Call); got != customer.OptOut {
		t.Errorf("added again, calls are %q", got)
	}
	write(t, d.db, d.acme.Collector, func(tx *tenant.Tx) error {
		return customer.EditPoint(t.Context(), tx, d.id, again, 1, ingrid("22 41 09 34"))
	})
	if got := d.state(t, again, customer.Call); got != customer.OptOut {
		t.Errorf("with a digit changed, calls are %q", got)
	}
	if err := d.permit(t, d.acme.Manager, again, said(customer.Lifted, customer.Call)); err != nil {
		t.Fatal(err)
	}
	write(t, d.db, d.acme.Collector, func(tx *tenant.Tx) error {
		return customer.EditPoint(t.Context(), tx, d.id, again, 2, ingrid("22 41 09 33"))
	})
	if got := d.state(t, again, customer.Call); got != customer.OptOut {
		t.Errorf("back on the number that was opted out, calls are %q", got)
	}
	if err := d.permit(t, d.acme.Manager, again, said(customer.Lifted, customer.Call)); err != nil {
		t.Fatal(err)
	}
	write(t, d.db, d.acme.Collector, func(tx *tenant.Tx) error {
		return customer.RetirePoint(t.Context(), tx, d.id, again, 3)
	})
	if got := d.state(t, d.add(t, ingrid("22 41 09 33")), customer.Call); got != "" {
		t.Errorf("lifted for the number, yet calls are %q", got)
	}
}

func TestConsentDoesNotFollowANewNumber(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	point := d.add(t, ingrid("22 41 09 33"))
	if err := d.permit(t, d.acme.Collector, point, said(customer.Consent, customer.SMS)); err != nil {
		t.Fatal(err)
	}
	write(t, d.db, d.acme.Collector, func(tx *tenant.Tx) error {
		return customer.EditPoint(t.Context(), tx, d.id, point, 1, ingrid("22 41 09 34"))
	})
	if got := d.state(t, point, customer.SMS); got != customer.Withdrawn {
		t.Errorf("consent to the new number is %q", got)
	}
}
