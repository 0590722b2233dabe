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
