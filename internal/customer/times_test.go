package customer_test

import (
	"errors"
	"strings"
	"testing"

	"dunwell/internal/customer"
	"dunwell/internal/errs"
	"dunwell/internal/tenant"
)

func mornings() customer.ContactTime {
	return customer.ContactTime{Kind: customer.Best, Weekdays: customer.Workdays, From: "09:00", To: "11:00"}
}

func (d *desk) addTime(t *testing.T, who tenant.Who, c customer.ContactTime) error {
	t.Helper()
	return d.do(t, who, func(tx *tenant.Tx) error { return customer.AddTime(t.Context(), tx, d.id, c) })
}

func TestTimes(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	point := d.add(t, ingrid("22 41 09 33"))
	never := customer.ContactTime{Kind: customer.Forbidden, Weekdays: customer.Weekend, PointID: &point, Remark: "plays golf"}
	if err := errors.Join(d.addTime(t, d.acme.Collector, mornings()), d.addTime(t, d.acme.Collector, never)); err != nil {
		t.Fatal(err)
	}
	care := d.care(t)
	best, forbidden := care.TimesOf(customer.Best), care.TimesOf(customer.Forbidden)
	if len(best) != 1 || best[0].String() != "weekdays 09:00–11:00" || best[0].PointID != nil {
		t.Errorf("best: %+v", best)
	}
	if len(forbidden) != 1 || forbidden[0].String() != "weekends, all day" || forbidden[0].Point != "+4722410933" {
		t.Errorf("forbidden: %+v", forbidden)
	}
	remove := func(who tenant.Who) error {
		return d.do(t, who, func(tx *tenant.Tx) error { return customer.RemoveTime(t.Context(), tx, d.id, best[0].ID) })
	}
	if err := remove(d.beta.Admin); !errors.Is(err, errs.NotFound) {
		t.Errorf("another tenant removes: %v", err)
	}
	if err := remove(d.acme.Collector); err != nil {
		t.Fatal(err)
	}
	if err := remove(d.acme.Collector); !errors.Is(err, errs.NotFound) {
		t.Errorf("removed twice: %v", err)
	}
	d.said(t, "contact_time: Added best time: weekdays 09:00–11:00.", "contact_time: Added forbidden time: weekends, all day. plays golf",
		"contact_time: Removed best time: weekdays 09:00–11:00.")
}

func TestTimeRefused(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	missing := int64(1 << 40)
	for _, c := range []struct {
		name   string
		change func(*customer.ContactTime)
		field  string
	}{
		{"no kind", func(c *customer.ContactTime) { c.Kind = "some" }, "kind"},
		{"no day", func(c *customer.ContactTime) { c.Weekdays = 0 }, "weekdays"},
		{"an eighth day", func(c *customer.ContactTime) { c.Weekdays = 128 }, "weekdays"},
		{"no hour", func(c *customer.ContactTime) { c.From = "9" }, "from"},
		{"the 25th hour", func(c *customer.ContactTime) { c.To = "25:00" }, "to"},
		{"over midnight", func(c *customer.ContactTime) { c.From, c.To = "22:00", "06:00" }, "to"},
		{"no length", func(c *customer.ContactTime) { c.To = "09:00" }, "to"},
		{"a long remark", func(c *customer.ContactTime) { c.Remark = strings.Repeat("x", 301) }, "remark"},
		{"another's point", func(c *customer.ContactTime) { c.PointID = &missing }, "point"},
	} {
		m := mornings()
		c.change(&m)
		if err := d.addTime(t, d.acme.Collector, m); !invalid(err, c.field) {
			t.Errorf("%s: %v", c.name, err)
		}
	}
	if err := d.addTime(t, d.acme.Collector, mornings()); err != nil {
		t.Fatal(err)
	}
	if err := d.addTime(t, d.acme.Collector, mornings()); !invalid(err, "from") || !strings.Contains(err.Error(), "is there already") {
		t.Errorf("the same once more: %v", err)
	}
	point := d.add(t, ingrid("22 41 09 33"))
	never := func(from, to string, w customer.Weekdays, point *int64) error {
		return d.addTime(t, d.acme.Collector, customer.ContactTime{Kind: customer.Forbidden, Weekdays: w, From: from, To: to, PointID: point})
	}
	if err := never("10:59", "12:00", 0b1110000, nil); !invalid(err, "from") {
		t.Errorf("forbidden in the last minute of a best time: %v", err)
	}
	if err := errors.Join(never("11:00", "12:00", customer.Workdays, nil), never("09:00", "11:00", customer.Weekend, nil),
		never("09:00", "11:00", customer.Workdays, &point)); err != nil {
		t.Errorf("just after it, on other days, of one number only: %v", err)
	}
	for i := range customer.MaxTimes - 4 {
		m := mornings()
		m.Weekdays = customer.Weekdays(i + 1)
		if err := d.addTime(t, d.acme.Collector, m); err != nil {
			t.Fatal(err)
		}
	}
	one := mornings()
	one.From = "08:59"
	if err := d.addTime(t, d.acme.Collector, one); !invalid(err, "") {
		t.Errorf("one too many: %v", err)
	}
}

func TestWeekdaysInWords(t *testing.T) {
	t.Parallel()
	for w, want := range map[customer.Weekdays]string{
		customer.Workdays: "weekdays", customer.Weekend: "weekends", customer.Everyday: "every day", 0b1000001: "Mon, Sun", 0b0000100: "Wed",
	} {
		if w.String() != want {
			t.Errorf("%07b is %q, want %q", w, w, want)
		}
	}
}
