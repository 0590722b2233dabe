package contactrule

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"dunwell/internal/customer"
	"dunwell/internal/day"
)

// The rules that a company begins with, and some of others.
var (
	dayHours  = Rule{ID: 1, Version: 2, Kind: customer.Consumer, Channel: customer.Call, Weekdays: customer.Everyday, From: "08:00", To: "21:00"}
	deskHours = Rule{ID: 2, Version: 3, Kind: customer.Business, Channel: customer.Call, Weekdays: customer.Workdays, From: "08:00", To: "17:00"}
	seven     = Rule{ID: 3, Version: 4, Kind: customer.Consumer, Channel: customer.Call, MaxAttempts: 7, AttemptDays: 7, QuietDays: 7}
	twoADay   = Rule{ID: 4, Version: 5, Kind: customer.Consumer, Channel: customer.Call, MaxADay: 2, HoursApart: 3}
	smsHours  = Rule{ID: 5, Version: 6, Channel: customer.SMS, Weekdays: customer.Everyday, From: "09:00", To: "20:00", Holidays: true}
	french    = Rule{ID: 6, Version: 7, Country: "FR", Weekdays: customer.Workdays, From: "10:00", To: "13:00"}
	asking    = Rule{ID: 7, Version: 8, Kind: customer.Consumer, Channel: customer.SMS, NeedsConsent: true}
)

// The points of everybody in these tests.
const (
	mobile = iota + 1
	mail
	landline // of the same person
	guarantor
	attorney
	neighbour
	old     // retired
	abroad  // in Los Angeles
	atLoan2 // of a party to the second loan
)

var first, second int64 = 11, 12 // accounts

// oslo reads a moment by the clock of Oslo, where the company sits.
func oslo(t *testing.T, text string) time.Time { return clockAt(t, text, "Europe/Oslo") }

func clockAt(t *testing.T, text, zone string) time.Time {
	t.Helper()
	at, err := time.ParseInLocation("2006-01-02 15:04", text, location(zone))
	if err != nil {
		t.Fatal(err)
	}
	return at
}

// anna is a consumer in Norway with one of each kind of contact point.
func anna(now time.Time) facts {
	loan := second
	return facts{now: now, home: location("Europe/Oslo"), zones: map[int64][]*time.Location{},
		customer: customer.Customer{ID: 1, Name: "Anna Berg", Kind: customer.Consumer, Country: "NO"},
		care: customer.Care{Points: []customer.ContactPoint{
			{ID: mobile, Kind: customer.Phone, Value: "+4790611204", Role: customer.Borrower},
			{ID: mail, Kind: customer.Email, Value: "anna@berg.example", Role: customer.Borrower},
			{ID: landline, Kind: customer.Phone, Value: "+4722410933", Person: "anna  BERG", Role: customer.Debtor},
			{ID: guarantor, Kind: customer.Phone, Value: "+4790611205", Person: "Ola Berg", Role: customer.Guarantor},
			{ID: attorney, Kind: customer.Phone, Value: "+4722410944", Person: "Adv. Lie", Role: customer.Representative},
			{ID: neighbour, Kind: customer.Phone, Value: "+4790611206", Person: "Per Moen", Role: customer.ThirdParty},
			{ID: old, Kind: customer.Phone, Value: "+4790611207", Role: customer.Debtor, Retired: true},
			{ID: abroad, Kind: customer.Phone, Value: "+13105551234", Role: customer.Debtor, Person: "Kari Berg"},
			{ID: atLoan2, Kind: customer.Phone, Value: "+4790611208", Person: "Siv Dahl", Role: customer.CoBorrower, AccountID: &loan},
		}},
		limits: limits{rules: []Rule{dayHours, deskHours, seven, twoADay}}}
}

// tried are attempts at those moments about the accounts, none: about all.
func tried(t *testing.T, accounts []int64, moments ...string) (calls []call) {
	t.Helper()
	var names []string
	for _, a := range accounts {
		names = append(names, fmt.Sprintf("L-%d", a))
	}
	point := int64(mobile)
	for _, m := range moments {
		calls = append([]call{{PointID: &point, Number: "+4790611204", At: oslo(t, m), Accounts: accounts, Names: names}}, calls...)
	}
	return calls
}

// sevenCalls are two a day from Monday on.
var sevenCalls = []string{"2026-03-02 09:00", "2026-03-02 13:00", "2026-03-03 09:00", "2026-03-03 13:00", "2026-03-04 09:00", "2026-03-04 13:00", "2026-03-05 09:00"}

// ruled is a case: at a moment of Oslo's, what is asked and what is to come out.
type ruled struct {
	name, at string
	change   func(t *testing.T, f *facts)
	ask      Ask
	want     Verdict
	until    string // by Oslo's clock, empty: no end
	reason   string // what it says
	rule     int64
}

func (c ruled) run(t *testing.T) {
	t.Helper()
	f := anna(oslo(t, c.at))
	if c.change != nil {
		c.change(t, &f)
	}
	if c.ask.Channel == "" {
		c.ask = Ask{PointID: mobile, Channel: customer.Call}
	}
	got := f.decide(c.ask)
	until := ""
	if !got.Until.IsZero() {
		until = got.Until.In(f.home).Format("2006-01-02 15:04")
	}
	if got.Verdict != c.want || until != c.until || !strings.Contains(got.Reason, c.reason) || got.RuleID != c.rule {
		t.Errorf("%s: %s until %q by rule %d: %q\nwant %s until %q by rule %d: %q", c.name, got.Verdict, until, got.RuleID, got.Reason, c.want, c.until, c.rule, c.reason)
	}
	for _, r := range f.rules {
		if got.RuleID == r.ID && got.RuleVersion != r.Version {
			t.Errorf("%s: version %d of the rule, want %d", c.name, got.RuleVersion, r.Version)
		}
	}
	if bars := got.Verdict == NotYet; got.Overridable != bars && !strings.HasPrefix(got.Reason, "No hour") {
		t.Errorf("%s: overridable is %v", c.name, got.Overridable)
	}
	for _, word := range []string{"Berg", "Lie", "Moen", "+47", "906", "@"} {
		if strings.Contains(got.Reason, word) {
			t.Errorf("%s names somebody: %q", c.name, got.Reason)
		}
	}
}

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

func TestFrequency(t *testing.T) {
	t.Parallel()
	calls := func(accounts []int64, moments ...string) func(*testing.T, *facts) {
		return func(t *testing.T, f *facts) { f.calls = tried(t, accounts, moments...) }
	}
	each := func(moments []string, change func(*call)) func(*testing.T, *facts) {
		return func(t *testing.T, f *facts) {
			f.calls = tried(t, nil, moments...)
			for i := range f.calls {
				change(&f.calls[i])
			}
		}
	}
	spoke := func(c *call) { c.Conversation = true }
	took := func(c *call) { c.Incoming, c.Conversation = true, true }
	ring := func(point int64, accounts ...int64) Ask {
		return Ask{PointID: point, Channel: customer.Call, AccountIDs: accounts}
	}
	one, two := []int64{first}, []int64{second}
	for _, c := range []ruled{
		{name: "the seventh call", at: "2026-03-05 09:30", change: calls(nil, sevenCalls[:6]...), want: Allowed, until: "2026-03-05 21:00"},
		{name: "the eighth call", at: "2026-03-05 12:30", change: calls(nil, sevenCalls...), want: NotYet, until: "2026-03-09 08:00", rule: 3,
			reason: "Not before Mon 08:00: 7 calls in 7 days are the most for consumers, and so many were tried"},
		{name: "the seventh day", at: "2026-03-08 20:59", change: calls(nil, sevenCalls...), want: NotYet, until: "2026-03-09 08:00", rule: 3},
		{name: "the eighth day, too early", at: "2026-03-09 07:59", change: calls(nil, sevenCalls...), want: NotYet, until: "2026-03-09 08:00", rule: 1},
		{name: "the eighth day", at: "2026-03-09 08:00", change: calls(nil, sevenCalls...), want: Allowed, until: "2026-03-09 21:00"},
		{name: "across the change of the clocks", at: "2026-03-31 20:00", change: each([]string{"2026-03-25 20:59"}, spoke), want: NotYet, until: "2026-04-01 08:00", rule: 3},
		{name: "the day of a conversation", at: "2026-03-04 15:00", change: each([]string{"2026-03-04 10:00"}, spoke), want: NotYet, until: "2026-03-11 08:00", rule: 3,
			reason: "Not before Wed 11 Mar 08:00: no calls to consumers for 7 days after a conversation, and there was one on Wed 4 Mar"},
		{name: "its seventh day", at: "2026-03-10 20:59", change: each([]string{"2026-03-04 10:00"}, spoke), want: NotYet, until: "2026-03-11 08:00", rule: 3},
		{name: "its eighth day", at: "2026-03-11 08:00", change: each([]string{"2026-03-04 10:00"}, spoke), want: Allowed, until: "2026-03-11 21:00"},
		{name: "a conversation that they called for", at: "2026-03-10 20:59", change: each([]string{"2026-03-04 10:00"}, took), want: NotYet, until: "2026-03-11 08:00", rule: 3},
		{name: "incoming calls are no attempts", at: "2026-03-05 12:30", change: each(sevenCalls, func(c *call) { c.Incoming = true }), want: Allowed, until: "2026-03-05 21:00"},
		{name: "calls that were asked for are none", at: "2026-03-05 12:30", change: each(sevenCalls, func(c *call) { c.AskedFor = true }), want: Allowed, until: "2026-03-05 21:00"},
		{name: "the second call a day", at: "2026-03-16 12:00", change: calls(nil, "2026-03-16 09:00"), want: Allowed, until: "2026-03-16 21:00"},
		{name: "a minute less than three hours", at: "2026-03-16 11:59", change: calls(nil, "2026-03-16 09:00"), want: NotYet, until: "2026-03-16 12:00", rule: 4,
			reason: "Not before 12:00: 3 hours have to lie between calls to consumers, and the last was at 09:00"},
		{name: "the third call a day", at: "2026-03-16 16:00", change: calls(nil, "2026-03-16 09:00", "2026-03-16 12:00"), want: NotYet, until: "2026-03-17 08:00", rule: 4,
			reason: "Not before Tue 08:00: 2 calls a day are the most for consumers, and so many were tried"},
		{name: "the third after midnight", at: "2026-03-17 08:00", change: calls(nil, "2026-03-16 09:00", "2026-03-16 20:50"), want: Allowed, until: "2026-03-17 21:00"},
		{name: "an account that is used up", at: "2026-03-05 12:30", change: calls(one, sevenCalls...), ask: ring(mobile, first), want: NotYet, until: "2026-03-09 08:00", rule: 3,
			reason: "so many were tried about L-11"},
		{name: "one that is free", at: "2026-03-05 12:30", change: calls(one, sevenCalls...), ask: ring(mobile, second), want: Allowed, until: "2026-03-05 21:00"},
		{name: "both of them", at: "2026-03-05 12:30", change: calls(one, sevenCalls...), ask: ring(mobile, second, first), want: NotYet, until: "2026-03-09 08:00", rule: 3, reason: "about L-11"},
		{name: "none named: all count", at: "2026-03-05 12:30", change: calls(one, sevenCalls...), want: NotYet, until: "2026-03-09 08:00", rule: 3, reason: "about L-11"},
		{name: "calls about all accounts", at: "2026-03-05 12:30", change: calls(nil, sevenCalls...), ask: ring(mobile, second), want: NotYet, until: "2026-03-09 08:00", rule: 3},
		{name: "half of them on each account", at: "2026-03-05 12:30", change: func(t *testing.T, f *facts) {
			f.calls = append(tried(t, two, sevenCalls[4:6]...), tried(t, one, sevenCalls[:4]...)...)
		}, want: Allowed, until: "2026-03-05 21:00"},
		{name: "another number of the same person", at: "2026-03-05 12:30", change: calls(nil, sevenCalls...), ask: ring(landline), want: NotYet, until: "2026-03-09 08:00", rule: 3},
		{name: "another person", at: "2026-03-05 12:30", change: calls(nil, sevenCalls...), ask: ring(guarantor), want: Allowed, until: "2026-03-05 21:00"},
		{name: "another person at the same number", at: "2026-03-05 12:30", change: func(t *testing.T, f *facts) {
			f.calls = tried(t, nil, sevenCalls...)
			f.care.Points[guarantor-1].Value = "+4790611204"
		}, ask: ring(guarantor), want: NotYet, until: "2026-03-09 08:00", rule: 3},
		{name: "a number that is not on file counts for all", at: "2026-03-05 12:30", change: each(sevenCalls, func(c *call) { c.PointID, c.Number = nil, "+4790000000" }),
			ask: ring(guarantor), want: NotYet, until: "2026-03-09 08:00", rule: 3},
		{name: "a party to the other loan", at: "2026-03-05 12:30", change: func(t *testing.T, f *facts) {
			f.calls = tried(t, one, sevenCalls...)
			f.care.Points[mobile-1].Person = "Siv Dahl"
		}, ask: ring(atLoan2), want: Allowed, until: "2026-03-05 21:00"},
		{name: "a business is not counted", at: "2026-03-05 12:30", change: func(t *testing.T, f *facts) {
			f.calls = tried(t, nil, sevenCalls...)
			f.customer.Kind = customer.Business
		}, want: Allowed, until: "2026-03-05 17:00"},
		{name: "SMS are not counted", at: "2026-03-05 12:30", change: calls(nil, sevenCalls...), ask: Ask{PointID: mobile, Channel: customer.SMS}, want: Allowed, reason: "SMS at any hour"},
		{name: "the longest of several is the reason", at: "2026-03-04 13:30", change: each([]string{"2026-03-04 13:00"}, spoke), want: NotYet, until: "2026-03-11 08:00", rule: 3},
	} {
		c.run(t)
	}
}

func TestAllowedAllTheSame(t *testing.T) {
	t.Parallel()
	asked := func(point int64, ch customer.Channel) func(*testing.T, *facts) {
		return func(t *testing.T, f *facts) {
			f.calls = tried(t, nil, sevenCalls...)
			f.wishes = []wish{{PointID: point, Channel: ch, At: oslo(t, "2026-03-05 13:00"), Until: oslo(t, "2026-03-12 13:00")}}
		}
	}
	for _, c := range []ruled{
		{name: "before they asked", at: "2026-03-05 12:59", change: asked(mobile, customer.Call), want: NotYet, until: "2026-03-09 08:00", rule: 3},
		{name: "the first minute", at: "2026-03-05 13:00", change: asked(mobile, customer.Call), want: Allowed, until: "2026-03-12 13:00", reason: "The debtor asked for calls, until Thu 12 Mar 13:00"},
		{name: "at night", at: "2026-03-06 02:00", change: asked(mobile, customer.Call), want: Allowed, until: "2026-03-12 13:00"},
		{name: "the last minute", at: "2026-03-12 12:59", change: asked(mobile, customer.Call), want: Allowed, until: "2026-03-12 13:00", reason: "until 13:00"},
		{name: "the end", at: "2026-03-12 13:00", change: asked(mobile, customer.Call), want: Allowed, until: "2026-03-12 21:00", reason: "Calls until 21:00"},
		{name: "the end at night", at: "2026-03-12 22:00", change: asked(mobile, customer.Call), want: NotYet, until: "2026-03-13 08:00", rule: 1},
		{name: "another number", at: "2026-03-06 02:00", change: asked(landline, customer.Call), want: NotYet, until: "2026-03-09 08:00", rule: 3},
		{name: "another channel", at: "2026-03-06 02:00", change: asked(mobile, customer.SMS), want: NotYet, until: "2026-03-09 08:00", rule: 3},
		{name: "an answer", at: "2026-03-06 02:00", change: asked(landline, customer.Call), ask: Ask{PointID: mobile, Channel: customer.Call, Answering: true}, want: Allowed, reason: "answers the debtor's own message"},
		{name: "after their own message", at: "2026-03-06 02:00", change: func(t *testing.T, f *facts) {
			asked(mobile, customer.SMS)(t, f)
			f.wishes[0].Wrote = true
		}, ask: Ask{PointID: mobile, Channel: customer.SMS}, want: Allowed, until: "2026-03-12 13:00", reason: "This answers the debtor's own message, until Thu 13:00"},
		{name: "not what came back", at: "2026-03-06 12:00", change: func(t *testing.T, f *facts) {
			asked(mobile, customer.SMS)(t, f)
			came := oslo(t, "2026-03-04 10:00")
			for i := range f.care.Points {
				f.care.Points[i].BadAt = &came
			}
		}, ask: Ask{PointID: mobile, Channel: customer.SMS, Answering: true}, want: No, reason: "No SMS: what was sent here on 4 Mar came back. Give another address, or say that this one works again"},
		{name: "a call all the same", at: "2026-03-06 12:00", change: func(t *testing.T, f *facts) {
			asked(mobile, customer.Call)(t, f)
			came := oslo(t, "2026-03-04 10:00")
			for i := range f.care.Points {
				f.care.Points[i].BadAt = &came
			}
		}, want: Allowed, until: "2026-03-12 13:00"},
		{name: "not before a stop", at: "2026-03-06 12:00", change: func(t *testing.T, f *facts) {
			asked(mobile, customer.Call)(t, f)
			f.care.Stops = []customer.Stop{{Kind: "cease_contact"}}
		}, ask: Ask{PointID: mobile, Channel: customer.Call, Answering: true}, want: No, reason: "cease contact"},
		{name: "consent by asking", at: "2026-03-06 12:00", change: func(t *testing.T, f *facts) {
			asked(mobile, customer.SMS)(t, f)
			f.rules = append(f.rules, asking)
		}, ask: Ask{PointID: mobile, Channel: customer.SMS}, want: Allowed, until: "2026-03-12 13:00", reason: "The debtor asked for SMS"},
	} {
		c.run(t)
	}
}

func TestBarred(t *testing.T) {
	t.Parallel()
	stop := func(_ *testing.T, f *facts) {
		f.care.Stops = []customer.Stop{{Kind: "attorney", Reason: "Adv. Lie wrote"}, {Kind: "hardship"}}
	}
	ring := func(point int64) Ask { return Ask{PointID: point, Channel: customer.Call} }
	text := Ask{PointID: mobile, Channel: customer.SMS}
	says := func(point int, state customer.State) func(*testing.T, *facts) {
		return func(_ *testing.T, f *facts) {
			f.rules = append(f.rules, asking)
			f.care.Points[point-1].Permissions = []customer.Permission{{Channel: customer.SMS, State: state, GivenOn: day.New(2025, 10, 3)}}
		}
	}
	for _, c := range []ruled{
		{name: "a stopped debtor", change: stop, ask: ring(mobile), want: No, reason: "No calls: a stop is in force (attorney, hardship). Only the representative may be contacted"},
		{name: "its guarantor", change: stop, ask: ring(guarantor), want: No, reason: "a stop is in force"},
		{name: "its e-mail", change: stop, ask: Ask{PointID: mail, Channel: customer.Mail}, want: No, reason: "No e-mails: a stop"},
		{name: "its letter box", change: stop, ask: Ask{Channel: customer.Letter}, want: No, reason: "No letters: a stop"},
		{name: "the attorney's number under a stop", change: stop, ask: ring(attorney), want: Allowed, until: "2026-03-16 21:00"},
		{name: "a third party", ask: ring(neighbour), want: No, reason: "No calls about the debt: third parties never hear of it. This is for finding the debtor only"},
		{name: "a third party under a stop", change: stop, ask: ring(neighbour), want: No, reason: "third parties"},
		{name: "an archived customer", change: func(t *testing.T, f *facts) { at := oslo(t, "2026-03-01 10:00"); f.customer.ArchivedAt = &at }, ask: ring(attorney), want: No, reason: "archived"},
		{name: "a number out of use", ask: ring(old), want: No, reason: "no longer in use"},
		{name: "an opt-out", change: says(mobile, customer.OptOut), ask: text, want: No, reason: "No SMS: opted out on 3 Oct 2025"},
		{name: "an opt-out of another channel", change: says(mobile, customer.OptOut), ask: ring(mobile), want: Allowed, until: "2026-03-16 21:00"},
		{name: "an opt-out under another name", change: func(t *testing.T, f *facts) {
			says(old, customer.OptOut)(t, f)
			f.care.Points[old-1].Value = f.care.Points[mobile-1].Value
		}, ask: text, want: No, reason: "opted out"},
		{name: "an opt-out of another number", change: says(old, customer.OptOut), ask: text, want: No, rule: 7, reason: "none is on record"},
		{name: "an opt-out that was lifted", change: says(mobile, customer.Lifted), ask: text, want: No, rule: 7, reason: "consent is needed for consumers, and none is on record"},
		{name: "consent needed", change: says(landline, customer.Consent), ask: text, want: No, rule: 7, reason: "No SMS: consent is needed for consumers, and none is on record"},
		{name: "consent given", change: says(mobile, customer.Consent), ask: text, want: Allowed, reason: "SMS at any hour"},
		{name: "consent withdrawn", change: says(mobile, customer.Withdrawn), ask: text, want: No, rule: 7, reason: "it was withdrawn on 3 Oct 2025"},
		{name: "an SMS to a mailbox", ask: Ask{PointID: mail, Channel: customer.SMS}, want: No, reason: "not for SMS"},
		{name: "a letter to a number", ask: Ask{PointID: mobile, Channel: customer.Letter}, want: No, reason: "not for letters"},
		{name: "somebody else's point", ask: ring(99), want: No, reason: "not for calls"},
	} {
		c.at = "2026-03-16 12:00"
		c.run(t)
	}
}
