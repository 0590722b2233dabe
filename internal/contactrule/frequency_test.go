package contactrule

import (
	"strings"
	"testing"
	"time"

	"dunwell/internal/customer"
)

// A minute of which a part is still barred is not offered.
func TestMinutesAreWhole(t *testing.T) {
	t.Parallel()
	f := anna(oslo(t, "2026-03-16 11:30"))
	f.calls = tried(t, nil, "2026-03-16 09:00")
	f.calls[0].At = f.calls[0].At.Add(30 * time.Second)
	r := f.decide(Ask{PointID: mobile, Channel: customer.Call})
	if !strings.HasPrefix(r.Reason, "Not before 12:01: ") || !r.Until.Equal(oslo(t, "2026-03-16 12:00").Add(30*time.Second)) {
		t.Errorf("until %s: %q", r.Until, r.Reason)
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
	// One call to the mobile, and who is behind the landline.
	spelled := func(name string, role customer.Role) func(*testing.T, *facts) {
		return func(t *testing.T, f *facts) {
			f.calls = tried(t, nil, "2026-03-16 09:00")
			f.care.Points[landline-1].Person, f.care.Points[landline-1].Role = name, role
		}
	}
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
		{name: "the debtor spelled otherwise", at: "2026-03-16 11:59", change: spelled("Berg, Anna", customer.Debtor), ask: ring(landline), want: NotYet, until: "2026-03-16 12:00", rule: 4,
			reason: "Not before 12:00: 3 hours have to lie between calls to consumers, and the last was at 09:00"},
		{name: "three hours later", at: "2026-03-16 12:00", change: spelled("Berg, Anna", customer.Debtor), ask: ring(landline), want: Allowed, until: "2026-03-16 21:00"},
		{name: "the borrower spelled otherwise", at: "2026-03-16 11:59", change: spelled("A. Berg", customer.Borrower), ask: ring(landline), want: NotYet, until: "2026-03-16 12:00", rule: 4},
		{name: "the one who owes and a co-borrower", at: "2026-03-16 11:59", change: spelled("Berg, Anna", customer.CoBorrower), ask: ring(landline), want: Allowed, until: "2026-03-16 21:00"},
		{name: "the one who owes and a representative", at: "2026-03-16 11:59", change: spelled("Berg, Anna", customer.Representative), ask: ring(landline), want: Allowed, until: "2026-03-16 21:00"},
		{name: "a guarantor by the customer's name", at: "2026-03-16 11:59", change: spelled("ANNA Berg", customer.Guarantor), ask: ring(landline), want: NotYet, until: "2026-03-16 12:00", rule: 4},
		{name: "a guarantor by another of the debtor's names", at: "2026-03-16 11:59", change: spelled("Kari  berg", customer.Guarantor), ask: ring(landline), want: NotYet, until: "2026-03-16 12:00", rule: 4},
		{name: "a guarantor by a name that the debtor's number had by mistake", at: "2026-03-16 11:59", change: func(t *testing.T, f *facts) {
			spelled("Per Moe", customer.Guarantor)(t, f)
			f.care.Points = append(f.care.Points, customer.ContactPoint{ID: 99, Kind: customer.Phone, Value: "+4790611299", Person: "Per Moe", Role: customer.Debtor, Retired: true})
		}, ask: ring(landline), want: Allowed, until: "2026-03-16 21:00"},
		{name: "the debtor after a guarantor", at: "2026-03-16 11:59", change: func(t *testing.T, f *facts) {
			f.calls = tried(t, nil, "2026-03-16 09:00")
			f.calls[0].PointID, f.calls[0].Number = new(int64(guarantor)), "+4790611205"
		}, ask: ring(landline), want: Allowed, until: "2026-03-16 21:00"},
		{name: "two who work at a business", at: "2026-03-16 11:59", change: func(t *testing.T, f *facts) {
			spelled("Berg, Anna", customer.Debtor)(t, f)
			f.customer.Kind, f.rules = customer.Business, []Rule{{ID: 8, Channel: customer.Call, HoursApart: 3}}
		}, ask: ring(landline), want: Allowed},
		{name: "one who works at a business", at: "2026-03-16 11:59", change: func(t *testing.T, f *facts) {
			spelled("anna berg", customer.Debtor)(t, f)
			f.customer.Kind, f.rules = customer.Business, []Rule{{ID: 8, Channel: customer.Call, HoursApart: 3}}
		}, ask: ring(landline), want: NotYet, until: "2026-03-16 12:00", rule: 8},
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
