package contactrule

import (
	"testing"

	"dunwell/internal/customer"
	"dunwell/internal/day"
)

func TestHours(t *testing.T) {
	t.Parallel()
	business := func(_ *testing.T, f *facts) { f.customer.Kind = customer.Business }
	newYork := func(_ *testing.T, f *facts) { // five hours behind Oslo on that day
		f.customer.Country, f.customer.Region, f.care.Points[0].Value = "US", "NY", "+12125551234"
	}
	holiday := func(_ *testing.T, f *facts) { f.holidays = map[day.Day]string{day.New(2026, 3, 17): "Founders' Day"} }
	for _, c := range []ruled{
		{name: "a minute early", at: "2026-03-16 07:59", want: NotYet, until: "2026-03-16 08:00", rule: 1, reason: "Not before 08:00: calls before 08:00 are barred for consumers (07:59 there)"},
		{name: "the first minute", at: "2026-03-16 08:00", want: Allowed, until: "2026-03-16 21:00", reason: "Calls until 21:00"},
		{name: "the last minute", at: "2026-03-16 20:59", want: Allowed, until: "2026-03-16 21:00"},
		{name: "the end", at: "2026-03-16 21:00", want: NotYet, until: "2026-03-17 08:00", rule: 1, reason: "Not before Tue 08:00: calls from 21:00 on are barred for consumers (21:00 there)"},
		{name: "07:59 where the debtor is", at: "2026-03-16 12:59", change: newYork, want: NotYet, until: "2026-03-16 13:00", rule: 1,
			reason: "Not before 08:00 (13:00 here): calls before 08:00 are barred for consumers (07:59 there)"},
		{name: "08:00 where the debtor is", at: "2026-03-16 13:00", change: newYork, want: Allowed, until: "2026-03-17 02:00"},
		{name: "20:59 where the debtor is", at: "2026-03-17 01:59", change: newYork, want: Allowed, until: "2026-03-17 02:00"},
		{name: "21:00 where the debtor is", at: "2026-03-17 02:00", change: newYork, want: NotYet, until: "2026-03-17 13:00", rule: 1, reason: "calls from 21:00 on"},
		{name: "a consumer on a Sunday", at: "2026-03-15 12:00", want: Allowed, until: "2026-03-15 21:00"},
		{name: "a business on a Saturday", at: "2026-03-14 14:32", change: business, want: NotYet, until: "2026-03-16 08:00", rule: 2,
			reason: "Not before Mon 08:00: calls on Saturdays are barred for businesses (14:32 there)"},
		{name: "a business at its end", at: "2026-03-13 17:00", change: business, want: NotYet, until: "2026-03-16 08:00", rule: 2, reason: "calls from 17:00 on"},
		{name: "a holiday", at: "2026-03-17 12:00", change: holiday, want: NotYet, until: "2026-03-18 08:00", rule: 1, reason: "Not before Wed 08:00: calls on holidays are barred for consumers, and it is Founders' Day"},
		{name: "the evening before a holiday", at: "2026-03-16 22:00", change: holiday, want: NotYet, until: "2026-03-18 08:00", rule: 1, reason: "Not before Wed 08:00: calls from 21:00 on"},
		{name: "a holiday that a rule does not mind", at: "2026-03-17 12:00", ask: Ask{PointID: mobile, Channel: customer.SMS}, change: func(t *testing.T, f *facts) {
			holiday(t, f)
			f.rules = []Rule{smsHours}
		}, want: Allowed, until: "2026-03-17 20:00", reason: "SMS until 20:00"},
		{name: "an e-mail, for which there is no rule", at: "2026-03-16 03:00", ask: Ask{PointID: mail, Channel: customer.Mail}, want: Allowed, reason: "E-mails at any hour"},
		{name: "a letter, which a rule for all channels leaves alone", at: "2026-03-16 03:00", ask: Ask{Channel: customer.Letter},
			change: func(_ *testing.T, f *facts) { f.rules, f.customer.Country = []Rule{french}, "FR" }, want: Allowed, reason: "Letters at any hour"},
		{name: "several rules at once", at: "2026-03-16 08:30", change: func(_ *testing.T, f *facts) {
			f.rules = append(f.rules, Rule{ID: 8, Channel: customer.Call, Weekdays: customer.Workdays, From: "09:00", To: "12:00"}, Rule{ID: 9, Weekdays: 1, From: "10:30", To: "20:00"})
		}, want: NotYet, until: "2026-03-16 10:30", rule: 9, reason: "Not before 10:30: calls before 10:30 are barred (08:30 there)"},
		{name: "the earliest end of several", at: "2026-03-16 11:00", change: func(_ *testing.T, f *facts) {
			f.rules = append(f.rules, Rule{ID: 8, Weekdays: 1, From: "09:00", To: "12:00"})
		}, want: Allowed, until: "2026-03-16 12:00"},
		{name: "rules that leave no hour", at: "2026-03-16 11:00", change: func(_ *testing.T, f *facts) {
			f.rules = append(f.rules, Rule{ID: 8, Weekdays: customer.Everyday, From: "06:00", To: "08:00"})
		}, want: No, rule: 8, reason: "No hour of the next 60 days suits: calls from 08:00 on are barred"},
		{name: "a rule of another country", at: "2026-03-16 15:00", change: func(_ *testing.T, f *facts) { f.rules = []Rule{french} }, want: Allowed, reason: "Calls at any hour"},
		{name: "a rule of the number's country, where the address has none", at: "2026-03-16 15:00", change: func(_ *testing.T, f *facts) {
			f.rules, f.customer.Country, f.care.Points[0].Value = []Rule{french}, "", "+33142685300"
		}, want: NotYet, until: "2026-03-17 10:00", rule: 6, reason: "calls from 13:00 on are barred in FR"},
	} {
		c.run(t)
	}
}

func TestClockChanges(t *testing.T) {
	t.Parallel()
	at := func(from, to string) func(*testing.T, *facts) {
		return func(_ *testing.T, f *facts) {
			f.rules = []Rule{{ID: 9, Weekdays: customer.Everyday, From: from, To: to, Holidays: true}}
		}
	}
	night, early := at("02:30", "05:00"), at("00:00", "02:30")
	// 02:00 becomes 03:00 on 29 March, and 03:00 becomes 02:00 on 25 October.
	for _, c := range []struct {
		name, now string // in UTC
		change    func(*testing.T, *facts)
		want      Verdict
		until     string // in UTC
	}{
		{"the evening before the spring change", "2026-03-28 21:00", nil, NotYet, "2026-03-29 06:00"},
		{"before the gap that has the beginning", "2026-03-29 00:59", night, NotYet, "2026-03-29 01:00"},
		{"right after the gap", "2026-03-29 01:00", night, Allowed, "2026-03-29 03:00"},
		{"an end within the gap", "2026-03-29 00:30", early, Allowed, "2026-03-29 01:00"},
		{"the evening before the autumn change", "2026-10-24 20:00", nil, NotYet, "2026-10-25 07:00"},
		{"in the hour that comes twice, the first time", "2026-10-25 00:45", night, Allowed, "2026-10-25 01:00"},
		{"when the clock is put back before the beginning", "2026-10-25 01:00", night, NotYet, "2026-10-25 01:30"},
		{"in the hour that comes twice, the second time", "2026-10-25 01:45", night, Allowed, "2026-10-25 04:00"},
		{"after an end in the hour that comes twice", "2026-10-25 00:40", early, NotYet, "2026-10-25 01:00"},
		{"before that end, the second time", "2026-10-25 01:10", early, Allowed, "2026-10-25 01:30"},
	} {
		f := anna(clockAt(t, c.now, "UTC"))
		if c.change != nil {
			c.change(t, &f)
		}
		got := f.decide(Ask{PointID: mobile, Channel: customer.Call})
		if until := got.Until.UTC().Format("2006-01-02 15:04"); got.Verdict != c.want || until != c.until {
			t.Errorf("%s: %s until %s, want %s until %s", c.name, got.Verdict, until, c.want, c.until)
		}
	}
}

func TestTimesThatTheDebtorForbade(t *testing.T) {
	t.Parallel()
	forbid := func(point int64, days customer.Weekdays, from, to string) func(*testing.T, *facts) {
		return func(_ *testing.T, f *facts) {
			f.care.Times = []customer.ContactTime{{Kind: customer.Best, Weekdays: customer.Everyday, From: "18:00", To: "19:00"},
				{Kind: customer.Forbidden, Weekdays: days, From: from, To: to}}
			if point != 0 {
				f.care.Times[1].PointID = &point
			}
		}
	}
	for _, c := range []ruled{
		{name: "before it", at: "2026-03-16 08:59", change: forbid(0, 1, "09:00", "11:00"), want: Allowed, until: "2026-03-16 09:00"},
		{name: "its first minute", at: "2026-03-16 09:00", change: forbid(0, 1, "09:00", "11:00"), want: NotYet, until: "2026-03-16 11:00",
			reason: "Not before 11:00: the debtor is not to be tried Mon 09:00–11:00 (09:00 there)"},
		{name: "its end", at: "2026-03-16 11:00", change: forbid(0, 1, "09:00", "11:00"), want: Allowed, until: "2026-03-16 21:00"},
		{name: "another day", at: "2026-03-17 09:30", change: forbid(0, 1, "09:00", "11:00"), want: Allowed, until: "2026-03-17 21:00"},
		{name: "another point", at: "2026-03-16 09:30", change: forbid(landline, 1, "09:00", "11:00"), want: Allowed, until: "2026-03-16 21:00"},
		{name: "this point", at: "2026-03-16 09:30", change: forbid(mobile, 1, "09:00", "11:00"), want: NotYet, until: "2026-03-16 11:00", reason: "not to be tried"},
		{name: "for e-mails too", at: "2026-03-16 09:30", change: forbid(0, 1, "09:00", "11:00"), ask: Ask{PointID: mail, Channel: customer.Mail}, want: NotYet,
			until: "2026-03-16 11:00", reason: "not to be tried"},
		{name: "the rest of the week", at: "2026-03-18 12:00", change: forbid(0, 0b1111100, "00:00", "24:00"), want: NotYet, until: "2026-03-23 08:00", reason: "Not before Mon 08:00"},
		{name: "always", at: "2026-03-16 12:00", change: forbid(0, customer.Everyday, "00:00", "24:00"), want: No, reason: "No hour of the next 60 days suits: the debtor is not to be tried every day, all day"},
	} {
		c.run(t)
	}
}
